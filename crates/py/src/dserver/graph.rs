//! Provenance graphs, and their drawings.

use pyo3::{exceptions::PyValueError, prelude::*};
use pythonize::depythonize;
use whimbrel::dserver::Graph;

use super::Dserver;
use crate::call::Call;

#[pymethods]
impl Dserver {
    fn graph(&self, uuid: String, keys: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move { client.graph_by(&uuid, keys).await })
    }
}

/// A graph that was told, drawn in one of the forms. Nobody is asked.
#[pyfunction]
pub(crate) fn draw(py: Python<'_>, graph: &Bound<'_, PyAny>, form: &str) -> PyResult<String> {
    let graph: Graph = depythonize(graph)?;
    py.detach(|| match form {
        "svg" => Ok(graph.to_svg()),
        "html" => Ok(graph.to_html()),
        "dot" => Ok(graph.to_dot()),
        "mermaid" => Ok(graph.to_mermaid()),
        "tree" => Ok(graph.to_tree()),
        other => Err(PyValueError::new_err(format!("there is no drawing {other:?}"))),
    })
}
