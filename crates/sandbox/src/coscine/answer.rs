//! How Coscine answers: the envelope, pages, problems.

use http::StatusCode;
use serde_json::{Value, json};

pub(crate) use crate::answer::{Answer, ContractViolation, bytes, empty, json};

fn trace_id() -> String {
    format!("00-{:032x}-{:016x}-00", fastrand::u128(..), fastrand::u64(..))
}

/// `{data, isSuccess, statusCode, traceId}`.
pub(crate) fn data(status: StatusCode, data: &Value) -> Answer {
    let envelope = json!({ "data": data, "isSuccess": true, "statusCode": status.as_u16(), "traceId": trace_id() });
    bytes(status, "application/json; charset=utf-8", envelope.to_string())
}

pub(crate) fn ok(value: &Value) -> Answer {
    data(StatusCode::OK, value)
}

/// One page of a list; `PageSize` is 10 unless told, and at most `largest`.
pub(crate) fn page(query: &[(String, String)], items: Vec<Value>, largest: usize) -> Answer {
    json(StatusCode::OK, &envelope_of_page(query, items, largest))
}

pub(crate) fn envelope_of_page(query: &[(String, String)], items: Vec<Value>, largest: usize) -> Value {
    let number = |name: &str| {
        let given = query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        given.and_then(|(_, value)| value.parse::<usize>().ok()).filter(|n| *n > 0)
    };
    let (page, size) = (number("PageNumber").unwrap_or(1), number("PageSize").unwrap_or(10).min(largest));
    let total = items.len();
    let pages = total.div_ceil(size);
    let items: Vec<Value> = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    json!({
        "data": items, "isSuccess": true, "statusCode": 200, "traceId": trace_id(),
        "pagination": {
            "currentPage": page, "totalPages": pages, "pageSize": size, "totalCount": total,
            "hasPrevious": page > 1, "hasNext": page < pages,
        },
    })
}

/// A problem (RFC 9457), as ASP.NET tells it.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Answer {
    let problem = json!({
        "type": format!("https://tools.ietf.org/html/rfc9110#section-15.{}", status.as_u16()),
        "title": status.canonical_reason(), "status": status.as_u16(), "detail": detail, "traceId": trace_id(),
    });
    bytes(status, "application/problem+json; charset=utf-8", problem.to_string())
}

pub(crate) fn bad(detail: &str) -> Answer {
    problem(StatusCode::BAD_REQUEST, detail)
}

pub(crate) fn missing(what: &str) -> Answer {
    problem(StatusCode::NOT_FOUND, &format!("{what} could not be found."))
}

pub(crate) fn forbidden() -> Answer {
    problem(StatusCode::FORBIDDEN, "The user is not authorized to do that.")
}
