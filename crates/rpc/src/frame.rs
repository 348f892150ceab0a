//! Frames: what goes over a connection, one after another, with nothing between them.

use std::{fmt, sync::Arc};

use bytes::{Bytes, BytesMut};

use crate::{
    headers::{Header, Headers, Table},
    value::{DEPTH, Reader, Sink, Value, marked, write_array, write_array_length, write_unsigned},
};

/// The two generations of the protocol, which don't understand each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Of Cocaine 0.11: `[type, channel, arguments]`, no trees and no headers.
    V0,
    /// Of Cocaine 0.12: `[channel, type, arguments, headers]`.
    #[default]
    V1,
}

/// A message on a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Which channel.
    pub channel: u64,
    /// Which message: a method's id on a new channel, else one of the dispatch tree's.
    pub kind: u64,
    /// What goes with it.
    pub args: Vec<Value>,
    /// Names and values beside it, as they stand in the frame.
    pub headers: Arc<[Header]>,
}

impl Frame {
    /// Its bytes.
    pub fn to_bytes(&self, protocol: Protocol) -> Bytes {
        let mut out = BytesMut::new();
        write(&mut out, protocol, (self.channel, self.kind), &self.args, |out| Header::write_all(&self.headers, out));
        out.freeze()
    }
}

/// Writes a frame of parts that somebody else has.
pub(crate) fn write<S: Sink>(
    out: &mut S,
    protocol: Protocol,
    (channel, kind): (u64, u64),
    args: &[Value],
    headers: impl FnOnce(&mut S),
) {
    match protocol {
        Protocol::V0 => {
            write_array_length(3, out);
            write_unsigned(kind, out);
            write_unsigned(channel, out);
            write_array(args, out);
        }
        Protocol::V1 => {
            write_array_length(4, out);
            write_unsigned(channel, out);
            write_unsigned(kind, out);
            write_array(args, out);
            headers(out);
        }
    }
}

/// What is no frame. Whoever sent it can't be understood any more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// No MessagePack, or of another shape than a frame.
    Malformed(&'static str),
    /// Larger than this many bytes.
    TooLarge(usize),
    /// A header by a number that stands for none.
    NoSuchHeader(u64),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "not a frame of Cocaine's: {what}"),
            Self::TooLarge(limit) => write!(f, "a frame of more than {limit} bytes"),
            Self::NoSuchHeader(index) => write!(f, "a header by the number {index}, which stands for none"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Makes frames of the bytes that come in, however they are cut into chunks.
///
/// It sets nothing aside on the word of a length: what is in memory has come in. A byte is looked at once, also if it
/// comes alone.
///
/// ```
/// use whimbrel_rpc::{Decoder, Protocol, Value};
///
/// let mut decoder = Decoder::new(Protocol::V1);
/// decoder.extend(&[0x94, 0x01, 0x00, 0x91, 0xa2]);
/// assert_eq!(decoder.frame().unwrap(), None);
/// decoder.extend(b"ok\x90");
/// let frame = decoder.frame().unwrap().unwrap();
/// assert_eq!((frame.channel, frame.kind, frame.args), (1, 0, vec![Value::from("ok")]));
/// ```
#[derive(Debug)]
pub struct Decoder {
    protocol: Protocol,
    /// What came in and was not taken.
    buffer: BytesMut,
    limit: usize,
    /// How far the frame at the beginning of the buffer was looked at.
    position: usize,
    /// How many values are still to come, of each list and map that is open.
    open: Vec<u64>,
}

/// The largest frame that is read unless somebody says otherwise.
pub const LARGEST_FRAME: usize = 128 << 20;

impl Decoder {
    /// One for a new connection.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, buffer: BytesMut::new(), limit: LARGEST_FRAME, position: 0, open: vec![1] }
    }

    /// The largest frame that it takes, in bytes.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Adds what came in.
    pub fn extend(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Where what comes in can be read to.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next frame, if all of it is there.
    ///
    /// # Errors
    /// What came is no frame. Nothing that comes later is one, either.
    pub fn frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let Some(end) = self.end()? else { return Ok(None) };
        let bytes = self.buffer.split_to(end).freeze();
        self.position = 0;
        self.open.push(1);
        read(self.protocol, bytes).map(Some)
    }

    /// Where the frame at the beginning ends.
    fn end(&mut self) -> Result<Option<usize>, FrameError> {
        // Each open one waits for its children; the frame itself is the only child of the first.
        loop {
            let is_first = self.open.len() == 1;
            let Some(left) = self.open.last_mut() else { return Ok(Some(self.position)) };
            if *left == 0 {
                self.open.pop();
                continue;
            }
            let Some(marked) = marked(self.buffer.get(self.position..).unwrap_or_default())? else { return Ok(None) };
            let end = self.position.saturating_add(marked.head).saturating_add(marked.payload);
            // What is still to come takes a byte each at least.
            let least = (end as u64).saturating_add(marked.children);
            if least > self.limit as u64 {
                return Err(FrameError::TooLarge(self.limit));
            }
            if end > self.buffer.len() {
                return Ok(None);
            }
            if is_first && marked.children == 0 {
                return Err(FrameError::Malformed("something else than a list"));
            }
            *left -= 1;
            self.position = end;
            if marked.children > 0 {
                if self.open.len() > DEPTH {
                    return Err(FrameError::Malformed("values that are nested too deep"));
                }
                self.open.push(marked.children);
            }
        }
    }
}

/// A frame of all its bytes. What stands after the headers is passed over, as the servers do.
fn read(protocol: Protocol, bytes: Bytes) -> Result<Frame, FrameError> {
    let mut reader = Reader::new(bytes);
    let length = reader.array()?;
    if length < 3 {
        return Err(FrameError::Malformed("a list of fewer than three"));
    }
    let mut number = || match reader.value()? {
        Value::Unsigned(number) => Ok(number),
        _ => Err(FrameError::Malformed("no number of a channel or of a message")),
    };
    let (first, second) = (number()?, number()?);
    let Value::Array(args) = reader.value()? else { return Err(FrameError::Malformed("arguments that are no list")) };
    let (channel, kind, headers) = match protocol {
        Protocol::V0 => (second, first, Arc::default()),
        Protocol::V1 => (first, second, if length > 3 { Header::read_all(&mut reader)? } else { Arc::default() }),
    };
    Ok(Frame { channel, kind, args, headers })
}

/// A frame's headers by name, where its sender's table is known.
impl Frame {
    /// What the headers say. Each frame of a connection must go through its table, in their order: some are kept in it.
    ///
    /// # Errors
    /// One by a number that stands for none: whoever sent it keeps another table.
    pub fn resolve(&self, table: &mut Table) -> Result<Headers, FrameError> {
        table.resolve(&self.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(protocol: Protocol, bytes: &[u8]) -> Result<Vec<Frame>, FrameError> {
        let mut decoder = Decoder::new(protocol);
        decoder.extend(bytes);
        std::iter::from_fn(|| decoder.frame().transpose()).collect()
    }

    #[test]
    fn three_and_five_elements_are_read_and_two_are_not() {
        for (bytes, channel) in [(&b"\x93\x01\x03\x90"[..], 1), (b"\x95\x02\x03\x90\x90\x01", 2)] {
            assert_eq!(decode(Protocol::V1, bytes).unwrap()[0].channel, channel);
        }
        for bytes in [
            &b"\x92\x01\x03"[..],
            b"\x81\x01\x02",
            b"\xc1",
            b"\x01",
            b"\x90",
            b"\x93\xff\x03\x90",
            b"\x93\x01\x03\x80",
            b"\x94\x01\x03\x90\xc0",
            b"\x94\x01\x03\x90\x91\xc0",
        ] {
            decode(Protocol::V1, bytes).unwrap_err();
        }
    }

    #[test]
    fn the_older_generation_has_the_type_first() {
        let frame = Frame { channel: 2, kind: 0, args: vec!["node".into()], headers: Arc::default() };
        assert_eq!(frame.to_bytes(Protocol::V0), &b"\x93\x00\x02\x91\xa4node"[..]);
        assert_eq!(decode(Protocol::V0, &frame.to_bytes(Protocol::V0)).unwrap(), [frame]);
    }

    #[test]
    fn a_frame_beyond_the_limit_is_refused_before_it_has_come() {
        for bytes in [&b"\x93\x01\x00\x91\xdb\xff\xff\xff\xff"[..], b"\x93\x01\x00\xdd\xff\xff\xff\xff"] {
            assert_eq!(decode(Protocol::V1, bytes).unwrap_err(), FrameError::TooLarge(LARGEST_FRAME));
        }
        let mut decoder = Decoder::new(Protocol::V1).limit(6);
        decoder.extend(b"\x93\x01\x00\x91\xa1a\x93\x01\x00\x91\xa2ab");
        decoder.frame().unwrap().unwrap();
        assert_eq!(decoder.frame().unwrap_err(), FrameError::TooLarge(6));
    }

    #[test]
    fn lists_of_lists_without_end_are_refused() {
        decode(Protocol::V1, &vec![0x91; 1 << 16]).unwrap_err();
    }
}
