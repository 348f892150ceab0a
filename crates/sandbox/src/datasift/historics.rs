//! Historics and their previews: what was, found anew.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Service,
    answer::{bad, done, given, missing, ok},
    ask::{Ask, Refused, found},
    live::made_up,
    state::{State, now, php_empty},
};

/// A job.
#[derive(Clone, Debug)]
pub(super) struct Historic {
    pub id: String,
    pub hash: String,
    pub name: String,
    pub start: i64,
    pub end: i64,
    pub sources: Vec<Value>,
    pub sample: i64,
    pub status: &'static str,
    pub progress: u64,
    pub created_at: i64,
    pub delivered: u64,
}

impl Historic {
    fn shown(&self, with_estimate: bool) -> Value {
        let mut shown = json!({
            "id": self.id,
            "definition_id": self.hash,
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "created_at": self.created_at,
            "status": self.status,
            "progress": self.progress,
            "sources": self.sources,
            "sample": self.sample,
            "delivery_count": self.delivered,
        });
        if with_estimate {
            shown["estimated_completion"] = if self.progress == 100 { 0 } else { now() + 60 }.into();
        }
        shown
    }
}

/// What a job would find.
#[derive(Clone, Debug)]
pub(super) struct Preview {
    pub id: String,
    pub hash: String,
    pub start: i64,
    pub end: i64,
    pub sources: String,
    pub parameters: String,
    pub created_at: i64,
    /// How often it was looked at: it is done at the second time.
    pub looks: u64,
}

impl Service {
    pub(super) fn prepare_historics(&self, ask: &Ask) -> Refused {
        let (hash, name) = (ask.needed("hash")?, ask.needed("name")?);
        let (start, end) = (ask.needed_number("start")?, ask.needed_number("end")?);
        let sources = ask.needed_list("sources")?;
        let sample = ask.number("sample").unwrap_or(100);
        if start >= end {
            return Err(bad("The start time must be before the end time"));
        }
        if ![10, 100].contains(&sample) {
            return Err(bad("sample is invalid; valid values are: 10,100"));
        }
        let mut state = self.state();
        state.stream(&hash)?;
        let id = state.id(20);
        let availability = json!({ "start": start, "end": end, "sources": available(&sources) });
        let (status, progress, created_at, delivered) = ("init", 0, now(), 0);
        let hash = hash.to_lowercase();
        let historic = Historic {
            id: id.clone(),
            hash,
            name,
            start,
            end,
            sources,
            sample,
            status,
            progress,
            created_at,
            delivered,
        };
        state.historics.push(historic);
        let answer = json!({ "dpus": null, "id": id, "availability": availability });
        Ok(given(StatusCode::ACCEPTED, &answer))
    }

    /// Start, stop, pause and resume.
    pub(super) fn turn_historics(&self, ask: &Ask, from: &[&str], to: &'static str) -> Refused {
        let mut state = self.state();
        let job = state.historic(&ask.needed("id")?)?;
        if !from.contains(&job.status) {
            let told = format!("The historic is {} and cannot become {to}", job.status);
            return Err(super::answer::error(StatusCode::CONFLICT, &told));
        }
        job.status = to;
        Ok(done())
    }

    pub(super) fn update_historics(&self, ask: &Ask) -> Refused {
        let (id, name) = (ask.needed("id")?, ask.needed("name")?);
        self.state().historic(&id)?.name = name;
        Ok(done())
    }

    pub(super) fn delete_historics(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        let before = state.historics.len();
        state.historics.retain(|it| it.id != id);
        if state.historics.len() == before {
            return Err(missing(&format!("No historics found with the ID {id} ")));
        }
        Ok(done())
    }

    pub(super) fn historics_status(ask: &Ask) -> Refused {
        let (start, end) = (ask.needed_number("start")?, ask.needed_number("end")?);
        let sources = ask.list("sources").unwrap_or_else(|| vec!["sandbox".into()]);
        // As it was seen: the start in digits, the end as a number.
        Ok(ok(&json!([{ "start": start.to_string(), "end": end, "sources": available(&sources) }])))
    }

    pub(super) fn list_historics(&self, ask: &Ask) -> Refused {
        let with_estimate = ask.flag("with_estimate") == Some(true);
        let mut state = self.state();
        if let Some(id) = ask.text("id") {
            state.advance(&id);
            return Ok(ok(&state.historic(&id)?.shown(with_estimate)));
        }
        let all = state.historics.iter().rev().map(|it| it.shown(with_estimate)).collect();
        let page = ask.page(all, "max", 20)?;
        Ok(ok(&json!({ "count": page.count, "data": page.items })))
    }

    pub(super) fn create_preview(&self, ask: &Ask) -> Refused {
        let (hash, start) = (ask.needed("hash")?, ask.needed_number("start")?);
        let end = ask.number("end").unwrap_or_else(|| (start + 86_400).min(now() - 3600));
        let (sources, parameters) = (ask.needed("sources")?, ask.needed("parameters")?);
        let mut state = self.state();
        state.stream(&hash)?;
        let (id, created_at, hash) = (state.id(32), now(), hash.to_lowercase());
        state.previews.push(Preview { id: id.clone(), hash, start, end, sources, parameters, created_at, looks: 0 });
        Ok(given(StatusCode::ACCEPTED, &json!({ "id": id, "created_at": created_at })))
    }

    /// 202 as long as it is not done.
    pub(super) fn preview(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        let preview = state.previews.iter_mut().find(|it| it.id == id);
        let preview = found(preview, &format!("No preview found with the ID {id}"))?;
        preview.looks += 1;
        let is_done = preview.looks > 1;
        let (progress, status) = if is_done { (100, "succeeded") } else { (0, "queued") };
        let mut shown = Map::new();
        for (name, value) in [
            ("id", json!(preview.id)),
            ("name", json!(format!("preview {}", preview.id))),
            ("created_at", json!(preview.created_at)),
            ("start", json!(preview.start)),
            ("end", json!(preview.end)),
            ("status", json!(status)),
            ("progress", json!(progress)),
            ("feeds", json!(preview.sources)),
            ("sample", json!(100)),
            ("parameters", json!(preview.parameters)),
            ("hash", json!(preview.hash)),
            ("user", json!(super::USER)),
        ] {
            shown.insert(name.to_owned(), value);
        }
        if !is_done {
            return Ok(given(StatusCode::ACCEPTED, &shown.into()));
        }
        shown.insert("data".to_owned(), preview.parameters.split(';').map(analysed).collect());
        Ok(ok(&shown.into()))
    }
}

/// One of the analyses of a preview: `target,analysis,argument`.
fn analysed(parameters: &str) -> Value {
    let mut parts = parameters.split(',');
    let (target, analysis) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("targetVol"));
    let argument = parts.next().unwrap_or("hour");
    match analysis {
        "freqDist" | "wordCount" => {
            let threshold: u32 = argument.parse().unwrap_or(5);
            json!({ "target": target, "analysis": analysis, "threshold": threshold, "output": { "curlew": 12, "sand": 7 } })
        }
        _ => json!({ "target": target, "analysis": analysis, "interval": argument, "output": php_empty() }),
    }
}

fn available(sources: &[Value]) -> Value {
    let status = json!({ "status": 99, "versions": [3], "augmentations": { "language": "100", "trends": "80" } });
    sources.iter().filter_map(Value::as_str).map(|it| (it.to_owned(), status.clone())).collect::<Map<_, _>>().into()
}

impl State {
    pub(super) fn historic(&mut self, id: &str) -> Refused<&mut Historic> {
        let job = self.historics.iter_mut().find(|it| it.id == id);
        found(job, &format!("No historic found with the ID {id} "))
    }

    /// A job goes on by being looked at: queued, running, done; then what it found lies in the queues of those who wait.
    fn advance(&mut self, id: &str) {
        let Ok(job) = self.historic(id) else { return };
        (job.status, job.progress) = match (job.status, job.progress) {
            ("queued", _) => ("running", 50),
            ("running", _) => ("succeeded", 100),
            other => other,
        };
        if job.status != "succeeded" || job.delivered > 0 {
            return;
        }
        job.delivered = 3;
        let (hash, start) = (job.hash.clone(), job.start);
        let word = self.streams.get(&hash).map_or_else(String::new, |it| it.word.clone());
        for n in 0..3 {
            let number = self.number();
            let at = chrono::DateTime::from_timestamp(start + n, 0).unwrap_or_default();
            let data = made_up(number, &word, at);
            for subscription in self.subscriptions.iter_mut().filter(|it| it.hash == id) {
                subscription.offer(&data);
            }
        }
    }
}
