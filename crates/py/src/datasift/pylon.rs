//! PYLON: recordings of a network whose posts may be counted and not read.

use pyo3::prelude::*;
use whimbrel::datasift::Analysis;

use super::{Datasift, Fields, moments};
use crate::{call::Call, list::List};

#[pymethods]
impl Datasift {
    fn validate_pylon(&self, service: String, csdl: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).validate(&csdl).await })
    }

    fn compile_pylon(&self, service: String, csdl: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).compile(&csdl).await })
    }

    fn start_pylon(&self, service: String, hash: String, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).start(&hash, &name).await })
    }

    fn restart_pylon(&self, service: String, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).restart(&id).await })
    }

    fn stop_pylon(&self, service: String, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).stop(&id).await })
    }

    fn update_pylon(&self, service: String, id: String, hash: Option<String>, name: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).update(&id, hash.as_deref(), name.as_deref()).await })
    }

    fn analyze_pylon(
        &self,
        service: String,
        id: String,
        parameters: Fields,
        filter: Option<String>,
        start: Option<i64>,
        end: Option<i64>,
    ) -> PyResult<Call> {
        let (start, end) = moments(start, end)?;
        let wanted = Analysis { parameters: parameters.0, filter, start, end };
        self.call(|client| async move { client.pylon(service).analyze(&id, &wanted).await })
    }

    fn pylon_recording(&self, service: String, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).get(&id).await })
    }

    fn pylon_recordings(&self, service: String) -> List {
        self.list(move |client| client.pylon(service.as_str()).list())
    }

    fn pylon_tags(&self, service: String, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).tags(&id).await })
    }

    fn sample_pylon(&self, service: String, id: String, count: Option<i64>, filter: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).sample(&id, count, filter.as_deref()).await })
    }

    fn pylon_references(&self, service: String) -> List {
        self.list(move |client| client.pylon(service.as_str()).references())
    }

    fn pylon_reference(&self, service: String, slug: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(service).reference(&slug).await })
    }

    fn create_task(&self, of: (String, String), recording: String, name: String, parameters: Fields) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(of.0).tasks(of.1).create(&recording, &name, &parameters.0).await })
    }

    fn task(&self, of: (String, String), id: String) -> PyResult<Call> {
        self.call(|client| async move { client.pylon(of.0).tasks(of.1).get(&id).await })
    }

    fn tasks(&self, of: (String, String), status: Option<String>) -> List {
        self.list(move |client| client.pylon(of.0.as_str()).tasks(of.1.as_str()).list(status.as_deref()))
    }
}
