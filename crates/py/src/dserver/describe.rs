//! What is known of a dataset, changed: for servers of a release after 0.22.

use pyo3::prelude::*;
use pythonize::depythonize;
use serde_json::{Map, Value};

use super::Dserver;
use crate::call::Call;

#[pymethods]
impl Dserver {
    fn replace_readme(&self, uri: String, text: String) -> PyResult<Call> {
        self.call(|client| async move { client.replace_readme(&uri, &text).await })
    }

    fn replace_tags(&self, uri: String, tags: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move { client.replace_tags(&uri, tags).await })
    }

    fn add_tag(&self, uri: String, tag: String) -> PyResult<Call> {
        self.call(|client| async move { client.add_tag(&uri, &tag).await })
    }

    fn remove_tag(&self, uri: String, tag: String) -> PyResult<Call> {
        self.call(|client| async move { client.remove_tag(&uri, &tag).await })
    }

    fn replace_annotations(&self, uri: String, annotations: &Bound<'_, PyAny>) -> PyResult<Call> {
        let annotations: Map<String, Value> = depythonize(annotations)?;
        self.call(|client| async move { client.replace_annotations(&uri, annotations).await })
    }

    fn set_annotation(&self, uri: String, name: String, value: &Bound<'_, PyAny>) -> PyResult<Call> {
        let value: Value = depythonize(value)?;
        self.call(|client| async move { client.set_annotation(&uri, &name, value).await })
    }

    fn remove_annotation(&self, uri: String, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.remove_annotation(&uri, &name).await })
    }
}
