//! A call that has not been made yet, and the three ways to make it.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use futures::FutureExt as _;
use pyo3::{exceptions::PyRuntimeError, prelude::*};
use serde::Serialize;
use whimbrel::Kind;

use crate::{aio, error, future, owned::Own, progress::Watch, runtime};

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

/// What runs, and who wants to be told of it, in this process.
type Begun = Own<(Running, Option<Watch>)>;

/// A call, once.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Call {
    begun: Mutex<Option<Begun>>,
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
        Self::watched(running, None)
    }

    /// Of a transfer whose counters somebody may want to be told of.
    pub(crate) fn watched(running: impl Future<Output = Outcome> + Send + 'static, watch: Option<Watch>) -> Self {
        // Whoever waits for a task that has gone in a panic would wait for ever.
        let running =
            AssertUnwindSafe(running).catch_unwind().map(|done| done.unwrap_or_else(|it| Err(panicked(&*it))));
        Self { begun: Mutex::new(Some(Own::new((Box::pin(running), watch)))) }
    }

    fn take(&self) -> PyResult<(Running, Option<Watch>)> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        begun.ok_or_else(|| PyRuntimeError::new_err("a call can be made once"))?.take()
    }

    /// What runs where nobody waits for it; who watches is told on the thread that completes futures.
    pub(crate) fn in_background(&self, py: Python<'_>) -> PyResult<Running> {
        let (running, watch) = self.take()?;
        Ok(match watch {
            None => running,
            Some(watch) => watch.over(running, future::queue(py)?, None),
        })
    }
}

#[pymethods]
impl Call {
    /// Makes it on this thread, and waits.
    fn wait(&self, py: Python<'_>, convert: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        let (running, watch) = self.take()?;
        let outcome = match watch {
            None => runtime::block_on(py, None, running)?,
            Some(watch) => {
                let outcome = runtime::block_on(py, Some(&watch.now_and_then()), running);
                // A line on the terminal is taken away however it ends.
                let told = watch.tell(py, true);
                let outcome = outcome?;
                told.map(|()| outcome)?
            }
        };
        delivered(py, outcome, convert.as_ref())
    }

    /// Makes it in the background, and gives a `concurrent.futures.Future`.
    fn submit<'py>(&self, py: Python<'py>, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        future::submit(py, self.in_background(py)?, convert)
    }

    /// Makes it in the background, and gives a future of the event loop that runs.
    fn spawn<'py>(&self, py: Python<'py>, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let (running, watch) = self.take()?;
        let running = match watch {
            None => running,
            Some(watch) => {
                let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
                watch.over(running, future::queue(py)?, Some(event_loop.unbind()))
            }
        };
        aio::spawn(py, running, convert)
    }
}

/// A mistake of our own.
pub(crate) fn panicked(with: &(dyn Any + Send)) -> whimbrel::Error {
    let text = with.downcast_ref::<String>().map(String::as_str).or_else(|| with.downcast_ref::<&str>().copied());
    let message = format!("whimbrel itself failed, which is a mistake in it: {}", text.unwrap_or("a panic"));
    whimbrel::Error::new(Kind::Unexpected, whimbrel::printable(&message))
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
pub(crate) struct Task(Own<tokio::task::AbortHandle>);

impl Task {
    pub(crate) fn new(task: &tokio::task::JoinHandle<()>) -> Self {
        Self(Own::new(task.abort_handle()))
    }
}

#[pymethods]
impl Task {
    /// Stops it, and with it its request. One of the process that this was forked from goes on there.
    fn abort(&self) {
        if let Some(task) = self.0.here() {
            task.abort();
        }
    }

    /// Whether it runs in this process.
    #[getter]
    fn is_here(&self) -> bool {
        self.0.here().is_some()
    }
}
