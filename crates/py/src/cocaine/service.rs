//! A service by its name, whatever its methods.

use pyo3::prelude::*;
use serde::Serialize;
use whimbrel::cocaine::{self, rpc::Resolved};

use super::{Channel, seconds, value};
use crate::{
    call::{Answer, Call},
    list::List,
    owned::Owned,
};

/// A service. Its connection is this process's.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct CocaineService(pub(crate) std::sync::Arc<Owned<cocaine::Service>>);

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
        let calling = self.0.get()?.call(asked(method, arguments, headers, timeout)?);
        Ok(Call::new(async move {
            let told = calling.await?;
            Ok(Answer::new(move |py| Ok(value::told(py, told)?.unbind())))
        }))
    }

    /// Both directions.
    fn open(
        &self,
        method: String,
        arguments: &Bound<'_, PyAny>,
        headers: Vec<(Vec<u8>, Vec<u8>)>,
        timeout: Option<f64>,
    ) -> PyResult<Call> {
        let service = self.0.get()?;
        let calling = service.call(asked(&method, arguments, headers, timeout)?);
        Ok(Call::new(async move {
            let duplex = calling.duplex().await?;
            let resolved = service.resolved().await?;
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
        let (service, call) = (self.0.clone(), asked(method, arguments, headers, timeout)?);
        Ok(List::live(move || Ok(service.get()?.call(call.clone()).stream()), value::told))
    }

    fn resolved(&self) -> PyResult<Call> {
        let service = self.0.get()?;
        Ok(Call::data(async move { service.resolved().await.map(|it| Told::of(&it)) }))
    }

    fn ping(&self) -> PyResult<Call> {
        let service = self.0.get()?;
        Ok(Call::data(async move { service.ping().await.map(|it| it.as_secs_f64()) }))
    }

    fn disconnect(&self) -> PyResult<()> {
        self.0.get()?.disconnect();
        Ok(())
    }
}
