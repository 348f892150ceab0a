//! Managed sources, their resources and their credentials.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{bad, done, given, ok},
    ask::{Ask, Refused, found},
    state::{State, now, php_empty},
};

/// A source.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub id: String,
    pub name: String,
    pub source_type: String,
    pub parameters: Value,
    pub resources: Vec<Value>,
    pub auth: Vec<Value>,
    pub status: &'static str,
    pub created_at: i64,
    pub log: Vec<Value>,
}

impl Source {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "source_type": self.source_type,
            "parameters": self.parameters,
            "resources": self.resources,
            "auth": self.auth,
            "status": self.status,
            "created_at": self.created_at,
        })
    }
}

/// Kinds of sources; what is ingested comes to those of the last.
const TYPES: [&str; 6] = ["facebook_page", "instagram", "googleplus", "yammer", "twitter_gnip", "custom"];

/// How the service calls one that it doesn't find by id.
fn unknown(id: &str) -> String {
    format!("Could not find the specified source instance \"{id}\"")
}

impl Service {
    pub(super) fn create_source(&self, ask: &Ask) -> Refused {
        let (source_type, name) = (ask.needed("source_type")?, ask.needed("name")?);
        if !TYPES.contains(&source_type.as_str()) {
            return Err(bad(&format!("source_type is invalid; valid values are: {}", TYPES.join(","))));
        }
        let resources = ask.needed_list("resources")?;
        let mut state = self.state();
        let source = Source {
            id: state.id(32),
            name,
            source_type,
            parameters: parameters(ask),
            resources: state.resources(resources),
            auth: state.credentials(ask.list("auth").unwrap_or_default()),
            status: "stopped",
            created_at: now(),
            log: vec![],
        };
        let shown = given(StatusCode::CREATED, &source.shown());
        state.sources.push(source);
        Ok(shown)
    }

    pub(super) fn update_source(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        state.source(&id)?;
        let resources = ask.list("resources").map(|it| state.resources(it));
        let auth = ask.list("auth").map(|it| state.credentials(it));
        let source = state.source(&id)?;
        if let Some(name) = ask.text("name") {
            source.name = name;
        }
        if ask.given.contains_key("parameters") {
            source.parameters = parameters(ask);
        }
        source.resources = resources.unwrap_or(std::mem::take(&mut source.resources));
        source.auth = auth.unwrap_or(std::mem::take(&mut source.auth));
        Ok(given(StatusCode::ACCEPTED, &source.shown()))
    }

    /// Start and stop.
    pub(super) fn turn_source(&self, ask: &Ask, to: &'static str) -> Refused {
        let mut state = self.state();
        let source = state.source(&ask.needed("id")?)?;
        source.status = to;
        let message = format!("The source is {to}");
        source.log.push(json!({ "event_time": now(), "success": true, "message": message }));
        Ok(ok(&source.shown()))
    }

    pub(super) fn delete_source(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        let at = state.sources.iter().position(|it| it.id == id);
        state.sources.remove(found(at, "Source instance not found")?);
        Ok(done())
    }

    pub(super) fn source_log(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let log = state.source(&ask.needed("id")?)?.log.clone();
        Ok(ok(&ask.page(log, "per_page", 20)?.envelope("log_entries")))
    }

    pub(super) fn list_sources(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        if let Some(id) = ask.text("id") {
            return Ok(ok(&state.source(&id)?.shown()));
        }
        let kind = ask.text("source_type");
        let is_meant = |it: &&Source| kind.as_ref().is_none_or(|kind| it.source_type == *kind);
        let all = state.sources.iter().filter(is_meant).map(Source::shown).collect();
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("sources")))
    }

    pub(super) fn add_resources(&self, ask: &Ask) -> Refused {
        let (id, new) = (ask.needed("id")?, ask.needed_list("resources")?);
        let mut state = self.state();
        let new = state.resources(new);
        let source = state.source(&id)?;
        source.resources.extend(new);
        Ok(ok(&source.shown()))
    }

    pub(super) fn remove_resources(&self, ask: &Ask) -> Refused {
        let (id, gone) = (ask.needed("id")?, ask.needed_list("resource_ids")?);
        let mut state = self.state();
        let source = state.source(&id)?;
        source.resources.retain(|it| !gone.contains(&it["resource_id"]));
        Ok(ok(&source.shown()))
    }

    pub(super) fn add_auth(&self, ask: &Ask) -> Refused {
        let (id, new) = (ask.needed("id")?, ask.needed_list("auth")?);
        let mut state = self.state();
        let new = state.credentials(new);
        let source = state.source(&id)?;
        source.auth.extend(new);
        Ok(ok(&source.shown()))
    }

    pub(super) fn remove_auth(&self, ask: &Ask) -> Refused {
        let (id, gone) = (ask.needed("id")?, ask.needed_list("auth_ids")?);
        let mut state = self.state();
        let source = state.source(&id)?;
        source.auth.retain(|it| !gone.contains(&it["identity_id"]));
        Ok(ok(&source.shown()))
    }
}

/// Without any, an empty list is shown.
fn parameters(ask: &Ask) -> Value {
    match ask.json("parameters") {
        Some(Value::Object(fields)) if !fields.is_empty() => fields.into(),
        _ => php_empty(),
    }
}

impl State {
    pub(super) fn source(&mut self, id: &str) -> Refused<&mut Source> {
        found(self.sources.iter_mut().find(|it| it.id == id), &unknown(id))
    }

    /// Resources as they are kept: with an id each.
    pub(super) fn resources(&mut self, given: Vec<Value>) -> Vec<Value> {
        let kept = |given: Value| {
            let id = self.id(32);
            json!({ "resource_id": id, "parameters": given["parameters"], "status": "valid" })
        };
        given.into_iter().map(kept).collect()
    }

    /// Credentials as they are kept: with an id each.
    pub(super) fn credentials(&mut self, given: Vec<Value>) -> Vec<Value> {
        let kept = |given: Value| {
            let (id, mut parameters) = (self.id(32), given["parameters"].clone());
            if let Some(fields) = parameters.as_object_mut() {
                fields.entry("refresh_token").or_insert(Value::Null);
            }
            json!({ "identity_id": id, "parameters": parameters, "expires_at": null })
        };
        given.into_iter().map(kept).collect()
    }
}
