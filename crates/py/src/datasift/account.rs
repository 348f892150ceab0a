//! Definitions, and what the account has and has used.

use pyo3::prelude::*;

use super::Datasift;
use crate::call::Call;

#[pymethods]
impl Datasift {
    fn validate(&self, csdl: String) -> PyResult<Call> {
        self.call(|client| async move { client.validate(&csdl).await })
    }

    fn is_valid(&self, csdl: String) -> PyResult<Call> {
        self.call(|client| async move { client.is_valid(&csdl).await })
    }

    fn compile(&self, csdl: String) -> PyResult<Call> {
        self.call(|client| async move { client.compile(&csdl).await })
    }
}
