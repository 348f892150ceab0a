//! Cocaine as the SDK has it, against the sandbox, which hangs up where a real server does.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, future::join_all};
use sandbox::{Options, Sandbox};
use whimbrel::{
    Kind,
    cocaine::{self, Call, Category, Cocaine, Level, Protocol, Trace, Tvm, Value},
};

async fn started() -> (Sandbox, Cocaine) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let cocaine = Cocaine::builder().locator(&sandbox.cocaine().locator()).unwrap().build();
    (sandbox, cocaine)
}

fn older(sandbox: &Sandbox) -> Cocaine {
    let builder = Cocaine::builder().locator(&sandbox.cocaine().older_locator()).unwrap();
    builder.protocol(Protocol::V0).build()
}

#[tokio::test]
async fn what_is_kept_is_read_found_and_removed_in_either_generation() {
    let (sandbox, newer) = started().await;
    for (cocaine, key) in [(newer, "new"), (older(&sandbox), "old")] {
        let storage = cocaine.storage();
        let content: Vec<u8> = (0..=255).collect();
        storage.write("runs", key, content.clone(), &["steel", key]).await.unwrap();
        assert_eq!(storage.read("runs", key).await.unwrap(), content);
        assert_eq!(storage.find("runs", &[key]).await.unwrap(), [key]);
        storage.remove("runs", key).await.unwrap();
        storage.remove("runs", key).await.unwrap();
        assert_eq!(storage.find("runs", &[key]).await.unwrap(), [""; 0]);
        let error = storage.read("runs", key).await.unwrap_err();
        match key {
            "new" => {
                assert!(error.is_not_found(), "{error}");
                assert_eq!(cocaine::code(&error), Some((Category::GENERIC, 2)));
                let text = "service \"storage\": /var/lib/cocaine/storage-default/runs/new: No such file or directory [generic 2]";
                assert_eq!(error.to_string(), text);
            }
            _ => assert_eq!(cocaine::code(&error), Some((Category(0), 1)), "the older one has no categories"),
        }
    }
    assert_eq!(sandbox.cocaine().report().mistakes, [""; 0]);
}

#[tokio::test]
async fn every_service_is_there() {
    let (sandbox, cocaine) = started().await;
    assert_eq!(cocaine.cache().get("k").await.unwrap(), None);
    cocaine.cache().put("k", "v").await.unwrap();
    assert_eq!(cocaine.cache().get("k").await.unwrap().unwrap(), "v");

    let node = cocaine.node();
    assert_eq!(node.list().await.unwrap(), ["demo"]);
    assert_eq!(node.info("demo").await.unwrap().get("state").unwrap().as_str(), Some("running"));
    assert_eq!(node.start_app("demo", "default").await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(node.start_app("nope", "default").await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(node.info("nope").await.unwrap_err().kind(), Kind::Invalid);
    node.pause_app("demo").await.unwrap();
    let error = cocaine.app("demo").info().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let advice = "service \"locator\": service is not available [locator 1]; is it started, and is this its locator?";
    assert_eq!(error.to_string(), advice);
    node.start_app("demo", "default").await.unwrap();

    let logging = cocaine.logging();
    logging.emit(Level::Warning, "app/x", "hot", &[("run", 42.into())]).await.unwrap();
    assert_eq!(logging.verbosity().await.unwrap(), 1);
    assert_eq!(sandbox.cocaine().logged(), [(2, "app/x".to_owned(), "hot".to_owned())]);

    let locator = cocaine.locator();
    assert_eq!(locator.resolve("cache").await.unwrap().version, 1);
    assert_eq!(locator.cluster().await.unwrap(), Value::Map(vec![]));
    assert_eq!(locator.uuid().await.unwrap().len(), 36);
    locator.refresh(&["group"]).await.unwrap();
    assert_eq!(locator.routing("mine").await.unwrap().next().await.unwrap().unwrap(), Value::Map(vec![]));

    // Its own ping, and that of its connection.
    let echo = cocaine.service("echo");
    assert_eq!(echo.call(Call::new("ping").arg("hello")).await.unwrap().as_str(), Some("hello"));
    assert!(echo.ping().await.unwrap() < Duration::from_secs(5));
    assert_eq!(sandbox.cocaine().report().mistakes, [""; 0]);
}

#[tokio::test]
async fn an_app_is_talked_to_both_ways() {
    let (_sandbox, cocaine) = started().await;
    let app = cocaine.app("demo");
    let mut event = app.enqueue("upper").await.unwrap();
    for (sent, came) in [("ab", "AB"), ("cd", "CD")] {
        event.write(sent).await.unwrap();
        assert_eq!(event.next().await.unwrap().unwrap().as_str(), Some(came));
    }
    event.close().await.unwrap();
    assert!(event.next().await.is_none() && event.next().await.is_none());

    let mut event = cocaine.node().enqueue("demo", "chunks").await.unwrap();
    event.write("1000").await.unwrap();
    let chunks: Vec<_> = event.try_collect().await.unwrap();
    assert_eq!((chunks.len(), chunks[999].as_str()), (1000, Some("chunk999")));

    for (event, code, text) in [("fail", 77, "custom failure"), ("boom", 100, "boom")] {
        let mut it = app.enqueue(event).await.unwrap();
        it.write("x").await.unwrap();
        let error = it.next().await.unwrap().unwrap_err();
        assert_eq!(cocaine::code(&error), Some((Category::APP, code)));
        assert_eq!(error.to_string(), format!("service \"demo\": {text} [app {code}]"));
        assert!(it.next().await.is_none());
    }
    let error = app.enqueue("nosuch").await.unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "service \"demo\": there is no handler for event nosuch [app 200]");

    let mut failing = app.enqueue("upper").await.unwrap();
    failing.fail(7, "given up").await.unwrap();
    assert_eq!(cocaine::code(&failing.next().await.unwrap().unwrap_err()), Some((Category::APP, 100)));

    let silent = app.service().call(Call::new("enqueue").arg("never"));
    let error = silent.get(Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
}

#[tokio::test]
async fn answers_are_read_as_values_in_time_and_as_streams() {
    let (_sandbox, cocaine) = started().await;
    let node = cocaine.service("node");
    let list = Value::from(vec![Value::from("demo")]);
    assert_eq!(node.call("list").await.unwrap(), list);
    assert_eq!(node.call("list").get(Duration::from_secs(5)).await.unwrap(), list);
    assert_eq!(node.call("list").stream().try_collect::<Vec<_>>().await.unwrap(), [list]);
    let missing = cocaine.service("storage").call(Call::new("read").arg("ns").arg("k")).stream();
    let all: Vec<_> = missing.collect().await;
    assert_eq!(all.len(), 1, "the error is the last");
    let traced = Call::new("list").trace(Trace { trace: 7, span: 8, parent: 9 });
    let (_, mut incoming) = node.call(traced).duplex().await.unwrap().split();
    incoming.next().await.unwrap().unwrap();
    assert_eq!(incoming.headers().traced(), Some(Trace { trace: 7, span: 8, parent: 9 }));
}

#[tokio::test]
async fn after_a_cut_what_was_open_has_failed_and_what_comes_next_works() {
    let (sandbox, cocaine) = started().await;
    let storage = cocaine.storage();
    storage.write("ns", "k", "v", &[]).await.unwrap();
    for n in 1..=20 {
        let mut waiting = cocaine.app("demo").enqueue("never").await.unwrap();
        while sandbox.cocaine().report().calls.get("demo.enqueue") != Some(&n) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        sandbox.cocaine().cut();
        let error = waiting.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
        assert!(waiting.next().await.is_none());
        // What is on its way when it is cut may be lost; nothing is sent a second time by itself.
        let read = || storage.read("ns", "k");
        let content = match read().await {
            Err(error) if error.is_retryable() => read().await,
            done => done,
        };
        assert_eq!(content.unwrap(), "v");
    }
}

#[tokio::test]
async fn wrong_arguments_make_the_server_hang_up_and_only_that_call_fails() {
    let (sandbox, cocaine) = started().await;
    let storage = cocaine.service("storage");
    let error = storage.call(Call::new("read").arg("ns")).await.unwrap_err();
    let text = "service \"storage\": the server closed the connection; servers also hang up on arguments that they do not take";
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Unavailable, text));
    assert_eq!(sandbox.cocaine().report().mistakes, ["storage.read with other arguments than it takes"]);
    cocaine.storage().find("ns", &[]).await.unwrap();
    let error = storage.call("nosuch").await.unwrap_err();
    let text = "service \"storage\": there is no method \"nosuch\"; there are read, write, remove, find";
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Invalid, text));
}

#[tokio::test]
async fn a_service_that_is_asked_for_again_has_its_connection_already() {
    let (sandbox, cocaine) = started().await;
    for n in 0..5 {
        cocaine.storage().write("ns", &n.to_string(), "v", &[]).await.unwrap();
        cocaine.clone().service("storage").call(Call::new("find").arg("ns").arg(Vec::<Value>::new())).await.unwrap();
    }
    let report = sandbox.cocaine().report();
    assert_eq!((report.connections, report.calls["locator.resolve"]), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_share_one_connection() {
    let (sandbox, cocaine) = started().await;
    let echo = Arc::new(cocaine.service("echo"));
    let tasks = (0..64).map(|task| {
        let echo = echo.clone();
        tokio::spawn(async move {
            for n in 0..1000 {
                let text = format!("{task} {n}");
                let call = Call::new("ping").arg(text.as_str());
                assert_eq!(echo.call(call).await.unwrap().as_str(), Some(text.as_str()));
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(|it| it.unwrap());
    let report = sandbox.cocaine().report();
    assert_eq!((report.calls["echo.ping"], report.mistakes.len()), (64_000, 0));
    assert_eq!(report.connections, 2, "one to the locator, one to the service");
}

#[tokio::test]
async fn a_locator_of_the_other_generation_is_told() {
    let (sandbox, _) = started().await;
    let wrong = Cocaine::builder().locator(&sandbox.cocaine().older_locator()).unwrap().build();
    let error = wrong.node().list().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    let nobody = Cocaine::builder().locator("127.0.0.1:1, [::1]:1").unwrap().build();
    let error = nobody.node().list().await.unwrap_err().to_string();
    assert!(
        error.contains("127.0.0.1:1: ") && error.ends_with("is the runtime started, and is this its address?"),
        "{error}"
    );
    assert!(Cocaine::builder().locator("a b").is_err());
}

/// Services that demand tickets, and a client that has some to show: by this secret, good for so long as it sees.
async fn guarded(secret: &str, good_for: Duration) -> (Sandbox, Cocaine, Tvm) {
    let (sandbox, open) = started().await;
    sandbox.cocaine().demand_tickets(Duration::from_mins(10));
    let (client, _) = sandbox::Cocaine::TVM_CLIENT;
    let tvm = Tvm::new(open.service("tvm"), client, secret.to_owned(), good_for);
    let builder = Cocaine::builder().locator(&sandbox.cocaine().locator()).unwrap();
    let proven = builder.authorization(tvm.clone()).build();
    (sandbox, proven, tvm)
}

const SECRET: &str = sandbox::Cocaine::TVM_CLIENT.1;

#[tokio::test]
async fn who_has_no_ticket_is_refused_by_all_services_but_the_locator() {
    let (sandbox, cocaine) = started().await;
    sandbox.cocaine().demand_tickets(Duration::from_mins(10));
    for error in [
        cocaine.node().list().await.unwrap_err(),
        cocaine.cache().put("k", "v").await.unwrap_err(),
        cocaine.app("demo").enqueue("ping").await.unwrap().next().await.unwrap().unwrap_err(),
    ] {
        assert_eq!((cocaine::code(&error), error.kind()), (Some((Category::SECURITY, 1)), Kind::Unauthenticated));
    }
    let wrong = cocaine.service("cache").call(Call::new("get").arg("k").header("authorization", "TVM 3:serv:0"));
    assert_eq!(cocaine::code(&wrong.await.unwrap_err()), Some((Category::SECURITY, 2)));
    cocaine.locator().uuid().await.unwrap();
    let report = sandbox.cocaine().report();
    assert!(!report.calls.contains_key("node.list") && report.mistakes.is_empty(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_first_callers_one_asks_for_the_ticket_that_goes_with_each_call() {
    let (sandbox, cocaine, _) = guarded(SECRET, Duration::from_mins(10)).await;
    let calls = (0..64).map(|n| {
        let cache = cocaine.cache();
        tokio::spawn(async move {
            cache.put(&n.to_string(), "v").await?;
            cache.get(&n.to_string()).await
        })
    });
    for done in join_all(calls).await {
        assert_eq!(done.unwrap().unwrap().unwrap(), "v");
    }
    let calls = sandbox.cocaine().report().calls;
    assert_eq!((calls["tvm.ticket_full"], calls["cache.put"], calls["cache.get"]), (1, 64, 64));
    let mut event = cocaine.app("demo").enqueue("ping").await.unwrap();
    event.write("hello").await.unwrap();
    assert_eq!(event.next().await.unwrap().unwrap().as_str(), Some("hello"));
    let logging = cocaine.logging();
    logging.emit(Level::Info, "app/x", "proven", &[]).await.unwrap();
    logging.verbosity().await.unwrap();
    assert_eq!(sandbox.cocaine().logged().len(), 1);
}

#[tokio::test]
async fn a_ticket_that_is_over_is_renewed_once_and_each_refused_call_is_made_once_more() {
    let (sandbox, cocaine, _) = guarded(SECRET, Duration::from_mins(10)).await;
    let cache = cocaine.cache();
    for renewed in 1..=3 {
        join_all((0..64).map(|n| cache.put(if n % 2 == 0 { "even" } else { "odd" }, "v")))
            .await
            .into_iter()
            .for_each(|it| it.unwrap());
        let calls = sandbox.cocaine().report().calls;
        assert_eq!((calls["tvm.ticket_full"], calls["cache.put"]), (renewed, 64 * renewed));
        sandbox.cocaine().expire_tickets();
    }
    // What was sent on a stream is not kept to be sent again: it fails, and the next one has a good ticket.
    let app = cocaine.app("demo");
    let error = app.enqueue("ping").await.unwrap().next().await.unwrap().unwrap_err();
    assert_eq!(cocaine::code(&error), Some((Category::SECURITY, 2)));
    let mut event = app.enqueue("ping").await.unwrap();
    event.write("hello").await.unwrap();
    event.next().await.unwrap().unwrap();
    assert_eq!(sandbox.cocaine().report().calls["tvm.ticket_full"], 4);

    // One that the client itself knows to be old is not sent.
    let (sandbox, cocaine, _) = guarded(SECRET, Duration::ZERO).await;
    for _ in 0..3 {
        cocaine.cache().get("k").await.unwrap();
    }
    assert_eq!(sandbox.cocaine().report().calls["tvm.ticket_full"], 3);
}

#[tokio::test]
async fn without_a_ticket_nothing_is_sent_and_the_secret_is_shown_to_nobody() {
    let (sandbox, cocaine, tvm) = guarded("not-the-secret", Duration::from_mins(10)).await;
    let (node, app) = (cocaine.node(), cocaine.app("demo"));
    let errors = join_all((0..64).map(|_| node.list())).await;
    for error in errors.into_iter().map(Result::unwrap_err).chain([app.enqueue("ping").await.err().unwrap()]) {
        assert_eq!(cocaine::code(&error), Some((Category::SECURITY, 2)));
        let told = "service \"tvm\": client 42 is not authorized [security 2]";
        assert_eq!(error.to_string(), told);
        assert!(!format!("{error:?}").contains("not-the-secret"), "{error:?}");
    }
    let report = sandbox.cocaine().report();
    assert_eq!(report.calls["tvm.ticket_full"], 2, "one for all 64, one for the app");
    assert!(!report.calls.contains_key("node.list") && !report.calls.contains_key("demo.enqueue"));
    let shown = format!("{tvm:?} {:?} {:?}", node, Call::new("ticket_full").arg(42).arg("not-the-secret"));
    assert!(!shown.contains("not-the-secret"), "{shown}");

    // There is no such service at all.
    let (sandbox, open) = started().await;
    let tvm = Tvm::new(open.service("tvm-of-others"), 42, SECRET.to_owned(), Duration::from_mins(1));
    let proven = Cocaine::builder().locator(&sandbox.cocaine().locator()).unwrap().authorization(tvm).build();
    let error = proven.node().list().await.unwrap_err();
    assert!(error.is_not_found() && !format!("{error:?}").contains(SECRET), "{error:?}");
}

#[tokio::test]
async fn apps_are_started_and_paused_in_either_generation() {
    let (sandbox, newer) = started().await;
    for cocaine in [newer, older(&sandbox)] {
        let node = cocaine.node();
        assert_eq!(node.list().await.unwrap(), ["demo"]);
        node.pause_app("demo").await.unwrap();
        assert_eq!(node.list().await.unwrap(), [""; 0]);
        let error = node.pause_app("demo").await.unwrap_err();
        assert!(error.to_string().contains("app 'demo' is not running"), "{error}");
        node.start_app("demo", "default").await.unwrap();
        let error = node.start_app("demo", "default").await.unwrap_err();
        assert!(error.to_string().contains("app 'demo' is running"), "{error}");
        node.start_app("nope", "default").await.unwrap_err();
        assert_eq!(node.list().await.unwrap(), ["demo"]);
    }
    let error = older(&sandbox).node().info("demo").await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.to_string().contains("start_app, pause_app, list"), "{error}");
}
