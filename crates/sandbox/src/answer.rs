//! Answers, whatever the service.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use crate::Body;

pub(crate) type Answer = Response<Body>;

/// What went against the document in a request; for the report.
#[derive(Clone, Debug)]
pub(crate) struct ContractViolation(pub Vec<String>);

pub(crate) fn bytes(status: StatusCode, media: &'static str, content: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(content.into()).map_err(|never| match never {}).boxed_unsync());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    answer
}

pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(crate::no_body());
    *answer.status_mut() = status;
    answer
}

pub(crate) fn json(status: StatusCode, value: &Value) -> Answer {
    bytes(status, "application/json; charset=utf-8", value.to_string())
}

pub(crate) fn html(page: &'static str) -> Answer {
    bytes(StatusCode::OK, "text/html", page)
}
