//! The account: what it used, its identities, and each one's tokens and limits.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Service,
    answer::{bad, done, error, given, missing, ok},
    ask::{Ask, Refused, found, is_hash},
    state::{State, now},
};

/// An identity, which has a key of its own.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub id: String,
    pub label: String,
    pub status: String,
    pub master: bool,
    pub api_key: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Tokens of services, by service.
    pub tokens: BTreeMap<String, Value>,
    /// What it may use of a service, by service.
    pub limits: BTreeMap<String, Value>,
}

impl Identity {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "api_key": self.api_key,
            "label": self.label,
            "status": self.status,
            "master": self.master,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "expires_at": null,
        })
    }
}

/// Services that a limit can be of.
const SERVICES: [&str; 2] = ["facebook", "linkedin"];

fn service(name: &str) -> Refused<String> {
    match SERVICES.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(bad("service is invalid; valid values are: facebook,linkedin")),
    }
}

impl Service {
    pub(super) fn account_usage(ask: &Ask) -> Refused {
        let period = ask.text("period").unwrap_or_else(|| "hourly".to_owned());
        let step = match period.as_str() {
            "hourly" => 3600,
            "daily" => 86_400,
            "monthly" => 30 * 86_400,
            _ => return Err(bad("period is invalid; valid values are: hourly,daily,monthly")),
        };
        let end = ask.number("end").unwrap_or_else(now);
        let start = ask.number("start").unwrap_or(end - 3 * step);
        if start > end {
            return Err(bad("start must be before end"));
        }
        let mut usage = vec![];
        let mut at = start - start.rem_euclid(step);
        while at <= end && usage.len() < 200 {
            for (category, source, quantity, unit, cost) in
                [("interactions", "facebook", json!(1200), "number", 0), ("streams", "twitter", json!(0.35), "dpus", 1)]
            {
                usage.push(json!({ "timestamp": at, "category": category, "source": source, "quantity": quantity,
                                   "unit": unit, "cost": cost }));
            }
            at += step;
        }
        Ok(ok(&json!({ "usage": usage })))
    }

    pub(super) fn list_identities(&self, ask: &Ask) -> Refused {
        let label = ask.text("label");
        let is_meant = |it: &&Identity| label.as_ref().is_none_or(|label| it.label == *label);
        let all = self.state().identities.iter().filter(is_meant).map(Identity::shown).collect();
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("identities")))
    }

    pub(super) fn create_identity(&self, ask: &Ask) -> Refused {
        let label = ask.needed("label")?;
        let mut state = self.state();
        if state.identities.iter().any(|it| it.label == label) {
            return Err(error(StatusCode::CONFLICT, "An identity with this label exists already"));
        }
        let status = status(ask)?.unwrap_or_else(|| "active".to_owned());
        let identity = state.new_identity(label, status, ask.flag("master") == Some(true));
        Ok(given(StatusCode::CREATED, &identity.shown()))
    }

    pub(super) fn identity(&self, ask: &Ask) -> Refused {
        Ok(ok(&self.state().identity(ask.path("id"))?.shown()))
    }

    pub(super) fn update_identity(&self, ask: &Ask) -> Refused {
        let status = status(ask)?;
        let mut state = self.state();
        let identity = state.identity(ask.path("id"))?;
        identity.label = ask.text("label").unwrap_or(std::mem::take(&mut identity.label));
        identity.status = status.unwrap_or(std::mem::take(&mut identity.status));
        identity.master = ask.flag("master").unwrap_or(identity.master);
        identity.updated_at = now();
        Ok(ok(&identity.shown()))
    }

    /// As in every recording: it can't be done.
    pub(super) fn delete_identity(&self, ask: &Ask) -> Refused {
        self.state().identity(ask.path("id"))?;
        Err(missing("Deletion of Identities is currently unavailable"))
    }

    pub(super) fn list_tokens(&self, ask: &Ask) -> Refused {
        let all = self.state().identity(ask.path("identity_id"))?.tokens.values().cloned().collect();
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("tokens")))
    }

    pub(super) fn token(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.identity(ask.path("identity_id"))?;
        Ok(ok(found(identity.tokens.get(ask.path("service")), "Token not found")?))
    }

    pub(super) fn create_token(&self, ask: &Ask) -> Refused {
        let (service, token) = (ask.needed("service")?, ask.needed("token")?);
        let mut state = self.state();
        let identity = state.identity(ask.path("identity_id"))?;
        if identity.tokens.contains_key(&service) {
            return Err(error(StatusCode::CONFLICT, "A token for this service exists already"));
        }
        let (created_at, updated_at, expires_at) = (now(), now(), now() + 60 * 86_400);
        let kept = json!({ "service": service, "token": token, "created_at": created_at, "updated_at": updated_at,
                           "expires_at": expires_at });
        identity.tokens.insert(service, kept.clone());
        Ok(given(StatusCode::CREATED, &kept))
    }

    pub(super) fn update_token(&self, ask: &Ask) -> Refused {
        let token = ask.needed("token")?;
        let mut state = self.state();
        let identity = state.identity(ask.path("identity_id"))?;
        let kept = found(identity.tokens.get_mut(ask.path("service")), "Token not found")?;
        (kept["token"], kept["updated_at"]) = (token.into(), now().into());
        Ok(ok(kept))
    }

    pub(super) fn delete_token(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.identity(ask.path("identity_id"))?;
        found(identity.tokens.remove(ask.path("service")), "Token not found")?;
        Ok(done())
    }

    pub(super) fn list_limits(&self, ask: &Ask) -> Refused {
        let service = service(ask.path("service"))?;
        let state = self.state();
        let all = state.identities.iter().filter_map(|it| it.limits.get(&service)).cloned().collect();
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("limits")))
    }

    pub(super) fn limit(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.limited(ask.path("identity_id"))?;
        Ok(ok(found(identity.limits.get(&service(ask.path("service"))?), "Limit not found")?))
    }

    pub(super) fn create_limit(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.limited(ask.path("identity_id"))?;
        let service = service(&ask.needed("service")?)?;
        let amounts = amounts(ask);
        if amounts.is_empty() {
            return Err(bad("Missing param 'total_allowance'"));
        }
        let mut kept = Map::new();
        kept.insert("id".to_owned(), identity.id.clone().into());
        kept.insert("service".to_owned(), service.clone().into());
        kept.insert("total_allowance".to_owned(), Value::Null);
        kept.insert("analyze_queries".to_owned(), Value::Null);
        kept.extend(amounts);
        identity.limits.insert(service, kept.clone().into());
        Ok(given(StatusCode::CREATED, &kept.into()))
    }

    pub(super) fn update_limit(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.limited(ask.path("identity_id"))?;
        let kept = identity.limits.get_mut(&service(ask.path("service"))?);
        let kept = found(kept, "Limit not found")?;
        for (name, amount) in amounts(ask) {
            kept[name] = amount;
        }
        Ok(ok(kept))
    }

    pub(super) fn delete_limit(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let identity = state.limited(ask.path("identity_id"))?;
        found(identity.limits.remove(&service(ask.path("service"))?), "Limit not found")?;
        Ok(done())
    }
}

fn status(ask: &Ask) -> Refused<Option<String>> {
    match ask.text("status") {
        Some(status) if !["active", "disabled"].contains(&status.as_str()) => {
            Err(bad("status is invalid; valid values are: active,disabled"))
        }
        status => Ok(status),
    }
}

fn amounts(ask: &Ask) -> Vec<(String, Value)> {
    let names = ["total_allowance", "analyze_queries"];
    names.into_iter().filter_map(|name| Some((name.to_owned(), ask.number(name)?.into()))).collect()
}

impl State {
    fn identity(&mut self, id: &str) -> Refused<&mut Identity> {
        found(self.identities.iter_mut().find(|it| it.id == id), "Identity not found")
    }

    /// The same for limits, which look at the id first.
    fn limited(&mut self, id: &str) -> Refused<&mut Identity> {
        if !is_hash(id) {
            return Err(bad("identity_id must be a valid hash"));
        }
        self.identity(id)
    }

    pub(super) fn new_identity(&mut self, label: String, status: String, master: bool) -> Identity {
        let (id, api_key, created_at, updated_at) = (self.id(32), self.id(32), now(), now());
        let (tokens, limits) = Default::default();
        let identity = Identity { id, label, status, master, api_key, created_at, updated_at, tokens, limits };
        self.identities.push(identity.clone());
        identity
    }
}
