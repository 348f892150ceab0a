//! What waits for a thread of Python's, and who serves it.
//!
//! One thread serves, so that what is done is told in its order and with one holding of the interpreter. But what it does
//! is users' callbacks, and those may wait for what is in the queue behind them: for another future, for any number of
//! them, for a loop that runs one. So who is busy with one deed for too long while others wait is replaced, and ends when
//! it comes back.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use pyo3::{intern, prelude::*, types::PyTuple};

use crate::runtime::{self, Process};

/// How long others wait for one deed.
const PATIENCE: Duration = Duration::from_millis(10);

/// The most threads at a time: one that serves, the others in callbacks that have not come back.
const THREADS: usize = 128;

/// What is to be called, and with what.
type Told<'py> = Option<(Bound<'py, PyAny>, Bound<'py, PyTuple>)>;

type Find = dyn for<'py> FnOnce(Python<'py>) -> PyResult<Told<'py>> + Send;

/// Something for the thread to do with Python. It finds out what is to be called, quickly; the thread calls it.
pub(crate) struct Deed(Box<Find>);

impl Deed {
    pub(crate) fn new(find: impl for<'py> FnOnce(Python<'py>) -> PyResult<Told<'py>> + Send + 'static) -> Self {
        Self(Box::new(find))
    }
}

/// What waits.
pub(crate) struct Queue {
    process: Arc<Process>,
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Default)]
struct State {
    deeds: VecDeque<Deed>,
    /// Which of the threads serves, counted from 0.
    serves: u64,
    /// Since when it is busy with one deed.
    busy: Option<Instant>,
    /// Threads that have not ended.
    threads: usize,
    /// Somebody looks whether it is busy for too long.
    is_watched: bool,
    is_over: bool,
}

/// What a thread does next.
enum Next {
    Deed(Deed),
    Wait,
    /// Another one serves.
    End,
    /// The interpreter is ending.
    Stay,
}

impl Queue {
    pub(crate) fn new(process: Arc<Process>) -> Arc<Self> {
        let state = State { threads: 1, ..State::default() };
        Arc::new(Self { process, state: Mutex::new(state), more: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds something. After the end it is dropped with the queue.
    pub(crate) fn push(self: &Arc<Self>, deed: Deed) {
        let mut state = self.state();
        state.deeds.push_back(deed);
        self.watch(&mut state);
        drop(state);
        self.more.notify_all();
    }

    /// What is there is no longer done.
    pub(crate) fn end(&self) {
        self.state().is_over = true;
        self.more.notify_all();
    }

    /// Whether something is being done.
    pub(crate) fn is_busy(&self) -> bool {
        self.state().busy.is_some()
    }

    fn next(self: &Arc<Self>, server: u64) -> Next {
        let mut state = self.state();
        if state.serves != server {
            state.threads -= 1;
            return Next::End;
        }
        state.busy = None;
        if state.is_over {
            return Next::Stay;
        }
        let Some(deed) = state.deeds.pop_front() else { return Next::Wait };
        state.busy = Some(Instant::now());
        self.watch(&mut state);
        Next::Deed(deed)
    }

    /// Until there is something for this thread.
    fn wait(&self, server: u64) {
        let nothing = |state: &mut State| state.deeds.is_empty() && state.serves == server && !state.is_over;
        drop(self.more.wait_while(self.state(), nothing).unwrap_or_else(PoisonError::into_inner));
    }

    /// Looks after the one that serves, as long as others wait for it.
    fn watch(self: &Arc<Self>, state: &mut State) {
        if state.is_watched || state.busy.is_none() || state.deeds.is_empty() {
            return;
        }
        state.is_watched = true;
        let queue = self.clone();
        self.process.handle().spawn(async move {
            loop {
                tokio::time::sleep(PATIENCE).await;
                match queue.replacement() {
                    Watched::Fine => {}
                    Watched::Over => return,
                    Watched::Replaced(server) => {
                        let queue = queue.clone();
                        // Not here: it waits for the interpreter.
                        drop(tokio::task::spawn_blocking(move || queue.replace(server)));
                    }
                }
            }
        });
    }

    fn replacement(&self) -> Watched {
        let mut state = self.state();
        if state.deeds.is_empty() || state.is_over {
            state.is_watched = false;
            return Watched::Over;
        }
        if state.threads < THREADS && state.busy.is_some_and(|since| since.elapsed() >= PATIENCE) {
            state.busy = None;
            state.serves += 1;
            state.threads += 1;
            return Watched::Replaced(state.serves);
        }
        Watched::Fine
    }

    fn replace(self: &Arc<Self>, server: u64) {
        self.process.within(|py| {
            if let Err(e) = Server::start(py, self, server) {
                e.write_unraisable(py, None);
                // The one before goes on when it comes back.
                let mut state = self.state();
                state.serves -= 1;
                state.threads -= 1;
            }
        });
    }
}

enum Watched {
    /// Nobody waits any more.
    Over,
    Fine,
    Replaced(u64),
}

/// One thread's view of the queue.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Server {
    queue: Arc<Queue>,
    number: u64,
}

impl Server {
    /// Starts the thread of this number.
    pub(crate) fn start(py: Python<'_>, queue: &Arc<Queue>, number: u64) -> PyResult<()> {
        let server = Self { queue: queue.clone(), number };
        py.import(intern!(py, "whimbrel._future"))?.call_method1(intern!(py, "start"), (server,)).map(drop)
    }
}

#[pymethods]
impl Server {
    /// What to call next, and with what; it waits for it. `None`: this thread is no longer needed.
    fn next<'py>(&self, py: Python<'py>) -> Told<'py> {
        loop {
            match self.queue.next(self.number) {
                Next::Deed(deed) => match (deed.0)(py) {
                    Ok(None) => {}
                    Ok(told) => return told,
                    Err(e) => e.write_unraisable(py, None),
                },
                Next::Wait => self.queue.process.apart(py, false, || self.queue.wait(self.number)),
                Next::End => return None,
                Next::Stay => py.detach(runtime::stay),
            }
        }
    }
}
