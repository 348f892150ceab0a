//! One dataset, and what is known of it.

use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use whimbrel::dserver::{Readme, Registration};

use super::Dserver;
use crate::{call::Call, error};

#[pymethods]
impl Dserver {
    fn dataset(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.dataset(&uri).await })
    }

    fn lookup(&self, uuid: String) -> PyResult<Call> {
        self.call(|client| async move { client.lookup(&uuid).await })
    }

    fn find(&self, dataset: String) -> PyResult<Call> {
        self.call(|client| async move { client.find(&dataset).await })
    }

    fn readme(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { Ok(client.readme(&uri).await?.text) })
    }

    fn manifest(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.manifest(&uri).await })
    }

    fn tags(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.tags(&uri).await })
    }

    fn annotations(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.annotations(&uri).await })
    }

    fn register(&self, dataset: &Bound<'_, PyAny>) -> PyResult<Call> {
        let dataset: Registration = depythonize(dataset)
            .map_err(|e| error::raised(whimbrel::Error::invalid(e.to_string()).about("registration")))?;
        self.call(|client| async move { client.register(&dataset).await })
    }

    fn register_from(&self, source: String, base_uri: Option<String>) -> PyResult<Call> {
        let uri = match source.contains("://") {
            true => source,
            false => cli::uri_of(source.as_ref()).map_err(error::refused)?,
        };
        let keys = self.keys();
        self.call(|client| async move { Ok(client.register_from(&uri, base_uri.as_deref(), keys).await?.uri) })
    }

    fn delete(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.delete(&uri).await })
    }
}

/// What a readme says, as data.
#[pyfunction]
pub(crate) fn yaml<'py>(py: Python<'py>, text: String) -> PyResult<Bound<'py, PyAny>> {
    let data = py.detach(|| Readme { text }.yaml()).map_err(error::raised)?;
    Ok(pythonize(py, &data)?)
}
