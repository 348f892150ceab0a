//! Calls as real `concurrent.futures.Future`s.
//!
//! One thread of Python's completes them, as many as are done each time it holds the interpreter: no thread of the runtime
//! ever waits for that, and no callback of a user's runs on one.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyType};

use crate::{
    call::{Outcome, Running, Task, delivered},
    runtime,
};

/// The most that is delivered before others get the interpreter.
const BATCH: usize = 256;

/// Something for the thread to do with Python.
pub(crate) enum Deed {
    /// A future is done.
    Done { future: Py<PyAny>, outcome: Outcome, convert: Option<Py<PyAny>> },
    /// Anything else.
    Run(Box<dyn FnOnce(Python<'_>) -> PyResult<()> + Send>),
}

/// What waits for the thread.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    deeds: std::collections::VecDeque<Deed>,
    is_over: bool,
}

impl Queue {
    /// Adds something. After the end it is dropped.
    pub(crate) fn push(&self, deed: Deed) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).deeds.push_back(deed);
        self.more.notify_one();
    }

    fn try_pop(&self) -> Option<Deed> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).deeds.pop_front()
    }

    /// The next; `None` at the end, or when the time is over.
    fn pop(&self, time: Option<Duration>) -> Option<Deed> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let end = time.map(|time| Instant::now() + time);
        loop {
            if waiting.is_over {
                return None;
            }
            if let Some(deed) = waiting.deeds.pop_front() {
                return Some(deed);
            }
            waiting = match end {
                None => self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.checked_duration_since(Instant::now())?;
                    self.more.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn end(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.more.notify_all();
    }
}

struct Dispatcher {
    process: u32,
    queue: Arc<Queue>,
    thread: JoinHandle<()>,
}

static DISPATCHER: Mutex<Option<Dispatcher>> = Mutex::new(None);

/// The queue of this process's thread, which is started when it is first needed.
pub(crate) fn queue() -> PyResult<Arc<Queue>> {
    let mut dispatcher = DISPATCHER.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some(known) = dispatcher.as_ref().filter(|it| it.process == process) {
        return Ok(known.queue.clone());
    }
    let queue = Arc::new(Queue::default());
    let own = queue.clone();
    let thread = std::thread::Builder::new().name("whimbrel-futures".to_owned()).spawn(move || dispatch(&own))?;
    // A parent's thread is not in this process.
    std::mem::forget(dispatcher.replace(Dispatcher { process, queue: queue.clone(), thread }));
    Ok(queue)
}

fn dispatch(queue: &Queue) {
    let mut is_known = false;
    while let Some(first) = queue.pop(None) {
        // None: the interpreter is ending.
        let held = Python::try_attach(|py| {
            if !is_known {
                is_known = true;
                if let Err(e) = name_dispatcher(py) {
                    e.write_unraisable(py, None);
                }
            }
            do_it(py, first);
            // One by one, for a callback that waits for another future takes the next of them itself.
            for _ in 1..BATCH {
                let Some(next) = queue.try_pop() else { break };
                do_it(py, next);
            }
        });
        if held.is_none() {
            break;
        }
    }
}

/// So that a callback that waits is known.
fn name_dispatcher(py: Python<'_>) -> PyResult<()> {
    let id = py.import("threading")?.call_method0("get_ident")?;
    py.import("whimbrel._future")?.setattr("dispatcher", id)
}

fn do_it(py: Python<'_>, deed: Deed) {
    match deed {
        Deed::Run(run) => {
            if let Err(e) = run(py) {
                e.write_unraisable(py, None);
            }
        }
        Deed::Done { future, outcome, convert } => {
            let future = future.bind(py);
            let told = match delivered(py, outcome, convert.as_ref()) {
                Ok(value) => future.call_method1(intern!(py, "_deliver"), (value, py.None())),
                Err(error) => future.call_method1(intern!(py, "_deliver"), (py.None(), error)),
            };
            if let Err(e) = told {
                e.write_unraisable(py, Some(future));
            }
        }
    }
}

/// Delivers one thing on this thread, waiting for it no longer than this; for a callback that itself waits.
#[pyfunction]
pub(crate) fn pump(py: Python<'_>, seconds: f64) -> PyResult<()> {
    let queue = queue()?;
    if let Some(deed) = py.detach(|| queue.pop(Some(Duration::from_secs_f64(seconds)))) {
        do_it(py, deed);
    }
    Ok(())
}

pub(crate) fn submit<'py>(
    py: Python<'py>,
    running: Running,
    convert: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let future = CLASS.import(py, "whimbrel._future", "Future")?.call0()?;
    let target = future.clone().unbind();
    let queue = queue()?;
    let task = runtime::handle()?.spawn(async move {
        let outcome = running.await;
        queue.push(Deed::Done { future: target, outcome, convert });
    });
    future.setattr(intern!(py, "_task"), Py::new(py, Task(task.abort_handle()))?)?;
    Ok(future)
}

/// Ends the runtime and the thread, while the interpreter is whole: it is registered with `atexit`.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    let dispatcher = DISPATCHER.lock().unwrap_or_else(PoisonError::into_inner).take();
    py.detach(|| {
        runtime::shut_down();
        match dispatcher {
            Some(own) if own.process == std::process::id() => {
                own.queue.end();
                // Unless a callback of the user's does not come back.
                let end = Instant::now() + Duration::from_secs(1);
                while !own.thread.is_finished() && Instant::now() < end {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            parents => std::mem::forget(parents),
        }
    });
}
