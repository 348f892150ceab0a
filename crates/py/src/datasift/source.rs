//! Managed sources, their resources and their tokens.

use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};
use whimbrel::datasift::SourceForm;

use super::{Datasift, texts};
use crate::{call::Call, coscine::told::Told, list::List};

/// What is said of a source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    source_type: String,
    name: String,
    resources: Vec<Value>,
    auth: Vec<Value>,
    parameters: Option<Map<String, Value>>,
    validate: Option<bool>,
}

impl From<Form> for SourceForm {
    fn from(Form { source_type, name, resources, auth, parameters, validate }: Form) -> Self {
        Self { source_type, name, resources, auth, parameters, validate }
    }
}

#[pymethods]
impl Datasift {
    fn create_source(&self, form: Told<Form>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().create(&form.0.into()).await })
    }

    fn update_source(&self, id: String, form: Told<Form>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().update(&id, &form.0.into()).await })
    }

    fn start_source(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().start(&id).await })
    }

    fn stop_source(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().stop(&id).await })
    }

    fn delete_source(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().delete(&id).await })
    }

    fn source(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().get(&id).await })
    }

    fn sources(&self, source_type: Option<String>) -> List {
        self.list(move |client| client.managed_sources().list(source_type.as_deref()))
    }

    fn source_log(&self, id: String) -> List {
        self.list(move |client| client.managed_sources().log(&id))
    }

    fn add_source_resources(&self, id: String, resources: Told<Vec<Value>>, validate: Option<bool>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().add_resources(&id, resources.0, validate).await })
    }

    fn remove_source_resources(&self, id: String, resource_ids: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().remove_resources(&id, &texts(&resource_ids)).await })
    }

    fn add_source_auth(&self, id: String, auth: Told<Vec<Value>>, validate: Option<bool>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().add_auth(&id, auth.0, validate).await })
    }

    fn remove_source_auth(&self, id: String, auth_ids: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move { client.managed_sources().remove_auth(&id, &texts(&auth_ids)).await })
    }
}
