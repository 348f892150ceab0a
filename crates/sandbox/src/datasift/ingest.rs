//! The ingestion host: batches of one's own data, a JSON object a line.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Service,
    answer::{error, missing, ok},
    credits::Ingested,
    state::now,
};
use crate::answer::Answer;

/// The largest batch, in bytes.
const LARGEST: usize = 10 << 20;

impl Service {
    /// Takes a batch whole or not at all.
    pub(super) fn ingest(&self, source: &str, body: &[u8]) -> Answer {
        let now = now();
        let mut state = self.state();
        let requests = state.ingested[1].charge(1, now);
        let (size, mut answer) = match &requests {
            Err(_) => (0, error(StatusCode::TOO_MANY_REQUESTS, "Request rate limit exceeded")),
            Ok(_) if !state.sources.iter().any(|it| it.id == source) => (0, missing("Unknown user source")),
            Ok(_) if body.len() > LARGEST => (0, error(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large")),
            Ok(_) => match accepted(body) {
                Err(why) => (0, error(StatusCode::UNPROCESSABLE_ENTITY, &why)),
                Ok(count) => (body.len() as u64, ok(&json!({ "accepted": count, "total_message_bytes": body.len() }))),
            },
        };
        let data = state.ingested[0].charge(size, now);
        if data.is_err() {
            answer = error(StatusCode::TOO_MANY_REQUESTS, "Data rate limit exceeded");
        }
        data.unwrap_or_else(|it| it).told_in_ingestion(Ingested::Data, &mut answer);
        requests.unwrap_or_else(|it| it).told_in_ingestion(Ingested::Requests, &mut answer);
        answer
    }
}

/// How many objects a batch has; lines may end in CR LF.
fn accepted(body: &[u8]) -> Result<usize, String> {
    let mut count = 0;
    for (n, line) in body.split(|it| *it == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if serde_json::from_slice::<Map<String, Value>>(line).is_err() {
            return Err(format!("Line {} is not a valid JSON object", n + 1));
        }
        count += 1;
    }
    if count == 0 { Err("The request body is empty".to_owned()) } else { Ok(count) }
}
