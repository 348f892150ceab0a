//! MessagePack values as Cocaine has them.
//!
//! Its servers speak the format's old form: one kind of bytes, `raw`, for text and for anything else, and no other kind
//! is ever sent by them. So text is a reading of bytes here ([`Value::as_str`]), and what is written is of the old form;
//! what is read may be of either.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::frame::FrameError;

/// A value: an argument of a call, or what came back.
///
/// ```
/// use whimbrel_rpc::Value;
///
/// let value = Value::from(vec![Value::from("steel"), Value::from(2)]);
/// assert_eq!(value.to_string(), r#"["steel", 2]"#);
/// assert_eq!(value.as_array().unwrap()[0].as_str(), Some("steel"));
/// ```
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Nil,
    /// Yes or no.
    Bool(bool),
    /// A whole number from 0.
    Unsigned(u64),
    /// A whole number below 0.
    Negative(i64),
    /// A number; what came as 32 bits is widened.
    Float(f64),
    /// Bytes: text, or anything else. They are a part of the chunk in which they came, and keep it in memory.
    Raw(Bytes),
    /// A list.
    Array(Vec<Value>),
    /// Keys and values, in the order in which they came.
    Map(Vec<(Value, Value)>),
    /// A type of somebody's own, which Cocaine has none of: it may be read, and is never written.
    Extension(i8, Bytes),
}

/// How deep values may be nested.
pub(crate) const DEPTH: usize = 128;

/// For how many items of a list there is room at once; more are found when they come.
const ROOM: usize = 64;

impl Value {
    /// The bytes, if it is a raw.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Raw(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text, if it is a raw that is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        self.as_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The number, if it is whole and not below 0.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is whole and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(*number).ok(),
            Self::Negative(number) => Some(*number),
            _ => None,
        }
    }

    /// Yes or no, if it is that.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs, if it is a map.
    pub fn as_map(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// What a map has under a key of text.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.iter().find(|(it, _)| it.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Whether Cocaine can read it: no extension is in it, and it is not nested beyond all measure.
    pub fn is_sendable(&self) -> bool {
        self.is_sendable_within(DEPTH - 4)
    }

    fn is_sendable_within(&self, depth: usize) -> bool {
        match self {
            Self::Extension(..) => false,
            Self::Array(_) | Self::Map(_) if depth == 0 => false,
            Self::Array(items) => items.iter().all(|it| it.is_sendable_within(depth - 1)),
            Self::Map(pairs) => {
                pairs.iter().all(|(key, it)| key.is_sendable_within(depth - 1) && it.is_sendable_within(depth - 1))
            }
            _ => true,
        }
    }

    /// The value that all of these bytes are.
    ///
    /// # Errors
    /// They are no value, more than one, or a part of one.
    pub fn read(bytes: &Bytes) -> Result<Self, FrameError> {
        let mut reader = Reader::new(bytes.clone());
        let value = reader.value()?;
        match reader.is_over() {
            true => Ok(value),
            false => Err(FrameError::Malformed("more than one value")),
        }
    }

    /// Its bytes, in the format's old form.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.write(&mut out);
        out.freeze()
    }

    pub(crate) fn write(&self, out: &mut impl Sink) {
        match self {
            Self::Nil => out.put(&[0xc0]),
            Self::Bool(yes) => out.put(&[0xc2 + u8::from(*yes)]),
            Self::Unsigned(number) => write_unsigned(*number, out),
            Self::Negative(number) => match *number {
                -0x20.. => out.put(&[*number as u8]),
                -0x80.. => out.put(&[0xd0, *number as u8]),
                -0x8000.. => head(0xd1, &(*number as i16).to_be_bytes(), out),
                -0x8000_0000.. => head(0xd2, &(*number as i32).to_be_bytes(), out),
                _ => head(0xd3, &number.to_be_bytes(), out),
            },
            Self::Float(number) => head(0xcb, &number.to_bits().to_be_bytes(), out),
            Self::Raw(bytes) => {
                write_length(bytes.len(), (0xa0, 32), (0xda, 0xdb), out);
                out.put_bytes(bytes);
            }
            Self::Array(items) => write_array(items, out),
            Self::Map(pairs) => {
                write_length(pairs.len(), (0x80, 16), (0xde, 0xdf), out);
                for (key, value) in pairs {
                    key.write(out);
                    value.write(out);
                }
            }
            // Never sent (`is_sendable`); written so that what was read is the same when it is read again.
            Self::Extension(kind, bytes) => {
                head(0xc9, &(bytes.len() as u32).to_be_bytes(), out);
                out.put(&[*kind as u8]);
                out.put_bytes(bytes);
            }
        }
    }
}

/// Where frames are written to.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);

    /// The same of what may be long, and need not be copied.
    fn put_bytes(&mut self, bytes: &Bytes) {
        self.put(bytes);
    }
}

impl Sink for BytesMut {
    fn put(&mut self, bytes: &[u8]) {
        self.put_slice(bytes);
    }
}

fn head(marker: u8, rest: &[u8], out: &mut impl Sink) {
    let mut whole = [marker; 9];
    whole[1..=rest.len()].copy_from_slice(rest);
    out.put(&whole[..=rest.len()]);
}

pub(crate) fn write_unsigned(number: u64, out: &mut impl Sink) {
    match number {
        0..0x80 => out.put(&[number as u8]),
        0x80..0x100 => out.put(&[0xcc, number as u8]),
        0x100..0x1_0000 => head(0xcd, &(number as u16).to_be_bytes(), out),
        0x1_0000..0x1_0000_0000 => head(0xce, &(number as u32).to_be_bytes(), out),
        _ => head(0xcf, &number.to_be_bytes(), out),
    }
}

/// A length: in the marker itself if it is small, else in two or four bytes.
fn write_length(length: usize, (small, below): (u8, usize), (two, four): (u8, u8), out: &mut impl Sink) {
    match length {
        _ if length < below => out.put(&[small + length as u8]),
        ..0x1_0000 => head(two, &(length as u16).to_be_bytes(), out),
        // 4 GiB don't fit into a frame.
        _ => head(four, &(length as u32).to_be_bytes(), out),
    }
}

pub(crate) fn write_array(items: &[Value], out: &mut impl Sink) {
    write_array_length(items.len(), out);
    for item in items {
        item.write(out);
    }
}

pub(crate) fn write_array_length(length: usize, out: &mut impl Sink) {
    write_length(length, (0x90, 16), (0xdc, 0xdd), out);
}

/// What a marker says of what it begins.
pub(crate) struct Marked {
    /// Of the marker and of the length after it.
    pub(crate) head: usize,
    /// Of the bytes after these.
    pub(crate) payload: usize,
    /// How many values follow that belong to it.
    pub(crate) children: u64,
}

/// Reads a marker; `None`: more bytes are needed to know.
pub(crate) fn marked(bytes: &[u8]) -> Result<Option<Marked>, FrameError> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let plain = |payload| Ok(Some(Marked { head: 1, payload, children: 0 }));
    let length = |size: usize| -> Option<u64> {
        let bytes = bytes.get(1..=size)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let raw = |size: usize, more: usize| {
        let known = |length: u64| Marked { head: 1 + size, payload: length as usize + more, children: 0 };
        Ok(length(size).map(known))
    };
    let children = |size: usize, each: u64| {
        let known = |length: u64| Marked { head: 1 + size, payload: 0, children: length * each };
        Ok(length(size).map(known))
    };
    match first {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => plain(0),
        0x80..=0x8f => Ok(Some(Marked { head: 1, payload: 0, children: u64::from(first & 15) * 2 })),
        0x90..=0x9f => Ok(Some(Marked { head: 1, payload: 0, children: u64::from(first & 15) })),
        0xa0..=0xbf => plain(usize::from(first & 31)),
        0xc1 => Err(FrameError::Malformed("a byte that begins nothing")),
        0xc4 | 0xd9 => raw(1, 0),
        0xc5 | 0xda => raw(2, 0),
        0xc6 | 0xdb => raw(4, 0),
        0xc7 => raw(1, 1),
        0xc8 => raw(2, 1),
        0xc9 => raw(4, 1),
        0xcc | 0xd0 => plain(1),
        0xcd | 0xd1 => plain(2),
        0xca | 0xce | 0xd2 => plain(4),
        0xcb | 0xcf | 0xd3 => plain(8),
        0xd4 => plain(2),
        0xd5 => plain(3),
        0xd6 => plain(5),
        0xd7 => plain(9),
        0xd8 => plain(17),
        0xdc => children(2, 1),
        0xdd => children(4, 1),
        0xde => children(2, 2),
        0xdf => children(4, 2),
    }
}

/// Reads values of bytes that are all there; raws are slices of them.
pub(crate) struct Reader {
    bytes: Bytes,
    position: usize,
}

impl Reader {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.position == self.bytes.len()
    }

    pub(crate) fn value(&mut self) -> Result<Value, FrameError> {
        self.value_within(DEPTH)
    }

    /// What was not read.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.position..]
    }

    /// Whether a list comes next.
    pub(crate) fn is_array(&self) -> bool {
        matches!(self.bytes.get(self.position), Some(0x90..=0x9f | 0xdc | 0xdd))
    }

    /// The length of the list that comes next.
    pub(crate) fn array(&mut self) -> Result<usize, FrameError> {
        if !self.is_array() {
            return Err(FrameError::Malformed("something else than a list"));
        }
        Ok(self.enter()?.0.children as usize)
    }

    /// Goes over a marker and its bytes; gives where these begin.
    fn enter(&mut self) -> Result<(Marked, usize), FrameError> {
        let cut = FrameError::Malformed("a value that is cut off");
        let marked = marked(&self.bytes[self.position..])?.ok_or(cut.clone())?;
        let payload = self.position + marked.head;
        let end = payload.checked_add(marked.payload).filter(|end| *end <= self.bytes.len()).ok_or(cut)?;
        self.position = end;
        Ok((marked, payload))
    }

    fn value_within(&mut self, depth: usize) -> Result<Value, FrameError> {
        let first = self.bytes.get(self.position).copied().unwrap_or(0xc1);
        let (marked, start) = self.enter()?;
        let payload = &self.bytes[start..self.position];
        let number = || payload.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        // Nothing much is set aside on the word of a length, of which many may be nested.
        let room = || (marked.children as usize).min(ROOM);
        let deeper = || depth.checked_sub(1).ok_or(FrameError::Malformed("values that are nested too deep"));
        Ok(match first {
            0x00..=0x7f => Value::Unsigned(first.into()),
            0xe0..=0xff => Value::Negative((first as i8).into()),
            0xc0 => Value::Nil,
            0xc2 | 0xc3 => Value::Bool(first == 0xc3),
            0xcc..=0xcf => Value::Unsigned(number()),
            0xd0 => Value::from(i64::from(number() as i8)),
            0xd1 => Value::from(i64::from(number() as i16)),
            0xd2 => Value::from(i64::from(number() as i32)),
            0xd3 => Value::from(number() as i64),
            0xca => Value::Float(f32::from_bits(number() as u32).into()),
            0xcb => Value::Float(f64::from_bits(number())),
            0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => Value::Raw(self.bytes.slice(start..self.position)),
            0xc7..=0xc9 | 0xd4..=0xd8 => Value::Extension(payload[0] as i8, self.bytes.slice(start + 1..self.position)),
            0x90..=0x9f | 0xdc | 0xdd => {
                let depth = deeper()?;
                let mut items = Vec::with_capacity(room());
                for _ in 0..marked.children {
                    items.push(self.value_within(depth)?);
                }
                Value::Array(items)
            }
            0x80..=0x8f | 0xde | 0xdf => {
                let depth = deeper()?;
                let mut pairs = Vec::with_capacity(room().div_ceil(2));
                for _ in 0..marked.children / 2 {
                    pairs.push((self.value_within(depth)?, self.value_within(depth)?));
                }
                Value::Map(pairs)
            }
            0xc1 => unreachable!("it has no marks"),
        })
    }
}

/// As text: raws that are no UTF-8 as `b"\xff.."`, for people and for error messages.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Unsigned(number) => write!(f, "{number}"),
            Self::Negative(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Raw(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => write!(f, "{text:?}"),
                Err(_) => write!(f, "{bytes:?}"),
            },
            Self::Array(items) => f.debug_list().entries(items).finish(),
            Self::Map(pairs) => f.debug_map().entries(pairs.iter().map(|(key, value)| (key, value))).finish(),
            Self::Extension(kind, bytes) => write!(f, "extension({kind}, {bytes:?})"),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! from {
    ($($type:ty => $make:expr),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(it: $type) -> Self {
                let make: fn($type) -> Self = $make;
                make(it)
            }
        })*
    };
}

from! {
    () => |()| Self::Nil,
    bool => Self::Bool,
    u8 => |it| Self::Unsigned(it.into()),
    u16 => |it| Self::Unsigned(it.into()),
    u32 => |it| Self::Unsigned(it.into()),
    u64 => Self::Unsigned,
    i32 => |it| i64::from(it).into(),
    i64 => |it| u64::try_from(it).map_or(Self::Negative(it), Self::Unsigned),
    f64 => Self::Float,
    Bytes => Self::Raw,
    Vec<u8> => |it| Self::Raw(it.into()),
    String => |it| Self::Raw(it.into()),
    Vec<Value> => Self::Array,
    Vec<String> => |it| Self::Array(it.into_iter().map(Self::from).collect()),
    Vec<(Value, Value)> => Self::Map,
}

impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Self::Raw(Bytes::copy_from_slice(it.as_bytes()))
    }
}

impl From<&[u8]> for Value {
    fn from(it: &[u8]) -> Self {
        Self::Raw(Bytes::copy_from_slice(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |hex, it| hex + &format!("{it:02x}"))
    }

    #[test]
    fn bytes_are_of_the_old_form_whatever_their_length() {
        for (length, marker) in [
            (0, "a0"),
            (31, "bf"),
            (32, "da0020"),
            (255, "da00ff"),
            (256, "da0100"),
            (65535, "daffff"),
            (65536, "db00010000"),
        ] {
            let value = Value::from(vec![b'k'; length]);
            let bytes = value.to_bytes();
            assert_eq!(hex(&bytes[..bytes.len() - length]), marker);
            assert_eq!(Value::read(&bytes).unwrap(), value);
        }
    }

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (number, bytes) in [
            (0i64, "00"),
            (127, "7f"),
            (128, "cc80"),
            (256, "cd0100"),
            (65536, "ce00010000"),
            (1 << 40, "cf0000010000000000"),
            (-1, "ff"),
            (-32, "e0"),
            (-33, "d0df"),
            (-129, "d1ff7f"),
            (-32769, "d2ffff7fff"),
            (i64::MIN, "d38000000000000000"),
        ] {
            let value = Value::from(number);
            assert_eq!(hex(&value.to_bytes()), bytes);
            assert_eq!(Value::read(&value.to_bytes()).unwrap(), value);
        }
    }

    #[test]
    fn either_form_is_read() {
        for bytes in [&b"\xa2ns"[..], b"\xc4\x02ns", b"\xd9\x02ns", b"\xda\x00\x02ns", b"\xc6\x00\x00\x00\x02ns"] {
            assert_eq!(Value::read(&Bytes::copy_from_slice(bytes)).unwrap().as_str(), Some("ns"));
        }
        assert_eq!(
            Value::read(&Bytes::from_static(b"\xd4\x05x")).unwrap(),
            Value::Extension(5, Bytes::from_static(b"x"))
        );
        assert_eq!(Value::read(&Bytes::from_static(b"\xca\x3f\x80\0\0")).unwrap(), Value::Float(1.0));
    }

    #[test]
    fn a_length_that_promises_too_much_sets_nothing_aside() {
        for bytes in [&b"\xdd\xff\xff\xff\xff"[..], b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\x92\x01", b""]
        {
            Value::read(&Bytes::copy_from_slice(bytes)).unwrap_err();
        }
        Value::read(&Bytes::from(vec![0x91; 1 << 20])).unwrap_err();
        // Each within the other, with bytes enough behind them for any one.
        let nested = b"\xdd\x40\x00\x00\x00".repeat(100);
        Value::read(&[&nested[..], b"\xc1", &vec![0; 1 << 20]].concat().into()).unwrap_err();
    }

    #[test]
    fn what_cocaine_can_not_read_is_not_sent() {
        assert!(Value::from(vec![Value::from("a"), Value::Map(vec![(1.into(), Value::Nil)])]).is_sendable());
        assert!(!Value::Array(vec![Value::Extension(1, Bytes::new())]).is_sendable());
        assert!(!(0..200).fold(Value::Nil, |inner, _| Value::Array(vec![inner])).is_sendable());
    }
}
