//! What real servers and clients of both generations said to each other (cocaine-runtime 0.12.14.21 and 0.11.2.0, with
//! the Python clients of their time): `recorded.jsonl`, a chunk a line.

use std::collections::BTreeMap;

use serde::Deserialize;
use whimbrel_rpc::{Api, Decoder, Frame, FrameError, Header, Protocol, Table, Trace};

#[derive(Deserialize)]
struct Chunk {
    proto: String,
    scene: String,
    dir: String,
    hex: String,
}

impl Chunk {
    fn protocol(&self) -> Protocol {
        if self.proto == "0.11" { Protocol::V0 } else { Protocol::V1 }
    }

    fn bytes(&self) -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&self.hex[at..at + 2], 16).unwrap();
        (0..self.hex.len()).step_by(2).map(digit).collect()
    }

    fn is_clients(&self) -> bool {
        self.dir == "c2s" && self.proto != "0.12-worker"
    }
}

fn recorded() -> Vec<Chunk> {
    include_str!("recorded.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn decode<'a>(protocol: Protocol, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Frame>, FrameError> {
    let (mut decoder, mut frames) = (Decoder::new(protocol), vec![]);
    for chunk in chunks {
        decoder.extend(chunk);
        while let Some(frame) = decoder.frame()? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

#[test]
fn every_chunk_is_the_same_frames_however_it_is_cut() {
    let (mut all, mut whole): (BTreeMap<_, Vec<u8>>, BTreeMap<_, Vec<Frame>>) = Default::default();
    let (mut frames, mut cuts) = (0, 0);
    for chunk in recorded() {
        let (protocol, bytes) = (chunk.protocol(), chunk.bytes());
        let expected = decode(protocol, [&bytes[..]]).unwrap_or_else(|e| panic!("{}: {e}", chunk.scene));
        assert!(!expected.is_empty(), "{}: a chunk is at least one frame", chunk.scene);
        assert_eq!(decode(protocol, bytes.chunks(1)).unwrap(), expected, "{}", chunk.scene);
        for at in 0..=bytes.len() {
            assert_eq!(decode(protocol, [&bytes[..at], &bytes[at..]]).unwrap(), expected, "{} at {at}", chunk.scene);
        }
        (frames, cuts) = (frames + expected.len(), cuts + bytes.len() + 1);
        let key = (chunk.proto.clone(), chunk.dir.clone());
        all.entry(key.clone()).or_default().extend(bytes);
        whole.entry(key).or_default().extend(expected);
    }
    for ((proto, dir), bytes) in all {
        let protocol = if proto == "0.11" { Protocol::V0 } else { Protocol::V1 };
        assert_eq!(decode(protocol, [&bytes[..]]).unwrap(), whole[&(proto, dir)]);
    }
    assert_eq!((frames, cuts), (273, 13_541));
}

#[test]
fn what_is_written_is_what_clients_and_servers_wrote_byte_by_byte() {
    for chunk in recorded().iter().filter(|it| it.proto != "0.12-worker") {
        let bytes = chunk.bytes();
        let frames = decode(chunk.protocol(), [&bytes[..]]).unwrap();
        let written: Vec<u8> = frames.iter().flat_map(|it| it.to_bytes(chunk.protocol())).collect();
        assert_eq!(written, bytes, "{} {}", chunk.scene, chunk.dir);
    }
}

#[test]
fn headers_that_a_client_kept_are_known_again() {
    let (mut table, mut said) = (Table::default(), BTreeMap::new());
    for chunk in recorded().iter().filter(|it| it.is_clients() && it.protocol() == Protocol::V1) {
        for frame in decode(Protocol::V1, [&chunk.bytes()[..]]).unwrap() {
            said.insert(chunk.scene.clone(), frame.resolve(&mut table).unwrap());
        }
    }
    for scene in ["storage.read with authorization", "storage.read with authorization (again, table hit)"] {
        assert_eq!(said[scene].get("authorization").unwrap(), "TVM abc", "{scene}");
    }
    let trace = said["storage.read with trace"].traced().unwrap();
    assert_eq!(trace, Trace { trace: 0x1122_3344_5566_7788, span: 2, parent: 0 });
    // As the client of today says it, with nothing kept.
    assert!(said["storage.read with trace"].wire().iter().all(|it| matches!(it, Header::Literal { keep: false, .. })));
}

#[test]
fn services_describe_themselves() {
    let (mut services, mut methods) = (0, 0);
    for chunk in recorded().iter().filter(|it| it.dir == "s2c" && it.proto == "0.12") {
        for frame in decode(Protocol::V1, [&chunk.bytes()[..]]).unwrap() {
            let [_, version, api] = &frame.args[..] else { continue };
            if version.as_u64().is_none() || api.as_map().is_none() {
                continue;
            }
            let api = Api::read(api).unwrap_or_else(|e| panic!("{}: {e}", chunk.scene));
            services += 1;
            methods += api.methods().count();
            if let Some(enqueue) = api.method("enqueue") {
                assert_eq!(enqueue.tx, enqueue.rx, "{}", chunk.scene);
                assert_eq!(enqueue.tx.names().collect::<Vec<_>>(), ["write", "error", "close"]);
            }
            if let Some(emit) = api.method("emit") {
                assert!(emit.rx.is_empty(), "nobody answers what is logged");
            }
        }
    }
    assert_eq!((services, methods), (10, 35));
}
