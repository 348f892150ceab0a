//! Definitions, what the account has and has used, and what it is fed.

use pyo3::prelude::*;
use serde_json::Value;
use whimbrel::datasift::{Allowance, Period, operations};

use super::{Datasift, moments};
use crate::{call::Call, coscine::told::Told, error};

fn period(of: &str) -> PyResult<Period> {
    of.parse().map_err(error::raised)
}

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

    fn dpu(&self, hash: String) -> PyResult<Call> {
        self.call(|client| async move { client.dpu(&hash).await })
    }

    fn historics_dpu(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics_dpu(&id).await })
    }

    fn usage(&self, of: &str) -> PyResult<Call> {
        let period = period(of)?;
        self.call(|client| async move { client.usage(period).await })
    }

    fn account_usage(&self, of: &str, start: Option<i64>, end: Option<i64>) -> PyResult<Call> {
        let (period, (start, end)) = (period(of)?, moments(start, end)?);
        self.call(|client| async move { client.account_usage(period, start, end).await })
    }

    fn balance(&self) -> PyResult<Call> {
        self.call(|client| async move { client.balance().await })
    }

    /// The credits that are left; known here.
    fn credits<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.client()?.credits().map(|it| told(py, it)).transpose()
    }

    /// Bytes and requests; known here.
    fn ingestion_left<'py>(&self, py: Python<'py>) -> PyResult<[Option<Bound<'py, PyAny>>; 2]> {
        let left = self.client()?.ingestion_left();
        let part = |of: Option<Allowance>| of.map(|it| told(py, it)).transpose();
        Ok([part(left.and_then(|it| it.data))?, part(left.and_then(|it| it.requests))?])
    }

    /// The credits that an operation costs, by its id; known here.
    fn cost(&self, operation: &str) -> PyResult<Option<u64>> {
        let operation = whimbrel::api::find(operations::ALL, operation).map_err(error::raised)?;
        Ok(self.client()?.cost(operation))
    }

    fn ingest(&self, source: String, interactions: Told<Vec<Value>>) -> PyResult<Call> {
        self.call(|client| async move { client.ingest(&source, &interactions.0).await })
    }
}

fn told(py: Python<'_>, allowance: Allowance) -> PyResult<Bound<'_, PyAny>> {
    Ok(pythonize::pythonize(py, &allowance)?)
}
