//! Managed sources: pages and accounts elsewhere, which the service reads with their owners' tokens.

use raw::datasift::operations as op;
use serde_json::{Map, Value};

use super::{
    Client, list,
    types::{Source, SourceLogEntry},
};
use crate::{List, Result};

/// What a managed source shall be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceForm {
    /// `facebook_page`, `instagram`...
    pub source_type: String,
    /// A name for people.
    pub name: String,
    /// What is read, as the service writes it: `{"parameters": {"id": 1, "url": "..."}}`.
    pub resources: Vec<Value>,
    /// With which tokens, as the service writes them: `{"parameters": {"value": "..."}}`.
    pub auth: Vec<Value>,
    /// What that type of source can be told beyond, such as `{"likes": true}`.
    pub parameters: Option<Map<String, Value>>,
    /// Whether the service tries all of it first; it does if this is not given.
    pub validate: Option<bool>,
}

/// Managed sources.
#[derive(Clone, Debug)]
pub struct ManagedSources {
    client: Client,
}

impl Client {
    /// Managed sources.
    pub fn managed_sources(&self) -> ManagedSources {
        ManagedSources { client: self.clone() }
    }
}

impl ManagedSources {
    /// Makes a source. It reads nothing before it is [started](Self::start).
    pub async fn create(&self, form: &SourceForm) -> Result<Source> {
        let form = form.clone();
        let asked = self.client.raw.create_source().body_map(|it| {
            it.source_type(form.source_type)
                .name(&form.name)
                .resources(form.resources)
                .auth((!form.auth.is_empty()).then_some(form.auth))
                .parameters(form.parameters)
                .validate(form.validate)
        });
        self.client.told(&op::CREATE_SOURCE, Some(&form.name), asked.send()).await
    }

    /// Replaces all that it is.
    pub async fn update(&self, id: &str, form: &SourceForm) -> Result<Source> {
        let form = form.clone();
        let asked = self.client.raw.update_source().body_map(|it| {
            it.id(id)
                .source_type(form.source_type)
                .name(form.name)
                .resources(form.resources)
                .auth(form.auth)
                .parameters(form.parameters)
                .validate(form.validate)
        });
        self.client.told(&op::UPDATE_SOURCE, Some(id), asked.send()).await
    }

    /// Has it read.
    pub async fn start(&self, id: &str) -> Result<Source> {
        let asked = self.client.raw.start_source().body_map(|it| it.id(id));
        self.client.told(&op::START_SOURCE, Some(id), asked.send()).await
    }

    /// Has it rest.
    pub async fn stop(&self, id: &str) -> Result<Source> {
        let asked = self.client.raw.stop_source().body_map(|it| it.id(id));
        self.client.told(&op::STOP_SOURCE, Some(id), asked.send()).await
    }

    /// Forgets it.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.client.told(&op::DELETE_SOURCE, Some(id), self.client.raw.delete_source().id(id).send()).await
    }

    /// One of them.
    pub async fn get(&self, id: &str) -> Result<Source> {
        self.client.one(&op::LIST_SOURCES, id, &[("id", id)]).await
    }

    /// All of them; those of one type if it is given.
    pub fn list(&self, source_type: Option<&str>) -> List<Source> {
        let source_type = source_type.map(str::to_owned);
        self.client.list(
            |source: &Source| source.id.as_deref(),
            move |client, n| {
                let source_type = source_type.clone();
                async move {
                    let mut asked = client.raw.list_sources().page(i64::from(n)).per_page(list::PAGE_SIZE);
                    if let Some(source_type) = source_type {
                        asked = asked.source_type(source_type);
                    }
                    let told = client.told(&op::LIST_SOURCES, None, asked.send()).await?;
                    Ok(list::page(n, told.sources, told.count, told.pages))
                }
            },
        )
    }

    /// What became of its reading, the newest first.
    pub fn log(&self, id: &str) -> List<SourceLogEntry> {
        let id = id.to_owned();
        self.client.list(
            |_: &SourceLogEntry| None,
            move |client, n| {
                let id = id.clone();
                async move {
                    let asked = client.raw.list_source_log().id(&id).page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let told = client.told(&op::LIST_SOURCE_LOG, Some(&id), asked.send()).await?;
                    Ok(list::page(n, told.log_entries, told.count, told.pages))
                }
            },
        )
    }

    /// Has it read more. Gives the whole source.
    pub async fn add_resources(&self, id: &str, resources: Vec<Value>, validate: Option<bool>) -> Result<Source> {
        let asked = self.client.raw.add_source_resources();
        let asked = asked.body_map(|it| it.id(id).resources(resources).validate(validate));
        self.client.told(&op::ADD_SOURCE_RESOURCES, Some(id), asked.send()).await
    }

    /// Has it read less. Gives the whole source.
    pub async fn remove_resources(&self, id: &str, resource_ids: &[&str]) -> Result<Source> {
        let ids: Vec<Value> = resource_ids.iter().map(|id| (*id).into()).collect();
        let asked = self.client.raw.remove_source_resources().body_map(|it| it.id(id).resource_ids(ids));
        self.client.told(&op::REMOVE_SOURCE_RESOURCES, Some(id), asked.send()).await
    }

    /// Gives it more tokens to read with. Gives the whole source.
    pub async fn add_auth(&self, id: &str, auth: Vec<Value>, validate: Option<bool>) -> Result<Source> {
        let asked = self.client.raw.add_source_auth().body_map(|it| it.id(id).auth(auth).validate(validate));
        self.client.told(&op::ADD_SOURCE_AUTH, Some(id), asked.send()).await
    }

    /// Takes tokens from it. Gives the whole source.
    pub async fn remove_auth(&self, id: &str, auth_ids: &[&str]) -> Result<Source> {
        let ids: Vec<Value> = auth_ids.iter().map(|id| (*id).into()).collect();
        let asked = self.client.raw.remove_source_auth().body_map(|it| it.id(id).auth_ids(ids));
        self.client.told(&op::REMOVE_SOURCE_AUTH, Some(id), asked.send()).await
    }
}
