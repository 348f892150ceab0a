//! The network: one connection after another, and what goes wrong on them.

use std::{
    future::pending,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body::{Body as _, Frame};
use http_body_util::{BodyDataStream, BodyExt as _, StreamBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    Body, FaultPlan, Report,
    answer::{Answer, ContractViolation, empty, html, json},
    fault::{Kind, Running, STORAGE},
    report::Counters,
};

/// What a port is for: how its requests are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Api,
    /// Behind signed URLs.
    Storage,
    /// Where tokens come from.
    Tokens,
}

/// What answers at a port.
pub(crate) trait Serves: Send + Sync + 'static {
    const SIDE: Side;

    /// What the report and a plan of faults call a request to this path.
    fn operation(&self, _method: &Method, _path: &str) -> &'static str {
        STORAGE
    }

    /// Who sends these headers.
    fn user(&self, _headers: &HeaderMap) -> Option<String> {
        None
    }

    /// Answers a request.
    fn serve(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send;

    /// Whether names of headers are written `Like-This`, as some servers do, and not `like-this`.
    const TITLE_CASE: bool = false;

    /// What stands in the answer with this status when a plan of faults wants one: media type and text.
    fn page(&self, _status: StatusCode) -> Option<(&'static str, String)> {
        None
    }

    /// Answers what a test or an observer asks of the sandbox itself, under `/_sandbox/`.
    fn control(&self, _what: &str, _query: &str, _body: &Bytes) -> Option<Answer> {
        None
    }

    /// How the service says that a credential is no longer good.
    fn unauthorized(&self) -> Answer {
        empty(StatusCode::UNAUTHORIZED)
    }
}

/// A plan of faults, which all services share.
pub(crate) type Faults = Arc<Mutex<Running>>;

/// Replaces the plan.
pub(crate) fn set_faults(faults: &Faults, plan: FaultPlan) {
    *faults.lock().unwrap_or_else(PoisonError::into_inner) = Running::new(plan);
}

/// What all connections to a service's ports share.
pub(crate) struct State {
    latency: Duration,
    limit: Option<usize>,
    counters: Mutex<Counters>,
    faults: Faults,
}

impl State {
    /// `limit`: requests that a user has in any 60 seconds.
    pub fn new(latency: Duration, limit: Option<usize>, faults: Faults) -> Self {
        Self { latency, limit, counters: Mutex::default(), faults }
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn report(&self) -> Report {
        self.counters().report.clone()
    }

    pub fn reset(&self) {
        self.counters().reset();
    }

    fn next_fault(&self, operation: &str) -> Option<Kind> {
        let fault = self.faults.lock().unwrap_or_else(PoisonError::into_inner).next(operation);
        if let Some(fault) = &fault {
            self.counters().fault(&fault.name());
        }
        fault
    }
}

/// Serves until it is dropped.
pub(crate) async fn serve<S: Serves>(listener: TcpListener, state: Arc<State>, service: S) {
    let service = Arc::new(service);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, state.clone(), service.clone()))),
                // Out of descriptors, most likely: it passes.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Says whether a connection shall be reset (RST) and not closed when it ends.
type Reset = Arc<AtomicBool>;

async fn connection<S: Serves>(stream: TcpStream, state: Arc<State>, service: Arc<S>) {
    let reset = Reset::default();
    // The same socket once more, to set what hyper's half can't.
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let answer = service_fn(|request: Request<Incoming>| {
        let (state, service, reset) = (state.clone(), service.clone(), reset.clone());
        async move {
            let request = request.map(|body| body.map_err(io::Error::other).boxed_unsync());
            match S::SIDE {
                Side::Api => api(state, &*service, request, &reset).await,
                Side::Storage | Side::Tokens => beside(&state, &*service, request, &reset).await,
            }
        }
    });
    let io = TokioIo::new(Shared(stream.clone()));
    // An error is what the client did, or what a fault wanted.
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).title_case_headers(S::TITLE_CASE);
    let _ = server.serve_connection(io, answer).with_upgrades().await;
    if reset.load(Ordering::Relaxed) {
        let _ = stream.set_zero_linger();
    }
}

/// A request that ends in no answer: the connection is given up.
fn gone() -> io::Error {
    io::Error::other("a fault")
}

async fn api<S: Serves>(state: Arc<State>, service: &S, request: Request<Body>, reset: &Reset) -> io::Result<Answer> {
    let path = request.uri().path();
    if let Some(what) = path.strip_prefix("/_sandbox/") {
        let what = what.to_owned();
        return Ok(control(&state, service, &what, request).await);
    }
    let operation = service.operation(request.method(), path);
    let user = service.user(request.headers()).unwrap_or_default();
    let wait = state.counters().arrived(&user, operation, state.limit, Instant::now());
    let counted = Counted(state.clone());
    // What the limit refuses meets no fault.
    let fault = if wait.is_none() { state.next_fault(operation) } else { None };
    if !state.latency.is_zero() {
        tokio::time::sleep(state.latency).await;
    }
    if let Some(wait) = wait {
        drain(request).await;
        return Ok(refused(429, Some(&wait.as_secs().saturating_add(1).to_string())));
    }
    let answer = with_fault(fault, request, reset, service).await?;
    Ok(noted(&state, operation, answer).map(|body| counted.until_the_end_of(body)))
}

/// What is no request to the API.
async fn beside<S: Serves>(state: &State, service: &S, request: Request<Body>, reset: &Reset) -> io::Result<Answer> {
    let operation = service.operation(request.method(), request.uri().path());
    state.counters().beside(S::SIDE, operation);
    let fault = state.next_fault(operation);
    let answer = with_fault(fault, request, reset, service).await?;
    Ok(noted(state, operation, answer))
}

/// A request that is being answered.
struct Counted(Arc<State>);

impl Counted {
    /// Goes when the body does; `map_err` keeps the body's length, as other adapters don't.
    fn until_the_end_of(self, body: Body) -> Body {
        let held = move |error| {
            let _ = &self;
            error
        };
        body.map_err(held).boxed_unsync()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.counters().answered();
    }
}

fn noted(state: &State, operation: &str, mut answer: Answer) -> Answer {
    if let Some(ContractViolation(found)) = answer.extensions_mut().remove() {
        let told = found.into_iter().map(|it| format!("{operation}: {it}"));
        state.counters().report.contract_violations.extend(told);
    }
    answer
}

async fn control<S: Serves>(state: &State, service: &S, what: &str, request: Request<Body>) -> Answer {
    match (request.method(), what) {
        (&Method::GET, "report") => json(StatusCode::OK, &serde_json::to_value(state.report()).expect("plain data")),
        (&Method::POST, "reset") => {
            state.reset();
            json(StatusCode::OK, &Value::Null)
        }
        (&Method::PUT, "faults") => {
            let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            match serde_json::from_slice(&body) {
                Ok(plan) => {
                    set_faults(&state.faults, plan);
                    json(StatusCode::OK, &Value::Null)
                }
                Err(e) => json(StatusCode::BAD_REQUEST, &e.to_string().into()),
            }
        }
        (&Method::POST, _) => {
            let query = request.uri().query().unwrap_or_default().to_owned();
            let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            service.control(what, &query, &body).unwrap_or_else(|| json(StatusCode::NOT_FOUND, &Value::Null))
        }
        _ => json(StatusCode::NOT_FOUND, &Value::Null),
    }
}

/// Reads a request to its end, so that the client has been heard before it is refused.
async fn drain(request: Request<Body>) {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
}

fn refused(status: u16, retry_after: Option<&str>) -> Answer {
    let mut answer = Answer::new(crate::no_body());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let after = retry_after.map(|after| match after.strip_prefix("date:").and_then(|it| it.parse().ok()) {
        Some(seconds) => httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds)),
        None => after.to_owned(),
    });
    if let Some(after) = after.and_then(|after| HeaderValue::try_from(after).ok()) {
        answer.headers_mut().insert(header::RETRY_AFTER, after);
    }
    answer
}

async fn with_fault<S: Serves>(
    fault: Option<Kind>,
    mut request: Request<Body>,
    reset: &Reset,
    service: &S,
) -> io::Result<Answer> {
    let process = |request| service.serve(request);
    let Some(fault) = fault else { return Ok(process(request).await) };
    let reset_now = || {
        reset.store(true, Ordering::Relaxed);
        gone()
    };
    Ok(match fault {
        Kind::Status { status, retry_after } => {
            drain(request).await;
            let mut answer = refused(status, retry_after.as_deref());
            match service.page(answer.status()) {
                None => answer,
                Some((media, text)) => {
                    let page = crate::answer::bytes(answer.status(), media, text);
                    answer.headers_mut().extend(page.headers().clone());
                    answer.map(|_| page.into_body())
                }
            }
        }
        Kind::Unauthorized => {
            drain(request).await;
            service.unauthorized()
        }
        Kind::Html => {
            drain(request).await;
            let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body></body></html>";
            html(page)
        }
        Kind::ResetBeforeProcessing => return Err(reset_now()),
        Kind::ResetAfterProcessing => {
            process(request).await;
            return Err(reset_now());
        }
        Kind::Stall => {
            process(request).await;
            pending().await
        }
        Kind::Latency { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            process(request).await
        }
        Kind::DuplicatedPage => {
            *request.uri_mut() = page_before(request.uri());
            process(request).await
        }
        Kind::ShrinkingPage => shrunk(process(request).await).await,
        Kind::EmptyBody => {
            let mut answer = process(request).await;
            answer.headers_mut().remove(header::CONTENT_LENGTH);
            answer.map(|_| crate::no_body())
        }
        Kind::ShortLength { by } => {
            let mut answer = process(request).await;
            let length = answer.body().size_hint().exact().or_else(|| announced(&answer)).unwrap_or_default();
            answer.headers_mut().insert(header::CONTENT_LENGTH, length.saturating_sub(by).into());
            // hyper sends as much as is announced, and no more.
            answer.map(|body| StreamBody::new(BodyDataStream::new(body).map(|it| it.map(Frame::data))).boxed_unsync())
        }
        Kind::TruncatedBody { at } => cut(process(request).await, at, Cut::End),
        Kind::ResetBody { at } => cut(process(request).await, at, Cut::Reset(reset.clone())),
        Kind::StallBody { at } => cut(process(request).await, at, Cut::Stall),
        Kind::Drip { bytes, every_ms } => {
            let answer = process(request).await;
            let length = answer.body().size_hint().exact();
            let mut answer = answer.map(|body| drip(body, bytes.max(1), Duration::from_millis(every_ms)));
            if let Some(length) = length {
                answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            }
            answer
        }
    })
}

fn announced(answer: &Answer) -> Option<u64> {
    answer.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

enum Cut {
    End,
    Stall,
    Reset(Reset),
}

/// An answer whose length is announced in full and whose body ends after `at` bytes.
fn cut(mut answer: Answer, at: u64, how: Cut) -> Answer {
    if let Some(length) = answer.body().size_hint().exact() {
        answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    answer.map(|body| {
        let chunks = stream::unfold((BodyDataStream::new(body), at, Some(how)), |(mut body, left, how)| async move {
            if left > 0
                && let Some(Ok(chunk)) = body.next().await
            {
                let chunk: Bytes = chunk.slice(..chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                let left = left - chunk.len() as u64;
                return Some((Ok(Frame::data(chunk)), (body, left, how)));
            }
            let how = how?;
            // Let go out what has been given.
            tokio::time::sleep(Duration::from_millis(20)).await;
            match how {
                Cut::End => {}
                Cut::Stall => pending().await,
                Cut::Reset(reset) => reset.store(true, Ordering::Relaxed),
            }
            Some((Err(gone()), (body, 0, None)))
        });
        StreamBody::new(chunks).boxed_unsync()
    })
}

fn drip(body: Body, bytes: usize, every: Duration) -> Body {
    let chunks = stream::unfold((BodyDataStream::new(body), Bytes::new()), move |(mut body, mut held)| async move {
        if held.is_empty() {
            match body.next().await? {
                Ok(chunk) => held = chunk,
                Err(e) => return Some((Err(e), (body, held))),
            }
        }
        tokio::time::sleep(every).await;
        let drop = held.split_to(held.len().min(bytes));
        Some((Ok(Frame::data(drop)), (body, held)))
    });
    StreamBody::new(chunks).boxed_unsync()
}

/// The same list, a page earlier.
fn page_before(uri: &Uri) -> Uri {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        match value.parse::<u32>() {
            Ok(n) if name == "PageNumber" || name == "page" => {
                query.append_pair(&name, &n.saturating_sub(1).max(1).to_string())
            }
            _ => query.append_pair(&name, &value),
        };
    }
    format!("{}?{}", uri.path(), query.finish()).parse().unwrap_or_else(|_| uri.clone())
}

/// A list without its last item, and none the wiser.
async fn shrunk(answer: Answer) -> Answer {
    let (mut parts, body) = answer.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let Ok(mut list) = serde_json::from_slice::<Value>(&bytes) else {
        return json(parts.status, &Value::Null);
    };
    let items = if list.is_array() { Some(&mut list) } else { list.get_mut("data") };
    if let Some(items) = items.and_then(Value::as_array_mut) {
        items.pop();
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let (_, body) = json(parts.status, &list).into_parts();
    Answer::from_parts(parts, body)
}

/// A stream of which another owner is left when hyper has dropped its own.
struct Shared(Arc<TcpStream>);

impl tokio::io::AsyncRead for Shared {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        loop {
            std::task::ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read(buffer.initialize_unfilled()) {
                Ok(n) => {
                    buffer.advance(n);
                    return std::task::Poll::Ready(Ok(()));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return std::task::Poll::Ready(Err(e)),
            }
        }
    }
}

impl tokio::io::AsyncWrite for Shared {
    fn poll_write(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        loop {
            std::task::ready!(self.0.poll_write_ready(cx))?;
            match self.0.try_write(bytes) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                done => return std::task::Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    /// The socket closes when its last owner goes.
    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}
