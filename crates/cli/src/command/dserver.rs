//! `whimbrel dserver`.

use serde_json::json;
use whimbrel::dserver::{Client, Dataset};

use crate::{
    args::{Dserver, Global},
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const DATASET: [Column; 5] = [
    ("name", "/name"),
    ("uuid", "/uuid"),
    ("creator", "/creator_username"),
    ("size", "/size_in_bytes"),
    ("uri", "/uri"),
];

pub(crate) async fn run(global: &Global, command: Dserver) -> Done {
    let (client, output) = (session::dserver(global)?, Output::new(global));
    match command {
        Dserver::Search { words, tag, creator, base_uri, uuid, limit } => {
            let mut search = client.search();
            if !words.is_empty() {
                search = search.text(words.join(" "));
            }
            search = tag.into_iter().fold(search, whimbrel::dserver::Search::tag);
            search = creator.into_iter().fold(search, whimbrel::dserver::Search::creator);
            search = base_uri.into_iter().fold(search, whimbrel::dserver::Search::base_uri);
            search = uuid.into_iter().fold(search, whimbrel::dserver::Search::uuid);
            output.list(search, &DATASET, limit).await
        }
        Dserver::Show { dataset } => output.thing(find(&client, &dataset).await?),
        Dserver::Readme { dataset } => {
            let uri = find(&client, &dataset).await?.uri;
            let mut readme = client.readme(&uri).await?.text;
            if !readme.ends_with('\n') {
                readme.push('\n');
            }
            output.plain(readme.as_bytes())
        }
        Dserver::Manifest { dataset } => {
            let uri = find(&client, &dataset).await?.uri;
            output.thing(json!(client.manifest(&uri).await?))
        }
    }
}

/// A dataset by its URI, or by its UUID if it lies at one base URI only.
async fn find(client: &Client, dataset: &str) -> Done<Dataset> {
    if dataset.contains(':') {
        return Ok(client.dataset(dataset).await?);
    }
    let mut found = client.lookup(dataset).await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        n => {
            let uris: Vec<_> = found.into_iter().map(|it| it.uri).collect();
            Err(Failure::Usage(format!("{dataset} lies at {n} places; name one: {}", uris.join(", "))))
        }
    }
}
