//! Cocaine, asked with bytes: it must do what the real runtime was recorded to do, hanging up among it. No client takes
//! part.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use whimbrel_sandbox::{Options, Sandbox};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, it| hex + &format!("{it:02x}"))
}

/// What came back within a moment, and whether the connection was closed then.
async fn ask(place: SocketAddr, sent: &str) -> (String, bool) {
    let mut stream = TcpStream::connect(place).await.unwrap();
    stream.write_all(&bytes(sent)).await.unwrap();
    let (mut came, mut chunk) = (vec![], vec![0; 4096]);
    loop {
        match timeout(Duration::from_millis(200), stream.read(&mut chunk)).await {
            Err(_) => return (hex(&came), false),
            Ok(Ok(0) | Err(_)) => return (hex(&came), true),
            Ok(Ok(read)) => came.extend_from_slice(&chunk[..read]),
        }
    }
}

/// The headers of an answer whose request had no trace.
const TRACE: &str = "9393c2a874726163655f6964a8000000000000000093c2a77370616e5f6964a8000000000000000093c2a9706172656e745f6964\
                     a80000000000000000";

#[tokio::test]
async fn edge_cases_end_as_they_ended_with_the_real_server() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let storage = sandbox.cocaine().service("storage").unwrap();
    let find = "0392a26e7391a161";
    let empty = |channel: &str| format!("94{channel}009190{TRACE}");
    let missing = |key: &str| {
        let text = format!("/var/lib/cocaine/storage-default/ns/{key}: No such file or directory");
        format!("94010192920c02da{:04x}{}{TRACE}", text.len(), hex(text.as_bytes()))
    };
    let long = "6b".repeat(40);
    let answered = [
        ("three elements", format!("9301{find}"), empty("01")),
        ("five elements", format!("9501{find}9001"), empty("01")),
        ("a key as str8", format!("93010092a26e73d928{long}"), missing(&"k".repeat(40))),
        ("a key as raw16", format!("93010092a26e73da0028{long}"), missing(&"k".repeat(40))),
        ("a key as bin8", "93010092c4026e73c4016b".to_owned(), missing("k")),
        ("a header of its own", format!("9401{find}9193c2a5782d666f6fa3626172"), empty("01")),
        ("a trace by numbers alone", format!("9401{find}93505152"), empty("01")),
        ("a channel of 2^40", format!("93cf0000010000000000{find}"), empty("cf0000010000000000")),
        ("revoke", "9301cdffff9201920c02".to_owned(), format!("94010090{TRACE}")),
        ("ping", "940acdfffd9090".to_owned(), format!("940a0090{TRACE}")),
        ("more arguments than it knows", "94010094a26e73a26b31a1780190".to_owned(), missing("k1")),
        ("a frame that is cut", "93010392".to_owned(), String::new()),
    ];
    for (what, sent, answer) in answered {
        assert_eq!(ask(storage, &sent).await, (answer, false), "{what}");
    }
    let closed = [
        ("a byte that begins nothing", "c1".to_owned()),
        ("headers of nil", format!("9401{find}c0")),
        ("a header by a number beyond all", format!("9401{find}91ccc8")),
        ("a header that was not kept", format!("9401{find}9153")),
        ("a map as a frame", "810102".to_owned()),
        ("a negative channel", format!("93ff{find}")),
        ("channel 0", format!("9300{find}")),
        ("a method that there is not", "93014d91a26e73".to_owned()),
        ("a channel once more", format!("9301{find}9301{find}")),
        ("a smaller channel", format!("9305{find}9303{find}")),
        ("two elements", "920103".to_owned()),
        ("a text where a list is wanted", "93010392a26e73a161".to_owned()),
        ("nil where a text is wanted", "93010092c0a161".to_owned()),
        ("too few arguments", "93010091a26e73".to_owned()),
        ("goaway", "9301cdfffc91920c02".to_owned()),
        ("settings", "940bcdfffe9090".to_owned()),
        (
            "a trace of three bytes",
            format!(
                "9401{find}9393c2a874726163655f6964a361626393c2a77370616e5f6964a361626393c2a9706172656e745f6964a3616263"
            ),
        ),
    ];
    for (what, sent) in &closed {
        assert_eq!(ask(storage, sent).await, (String::new(), true), "{what}");
    }
    assert_eq!(sandbox.cocaine().report().mistakes.len(), closed.len());
}

#[tokio::test]
async fn traces_and_kept_headers_are_understood() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let storage = sandbox.cocaine().service("storage").unwrap();
    let traced = "9393c2a874726163655f6964a8887766554433221193c2a77370616e5f6964a8020000000000000093c2a9706172656e745f6964a8\
                  0000000000000000";
    let sent = "94050392a26e7391a1619393c352a8000000000000000093c350a8887766554433221193c351a80200000000000000";
    assert_eq!(ask(storage, sent).await, (format!("9405009190{traced}"), false));
    // Kept, and meant by its number.
    let twice = "94060392a26e7391a1619193c317a754564d2061626394070392a26e7391a1619153";
    assert_eq!(ask(storage, twice).await, (format!("9406009190{TRACE}9407009190{TRACE}"), false));
}

#[tokio::test]
async fn tickets_are_given_for_a_secret_and_known_by_name_and_by_number() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (tvm, cache) = (sandbox.cocaine().service("tvm").unwrap(), sandbox.cocaine().service("cache").unwrap());
    let text = |it: &str| format!("{:02x}{}", 0xa0 + it.len(), hex(it.as_bytes()));
    let full = |secret: &str| format!("940101942a{}{}8090", text(secret), text("client_credentials"));
    let (_, secret) = whimbrel_sandbox::Cocaine::TVM_CLIENT;
    let refused = |code: &str, said: &str| format!("9401019292 09{code}{}{TRACE}", text(said)).replace(' ', "");
    assert_eq!(ask(tvm, &full("x")).await, (refused("02", "client 42 is not authorized"), false));
    assert_eq!(ask(tvm, &full(secret)).await, (format!("94010091{}{TRACE}", text("3:serv:1")), false));
    let renew = format!("94010292{}{}90", text("demo"), text("3:serv:1"));
    assert_eq!(ask(tvm, &renew).await, (format!("94010091{}{TRACE}", text("3:serv:2")), false));

    let missing = |channel: &str| format!("94{channel}0092c2a0{TRACE}");
    assert_eq!(ask(cache, "94010091a16b90").await, (missing("01"), false), "nobody demands one");
    sandbox.cocaine().demand_tickets(Duration::from_secs(600));
    assert_eq!(ask(cache, "94010091a16b90").await, (refused("01", "token not found"), false));
    let by_name = |ticket: &str| format!("94010091a16b9193c2{}{}", text("authorization"), text(ticket));
    for ticket in ["TVM 3:serv:1", "TVM 3:serv:2"] {
        assert_eq!(ask(cache, &by_name(ticket)).await, (missing("01"), false));
    }
    for wrong in ["TVM 3:serv:3", "TVM "] {
        assert_eq!(ask(cache, &by_name(wrong)).await, (refused("02", "unauthorized"), false));
    }
    assert_eq!(ask(cache, &by_name("Bearer 3:serv:1")).await, (refused("01", "token not found"), false));
    // By the number that the name has, and kept; then by the number of both.
    let kept = format!("94010091a16b9193c317{}94020091a16b9153", text("TVM 3:serv:1"));
    assert_eq!(ask(cache, &kept).await, (format!("{}{}", missing("01"), missing("02")), false));
    sandbox.cocaine().expire_tickets();
    assert_eq!(ask(cache, &by_name("TVM 3:serv:1")).await, (refused("02", "unauthorized"), false));
}

#[tokio::test]
async fn the_older_node_takes_a_map_of_apps_and_a_list_of_them() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let locator: SocketAddr = sandbox.cocaine().older_locator().parse().unwrap();
    let (told, _) = ask(locator, "93000191a46e6f6465").await;
    let at = told.find("3132372e302e302e31cd").unwrap() + 20;
    let node = SocketAddr::new(locator.ip(), u16::from_str_radix(&told[at..at + 4], 16).unwrap());
    let choke = |channel: &str| format!("9306{channel}90");
    // pause_app(["demo"]), list(), start_app({"demo": "default"}), list()
    assert_eq!(ask(node, "9301019191a464656d6f").await.0, choke("01"));
    assert_eq!(ask(node, "93020290").await.0, format!("93040291a190{}", choke("02")));
    assert_eq!(ask(node, "9300039181a464656d6fa764656661756c74").await.0, choke("03"));
    assert_eq!(ask(node, "93020490").await.0, format!("93040491a691a464656d6f{}", choke("04")));
    // As 0.12 would be asked: an error, and the connection lives.
    let (told, is_closed) = ask(node, "93000592a464656d6fa764656661756c74").await;
    assert!(told.starts_with("93050592") && told.ends_with(&choke("05")) && !is_closed, "{told}");
}

#[tokio::test]
async fn the_recorded_talk_of_the_app_is_had_again() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let app = sandbox.cocaine().service("demo").unwrap();
    for (sent, answer) in [
        ("94010091a470696e679094010091a568656c6c6f90", format!("94010091a568656c6c6f{TRACE}94010290{TRACE}")),
        (
            "94020091a66368756e6b739094020091a1339094020290",
            ["0091a66368756e6b30", "0091a66368756e6b31", "0091a66368756e6b32", "0290"]
                .map(|it| format!("9402{it}{TRACE}"))
                .concat(),
        ),
        ("94040091a46661696c9094040091a17890", format!("94040192922a4dae637573746f6d206661696c757265{TRACE}")),
        ("94050091a4626f6f6d9094050091a17890", format!("94050192922a64a4626f6f6d{TRACE}")),
        (
            "94060091a66e6f7375636890",
            format!(
                "94060192922accc8da00247468657265206973206e6f2068616e646c657220666f72206576656e74206e6f73756368{TRACE}"
            ),
        ),
        ("94070091a5757070657290 94070192922a07ad636c69656e742061626f72747390", format!("94070192922a64a0{TRACE}")),
        ("94090091a56e6576657290", String::new()),
    ] {
        assert_eq!(ask(app, &sent.replace(' ', "")).await, (answer, false));
    }
    assert_eq!(sandbox.cocaine().report().mistakes, [""; 0]);
}

#[tokio::test]
async fn the_older_generation_chokes_after_all_and_hangs_up_on_little() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let locator: SocketAddr = sandbox.cocaine().older_locator().parse().unwrap();
    let unavailable =
        "9305019201da0026746865207370656369666965642073657276696365206973206e6f7420617661696c61626c6593060190";
    assert_eq!(ask(locator, "93000191a45741543f").await, (unavailable.to_owned(), false));
    let (answer, is_closed) = ask(locator, "93000291a773746f72616765").await;
    assert!(answer.starts_with("93040291da00") && answer.ends_with("93060290") && !is_closed, "{answer}");
    // Of the newer generation: a list of four, and a method that the older has not.
    assert_eq!(ask(locator, "94010091a46e6f646590").await, (String::new(), true));
    let unknown = "9305009201b4756e6b6e6f776e206d657373616765207479706593060090";
    assert_eq!(ask(locator, "93010091a46e6f6465").await, (unknown.to_owned(), false));
}
