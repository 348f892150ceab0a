//! Base URIs, and who may do what there.

use pyo3::prelude::*;
use whimbrel::{Error, dserver::Right};

use super::Dserver;
use crate::{call::Call, error, list::List};

#[pymethods]
impl Dserver {
    fn base_uris(&self) -> PyResult<List> {
        self.list(|client| Ok(client.base_uris()))
    }

    fn base_uri(&self, base_uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.base_uri(&base_uri).await })
    }

    fn register_base_uri(
        &self,
        base_uri: String,
        may_search: Vec<String>,
        may_register: Vec<String>,
    ) -> PyResult<Call> {
        self.call(|client| async move { client.register_base_uri(&base_uri, may_search, may_register).await })
    }

    fn delete_base_uri(&self, base_uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.delete_base_uri(&base_uri).await })
    }

    fn grant(&self, username: String, base_uri: String, right: &str) -> PyResult<Call> {
        let right = read(right)?;
        self.call(move |client| async move { client.grant(&username, &base_uri, right).await })
    }

    fn revoke(&self, username: String, base_uri: String, right: &str) -> PyResult<Call> {
        let right = read(right)?;
        self.call(move |client| async move { client.revoke(&username, &base_uri, right).await })
    }
}

fn read(right: &str) -> PyResult<Right> {
    match right {
        "search" => Ok(Right::Search),
        "register" => Ok(Right::Register),
        other => Err(error::raised(Error::invalid(format!("{other:?} is none: search or register")).about("right"))),
    }
}
