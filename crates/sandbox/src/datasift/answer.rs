//! How DataSift answers: JSON, an envelope for errors, an empty page for what is done.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, bytes};

pub(super) fn ok(value: &Value) -> Answer {
    given(StatusCode::OK, value)
}

pub(super) fn given(status: StatusCode, value: &Value) -> Answer {
    bytes(status, "application/json", value.to_string())
}

/// 204: the service called an empty answer a page.
pub(super) fn done() -> Answer {
    bytes(StatusCode::NO_CONTENT, "text/html", "")
}

pub(super) fn error(status: StatusCode, text: &str) -> Answer {
    given(status, &json!({ "error": text }))
}

pub(super) fn bad(text: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, text)
}

pub(super) fn missing(text: &str) -> Answer {
    error(StatusCode::NOT_FOUND, text)
}
