//! Whatever comes in, nothing panics, sets memory aside on the word of a length, or is read in two ways. As plain tests these try
//! some thousand inputs each; how they are fuzzed for as long as one likes stands in the README.

use bolero::check;
use whimbrel_rpc::{Api, Decoder, Frame, FrameError, Protocol, Table, Tree, Value};

fn decode(protocol: Protocol, chunks: &[&[u8]]) -> (Vec<Frame>, Option<FrameError>) {
    let (mut decoder, mut frames) = (Decoder::new(protocol).limit(1 << 20), vec![]);
    for chunk in chunks {
        decoder.extend(chunk);
        loop {
            match decoder.frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(e) => return (frames, Some(e)),
            }
        }
    }
    (frames, None)
}

#[test]
fn frames_are_the_same_however_they_are_cut() {
    check!().for_each(|input: &[u8]| {
        for protocol in [Protocol::V0, Protocol::V1] {
            let whole = decode(protocol, &[input]);
            let cut = decode(protocol, &input.chunks(1).collect::<Vec<_>>());
            assert!(is_same(&cut.0, &whole.0) && cut.1 == whole.1, "{cut:?} and {whole:?}");
            // What was read is read again as it is written.
            for frame in &whole.0 {
                let plain = Frame {
                    headers: if protocol == Protocol::V0 { [].into() } else { frame.headers.clone() },
                    ..frame.clone()
                };
                let again = decode(protocol, &[&plain.to_bytes(protocol)]);
                assert!(is_same(&again.0, &[plain]), "{again:?}");
            }
        }
    });
}

/// Numbers that are none are no reason to differ.
fn is_same(one: &[Frame], other: &[Frame]) -> bool {
    one == other || format!("{one:?}") == format!("{other:?}")
}

#[test]
fn headers_keep_no_more_than_there_is_room_for() {
    check!().for_each(|input: &[u8]| {
        let mut table = Table::default();
        // Many times, as a connection lasts long.
        for frame in decode(Protocol::V1, &[input]).0.iter().cycle().take(64) {
            let Ok(headers) = frame.resolve(&mut table) else { continue };
            let mut plain = Table::default();
            assert_eq!(plain.resolve(&headers.wire()).unwrap(), headers, "what is sent needs no table");
            headers.traced();
        }
        assert!(format!("{table:?}").len() < 1 << 16);
    });
}

#[test]
fn trees_are_gone_along_to_their_end_or_for_ever() {
    check!().for_each(|input: &[u8]| {
        let Ok(value) = Value::read(&input.to_vec().into()) else { return };
        let _ = (Api::read_v0(&value), value.to_string());
        if let Ok(api) = Api::read(&value) {
            for method in api.methods() {
                walk(method.tx.clone());
                walk(method.rx.clone());
            }
        }
        if let Ok(tree) = Tree::read(&value) {
            walk(tree);
        }
    });
}

fn walk(mut tree: Tree) {
    for step in 0..64u64 {
        let before = tree.clone();
        match tree.step(step % 4) {
            Some(name) => assert!(before.names().any(|it| *it == *name)),
            None => assert_eq!(tree, before),
        }
        let _ = (tree.farewell(), format!("{tree:?}").len());
    }
}
