use std::sync::atomic::AtomicU32;

use bytes::Bytes;
use tower::{Layer as _, Service};

use super::*;
use crate::{Error, Kind, layer::testing};

/// A server that answers `<path> <n>`, n counting its answers, with these headers, after a while.
#[derive(Clone)]
struct Server {
    answers: Arc<AtomicU32>,
    headers: Vec<(&'static str, &'static str)>,
    takes: Duration,
}

impl Server {
    fn new(headers: &[(&'static str, &'static str)]) -> Self {
        Self { answers: Arc::default(), headers: headers.to_vec(), takes: Duration::ZERO }
    }

    fn service(&self) -> impl Next + Sync + use<> {
        let server = self.clone();
        testing::service(move |request: Request| {
            let server = server.clone();
            async move {
                let n = server.answers.fetch_add(1, Ordering::SeqCst) + 1;
                // The answer is made when the request comes, and takes its time.
                let mut answer = http::Response::builder();
                for (name, value) in &server.headers {
                    answer = answer.header(*name, *value);
                }
                let known = request.headers().get("if-none-match").is_some_and(|it| it == "\"same\"");
                let body = if known { Bytes::new() } else { format!("{} {n}", request.uri().path()).into() };
                tokio::time::sleep(server.takes).await;
                Ok(answer.status(if known { 304 } else { 200 }).body(body.into()).unwrap())
            }
        })
    }

    fn answers(&self) -> u32 {
        self.answers.load(Ordering::SeqCst)
    }
}

fn kept_for_a_minute(operation: &Operation) -> Lifetime {
    if operation.id == "secret" { Lifetime::Never } else { Lifetime::For(Duration::from_secs(60)) }
}

fn collection(operation: &Operation, path: &str) -> Vec<String> {
    let parent = path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    parent.into_iter().filter(|_| operation.id == "write").collect()
}

fn cache(store: &Arc<dyn Store>, user: &'static str) -> Cache {
    Cache::new(store.clone(), move || Some(Principal::new(user)), kept_for_a_minute, collection)
}

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn request(method: Method, id: &'static str, path: &str) -> Request {
    let mut request = testing::get(&format!("https://h{path}"));
    *request.method_mut() = method.clone();
    request.extensions_mut().insert(Operation::new(id, method, "", ""));
    request
}

async fn ask<S: Service<Request, Response = Response, Error = Error>>(service: S, request: Request) -> String {
    let answer = service.oneshot(request).await.unwrap_or_else(|_| panic!("an answer"));
    String::from_utf8(answer.into_body().collect(1 << 22).await.unwrap().to_vec()).unwrap()
}

fn get(path: &str) -> Request {
    request(Method::GET, "read", path)
}

#[tokio::test]
async fn an_answer_is_kept_for_its_time() {
    static NOW: AtomicU64 = AtomicU64::new(1_000_000);
    let server = Server::new(&[]);
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.load(Ordering::SeqCst));
    let service = Cache { clock, ..cache(&memory(), "a") }.layer(server.service());
    assert_eq!(ask(service.clone(), get("/x")).await, "/x 1");
    NOW.fetch_add(59, Ordering::SeqCst);
    assert_eq!(ask(service.clone(), get("/x")).await, "/x 1");
    NOW.fetch_add(2, Ordering::SeqCst);
    assert_eq!(ask(service.clone(), get("/x")).await, "/x 2");
    assert_eq!(ask(service, get("/x?y")).await, "/x 3", "another query is another thing");
}

#[tokio::test]
async fn what_is_forgotten_is_asked_for_again_by_all_who_share_it() {
    let (server, store) = (Server::new(&[]), memory());
    let (one, other) = (cache(&store, "a"), cache(&store, "b"));
    assert_eq!(ask(one.layer(server.service()), get("/x")).await, "/x 1");
    assert_eq!(ask(one.layer(server.service()), get("/x")).await, "/x 1");
    other.clear().await;
    assert_eq!(ask(one.layer(server.service()), get("/x")).await, "/x 2");
}

#[tokio::test]
async fn the_server_knows_better_and_some_things_are_never_kept() {
    for (headers, id) in [(&[("cache-control", "No-Store")][..], "read"), (&[][..], "secret")] {
        let server = Server::new(headers);
        let service = cache(&memory(), "a").layer(server.service());
        ask(service.clone(), request(Method::GET, id, "/x")).await;
        ask(service, request(Method::GET, id, "/x")).await;
        assert_eq!(server.answers(), 2, "{headers:?} {id}");
    }
}

#[tokio::test]
async fn no_user_sees_anothers_answer_and_nobody_is_cached() {
    let (store, server) = (memory(), Server::new(&[]));
    let of = |user| cache(&store, user).layer(server.service());
    assert_eq!(ask(of("alice"), get("/x")).await, "/x 1");
    assert_eq!(ask(of("bob"), get("/x")).await, "/x 2");
    assert_eq!(ask(of("alice"), get("/x")).await, "/x 1");
    let nobody = Cache::new(store, || None, kept_for_a_minute, collection).layer(server.service());
    assert_eq!(ask(nobody.clone(), get("/x")).await, "/x 3");
    assert_eq!(ask(nobody, get("/x")).await, "/x 4");
}

#[tokio::test]
async fn a_write_makes_old_what_it_changes_and_no_more() {
    let (store, server) = (memory(), Server::new(&[]));
    let service = cache(&store, "a").layer(server.service());
    for path in ["/p", "/p/1", "/p/1/r", "/q", "/p1"] {
        ask(service.clone(), get(path)).await;
    }
    ask(service.clone(), request(Method::PUT, "write", "/p/1")).await;
    let after = server.answers();
    for path in ["/q", "/p1"] {
        ask(service.clone(), get(path)).await;
    }
    assert_eq!(server.answers(), after, "these are still good");
    for path in ["/p", "/p/1", "/p/1/r"] {
        ask(service.clone(), get(path)).await;
    }
    assert_eq!(server.answers(), after + 3);
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_a_write() {
    let store = memory();
    let read = cache(&store, "a").layer(Server::new(&[]).service());
    let failing = |phase| {
        cache(&store, "a")
            .layer(testing::service(move |_| std::future::ready(Err(Error::new(Kind::Connection, phase)))))
    };
    ask(read.clone(), get("/p/1")).await;
    failing(Phase::NotSent).oneshot(request(Method::PUT, "write", "/p/1")).await.unwrap_err();
    assert_eq!(ask(read.clone(), get("/p/1")).await, "/p/1 1");
    failing(Phase::MaybeSent).oneshot(request(Method::PUT, "write", "/p/1")).await.unwrap_err();
    assert_eq!(ask(read, get("/p/1")).await, "/p/1 2");
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_does_not_keep_what_a_write_has_made_old() {
    let (store, mut server) = (memory(), Server::new(&[]));
    server.takes = Duration::from_secs(10);
    let service = cache(&store, "a").layer(server.service());
    let write = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let quick = cache(&store, "a").layer(Server::new(&[]).service());
        ask(quick, request(Method::PUT, "write", "/p/1")).await
    };
    let (slow, _) = tokio::join!(ask(service.clone(), get("/p/1")), write);
    assert_eq!(slow, "/p/1 1");
    assert_eq!(ask(service, get("/p/1")).await, "/p/1 2");
}

#[tokio::test(start_paused = true)]
async fn those_who_ask_at_once_are_answered_by_one_request() {
    let mut server = Server::new(&[]);
    server.takes = Duration::from_secs(1);
    let service = cache(&memory(), "a").layer(server.service());
    let all = futures::future::join_all((0..50).map(|_| ask(service.clone(), get("/x")))).await;
    assert!(all.iter().all(|it| it == "/x 1"));
    assert_eq!(server.answers(), 1);

    // The one who asked goes away; another asks in its place.
    let leader = tokio::time::timeout(Duration::from_millis(500), ask(service.clone(), get("/y")));
    let (leader, follower) = tokio::join!(leader, ask(service.clone(), get("/y")));
    assert!(leader.is_err());
    assert_eq!(follower, "/y 3");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_kept_is_not_waited_for_for_ever() {
    let mut server = Server::new(&[("cache-control", "no-store")]);
    server.takes = Duration::from_secs(1);
    let (service, start) = (cache(&memory(), "a").layer(server.service()), tokio::time::Instant::now());
    futures::future::join_all((0..50).map(|_| ask(service.clone(), get("/x")))).await;
    assert!(start.elapsed() <= Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_stale_answer_is_asked_about() {
    let server =
        Server::new(&[("cache-control", "max-age=0"), ("etag", "\"same\""), ("date", "Sat, 21 Nov 2026 12:00:00 GMT")]);
    let cache = cache(&memory(), "a");
    let service = cache.layer(server.service());
    assert_eq!(ask(service.clone(), get("/x")).await, "/x 1");
    let answer = service.oneshot(get("/x")).await.unwrap();
    assert_eq!(answer.extensions().get(), Some(&CacheStatus::Revalidated));
    assert_eq!(answer.headers()["date"], "Sat, 21 Nov 2026 12:00:00 GMT");
    assert_eq!(answer.into_body().collect(99).await.unwrap(), "/x 1");
    assert_eq!((server.answers(), cache.stats()), (2, CacheStats { hits: 1, misses: 1 }));
}

#[tokio::test]
async fn who_wants_it_fresh_gets_it_fresh_and_so_do_the_next() {
    let server = Server::new(&[]);
    let service = cache(&memory(), "a").layer(server.service());
    ask(service.clone(), get("/x")).await;
    let mut fresh = get("/x");
    fresh.extensions_mut().insert(Call::new().refresh());
    assert_eq!(ask(service.clone(), fresh).await, "/x 2");
    assert_eq!(ask(service, get("/x")).await, "/x 2");
}

#[tokio::test]
async fn what_is_large_passes_and_what_breaks_is_not_kept() {
    let calls = Arc::new(AtomicU32::new(0));
    let count = calls.clone();
    let service = cache(&memory(), "a").layer(testing::service(move |request: Request| {
        count.fetch_add(1, Ordering::SeqCst);
        let chunk = || Ok(Bytes::from(vec![7; 600_000]));
        let chunks = match request.uri().path() {
            "/large" => vec![chunk(), chunk()],
            _ => vec![chunk(), Err(Error::body("cut"))],
        };
        let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
        std::future::ready(Ok(http::Response::new(body.into())))
    }));
    for _ in 0..2 {
        let large = service.clone().oneshot(get("/large")).await.unwrap();
        assert_eq!(large.into_body().collect(1 << 22).await.unwrap().len(), 1_200_000);
        assert!(service.clone().oneshot(get("/broken")).await.is_err());
    }
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

fn on_disk(folder: &tempfile::TempDir) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&folder.path().join("private/cache.sqlite")).unwrap())
}

#[tokio::test]
async fn a_file_is_shared_by_all_who_open_it() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::new(&[]));
    let (one, other) = (on_disk(&folder), on_disk(&folder));
    let (one, other) = (cache(&one, "a").layer(server.service()), cache(&other, "a").layer(server.service()));
    assert_eq!(ask(one.clone(), get("/p/1")).await, "/p/1 1");
    assert_eq!(ask(other.clone(), get("/p/1")).await, "/p/1 1");
    ask(other, request(Method::PUT, "write", "/p/1")).await;
    assert_eq!(ask(one, get("/p/1")).await, "/p/1 3");
    let store = on_disk(&folder);
    assert_eq!(store.stats().await, StoreStats { entries: 1, bytes: 6 });
    store.clear().await;
    assert_eq!(store.stats().await, StoreStats::default());
}

#[tokio::test]
async fn a_broken_file_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    drop(on_disk(&folder));
    let path = folder.path().join("private/cache.sqlite");
    std::fs::write(&path, "this is no database at all, but it is long enough to be taken for one".repeat(100)).unwrap();
    let server = Server::new(&[]);
    let service = cache(&on_disk(&folder), "a").layer(server.service());
    ask(service.clone(), get("/x")).await;
    assert_eq!(ask(service, get("/x")).await, "/x 1");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let service = cache(&on_disk(&folder), "a").layer(Server::new(&[]).service());
    ask(service, get("/x")).await;
    let place = folder.path().join("private");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place), 0o700);
    for entry in std::fs::read_dir(&place).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    let path = place.join("cache.sqlite");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(SqliteStore::open(&path).unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn no_token_gets_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(&[("set-cookie", "session=canary-cookie"), ("vary", "authorization, accept")]);
    let store = on_disk(&folder);
    let service = Cache::new(store, || Some(Principal::new("canary-subject")), kept_for_a_minute, collection)
        .layer(server.service());
    let mut request = get("/x");
    request.headers_mut().insert("authorization", "Bearer canary-token".parse().unwrap());
    ask(service, request).await;
    let place = folder.path().join("private");
    for entry in std::fs::read_dir(place).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|it| it == b"canary"));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever users do in whatever order, none is given an answer that was made for another, or before his own write.
    #[test]
    fn no_interleaving_mixes_users(steps in proptest::collection::vec((0..3_usize, 0..3_usize, 0..4_usize), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (store, written) = (memory(), Arc::new(Mutex::new(HashMap::<(usize, String), u32>::new())));
            let users = ["a", "b", "c"];
            for (user, path, action) in steps {
                let (path, versions) = (format!("/p/{path}"), written.clone());
                // A server that answers each user with the user's own version of the path.
                let server = testing::service(move |request: Request| {
                    let mut versions = versions.lock().unwrap();
                    let version = versions.entry((user, request.uri().path().to_owned())).or_default();
                    if *request.method() == Method::PUT {
                        *version += 1;
                    }
                    std::future::ready(Ok(http::Response::new(Bytes::from(format!("{user} {version}")).into())))
                });
                let service = cache(&store, users[user]).layer(server);
                if action == 0 {
                    ask(service, request(Method::PUT, "write", &path)).await;
                } else {
                    let expected = written.lock().unwrap().get(&(user, path.clone())).copied().unwrap_or_default();
                    proptest::prop_assert_eq!(ask(service, get(&path)).await, format!("{user} {expected}"));
                }
            }
            Ok(())
        })?;
    }
}
