//! Any operation of a service by its id, with what exactly the service answered.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, header};
use pyo3::{
    intern,
    prelude::*,
    types::{PyBytes, PyDict},
};
use whimbrel::{
    Connection,
    api::{self, Arguments},
    middleware::Operation,
};

use crate::{
    call::{Answer, Call},
    error,
};

/// Gives the class of a service, by its way to its connection and its operations, what all of them have.
macro_rules! service {
    ($class:ident, $operations:expr) => {
        #[pymethods]
        impl $class {
            /// Any operation by its id.
            fn api(
                &self,
                operation: String,
                parameters: Vec<(String, String)>,
                body: Option<Vec<u8>>,
            ) -> PyResult<Call> {
                Ok(crate::api::call(self.connection()?, $operations, operation, parameters, body))
            }

            fn clear_cache(&self) -> PyResult<Call> {
                let connection = self.connection()?;
                Ok(Call::data(async move {
                    connection.clear_cache().await;
                    Ok(())
                }))
            }

            #[getter]
            fn url(&self) -> PyResult<String> {
                Ok(self.connection()?.base_url().to_owned())
            }
        }
    };
}
pub(crate) use service;

/// A call that gives status, headers, body, and the error that an answer tells of. A body of JSON is made what Python has
/// for it, any other is bytes.
pub(crate) fn call(
    connection: Arc<Connection>,
    operations: &'static [Operation],
    operation: String,
    parameters: Vec<(String, String)>,
    body: Option<Vec<u8>>,
) -> Call {
    Call::new(async move {
        let operation = api::find(operations, &operation)?;
        let mut arguments = Arguments::parameters(operation, parameters)?;
        if let Some(body) = body {
            arguments = arguments.input(body);
        }
        let answer = api::ask(&connection, operation, &arguments).await?;
        Ok(Answer::new(move |py| Ok(told(py, answer)?.unbind())))
    })
}

fn told(py: Python<'_>, answer: api::Answer) -> PyResult<Bound<'_, PyAny>> {
    let headers = headers(py, &answer.headers)?;
    let media = answer.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let body = body(py, media, &answer.body)?;
    let error = answer.error.map(|it| error::raised(it).into_value(py));
    Ok((answer.status.as_u16(), headers, body, error).into_pyobject(py)?.into_any())
}

/// By their names in lower case; several of a name in one text.
pub(crate) fn headers<'py>(py: Python<'py>, headers: &HeaderMap) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    for name in headers.keys() {
        let values: Vec<_> = headers.get_all(name).iter().map(|it| String::from_utf8_lossy(it.as_bytes())).collect();
        told.set_item(name.as_str(), values.join(", "))?;
    }
    Ok(told)
}

/// JSON is read by Python's own reader: it knows whole numbers of any length, and gives each other its nearest float.
fn body<'py>(py: Python<'py>, media: &str, body: &Bytes) -> PyResult<Bound<'py, PyAny>> {
    let bytes = PyBytes::new(py, body).into_any();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") && !media.ends_with("+json") {
        return Ok(bytes);
    }
    let read = py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (&bytes,));
    Ok(read.unwrap_or(bytes))
}
