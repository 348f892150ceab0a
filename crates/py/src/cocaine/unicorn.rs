//! Settings and locks that all machines share.

use std::sync::{Mutex, PoisonError};

use pyo3::{prelude::*, types::PyList};
use whimbrel::cocaine::{self, Versioned};

use super::{Cocaine, value};
use crate::{
    call::{Answer, Call},
    list::List,
    owned::Own,
};

/// A lock, until it is let go of.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Held(Mutex<Option<Own<cocaine::Held>>>);

#[pymethods]
impl Held {
    /// Lets go of it.
    fn release(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    #[getter]
    fn is_held(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|it| it.here().is_some())
    }
}

/// A value and its version.
fn told(py: Python<'_>, it: Versioned) -> PyResult<Bound<'_, PyAny>> {
    Ok((value::told(py, it.value)?, it.version).into_pyobject(py)?.into_any())
}

fn answer(it: Versioned) -> Answer {
    Answer::new(move |py| Ok(told(py, it)?.unbind()))
}

#[pymethods]
impl Cocaine {
    fn unicorn_get(&self, path: String) -> PyResult<Call> {
        let unicorn = self.client()?.unicorn();
        Ok(Call::new(async move { unicorn.get(&path).await.map(answer) }))
    }

    fn unicorn_create(&self, path: String, content: &Bound<'_, PyAny>) -> PyResult<Call> {
        let content = value::read(content)?;
        self.call(|client| async move { client.unicorn().create(&path, content).await })
    }

    fn unicorn_put(&self, path: String, content: &Bound<'_, PyAny>, version: i64) -> PyResult<Call> {
        let (unicorn, content) = (self.client()?.unicorn(), value::read(content)?);
        Ok(Call::new(async move {
            let (done, now) = unicorn.put(&path, content, version).await?;
            Ok(Answer::new(move |py| Ok((done, told(py, now)?).into_pyobject(py)?.into_any().unbind())))
        }))
    }

    fn unicorn_remove(&self, path: String, version: i64) -> PyResult<Call> {
        self.call(|client| async move { client.unicorn().remove(&path, version).await })
    }

    fn unicorn_increment(&self, path: String, by: &Bound<'_, PyAny>) -> PyResult<Call> {
        let (unicorn, by) = (self.client()?.unicorn(), value::read(by)?);
        Ok(Call::new(async move { unicorn.increment(&path, by).await.map(answer) }))
    }

    fn unicorn_subscribe(&self, path: String) -> List {
        let cocaine = self.0.clone();
        List::live(move || Ok(cocaine.get()?.unicorn().subscribe(&path)), told)
    }

    fn unicorn_children(&self, path: String) -> List {
        let cocaine = self.0.clone();
        List::live(
            move || Ok(cocaine.get()?.unicorn().children(&path)),
            |py, names: Vec<String>| Ok(PyList::new(py, names)?.into_any()),
        )
    }

    fn unicorn_lock(&self, path: String) -> PyResult<Call> {
        let unicorn = self.client()?.unicorn();
        Ok(Call::new(async move {
            let held = Held(Mutex::new(Some(Own::new(unicorn.lock(&path).await?))));
            Ok(Answer::new(move |py| Ok(Py::new(py, held)?.into_any())))
        }))
    }
}
