//! One error type for every service: what failed, on which object, why as far as the server told, what to do.

use std::{error::Error as StdError, fmt, time::Duration};

use http::{HeaderMap, StatusCode};
use middleware::{Call, Operation};
use raw::ResponseValue;

use crate::datasift::credits;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not do what was asked.
///
/// Ask [`Error::kind`] or one of the `is_*` methods what to do next; [`fmt::Display`] is one line for people.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: String,
    about: Option<String>,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    trace_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
    maybe_done: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure it is: one for each thing that a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// There is no such thing, or not for this user.
    NotFound,
    /// The token is missing, wrong or expired (401).
    Unauthenticated,
    /// The token is good, but its user may not do this (403).
    Forbidden,
    /// An argument, a name, a file's metadata: refused here before anything was sent, or by the server (400, 422).
    Invalid,
    /// It is there already, or has changed in between (409, 412).
    Conflict,
    /// Too many requests, past the call's deadline (429).
    RateLimited,
    /// The storage quota leaves no room (413, 507).
    QuotaExceeded,
    /// The server could not be reached, broke off, or is not well (5xx).
    Unavailable,
    /// The call's time was over.
    Timeout,
    /// Some of many things failed; the others are done.
    Partial,
    /// The local file system.
    Io,
    /// An answer that the service's description does not know.
    Unexpected,
}

impl Error {
    /// An error of `kind`, told in one line.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            about: None,
            operation: None,
            status: None,
            trace_id: None,
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            maybe_done: false,
            source: None,
        }))
    }

    /// An argument that can't be right.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// The file system's error on a local path.
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        let message = match source.kind() {
            std::io::ErrorKind::StorageFull => "no space left on the disk; free some and run it again".to_owned(),
            std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => source.to_string(),
        };
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            _ => Kind::Io,
        };
        Self::new(kind, message).about(path.display().to_string()).with_source(source)
    }

    /// The same, naming what it happened to; the first name given stays.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.0.about.get_or_insert_with(|| object.into());
        self
    }

    /// The same with one more thing that may be done about it.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        self.0.message += &format!("; {hint}");
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same of what may have been done all the same.
    pub(crate) fn maybe_done(mut self) -> Self {
        self.0.maybe_done = true;
        self
    }

    /// The same error once more, findings and all, but for the other [`source`](StdError::source)s.
    pub(crate) fn again(&self) -> Self {
        let findings = self.findings();
        let source = (!findings.is_empty()).then(|| Findings(findings.to_vec()).into());
        let Inner { message, about, trace_id, .. } = &*self.0;
        let (message, about, trace_id) = (message.clone(), about.clone(), trace_id.clone());
        Self(Box::new(Inner { message, about, trace_id, source, ..*self.0 }))
    }

    /// What is wrong with metadata, all of it.
    pub(crate) fn findings_of(findings: Vec<shapes::Finding>) -> Self {
        let first = findings.first().map(ToString::to_string).unwrap_or_default();
        let more = match findings.len() {
            0 | 1 => String::new(),
            n => format!("; and {} more", n - 1),
        };
        Self::invalid(format!("the metadata does not follow the profile, so nothing was sent: {first}{more}"))
            .with_source(Findings(findings))
    }

    /// What is wrong with metadata, if that is the failure: each with file, line, field, value and rule.
    pub fn findings(&self) -> &[shapes::Finding] {
        let source = self.0.source.as_ref().and_then(|source| source.downcast_ref::<Findings>());
        source.map_or(&[], |it| &it.0)
    }

    /// The same without any part of an answer that could not be read, as that may hold a secret.
    pub(crate) fn without_answer(mut self) -> Self {
        if self.0.kind == Kind::Unexpected {
            "the server's answer is not what its description says; it may hold a secret, so it is not shown"
                .clone_into(&mut self.0.message);
            self.0.source = None;
        }
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What it happened to: a project, a file, a dataset.
    pub fn object(&self) -> Option<&str> {
        self.0.about.as_deref()
    }

    /// The operation by its id, as `whimbrel api` names it.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The status of the server's answer, if it gave one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The server's own id of the request: what its operators ask for.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// When another try has a chance, where the server or our quota said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, over all attempts.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// There is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
    }

    /// There was such a thing, and it is deleted (410); [`Error::is_not_found`] too.
    pub fn is_gone(&self) -> bool {
        self.0.status == Some(StatusCode::GONE)
    }

    /// Too many requests.
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == Kind::RateLimited
    }

    /// The same call may go better later; all tries that this client makes by itself are used up.
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, Kind::RateLimited | Kind::Unavailable | Kind::Timeout)
    }

    /// The server may have changed what it was asked to although no answer came: look before asking again.
    pub fn is_ambiguous(&self) -> bool {
        self.0.maybe_done
    }

    pub(crate) fn from_stack(error: &middleware::Error) -> Self {
        use middleware::{Kind as Cause, Phase};
        if error.kind() == Cause::Auth {
            return Self::from_credentials(error);
        }
        let (kind, advice) = match error.kind() {
            Cause::Connect => (Kind::Unavailable, "; is the address right, and is there a network?"),
            Cause::Timeout | Cause::Deadline | Cause::Stalled => (Kind::Timeout, ""),
            Cause::RateLimited => (Kind::RateLimited, ""),
            Cause::Invalid => (Kind::Invalid, ""),
            _ => (Kind::Unavailable, ""),
        };
        let mut told = Self::new(kind, format!("{error}{}{advice}", root_cause(error)));
        told.0.retry_after = error.retry_after();
        // A body that broke off is as ambiguous as a lost answer.
        told.0.maybe_done = error.phase() != Phase::NotSent;
        told.with_source(error.clone())
    }

    /// A credential that could not be had, as whoever was to give it has told it.
    pub(crate) fn from_credentials(error: &middleware::Error) -> Self {
        let told = error.source().and_then(|source| source.downcast_ref::<Self>());
        let Some(told) = told else {
            return Self::new(Kind::Unauthenticated, format!("{error}{}", root_cause(error)))
                .with_source(error.clone());
        };
        let mut same = Self::new(told.0.kind, told.0.message.clone());
        same.0.about.clone_from(&told.0.about);
        same.0.status = told.0.status;
        same.0.retry_after = told.0.retry_after;
        same
    }

    pub(crate) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let said = Said::read(body);
        let exists = said.text.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains("already exist"));
        let (kind, advice) = match status.as_u16() {
            401 if is_of_smorest(body) => (
                Kind::Unauthenticated,
                "; the token could be read, but not whose it is: is this user registered at the server?",
            ),
            401 => (Kind::Unauthenticated, "; the token is missing, wrong or expired: give a valid one"),
            422 if is_of_jwt_layer(body) => (Kind::Unauthenticated, "; this is no token: give a whole one"),
            // As Ceph and others say it.
            403 if said.text.as_deref().is_some_and(|text| text.starts_with("QuotaExceeded")) => {
                (Kind::QuotaExceeded, "; free some space or ask for more quota")
            }
            403 | 429 if credits::are_spent(headers) => (Kind::RateLimited, ""),
            403 => (Kind::Forbidden, "; this user may not do that: ask an owner"),
            404 | 410 => (Kind::NotFound, ""),
            409 | 412 => (Kind::Conflict, ""),
            400 if exists => (Kind::Conflict, ""),
            413 | 507 => (Kind::QuotaExceeded, "; free some space or ask for more quota"),
            429 => (Kind::RateLimited, ""),
            408 | 504 => (Kind::Timeout, ""),
            400..=499 => (Kind::Invalid, ""),
            500..=599 => (Kind::Unavailable, "; try again later"),
            _ => (Kind::Unexpected, ""),
        };
        let mut message = match status.canonical_reason() {
            Some(reason) => format!("the server answered {} {reason}", status.as_u16()),
            None => format!("the server answered {}", status.as_u16()),
        };
        if let Some(text) = said.text {
            message += &format!(": {text}");
        }
        message += advice;
        let mut told = Self::new(kind, message);
        told.0.status = Some(status);
        told.0.trace_id = said.trace_id;
        told.0.retry_after = middleware::layer::retry_after(headers).or_else(|| {
            let refilled = credits::Allowance::of(headers, credits::API)?.refilled?;
            (kind == Kind::RateLimited).then(|| credits::until(refilled))
        });
        told.0.maybe_done = matches!(status.as_u16(), 408 | 500 | 502..=504);
        told
    }

    pub(crate) fn during(mut self, operation: &Operation) -> Self {
        self.0.operation = Some(operation.id);
        self
    }

    fn of_call(mut self, operation: &Operation, call: &Call, elapsed: Duration) -> Self {
        self.0.operation = Some(operation.id);
        self.0.attempts = call.attempts();
        self.0.elapsed = elapsed;
        // Who only asks changes nothing.
        self.0.maybe_done &= !operation.method.is_safe();
        self
    }
}

/// The last cause in the chain, for a line that says more than "the connection broke".
fn root_cause(error: &dyn StdError) -> String {
    let mut cause = error.source();
    let mut last = None;
    while let Some(inner) = cause {
        last = Some(inner);
        cause = inner.source();
    }
    last.map(|cause| format!(" ({cause})")).unwrap_or_default()
}

/// What an error answer says, whichever of the services' forms it has.
struct Said {
    text: Option<String>,
    trace_id: Option<String>,
}

impl Said {
    /// Longest text taken from an answer, in characters.
    const LIMIT: usize = 300;

    fn read(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
            return Self { text: Self::of_text(&String::from_utf8_lossy(body)), trace_id: None };
        };
        let string = |key: &str| json.get(key).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
        // RFC 9457 (ASP.NET), flask-smorest, flask-jwt, in this order.
        let mut text = match (string("title"), string("detail")) {
            (Some(title), Some(detail)) if title != detail => Some(format!("{title}: {detail}")),
            (title, detail) => detail.or(title).map(str::to_owned),
        }
        .or_else(|| ["message", "msg", "error", "status"].into_iter().find_map(string).map(str::to_owned))
        .or_else(|| json.as_str().filter(|text| !text.is_empty()).map(str::to_owned));
        if let Some(errors) = json.get("errors").filter(|errors| errors.as_object().is_some_and(|e| !e.is_empty())) {
            text = Some(format!("{} {errors}", text.unwrap_or_default()).trim().to_owned());
        }
        Self { text: text.map(|text| shorten(&text)), trace_id: string("traceId").map(str::to_owned) }
    }

    /// Plain text as it is; of S3's XML code and message, for the rest may name a key; of a page of HTML its title.
    fn of_text(text: &str) -> Option<String> {
        let text = text.trim();
        if text.starts_with('<') {
            let lower = text.to_ascii_lowercase();
            let inside = |tag: &str| {
                let from = lower.find(&format!("<{tag}>"))? + tag.len() + 2;
                let to = lower[from..].find(&format!("</{tag}>"))? + from;
                Some(text[from..to].trim())
            };
            let code = inside("code").filter(|_| lower.contains("<error>"));
            return Some(match (code, inside("title")) {
                (Some(code), _) => match inside("message").filter(|it| !it.is_empty()) {
                    Some(message) => shorten(&format!("{code}: {message}")),
                    None => shorten(code),
                },
                (_, Some(title)) => format!("a page titled {title:?}"),
                _ => "a page of HTML".to_owned(),
            });
        }
        (!text.is_empty()).then(|| shorten(text))
    }
}

/// What an error answer says, in one short line.
pub(crate) fn said(body: &[u8]) -> Option<String> {
    Said::read(body).text
}

/// Whether an answer is that of Flask's JWT layer and not of the API behind it: a `msg`, and nothing else.
pub(crate) fn is_of_jwt_layer(body: &[u8]) -> bool {
    let json = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body);
    json.is_ok_and(|json| json.len() == 1 && json.get("msg").is_some_and(serde_json::Value::is_string))
}

/// Whether an answer is one of flask-smorest's, so of the API behind the layer that reads tokens: its own `code`, and a
/// `status` in words.
fn is_of_smorest(body: &[u8]) -> bool {
    let json = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body);
    json.is_ok_and(|json| {
        json.get("code").is_some_and(serde_json::Value::is_u64)
            && json.get("status").is_some_and(serde_json::Value::is_string)
    })
}

fn shorten(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(Said::LIMIT) {
        Some((at, _)) => format!("{}...", &one_line[..at]),
        None => one_line,
    }
}

/// Text that came from elsewhere, made harmless for a terminal: control characters are shown, not sent.
pub fn printable(text: &str) -> String {
    let hostile = |c: char| {
        // Controls, and the invisible marks that turn the direction of text.
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(hostile) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if hostile(c) { c.escape_unicode().collect() } else { vec![c] }).collect()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, about, operation, trace_id, attempts, .. } = &*self.0;
        if let Some(about) = about {
            write!(f, "{}: ", printable(about))?;
        }
        f.write_str(&printable(message))?;
        let mut notes = vec![];
        if let Some(operation) = operation {
            notes.push((*operation).to_owned());
        }
        if *attempts > 1 {
            notes.push(format!("{attempts} attempts"));
        }
        if let Some(trace_id) = trace_id {
            notes.push(format!("trace {}", printable(trace_id)));
        }
        if !notes.is_empty() {
            write!(f, " [{}]", notes.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("about", &self.0.about)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("trace_id", &self.0.trace_id)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The one way from a generated client's result to ours, in a [`Call`] of its own with the wishes of the task's.
pub(crate) fn call<T>(
    operation: &Operation,
    sent: impl Future<Output = Result<ResponseValue<T>, raw::Error<()>>>,
) -> impl Future<Output = Result<ResponseValue<T>>> {
    use raw::Error as Raw;
    timed(operation, async {
        let failed = match sent.await {
            Ok(value) => return Ok(value),
            Err(failed) => failed,
        };
        Err(match failed {
            // Never declared, so never seen; see `raw`.
            Raw::ErrorResponse(value) => Error::from_answer(value.status(), value.headers(), &[]),
            Raw::CommunicationError(e) | Raw::ResponseBodyError(e) | Raw::InvalidUpgrade(e) => {
                Error::from_stack(&middleware::Error::from_reqwest(e))
            }
            Raw::InvalidRequest(why) | Raw::Custom(why) => Error::invalid(why),
            Raw::InvalidResponsePayload(body, e) => {
                let start = shorten(&String::from_utf8_lossy(&body));
                let message = format!("the server's answer is not what its description says ({e}): {start}");
                Error::new(Kind::Unexpected, message).with_source(e)
            }
            Raw::UnexpectedResponse(response) => answer_error(response).await,
        })
    })
}

/// The same for a request sent through the stack by hand; any answer is given as it is.
pub(crate) async fn sent<T>(operation: &Operation, sent: impl Future<Output = middleware::Result<T>>) -> Result<T> {
    timed(operation, async { sent.await.map_err(|error| Error::from_stack(&error)) }).await
}

/// The same, where only a success is an answer.
pub(crate) async fn succeeded(
    operation: &Operation,
    sent: impl Future<Output = middleware::Result<reqwest::Response>>,
) -> Result<reqwest::Response> {
    timed(operation, async {
        let answer = sent.await.map_err(|error| Error::from_stack(&error))?;
        if answer.status().is_success() { Ok(answer) } else { Err(answer_error(answer).await) }
    })
    .await
}

/// What `work` came to, in a [`Call`] of its own, with what the caller wants to know of it.
pub(crate) fn timed<T>(
    operation: &Operation,
    work: impl Future<Output = Result<T>>,
) -> impl Future<Output = Result<T>> {
    // A generated call's future is several kilobytes, which would be a part of all futures above, and copied with them. It
    // is boxed here and not by the future below, which would have to have room for it until then.
    let work = Box::pin(work);
    async move {
        let (call, start) = (Call::current().anew(), std::time::Instant::now());
        let done = call.clone().scope(work).await;
        done.map_err(|error| error.of_call(operation, &call, start.elapsed()))
    }
}

/// An answer that is not a success, read as far as is sensible.
pub(crate) async fn answer_error(response: reqwest::Response) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = middleware::Body::from(reqwest::Body::from(response)).collect(64 << 10).await.unwrap_or_default();
    Error::from_answer(status, &headers, &body)
}

#[derive(Debug)]
struct Findings(Vec<shapes::Finding>);

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rules are broken", self.0.len())
    }
}

impl StdError for Findings {}

impl From<shapes::Error> for Error {
    fn from(error: shapes::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<middleware::Error> for Error {
    fn from(error: middleware::Error) -> Self {
        Self::from_stack(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> String {
        Error::from_answer(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes()).to_string()
    }

    #[test]
    fn who_only_asked_changed_nothing() {
        let of = |method| {
            let operation = Operation::new("any", method, "/", "");
            let lost = Error::from_answer(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"");
            lost.of_call(&operation, &Call::new(), Duration::ZERO).is_ambiguous()
        };
        assert_eq!((of(http::Method::GET), of(http::Method::POST)), (false, true));
    }

    #[test]
    fn each_form_of_an_error_answer_is_read() {
        let problem = r#"{"title":"Bad Request","status":400,"detail":"name is too long","traceId":"00-ab"}"#;
        assert_eq!(
            told(400, problem),
            "the server answered 400 Bad Request: Bad Request: name is too long [trace 00-ab]"
        );
        assert!(told(401, r#"{"msg":"Token has expired"}"#).contains("Token has expired"));
        assert!(
            told(401, r#"{"code":401,"status":"Unauthorized"}"#).contains("is this user registered at the server?")
        );
        assert!(!told(401, r#"{"status":401,"title":"Unauthorized"}"#).contains("registered"));
        assert!(
            told(422, r#"{"code":422,"status":"Unprocessable Entity","errors":{"query":{"page":["bad"]}}}"#)
                .contains(r#"{"query":{"page":["bad"]}}"#)
        );
        assert!(told(502, "<html><head><title>502 Bad Gateway</title></head></html>").contains("502 Bad Gateway"));
        let s3 = "<?xml version=\"1.0\"?><Error><Code>InvalidAccessKeyId</Code><Message>No such key</Message>\
                  <AWSAccessKeyId>hush</AWSAccessKeyId></Error>";
        assert!(told(403, s3).contains("InvalidAccessKeyId: No such key") && !told(403, s3).contains("hush"));
        assert_eq!(told(404, ""), "the server answered 404 Not Found");
        assert!(told(500, &"x".repeat(10_000)).len() < 400);
    }

    #[test]
    fn a_400_that_means_exists_is_a_conflict() {
        let error = Error::from_answer(StatusCode::BAD_REQUEST, &HeaderMap::new(), b"Blob already exists.");
        assert_eq!(error.kind(), Kind::Conflict);
    }

    #[test]
    fn nothing_from_the_server_moves_the_cursor() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert!(!told(500, "\u{1b}]0;pwned\u{7}").contains('\u{1b}'));
    }
}
