//! The one runtime of the process, and how a thread of Python waits for what runs on it.
//!
//! It is made when it is first needed. A forked child has none of its parent's threads, so it makes its own: a runtime
//! belongs to the process that made it, and so does every client (see [`crate::owned`]).

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use pyo3::{exceptions::PyRuntimeError, intern, prelude::*};
use tokio::runtime::{Builder, Handle, Runtime};

/// How long the main thread waits before it looks whether somebody has pressed Ctrl-C.
const TICK: Duration = Duration::from_millis(50);

/// More threads than this don't make what waits for a network any faster, and there may be many processes.
const THREADS: usize = 4;

static PROCESS: ArcSwapOption<Process> = ArcSwapOption::const_empty();

/// What belongs to one process.
struct Process {
    id: u32,
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    is_over: AtomicBool,
    /// Held by who polls on a thread of its own: the runtime ends between polls, for within one it would be missed.
    polls: RwLock<()>,
}

fn process() -> Arc<Process> {
    static MAKING: Mutex<()> = Mutex::new(());
    let id = std::process::id();
    let known = || PROCESS.load_full().filter(|it| it.id == id);
    known().unwrap_or_else(|| {
        let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        known().unwrap_or_else(|| {
            let threads = std::thread::available_parallelism().map_or(1, |it| it.get().min(THREADS));
            let runtime =
                Builder::new_multi_thread().worker_threads(threads).thread_name("whimbrel").enable_all().build();
            let runtime = runtime.expect("a runtime can be had, or nothing can");
            let handle = runtime.handle().clone();
            let made = Process {
                id,
                handle,
                runtime: Mutex::new(Some(runtime)),
                is_over: AtomicBool::new(false),
                polls: RwLock::new(()),
            };
            let made = Arc::new(made);
            if let Some(parents) = PROCESS.swap(Some(made.clone())) {
                // Its threads are not in this process: whoever tried to end them would wait for ever.
                std::mem::forget(parents);
            }
            made
        })
    })
}

/// Where tasks are spawned.
pub(crate) fn handle() -> PyResult<Handle> {
    let process = process();
    if process.is_over.load(Ordering::Acquire) {
        return Err(PyRuntimeError::new_err("the interpreter is shutting down: no request can be made any more"));
    }
    Ok(process.handle.clone())
}

/// Ends what runs, while the interpreter is still whole. A thread that came back to it later would be killed inside of
/// our frames.
pub(crate) fn shut_down() {
    if let Some(process) = PROCESS.load_full().filter(|it| it.id == std::process::id()) {
        process.is_over.store(true, Ordering::Release);
        // What is being polled now comes to its end; and nothing is after it.
        drop(process.polls.write().unwrap_or_else(PoisonError::into_inner));
        let runtime = process.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(Duration::from_millis(500));
        }
    }
}

/// Waits on this thread, with Python free for others. `every` is called now and then with Python held, on any thread,
/// if there is such a thing; Ctrl-C is heard on the main thread.
///
/// It is no `Runtime::block_on`, which panics on a thread that is in a runtime already.
pub(crate) fn block_on<F>(py: Python<'_>, every: Option<&Every<'_>>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    struct Woken {
        thread: Thread,
        woken: AtomicBool,
    }
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.wake_by_ref();
        }

        fn wake_by_ref(self: &Arc<Self>) {
            if !self.woken.swap(true, Ordering::AcqRel) {
                self.thread.unpark();
            }
        }
    }
    let (handle, process, ticks) = (handle()?, process(), is_main_thread(py)?);
    py.detach(move || {
        let _context = handle.enter();
        let mut future = pin!(future);
        let woken = Arc::new(Woken { thread: std::thread::current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(woken.clone());
        let looks = ticks || every.is_some();
        let (mut next, mut is_even) = (Instant::now() + TICK, false);
        loop {
            let polling = process.polls.read().unwrap_or_else(PoisonError::into_inner);
            if !ticks && process.is_over.load(Ordering::Acquire) {
                // What ends with the runtime has woken us, and can't be polled without it.
                drop(polling);
                stay_if_over(ticks);
                continue;
            }
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            drop(polling);
            if let Poll::Ready(done) = polled {
                stay_if_over(ticks);
                return Ok(done);
            }
            loop {
                // Also where there is always more to do.
                if looks && Instant::now() >= next {
                    stay_if_over(ticks);
                    is_even = !is_even;
                    Python::attach(|py| {
                        every.filter(|_| !is_even).map_or(Ok(()), |it| it(py))?;
                        if ticks { interrupted(py) } else { Ok(()) }
                    })?;
                    next = Instant::now() + TICK;
                }
                if woken.woken.swap(false, Ordering::AcqRel) {
                    break;
                }
                match looks {
                    true => std::thread::park_timeout(next.saturating_duration_since(Instant::now())),
                    false => std::thread::park(),
                }
            }
        }
    })
}

/// What is done now and then while a thread waits: every other tick, so ten times a second.
pub(crate) type Every<'a> = dyn Fn(Python<'_>) -> PyResult<()> + Sync + 'a;

/// A thread that comes back to an interpreter that is ending would be killed: it stays here, and ends with the process.
fn stay_if_over(is_main: bool) {
    if !is_main && process().is_over.load(Ordering::Acquire) {
        loop {
            std::thread::park();
        }
    }
}

/// Ctrl-C. `asyncio.run` makes of the first one the cancellation of its task, which a call that waits inside of a
/// coroutine has to look for.
fn interrupted(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    // Who has not imported it runs no loop.
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    if modules.contains(intern!(py, "asyncio"))? {
        py.import(intern!(py, "whimbrel._future"))?.call_method0(intern!(py, "raise_if_cancelled"))?;
    }
    Ok(())
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    // In a forked child the main thread is the one that forked.
    thread_local!(static KNOWN: Cell<(u32, bool)> = const { Cell::new((0, false)) });
    let id = std::process::id();
    if KNOWN.get().0 != id {
        let threading = py.import("threading")?;
        let main = threading.call_method0("main_thread")?;
        KNOWN.set((id, threading.call_method0("current_thread")?.is(&main)));
    }
    Ok(KNOWN.get().1)
}
