//! Push subscriptions.

use pyo3::{exceptions::PyTypeError, prelude::*};
use whimbrel::datasift::{Feed, Subscribe};

use super::{Datasift, Fields, moments};
use crate::{call::Call, list::List};

/// What a subscription delivers, if that is said.
fn feed(hash: Option<String>, historics_id: Option<String>) -> PyResult<Option<Feed>> {
    match (hash, historics_id) {
        (Some(hash), None) => Ok(Some(Feed::Stream(hash))),
        (None, Some(id)) => Ok(Some(Feed::Historics(id))),
        (None, None) => Ok(None),
        _ => Err(PyTypeError::new_err("a subscription delivers a stream or a query: give hash= or historics_id=")),
    }
}

#[pymethods]
impl Datasift {
    fn validate_push(&self, output_type: String, output_params: Fields) -> PyResult<Call> {
        self.call(|client| async move { client.push().validate(&output_type, &output_params.0).await })
    }

    fn create_push(
        &self,
        name: String,
        feeds: (Option<String>, Option<String>),
        output_type: String,
        output_params: Option<Fields>,
        initial_status: Option<String>,
        start: Option<i64>,
        end: Option<i64>,
    ) -> PyResult<Call> {
        let Some(feed) = feed(feeds.0, feeds.1)? else {
            return Err(PyTypeError::new_err("a subscription delivers something: give hash= or historics_id="));
        };
        let (start, end) = moments(start, end)?;
        let usual = Subscribe::pull(name, feed);
        let output_params = match output_params {
            Some(given) => given.0,
            None if output_type == usual.output_type => usual.output_params.clone(),
            None => return Err(PyTypeError::new_err("what that place needs: give output_params=")),
        };
        let wanted = Subscribe { output_type, output_params, initial_status, start, end, ..usual };
        self.call(|client| async move { client.push().create(&wanted).await })
    }

    fn update_push(&self, id: String, output_params: Fields, name: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.push().update(&id, &output_params.0, name.as_deref()).await })
    }

    fn pause_push(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.push().pause(&id).await })
    }

    fn resume_push(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.push().resume(&id).await })
    }

    fn stop_push(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.push().stop(&id).await })
    }

    fn delete_push(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.push().delete(&id).await })
    }

    fn push_subscription(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.push().get(&id).await })
    }

    fn push_subscriptions(&self, hash: Option<String>, historics_id: Option<String>) -> PyResult<List> {
        let feed = feed(hash, historics_id)?;
        Ok(self.list(move |client| client.push().list(feed.clone())))
    }

    fn push_log(&self, id: Option<String>) -> List {
        self.list(move |client| client.push().log(id.as_deref()))
    }
}
