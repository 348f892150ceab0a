//! Identities, their tokens for other services, and limits.

use pyo3::prelude::*;
use whimbrel::secrecy::ExposeSecret as _;

use super::Datasift;
use crate::{call::Call, list::List, token::Token};

#[pymethods]
impl Datasift {
    fn identities(&self, label: Option<String>) -> List {
        self.list(move |client| client.identities().list(label.as_deref()))
    }

    fn identity(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.identities().get(&id).await })
    }

    fn create_identity(&self, label: String, status: Option<String>, master: Option<bool>) -> PyResult<Call> {
        self.call(|client| async move { client.identities().create(&label, status.as_deref(), master).await })
    }

    fn update_identity(
        &self,
        id: String,
        label: Option<String>,
        status: Option<String>,
        master: Option<bool>,
    ) -> PyResult<Call> {
        self.call(
            |client| async move { client.identities().update(&id, label.as_deref(), status.as_deref(), master).await },
        )
    }

    fn delete_identity(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.identities().delete(&id).await })
    }

    fn tokens(&self, identity: String) -> List {
        self.list(move |client| client.identities().tokens(identity.as_str()).list())
    }

    fn token(&self, identity: String, service: String) -> PyResult<Call> {
        self.call(|client| async move { client.identities().tokens(identity).get(&service).await })
    }

    fn create_token(&self, identity: String, service: String, token: &Token) -> PyResult<Call> {
        let token = token.needed()?;
        self.call(
            |client| async move { client.identities().tokens(identity).create(&service, token.expose_secret()).await },
        )
    }

    fn update_token(&self, identity: String, service: String, token: &Token) -> PyResult<Call> {
        let token = token.needed()?;
        self.call(
            |client| async move { client.identities().tokens(identity).update(&service, token.expose_secret()).await },
        )
    }

    fn delete_token(&self, identity: String, service: String) -> PyResult<Call> {
        self.call(|client| async move { client.identities().tokens(identity).delete(&service).await })
    }

    fn limits(&self, service: String) -> List {
        self.list(move |client| client.limits(service.as_str()).list())
    }

    fn limit(&self, service: String, identity: String) -> PyResult<Call> {
        self.call(|client| async move { client.limits(service).get(&identity).await })
    }

    fn create_limit(
        &self,
        service: String,
        identity: String,
        total_allowance: Option<i64>,
        analyze_queries: Option<i64>,
    ) -> PyResult<Call> {
        self.call(
            |client| async move { client.limits(service).create(&identity, total_allowance, analyze_queries).await },
        )
    }

    fn update_limit(
        &self,
        service: String,
        identity: String,
        total_allowance: Option<i64>,
        analyze_queries: Option<i64>,
    ) -> PyResult<Call> {
        self.call(
            |client| async move { client.limits(service).update(&identity, total_allowance, analyze_queries).await },
        )
    }

    fn delete_limit(&self, service: String, identity: String) -> PyResult<Call> {
        self.call(|client| async move { client.limits(service).delete(&identity).await })
    }
}
