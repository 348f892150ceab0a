//! Push subscriptions, and what is pulled of them.

use std::collections::VecDeque;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{bad, done, ok},
    ask::{Ask, Refused, found},
    credits::put,
    state::{State, now},
};
use crate::answer::{Answer, bytes};

/// What subscriptions can deliver to.
const OUTPUTS: [&str; 17] = [
    "s3",
    "sftp",
    "ftp",
    "http",
    "dynamodb",
    "couchdb",
    "mongodb",
    "elasticsearch",
    "redis",
    "splunk",
    "splunkstorm",
    "splunkstormrest",
    "bigquery",
    "zoomdata",
    "precog",
    "mysql",
    "pull",
];

/// Interactions that a subscription keeps for who pulls.
const KEPT: usize = 10_000;

/// The most bytes that one pull gives.
const LARGEST_PULL: usize = 20 << 20;

/// A subscription.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub id: String,
    pub name: String,
    /// A stream's hash or a job's id.
    pub hash: String,
    pub is_historic: bool,
    pub output_type: String,
    pub output_params: Value,
    pub status: &'static str,
    pub created_at: i64,
    pub start: i64,
    pub end: Option<i64>,
    pub last_request: Option<i64>,
    /// Interactions by their number, which cursors are made of.
    pub queue: VecDeque<(u64, Value)>,
    /// The number that the next pull without a cursor begins with.
    pub next: u64,
    pub offered: u64,
    pub lost: bool,
}

impl Subscription {
    /// Keeps an interaction, if it is one that is pulled.
    pub fn offer(&mut self, data: &Value) {
        if self.status != "active" || self.output_type != "pull" {
            return;
        }
        self.offered += 1;
        self.queue.push_back((self.offered, data.clone()));
        if self.queue.len() > KEPT {
            self.queue.pop_front();
            self.lost = true;
        }
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "user_id": 12_345,
            "name": self.name,
            "created_at": self.created_at,
            "hash": self.hash,
            "hash_type": if self.is_historic { "historic" } else { "stream" },
            "output_type": self.output_type,
            "output_params": self.output_params,
            "status": self.status,
            "start": self.start,
            "end": self.end,
            "last_request": self.last_request,
            "last_success": self.last_request,
            "remaining_bytes": if self.output_type == "pull" { self.remaining().into() } else { Value::Null },
            "interaction_count": self.offered,
            "lost_data": self.lost,
        })
    }

    /// Bytes that wait to be pulled.
    fn remaining(&self) -> usize {
        let waiting = self.queue.iter().filter(|(number, _)| *number >= self.next);
        waiting.map(|(_, it)| it.to_string().len() + 1).sum()
    }

    fn cursor(&self, number: u64) -> String {
        super::state::md5(&format!("{} {number}", self.id)) + &format!("{number:08x}")
    }
}

impl Service {
    pub(super) fn validate_push(ask: &Ask) -> Refused {
        output(ask)?;
        Ok(ok(&json!({ "success": true, "message": "Validated successfully" })))
    }

    pub(super) fn create_push(&self, ask: &Ask) -> Refused {
        let (name, (output_type, output_params)) = (ask.needed("name")?, output(ask)?);
        let status = match ask.text("initial_status").as_deref() {
            None | Some("active") => "active",
            Some("paused") => "paused",
            Some("waiting_for_start") => "waiting_for_start",
            Some(_) => return Err(bad("initial_status is invalid; valid values are: active,paused,waiting_for_start")),
        };
        let mut state = self.state();
        let (hash, is_historic) = match (ask.text("hash"), ask.text("historics_id")) {
            (Some(hash), None) => {
                state.stream(&hash)?;
                (hash.to_lowercase(), false)
            }
            (None, Some(id)) => {
                state.historic(&id)?;
                (id, true)
            }
            _ => return Err(bad("Either hash or historics_id must be given, and not both")),
        };
        let (id, created_at) = (state.id(32), now());
        let (start, end) = (ask.number("start").unwrap_or(created_at), ask.number("end"));
        let subscription = Subscription {
            id,
            name,
            hash,
            is_historic,
            output_type,
            output_params,
            status,
            created_at,
            start,
            end,
            last_request: None,
            queue: VecDeque::new(),
            next: 1,
            offered: 0,
            lost: false,
        };
        let shown = ok(&subscription.shown());
        state.logged(&subscription.id, true, "The subscription was created");
        state.subscriptions.push(subscription);
        Ok(shown)
    }

    /// Pause, resume and stop.
    pub(super) fn turn_push(&self, ask: &Ask, to: &'static str) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        let subscription = state.subscription(&id)?;
        subscription.status = to;
        if to == "finishing" {
            subscription.end = Some(now());
        }
        let shown = subscription.shown();
        state.logged(&id, true, &format!("The subscription is {to}"));
        Ok(ok(&shown))
    }

    pub(super) fn update_push(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        let subscription = state.subscription(&id)?;
        if let Some(name) = ask.text("name") {
            subscription.name = name;
        }
        if let Some(Value::Object(fields)) = ask.json("output_params") {
            for (name, value) in fields {
                subscription.output_params[name] = value;
            }
        }
        Ok(ok(&subscription.shown()))
    }

    pub(super) fn delete_push(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let mut state = self.state();
        state.subscription(&id)?;
        state.subscriptions.retain(|it| it.id != id);
        Ok(done())
    }

    pub(super) fn push_log(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        if let Some(id) = ask.text("id") {
            state.subscription(&id)?;
        }
        let of = ask.text("id");
        let is_its = |it: &&Value| of.is_none() || it["subscription_id"].as_str() == of.as_deref();
        let mut all: Vec<Value> = state.push_log.iter().filter(is_its).cloned().collect();
        if ask.text("order_dir").as_deref() != Some("asc") {
            all.reverse();
        }
        let page = ask.page(all, "per_page", 20)?;
        // No pages here: the service never told them.
        Ok(ok(&json!({ "success": true, "count": page.count, "log_entries": page.items })))
    }

    pub(super) fn list_push(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        if let Some(id) = ask.text("id") {
            return Ok(ok(&state.subscription(&id)?.shown()));
        }
        let of = ask.text("hash").or_else(|| ask.text("historics_id"));
        let finished = ask.flag("include_finished") == Some(true);
        let is_meant =
            |it: &&Subscription| of.as_ref().is_none_or(|of| it.hash == *of) && (finished || it.status != "finishing");
        let mut all: Vec<Value> = state.subscriptions.iter().filter(is_meant).map(Subscription::shown).collect();
        if ask.text("order_dir").is_some_and(|it| it.eq_ignore_ascii_case("desc")) {
            all.reverse();
        }
        let page = ask.page(all, "per_page", 20)?;
        Ok(ok(&json!({ "count": page.count, "subscriptions": page.items })))
    }

    /// What is queued. A cursor of an earlier answer gives the same once more; without one it goes on.
    pub(super) fn pull(&self, ask: &Ask) -> Refused {
        let id = ask.needed("id")?;
        let size = ask.number("size").unwrap_or(LARGEST_PULL as i64);
        let Some(size) = usize::try_from(size).ok().filter(|it| *it > 0) else {
            return Err(bad("size must be a positive integer"));
        };
        let mut state = self.state();
        let subscription = state.subscription(&id)?;
        if subscription.output_type != "pull" {
            return Err(bad("The subscription is not of the output type pull"));
        }
        subscription.last_request = Some(now());
        let from = match ask.text("cursor") {
            None => subscription.next,
            Some(cursor) => {
                let number = cursor.get(32..).and_then(|it| u64::from_str_radix(it, 16).ok());
                let number = number.filter(|it| subscription.cursor(*it) == cursor);
                number.ok_or_else(|| bad("The cursor is not valid"))?
            }
        };
        let waiting = subscription.queue.iter().filter(|(number, _)| *number >= from);
        let (mut taken, mut length, mut next) = (vec![], 0, from);
        for (number, data) in waiting {
            let more = data.to_string().len() + 1;
            if !taken.is_empty() && length + more > size.min(LARGEST_PULL) {
                break;
            }
            length += more;
            next = number + 1;
            taken.push(data.clone());
        }
        subscription.next = next;
        let mut answer = pulled(subscription, &taken);
        put(&mut answer, "x-datasift-cursor-current", subscription.cursor(from));
        if !taken.is_empty() {
            put(&mut answer, "x-datasift-cursor-next", subscription.cursor(next));
            put(&mut answer, "x-datasift-bytes-remaining", subscription.remaining());
            put(&mut answer, "x-datasift-hash", &subscription.hash);
        }
        Ok(answer)
    }
}

fn pulled(subscription: &Subscription, taken: &[Value]) -> Answer {
    if taken.is_empty() {
        return bytes(StatusCode::NO_CONTENT, "application/json", "");
    }
    let format = subscription.output_params["format"].as_str().unwrap_or("json_new_line").to_owned();
    let mut answer = match format.as_str() {
        "json_array" => ok(&taken.into()),
        "json_meta" => ok(&json!({
            "count": taken.len(),
            "hash": subscription.hash,
            "hash_type": if subscription.is_historic { "historic" } else { "stream" },
            "id": subscription.id,
            "delivered_at": chrono::Utc::now().to_rfc2822(),
            "interactions": taken,
        })),
        _ => {
            let lines = taken.iter().fold(String::new(), |lines, it| lines + &format!("{it}\n"));
            bytes(StatusCode::OK, "application/ldjson", lines)
        }
    };
    put(&mut answer, "x-datasift-format", format);
    answer
}

/// Where a subscription delivers to.
fn output(ask: &Ask) -> Refused<(String, Value)> {
    let output = ask.needed("output_type")?;
    if !OUTPUTS.contains(&output.as_str()) {
        return Err(bad(&format!("output_type is invalid; valid values are: {}", OUTPUTS.join(","))));
    }
    let parameters = match ask.json("output_params") {
        Some(Value::Object(fields)) => fields.into(),
        None if output == "pull" => json!({}),
        Some(Value::Array(list)) if list.is_empty() => json!({}),
        _ => return Err(bad("Missing param 'output_params'")),
    };
    Ok((output, parameters))
}

impl State {
    pub(super) fn subscription(&mut self, id: &str) -> Refused<&mut Subscription> {
        let subscription = self.subscriptions.iter_mut().find(|it| it.id == id);
        found(subscription, "Push subscription not found")
    }

    pub(super) fn logged(&mut self, id: &str, success: bool, message: &str) {
        let (request_time, of) = (now(), id);
        self.push_log.push(
            json!({ "subscription_id": of, "request_time": request_time, "success": success, "message": message }),
        );
    }
}
