//! Any operation at the host that it is of, with what exactly the service answered: for the older package's results, which
//! are made of status, headers and body.

use pyo3::{prelude::*, types::PyBytes};
use whimbrel::{
    api::{self, Arguments},
    datasift::operations,
};

use super::Datasift;
use crate::{
    call::{Answer, Call},
    error,
};

#[pymethods]
impl Datasift {
    /// A call that gives status, headers, body, and the error that an answer tells of. Where there is no answer, the status
    /// is none, and the error why.
    fn ask(&self, operation: String, parameters: Vec<(String, String)>, body: Option<Vec<u8>>) -> PyResult<Call> {
        let client = self.client()?;
        Ok(Call::new(async move {
            let asked = async {
                let operation = api::find(operations::ALL, &operation)?;
                let mut arguments = Arguments::parameters(operation, parameters)?;
                if let Some(body) = body {
                    arguments = arguments.input(body);
                }
                api::ask(&*client.connection_of(operation)?, operation, &arguments).await
            };
            Ok(match asked.await {
                Ok(answer) => Answer::new(move |py| {
                    let status = Some(answer.status.as_u16());
                    let body = PyBytes::new(py, &answer.body);
                    let error = answer.error.map(|it| error::raised(it).into_value(py));
                    let told = (status, crate::api::headers(py, &answer.headers)?, body, error);
                    Ok(told.into_pyobject(py)?.into_any().unbind())
                }),
                Err(failed) => Answer::new(move |py| {
                    let error = error::raised(failed).into_value(py);
                    let told = (None::<u16>, py.None(), PyBytes::new(py, b""), error);
                    Ok(told.into_pyobject(py)?.into_any().unbind())
                }),
            })
        }))
    }
}
