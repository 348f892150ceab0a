//! `whimbrel.datasift`, as far as it is Rust: each method is a call that has not been made yet.

mod account;
mod ask;

use std::sync::Arc;

use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use whimbrel::{
    Connection, Paged, Result,
    datasift::{Client, operations},
};

use crate::{api, call::Call, error, list::List, owned::Owned, settings, token::Token};

/// DataSift.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Datasift(Arc<Owned<Client>>);

api::service!(Datasift, operations::ALL);

impl Datasift {
    fn client(&self) -> PyResult<Client> {
        self.0.get()
    }

    fn connection(&self) -> PyResult<Arc<Connection>> {
        Ok(self.client()?.connection().clone())
    }

    /// A call that gives data.
    fn call<T, F>(&self, make: impl FnOnce(Client) -> F) -> PyResult<Call>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.client()?)))
    }

    /// A list that comes in pages.
    fn list<L>(&self, make: impl Fn(Client) -> L + Send + Sync + 'static) -> List
    where
        L: Paged<Item: Serialize>,
    {
        let client = self.0.clone();
        List::paged(move || Ok(make(client.get()?)), |item| item)
    }
}

#[pymethods]
impl Datasift {
    /// Without a URL it is the public service. Who asks is found by Python.
    #[new]
    fn new(url: Option<String>, user: String, api_key: &Token, settings: &Bound<'_, PyDict>) -> PyResult<Self> {
        let key = api_key.needed()?;
        let settings = whimbrel::Settings { url, ..settings::read(settings)? };
        let make = move || Client::builder().settings(settings.clone()).api_key(user.clone(), key.clone()).build();
        Ok(Self(Owned::new(make)?.into()))
    }

    /// The credits that an operation costs, by its id; `None` where that is not known.
    fn cost(&self, operation: &str) -> PyResult<Option<u64>> {
        let operation = whimbrel::api::find(operations::ALL, operation).map_err(error::raised)?;
        Ok(self.client()?.cost(operation))
    }
}
