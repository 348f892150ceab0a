//! The layers do what they promise only in their order: probes between them say in which they run.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Method;
use tower::{Layer as _, ServiceExt as _, util::MapRequestLayer};
use whimbrel_middleware::{
    Body, Layers, Operation, Principal, Request, Response, Stack,
    layer::{Auth, BearerToken, Cache, Lifetime, Limit, MemoryStore, Quota, Retry},
};

const GET: Operation = Operation::new("get", Method::GET, "/a", "");

type Log = Arc<Mutex<Vec<String>>>;

/// Answers 503 first, and then 200 for good.
fn server(
    log: &Log,
) -> impl tower::Service<Request, Response = Response, Error = whimbrel_middleware::Error, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let log = log.clone();
    tower::service_fn(move |request: Request| {
        let mut log = log.lock().unwrap();
        let token = request.headers().get("authorization").is_some_and(http::HeaderValue::is_sensitive);
        log.push(format!("sent, with a token: {token}"));
        let status = if log.len() == 1 { 503 } else { 200 };
        let answer = http::Response::builder().status(status).body(Body::from(bytes::Bytes::from_static(b"x")));
        std::future::ready(Ok(answer.unwrap()))
    })
}

#[tokio::test(start_paused = true)]
async fn a_hit_goes_no_deeper_than_the_cache_and_each_attempt_takes_a_slot_and_a_token() {
    let (log, quota) = (Log::default(), Quota::new(10, Duration::from_secs(60)));
    let token = Arc::new(BearerToken::new("t".to_owned().into()).unwrap());
    let keeps = |_: &Operation| Lifetime::For(Duration::from_secs(60));
    let cache = Cache::new(Arc::new(MemoryStore::new()), || Some(Principal::anonymous()), keeps, |_, _| vec![]);
    let stack: Stack = Layers {
        cache: Some(cache),
        limit: Some(Limit::new(Some(quota.clone()), 1)),
        auth: Some(Auth::new(token, &"https://h".parse().unwrap())),
        ..Layers::default()
    }
    .over(server(&log));
    let ask = || stack.send(http::Request::get("https://h/a").body(Body::empty()).unwrap(), GET);
    assert_eq!(ask().await.unwrap().status(), 200);
    assert_eq!(*log.lock().unwrap(), ["sent, with a token: true"; 2]);
    assert_eq!(quota.remaining(), 8, "a slot for each attempt");
    assert_eq!(ask().await.unwrap().status(), 200);
    assert_eq!((log.lock().unwrap().len(), quota.remaining()), (2, 8), "the second call took nothing");
}

#[tokio::test(start_paused = true)]
async fn who_waits_to_send_again_holds_nothing() {
    let log = Log::default();
    let limit = Limit::new(None, 1);
    let slow = Retry { base: Duration::from_secs(1000), max: Duration::from_secs(1000), ..Retry::default() };
    let seen = log.clone();
    let probe = MapRequestLayer::new(move |request: Request| {
        seen.lock().unwrap().push("past the limit".to_owned());
        request
    });
    let waiting = slow.layer(limit.layer(probe.layer(server(&log))));
    let other = limit.layer(server(&Arc::new(Mutex::new(vec![String::new()]))));
    let request = || {
        let mut request = http::Request::get("https://h/a").body(Body::empty()).unwrap();
        request.extensions_mut().insert(GET);
        request
    };
    log.lock().unwrap().clear();
    let first = tokio::spawn(waiting.oneshot(request()));
    tokio::time::sleep(Duration::from_millis(10)).await;
    // The one permit is free while the other waits for minutes.
    let quick = tokio::time::timeout(Duration::from_millis(10), other.oneshot(request()));
    assert_eq!(quick.await.unwrap().unwrap().status(), 200);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
}
