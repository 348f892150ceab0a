//! The locator: which addresses and which methods the name of a service stands for.

use crate::{
    endpoint::Endpoint,
    error::{Error, Kind, Result},
    frame::Protocol,
    service::{Call, Service},
    tree::{Api, Method, Tree},
    value::Value,
};

/// What the name of a service stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Where it is, the first to be tried first.
    pub endpoints: Vec<Endpoint>,
    /// Of its methods.
    pub version: u64,
    /// Its methods.
    pub api: Api,
}

/// The service that knows all others. Its own methods are known to everybody.
#[derive(Clone)]
pub struct Locator(Service);

impl Locator {
    /// One at the first of these addresses that answers.
    pub fn new(endpoints: Vec<Endpoint>, protocol: Protocol) -> Self {
        let api = match protocol {
            Protocol::V0 => older(),
            Protocol::V1 => newer(),
        };
        Self(Service::fixed("locator", endpoints, api).protocol(protocol).build())
    }

    /// As a service, for its other methods.
    pub fn service(&self) -> &Service {
        &self.0
    }

    /// What a name stands for; with a `seed`, where names stand for groups, always the same one of a group.
    ///
    /// # Errors
    /// It is not known; the locator is not there.
    pub async fn resolve(&self, name: &str, seed: Option<&str>) -> Result<Resolved> {
        let mut call = Call::new("resolve").arg(name);
        if let Some(seed) = seed {
            call = call.arg(seed);
        }
        let told = self.0.call(call).await?;
        let wrong =
            |what: &str| Error::new(Kind::Protocol, format!("the locator's answer on {name:?} is none: {what}"));
        let read = |it: Result<Api, crate::TreeError>| it.map_err(|e| wrong(&e.to_string()));
        match self.0.generation() {
            Protocol::V0 => {
                let Some([endpoint, version, api]) = told.first().and_then(Value::as_array) else {
                    return Err(wrong("no endpoint, version and methods"));
                };
                let endpoints = vec![endpoint_of(endpoint).ok_or_else(|| wrong("no endpoint"))?];
                let version = version.as_u64().ok_or_else(|| wrong("no version"))?;
                Ok(Resolved { endpoints, version, api: read(Api::read_v0(api))? })
            }
            Protocol::V1 => {
                let [endpoints, version, api, ..] = &told[..] else {
                    return Err(wrong("no endpoints, version and methods"));
                };
                let endpoints = endpoints.as_array().unwrap_or_default().iter().map(endpoint_of);
                let endpoints = endpoints.collect::<Option<_>>().ok_or_else(|| wrong("no endpoints"))?;
                let version = version.as_u64().ok_or_else(|| wrong("no version"))?;
                Ok(Resolved { endpoints, version, api: read(Api::read(api))? })
            }
        }
    }
}

fn endpoint_of(value: &Value) -> Option<Endpoint> {
    let [host, port] = value.as_array()? else { return None };
    Some(Endpoint { host: host.as_str()?.to_owned(), port: port.as_u64()?.try_into().ok()? })
}

/// Of 0.12.
fn newer() -> Api {
    let one = Tree::primitive;
    let method = |id, name: &str, tx, rx| Method { id, name: name.into(), tx, rx };
    Api::new(vec![
        method(0, "resolve", Tree::default(), one()),
        method(1, "connect", Tree::default(), Tree::streaming()),
        method(2, "refresh", Tree::default(), one()),
        method(3, "cluster", Tree::default(), one()),
        method(4, "publish", Tree::discard("discard"), one()),
        method(5, "routing", Tree::discard("discard"), Tree::streaming()),
        method(6, "uuid", Tree::default(), one()),
    ])
}

/// Of 0.11.
fn older() -> Api {
    let names = ["resolve", "sync", "reports", "refresh"].into_iter().enumerate();
    let method = |(id, name): (usize, &str)| Method {
        id: id as u64,
        name: name.into(),
        tx: Tree::default(),
        rx: Tree::chunks(),
    };
    Api::new(names.map(method).collect())
}
