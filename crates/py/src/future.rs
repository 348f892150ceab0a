//! Calls as real `concurrent.futures.Future`s.
//!
//! A thread of Python's serves them (`_future.py`), as many as are done each time it holds the interpreter: no thread of the
//! runtime ever waits for that, and no callback of a user's runs on one, or above a frame of ours.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyType};

use crate::{
    call::{Running, Task, delivered},
    queue::{Deed, Queue, Server},
    runtime,
};

/// How long the end waits for a callback that is under way.
const GRACE: Duration = Duration::from_secs(1);

/// The queue, and the process that it belongs to. The lock is only ever taken with Python held, so nobody forks meanwhile.
static QUEUE: Mutex<Option<(u32, Arc<Queue>)>> = Mutex::new(None);

/// The queue of this process's thread, which is started when it is first needed.
pub(crate) fn queue(py: Python<'_>) -> PyResult<Arc<Queue>> {
    let process = runtime::running(py)?;
    let mut known = QUEUE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, queue)) = known.as_ref().filter(|it| it.0 == std::process::id()) {
        return Ok(queue.clone());
    }
    let queue = Queue::new(process);
    // A parent's has locks of threads that are not in this process.
    std::mem::forget(known.replace((std::process::id(), queue.clone())));
    // Python may go to others while the thread starts.
    drop(known);
    Server::start(py, &queue, 0)?;
    Ok(queue)
}

pub(crate) fn submit<'py>(
    py: Python<'py>,
    running: Running,
    convert: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let future = CLASS.import(py, "whimbrel._future", "Future")?.call0()?;
    let target = future.clone().unbind();
    let queue = queue(py)?;
    let task = runtime::handle(py)?.spawn(async move {
        let outcome = running.await;
        queue.push(Deed::new(move |py| {
            let deliver = target.bind(py).getattr(intern!(py, "_deliver"))?;
            let told = match delivered(py, outcome, convert.as_ref()) {
                Ok(value) => (value, py.None()),
                Err(error) => (py.None(), error.into_value(py).into_any()),
            };
            Ok(Some((deliver, told.into_pyobject(py)?)))
        }));
    });
    future.setattr(intern!(py, "_task"), Py::new(py, Task::new(&task))?)?;
    Ok(future)
}

/// Ends the runtime and the thread, while the interpreter is whole: it is registered with `atexit`.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    let known = QUEUE.lock().unwrap_or_else(PoisonError::into_inner).take();
    py.detach(|| {
        match known {
            Some((process, queue)) if process == std::process::id() => {
                queue.end();
                // Unless a callback of the user's does not come back.
                runtime::wait_until(GRACE, || !queue.is_busy());
            }
            parents => std::mem::forget(parents),
        }
        runtime::shut_down();
    });
}
