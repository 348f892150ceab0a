//! A connection in the protocol of 0.11: the type comes first, values are packed into a raw, every call ends with a choke,
//! and a mistake is an error like any other.

use rmpv::Value;

use super::{
    Server, Session,
    services::{Event, NAMES, Name, Refusal, Said, Shape},
    wire::{self, bytes, raw},
};

/// What a connection remembers: nothing.
#[derive(Default)]
pub struct Connection;

const CHUNK: u64 = 4;
const ERROR: u64 = 5;
const CHOKE: u64 = 6;

impl Session for Connection {
    fn frame(&mut self, server: &Server, service: Name, frame: Value) -> Result<Vec<Value>, String> {
        let Value::Array(parts) = frame else { return Err("a frame that is no list".to_owned()) };
        let [kind, channel, Value::Array(args)] = &parts[..] else {
            return Err("a frame that is not of type, channel and arguments".to_owned());
        };
        let (Some(kind), Some(channel)) = (kind.as_u64(), channel.as_u64()) else {
            return Err("a channel or a type that is no number from 0".to_owned());
        };
        let frame = |kind: u64, args| Value::Array(vec![kind.into(), channel.into(), Value::Array(args)]);
        let said = match call(server, service, kind, args) {
            Ok(chunks) => chunks.into_iter().map(|it| frame(CHUNK, vec![packed(&it)])).collect(),
            Err(Refusal(_, code, text)) => vec![frame(ERROR, vec![code.into(), text.into()])],
        };
        Ok(said.into_iter().chain([frame(CHOKE, vec![])]).collect())
    }
}

fn packed(value: &Value) -> Value {
    let mut out = vec![];
    wire::write(value, &mut out);
    bytes(&out)
}

/// The chunks of an answer.
fn call(server: &Server, service: Name, kind: u64, args: &[Value]) -> Result<Vec<Value>, Refusal> {
    let wrong = |text: String| Refusal(0, 1, text);
    let method = service.older().iter().find(|it| it.id == kind);
    let method = method.ok_or_else(|| wrong("unknown message type".to_owned()))?;
    if args.len() < method.wants.len() {
        let text = "argument sequence length mismatch - expected at least";
        return Err(wrong(format!("{text} {}, got {}", method.wants.len(), args.len())));
    }
    if !method.takes(args) {
        return Err(wrong("argument type mismatch".to_owned()));
    }
    server.called(service, method);
    match (method.shape, method.name) {
        (_, "resolve") => {
            let name = raw(&args[0]).unwrap_or_default();
            let known = NAMES.into_iter().find(|it| it.text().as_bytes() == name && !it.older().is_empty());
            let service = known.ok_or_else(|| wrong("the specified service is not available".to_owned()))?;
            let endpoints = server.endpoints(service);
            let (host, port) = endpoints.first().ok_or_else(|| wrong("it listens nowhere".to_owned()))?;
            let methods = service.older().iter().map(|it| (it.id.into(), it.name.into())).collect();
            let endpoint = Value::Array(vec![host.as_str().into(), (*port).into()]);
            Ok(vec![Value::Array(vec![endpoint, 1.into(), Value::Map(methods)])])
        }
        (Shape::Stream, _) => {
            let (mut event, mut said) = Event::begin(raw(&args[0]).unwrap_or_default());
            said.extend(event.chunk(raw(&args[1]).unwrap_or_default()));
            said.extend(event.close());
            let mut chunks = vec![];
            for it in said {
                match it {
                    Said::Chunk(chunk) => chunks.push(bytes(&chunk)),
                    Said::Error(code, text) => return Err(Refusal(0, code, text)),
                    Said::End => {}
                }
            }
            Ok(chunks)
        }
        (_, name) => server.world.answer(service, name, args, true),
    }
}
