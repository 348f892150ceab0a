use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Method, StatusCode, header};
use tokio::time::Instant;
use tower::retry::{
    Policy,
    budget::{Budget as _, TpsBudget},
};

use super::{again, deadline::Until};
use crate::{Error, Operation, Phase, Request, Response, Result};

/// Sends again what failed for a reason that may pass and can do no harm by being sent twice.
///
/// - Nothing reached the server, or it said that it did nothing (429, 503 with `Retry-After`): any operation.
/// - The connection broke, no answer came in time, it answered 408, 425, 502, 503 or 504: operations that may be
///   repeated. 500: only `GET` and `HEAD`.
/// - A stream that can't be had again is sent once.
///
/// `Retry-After` is kept to, if the call's time allows; else the pause is random up to a bound that doubles (full jitter).
/// A budget, shared by clones, keeps an outage from being met with a multiple of the usual load.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How often a request is sent in all.
    pub attempts: u32,
    /// The bound of the first pause.
    pub base: Duration,
    /// The bound of any pause that the server does not ask for.
    pub max: Duration,
    /// Which operations may be repeated although the server may have acted; by default those of an idempotent method.
    pub repeatable: fn(&Operation) -> bool,
    /// What is granted to retries in all; shared by clones.
    pub budget: Arc<TpsBudget>,
    /// How many requests were sent again; shared by clones.
    pub count: Arc<AtomicU64>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(250),
            max: Duration::from_secs(20),
            repeatable: Operation::is_idempotent,
            // Ten in a second are always granted; beyond that one retry for five requests, counted over ten seconds.
            budget: Arc::new(TpsBudget::new(Duration::from_secs(10), 10, 0.2)),
            count: Arc::default(),
        }
    }
}

impl<S: Clone> tower::Layer<S> for Retry {
    type Service = tower::retry::Retry<OneCall, S>;

    fn layer(&self, next: S) -> Self::Service {
        tower::retry::Retry::new(OneCall { retry: self.clone(), made: 0 }, next)
    }
}

/// The retries of one call: tower clones it for each.
#[derive(Clone, Debug)]
pub struct OneCall {
    retry: Retry,
    made: u32,
}

impl OneCall {
    /// How long to wait before the same again; `None` for never.
    fn pause(&self, request: &Request, result: &Result) -> Option<Duration> {
        let operation = Operation::of(request);
        let repeatable = operation.map_or(request.method().is_idempotent(), self.retry.repeatable);
        let (again, asked) = match result {
            Ok(answer) => {
                let asked = retry_after(answer.headers());
                let again = match answer.status() {
                    StatusCode::TOO_MANY_REQUESTS => true,
                    StatusCode::SERVICE_UNAVAILABLE => asked.is_some() || repeatable,
                    StatusCode::REQUEST_TIMEOUT
                    | StatusCode::TOO_EARLY
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::GATEWAY_TIMEOUT => repeatable,
                    StatusCode::INTERNAL_SERVER_ERROR => matches!(*request.method(), Method::GET | Method::HEAD),
                    _ => false,
                };
                (again, asked)
            }
            Err(error) => (error.is_transient() && (error.phase() == Phase::NotSent || repeatable), None),
        };
        let bound = self.retry.base.saturating_mul(1 << self.made.min(16)).min(self.retry.max);
        again.then(|| asked.unwrap_or_else(|| bound.mul_f64(fastrand::f64())))
    }
}

impl Policy<Request, Response, Error> for OneCall {
    type Future = tokio::time::Sleep;

    fn retry(&mut self, request: &mut Request, result: &mut Result) -> Option<Self::Future> {
        let Some(pause) = self.pause(request, result) else {
            self.retry.budget.deposit();
            return None;
        };
        self.made += 1;
        let in_time = request
            .extensions()
            .get()
            .is_none_or(|Until(until)| Instant::now().checked_add(pause).is_some_and(|at| at <= *until));
        if self.made >= self.retry.attempts || !in_time || !self.retry.budget.withdraw() {
            return None;
        }
        self.retry.count.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(attempt = self.made + 1, ?pause, "sent again");
        Some(tokio::time::sleep(pause))
    }

    fn clone_request(&mut self, request: &Request) -> Option<Request> {
        again(request)
    }
}

/// The time that an answer asks to wait for, as seconds or as a date (RFC 9110, 10.2.3); a date is taken by the server's
/// own clock if the answer tells it. `None` if it does not ask, or not legibly.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let now = text(header::DATE).and_then(date).unwrap_or_else(SystemTime::now);
    Some(date(asked)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use tower::{Layer as _, ServiceExt as _};

    use super::*;
    use crate::{
        Body, Kind,
        layer::testing::{Answer, get, script, status},
    };

    fn failure(kind: Kind, phase: Phase) -> Answer {
        Answer::Failure(Error::new(kind, phase))
    }

    fn request(method: Method) -> Request {
        let mut request = get("http://h/");
        *request.method_mut() = method;
        request
    }

    async fn sent(method: Method, first: Answer) -> usize {
        let (service, calls) = script(vec![first, status(200)]);
        let _ = Retry::default().layer(service).oneshot(request(method)).await;

        *calls.lock().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_can_do_no_harm_is_repeated() {
        let after = |code| Answer::Status(code, vec![("retry-after", "1".to_owned())]);
        for (answer, get, put, post) in [
            (status(429), 2, 2, 2),
            (after(503), 2, 2, 2),
            (status(503), 2, 2, 1),
            (status(502), 2, 2, 1),
            (status(504), 2, 2, 1),
            (status(408), 2, 2, 1),
            (status(500), 2, 1, 1),
            (status(501), 1, 1, 1),
            (status(404), 1, 1, 1),
            (failure(Kind::Connect, Phase::NotSent), 2, 2, 2),
            (failure(Kind::Connection, Phase::MaybeSent), 2, 2, 1),
            (failure(Kind::Timeout, Phase::MaybeSent), 2, 2, 1),
            (failure(Kind::Body, Phase::Answered), 2, 2, 1),
            (failure(Kind::Auth, Phase::NotSent), 1, 1, 1),
            (failure(Kind::RateLimited, Phase::NotSent), 1, 1, 1),
        ] {
            assert_eq!(sent(Method::GET, answer.clone()).await, get);
            assert_eq!(sent(Method::PUT, answer.clone()).await, put);
            assert_eq!(sent(Method::POST, answer.clone()).await, post);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_may_be_less_repeatable_than_its_method() {
        let (service, calls) = script(vec![failure(Kind::Connection, Phase::MaybeSent), status(200)]);
        let mut put = request(Method::PUT);
        put.extensions_mut().insert(Operation::new("make_version", Method::PUT, "/", ""));
        let retry = Retry { repeatable: |operation| operation.id != "make_version", ..Retry::default() };
        retry.layer(service).oneshot(put).await.unwrap_err();
        assert_eq!(*calls.lock().unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_says_when() {
        let (service, _) = script(vec![Answer::Status(429, vec![("retry-after", "100".to_owned())]), status(200)]);
        let start = Instant::now();
        Retry::default().layer(service).oneshot(get("http://h/")).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_that_does_not_fit_is_not_waited_for() {
        let (service, calls) = script(vec![Answer::Status(429, vec![("retry-after", "100".to_owned())]), status(200)]);
        let (start, mut request) = (Instant::now(), get("http://h/"));
        request.extensions_mut().insert(Until(start + Duration::from_secs(99)));
        let answer = Retry::default().layer(service).oneshot(request).await.unwrap();
        assert_eq!((answer.status().as_u16(), *calls.lock().unwrap(), start.elapsed()), (429, 1, Duration::ZERO));
    }

    #[test]
    fn seconds_dates_and_nonsense() {
        let read = |asked: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(asked))]);
            headers.extend(date.map(|date| (header::DATE, HeaderValue::from_static(date))));
            retry_after(&headers).map(|it| it.as_secs())
        };
        assert_eq!(read(" 7 ", None), Some(7));
        assert_eq!(read("1000000000", None), Some(1_000_000_000));
        let noon = Some("Sat, 21 Nov 2026 12:00:00 GMT");
        assert_eq!(read("Sat, 21 Nov 2026 12:00:30 GMT", noon), Some(30), "by the server's clock");
        assert_eq!(read("Sat, 21 Nov 2026 11:00:00 GMT", noon), Some(0), "in the past");
        assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT", None), Some(0));
        assert_eq!(read("soon", None), None);
        assert_eq!(read("-1", None), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_not_met_with_a_multiple_of_the_load() {
        let (service, calls) = script(vec![status(502)]);
        let service = Retry::default().layer(service);
        // 100 requests in a second for two minutes.
        let start = Instant::now();
        let all = (0..12_000_u32).map(|n| {
            let service = service.clone();
            async move {
                tokio::time::sleep_until(start + Duration::from_millis(10) * n).await;
                service.oneshot(get("http://h/")).await.unwrap();
            }
        });
        futures::future::join_all(all).await;
        let load = *calls.lock().unwrap() as f64 / 12_000.0;
        assert!(load <= 1.35, "{load} times the load: 10 a second, and a fifth");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_sent_once_and_a_source_again() {
        let send = async |body: Body| {
            let (service, calls) = script(vec![status(429), status(200)]);
            let mut request = request(Method::POST);
            *request.body_mut() = body;
            Retry::default().layer(service).oneshot(request).await.unwrap();

            *calls.lock().unwrap()
        };
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>("a")]);
        assert_eq!(send(reqwest::Body::wrap_stream(chunks).into()).await, 1);
        assert_eq!(send(Body::source(None, || "a".into())).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_after_the_caller_has_gone() {
        let (service, calls) = script(vec![Answer::Status(429, vec![("retry-after", "9".to_owned())])]);
        let call = Retry::default().layer(service).oneshot(get("http://h/"));
        assert!(tokio::time::timeout(Duration::from_secs(1), call).await.is_err());
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(*calls.lock().unwrap(), 1);
    }
}
