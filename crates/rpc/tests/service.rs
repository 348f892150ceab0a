//! Services over real connections, to a server that does what a test tells it and hangs up on an id that is not larger
//! than all before it, as real ones do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{StreamExt as _, future::join_all};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use whimbrel_rpc::{
    Api, Authorization, Call, Category, Decoder, Endpoint, Frame, Kind, Locator, Method, Protocol, Service, Tree, Value,
};

/// What a server does with a frame: the frames that it answers with, or `None` to hang up.
type Answer = Arc<dyn Fn(Frame) -> Option<Vec<Frame>> + Send + Sync>;

struct Server {
    endpoint: Endpoint,
    connections: Arc<AtomicUsize>,
    /// What it has read.
    frames: mpsc::UnboundedReceiver<Frame>,
}

impl Server {
    async fn start(answer: impl Fn(Frame) -> Option<Vec<Frame>> + Send + Sync + 'static) -> Self {
        Self::speaking(Protocol::V1, answer).await
    }

    async fn speaking(
        protocol: Protocol,
        answer: impl Fn(Frame) -> Option<Vec<Frame>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = listener.local_addr().unwrap().into();
        let (seen, frames) = mpsc::unbounded_channel();
        let (connections, answer): (Arc<AtomicUsize>, Answer) = (Arc::default(), Arc::new(answer));
        let count = connections.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, protocol, seen.clone(), answer.clone()));
            }
        });
        Self { endpoint, connections, frames }
    }

    fn service(&self) -> Service {
        Service::fixed("test", vec![self.endpoint.clone()], api()).deadline(Duration::from_secs(20)).build()
    }

    async fn next(&mut self) -> Frame {
        tokio::time::timeout(Duration::from_secs(10), self.frames.recv()).await.expect("nothing came").unwrap()
    }
}

async fn serve(mut stream: TcpStream, protocol: Protocol, seen: mpsc::UnboundedSender<Frame>, answer: Answer) {
    let (mut decoder, mut buffer, mut last) = (Decoder::new(protocol), vec![0; 1 << 16], 0);
    let mut open = std::collections::HashSet::new();
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer).await else { return };
        decoder.extend(&buffer[..read]);
        let mut out = vec![];
        while let Some(frame) = decoder.frame().unwrap() {
            if frame.channel > last {
                last = frame.channel;
                open.insert(last);
            } else if !open.contains(&frame.channel) {
                panic!("the id {} came after {last}", frame.channel);
            }
            let _ = seen.send(frame.clone());
            let Some(answers) = answer(frame) else {
                let _ = stream.write_all(&out).await;
                return;
            };
            out.extend(answers.iter().flat_map(|it| it.to_bytes(protocol)));
        }
        if stream.write_all(&out).await.is_err() {
            return;
        }
    }
}

fn api() -> Api {
    let method = |id, name: &str, tx, rx| Method { id, name: name.into(), tx, rx };
    let mut methods = vec![
        method(0, "echo", Tree::default(), Tree::primitive()),
        method(1, "stream", Tree::streaming(), Tree::streaming()),
        method(2, "emit", Tree::default(), Tree::default()),
        method(3, "lock", Tree::discard("close"), Tree::primitive()),
        method(65_533, "ping", Tree::default(), Tree::primitive()),
    ];
    methods.reverse();
    Api::new(methods)
}

fn frame(channel: u64, kind: u64, args: Vec<Value>) -> Frame {
    Frame { channel, kind, args, headers: [].into() }
}

/// What a locator tells of a service that is there, with this version, and has the method `echo`.
fn resolved(Endpoint { host, port }: &Endpoint, version: u64) -> Vec<Value> {
    let endpoint = Value::from(vec![Value::from(host.as_str()), (*port).into()]);
    let value = Value::Map(vec![(0.into(), vec!["value".into(), Value::Map(vec![])].into())]);
    let echo = Value::from(vec!["echo".into(), Value::Map(vec![]), value]);
    vec![vec![endpoint].into(), version.into(), Value::Map(vec![(0.into(), echo)])]
}

/// Answers each first message with what came, as a value.
#[allow(clippy::unnecessary_wraps, reason = "as all of them")]
fn echo(it: Frame) -> Option<Vec<Frame>> {
    Some(vec![frame(it.channel, 0, it.args)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_tasks_with_1000_calls_each_no_id_comes_after_a_larger_one() {
    let server = Server::start(echo).await;
    let service = server.service();
    let tasks = (0..64u64).map(|task| {
        let service = service.clone();
        tokio::spawn(async move {
            for n in 0..1000 {
                let sent = Value::from(task * 1000 + n);
                assert_eq!(service.call(Call::new("echo").arg(sent.clone())).await.unwrap(), [sent]);
            }
        })
    });
    for done in join_all(tasks).await {
        done.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn all_first_callers_share_one_resolving_and_one_connection() {
    let server = Server::start(echo).await;
    let answer = resolved(&server.endpoint, 3);
    let told = move |it: Frame| {
        assert_eq!((it.kind, it.args.as_slice()), (0, &["test".into()][..]));
        Some(vec![frame(it.channel, 0, answer.clone())])
    };
    let mut locator = Server::start(told).await;
    let dead = "127.0.0.1:1".parse().unwrap();
    let known = Locator::new(vec![dead, locator.endpoint.clone()], Protocol::V1);
    let service = Service::located("test", &known).version(3).build();
    let calls = join_all((0..50u64).map(|n| service.call(Call::new("echo").arg(n)))).await;
    assert!(calls.into_iter().all(|it| it.is_ok()));
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    locator.next().await;
    assert!(locator.frames.try_recv().is_err(), "it was resolved once");

    let older = Service::located("test", &known).version(2).build();
    let error = older.call("echo").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NoSuchMethod);
    assert_eq!(error.to_string(), r#"service "test": version 2 is wanted, and it is of version 3"#);
}

#[tokio::test]
async fn every_open_channel_fails_once_and_the_next_call_connects_anew() {
    let server = Server::start(|it| if it.args == ["die".into()] { None } else { Some(vec![]) }).await;
    let service = server.service();
    let mut open = vec![];
    for _ in 0..20 {
        open.push(service.open("stream").await.unwrap());
    }
    let waiting = tokio::spawn({
        let service = service.clone();
        async move { service.call("echo").await }
    });
    while server.frames.len() < 21 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    service.call(Call::new("echo").arg("die")).await.unwrap_err();
    let lost = waiting.await.unwrap().unwrap_err();
    assert!(lost.kind() == Kind::Disconnected && lost.is_ambiguous() && lost.service() == Some("test"), "{lost:?}");
    for (mut sender, mut receiver) in open {
        assert_eq!(receiver.next().await.unwrap().unwrap_err().kind(), Kind::Disconnected);
        assert!(receiver.next().await.is_none() && receiver.next().await.is_none(), "it fails once, and waits no more");
        assert_eq!(sender.write("x").await.unwrap_err().kind(), Kind::Disconnected);
    }
    let (_sender, _receiver) = service.open("stream").await.unwrap();
    let seen = server.frames.len();
    while server.frames.len() == seen {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_stream_goes_both_ways_until_each_has_said_its_last_word() {
    let mut server = Server::start(|it| {
        Some(match it.kind {
            0 => vec![frame(it.channel, 0, it.args)],
            2 => vec![frame(it.channel, 2, vec![])],
            _ => vec![],
        })
    })
    .await;
    let (mut sender, mut receiver) = server.service().open(Call::new("stream").arg("event")).await.unwrap();
    for chunk in ["a", "b"] {
        sender.write(chunk).await.unwrap();
        assert_eq!(receiver.next().await.unwrap().unwrap(), [Value::from(chunk)]);
    }
    sender.close().await.unwrap();
    assert!(receiver.next().await.is_none() && sender.is_closed());
    let error = sender.write("c").await.unwrap_err();
    assert_eq!(error.to_string(), r#"service "test": "write" can't be sent: the channel is closed"#);
    let error = server.service().open("stream").await.unwrap().0.send("jump", []).await.unwrap_err();
    assert_eq!(error.to_string(), r#"service "test": "jump" can't be sent now, but write, error, close"#);
    let kinds: Vec<_> = [server.next().await, server.next().await, server.next().await, server.next().await]
        .iter()
        .map(|it| (it.channel, it.kind))
        .collect();
    assert_eq!(kinds, [(1, 1), (1, 0), (1, 0), (1, 2)]);
}

#[tokio::test]
async fn what_is_dropped_half_open_is_closed_at_the_server_too() {
    let mut server = Server::start(|_| Some(vec![])).await;
    let service = server.service();
    drop(service.open("stream").await.unwrap());
    drop(service.open("lock").await.unwrap());
    let (mut sender, receiver) = service.open("stream").await.unwrap();
    drop(receiver);
    sender.error(Category::APP, 1, "no").await.unwrap();
    drop(sender);
    let mut seen = vec![];
    for _ in 0..6 {
        let it = server.next().await;
        seen.push((it.channel, it.kind));
    }
    assert_eq!(seen, [(1, 1), (1, 2), (2, 3), (2, 0), (3, 1), (3, 1)]);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(server.frames.try_recv().is_err(), "and nothing more");
}

#[tokio::test]
async fn errors_tell_what_the_service_told() {
    let server = Server::start(|it| {
        let code = Value::from(vec![Value::from(12), Value::from(2)]);
        let args = if it.args.is_empty() { vec![code] } else { vec![code, it.args[0].clone()] };
        Some(vec![frame(it.channel, 1, args)])
    })
    .await;
    let error = server.service().call(Call::new("echo").arg("no such key")).await.unwrap_err();
    assert_eq!(error.code(), Some((Category::GENERIC, 2)));
    assert_eq!(error.to_string(), r#"service "test": no such key [generic 2]"#);
    assert!(!error.is_ambiguous());
    let error = server.service().call("echo").await.unwrap_err();
    assert_eq!(error.message(), "an error without a word");
}

#[tokio::test]
async fn values_come_as_many_as_there_are() {
    let server = Server::start(echo).await;
    let service = server.service();
    for args in [vec![], vec![Value::Nil], vec![true.into(), "v".into()]] {
        assert_eq!(service.call(Call::new("echo").args(args.clone())).await.unwrap(), args);
    }
    let (_, mut receiver) = service.open(Call::new("echo").arg(1)).await.unwrap();
    assert_eq!(receiver.next().await.unwrap().unwrap(), [Value::from(1)]);
    assert!(receiver.next().await.is_none() && receiver.next().await.is_none());
}

#[tokio::test]
async fn a_mute_method_keeps_nothing_and_waits_for_nothing() {
    let mut server = Server::start(|_| Some(vec![])).await;
    let service = server.service();
    for _ in 0..1000 {
        assert!(service.call(Call::new("emit").arg("line")).await.unwrap().is_empty());
    }
    for _ in 0..1000 {
        server.next().await;
    }
}

#[tokio::test]
async fn what_can_not_be_sent_is_told_before_a_byte_is() {
    let mut server = Server::start(echo).await;
    let service = server.service();
    let error = service.call("goaway").await.unwrap_err();
    assert_eq!(error.to_string(), r#"service "test": there is no method "goaway"; there are echo, stream, emit, lock"#);
    let error = service.call(Call::new("echo").arg(Value::Extension(1, Bytes::new()))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    service.ping().await.unwrap();
    assert_eq!(server.next().await.kind, 65_533);
}

#[tokio::test]
async fn the_deadline_holds_for_the_whole_call_and_a_late_answer_harms_nobody() {
    let mut server = Server::start(|it| if it.args == ["late".into()] { Some(vec![]) } else { echo(it) }).await;
    let service = server.service();
    let call = Call::new("echo").arg("late").deadline(Duration::from_millis(50));
    let error = service.call(call).await.unwrap_err();
    assert!(error.kind() == Kind::Timeout && error.is_ambiguous(), "{error:?}");
    assert_eq!(server.next().await.channel, 1);
    assert_eq!(service.call("echo").await.unwrap(), []);

    // Nobody answers at all: the time goes into resolving.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let locator = Locator::new(vec![silent.local_addr().unwrap().into()], Protocol::V1);
    let nowhere = Service::located("nowhere", &locator).deadline(Duration::from_millis(100)).build();
    let error = nowhere.call("any").await.unwrap_err();
    assert_eq!(error.to_string(), r#"service "nowhere": no answer within 100ms"#);
    assert!(!error.is_ambiguous());
}

#[tokio::test]
async fn who_can_not_connect_waits_a_little_longer_each_time() {
    let service = Service::fixed("test", vec!["127.0.0.1:1".parse().unwrap()], api()).build();
    let start = std::time::Instant::now();
    for _ in 0..4 {
        // All who call at once are told by one attempt.
        let errors = join_all((0..10).map(|_| service.call("echo"))).await;
        assert!(errors.into_iter().all(|it| it.unwrap_err().kind() == Kind::Connect));
    }
    // 100, 200, 400 ms, at least half of each.
    assert!(start.elapsed() >= Duration::from_millis(350), "{:?}", start.elapsed());
}

#[tokio::test]
async fn who_comes_later_is_not_told_how_an_attempt_went_for_which_nobody_waited() {
    let server = Server::start(echo).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let known = Locator::new(vec![listener.local_addr().unwrap().into()], Protocol::V1);
    let told = resolved(&server.endpoint, 1);
    tokio::spawn(async move {
        // The first is hung up on when its caller is gone.
        let (first, _) = listener.accept().await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(first);
        let (stream, _) = listener.accept().await.unwrap();
        let answer = move |it: Frame| Some(vec![frame(it.channel, 0, told.clone())]);
        serve(stream, Protocol::V1, mpsc::unbounded_channel().0, Arc::new(answer)).await;
    });
    let service = Service::located("test", &known).build();
    let error = service.call(Call::new("echo").deadline(Duration::from_millis(20))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.call("echo").await.unwrap();
}

#[tokio::test]
async fn what_was_let_go_of_harms_nothing_that_came_after_it() {
    let server = Server::start(|it| if it.args == ["die".into()] { None } else { echo(it) }).await;
    let service = server.service();
    let (mut old, mut lost) = service.open(Call::new("stream").arg("old")).await.unwrap();
    lost.next().await.unwrap().unwrap();
    service.disconnect();
    let (mut new, mut kept) = service.open(Call::new("stream").arg("new")).await.unwrap();
    kept.next().await.unwrap().unwrap();
    // The first connection ends after the second has begun.
    old.write("die").await.unwrap();
    assert_eq!(lost.next().await.unwrap().unwrap_err().kind(), Kind::Disconnected);
    new.write("still here").await.unwrap();
    assert_eq!(kept.next().await.unwrap().unwrap(), ["still here".into()]);
    service.call("echo").await.unwrap();
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn headers_that_a_server_keeps_are_known_again_also_if_nobody_read_the_first() {
    use whimbrel_rpc::{Header, Name};
    let server = Server::start(|it| {
        let headers = match it.args.first().and_then(Value::as_str) {
            Some("kept") => vec![Header::Literal { keep: true, name: Name::Raw("hot".into()), value: "293 K".into() }],
            _ => vec![Header::Indexed(83), Header::Indexed(2)],
        };
        // The one that is kept goes to a channel that there is not.
        let channel = if headers.len() == 1 { 9999 } else { it.channel };
        let kept = Frame { headers: headers.into(), ..frame(channel, 0, vec![]) };
        Some(vec![kept])
    })
    .await;
    let service = server.service();
    let (_, _unread) = service.open(Call::new("echo").arg("kept")).await.unwrap();
    let (_, mut receiver) = service.open("echo").await.unwrap();
    receiver.next().await.unwrap().unwrap();
    let headers = receiver.headers();
    assert_eq!((headers.get("hot").unwrap(), headers.get(":method").unwrap()), (&"293 K".into(), &"GET".into()));
}

#[tokio::test]
async fn locators_and_services_are_reached_by_version_6_too() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else { return };
    // Both are on the one address.
    let place: Endpoint = listener.local_addr().unwrap().into();
    assert!(place.to_string().starts_with("[::1]:"));
    let told = resolved(&place, 1);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let told = told.clone();
            let answer = move |it: Frame| {
                let is_resolving = it.args == ["test".into()];
                Some(vec![frame(it.channel, 0, if is_resolving { told.clone() } else { it.args })])
            };
            tokio::spawn(serve(stream, Protocol::V1, mpsc::unbounded_channel().0, Arc::new(answer)));
        }
    });
    let known = Locator::new(vec!["127.0.0.1:1".parse().unwrap(), place], Protocol::V1);
    let service = Service::located("test", &known).build();
    assert_eq!(service.call(Call::new("echo").arg(6)).await.unwrap(), [6.into()]);
}

#[tokio::test]
async fn what_a_server_does_not_read_is_bounded_and_holds_no_task_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(tasks(), 0);
    let service = Service::fixed("test", vec![listener.local_addr().unwrap().into()], api()).build();
    let (mut sender, receiver) = service.open("stream").await.unwrap();
    let (_unread, _) = listener.accept().await.unwrap();
    let (chunk, mut written) = (vec![b'x'; 64 << 10], 0);
    while let Ok(done) = tokio::time::timeout(Duration::from_millis(500), sender.write(chunk.clone())).await {
        done.unwrap();
        written += chunk.len();
        // What waits here is 1 MiB; the rest is in the network's hands.
        assert!(written < 64 << 20, "it takes without end");
    }
    assert!(written >= 1 << 20);
    tokio::time::pause();
    drop((sender, receiver, service));
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(tasks(), 1, "what was written may still be read");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(tasks(), 0);
}

#[tokio::test]
async fn nothing_goes_on_when_nobody_has_a_service_any_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let service = Service::fixed("test", vec![listener.local_addr().unwrap().into()], api()).build();
    let (sender, receiver) = service.open("stream").await.unwrap();
    let waiting = service.clone();
    let call = tokio::spawn(async move { waiting.call("echo").await });
    tokio::task::yield_now().await;
    call.abort();
    // An attempt that takes for ever.
    let locator = Locator::new(vec![listener.local_addr().unwrap().into()], Protocol::V1);
    let nowhere = Service::located("nowhere", &locator).build();
    nowhere.call(Call::new("any").deadline(Duration::from_millis(20))).await.unwrap_err();
    assert!(tasks() > 1);
    drop((service, sender, receiver, nowhere, locator));
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if tasks() == 0 {
            return;
        }
    }
    panic!("{} tasks are left", tasks());
}

#[tokio::test]
async fn who_reads_nothing_fails_when_all_others_have_waited_long_enough() {
    let server = Server::start(|it| {
        Some(match it.kind {
            1 => (0..1000u64).map(|n| frame(it.channel, 0, vec![n.into()])).collect(),
            _ => vec![frame(it.channel, 0, it.args)],
        })
    })
    .await;
    let service = server.service();
    let (_sender, mut receiver) = service.open("stream").await.unwrap();
    let call = Call::new("echo").arg("waits").deadline(Duration::from_secs(60));
    let waiting = tokio::spawn(async move { service.call(call).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    assert_eq!(waiting.await.unwrap().unwrap(), ["waits".into()]);
    assert!(start.elapsed() >= Duration::from_secs(29), "{:?}", start.elapsed());
    let mut read = 0;
    let error = loop {
        match receiver.next().await.unwrap() {
            Ok(chunk) => assert_eq!(chunk, [Value::from(read)]),
            Err(error) => break error,
        }
        read += 1;
    };
    assert_eq!((error.kind(), read), (Kind::TooSlow, 257), "what came before is read");
    assert!(receiver.next().await.is_none());
}

#[tokio::test]
async fn who_reads_slowly_is_waited_for_and_loses_nothing() {
    const CHUNKS: u64 = 5_000;
    let server = Server::start(|it| {
        Some(match it.kind {
            1 => (0..CHUNKS)
                .map(|n| frame(it.channel, 0, vec![n.into()]))
                .chain([frame(it.channel, 2, vec![])])
                .collect(),
            _ => vec![frame(it.channel, 0, vec![])],
        })
    })
    .await;
    let service = server.service();
    let (_sender, mut receiver) = service.open("stream").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut seen = 0;
    while let Some(chunk) = receiver.next().await {
        assert_eq!(chunk.unwrap(), [Value::from(seen)]);
        seen += 1;
        if seen % 500 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert_eq!(seen, CHUNKS);
    // One whom nobody reads keeps nobody else waiting once it is dropped.
    let (_sender, receiver) = service.open("stream").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(receiver);
    service.call("echo").await.unwrap();
}

#[tokio::test]
async fn what_may_not_come_ends_its_channel_and_no_other() {
    let server = Server::start(|it| {
        Some(vec![frame(9999, 0, vec![]), frame(it.channel, if it.args.is_empty() { 7 } else { 0 }, it.args)])
    })
    .await;
    let service = server.service();
    let (_sender, _receiver) = service.open(Call::new("stream").arg("x")).await.unwrap();
    assert_eq!(service.call("echo").await.unwrap_err().kind(), Kind::Protocol);
    assert_eq!(service.call(Call::new("echo").arg(1)).await.unwrap(), [Value::from(1)]);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn long_values_go_there_and_come_back() {
    let server = Server::start(echo).await;
    let service = server.service();
    for length in [0, 31, 32, 255, 256, 65_535, 65_536, 20 << 20] {
        let value = Value::from(vec![b'k'; length]);
        assert!(service.call(Call::new("echo").arg(value.clone())).await.unwrap() == [value]);
    }
}

#[tokio::test]
async fn a_proof_goes_with_each_call() {
    struct Ticket;
    impl Authorization for Ticket {
        fn header(&self) -> futures::future::BoxFuture<'_, whimbrel_rpc::Result<Option<Bytes>>> {
            Box::pin(async { Ok(Some("TVM ticket".into())) })
        }
    }
    let mut server = Server::start(echo).await;
    let service = Service::fixed("test", vec![server.endpoint.clone()], api()).authorization(Arc::new(Ticket)).build();
    service.call("echo").await.unwrap();
    service.call(Call::new("echo").header("authorization", "of my own")).await.unwrap();
    for expected in ["TVM ticket", "of my own"] {
        let headers = server.next().await.resolve(&mut whimbrel_rpc::Table::default()).unwrap();
        assert_eq!(headers.get("authorization").unwrap(), expected);
        assert_eq!(headers.iter().count(), 1);
    }
}

/// Tickets `0`, `1`, ...: another one whenever one was refused, or always the same.
struct Tickets {
    given: AtomicUsize,
    has_others: bool,
}

impl Authorization for Tickets {
    fn header(&self) -> futures::future::BoxFuture<'_, whimbrel_rpc::Result<Option<Bytes>>> {
        Box::pin(async { Ok(Some(format!("TVM {}", self.given.load(Ordering::SeqCst)).into())) })
    }

    fn refused(&self, header: &Bytes) -> bool {
        let _ = self.has_others.then(|| {
            let refused: usize = std::str::from_utf8(&header[4..]).unwrap().parse().unwrap();
            self.given.compare_exchange(refused, refused + 1, Ordering::SeqCst, Ordering::SeqCst)
        });
        self.has_others
    }
}

#[tokio::test]
async fn a_refused_call_is_made_once_more_if_there_is_another_proof() {
    for (code, has_others, good_from, tickets) in [
        (2, true, 1, vec!["TVM 0", "TVM 1"]),
        (1, true, 1, vec!["TVM 0", "TVM 1"]),
        // Once, and no more.
        (2, true, 9, vec!["TVM 0", "TVM 1"]),
        (2, false, 9, vec!["TVM 0"]),
        // Who it is was known, and that he may not.
        (3, true, 9, vec!["TVM 0"]),
    ] {
        let mut server = Server::start(move |it| {
            let headers = it.resolve(&mut whimbrel_rpc::Table::default()).unwrap();
            let ticket =
                std::str::from_utf8(&headers.get("authorization").unwrap()[4..]).unwrap().parse::<u32>().unwrap();
            let refusal = Value::from(vec![Value::from(9), Value::from(code)]);
            Some(vec![if ticket < good_from {
                frame(it.channel, 1, vec![refusal])
            } else {
                frame(it.channel, 0, it.args)
            }])
        })
        .await;
        let proofs = Arc::new(Tickets { given: AtomicUsize::new(0), has_others });
        let service = Service::fixed("test", vec![server.endpoint.clone()], api()).authorization(proofs).build();
        let answer = service.call(Call::new("echo").arg("once")).await;
        match good_from {
            1 => assert_eq!(answer.unwrap(), ["once".into()]),
            _ => assert_eq!(answer.unwrap_err().code(), Some((Category::SECURITY, code))),
        }
        let mut seen = vec![];
        while let Ok(it) = server.frames.try_recv() {
            let headers = it.resolve(&mut whimbrel_rpc::Table::default()).unwrap();
            seen.push(headers.get("authorization").unwrap().clone());
        }
        assert_eq!(seen, tickets, "code {code}");
    }
}

#[tokio::test]
async fn the_older_generation_has_the_same_face() {
    let server = Server::speaking(Protocol::V0, |it| {
        let packed = Value::from(it.args.clone()).to_bytes();
        let last = frame(it.channel, 6, vec![]);
        Some(match it.args.first().and_then(Value::as_str) {
            Some("void") => vec![last],
            Some("wrong") => vec![frame(it.channel, 5, vec![1.into(), "no".into()]), last],
            _ => vec![frame(it.channel, 4, vec![packed.into()]), last],
        })
    })
    .await;
    let method = Method { id: 2, name: "list".into(), tx: Tree::default(), rx: Tree::chunks() };
    let service = Service::fixed("node", vec![server.endpoint.clone()], Api::new(vec![method]));
    let service = service.protocol(Protocol::V0).build();
    assert_eq!(service.call(Call::new("list").arg("a")).await.unwrap(), [Value::from(vec![Value::from("a")])]);
    assert_eq!(service.call(Call::new("list").arg("void")).await.unwrap(), []);
    let (_, receiver) = service.open(Call::new("list").arg("wrong")).await.unwrap();
    let all: Vec<_> = receiver.collect().await;
    assert_eq!(all.len(), 1, "an error, and the end");
    assert_eq!(all[0].as_ref().unwrap_err().code(), Some((Category(0), 1)));
}
