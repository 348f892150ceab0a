use tower::ServiceExt as _;
use tracing::{Instrument as _, Span, field};

use super::{Around, CacheStatus, Next};
use crate::{Call, Operation, Request, Result};

/// One `tracing` span a call, with the names that OpenTelemetry gives to HTTP clients.
///
/// It holds the path's template and never the path, no query, no header: names of files and secrets in queries stay out
/// of logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trace;

impl Around for Trace {
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send {
        async move {
            let operation = Operation::of(&request);
            let span = tracing::info_span!(
                "http.client",
                otel.name = operation.map_or("", |it| it.id),
                otel.kind = "client",
                http.request.method = request.method().as_str(),
                server.address = request.uri().host().unwrap_or_default(),
                server.port = request.uri().port_u16(),
                url.template = operation.map_or("", |it| it.path),
                http.response.status_code = field::Empty,
                http.request.resend_count = field::Empty,
                cache.status = field::Empty,
                error.type = field::Empty,
            );
            if span.is_disabled() {
                return next.oneshot(request).await;
            }
            let call = Call::of(&request);
            let before = call.attempts();
            let result = next.oneshot(request).instrument(span.clone()).await;
            record(&span, &result, (call.attempts() - before).saturating_sub(1));
            result
        }
    }
}

fn record(span: &Span, result: &Result, resent: u32) {
    span.record("http.request.resend_count", resent);
    match result {
        Ok(answer) => {
            if let Some(status) = answer.extensions().get::<CacheStatus>() {
                span.record("cache.status", field::debug(status));
            }
            span.record("http.response.status_code", answer.status().as_u16());
            tracing::info!(parent: span, "answered");
        }
        Err(error) => {
            span.record("error.type", field::debug(error.kind()));
            tracing::info!(parent: span, %error, "failed");
        }
    }
}
