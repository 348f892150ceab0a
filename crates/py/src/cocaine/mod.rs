//! `whimbrel.cocaine`, as far as it is Rust: each method is a call that has not been made yet.

mod channel;
mod service;
mod turn;
mod typed;
mod unicorn;
mod value;

use std::{sync::Arc, time::Duration};

use pyo3::prelude::*;
use whimbrel::{
    Error,
    cocaine::{self, Protocol, Tvm},
};

pub(crate) use channel::Channel;
pub(crate) use service::CocaineService;
pub(crate) use unicorn::Held;

use crate::{call::Call, error, owned::Owned, token::Token};

/// The services that a locator knows.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Cocaine(Arc<Owned<cocaine::Cocaine>>);

impl Cocaine {
    fn client(&self) -> PyResult<cocaine::Cocaine> {
        self.0.get()
    }

    /// A call that gives data.
    fn call<T, F>(&self, make: impl FnOnce(cocaine::Cocaine) -> F) -> PyResult<Call>
    where
        T: serde::Serialize + Send + 'static,
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.client()?)))
    }
}

#[pymethods]
impl Cocaine {
    /// `ticket`: a client of the service `tvm` by number and secret, and for how many seconds its tickets are good.
    #[new]
    fn new(
        locator: Option<String>,
        runtime: &str,
        deadline: f64,
        ticket: Option<(u64, Py<Token>, f64)>,
    ) -> PyResult<Self> {
        let protocol = match runtime {
            "0.12" => Protocol::V1,
            "0.11" => Protocol::V0,
            other => {
                let message = format!("runtime is \"0.12\" or \"0.11\", and not {other:?}");
                return Err(error::raised(Error::invalid(message)));
            }
        };
        let deadline = at_least_nothing(deadline)?;
        let ticket = match ticket {
            Some((client, secret, good_for)) => Some((client, secret.get().needed()?, at_least_nothing(good_for)?)),
            None => None,
        };
        let made = Owned::new(move || {
            let builder = || -> whimbrel::Result<_> {
                let builder = cocaine::Cocaine::builder().protocol(protocol).deadline(deadline);
                match &locator {
                    Some(locator) => builder.locator(locator),
                    None => Ok(builder),
                }
            };
            let Some((client, secret, good_for)) = ticket.clone() else { return Ok(builder()?.build()) };
            // The service that gives tickets is asked without one.
            let tickets = Tvm::new(builder()?.build().service("tvm"), client, secret, good_for);
            Ok(builder()?.authorization(tickets).build())
        })?;
        Ok(Self(made.into()))
    }

    /// A service by its name; `apart` has a connection of its own, as all have that say which version or seed.
    fn service(
        &self,
        name: String,
        version: Option<u64>,
        seed: Option<String>,
        apart: bool,
    ) -> PyResult<CocaineService> {
        let cocaine = self.0.clone();
        let service = Owned::new(move || {
            let cocaine = cocaine.made()?;
            Ok(match apart || version.is_some() || seed.is_some() {
                true => cocaine.service_of(&name, version, seed.as_deref()),
                false => cocaine.service(&name),
            })
        })?;
        CocaineService::new(service)
    }

    /// The locator as a service.
    fn locator(&self) -> PyResult<CocaineService> {
        let cocaine = self.0.clone();
        CocaineService::new(Owned::new(move || Ok(cocaine.made()?.locator().service()))?)
    }
}

/// A time from Python; none stands for the default.
pub(crate) fn seconds(time: Option<f64>) -> PyResult<Option<Duration>> {
    time.map(at_least_nothing).transpose()
}

fn at_least_nothing(seconds: f64) -> PyResult<Duration> {
    let wrong = || error::raised(Error::invalid(format!("a time is seconds, from 0, and not {seconds}")));
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}
