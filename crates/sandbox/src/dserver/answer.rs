//! How dserver answers: its JWT layer in `{"msg"}`, all else in `{"code", "status"}` and what is to be added.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::answer::{Answer, bytes};

pub(super) fn json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = bytes(status, "application/json", format!("{value}\n"));
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("X-Pagination"));
    answer
}

pub(super) fn ok(value: &Value) -> Answer {
    json(StatusCode::OK, value)
}

/// A write that says no more than that it was done: JSON's empty string.
pub(super) fn done(status: StatusCode) -> Answer {
    json(status, &"".into())
}

/// The JWT layer's word.
pub(super) fn told(status: StatusCode, message: &str) -> Answer {
    json(status, &json!({ "msg": message }))
}

/// flask-smorest's word.
pub(super) fn problem(status: StatusCode) -> Answer {
    json(status, &described(status))
}

/// The same with a message.
pub(super) fn message(status: StatusCode, message: &str) -> Answer {
    let mut problem = described(status);
    problem["message"] = message.into();
    json(status, &problem)
}

/// The same with what is wrong of the request, by the place where it stands: `json` or `query`.
pub(super) fn invalid(status: StatusCode, place: &str, errors: Value) -> Answer {
    let mut problem = described(status);
    problem["errors"] = json!({ place: errors });
    json(status, &problem)
}

fn described(status: StatusCode) -> Value {
    // Werkzeug still calls it by its old name.
    let reason = match status {
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Entity",
        status => status.canonical_reason().unwrap_or_default(),
    };
    json!({ "code": status.as_u16(), "status": reason })
}
