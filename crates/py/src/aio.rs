//! Calls as futures of asyncio's.
//!
//! What is done waits in a queue of its event loop, which is woken once for all of it through a socket that it watches:
//! no thread of the runtime ever takes the interpreter. A loop that can watch none (Windows' own) is told by the thread
//! that completes futures.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyType};

use crate::{
    call::{Outcome, Running, Task, delivered},
    future,
    owned::Own,
    queue::{Deed, Queue},
    runtime,
};

struct Done {
    future: Py<PyAny>,
    outcome: Outcome,
    convert: Option<Py<PyAny>>,
}

/// What is done for one loop and was not yet told to it.
struct Inbox {
    done: Mutex<Vec<Done>>,
    bell: Bell,
}

impl Inbox {
    fn push(self: &Arc<Self>, done: Done) {
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(done);
        let is_first = all.len() == 1;
        drop(all);
        if is_first {
            self.bell.ring(self);
        }
    }

    fn deliver(&self, py: Python<'_>) {
        let done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        for Done { future, outcome, convert } in done {
            let future = future.bind(py);
            // What goes wrong with one is not to be the others' trouble.
            if let Err(e) = tell(future, outcome, convert.as_ref()) {
                e.write_unraisable(py, Some(future));
            }
        }
    }
}

fn tell(future: &Bound<'_, PyAny>, outcome: Outcome, convert: Option<&Py<PyAny>>) -> PyResult<()> {
    let py = future.py();
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    match delivered(py, outcome, convert) {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,)),
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error,)),
    }
    .map(drop)
}

/// How a loop hears that there is something.
enum Bell {
    #[cfg(unix)]
    Socket { ours: std::os::unix::net::UnixStream, theirs: std::os::unix::net::UnixStream },
    /// By the thread that may wait for the interpreter. The loop is held weakly: nobody keeps it for its inbox.
    Thread { event_loop: Py<PyAny>, queue: Arc<Queue> },
}

impl Bell {
    fn ring(&self, inbox: &Arc<Inbox>) {
        match self {
            #[cfg(unix)]
            Self::Socket { ours, .. } => {
                use std::io::Write as _;
                // A full one has been rung; a closed one belongs to a loop that is gone.
                let _ = (&*ours).write(&[1]);
            }
            Self::Thread { queue, .. } => {
                let inbox = inbox.clone();
                queue.push(Deed::new(move |py| {
                    let Self::Thread { event_loop, .. } = &inbox.bell else { return Ok(None) };
                    let event_loop = event_loop.bind(py).call0()?;
                    // One that is gone or closed awaits nothing.
                    if event_loop.is_none() || event_loop.call_method0(intern!(py, "is_closed"))?.is_truthy()? {
                        return Ok(None);
                    }
                    let soon = event_loop.getattr(intern!(py, "call_soon_threadsafe"))?;
                    Ok(Some((soon, (Deliver(inbox.clone()),).into_pyobject(py)?)))
                }));
            }
        }
    }
}

/// What the loop calls when it hears the bell.
#[pyclass(frozen, module = "whimbrel._native")]
struct Deliver(Arc<Inbox>);

#[pymethods]
impl Deliver {
    fn __call__(&self, py: Python<'_>) {
        #[cfg(unix)]
        if let Bell::Socket { theirs, .. } = &self.0.bell {
            use std::io::Read as _;
            let _ = (&*theirs).read(&mut [0; 64]);
        }
        self.0.deliver(py)
    }
}

/// An inbox, for Python to remember with its loop. What keeps it is the loop, as long as it is open and watches the socket,
/// and what is on its way: if it were kept with the loop, the futures that came in after its end would keep both.
#[pyclass(frozen, module = "whimbrel._native")]
struct Port(Own<Weak<Inbox>>);

/// A new one for this loop.
fn open(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Inbox>> {
    #[cfg(unix)]
    {
        use std::os::{fd::AsRawFd as _, unix::net::UnixStream};
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        theirs.set_nonblocking(true)?;
        let descriptor = theirs.as_raw_fd();
        let inbox = Arc::new(Inbox { done: Mutex::default(), bell: Bell::Socket { ours, theirs } });
        let watched = event_loop.call_method1("add_reader", (descriptor, Deliver(inbox.clone())));
        match watched {
            Ok(_) => return Ok(inbox),
            Err(e) if e.is_instance_of::<pyo3::exceptions::PyNotImplementedError>(event_loop.py()) => {}
            Err(e) => return Err(e),
        }
    }
    let weak = event_loop.py().import("weakref")?.getattr("ref")?.call1((event_loop,))?;
    let bell = Bell::Thread { event_loop: weak.unbind(), queue: future::queue(event_loop.py())? };
    Ok(Arc::new(Inbox { done: Mutex::default(), bell }))
}

/// The inbox of the loop that runs. Python remembers it (`_loop.ports`, by the loop, weakly).
fn inbox(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Inbox>> {
    static PORTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = event_loop.py();
    let ports =
        PORTS.get_or_try_init(py, || Ok::<_, PyErr>(py.import("whimbrel._loop")?.getattr("ports")?.unbind()))?;
    let known = ports.bind(py).call_method1(intern!(py, "get"), (event_loop,))?;
    if let Ok(port) = known.cast::<Port>()
        && let Some(inbox) = port.get().0.here().and_then(Weak::upgrade)
    {
        return Ok(inbox);
    }
    let inbox = open(event_loop)?;
    ports.bind(py).set_item(event_loop, Port(Own::new(Arc::downgrade(&inbox))))?;
    Ok(inbox)
}

pub(crate) fn spawn<'py>(py: Python<'py>, running: Running, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let get = RUNNING_LOOP
        .get_or_try_init(py, || Ok::<_, PyErr>(py.import("asyncio")?.getattr("get_running_loop")?.unbind()))?;
    let event_loop = get.bind(py).call0()?;
    let inbox = inbox(&event_loop)?;
    let future = CLASS.import(py, "whimbrel._loop", "Future")?.call0()?;
    let target = future.clone().unbind();
    let task = runtime::handle(py)?.spawn(async move {
        let outcome = running.await;
        inbox.push(Done { future: target, outcome, convert });
    });
    future.setattr(intern!(py, "_task"), Py::new(py, Task::new(&task))?)?;
    Ok(future)
}
