//! `whimbrel dserver`: one noun a file, each thin over the SDK.

mod base_uri;
mod content;
mod dataset;
mod graph;
mod mongo;
mod server;
mod summary;
mod user;

use whimbrel::dserver::{Client, Manifest, Readme};

use crate::{
    args::{Global, dserver::Dserver},
    exit::Done,
    output::Output,
    session,
};

/// What each command has at hand.
pub(super) struct Session {
    pub client: Client,
    pub output: Output,
}

pub(crate) async fn run(global: &Global, command: Dserver) -> Done {
    let at = Session { client: session::dserver(global)?, output: Output::new(global) };
    match command {
        Dserver::Search(search) => dataset::search(at, search).await,
        Dserver::Show { dataset } => dataset::show(at, &dataset).await,
        Dserver::Lookup { uuid } => dataset::lookup(at, &uuid).await,
        Dserver::Readme(datasets) => content::run::<Readme>(at, datasets).await,
        Dserver::Manifest(datasets) => content::run::<Manifest>(at, datasets).await,
        Dserver::Tags(datasets) => content::run::<content::Tags>(at, datasets).await,
        Dserver::Annotations(datasets) => content::run::<content::Annotations>(at, datasets).await,
        Dserver::Query { query, limit } => mongo::query(at, &query, limit).await,
        Dserver::Aggregate { stages, limit } => mongo::aggregate(at, &stages, limit).await,
        Dserver::Graph(graph) => graph::run(at, graph).await,
        Dserver::Summary { user } => summary::run(at, user).await,
        Dserver::Users { name, limit } => user::run(at, name, limit).await,
        Dserver::BaseUris(said) => base_uri::run(at, said).await,
        Dserver::Register(register) => super::dataset::register(at, &register).await,
        Dserver::Features => server::features(at).await,
        Dserver::Health => server::health(at).await,
        Dserver::Config => server::config(at).await,
        Dserver::Versions => server::versions(at).await,
    }
}
