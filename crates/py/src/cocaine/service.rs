//! A service by its name, whatever its methods.

use std::{sync::Arc, time::Duration};

use pyo3::prelude::*;
use serde::Serialize;
use tokio::sync::Mutex;
use whimbrel::{
    Error, Kind,
    cocaine::{self, rpc::Resolved},
};

use super::{Channel, seconds, turn::Turn, value};
use crate::{
    call::{Answer, Call},
    list::List,
    owned::Owned,
};

/// A service. Its connection is this process's.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct CocaineService {
    service: Arc<Owned<cocaine::Service>>,
    /// Of calls that go both ways.
    line: Owned<Arc<Mutex<()>>>,
}

impl CocaineService {
    pub(crate) fn new(service: Owned<cocaine::Service>) -> PyResult<Self> {
        Ok(Self { service: service.into(), line: Owned::new(|| Ok(Arc::default()))? })
    }
}

/// What a name stands for.
#[derive(Serialize)]
pub(crate) struct Told {
    endpoints: Vec<(String, u16)>,
    version: u64,
    methods: Vec<String>,
}

impl Told {
    pub(crate) fn of(resolved: &Resolved) -> Self {
        Self {
            endpoints: resolved.endpoints.iter().map(|it| (it.host.clone(), it.port)).collect(),
            version: resolved.version,
            methods: resolved.api.methods().map(|it| whimbrel::printable(&it.name)).collect(),
        }
    }
}

/// What is asked.
fn asked(
    method: &str,
    arguments: &Bound<'_, PyAny>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    timeout: Option<f64>,
) -> PyResult<cocaine::Call> {
    let mut call = cocaine::Call::new(method).args(value::read_all(arguments)?);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    Ok(match seconds(timeout)? {
        Some(time) => call.deadline(time),
        None => call,
    })
}

fn late(time: Duration) -> Error {
    Error::new(Kind::Timeout, format!("there is no connection within {time:?}"))
}

#[pymethods]
impl CocaineService {
    /// The first answer.
    fn call(
        &self,
        method: &str,
        arguments: &Bound<'_, PyAny>,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
        timeout: Option<f64>,
    ) -> PyResult<Call> {
        let calling = self.service.get()?.call(asked(method, arguments, headers, timeout)?);
        Ok(Call::new(async move {
            let told = calling.await?;
            Ok(Answer::new(move |py| Ok(value::told(py, told)?.unbind())))
        }))
    }

    /// Both directions. Calls are sent in the order in which this is asked for.
    fn open(
        &self,
        method: String,
        arguments: &Bound<'_, PyAny>,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
        timeout: Option<f64>,
    ) -> PyResult<Call> {
        let service = self.service.get()?;
        let calling = service.call(asked(&method, arguments, headers, timeout)?);
        let (turn, time) = (Turn::new(&self.line.get()?), seconds(timeout)?);
        Ok(Call::new(async move {
            let opening = async {
                // All wait for one connection together, and then they are sent one after another.
                let resolved = service.resolved().await?;
                let _turn = turn.come().await;
                Ok((calling.duplex().await?, resolved))
            };
            let (duplex, resolved) = match time {
                // Its turn counts, too: those before it may have more time.
                Some(time) => tokio::time::timeout(time, opening).await.unwrap_or_else(|_| Err(late(time)))?,
                None => opening.await?,
            };
            let channel = Channel::new(duplex, resolved.api.method(&method));
            Ok(Answer::new(move |py| Ok(Py::new(py, channel)?.into_any())))
        }))
    }

    /// All that it answers, asked for anew each time it is gone through.
    fn stream(
        &self,
        method: &str,
        arguments: &Bound<'_, PyAny>,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
        timeout: Option<f64>,
    ) -> PyResult<List> {
        let (service, call) = (self.service.clone(), asked(method, arguments, headers, timeout)?);
        Ok(List::live(move || Ok(service.get()?.call(call.clone()).stream()), value::told))
    }

    fn resolved(&self) -> PyResult<Call> {
        let service = self.service.get()?;
        Ok(Call::data(async move { service.resolved().await.map(|it| Told::of(&it)) }))
    }

    fn ping(&self) -> PyResult<Call> {
        let service = self.service.get()?;
        Ok(Call::data(async move { service.ping().await.map(|it| it.as_secs_f64()) }))
    }

    fn disconnect(&self) -> PyResult<()> {
        self.service.get()?.disconnect();
        Ok(())
    }
}
