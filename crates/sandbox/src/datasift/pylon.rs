//! Recordings of PYLON: they are started and stopped, analysed and sampled.

use std::collections::VecDeque;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{bad, done, error, ok},
    ask::{Ask, Refused, found, is_hash},
    state::{State, now},
};

/// Interactions that a recording keeps to be sampled.
const SAMPLED: usize = 100;

/// A recording.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub id: String,
    pub service: String,
    pub hash: String,
    pub name: String,
    pub status: &'static str,
    pub start: i64,
    pub end: Option<i64>,
    pub volume: u64,
    pub identity: Option<String>,
    pub kept: VecDeque<Value>,
}

impl Recording {
    /// Records an interaction, as long as it runs.
    pub fn offer(&mut self, data: &Value) {
        if self.status != "running" {
            return;
        }
        self.volume += 1;
        self.kept.push_back(data.clone());
        if self.kept.len() > SAMPLED {
            self.kept.pop_front();
        }
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "hash": self.hash,
            "name": self.name,
            "status": self.status,
            "volume": self.volume,
            "start": self.start,
            "end": self.end,
            "identity_id": self.identity,
            "reached_capacity": false,
            "remaining_index_capacity": 1_000_000_u64.saturating_sub(self.volume),
            "remaining_account_capacity": 1_000_000_u64.saturating_sub(self.volume),
        })
    }
}

/// Targets whose values the service lists.
const REFERENCES: [(&str, &str, [&str; 3]); 2] = [
    ("countries", "Countries", ["Germany", "Portugal", "Wales"]),
    ("industries", "Industries", ["Education", "Fishery", "Tourism"]),
];

impl Ask {
    /// What names a recording: its id, and until v1.2 the stream's hash.
    pub(super) fn recording(&self) -> Refused<String> {
        match self.text("id").or_else(|| self.text("hash")) {
            Some(id) if id.bytes().all(|it| it.is_ascii_hexdigit()) && id.len() >= 32 => Ok(id),
            Some(_) | None if self.version <= 2 => Err(bad("hash must be a valid hash")),
            Some(_) => Err(bad("id must be a valid hash")),
            None => Err(bad("Missing param 'id'")),
        }
    }
}

impl Service {
    pub(super) fn start_recording(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let answer = |id: String, version| match version {
            0..=2 => done(),
            _ => ok(&json!({ "id": id })),
        };
        if let Some(id) = ask.text("id") {
            let recording = state.recording(&id)?;
            if recording.status == "running" {
                return Err(error(StatusCode::CONFLICT, "Subscription already running"));
            }
            (recording.status, recording.end) = ("running", None);
            return Ok(answer(id, ask.version));
        }
        let hash = ask.text("hash").filter(|it| is_hash(it)).ok_or_else(|| bad("hash must be a valid hash"))?;
        state.stream(&hash)?;
        let name = ask.needed("name")?;
        let identity = match &ask.who {
            super::ask::Who::Account => None,
            super::ask::Who::Identity(id) => Some(id.clone()),
        };
        let (id, service, hash) = (state.id(40), service(ask), hash.to_lowercase());
        let (status, start, end, volume, kept) = ("running", now(), None, 0, VecDeque::new());
        state.recordings.push(Recording {
            id: id.clone(),
            service,
            hash,
            name,
            status,
            start,
            end,
            volume,
            identity,
            kept,
        });
        Ok(answer(id, ask.version))
    }

    pub(super) fn stop_recording(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let recording = state.recording(&ask.recording()?)?;
        if recording.status != "running" {
            return Err(error(StatusCode::CONFLICT, "Subscription not running"));
        }
        (recording.status, recording.end) = ("stopped", Some(now()));
        Ok(done())
    }

    pub(super) fn update_recording(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        if let Some(hash) = ask.text("hash") {
            state.stream(&hash)?;
        }
        let recording = state.recording(&id)?;
        recording.name = ask.text("name").unwrap_or(std::mem::take(&mut recording.name));
        recording.hash = ask.text("hash").unwrap_or(std::mem::take(&mut recording.hash));
        Ok(done())
    }

    pub(super) fn recordings(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        if ask.given.contains_key("id") || ask.given.contains_key("hash") {
            return Ok(ok(&state.recording(&ask.recording()?)?.shown()));
        }
        let service = service(ask);
        let is_meant = |it: &&Recording| it.service == service;
        let mut all: Vec<Value> = state.recordings.iter().filter(is_meant).map(Recording::shown).collect();
        if !ask.text("order_dir").is_some_and(|it| it.eq_ignore_ascii_case("asc")) {
            all.reverse();
        }
        if ask.version == 0 {
            return Ok(ok(&all.into()));
        }
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("subscriptions")))
    }

    pub(super) fn analyze(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let recording = state.recording(&ask.recording()?)?;
        let Some(parameters @ Value::Object(_)) = ask.json("parameters") else {
            return Err(bad("Missing param 'parameters'"));
        };
        analysis(recording, &parameters).map(|it| ok(&it))
    }

    pub(super) fn tags(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        state.recording(&ask.recording()?)?;
        Ok(ok(&json!(["interaction.tag_tree.size", "interaction.tag_tree.habitat"])))
    }

    pub(super) fn sample(&self, ask: &Ask) -> Refused {
        let count = ask.number("count").unwrap_or(10).clamp(1, 100);
        let mut state = self.state();
        let recording = state.recording(&ask.recording()?)?;
        let interactions: Vec<Value> =
            recording.kept.iter().take(usize::try_from(count).unwrap_or(10)).cloned().collect();
        let remaining = SAMPLED - interactions.len();
        Ok(ok(&json!({ "remaining": remaining, "reset_at": now() + 3600, "interactions": interactions })))
    }

    pub(super) fn references(ask: &Ask) -> Refused {
        let shown = |(slug, name, _): &(&str, &str, [&str; 3])| json!({ "slug": slug, "name": name, "description": format!("{name} as the service calls them") });
        let all = REFERENCES.iter().map(shown).collect();
        Ok(ok(&ask.page(all, "per_page", 20)?.envelope("data")))
    }

    pub(super) fn reference(ask: &Ask) -> Refused {
        let slug = ask.path("slug");
        let (_, _, values) = found(REFERENCES.iter().find(|(it, ..)| *it == slug), "Reference data not found")?;
        let values: Vec<_> = values.iter().map(|it| json!({ "title": it, "value": it.to_lowercase() })).collect();
        Ok(ok(&json!({ "count": values.len(), "values": values })))
    }
}

/// Of paths without a service, it is the first there was.
fn service(ask: &Ask) -> String {
    match ask.path("service") {
        "" => "facebook".to_owned(),
        service => service.to_owned(),
    }
}

/// What an analysis of a recording gives: numbers that follow from how much it holds.
pub(super) fn analysis(recording: &Recording, asked: &Value) -> Refused<Value> {
    let (kind, parameters) = (asked["analysis_type"].as_str().unwrap_or_default(), &asked["parameters"]);
    let volume = recording.volume.max(1200);
    let row = |key: Value, part: u64| {
        let mut row = json!({ "key": key, "interactions": volume / part, "unique_authors": volume / part / 2 });
        if asked["child"].is_object() {
            row["child"] = analysis(recording, &asked["child"]).unwrap_or_default()["analysis"].take();
        }
        row
    };
    let results: Vec<Value> = match kind {
        "freqDist" => {
            let threshold = parameters["threshold"].as_u64().unwrap_or(10).clamp(1, 200);
            (1..=threshold.min(3)).map(|n| row(format!("value {n}").into(), n + 1)).collect()
        }
        "timeSeries" => {
            let first = recording.start - recording.start.rem_euclid(3600);
            (0..3_u64).map(|n| row((first + 3600 * n as i64).into(), n + 2)).collect()
        }
        _ => return Err(bad("analysis_type is invalid; valid values are: freqDist,timeSeries")),
    };
    let analysis = json!({ "analysis_type": kind, "parameters": parameters, "results": results, "redacted": false });
    Ok(json!({ "interactions": volume, "unique_authors": volume / 2, "analysis": analysis }))
}

impl State {
    /// By id, or by the stream's hash as until v1.2.
    pub(super) fn recording(&mut self, id: &str) -> Refused<&mut Recording> {
        let recording = self.recordings.iter_mut().rev().find(|it| it.id == id || it.hash == id);
        found(recording, "Subscription not found")
    }
}
