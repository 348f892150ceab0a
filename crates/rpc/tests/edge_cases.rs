//! What a real 0.12 runtime did with odd input, row by row (recorded with 0.12.14.21), and what this client does: either it
//! can't send the like, or it is ready for the runtime's hanging up.

use std::time::Duration;

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use whimbrel_rpc::{
    Api, Call, Decoder, Frame, FrameError, Headers, Kind, Method, Protocol, Service, Table, Trace, Tree, Value,
};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// What becomes of such a frame if somebody sends it to us.
#[derive(Debug, PartialEq)]
enum Read {
    /// It is one, with so many headers.
    Frame(usize),
    /// It is none, and the connection is over.
    Refused,
    /// The rest is waited for.
    Waits,
}

fn read(hex: &str) -> Read {
    let mut decoder = Decoder::new(Protocol::V1);
    decoder.extend(&bytes(hex));
    let mut table = Table::default();
    let mut headers = |frame: Frame| -> Result<usize, FrameError> { Ok(frame.resolve(&mut table)?.iter().count()) };
    match decoder.frame() {
        Ok(Some(frame)) => headers(frame).map_or(Read::Refused, Read::Frame),
        Ok(None) => Read::Waits,
        Err(_) => Read::Refused,
    }
}

#[test]
fn what_the_runtime_reads_is_read_and_what_it_hangs_up_on_for_its_form_is_refused() {
    for (row, hex, ours) in [
        ("3-element frame (no headers)", "93010392a26e7391a161", Read::Frame(0)),
        ("str8 key", "93010092a26e73d9026b6b", Read::Frame(0)),
        ("raw16 key", "93010092a26e73da00026b6b", Read::Frame(0)),
        ("bin8 key", "93010092c4026e73c4016b", Read::Frame(0)),
        ("never-used c1", "c1", Read::Refused),
        ("headers nil", "94010392a26e7391a161c0", Read::Refused),
        ("header with 3-tuple", "94010392a26e7391a1619193c2a5782d666f6fa3626172", Read::Frame(1)),
        ("header bad index 200", "94010392a26e7391a16191ccc8", Read::Refused),
        ("header index 83 w/o dynamic", "94010392a26e7391a1619153", Read::Refused),
        ("header static idx 80 only", "94010392a26e7391a16193505152", Read::Frame(3)),
        ("map as frame", "810102", Read::Refused),
        ("negative channel", "93ff0392a26e7391a161", Read::Refused),
        ("huge channel 2**40", "93cf00000100000000000392a26e7391a161", Read::Frame(0)),
        ("5-element frame", "95010392a26e7391a1619001", Read::Frame(0)),
        ("2-element frame", "920103", Read::Refused),
        ("split frame", "93010392", Read::Waits),
    ] {
        assert_eq!(read(hex), ours, "{row}");
    }
}

/// A server that tells what it is sent, and hangs up after `frames` of it.
async fn heard(frames: usize, calls: impl AsyncFnOnce(Service)) -> Vec<Frame> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let method = |id, name: &str| Method { id, name: name.into(), tx: Tree::default(), rx: Tree::primitive() };
    let methods = [(0, "read"), (3, "find"), (65_532, "goaway"), (65_534, "settings"), (65_535, "revoke")];
    let api = Api::new(methods.map(|(id, name)| method(id, name)).into());
    let service = Service::fixed("storage", vec![listener.local_addr().unwrap().into()], api);
    let service = service.deadline(Duration::from_secs(10)).build();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut decoder, mut seen, mut buffer) = (Decoder::new(Protocol::V1), vec![], vec![0; 1 << 16]);
        while seen.len() < frames {
            let read = stream.read(&mut buffer).await.unwrap();
            decoder.extend(&buffer[..read]);
            while let Some(frame) = decoder.frame().unwrap() {
                if seen.len() + 1 < frames {
                    let answer = Frame { channel: frame.channel, kind: 0, args: vec![], headers: [].into() };
                    stream.write_all(&answer.to_bytes(Protocol::V1)).await.unwrap();
                }
                seen.push(frame);
            }
        }
        seen
    };
    let (seen, ()) = tokio::join!(server, calls(service));
    seen
}

#[tokio::test]
async fn what_the_runtime_hangs_up_on_for_its_sense_is_never_sent() {
    let seen = heard(3, async |service| {
        // "unknown method id 77", "goaway", "settings": only what the service itself has is called by its name.
        for name in ["write", "goaway", "settings", "revoke"] {
            assert_eq!(service.call(name).await.unwrap_err().kind(), Kind::NoSuchMethod, "{name}");
        }
        // An extension would be a value that the runtime does not know.
        let odd = Call::new("read").arg(Value::Extension(1, Bytes::new()));
        assert_eq!(service.call(odd).await.unwrap_err().kind(), Kind::Invalid);
        // "bad trace size": an id is a number, so it has eight bytes.
        let traced = Call::new("read").arg("ns").arg("k".repeat(40)).trace(Trace { trace: 1, span: 2, parent: 0 });
        service.call(traced).await.unwrap();
        service.call(Call::new("find").arg("ns").arg(Vec::<Value>::new())).await.unwrap();
        // "string where list expected", "nil arg": of arguments the tree says nothing. The runtime hangs up, and the call
        // tells that it may have been carried out.
        let error = service.call(Call::new("read").arg(Value::Nil)).await.unwrap_err();
        assert!(error.kind() == Kind::Disconnected && error.is_ambiguous(), "{error:?}");
    })
    .await;
    // "channel 0", "reuse channel 1", "skip channels 5 then 3": ids begin at 1, and each is larger than the one before.
    assert_eq!(seen.iter().map(|it| it.channel).collect::<Vec<_>>(), [1, 2, 3]);
    for frame in &seen {
        let sent = frame.to_bytes(Protocol::V1);
        assert_eq!(sent[0], 0x94, "four elements, whatever the headers");
        assert!(!sent.iter().any(|it| *it == 0xd9 || *it == 0xc4), "neither str8 nor bin8: {sent:?}");
    }
    let mut trace = Headers::default();
    trace.trace(Trace { trace: 1, span: 2, parent: 0 });
    assert_eq!(seen[0].resolve(&mut Table::default()).unwrap(), trace);
}
