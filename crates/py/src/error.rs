//! What failed, as an exception of `whimbrel.errors`.
//!
//! The classes are Python's own (`python/whimbrel/errors.py`), so that they carry attributes, have two bases, and pickle.

use pyo3::{intern, prelude::*, types::PyDict};
use whimbrel::{Error, Kind, cocaine, printable};

/// A failure of the SDK, raised. It is made where Python is held anyway.
pub(crate) fn raised(error: Error) -> PyErr {
    Python::attach(|py| made(py, &error).unwrap_or_else(|e| e))
}

pub(crate) fn made(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = match error.kind() {
        Kind::NotFound => intern!(py, "NotFoundError"),
        Kind::Unauthenticated => intern!(py, "AuthenticationError"),
        Kind::Forbidden => intern!(py, "ForbiddenError"),
        Kind::Invalid => intern!(py, "InvalidError"),
        Kind::Conflict => intern!(py, "ConflictError"),
        Kind::RateLimited => intern!(py, "RateLimitedError"),
        Kind::QuotaExceeded => intern!(py, "QuotaExceededError"),
        Kind::Unavailable => intern!(py, "UnavailableError"),
        Kind::Timeout => intern!(py, "TimeoutError"),
        Kind::Partial => intern!(py, "PartialError"),
        Kind::Io => intern!(py, "LocalError"),
        _ => intern!(py, "UnexpectedError"),
    };
    let told = PyDict::new(py);
    told.set_item("status", error.status().map(|it| it.as_u16()))?;
    told.set_item("operation", error.operation())?;
    told.set_item("request_id", error.trace_id())?;
    told.set_item("retryable", error.is_retryable())?;
    told.set_item("ambiguous", error.is_ambiguous())?;
    told.set_item("retry_after", error.retry_after().map(|it| it.as_secs_f64()))?;
    told.set_item("attempts", error.attempts())?;
    told.set_item("object", error.object())?;
    let findings: Vec<_> = error.findings().iter().map(ToString::to_string).collect();
    told.set_item("findings", findings)?;
    if let Some(cause) = cocaine::cause(error) {
        told.set_item("service", cause.service().map(printable))?;
        told.set_item("_went", went(cause.kind()))?;
        if let Some((category, code)) = cause.code() {
            told.set_item("category", category.0)?;
            told.set_item("code", code)?;
            told.set_item("reason", printable(cause.message()))?;
        }
    }
    let raised = py.import(intern!(py, "whimbrel.errors"))?.getattr(class)?.call((error.to_string(),), Some(&told))?;
    Ok(PyErr::from_value(raised))
}

/// What went wrong with a call of Cocaine's, for its old names, which tell more apart.
fn went(kind: cocaine::rpc::Kind) -> &'static str {
    match kind {
        cocaine::rpc::Kind::Connect => "connect",
        cocaine::rpc::Kind::Disconnected => "disconnected",
        cocaine::rpc::Kind::Protocol => "protocol",
        cocaine::rpc::Kind::Service { .. } => "service",
        cocaine::rpc::Kind::NoSuchMethod => "method",
        cocaine::rpc::Kind::Timeout => "timeout",
        cocaine::rpc::Kind::TooSlow => "slow",
        _ => "invalid",
    }
}

/// What keeps a program from running: no token, a file that can't be read.
pub(crate) fn refused(failure: cli::Failure) -> PyErr {
    match failure {
        cli::Failure::Sdk(error) => raised(*error),
        cli::Failure::NoToken(why) => raised(Error::new(Kind::Unauthenticated, why)),
        other => raised(Error::invalid(other.to_string())),
    }
}

/// There is nothing that proves who asks. `is_lost`: it was given in another process, and did not come along.
pub(crate) fn unproven(why: &str, is_lost: bool) -> PyErr {
    let lost = match is_lost {
        true => {
            "this client was made in another process; a token or a password is never sent along with one, so it is looked \
             for here. "
        }
        false => "",
    };
    raised(Error::new(Kind::Unauthenticated, format!("{lost}{why}")))
}
