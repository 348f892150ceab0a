//! A private HTTP cache (RFC 9111), parted by who asks.

mod key;
mod memory;
mod sqlite;
mod store;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_cache_semantics::{AfterResponse, BeforeRequest, CacheOptions, CachePolicy};
use tower::ServiceExt as _;

pub use key::{Key, Partition};
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
pub use store::{Entry, Store, StoreStats};

use super::{Around, Next, attempt::gather};
use crate::{Call, Operation, Phase, Principal, Request, Response, Result};

/// How long the answers of an operation are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// They are never kept, and pass through untouched.
    Never,
    /// As their own headers say.
    Server,
    /// So long, unless their own headers say something.
    For(Duration),
}

/// How an answer came about; among the answer's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStatus {
    /// From the store.
    Hit,
    /// From the store, after the server said that it is still good.
    Revalidated,
    /// From the server.
    Miss,
}

/// What the cache has done since it was made; clones share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Answers from the store, revalidated ones among them.
    pub hits: u64,
    /// Answers from the server that might have been in the store.
    pub misses: u64,
}

/// Who asks; `None` if that is not known, and then nothing is kept.
type Who = Arc<dyn Fn() -> Option<Principal> + Send + Sync>;

/// Keeps answers. Clones share the store, the counts, and requests under way: who asks for what somebody is just being
/// answered waits for that answer.
///
/// A key holds a keyed hash of the principal, which comes from the credentials and never from the request; so no user is
/// given another's answer, and no token is in a store. A write makes old what it changes, and what reads that began before
/// it bring home.
#[derive(Clone)]
pub struct Cache {
    store: Arc<dyn Store>,
    who: Who,
    lifetime: fn(&Operation) -> Lifetime,
    makes_old: fn(&Operation, &str) -> Vec<String>,
    largest: usize,
    counts: Arc<Counts>,
    flights: Arc<Mutex<HashMap<Key, Weak<Flight>>>>,
    clock: fn() -> SystemTime,
}

#[derive(Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// One request under way, and those who wait for its answer.
#[derive(Default)]
struct Flight {
    turn: tokio::sync::Mutex<()>,
    /// Its answer can't be kept: nobody need wait for another's.
    each_alone: AtomicBool,
}

/// What is asked of the server, and what its answer is kept by.
#[derive(Clone, Copy)]
struct Asked<'a> {
    key: &'a Key,
    head: &'a http::Request<()>,
    lifetime: Lifetime,
    /// Of the store, before it was asked.
    generation: u64,
    flight: &'a Flight,
}

impl Cache {
    /// A cache for whoever `who` says asks. `lifetime` is how long an operation's answers are good; `makes_old` names the
    /// paths below which a write, of this operation to this path, changes answers beside the path's own.
    pub fn new(
        store: Arc<dyn Store>,
        who: impl Fn() -> Option<Principal> + Send + Sync + 'static,
        lifetime: fn(&Operation) -> Lifetime,
        makes_old: fn(&Operation, &str) -> Vec<String>,
    ) -> Self {
        let (counts, flights) = Default::default();
        Self {
            store,
            who: Arc::new(who),
            lifetime,
            makes_old,
            largest: 1 << 20,
            counts,
            flights,
            clock: SystemTime::now,
        }
    }

    /// What it has done.
    pub fn stats(&self) -> CacheStats {
        let Counts { hits, misses } = &*self.counts;
        CacheStats { hits: hits.load(Ordering::Relaxed), misses: misses.load(Ordering::Relaxed) }
    }

    /// Forgets all answers, those of other users and of other caches over the same store too.
    pub async fn clear(&self) {
        self.store.clear().await;
    }

    fn flight(&self, key: &Key) -> Arc<Flight> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade) {
            return flight;
        }
        // Those that are over are dropped when the table would grow: each is looked at a few times in all.
        if flights.len() == flights.capacity() {
            flights.retain(|_, flight| flight.strong_count() > 0);
        }
        let flight = Arc::new(Flight::default());
        flights.insert(key.clone(), Arc::downgrade(&flight));
        flight
    }

    /// The answer from the store if it is fresh; else the entry, to be asked about.
    async fn look(&self, key: &Key, head: &http::Request<()>) -> std::result::Result<Response, Option<Box<Entry>>> {
        let Some(entry) = self.store.get(key).await else { return Err(None) };
        match entry.policy.before_request(head, (self.clock)()) {
            BeforeRequest::Fresh(parts) => Ok(self.hit(entry, parts, CacheStatus::Hit)),
            BeforeRequest::Stale { matches, .. } => Err(matches.then(|| Box::new(entry))),
        }
    }

    fn hit(&self, entry: Entry, mut parts: http::response::Parts, status: CacheStatus) -> Response {
        self.counts.hits.fetch_add(1, Ordering::Relaxed);
        // http-cache-semantics 3.0 writes today's date, in a form that is none.
        match entry.date.as_deref().and_then(|date| HeaderValue::try_from(date).ok()) {
            Some(date) => parts.headers.insert(header::DATE, date),
            None => parts.headers.remove(header::DATE),
        };
        parts.extensions.insert(status);
        Response::from_parts(parts, entry.body.into())
    }

    async fn read<S: Next>(&self, next: S, request: Request, partition: &Partition, lifetime: Lifetime) -> Result {
        let key = Key::new(partition, &request);
        let head = head(&request);
        let refresh = Call::of(&request).wants_refresh();
        if !refresh && let Ok(answer) = self.look(&key, &head).await {
            return Ok(answer);
        }
        let flight = self.flight(&key);
        let turn = match flight.each_alone.load(Ordering::Acquire) {
            true => None,
            false => Some(flight.turn.lock().await),
        };
        // Who was before us may have brought it.
        let known = match refresh {
            true => None,
            false => match self.look(&key, &head).await {
                Ok(answer) => return Ok(answer),
                Err(known) => known,
            },
        };
        let turn = turn.filter(|_| !flight.each_alone.load(Ordering::Acquire));
        let generation = self.store.generation(&key.partition).await;
        let asked = Asked { key: &key, head: &head, lifetime, generation, flight: &flight };
        let answer = match known {
            None => self.keep(next.oneshot(request).await?, asked).await,
            // Seldom, and large.
            Some(entry) => Box::pin(self.revalidate(next, request, *entry, asked)).await,
        };
        drop(turn);
        answer
    }

    /// Asks whether what is in the store is still good.
    async fn revalidate<S: Next>(&self, next: S, mut request: Request, entry: Entry, asked: Asked<'_>) -> Result {
        let unconditional = super::again(&request);
        if let BeforeRequest::Stale { request: parts, .. } = entry.policy.before_request(asked.head, (self.clock)()) {
            *request.headers_mut() = parts.headers;
        }
        let mut answer = next.clone().oneshot(request).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            let received = received(&answer, Lifetime::Server);
            match entry.policy.after_response(asked.head, &received, (self.clock)()) {
                AfterResponse::NotModified(policy, parts) => {
                    let entry = Entry { policy, ..entry };
                    self.store.put(asked.key, entry.clone(), asked.generation).await;
                    return Ok(self.hit(entry, parts, CacheStatus::Revalidated));
                }
                // It does not speak of what we have: ask for all of it.
                AfterResponse::Modified(..) => {
                    if let Some(request) = unconditional {
                        answer = next.oneshot(request).await?;
                    }
                }
            }
        }
        self.keep(answer, asked).await
    }

    /// Keeps an answer of the server's, if it may be kept.
    async fn keep(&self, mut answer: Response, asked: Asked<'_>) -> Result {
        self.counts.misses.fetch_add(1, Ordering::Relaxed);
        answer.extensions_mut().insert(CacheStatus::Miss);
        let received = received(&answer, asked.lifetime);
        let options = CacheOptions { shared: false, cache_heuristic: 0.0, ..CacheOptions::default() };
        let policy = CachePolicy::new_options(asked.head, &received, (self.clock)(), options);
        let explicit = answer.headers().contains_key(header::CACHE_CONTROL);
        let fit = match answer.status() {
            StatusCode::OK => true,
            StatusCode::NOT_FOUND | StatusCode::GONE => explicit,
            _ => false,
        };
        if !fit || !policy.is_storable() {
            asked.flight.each_alone.store(true, Ordering::Release);
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        // More than the store takes goes on as the stream that it is.
        let body = gather(body, self.largest).await?;
        match body.as_bytes() {
            Some(bytes) => {
                let date = parts.headers.get(header::DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
                self.store.put(asked.key, Entry { policy, date, body: bytes.clone() }, asked.generation).await;
            }
            None => asked.flight.each_alone.store(true, Ordering::Release),
        }
        Ok(Response::from_parts(parts, body))
    }

    /// Drops what a write has changed, or may have.
    async fn write<S: Next>(&self, next: S, request: Request, partition: &Partition) -> Result {
        let (operation, uri) = (Operation::of(&request).cloned(), request.uri().clone());
        let result = next.oneshot(request).await;
        let mut paths = vec![uri.path().to_owned()];
        match &result {
            Ok(answer) if answer.status().is_client_error() => return result,
            Ok(answer) => paths.extend(
                [header::LOCATION, header::CONTENT_LOCATION]
                    .iter()
                    .filter_map(|name| answer.headers().get(name)?.to_str().ok()?.parse::<Uri>().ok())
                    .filter(|place| place.authority().is_none_or(|authority| Some(authority) == uri.authority()))
                    .map(|place| place.path().to_owned()),
            ),
            Err(error) if error.phase() == Phase::NotSent => return result,
            Err(_) => {}
        }
        if let Some(operation) = operation {
            paths.extend((self.makes_old)(&operation, uri.path()));
        }
        self.store.invalidate(partition, &paths).await;
        result
    }
}

impl Around for Cache {
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send {
        async move {
            let lifetime = Operation::of(&request).map_or(Lifetime::Server, self.lifetime);
            let is_write = !request.method().is_safe();
            if !is_write && (*request.method() != Method::GET || lifetime == Lifetime::Never) {
                return next.oneshot(request).await;
            }
            let Some(principal) = (self.who)() else { return next.oneshot(request).await };
            let partition = Partition::new(self.store.secret(), &principal, request.uri());
            match is_write {
                true => Box::pin(self.write(next, request, &partition)).await,
                false => Box::pin(self.read(next, request, &partition, lifetime)).await,
            }
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// A request as the rules of caching see it: no body, and nothing that could be a secret.
fn head(request: &Request) -> http::Request<()> {
    let mut head = http::Request::new(());
    head.method_mut().clone_from(request.method());
    head.uri_mut().clone_from(request.uri());
    head.headers_mut().clone_from(request.headers());
    for secret in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
        head.headers_mut().remove(secret);
    }
    head
}

/// An answer as the rules of caching see it: with the lifetime that the table gives where the server gives none.
fn received(answer: &Response, lifetime: Lifetime) -> http::Response<()> {
    let mut received = http::Response::new(());
    *received.status_mut() = answer.status();
    *received.headers_mut() = answer.headers().clone();
    let headers = received.headers_mut();
    headers.remove(header::SET_COOKIE);
    lower_case_directives(headers);
    let says = [header::CACHE_CONTROL, header::EXPIRES, header::PRAGMA].iter().any(|name| headers.contains_key(name));
    if let Lifetime::For(time) = lifetime
        && !says
    {
        let value = HeaderValue::try_from(format!("max-age={}", time.as_secs())).expect("a number");
        headers.insert(header::CACHE_CONTROL, value);
    }
    received
}

/// http-cache-semantics 3.0 does not know `No-Cache`; directives are case-insensitive (RFC 9111, 5.2).
fn lower_case_directives(headers: &mut HeaderMap) {
    let lower = |value: &HeaderValue| HeaderValue::try_from(value.to_str().ok()?.to_ascii_lowercase()).ok();
    let values: Vec<_> = headers.get_all(header::CACHE_CONTROL).iter().filter_map(lower).collect();
    headers.remove(header::CACHE_CONTROL);
    headers.extend(values.into_iter().map(|value| (header::CACHE_CONTROL, value)));
}

#[cfg(test)]
mod tests;
