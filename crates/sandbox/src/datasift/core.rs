//! Streams as definitions: validate, compile, what they cost and have cost, and the buffer of the last interactions.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Service,
    answer::{bad, given, ok},
    ask::{Ask, Refused},
    state::{State, dpu, php_empty},
};
use crate::answer::Answer;
use http::StatusCode;

impl Service {
    /// `validate` and `compile`, for streams and for recordings.
    pub(super) fn definition(&self, ask: &Ask, compiles: bool, is_pylon: bool) -> Refused {
        let csdl = match ask.given.get("csdl") {
            Some(Value::String(csdl)) => csdl.clone(),
            Some(_) => return Err(bad("csdl must be a string")),
            None => return Err(bad("Missing param 'csdl'")),
        };
        let mut state = self.state();
        let read = super::csdl::read(&csdl).map_err(|it| bad(&it.text()))?;
        let hash = if compiles { Some(state.compile(&csdl).map_err(|told| bad(&told))?) } else { None };
        let at = hash.as_ref().and_then(|hash| Some(state.streams.get(hash)?.created_at));
        let at = at.and_then(|at| DateTime::from_timestamp(at, 0)).unwrap_or_else(Utc::now);
        // The first version wrote an epoch in digits for recordings.
        let created_at = match is_pylon && ask.version == 0 {
            true => at.timestamp().to_string(),
            false => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        };
        let mut answer = Map::new();
        answer.extend(hash.map(|hash| ("hash".to_owned(), hash.into())));
        answer.insert("created_at".to_owned(), created_at.into());
        answer.insert("dpu".to_owned(), dpu(read.predicates.len()).to_string().into());
        Ok(ok(&answer.into()))
    }

    pub(super) fn usage(&self, ask: &Ask) -> Refused {
        let period = ask.text("period").unwrap_or_else(|| "hour".to_owned());
        let span = match period.as_str() {
            "hour" | "current" => TimeDelta::hours(1),
            "day" => TimeDelta::days(1),
            _ => return Err(bad("period is invalid; valid values are: hour,day,current")),
        };
        let now = Utc::now();
        let state = self.state();
        let mut streams = Map::new();
        for (hash, stream) in &state.streams {
            if stream.buffer.is_empty() {
                continue;
            }
            let seconds = (now.timestamp() - stream.created_at).clamp(1, span.num_seconds());
            // Nothing of a licence is an empty list, as PHP has it.
            let licenses = match state.subscriptions.iter().any(|it| it.hash == *hash) {
                true => json!({ "interaction": stream.buffer.len() }),
                false => php_empty(),
            };
            streams.insert(hash.clone(), json!({ "licenses": licenses, "seconds": seconds }));
        }
        let streams = if streams.is_empty() && ask.version == 0 { php_empty() } else { streams.into() };
        Ok(ok(&json!({ "start": (now - span).to_rfc2822(), "end": now.to_rfc2822(), "streams": streams })))
    }

    pub(super) fn dpu(&self, ask: &Ask) -> Refused {
        let state = self.state();
        if let Some(hash) = ask.text("hash") {
            let Some(stream) = state.streams.get(&hash.to_lowercase()) else { return Err(no_dpu(&hash)) };
            let mut detail = Map::new();
            for (target, operator) in &stream.predicates {
                let entry = detail.entry(operator).or_insert_with(|| json!({ "count": 0, "dpu": 0.0, "targets": {} }));
                let count = entry["count"].as_u64().unwrap_or_default() + 1;
                (entry["count"], entry["dpu"]) = (count.into(), dpu(usize::try_from(count).unwrap_or(1)).into());
                let same = entry["targets"][target]["count"].as_u64().unwrap_or_default() + 1;
                entry["targets"][target] = json!({ "count": same, "dpu": dpu(usize::try_from(same).unwrap_or(1)) });
            }
            return Ok(ok(&json!({ "detail": detail, "dpu": dpu(stream.predicates.len()) })));
        }
        match ask.text("historics_id") {
            // What a job costs is not known before it has run.
            Some(id) if state.historics.iter().any(|it| it.id == id) => {
                Ok(ok(&json!({ "detail": php_empty(), "dpu": null })))
            }
            Some(id) => Err(no_dpu(&id)),
            None => Err(no_dpu("")),
        }
    }

    pub(super) fn balance() -> Answer {
        ok(&json!({ "balance": { "credit": 249_993.7, "plan": "enterprise", "cost": 0, "remaining_dpus": 249_993.7 } }))
    }

    pub(super) fn buffered(&self, ask: &Ask) -> Refused {
        let hash = ask.needed("hash")?;
        let count = ask.number("count").unwrap_or(20).clamp(1, 200);
        let mut state = self.state();
        let buffer = &state.stream(&hash)?.buffer;
        let after = ask.text("interaction_id");
        let is_after = |it: &&Value| it["interaction"]["id"].as_str().map(str::to_owned) == after;
        let skip = buffer.iter().rev().position(|it| is_after(&it)).map_or(0, |at| buffer.len() - at);
        let count = usize::try_from(count).unwrap_or(20);
        let skip = skip.max(buffer.len().saturating_sub(count));
        let stream: Vec<Value> = buffer.iter().skip(skip).cloned().collect();
        Ok(ok(&json!({ "hash": hash, "count": stream.len(), "stream": stream })))
    }
}

/// The service tells what it heard within.
fn no_dpu(what: &str) -> Answer {
    let original = State::no_definition(what);
    given(StatusCode::BAD_REQUEST, &json!({ "error": "Unable to get DPU [400]", "original_error": original }))
}

impl State {
    fn no_definition(what: &str) -> String {
        format!("There is no definition {what:?}")
    }
}
