//! DataSift's live streams, heard by a plain WebSocket and a plain HTTP client.

use std::{collections::BTreeSet, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};
use whimbrel_sandbox::{Datasift, Options, Sandbox, datasift};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn started(options: datasift::Options) -> Sandbox {
    Sandbox::start(Options { datasift: options, ..Options::default() }).await.unwrap()
}

fn address(datasift: &Datasift, path: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{}/{path}{sign}username={}&api_key={}", datasift.url(), datasift.user(), datasift.key())
}

async fn socket(datasift: &Datasift, path: &str) -> Socket {
    connect_async(address(datasift, path).replace("http://", "ws://")).await.unwrap().0
}

async fn say(socket: &mut Socket, action: Value) {
    socket.send(Message::text(action.to_string())).await.unwrap();
}

/// The next message; pings are passed over.
async fn hear(socket: &mut Socket) -> Value {
    loop {
        match timeout(Duration::from_secs(5), socket.next()).await.expect("a message").unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn until(what: impl Fn() -> bool) {
    timeout(Duration::from_secs(5), async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

fn interaction(id: &str) -> Value {
    json!({ "interaction": { "id": id, "content": "mud" } })
}

/// Lines of a chunked answer.
struct Lines(Response, Vec<u8>);

impl Lines {
    /// The next line, or what ended it: `None` for a proper end.
    async fn next(&mut self) -> Result<Option<Value>, reqwest::Error> {
        loop {
            if let Some(at) = self.1.iter().position(|it| *it == b'\n') {
                let line: Vec<u8> = self.1.drain(..=at).collect();
                return Ok(Some(serde_json::from_slice(&line).unwrap()));
            }
            match timeout(Duration::from_secs(5), self.0.chunk()).await.expect("a line")? {
                None => return Ok(None),
                Some(chunk) => self.1.extend_from_slice(&chunk),
            }
        }
    }

    async fn line(&mut self) -> Value {
        self.next().await.unwrap().unwrap()
    }
}

async fn lines(datasift: &Datasift, path: &str) -> Lines {
    let answer = Client::new().get(address(datasift, path)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    Lines(answer, vec![])
}

#[tokio::test]
async fn several_streams_are_heard_on_one_socket() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hashes = ["a", "b"].map(|it| datasift.compile(&format!("interaction.content == \"{it}\"")).unwrap());
    for path in ["multi", "", "v1/multi"] {
        let mut socket = socket(datasift, path).await;
        for hash in &hashes {
            say(&mut socket, json!({ "action": "subscribe", "hash": hash })).await;
            let text = format!("Successfully subscribed to hash {hash}");
            assert_eq!(hear(&mut socket).await, json!({ "status": "success", "message": text }));
        }
        assert_eq!(datasift.subscriptions(), [BTreeSet::from(hashes.clone())]);
        assert_eq!(datasift.interact(&hashes[1], &interaction("1")), 1);
        assert_eq!(hear(&mut socket).await, json!({ "hash": hashes[1], "data": interaction("1") }));
        datasift.delete(&hashes[0], "1");
        let deleted = json!({ "deleted": true, "interaction": { "id": "1" } });
        assert_eq!(hear(&mut socket).await, json!({ "hash": hashes[0], "data": deleted }));
        say(&mut socket, json!({ "action": "unsubscribe", "hash": hashes[0] })).await;
        assert_eq!(hear(&mut socket).await["status"], "success");
        assert_eq!(datasift.interact(&hashes[0], &interaction("2")), 0);
        say(&mut socket, json!({ "action": "stop" })).await;
        let stopped =
            json!({ "status": "failure", "message": "A stop message was received. You will now be disconnected" });
        assert_eq!(hear(&mut socket).await, stopped);
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_))) | None));
        until(|| datasift.subscriptions().is_empty()).await;
    }
    assert_eq!(datasift.connections(), 3);
}

#[tokio::test]
async fn what_is_no_action_or_no_stream_is_warned_of() {
    let sandbox = started(datasift::Options::default()).await;
    let mut socket = socket(sandbox.datasift(), "multi").await;
    let invalid = json!({ "status": "warning", "message": "The JSON received from the message was invalid" });
    for nothing in ["{", "[]", "", "{\"action\":\"dance\"}", "{\"action\":\"subscribe\"}"] {
        socket.send(Message::text(nothing)).await.unwrap();
        assert_eq!(hear(&mut socket).await, invalid, "{nothing}");
    }
    // Compiled comes before subscribed.
    let hash = "0123456789abcdef0123456789abcdef";
    say(&mut socket, json!({ "action": "subscribe", "hash": hash })).await;
    let unknown = json!({ "status": "warning", "message": format!("The hash {hash} doesn't exist") });
    assert_eq!(hear(&mut socket).await, unknown);
    assert_eq!(sandbox.datasift().subscriptions(), [BTreeSet::new()]);
}

#[tokio::test]
async fn a_socket_for_one_stream_hears_its_interactions_as_they_are() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let mut one = socket(datasift, &hash).await;
    assert_eq!(hear(&mut one).await["status"], "success");
    datasift.interact(&hash, &interaction("1"));
    assert_eq!(hear(&mut one).await, interaction("1"));
    let unknown = "f".repeat(32);
    let mut none = socket(datasift, &unknown).await;
    let failure = json!({ "status": "failure", "message": format!("The hash {unknown} doesn't exist") });
    assert_eq!(hear(&mut none).await, failure);
    assert!(matches!(none.next().await, Some(Ok(Message::Close(_))) | None));
}

#[tokio::test]
async fn words_to_all_reach_all() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let (mut a, mut b) = (socket(datasift, "multi").await, socket(datasift, "multi").await);
    until(|| datasift.subscriptions().len() == 2).await;
    assert_eq!((datasift.tick(), datasift.tell_reconnect(), datasift.warn_slow(), datasift.ping()), (2, 2, 2, 2));
    for socket in [&mut a, &mut b] {
        let tick = hear(socket).await;
        assert!(tick["tick"].is_i64() && tick["status"] == "connected" && tick["message"] == "Waiting for data");
        assert_eq!(hear(socket).await, json!({ "reconnect": true }));
        assert!(hear(socket).await["message"].as_str().unwrap().starts_with("You are consuming data too slowly."));
        assert!(matches!(socket.next().await, Some(Ok(Message::Ping(_)))));
        // Sends the pong.
        let _ = timeout(Duration::from_millis(20), socket.next()).await;
    }
    until(|| datasift.pongs() == 2).await;
}

#[tokio::test]
async fn who_hears_nothing_gets_ticks_and_pings_in_time() {
    let options = datasift::Options {
        tick_after: Duration::from_millis(30),
        ping_every: Duration::from_millis(20),
        ..Default::default()
    };
    let sandbox = started(options).await;
    let mut socket = socket(sandbox.datasift(), "multi").await;
    assert!(hear(&mut socket).await["tick"].is_i64());
    assert!(hear(&mut socket).await["tick"].is_i64());
    until(|| sandbox.datasift().pongs() >= 1).await;
    let mut lines = lines(sandbox.datasift(), &sandbox.datasift().stream()).await;
    assert!(lines.line().await["tick"].is_i64());
}

#[tokio::test]
async fn a_cut_connection_ends_without_a_word() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let (mut heard, mut read) = (socket(datasift, "multi").await, lines(datasift, &hash).await);
    until(|| datasift.subscriptions().len() == 2).await;
    assert_eq!(datasift.cut(), 2);
    assert!(matches!(heard.next().await, Some(Err(Error::Protocol(_) | Error::Io(_)))));
    assert!(read.next().await.is_err(), "a body without its end");
    assert_eq!(datasift.subscriptions(), Vec::<BTreeSet<String>>::new());
    // It goes on to listen.
    let mut again = socket(datasift, &format!("multi?hashes={hash}")).await;
    assert_eq!(hear(&mut again).await["status"], "success");
}

#[tokio::test]
async fn streams_come_in_lines_over_http() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let other = datasift.compile("interaction.content exists").unwrap();
    // One stream: as they are, and no status that was not asked for.
    let mut one = lines(datasift, &hash).await;
    datasift.interact(&hash, &interaction("1"));
    assert_eq!(one.line().await, interaction("1"));
    datasift.delete(&hash, "1");
    assert_eq!(one.line().await, json!({ "deleted": true, "interaction": { "id": "1" } }));
    let mut versioned = lines(datasift, &format!("v1/{hash}?statuses=true")).await;
    assert_eq!(versioned.line().await["message"], format!("Successfully subscribed to hash {hash}"));
    // Several: with the hash.
    let unknown = "e".repeat(32);
    let mut many = lines(datasift, &format!("multi?statuses=true&hashes={hash},{other},{unknown}")).await;
    let greeting = [many.line().await, many.line().await, many.line().await];
    let statuses: Vec<_> = greeting.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["success", "success", "warning"]);
    datasift.interact(&other, &interaction("2"));
    assert_eq!(many.line().await, json!({ "hash": other, "data": interaction("2") }));
    datasift.tell_reconnect();
    assert_eq!(many.line().await, json!({ "reconnect": true }));

    let refused = Client::new().get(address(datasift, &unknown)).send().await.unwrap();
    assert_eq!(refused.status(), 404);
    assert_eq!(refused.json::<Value>().await.unwrap()["message"], format!("The hash {unknown} doesn't exist"));
}

/// Reads on until all this has come, one after the other.
async fn reads(stream: &mut TcpStream, expected: &[&str]) {
    let (mut came, mut chunk) = (String::new(), [0; 4096]);
    for expected in expected {
        let at = loop {
            if let Some(at) = came.find(expected) {
                break at;
            }
            let read = timeout(Duration::from_secs(5), stream.read(&mut chunk)).await.expect(expected).unwrap();
            assert!(read > 0, "{expected} after {came}");
            came.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
        };
        came.drain(..at + expected.len());
    }
}

#[tokio::test]
async fn actions_may_come_in_the_body_of_a_get() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let mut stream = TcpStream::connect(datasift.url().strip_prefix("http://").unwrap()).await.unwrap();
    // By hand: HTTP clients end a body when its answer comes.
    let head = format!(
        "GET /multi?statuses=true HTTP/1.1\r\nHost: x\r\nAuthorization: {}:{}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n",
        datasift.user(),
        datasift.key()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    // Two at once, one in two parts, and one that is none.
    let action = json!({ "action": "subscribe", "hash": hash }).to_string();
    let (head, tail) = action.split_at(9);
    stream.write_all(chunk(&format!("{action}{action}{head}")).as_bytes()).await.unwrap();
    reads(&mut stream, &["HTTP/1.1 200 OK", "success", "success"]).await;
    stream.write_all(chunk(tail).as_bytes()).await.unwrap();
    reads(&mut stream, &["success"]).await;
    datasift.interact(&hash, &interaction("1"));
    reads(&mut stream, &["\"id\":\"1\""]).await;
    stream.write_all(chunk("}").as_bytes()).await.unwrap();
    reads(&mut stream, &["warning"]).await;
    stream.write_all(chunk(r#"{"action":"stop"}"#).as_bytes()).await.unwrap();
    reads(&mut stream, &["failure", "0\r\n\r\n"]).await;
}

#[tokio::test]
async fn who_reads_too_slowly_is_warned_and_then_dropped() {
    let sandbox = started(datasift::Options { backlog: 16, ..Default::default() }).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let mut socket = socket(datasift, &format!("multi?hashes={hash}")).await;
    assert_eq!(hear(&mut socket).await["status"], "success");
    let large = json!({ "interaction": { "id": "1", "content": "x".repeat(200_000) } });
    let mut told = 0;
    while datasift.interact(&hash, &large) == 1 && told < 1000 {
        told += 1;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(told < 1000, "it was dropped");
    assert_eq!(datasift.subscriptions(), Vec::<BTreeSet<String>>::new());
    // What the network holds still comes; no more than that.
    let mut warned = false;
    let mut got = 0;
    while let Ok(Some(Ok(message))) = timeout(Duration::from_secs(5), socket.next()).await {
        got += 1;
        warned |= message.to_text().is_ok_and(|it| it.contains("consuming data too slowly. If"));
    }
    assert!(got < told, "{got} of {told}");
    // The warning waits behind what does not go out: it comes only if there was time.
    assert!(!warned || got > 1);
}

#[tokio::test]
async fn who_reads_slowly_and_goes_on_reads_the_warning() {
    let sandbox = started(datasift::Options { backlog: 16, ..Default::default() }).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let mut socket = socket(datasift, &format!("multi?hashes={hash}")).await;
    assert_eq!(hear(&mut socket).await["status"], "success");
    // All at once, so that none goes out between.
    for n in 0..12 {
        assert_eq!(datasift.interact(&hash, &interaction(&n.to_string())), 1);
    }
    let mut heard = vec![];
    for _ in 0..13 {
        heard.push(hear(&mut socket).await);
    }
    let warnings = heard.iter().filter(|it| it["status"] == "warning").count();
    assert_eq!((warnings, heard.last().unwrap()["data"]["interaction"]["id"].as_str()), (1, Some("11")));
}

#[tokio::test]
async fn who_is_not_known_hears_nothing() {
    let sandbox = started(datasift::Options::default()).await;
    let url = format!("{}/multi?username=ada&api_key=wrong", sandbox.datasift().url());
    assert_eq!(Client::new().get(&url).send().await.unwrap().status(), 401);
    match connect_async(url.replace("http://", "ws://")).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 401),
        other => panic!("{other:?}"),
    }
    // The header is as good as the query.
    let header = format!("{}:{}", sandbox.datasift().user(), sandbox.datasift().key());
    let url = format!("{}/multi", sandbox.datasift().url());
    assert_eq!(Client::new().get(&url).header("Authorization", header).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn interactions_are_made_up_for_what_is_listened_to() {
    let sandbox =
        started(datasift::Options { interactions_every: Some(Duration::from_millis(5)), ..Default::default() }).await;
    let datasift = sandbox.datasift();
    let hash = datasift.compile(r#"interaction.content contains "lugworms""#).unwrap();
    let mut socket = socket(datasift, &format!("multi?hashes={hash}")).await;
    assert_eq!(hear(&mut socket).await["status"], "success");
    let (mut contents, mut deleted) = (0, 0);
    while deleted == 0 {
        let heard = hear(&mut socket).await;
        assert_eq!(heard["hash"], hash);
        if heard["data"]["deleted"] == true {
            deleted += 1;
        } else {
            let content = heard["data"]["interaction"]["content"].as_str().unwrap();
            contents += usize::from(content.contains("lugworms"));
        }
    }
    assert!(contents > 0);
}

#[tokio::test]
async fn the_sandbox_is_told_over_http_what_to_do() {
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let hash = datasift.stream();
    let mut socket = socket(datasift, &format!("multi?hashes={hash}")).await;
    assert_eq!(hear(&mut socket).await["status"], "success");
    let tell = async |what: &str| {
        let url = format!("{}/_sandbox/{what}", datasift.url());
        Client::new().post(url).json(&interaction("7")).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(tell(&format!("interact?hash={hash}")).await, 1);
    assert_eq!(hear(&mut socket).await["data"], interaction("7"));
    tell("credits?left=3").await;
    assert_eq!(datasift.credits_left(), 3);
    assert_eq!(tell("live").await, json!({ "open": [[hash]], "made": 1, "pongs": 0 }));
    assert_eq!(tell("cut").await, 1);
    assert!(matches!(socket.next().await, Some(Err(_)) | None));
}

#[tokio::test]
async fn sockets_end_with_the_sandbox() {
    let sandbox = started(datasift::Options::default()).await;
    let mut socket = socket(sandbox.datasift(), "multi").await;
    until(|| sandbox.datasift().subscriptions().len() == 1).await;
    drop(sandbox);
    assert!(matches!(timeout(Duration::from_secs(5), socket.next()).await.unwrap(), Some(Err(_)) | None));
}
