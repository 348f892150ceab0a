//! Queries of the archive, and previews of them.

use jiff::Timestamp;
use raw::datasift::operations as op;

use super::{
    Client, list,
    types::{HistoricsPrepared, HistoricsStatus, Preview, PreviewCreated},
};
use crate::{List, Result};

/// A query of the archive, once with all its parts.
pub type Query = super::types::Historics;

/// What a query of the archive asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepare {
    /// The compiled definition's hash.
    pub hash: String,
    /// From then.
    pub start: Timestamp,
    /// Until then.
    pub end: Timestamp,
    /// A name for people.
    pub name: String,
    /// The sources to look in, such as `facebook`.
    pub sources: Vec<String>,
    /// The part of it to look at, in percent; all if not given.
    pub sample: Option<u8>,
}

/// Queries of the archive: each is prepared, delivered by a push subscription, and started.
#[derive(Clone, Debug)]
pub struct Historics {
    client: Client,
}

impl Client {
    /// Queries of the archive.
    pub fn historics(&self) -> Historics {
        Historics { client: self.clone() }
    }

    /// Asks for a preview: figures on what a definition finds in the archive. It is computed while you wait for
    /// [`Client::preview`]; `parameters` are analyses with their targets, as the service writes them.
    pub async fn create_preview(
        &self,
        hash: &str,
        start: Timestamp,
        end: Option<Timestamp>,
        sources: &[&str],
        parameters: &str,
    ) -> Result<PreviewCreated> {
        let asked = self.raw.create_preview().body_map(|it| {
            let end = end.map(Timestamp::as_second);
            it.hash(hash).start(start.as_second()).end(end).sources(sources.join(",")).parameters(parameters)
        });
        self.told(&op::CREATE_PREVIEW, Some(hash), asked.send()).await
    }

    /// A preview, finished or not: see its `status` and `progress`. It is kept for a day.
    pub async fn preview(&self, id: &str) -> Result<Preview> {
        self.told(&op::GET_PREVIEW, Some(id), self.raw.get_preview().id(id).send()).await
    }
}

impl Historics {
    /// Prepares a query and tells what it will cost and what there is to find. It runs when it is [started](Self::start).
    pub async fn prepare(&self, query: &Prepare) -> Result<HistoricsPrepared> {
        let asked = self.client.raw.prepare_historics().body_map(|it| {
            it.hash(&query.hash)
                .start(query.start.as_second())
                .end(query.end.as_second())
                .name(&query.name)
                .sources(query.sources.join(","))
                .sample(query.sample.map(i64::from))
        });
        self.client.told(&op::PREPARE_HISTORICS, Some(&query.name), asked.send()).await
    }

    /// Starts a query. Something must take delivery of it by then: a push subscription of its id.
    pub async fn start(&self, id: &str) -> Result<()> {
        let asked = self.client.raw.start_historics().body_map(|it| it.id(id));
        self.client.told(&op::START_HISTORICS, Some(id), asked.send()).await
    }

    /// Gives it another name.
    pub async fn update(&self, id: &str, name: &str) -> Result<()> {
        let asked = self.client.raw.update_historics().body_map(|it| it.id(id).name(name));
        self.client.told(&op::UPDATE_HISTORICS, Some(id), asked.send()).await
    }

    /// Ends it for good; the reason is kept with it.
    pub async fn stop(&self, id: &str, reason: Option<&str>) -> Result<()> {
        let asked = self.client.raw.stop_historics().body_map(|it| it.id(id).reason(reason.map(str::to_owned)));
        self.client.told(&op::STOP_HISTORICS, Some(id), asked.send()).await
    }

    /// Has it wait.
    pub async fn pause(&self, id: &str, reason: Option<&str>) -> Result<()> {
        let asked = self.client.raw.pause_historics().body_map(|it| it.id(id).reason(reason.map(str::to_owned)));
        self.client.told(&op::PAUSE_HISTORICS, Some(id), asked.send()).await
    }

    /// Has it go on.
    pub async fn resume(&self, id: &str) -> Result<()> {
        let asked = self.client.raw.resume_historics().body_map(|it| it.id(id));
        self.client.told(&op::RESUME_HISTORICS, Some(id), asked.send()).await
    }

    /// Forgets it.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let asked = self.client.raw.delete_historics().body_map(|it| it.id(id));
        self.client.told(&op::DELETE_HISTORICS, Some(id), asked.send()).await
    }

    /// What the archive holds of these sources in that time; of all if none is named.
    pub async fn status(&self, start: Timestamp, end: Timestamp, sources: &[&str]) -> Result<Vec<HistoricsStatus>> {
        let mut asked = self.client.raw.get_historics_status().start(start.as_second()).end(end.as_second());
        if !sources.is_empty() {
            asked = asked.sources(sources.join(","));
        }
        self.client.told(&op::GET_HISTORICS_STATUS, None, asked.send()).await
    }

    /// One of them.
    pub async fn get(&self, id: &str) -> Result<Query> {
        self.client.one(&op::LIST_HISTORICS, id, &[("id", id), ("with_estimate", "1")]).await
    }

    /// All of them.
    pub fn list(&self) -> List<Query> {
        self.client.list(
            |query: &Query| query.id.as_deref(),
            |client, n| async move {
                let asked = client.raw.list_historics().max(list::PAGE_SIZE).page(i64::from(n)).with_estimate(1);
                let told = client.told(&op::LIST_HISTORICS, None, asked.send()).await?;
                Ok(list::page(n, told.data, told.count, None))
            },
        )
    }
}
