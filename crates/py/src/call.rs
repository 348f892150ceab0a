//! A call that has not been made yet, and the three ways to make it.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use serde::Serialize;

use crate::{aio, error, future, runtime};

/// What a call gives, as Python has it. It is made where Python is held.
pub(crate) struct Answer(Box<Make>);

type Make = dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send;

impl Answer {
    /// By a function.
    pub(crate) fn new(make: impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send + 'static) -> Self {
        Self(Box::new(make))
    }

    /// Data: dicts, lists, texts, numbers.
    pub(crate) fn data<T: Serialize + Send + 'static>(data: T) -> Self {
        Self::new(move |py| Ok(pythonize::pythonize(py, &data)?.unbind()))
    }

    /// In Python.
    pub(crate) fn into_py(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.0(py)
    }
}

/// How a call ends.
pub(crate) type Outcome = Result<Answer, whimbrel::Error>;

/// What runs.
pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A call, once.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Call {
    running: Mutex<Option<Running>>,
}

impl Call {
    /// Of what gives data.
    pub(crate) fn data<T, F>(running: F) -> Self
    where
        T: Serialize + Send + 'static,
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        Self::new(async move { running.await.map(Answer::data) })
    }

    /// Of anything.
    pub(crate) fn new(running: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Self { running: Mutex::new(Some(Box::pin(running))) }
    }

    fn take(&self) -> PyResult<Running> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.ok_or_else(|| PyRuntimeError::new_err("a call can be made once"))
    }
}

#[pymethods]
impl Call {
    /// Makes it on this thread, and waits.
    fn wait(&self, py: Python<'_>, convert: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        let outcome = runtime::block_on(py, None, self.take()?)?;
        delivered(py, outcome, convert.as_ref())
    }

    /// Makes it in the background, and gives a `concurrent.futures.Future`.
    fn submit<'py>(&self, py: Python<'py>, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        future::submit(py, self.take()?, convert)
    }

    /// Makes it in the background, and gives a future of the event loop that runs.
    fn spawn<'py>(&self, py: Python<'py>, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        aio::spawn(py, self.take()?, convert)
    }
}

/// The result in Python, as `convert` has it.
pub(crate) fn delivered(py: Python<'_>, outcome: Outcome, convert: Option<&Py<PyAny>>) -> PyResult<Py<PyAny>> {
    let told = outcome.map_err(error::raised)?.into_py(py)?;
    match convert {
        Some(convert) => convert.call1(py, (told,)),
        None => Ok(told),
    }
}

/// What runs in the background, to be stopped.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Task(pub(crate) tokio::task::AbortHandle);

#[pymethods]
impl Task {
    /// Stops it, and with it its request.
    fn abort(&self) {
        self.0.abort();
    }
}
