//! What the services do, whichever generation of the protocol they are asked in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmpv::Value;

use super::{
    tickets::Tickets,
    wire::{bytes, raw},
};

/// The services, in the order in which they listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Locator,
    Storage,
    Logging,
    Cache,
    Node,
    Echo,
    Tvm,
    /// The one app: it echoes, streams, fails and keeps silent.
    Demo,
}

pub const NAMES: [Name; 8] =
    [Name::Locator, Name::Storage, Name::Logging, Name::Cache, Name::Node, Name::Echo, Name::Tvm, Name::Demo];

/// What a method may be given.
#[derive(Clone, Copy, Debug)]
pub enum Want {
    Raw,
    Int,
    /// A list of raws.
    Raws,
    /// A list of anything.
    List,
    /// A list of pairs.
    Pairs,
    /// A map.
    Map,
}

/// How a method goes on after it was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One answer.
    One,
    /// None, ever.
    Mute,
    /// Chunks both ways.
    Stream,
    /// One answer, and a last word of the client's.
    Held,
    /// Chunks to the client, and a last word of the client's.
    HeldStream,
    /// The runtime has not bound it: it hangs up.
    Unbound,
}

pub struct Method {
    pub id: u64,
    pub name: &'static str,
    /// What it must be given, and what it may be.
    pub wants: &'static [Want],
    pub more: &'static [Want],
    pub shape: Shape,
}

const fn method(id: u64, name: &'static str, wants: &'static [Want], more: &'static [Want], shape: Shape) -> Method {
    Method { id, name, wants, more, shape }
}

use Want::{Int, List, Map, Pairs, Raw, Raws};

impl Name {
    pub fn text(self) -> &'static str {
        match self {
            Self::Locator => "locator",
            Self::Storage => "storage",
            Self::Logging => "logging",
            Self::Cache => "cache",
            Self::Node => "node",
            Self::Echo => "echo",
            Self::Tvm => "tvm",
            Self::Demo => "demo",
        }
    }

    pub fn version(self) -> u64 {
        match self {
            Self::Locator => 3,
            Self::Logging => 2,
            _ => 1,
        }
    }

    /// The methods of 0.12.
    pub fn methods(self) -> &'static [Method] {
        match self {
            Self::Locator => {
                const {
                    &[
                        method(0, "resolve", &[Raw], &[Raw], Shape::One),
                        method(2, "refresh", &[Raws], &[], Shape::One),
                        method(3, "cluster", &[], &[], Shape::One),
                        method(4, "publish", &[Raw, List], &[List], Shape::Held),
                        method(5, "routing", &[Raw], &[], Shape::HeldStream),
                        method(6, "uuid", &[], &[], Shape::One),
                    ]
                }
            }
            Self::Storage => {
                const {
                    &[
                        method(0, "read", &[Raw, Raw], &[], Shape::One),
                        method(1, "write", &[Raw, Raw, Raw], &[Raws], Shape::One),
                        method(2, "remove", &[Raw, Raw], &[], Shape::One),
                        method(3, "find", &[Raw, Raws], &[], Shape::One),
                    ]
                }
            }
            Self::Logging => {
                const {
                    &[
                        method(0, "emit", &[Int, Raw, Raw], &[Pairs], Shape::Mute),
                        method(1, "verbosity", &[], &[], Shape::One),
                        method(2, "set_verbosity", &[Int], &[], Shape::Unbound),
                    ]
                }
            }
            Self::Cache => {
                const { &[method(0, "get", &[Raw], &[], Shape::One), method(1, "put", &[Raw, Raw], &[], Shape::One)] }
            }
            Self::Node => {
                const {
                    &[
                        method(0, "start_app", &[Raw, Raw], &[], Shape::One),
                        method(1, "pause_app", &[Raw], &[], Shape::One),
                        method(2, "list", &[], &[], Shape::One),
                        method(3, "info", &[Raw], &[Int], Shape::One),
                        method(5, "enqueue", &[Raw, Raw], &[], Shape::Stream),
                    ]
                }
            }
            Self::Echo => const { &[method(0, "ping", &[Raw], &[], Shape::One)] },
            // The source of it is not public: what clients call is here, in the order in which it was seen to be named.
            Self::Tvm => {
                const {
                    &[
                        method(1, "ticket_full", &[Int, Raw, Raw, Map], &[], Shape::One),
                        method(2, "refresh_ticket", &[Raw, Raw], &[], Shape::One),
                    ]
                }
            }
            Self::Demo => {
                const { &[method(0, "enqueue", &[Raw], &[Raw], Shape::Stream), method(1, "info", &[], &[], Shape::One)] }
            }
        }
    }

    /// The methods of 0.11, which has no caches, no echoes and another app.
    pub fn older(self) -> &'static [Method] {
        match self {
            Self::Locator => const { &[method(0, "resolve", &[Raw], &[], Shape::One)] },
            Self::Storage => self.methods(),
            Self::Logging => {
                const {
                    &[
                        method(0, "emit", &[Int, Raw, Raw], &[], Shape::Mute),
                        method(1, "verbosity", &[], &[], Shape::One),
                    ]
                }
            }
            Self::Node => {
                const {
                    &[
                        method(0, "start_app", &[Map], &[], Shape::One),
                        method(1, "pause_app", &[Raws], &[], Shape::One),
                        method(2, "list", &[], &[], Shape::One),
                    ]
                }
            }
            Self::Demo => {
                const { &[method(0, "enqueue", &[Raw, Raw], &[Raw], Shape::Stream), method(1, "info", &[], &[], Shape::One)] }
            }
            Self::Cache | Self::Echo | Self::Tvm => &[],
        }
    }
}

impl Want {
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::Raw => raw(value).is_some(),
            Self::Int => value.is_i64() || value.is_u64(),
            Self::List => value.is_array(),
            Self::Map => value.is_map(),
            Self::Raws => value.as_array().is_some_and(|it| it.iter().all(|it| raw(it).is_some())),
            Self::Pairs => {
                value.as_array().is_some_and(|it| it.iter().all(|it| it.as_array().is_some_and(|pair| pair.len() == 2)))
            }
        }
    }
}

impl Method {
    /// Too few, or of another kind. More than it knows are passed over.
    pub fn takes(&self, args: &[Value]) -> bool {
        let known = self.wants.iter().chain(self.more);
        args.len() >= self.wants.len() && known.zip(args).all(|(want, arg)| want.takes(arg))
    }
}

/// An error of a service's: category, code, text.
pub struct Refusal(pub u64, pub i64, pub String);

/// What is kept, by all services of both generations.
#[derive(Default)]
pub struct World(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By namespace and key.
    storage: BTreeMap<(Vec<u8>, Vec<u8>), Content>,
    cache: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Apps that run.
    running: BTreeSet<Vec<u8>>,
    tickets: Tickets,
    /// What was logged: level, source, message.
    logged: Vec<(i64, String, String)>,
}

struct Content {
    bytes: Vec<u8>,
    tags: BTreeSet<Vec<u8>>,
}

/// Of the real server: how grave a message must be.
const VERBOSITY: i64 = 1;

impl World {
    pub fn new() -> Arc<Self> {
        let world = Self::default();
        world.kept().running.insert(b"demo".to_vec());
        Arc::new(world)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was logged, with level and source.
    pub fn logged(&self) -> Vec<(i64, String, String)> {
        self.kept().logged.clone()
    }

    /// From now on who calls must have a ticket, each of which is good for so long.
    pub fn demand_tickets(&self, good_for: Duration) {
        self.kept().tickets.demand(good_for);
    }

    /// All tickets are over.
    pub fn expire_tickets(&self) {
        self.kept().tickets.expire();
    }

    /// Why a call is refused that has this header `authorization`, or none.
    pub fn refuses(&self, service: Name, authorization: Option<&[u8]>) -> Option<Refusal> {
        let is_open = matches!(service, Name::Locator | Name::Tvm);
        if is_open { None } else { self.kept().tickets.refuses(authorization) }
    }

    /// Answers a method of the shape [`Shape::One`] or [`Shape::Mute`]; `older` words what differs in 0.11.
    pub fn answer(&self, service: Name, method: &str, args: &[Value], older: bool) -> Result<Vec<Value>, Refusal> {
        let mut kept = self.kept();
        let arg = |at: usize| args.get(at).and_then(raw).unwrap_or_default().to_vec();
        let raws = |at: usize| -> BTreeSet<Vec<u8>> {
            let items = args.get(at).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(raw).map(<[u8]>::to_vec).collect()
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match (service, method) {
            (Name::Storage, "read") => match kept.storage.get(&(arg(0), arg(1))) {
                Some(content) => Ok(vec![bytes(&content.bytes)]),
                None if older => {
                    let message = format!("object '{}' has not been found in '{}'", text(&arg(1)), text(&arg(0)));
                    Err(Refusal(0, 1, message))
                }
                None => {
                    let place = format!("{}/{}", text(&arg(0)), text(&arg(1)));
                    Err(Refusal(12, 2, format!("/var/lib/cocaine/storage-default/{place}: No such file or directory")))
                }
            },
            (Name::Storage, "write") => {
                kept.storage.insert((arg(0), arg(1)), Content { bytes: arg(2), tags: raws(3) });
                Ok(vec![])
            }
            (Name::Storage, "remove") => {
                kept.storage.remove(&(arg(0), arg(1)));
                Ok(vec![])
            }
            (Name::Storage, "find") => {
                let (namespace, tags) = (arg(0), raws(1));
                let found =
                    kept.storage.iter().filter(|((it, _), content)| *it == namespace && tags.is_subset(&content.tags));
                Ok(vec![Value::Array(found.map(|((_, key), _)| bytes(key)).collect())])
            }
            (Name::Logging, "emit") => {
                let level = args[0].as_i64().unwrap_or_default();
                kept.logged.push((level, text(&arg(1)), text(&arg(2))));
                Ok(vec![])
            }
            (Name::Logging, "verbosity") => Ok(vec![VERBOSITY.into()]),
            (Name::Cache, "get") => {
                let found = kept.cache.get(&arg(0));
                Ok(vec![found.is_some().into(), bytes(found.map(Vec::as_slice).unwrap_or_default())])
            }
            (Name::Cache, "put") => {
                kept.cache.insert(arg(0), arg(1));
                Ok(vec![])
            }
            (Name::Echo, "ping") => Ok(vec![bytes(&arg(0))]),
            (Name::Node, "list") => Ok(vec![Value::Array(kept.running.iter().map(|it| bytes(it)).collect())]),
            // By a map of apps to profiles, and by a list, where 0.12 has one of each.
            (Name::Node, "start_app") if older => {
                let apps = args[0].as_map().into_iter().flatten().filter_map(|(app, _)| raw(app));
                apps.map(|app| start(&mut kept, app)).find(Result::is_err).unwrap_or(Ok(vec![]))
            }
            (Name::Node, "pause_app") if older => {
                raws(0).iter().map(|app| pause(&mut kept, app)).find(Result::is_err).unwrap_or(Ok(vec![]))
            }
            (Name::Node, "start_app") => start(&mut kept, &arg(0)),
            (Name::Node, "pause_app") => pause(&mut kept, &arg(0)),
            (Name::Node, "info") => match kept.running.contains(&arg(0)) {
                true => Ok(vec![info()]),
                false => Err(Refusal(12, 22, format!("app '{}' is not running: Invalid argument", text(&arg(0))))),
            },
            (Name::Tvm, "ticket_full") => {
                let client = args[0].as_u64().unwrap_or_default();
                kept.tickets.give(client, &arg(1), &arg(2)).map(|it| vec![bytes(&it)])
            }
            (Name::Tvm, "refresh_ticket") => kept.tickets.renew(&arg(1)).map(|it| vec![bytes(&it)]),
            (Name::Demo, "info") => Ok(vec![info()]),
            (Name::Locator, "cluster") => Ok(vec![Value::Map(vec![])]),
            (Name::Locator, "uuid") => Ok(vec!["6f6c7f4e-0000-4000-8000-00000000c0ca".into()]),
            _ => Ok(vec![]),
        }
    }

    /// Whether an app of this name runs.
    pub fn runs(&self, app: &[u8]) -> bool {
        self.kept().running.contains(app)
    }
}

fn pause(kept: &mut Kept, app: &[u8]) -> Result<Vec<Value>, Refusal> {
    if kept.running.remove(app) {
        return Ok(vec![]);
    }
    let app = String::from_utf8_lossy(app);
    Err(Refusal(0x51ff, 6, format!("app '{app}' is not running: application is not running")))
}

fn start(kept: &mut Kept, app: &[u8]) -> Result<Vec<Value>, Refusal> {
    let name = String::from_utf8_lossy(app).into_owned();
    // There is one app whose manifest is in the storage from the start; others can be put there.
    let is_known = app == b"demo" || kept.storage.contains_key(&(b"manifests".to_vec(), app.to_vec()));
    if kept.running.contains(app) {
        let message = format!("app '{name}' is running: application has already been started");
        return Err(Refusal(0x51ff, 5, message));
    }
    if !is_known {
        let message = format!("/var/lib/cocaine/storage-default/manifests/{name}: No such file or directory");
        return Err(Refusal(12, 2, message));
    }
    kept.running.insert(app.to_vec());
    Ok(vec![])
}

fn info() -> Value {
    let profile = Value::Map(vec![("name".into(), "default".into())]);
    Value::Map(vec![("load".into(), 0.into()), ("profile".into(), profile), ("state".into(), "running".into())])
}

/// An event of the app, as it goes on.
pub enum Event {
    /// Gives the first chunk back, and ends.
    Ping,
    /// As many chunks as the first one says.
    Chunks,
    /// Each chunk in capitals, until the client ends.
    Upper,
    /// An error of the app's own.
    Fail,
    /// One that nobody has caught.
    Boom,
    /// Nothing, ever.
    Never,
    /// Ended.
    Over,
}

/// What the app says.
pub enum Said {
    Chunk(Vec<u8>),
    Error(i64, String),
    End,
}

/// Where the app's own errors are.
pub const APP: u64 = 42;

impl Event {
    /// What the app says at once of an event of this name.
    pub fn begin(name: &[u8]) -> (Self, Vec<Said>) {
        match name {
            b"ping" => (Self::Ping, vec![]),
            b"chunks" => (Self::Chunks, vec![]),
            b"upper" => (Self::Upper, vec![]),
            b"fail" => (Self::Fail, vec![]),
            b"boom" => (Self::Boom, vec![]),
            b"never" => (Self::Never, vec![]),
            other => {
                let message = format!("there is no handler for event {}", String::from_utf8_lossy(other));
                (Self::Over, vec![Said::Error(200, message)])
            }
        }
    }

    /// What it says of a chunk.
    pub fn chunk(&mut self, chunk: &[u8]) -> Vec<Said> {
        let said = match self {
            Self::Ping => vec![Said::Chunk(chunk.to_vec()), Said::End],
            Self::Chunks => {
                let count: u32 = std::str::from_utf8(chunk).ok().and_then(|it| it.parse().ok()).unwrap_or_default();
                (0..count).map(|n| Said::Chunk(format!("chunk{n}").into_bytes())).chain([Said::End]).collect()
            }
            Self::Upper => vec![Said::Chunk(chunk.to_ascii_uppercase())],
            Self::Fail => vec![Said::Error(77, "custom failure".to_owned())],
            Self::Boom => vec![Said::Error(100, "boom".to_owned())],
            Self::Never | Self::Over => vec![],
        };
        self.went(said)
    }

    /// What it says of the client's end.
    pub fn close(&mut self) -> Vec<Said> {
        let said = match self {
            Self::Never | Self::Over => vec![],
            _ => vec![Said::End],
        };
        self.went(said)
    }

    /// What it says of an error of the client's, which its handler did not catch.
    pub fn error(&mut self) -> Vec<Said> {
        let said = match self {
            Self::Never | Self::Over => vec![],
            _ => vec![Said::Error(100, String::new())],
        };
        self.went(said)
    }

    fn went(&mut self, said: Vec<Said>) -> Vec<Said> {
        if matches!(said.last(), Some(Said::End | Said::Error(..))) {
            *self = Self::Over;
        }
        said
    }
}
