//! `whimbrel.dserver`, as far as it is Rust: each method is a call that has not been made yet.

mod base_uri;
mod content;
mod dataset;
mod describe;
mod graph;
mod login;
mod many;
mod search;
mod server;
mod user;

use std::sync::Arc;

use pyo3::prelude::*;
use whimbrel::{
    Connection, Paged,
    dserver::{self, Config},
};

pub(crate) use dataset::yaml;
pub(crate) use graph::draw;

use crate::{api, call::Call, error, list::List, owned::Owned};

/// A dserver.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Dserver {
    client: Arc<Owned<dserver::Client>>,
    /// What was found when it was made: keys to buckets are among it.
    config: Config,
}

api::service!(Dserver, dserver::operations::ALL);

impl Dserver {
    /// The client of this process.
    fn client(&self) -> PyResult<dserver::Client> {
        self.client.get()
    }

    fn connection(&self) -> PyResult<Arc<Connection>> {
        Ok(self.client()?.connection().clone())
    }

    /// A call that gives data.
    fn call<T, F>(&self, make: impl FnOnce(dserver::Client) -> F) -> PyResult<Call>
    where
        T: serde::Serialize + Send + 'static,
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.client()?)))
    }

    /// A list of data, which must be one: what is wrong with it is told now.
    fn list<L>(&self, make: impl Fn(dserver::Client) -> whimbrel::Result<L> + Send + Sync + 'static) -> PyResult<List>
    where
        L: Paged<Item: serde::Serialize>,
    {
        make(self.client()?).map_err(error::raised)?;
        let client = self.client.clone();
        Ok(List::paged(move || make(client.get()?).map_err(error::raised), |item| item))
    }

    /// Where keys to buckets are looked up.
    fn keys(&self) -> impl Fn(&str) -> Option<String> + Send + Sync + use<> {
        let config = self.config.clone();
        move |name| config.get(name)
    }
}
