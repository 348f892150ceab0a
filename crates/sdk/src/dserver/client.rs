use std::{sync::Arc, time::Duration};

use middleware::{
    Operation,
    layer::{Credentials, Lifetime},
};
use raw::dserver::{
    operations as op,
    types::{Dataset, Manifest},
};
use url::Url;

use super::Search;
use crate::{
    Builder, Error, Result, Service, Settings,
    builder::sealed,
    connect::{Connection, Policies},
    error::call,
};

/// What is special to dserver when a client of it is made.
#[derive(Debug, Default)]
pub struct Dserver;

impl sealed::Sealed for Dserver {}

impl Service for Dserver {
    type Client = Client;

    const NAME: &'static str = "dserver";

    const PUBLIC: Option<&'static str> = None;

    fn client(self, settings: &Settings, base: Url, credentials: Option<Arc<dyn Credentials>>) -> Result<Client> {
        // A dserver has no documented limit, and many have one worker with two threads.
        let policies = Policies { quota: None, repeatable, lifetime, makes_old };
        let connection = Connection::new(settings, &base, credentials, &policies, |request| request)?;
        let stack = connection.stack().clone();
        let raw = raw::dserver::Client::new_with_client(connection.base_url(), connection.http(), stack);
        Ok(Client { raw, connection: Arc::new(connection) })
    }
}

/// What a dataset is does not change once it is frozen, but its readme, tags and annotations do, and by others; so only
/// what is asked for again and again in one series of commands is kept.
fn lifetime(operation: &Operation) -> Lifetime {
    let slow = [&op::GET_CONFIG, &op::GET_VERSIONS, &op::GET_MANIFEST, &op::GET_ME];
    if slow.contains(&operation) { Lifetime::For(Duration::from_secs(300)) } else { Lifetime::Never }
}

/// A dataset that is registered anew has a new manifest.
fn makes_old(operation: &Operation, path: &str) -> Vec<String> {
    let datasets = [&op::REGISTER_DATASET, &op::DELETE_DATASET, &op::COMPLETE_UPLOAD].contains(&operation);
    let base = path.rsplit_once("/uris/").or_else(|| path.rsplit_once("/signed-urls/")).map(|(base, _)| base);
    base.into_iter().filter(|_| datasets).map(|base| format!("{base}/manifests")).collect()
}

/// Searches are sent as `POST` and change nothing; all else is what its method says.
fn repeatable(operation: &Operation) -> bool {
    let searches = [&op::SEARCH_DATASETS, &op::QUERY_DATASETS, &op::AGGREGATE_DATASETS, &op::QUERY_GRAPH];
    operation.is_idempotent() || searches.contains(&operation)
}

/// A handle on a dserver; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) raw: raw::dserver::Client,
    connection: Arc<Connection>,
}

impl Client {
    /// A client to be told its URL and token.
    pub fn builder() -> Builder<Dserver> {
        Builder::new(Dserver)
    }

    /// Below the ergonomic calls: every operation, typed, through the same stack.
    pub fn raw(&self) -> &raw::dserver::Client {
        &self.raw
    }

    /// What this client's requests have in common.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// A search over all datasets that the user can see.
    pub fn search(&self) -> Search {
        Search::new(self.clone())
    }

    /// Where the dataset of this UUID is: it may lie at several base URIs.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if the user can see none.
    pub async fn lookup(&self, uuid: &str) -> Result<Vec<Dataset>> {
        // More copies of one dataset than a page holds are beyond all practice.
        let sent = self.raw.lookup_dataset().uuid(uuid).page_size(100).send();
        let found = call(&op::LOOKUP_DATASET, sent).await.map_err(|e| e.about(uuid))?.into_inner();
        if found.is_empty() {
            return Err(Error::not_found("no dataset of this UUID is registered, or none that you can see").about(uuid));
        }
        Ok(found)
    }

    /// The dataset at this URI.
    pub async fn dataset(&self, uri: &str) -> Result<Dataset> {
        let answer = call(&op::GET_DATASET, self.raw.get_dataset().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner())
    }

    /// The descriptive metadata of the dataset at this URI: the text of its README.yml.
    pub async fn readme(&self, uri: &str) -> Result<String> {
        let answer = call(&op::GET_README, self.raw.get_readme().uri(uri).send()).await;
        let readme = answer.map_err(|e| e.about(uri))?.into_inner().readme;
        Ok(readme.unwrap_or_default())
    }

    /// The items of the dataset at this URI: what dtool calls its manifest.
    pub async fn manifest(&self, uri: &str) -> Result<Manifest> {
        let answer = call(&op::GET_MANIFEST, self.raw.get_manifest().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner())
    }
}
