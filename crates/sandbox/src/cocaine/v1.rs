//! A connection in the protocol of 0.12. Every mistake but a service's own error closes it without a word, as the real
//! server was recorded to do.

use std::collections::HashMap;

use rmpv::Value;

use super::{
    Server, Session,
    services::{APP, Event, Method, NAMES, Name, Refusal, Said, Shape},
    wire::{bytes, raw},
};

/// A mistake for which the connection is closed, in words for the report.
pub type Mistake = String;

/// What a connection remembers.
#[derive(Default)]
pub struct Connection {
    largest: u64,
    open: HashMap<u64, Open>,
    table: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A channel on which the client may still send.
enum Open {
    /// A last word, of any kind that has none but this id.
    Held,
    Event(Event),
}

/// The three names of a trace, which each answer has.
type Trace = [Vec<u8>; 3];

/// What headers say, as far as it is heard.
struct Headers {
    trace: Trace,
    authorization: Option<Vec<u8>>,
}

const TRACE: [&str; 3] = ["trace_id", "span_id", "parent_id"];

/// From here on methods are the connection's own.
const PING: u64 = 65_533;
const REVOKE: u64 = 65_535;

impl Session for Connection {
    fn frame(&mut self, server: &Server, service: Name, frame: Value) -> Result<Vec<Value>, Mistake> {
        let Value::Array(parts) = frame else { return Err("a frame that is no list".to_owned()) };
        let [channel, kind, args, rest @ ..] = &parts[..] else {
            return Err("a frame of fewer than three".to_owned());
        };
        let (Some(channel), Some(kind)) = (channel.as_u64(), kind.as_u64()) else {
            return Err("a channel or a type that is no number from 0".to_owned());
        };
        let Value::Array(args) = args else { return Err("arguments that are no list".to_owned()) };
        let Headers { trace, authorization } = self.headers(rest.first())?;
        let mut out = Answers { channel, trace, frames: vec![] };
        match self.open.get_mut(&channel) {
            Some(open) => {
                let is_over = Self::goes_on(open, kind, args, &mut out)?;
                if is_over {
                    self.open.remove(&channel);
                }
            }
            None => {
                if channel <= self.largest {
                    return Err(format!("channel {channel} after {}", self.largest));
                }
                self.largest = channel;
                if let Some(open) = begin(server, service, (kind, args), authorization.as_deref(), &mut out)? {
                    self.open.insert(channel, open);
                }
            }
        }
        Ok(out.frames)
    }
}

impl Connection {
    /// A message on a channel that is open; whether it was the client's last.
    fn goes_on(open: &mut Open, kind: u64, args: &[Value], out: &mut Answers) -> Result<bool, Mistake> {
        let wrong = || format!("the message {kind} where it may not come");
        let Open::Event(event) = open else { return if kind == 0 { Ok(true) } else { Err(wrong()) } };
        match (kind, args) {
            (0, [chunk, ..]) => {
                let chunk = raw(chunk).ok_or("a chunk that is no raw")?;
                out.say(event.chunk(chunk));
                Ok(false)
            }
            (1, [code, _message, ..]) if code.as_array().is_some_and(|it| it.len() == 2) => {
                out.say(event.error());
                Ok(true)
            }
            (2, _) => {
                out.say(event.close());
                Ok(true)
            }
            _ => Err(wrong()),
        }
    }

    /// What the headers say of a trace and of who calls; the table keeps what it is told to keep.
    fn headers(&mut self, headers: Option<&Value>) -> Result<Headers, Mistake> {
        let none = vec![];
        let headers = match headers {
            Some(Value::Array(headers)) => headers,
            None => &none,
            Some(_) => return Err("headers that are no list".to_owned()),
        };
        let (mut trace, mut authorization) = ([None, None, None], None);
        for header in headers {
            let (name, value) = match header {
                Value::Array(parts) => {
                    let [Value::Boolean(keep), name, value] = &parts[..] else {
                        return Err("a header that is no triple".to_owned());
                    };
                    let name = match (name.as_u64(), raw(name)) {
                        (Some(index), _) => self.kept(index)?.0,
                        (None, Some(name)) => name.to_vec(),
                        _ => return Err("a header without a name".to_owned()),
                    };
                    let value = raw(value).ok_or("a header without a value")?.to_vec();
                    if *keep {
                        self.table.insert(0, (name.clone(), value.clone()));
                    }
                    (name, value)
                }
                index => self.kept(index.as_u64().ok_or("a header that is no number")?)?,
            };
            if let Some(at) = TRACE.iter().position(|it| it.as_bytes() == name) {
                if value.len() != 8 {
                    return Err(format!("a trace of {} bytes", value.len()));
                }
                trace[at] = Some(value);
            } else if name == b"authorization" {
                authorization = Some(value);
            }
        }
        let trace = match trace {
            [Some(trace), Some(span), Some(parent)] => [trace, span, parent],
            [None, None, None] => [vec![0; 8], vec![0; 8], vec![0; 8]],
            _ => return Err("a part of a trace".to_owned()),
        };
        Ok(Headers { trace, authorization })
    }

    fn kept(&self, index: u64) -> Result<(Vec<u8>, Vec<u8>), Mistake> {
        let of = |name: &str, value: &[u8]| Ok((name.as_bytes().to_vec(), value.to_vec()));
        match index {
            // Of the 61 of HTTP/2 those that clients of Cocaine were seen to send.
            23 => of("authorization", b""),
            1..=79 => of("", b""),
            80..=82 => of(TRACE[index as usize - 80], &[0; 8]),
            _ => {
                let at = index.checked_sub(83).and_then(|it| usize::try_from(it).ok());
                at.and_then(|at| self.table.get(at).cloned()).ok_or(format!("a header by the number {index}"))
            }
        }
    }
}

/// The first message of a channel: a call.
fn begin(
    server: &Server,
    service: Name,
    (kind, args): (u64, &[Value]),
    authorization: Option<&[u8]>,
    out: &mut Answers,
) -> Result<Option<Open>, Mistake> {
    if matches!(kind, PING | REVOKE) && service != Name::Locator {
        out.push(0, vec![]);
        return Ok(None);
    }
    let method = service.methods().iter().find(|it| it.id == kind);
    let method = method.ok_or_else(|| format!("{} has no method {kind}", service.text()))?;
    if !method.takes(args) {
        return Err(format!("{}.{} with other arguments than it takes", service.text(), method.name));
    }
    if let Some(refusal) = server.world.refuses(service, authorization) {
        if method.shape != Shape::Mute {
            out.answer(Err(refusal));
        }
        // The client's own direction is still open.
        return Ok(match method.shape {
            Shape::Stream => Some(Open::Event(Event::Over)),
            Shape::Held | Shape::HeldStream => Some(Open::Held),
            _ => None,
        });
    }
    server.called(service, method);
    match (method.shape, method.name) {
        (Shape::Unbound, name) => Err(format!("{}.{name}, which is not bound", service.text())),
        (_, "resolve") => {
            out.answer(resolve(server, raw(&args[0]).unwrap_or_default()));
            Ok(None)
        }
        (Shape::One, name) => {
            out.answer(server.world.answer(service, name, args, false));
            Ok(None)
        }
        (Shape::Mute, name) => {
            // Nobody hears what became of it.
            let _ = server.world.answer(service, name, args, false);
            Ok(None)
        }
        (Shape::Held, _) => {
            out.push(0, vec![]);
            Ok(Some(Open::Held))
        }
        (Shape::HeldStream, _) => {
            out.push(0, vec![Value::Map(vec![])]);
            Ok(Some(Open::Held))
        }
        (Shape::Stream, _) => {
            let (app, event) = if service == Name::Node { (raw(&args[0]), &args[1]) } else { (None, &args[0]) };
            if let Some(app) = app.filter(|it| !server.world.runs(it)) {
                let message = format!("app '{}' is not running: Invalid argument", String::from_utf8_lossy(app));
                out.answer(Err(Refusal(12, 22, message)));
                return Ok(Some(Open::Event(Event::Over)));
            }
            let (event, said) = Event::begin(raw(event).unwrap_or_default());
            out.say(said);
            Ok(Some(Open::Event(event)))
        }
    }
}

/// What a name stands for: endpoints, version, methods.
fn resolve(server: &Server, name: &[u8]) -> Result<Vec<Value>, Refusal> {
    let known = NAMES.into_iter().find(|it| it.text().as_bytes() == name);
    let is_there = |it: &Name| *it != Name::Demo || server.world.runs(b"demo");
    let service = known.filter(is_there).ok_or(Refusal(10, 1, "service is not available".to_owned()))?;
    let endpoints =
        server.endpoints(service).into_iter().map(|(host, port)| Value::Array(vec![host.as_str().into(), port.into()]));
    Ok(vec![Value::Array(endpoints.collect()), service.version().into(), api(service)])
}

fn map(pairs: impl IntoIterator<Item = (u64, Value)>) -> Value {
    Value::Map(pairs.into_iter().map(|(id, it)| (id.into(), it)).collect())
}

fn message(name: &str, next: Value) -> Value {
    Value::Array(vec![name.into(), next])
}

fn api(service: Name) -> Value {
    let end = || map([]);
    let one = || map([(0, message("value", end())), (1, message("error", end()))]);
    let stream =
        || map([(0, message("write", Value::Nil)), (1, message("error", end())), (2, message("close", end()))]);
    let discard = || map([(0, message("discard", end()))]);
    let method = |it: &Method| {
        let (tx, rx) = match it.shape {
            Shape::One | Shape::Unbound => (end(), one()),
            Shape::Mute => (end(), end()),
            Shape::Stream => (stream(), stream()),
            Shape::Held => (discard(), one()),
            Shape::HeldStream => (discard(), stream()),
        };
        (it.id, Value::Array(vec![it.name.into(), tx, rx]))
    };
    let control = [(65_532, "goaway"), (PING, "ping"), (65_534, "settings"), (REVOKE, "revoke")];
    let control = control.map(|(id, name)| (id, Value::Array(vec![name.into(), end(), one()])));
    map(service.methods().iter().map(method).chain(control))
}

/// What goes back on a channel.
struct Answers {
    channel: u64,
    trace: Trace,
    frames: Vec<Value>,
}

impl Answers {
    fn push(&mut self, kind: u64, args: Vec<Value>) {
        let header = |(name, id): (&str, &Vec<u8>)| Value::Array(vec![false.into(), name.into(), bytes(id)]);
        let headers = TRACE.into_iter().zip(&self.trace).map(header).collect();
        self.frames.push(Value::Array(vec![
            self.channel.into(),
            kind.into(),
            Value::Array(args),
            Value::Array(headers),
        ]));
    }

    fn answer(&mut self, answer: Result<Vec<Value>, Refusal>) {
        match answer {
            Ok(values) => self.push(0, values),
            Err(Refusal(category, code, text)) => self.error(category, code, &text),
        }
    }

    fn error(&mut self, category: u64, code: i64, text: &str) {
        self.push(1, vec![Value::Array(vec![category.into(), code.into()]), text.into()]);
    }

    fn say(&mut self, said: Vec<Said>) {
        for it in said {
            match it {
                Said::Chunk(chunk) => self.push(0, vec![bytes(&chunk)]),
                Said::Error(code, text) => self.error(APP, code, &text),
                Said::End => self.push(2, vec![]),
            }
        }
    }
}
