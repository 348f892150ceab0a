//! Persistent identifiers.

use pyo3::prelude::*;
use whimbrel::coscine::types::{HandleValueForUpdateDto, PidRequestDto};

use super::{Coscine, Told};
use crate::{call::Call, error, list::List};

#[pymethods]
impl Coscine {
    fn pids(&self, projects: bool, resources: bool, deleted: bool) -> List {
        self.list(
            move |client| {
                let pids = match (projects, resources) {
                    (true, false) => client.pids().of_projects(),
                    (false, true) => client.pids().of_resources(),
                    _ => client.pids(),
                };
                Ok(if deleted { pids.with_deleted() } else { pids })
            },
            |pid| pid,
        )
    }

    /// As it is written without what is often before it.
    fn pid(&self, text: &str) -> PyResult<String> {
        Ok(self.client()?.pid(text).map_err(error::raised)?.to_string())
    }

    fn resolve_pid(&self, pid: String) -> PyResult<Call> {
        self.call(|client| async move { client.pid(&pid)?.resolve().await })
    }

    fn ask_owner(
        &self,
        pid: String,
        name: String,
        email: String,
        message: String,
        send_confirmation_email: bool,
    ) -> PyResult<Call> {
        let request = PidRequestDto { name, email, message, send_confirmation_email: Some(send_confirmation_email) };
        self.call(|client| async move { client.pid(&pid)?.ask_owner(request).await })
    }

    fn handle(&self, pid: String) -> PyResult<Call> {
        self.call(|client| async move { client.pid(&pid)?.handle().await })
    }

    fn update_handle(&self, pid: String, values: Told<Vec<HandleValueForUpdateDto>>) -> PyResult<Call> {
        self.call(|client| async move { client.pid(&pid)?.update_handle(values.0).await })
    }
}
