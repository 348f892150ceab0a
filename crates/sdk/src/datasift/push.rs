//! Push subscriptions: what a stream or a query finds, delivered to a place of the subscriber's.

use jiff::Timestamp;
use raw::datasift::operations as op;
use serde_json::{Map, Value};

use super::{
    Client, list,
    types::{PushLogEntry, PushSubscription, PushValidated},
};
use crate::{List, Result};

/// What a subscription delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A live stream, by its definition's hash.
    Stream(String),
    /// A query of the archive, by its id.
    Historics(String),
}

/// What a new subscription shall be.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// A name for people.
    pub name: String,
    /// What it delivers.
    pub feed: Feed,
    /// The kind of place: `pull`, `http`, `s3`...
    pub output_type: String,
    /// What that kind of place needs, as the service writes it: `{"format": "json_new_line"}`.
    pub output_params: Map<String, Value>,
    /// `active`, `paused` or `waiting_for_start`; active if not given.
    pub initial_status: Option<String>,
    /// Deliver from then; at once if not given.
    pub start: Option<Timestamp>,
    /// Deliver until then; for ever if not given.
    pub end: Option<Timestamp>,
}

impl Subscribe {
    /// A subscription to `feed`, delivered where [`Client::pull`] fetches it.
    pub fn pull(name: impl Into<String>, feed: Feed) -> Self {
        let output_params = [("format".to_owned(), Value::from("json_new_line"))].into_iter().collect();
        let output_type = "pull".to_owned();
        Self { name: name.into(), feed, output_type, output_params, initial_status: None, start: None, end: None }
    }
}

/// Push subscriptions.
#[derive(Clone, Debug)]
pub struct Push {
    client: Client,
}

impl Client {
    /// Push subscriptions.
    pub fn push(&self) -> Push {
        Push { client: self.clone() }
    }
}

impl Push {
    /// Checks whether the service can deliver to such a place.
    pub async fn validate(&self, output_type: &str, output_params: &Map<String, Value>) -> Result<PushValidated> {
        let asked = self.client.raw.validate_push();
        let asked = asked.body_map(|it| it.output_type(output_type).output_params(output_params.clone()));
        self.client.told(&op::VALIDATE_PUSH, None, asked.send()).await
    }

    /// Makes a subscription.
    pub async fn create(&self, wanted: &Subscribe) -> Result<PushSubscription> {
        let asked = self.client.raw.create_push().body_map(|it| {
            let it = match &wanted.feed {
                Feed::Stream(hash) => it.hash(hash.clone()),
                Feed::Historics(id) => it.historics_id(id.clone()),
            };
            it.name(&wanted.name)
                .output_type(&wanted.output_type)
                .output_params(wanted.output_params.clone())
                .initial_status(wanted.initial_status.clone())
                .start(wanted.start.map(Timestamp::as_second))
                .end(wanted.end.map(Timestamp::as_second))
        });
        self.client.told(&op::CREATE_PUSH, Some(&wanted.name), asked.send()).await
    }

    /// Changes its name or what its place needs.
    pub async fn update(
        &self,
        id: &str,
        output_params: &Map<String, Value>,
        name: Option<&str>,
    ) -> Result<PushSubscription> {
        let asked = self.client.raw.update_push();
        let asked = asked.body_map(|it| it.id(id).output_params(output_params.clone()).name(name.map(str::to_owned)));
        self.client.told(&op::UPDATE_PUSH, Some(id), asked.send()).await
    }

    /// Has it wait; what it would deliver is kept for an hour.
    pub async fn pause(&self, id: &str) -> Result<PushSubscription> {
        self.client.told(&op::PAUSE_PUSH, Some(id), self.client.raw.pause_push().body_map(|it| it.id(id)).send()).await
    }

    /// Has it go on.
    pub async fn resume(&self, id: &str) -> Result<PushSubscription> {
        self.client
            .told(&op::RESUME_PUSH, Some(id), self.client.raw.resume_push().body_map(|it| it.id(id)).send())
            .await
    }

    /// Ends it for good, once what is queued is delivered.
    pub async fn stop(&self, id: &str) -> Result<PushSubscription> {
        self.client.told(&op::STOP_PUSH, Some(id), self.client.raw.stop_push().body_map(|it| it.id(id)).send()).await
    }

    /// Forgets it, and what it has queued.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.client
            .told(&op::DELETE_PUSH, Some(id), self.client.raw.delete_push().body_map(|it| it.id(id)).send())
            .await
    }

    /// One of them.
    pub async fn get(&self, id: &str) -> Result<PushSubscription> {
        self.client.one(&op::LIST_PUSH, id, &[("id", id)]).await
    }

    /// All of them, finished ones too; those of one `feed` if it is given.
    pub fn list(&self, feed: Option<Feed>) -> List<PushSubscription> {
        self.client.list(
            |it: &PushSubscription| it.id.as_deref(),
            move |client, n| {
                let feed = feed.clone();
                async move {
                    let asked = client.raw.list_push().page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let asked = match feed {
                        None => asked.include_finished(1),
                        Some(Feed::Stream(hash)) => asked.include_finished(1).hash(hash),
                        Some(Feed::Historics(id)) => asked.include_finished(1).historics_id(id),
                    };
                    let told = client.told(&op::LIST_PUSH, None, asked.send()).await?;
                    Ok(list::page(n, told.subscriptions, told.count, None))
                }
            },
        )
    }

    /// What became of deliveries, the newest first: of one subscription or of all. Entries have nothing that tells them
    /// apart, so a log that grows while it is read can show one twice.
    pub fn log(&self, id: Option<&str>) -> List<PushLogEntry> {
        let id = id.map(str::to_owned);
        self.client.list(
            |_: &PushLogEntry| None,
            move |client, n| {
                let id = id.clone();
                async move {
                    let mut asked = client.raw.list_push_log().page(i64::from(n)).per_page(list::PAGE_SIZE);
                    if let Some(id) = &id {
                        asked = asked.id(id);
                    }
                    let told = client.told(&op::LIST_PUSH_LOG, id.as_deref(), asked.send()).await?;
                    Ok(list::page(n, told.log_entries, told.count, None))
                }
            },
        )
    }
}
