//! PYLON: recordings of a network whose posts may be counted and not read, such as Facebook's.

use jiff::Timestamp;
use raw::datasift::{operations as op, types::PylonList};
use serde_json::{Map, Value};

use super::{
    Client, list,
    types::{
        Compiled, Pylon as Recording, PylonAnalysis, PylonSample, PylonStarted, Reference, ReferenceValues, Task,
        TaskCreated, Validated,
    },
};
use crate::{List, Page, Result};

/// Recordings of one network, by the key of an identity.
#[derive(Clone, Debug)]
pub struct Pylon {
    client: Client,
    service: String,
}

/// What is counted in a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// The kind and its parameters, as the service writes them:
    /// `{"analysis_type": "freqDist", "parameters": {"threshold": 5, "target": "fb.author.age"}}`.
    pub parameters: Map<String, Value>,
    /// A filter in CSDL on what was recorded.
    pub filter: Option<String>,
    /// Count from then.
    pub start: Option<Timestamp>,
    /// Count until then.
    pub end: Option<Timestamp>,
}

/// Tasks of one type, such as `analysis`.
#[derive(Clone, Debug)]
pub struct Tasks {
    pylon: Pylon,
    task: String,
}

impl Client {
    /// Recordings of one network, such as `facebook` or `linkedin`.
    pub fn pylon(&self, service: impl Into<String>) -> Pylon {
        Pylon { client: self.clone(), service: service.into() }
    }
}

impl Pylon {
    /// Checks a filter definition.
    pub async fn validate(&self, csdl: &str) -> Result<Validated> {
        let asked = self.client.raw.validate_pylon().body_map(|it| it.csdl(csdl));
        self.client.told(&op::VALIDATE_PYLON, None, asked.send()).await
    }

    /// Compiles a filter definition.
    pub async fn compile(&self, csdl: &str) -> Result<Compiled> {
        let asked = self.client.raw.compile_pylon().body_map(|it| it.csdl(csdl));
        self.client.told(&op::COMPILE_PYLON, None, asked.send()).await
    }

    /// Begins to record what a compiled definition finds.
    pub async fn start(&self, hash: &str, name: &str) -> Result<PylonStarted> {
        let asked = self.client.raw.start_pylon().service(&self.service);
        let asked = asked.body_map(|it| it.hash(hash.to_owned()).name(name.to_owned()));
        self.client.told(&op::START_PYLON, Some(name), asked.send()).await
    }

    /// Goes on with a recording that was stopped.
    pub async fn restart(&self, id: &str) -> Result<PylonStarted> {
        let asked = self.client.raw.start_pylon().service(&self.service).body_map(|it| it.id(id.to_owned()));
        self.client.told(&op::START_PYLON, Some(id), asked.send()).await
    }

    /// Stops it. One that is not running is a conflict.
    pub async fn stop(&self, id: &str) -> Result<()> {
        let asked = self.client.raw.stop_pylon().service(&self.service).body_map(|it| it.id(id));
        self.client.told(&op::STOP_PYLON, Some(id), asked.send()).await
    }

    /// Gives it another definition, or another name.
    pub async fn update(&self, id: &str, hash: Option<&str>, name: Option<&str>) -> Result<()> {
        let asked = self.client.raw.update_pylon().service(&self.service);
        let asked = asked.body_map(|it| it.id(id).hash(hash.map(str::to_owned)).name(name.map(str::to_owned)));
        self.client.told(&op::UPDATE_PYLON, Some(id), asked.send()).await
    }

    /// Counts what was recorded.
    pub async fn analyze(&self, id: &str, wanted: &Analysis) -> Result<PylonAnalysis> {
        let asked = self.client.raw.analyze_pylon().service(&self.service).body_map(|it| {
            it.id(id)
                .parameters(wanted.parameters.clone())
                .filter(wanted.filter.clone())
                .start(wanted.start.map(Timestamp::as_second))
                .end(wanted.end.map(Timestamp::as_second))
        });
        self.client.told(&op::ANALYZE_PYLON, Some(id), asked.send()).await
    }

    /// One recording.
    pub async fn get(&self, id: &str) -> Result<Recording> {
        self.client.one(&op::GET_PYLON, id, &[("service", &self.service), ("id", id)]).await
    }

    /// All recordings.
    pub fn list(&self) -> List<Recording> {
        let service = self.service.clone();
        self.client.list(
            |recording: &Recording| recording.id.as_deref().or(recording.hash.as_deref()),
            move |client, n| {
                let service = service.clone();
                async move {
                    let asked = client.raw.get_pylon().service(service).page(i64::from(n)).per_page(list::PAGE_SIZE);
                    Ok(match client.told(&op::GET_PYLON, None, asked.send()).await? {
                        PylonList::Object { subscriptions, count, pages, .. } => {
                            list::page(n, subscriptions, count, pages)
                        }
                        // Of version 1 of the API, which has no pages.
                        PylonList::Array(all) => {
                            let total = Some(all.len() as u64);
                            Page { items: if n == 1 { all } else { vec![] }, total, more: false }
                        }
                    })
                }
            },
        )
    }

    /// The tags that its definition gives.
    pub async fn tags(&self, id: &str) -> Result<Vec<String>> {
        let asked = self.client.raw.list_pylon_tags().service(&self.service).id(id);
        self.client.told(&op::LIST_PYLON_TAGS, Some(id), asked.send()).await
    }

    /// Some of the public posts that were recorded, as many as `count` and the account's hour allow.
    pub async fn sample(&self, id: &str, count: Option<i64>, filter: Option<&str>) -> Result<PylonSample> {
        let mut asked = self.client.raw.sample_pylon().service(&self.service).id(id);
        if let Some(count) = count {
            asked = asked.count(count);
        }
        if let Some(filter) = filter {
            asked = asked.filter(filter);
        }
        self.client.told(&op::SAMPLE_PYLON, Some(id), asked.send()).await
    }

    /// What there are tables of: targets whose values are known.
    pub fn references(&self) -> List<Reference> {
        let service = self.service.clone();
        self.client.list(
            |reference: &Reference| reference.slug.as_deref(),
            move |client, n| {
                let service = service.clone();
                async move {
                    let asked = client.raw.list_pylon_references().service(service);
                    let asked = asked.page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let told = client.told(&op::LIST_PYLON_REFERENCES, None, asked.send()).await?;
                    Ok(list::page(n, told.data, told.count, told.pages))
                }
            },
        )
    }

    /// The values of one target.
    pub async fn reference(&self, slug: &str) -> Result<ReferenceValues> {
        let asked = self.client.raw.get_pylon_reference().service(&self.service).slug(slug);
        self.client.told(&op::GET_PYLON_REFERENCE, Some(slug), asked.send()).await
    }

    /// Tasks of one type: `analysis`, `strategy`. They take the key of an identity, not of the account.
    pub fn tasks(&self, task: impl Into<String>) -> Tasks {
        Tasks { pylon: self.clone(), task: task.into() }
    }
}

impl Tasks {
    /// Queues a task on a recording; its parameters are as the service writes them.
    pub async fn create(&self, recording: &str, name: &str, parameters: &Map<String, Value>) -> Result<TaskCreated> {
        let Self { pylon: Pylon { client, service }, task } = self;
        let asked = client
            .raw
            .create_pylon_task()
            .service(service)
            .body_map(|it| it.subscription_id(recording).name(name).parameters(parameters.clone()).type_(task));
        client.told(&op::CREATE_PYLON_TASK, Some(name), asked.send()).await
    }

    /// One of them, with its result when it is `completed`.
    pub async fn get(&self, id: &str) -> Result<Task> {
        let Self { pylon: Pylon { client, service }, task } = self;
        let asked = client.raw.get_pylon_task().service(service).type_(task).task_id(id);
        client.told(&op::GET_PYLON_TASK, Some(id), asked.send()).await
    }

    /// All of them; those in one state if it is given: `queued`, `running`, `completed`, `failed`.
    pub fn list(&self, status: Option<&str>) -> List<Task> {
        let Self { pylon: Pylon { client, service }, task } = self.clone();
        let status = status.map(str::to_owned);
        client.list(
            |task: &Task| task.id.as_deref(),
            move |client, n| {
                let (service, task, status) = (service.clone(), task.clone(), status.clone());
                async move {
                    let mut asked = client.raw.list_pylon_tasks().service(service).type_(task);
                    if let Some(status) = status {
                        asked = asked.status(status);
                    }
                    let asked = asked.page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let told = client.told(&op::LIST_PYLON_TASKS, None, asked.send()).await?;
                    Ok(list::page(n, told.tasks, told.count, told.pages))
                }
            },
        )
    }
}
