//! How many calls a second one connection carries, for `cargo xtask bench cocaine`. `pipelined serve` is a fast server, which
//! tells its address and ends with its input. `pipelined WAY ADDRESS CALLS` asks it in one way and tells, as JSON, the seconds:
//!
//! - `bare`: a bare socket writes frames packed beforehand, each as it is, and counts the bytes of answers;
//! - `together`: the same, 512 frames at once;
//! - `client`: this crate's client makes, sends, decodes and tells apart each, 512 at once.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

use std::{io::Read as _, time::Instant};

use futures::{StreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use whimbrel_rpc::{Api, Call, Endpoint, Frame, Method, Protocol, Service, Tree};

/// How many calls are on their way at once.
const AT_ONCE: usize = 512;

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let ["serve"] = &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut vec![]);
            std::process::exit(0);
        });
        return runtime.block_on(serve());
    }
    let [way, address, calls] = &words[..] else { panic!("pipelined serve, or pipelined WAY ADDRESS CALLS") };
    let endpoint = address.parse().expect("an address");
    let calls = calls.parse().expect("a number of calls");
    let seconds = runtime.block_on(async {
        match &**way {
            "bare" => by_bare_socket(&endpoint, calls, 1).await,
            "together" => by_bare_socket(&endpoint, calls, AT_ONCE).await,
            "client" => by_client(&endpoint, calls).await,
            other => panic!("{other} is no way"),
        }
    });
    println!("{{\"seconds\": {seconds}}}");
}

/// `cache.get` of one key, answered as the real service does, traces and all.
async fn serve() {
    const TRACE: &[u8] =
        b"\x93\x93\xc2\xa8trace_id\xa8\0\0\0\0\0\0\0\0\x93\xc2\xa7span_id\xa8\0\0\0\0\0\0\0\0\x93\xc2\xa9parent_id\
                           \xa8\0\0\0\0\0\0\0\0";
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    loop {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let (mut buffer, mut had, mut out) = (vec![0; 1 << 18], 0, vec![]);
        while let Ok(read @ 1..) = stream.read(&mut buffer[had..]).await {
            had += read;
            let mut at = 0;
            // All that it looks at is the channel and where the next frame begins.
            while let Some((id, length)) = request(&buffer[at..had]) {
                out.extend_from_slice(&[0x94]);
                out.extend_from_slice(&buffer[at + 1..at + 1 + id]);
                out.extend_from_slice(b"\x00\x92\xc3\xa5value");
                out.extend_from_slice(TRACE);
                at += length;
            }
            buffer.copy_within(at..had, 0);
            had -= at;
            if stream.write_all(&out).await.is_err() {
                break;
            }
            out.clear();
        }
    }
}

/// How long the channel's id and the whole frame are.
fn request(bytes: &[u8]) -> Option<(usize, usize)> {
    let id = match bytes.get(1)? {
        0xcc => 2,
        0xcd => 3,
        0xce => 5,
        0xcf => 9,
        _ => 1,
    };
    let whole = 1 + id + b"\x00\x91\xa3key\x90".len();
    (bytes.len() >= whole).then_some((id, whole))
}

async fn by_bare_socket(endpoint: &Endpoint, calls: u64, at_once: usize) -> f64 {
    let frame =
        |n| Frame { channel: n + 1, kind: 0, args: vec!["key".into()], headers: [].into() }.to_bytes(Protocol::V1);
    let batches: Vec<Vec<u8>> =
        (0..calls).step_by(at_once).map(|n| (n..(n + at_once as u64).min(calls)).flat_map(frame).collect()).collect();
    let mut stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.expect("the server");
    stream.set_nodelay(true).expect("a socket");
    let (mut read, mut write) = stream.split();
    let mut buffer = vec![0; 1 << 18];
    // What a batch is answered with has a length that is known: nothing is decoded.
    let answer = |n: u64| {
        71 + match n + 1 {
            0..0x80 => 1,
            0x80..0x100 => 2,
            0x100..0x1_0000 => 3,
            _ => 5,
        }
    };
    let start = Instant::now();
    let writing = async {
        for batch in &batches {
            write.write_all(batch).await.expect("the server reads");
        }
    };
    let reading = async {
        let mut left: usize = (0..calls).map(answer).sum();
        while left > 0 {
            match read.read(&mut buffer).await.expect("the server answers") {
                0 => panic!("the server hung up"),
                read => left -= read,
            }
        }
    };
    tokio::join!(writing, reading);
    start.elapsed().as_secs_f64()
}

async fn by_client(endpoint: &Endpoint, calls: u64) -> f64 {
    let get = Method { id: 0, name: "get".into(), tx: Tree::default(), rx: Tree::primitive() };
    let cache = Service::fixed("cache", vec![endpoint.clone()], Api::new(vec![get])).build();
    cache.call(Call::new("get").arg("key")).await.expect("an answer");
    let start = Instant::now();
    let mut calls = stream::iter(0..calls).map(|_| cache.call(Call::new("get").arg("key"))).buffer_unordered(AT_ONCE);
    while let Some(answer) = calls.next().await {
        assert_eq!(answer.expect("an answer")[1].as_str(), Some("value"));
    }
    start.elapsed().as_secs_f64()
}
