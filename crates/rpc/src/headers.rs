//! Headers of frames: names and values, some of which the tables of a connection stand for.
//!
//! They look like those of HTTP/2 (RFC 7541), whose static table they have, but are MessagePack: an index, or
//! `[keep, name or index, value]`. Servers understand either; what is sent from here are names and values as they are,
//! which needs no memory that could be another than the peer's. What is read may be of any kind.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;

use crate::{
    frame::FrameError,
    value::{Reader, Sink, Value, write_array_length, write_unsigned},
};

/// A header as it stands in a frame.
#[derive(Clone, PartialEq, Eq)]
pub enum Header {
    /// Name and value from the table.
    Indexed(u64),
    /// A value, under a name that is given or is from the table.
    Literal {
        /// Whether the table keeps it.
        keep: bool,
        /// The name.
        name: Name,
        /// The value: any bytes.
        value: Bytes,
    },
}

/// Without what proves who calls.
impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Indexed(index) => f.debug_tuple("Indexed").field(index).finish(),
            Self::Literal { keep, name, value } => {
                let is_secret = match name {
                    // What other numbers stand for is in a table.
                    Name::Indexed(index) => {
                        let at = usize::try_from(*index).ok().and_then(|it| it.checked_sub(1));
                        at.and_then(|at| STATIC.get(at)).is_none_or(|(name, _)| is_secret(name.as_bytes()))
                    }
                    Name::Raw(name) => is_secret(name),
                };
                let shown = if is_secret { &HIDDEN } else { value };
                f.debug_struct("Literal").field("keep", keep).field("name", name).field("value", shown).finish()
            }
        }
    }
}

/// What is shown in its place.
static HIDDEN: Bytes = Bytes::from_static(b"..");

fn is_secret(name: &[u8]) -> bool {
    ["authorization", "proxy-authorization", "cookie"].iter().any(|it| name.eq_ignore_ascii_case(it.as_bytes()))
}

/// The headers of an answer whose call had no trace, as servers write them.
const UNTRACED: &[u8] = b"\x93\x93\xc2\xa8trace_id\xa8\0\0\0\0\0\0\0\0\x93\xc2\xa7span_id\xa8\0\0\0\0\0\0\0\0\
                          \x93\xc2\xa9parent_id\xa8\0\0\0\0\0\0\0\0";

/// The name of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// That of an entry of the table.
    Indexed(u64),
    /// As it is.
    Raw(Bytes),
}

impl Header {
    /// One that no table is needed for.
    pub fn new(name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self::Literal { keep: false, name: Name::Raw(name.into()), value: value.into() }
    }

    /// Whether it says by itself what it says.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Literal { keep: false, name: Name::Raw(_), .. })
    }

    /// Each frame of a server has some, mostly those of no trace, which are not read again and again.
    pub(crate) fn read_all(reader: &mut Reader) -> Result<Arc<[Self]>, FrameError> {
        static NONE: LazyLock<Arc<[Header]>> = LazyLock::new(Arc::default);
        static NO_TRACE: LazyLock<Arc<[Header]>> = LazyLock::new(|| {
            let mut headers = Headers::default();
            headers.trace(Trace { trace: 0, span: 0, parent: 0 });
            headers.wire().into()
        });
        match reader.rest() {
            b"\x90" => return Ok(NONE.clone()),
            rest if rest == UNTRACED => return Ok(NO_TRACE.clone()),
            _ => {}
        }
        let length = reader.array()?;
        let mut headers = Vec::with_capacity(length.min(8));
        for _ in 0..length {
            headers.push(Self::read(reader)?);
        }
        Ok(headers.into())
    }

    fn read(reader: &mut Reader) -> Result<Self, FrameError> {
        let wrong = FrameError::Malformed("a header that is no number and no list of three");
        if !reader.is_array() {
            let Value::Unsigned(index) = reader.value()? else { return Err(wrong) };
            return Ok(Self::Indexed(index));
        }
        if reader.array()? != 3 {
            return Err(wrong);
        }
        let (Value::Bool(keep), name) = (reader.value()?, reader.value()?) else { return Err(wrong) };
        let name = match name {
            Value::Unsigned(index) => Name::Indexed(index),
            Value::Raw(name) => Name::Raw(name),
            _ => return Err(wrong),
        };
        let Value::Raw(value) = reader.value()? else { return Err(wrong) };
        Ok(Self::Literal { keep, name, value })
    }

    pub(crate) fn write_all(headers: &[Self], out: &mut impl Sink) {
        write_array_length(headers.len(), out);
        for header in headers {
            match header {
                Self::Indexed(index) => write_unsigned(*index, out),
                Self::Literal { keep, name, value } => {
                    write_array_length(3, out);
                    Value::Bool(*keep).write(out);
                    match name {
                        Name::Indexed(index) => write_unsigned(*index, out),
                        Name::Raw(name) => Value::Raw(name.clone()).write(out),
                    }
                    Value::Raw(value.clone()).write(out);
                }
            }
        }
    }
}

/// Names and values, in their order.
///
/// ```
/// use whimbrel_rpc::{Headers, Trace};
///
/// let mut headers = Headers::default();
/// headers.push("authorization", "TVM ticket");
/// headers.trace(Trace { trace: 7, span: 8, parent: 0 });
/// assert_eq!(headers.get("span_id").unwrap().as_ref(), 8u64.to_le_bytes());
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Bytes, Bytes)>);

/// Without what proves who calls.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| (name, if is_secret(name) { &HIDDEN } else { value }));
        f.debug_map().entries(shown).finish()
    }
}

impl Headers {
    /// The value of the first of this name.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().find(|(it, _)| it == name.as_bytes()).map(|(_, value)| value)
    }

    /// Adds one.
    pub fn push(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push((name.into(), value.into()));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Bytes, &Bytes)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Adds a trace; servers give the same one back with what they answer.
    pub fn trace(&mut self, Trace { trace, span, parent }: Trace) {
        for (name, id) in [("trace_id", trace), ("span_id", span), ("parent_id", parent)] {
            self.push(name, id.to_le_bytes().to_vec());
        }
    }

    /// The trace, if there is a whole one that is of anything.
    pub fn traced(&self) -> Option<Trace> {
        let id = |name| Some(u64::from_le_bytes(self.get(name)?.as_ref().try_into().ok()?));
        let trace = Trace { trace: id("trace_id")?, span: id("span_id")?, parent: id("parent_id")? };
        (trace.trace != 0).then_some(trace)
    }

    /// What headers say that need no table.
    pub(crate) fn plain(headers: &[Header]) -> Self {
        let said = headers.iter().filter_map(|it| match it {
            Header::Literal { name: Name::Raw(name), value, .. } => Some((name.clone(), value.clone())),
            _ => None,
        });
        Self(said.collect())
    }

    /// As they are sent: nothing is kept by any table.
    pub fn wire(&self) -> Vec<Header> {
        self.0.iter().map(|(name, value)| Header::new(name.clone(), value.clone())).collect()
    }
}

/// Which request of which whole a message belongs to: eight bytes each on the wire, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The whole.
    pub trace: u64,
    /// This request.
    pub span: u64,
    /// What it was made for; 0 for nothing.
    pub parent: u64,
}

/// Of HTTP/2, Appendix A of RFC 7541, numbered from 1; Cocaine's own are numbered from [`TRACE`] on.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

/// Where the three names of a trace are. What lies between is kept free, and is blank.
const TRACE: u64 = 80;
const TRACE_NAMES: [&str; 3] = ["trace_id", "span_id", "parent_id"];
/// Where what was kept begins, the newest first.
const KEPT: u64 = 83;
/// How much is kept: the bytes of names and values, and 32 for each (RFC 7541, 4.1).
const CAPACITY: usize = 4096;

/// What the numbers of one direction of one connection stand for.
#[derive(Debug, Default)]
pub struct Table {
    kept: VecDeque<(Bytes, Bytes)>,
    size: usize,
}

impl Table {
    /// What headers say; those that are to be kept are.
    ///
    /// # Errors
    /// One by a number that stands for none.
    pub fn resolve(&mut self, headers: &[Header]) -> Result<Headers, FrameError> {
        let mut said = Vec::with_capacity(headers.len());
        for header in headers {
            said.push(match header {
                Header::Indexed(index) => self.get(*index)?,
                Header::Literal { keep, name, value } => {
                    let name = match name {
                        Name::Indexed(index) => self.get(*index)?.0,
                        Name::Raw(name) => name.clone(),
                    };
                    if *keep {
                        self.keep(name.clone(), value.clone());
                    }
                    (name, value.clone())
                }
            });
        }
        Ok(Headers(said))
    }

    fn get(&self, index: u64) -> Result<(Bytes, Bytes), FrameError> {
        let fixed = |(name, value): (&'static str, &'static [u8])| {
            (Bytes::from_static(name.as_bytes()), Bytes::from_static(value))
        };
        let none = FrameError::NoSuchHeader(index);
        match index {
            0 => Err(none),
            1..=61 => {
                let (name, value) = STATIC[index as usize - 1];
                Ok(fixed((name, value.as_bytes())))
            }
            62..TRACE => Ok(fixed(("", b""))),
            TRACE..KEPT => Ok(fixed((TRACE_NAMES[(index - TRACE) as usize], &[0; 8]))),
            _ => usize::try_from(index - KEPT).ok().and_then(|at| self.kept.get(at).cloned()).ok_or(none),
        }
    }

    /// One that is larger than all of the table empties it (RFC 7541, 4.4).
    fn keep(&mut self, name: Bytes, value: Bytes) {
        let cost = |(name, value): &(Bytes, Bytes)| name.len() + value.len() + 32;
        // A copy: a slice would keep the whole chunk in which it came.
        let entry = (Bytes::copy_from_slice(&name), Bytes::copy_from_slice(&value));
        let new = cost(&entry);
        while self.size + new > CAPACITY
            && let Some(oldest) = self.kept.pop_back()
        {
            self.size -= cost(&oldest);
        }
        if new <= CAPACITY {
            self.size += new;
            self.kept.push_front(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(table: &mut Table, header: Header) -> Result<(Bytes, Bytes), FrameError> {
        table.resolve(&[header]).map(|it| it.0[0].clone())
    }

    #[test]
    fn numbers_stand_for_what_they_stood_for_when_they_were_recorded() {
        let mut table = Table::default();
        let keep = |name, value: &'static str| Header::Literal { keep: true, name, value: value.into() };
        assert_eq!(
            one(&mut table, keep(Name::Indexed(23), "TVM abc")).unwrap(),
            ("authorization".into(), "TVM abc".into())
        );
        assert_eq!(one(&mut table, Header::Indexed(83)).unwrap(), ("authorization".into(), "TVM abc".into()));
        one(&mut table, keep(Name::Raw("newer".into()), "x")).unwrap();
        assert_eq!(one(&mut table, Header::Indexed(83)).unwrap().0, "newer");
        assert_eq!(one(&mut table, Header::Indexed(84)).unwrap().1, "TVM abc");
        assert_eq!(one(&mut table, Header::Indexed(2)).unwrap(), (":method".into(), "GET".into()));
        assert_eq!(one(&mut table, Header::Indexed(61)).unwrap().0, "www-authenticate");
        assert_eq!(one(&mut table, Header::Indexed(82)).unwrap(), ("parent_id".into(), Bytes::from_static(&[0; 8])));
        for none in [0, 85, 200, u64::MAX] {
            assert_eq!(one(&mut table, Header::Indexed(none)).unwrap_err(), FrameError::NoSuchHeader(none));
        }
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut table = Table::default();
        let keep = |length: usize| Header::Literal {
            keep: true,
            name: Name::Raw("n".into()),
            value: vec![b'v'; length].into(),
        };
        for _ in 0..1000 {
            one(&mut table, keep(991)).unwrap();
            assert!(table.size <= CAPACITY && table.kept.len() <= 4);
        }
        assert_eq!(table.kept.len(), 4);
        one(&mut table, keep(5000)).unwrap();
        assert_eq!((table.size, table.kept.len()), (0, 0));
    }

    #[test]
    fn what_proves_who_calls_is_shown_to_nobody() {
        let mut headers = Headers::default();
        headers.push("Authorization", "TVM ticket");
        headers.push("plain", "seen");
        let by_number = Header::Literal { keep: true, name: Name::Indexed(23), value: "TVM ticket".into() };
        let shown = format!("{headers:?} {:?} {by_number:?}", headers.wire());
        assert!(!shown.contains("ticket") && shown.contains("seen"), "{shown}");
    }

    #[test]
    fn a_trace_of_nothing_is_none() {
        let mut headers = Headers::default();
        headers.trace(Trace { trace: 0, span: 0, parent: 0 });
        assert_eq!(headers.traced(), None);
        let trace = Trace { trace: u64::MAX, span: 2, parent: 1 };
        let mut headers = Headers::default();
        headers.trace(trace);
        assert_eq!(headers.traced(), Some(trace));
    }
}
