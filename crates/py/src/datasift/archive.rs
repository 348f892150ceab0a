//! Queries of the archive, and previews of them.

use pyo3::prelude::*;
use whimbrel::datasift::Prepare;

use super::{Datasift, moment, texts};
use crate::{call::Call, list::List};

#[pymethods]
impl Datasift {
    fn prepare_historics(
        &self,
        hash: String,
        start: i64,
        end: i64,
        name: String,
        sources: Vec<String>,
        sample: Option<u8>,
    ) -> PyResult<Call> {
        let query = Prepare { hash, start: moment(start)?, end: moment(end)?, name, sources, sample };
        self.call(|client| async move { client.historics().prepare(&query).await })
    }

    fn start_historics(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics().start(&id).await })
    }

    fn update_historics(&self, id: String, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics().update(&id, &name).await })
    }

    fn stop_historics(&self, id: String, reason: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.historics().stop(&id, reason.as_deref()).await })
    }

    fn pause_historics(&self, id: String, reason: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.historics().pause(&id, reason.as_deref()).await })
    }

    fn resume_historics(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics().resume(&id).await })
    }

    fn delete_historics(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics().delete(&id).await })
    }

    fn historics_status(&self, start: i64, end: i64, sources: Vec<String>) -> PyResult<Call> {
        let (start, end) = (moment(start)?, moment(end)?);
        self.call(|client| async move { client.historics().status(start, end, &texts(&sources)).await })
    }

    fn historics_query(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.historics().get(&id).await })
    }

    fn historics(&self) -> List {
        self.list(|client| client.historics().list())
    }

    fn create_preview(
        &self,
        hash: String,
        start: i64,
        end: Option<i64>,
        sources: Vec<String>,
        parameters: String,
    ) -> PyResult<Call> {
        let (start, end) = (moment(start)?, end.map(moment).transpose()?);
        self.call(|client| async move { client.create_preview(&hash, start, end, &texts(&sources), &parameters).await })
    }

    fn preview(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.preview(&id).await })
    }
}
