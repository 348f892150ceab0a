//! The one runtime of the process, and how a thread of Python waits for what runs on it.
//!
//! It is made when it is first needed. A forked child has none of its parent's threads, so it makes its own: a runtime
//! belongs to the process that made it, and so does every client (see [`crate::owned`]).

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use pyo3::{exceptions::PyRuntimeError, intern, prelude::*};
use tokio::runtime::{Builder, Handle, Runtime};

/// How long the main thread waits before it looks whether somebody has pressed Ctrl-C.
const TICK: Duration = Duration::from_millis(25);

/// How long the end waits for what runs.
const GRACE: Duration = Duration::from_millis(500);

/// More threads than this don't make what waits for a network any faster, and there may be many processes.
const THREADS: usize = 4;

static PROCESS: ArcSwapOption<Process> = ArcSwapOption::const_empty();

/// What belongs to one process.
pub(crate) struct Process {
    id: u32,
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    is_over: AtomicBool,
    /// Threads that work with the runtime, or are about to take the interpreter again.
    at_work: AtomicUsize,
}

/// This process. Python is held, so that nobody forks while the lock is.
fn process(_: Python<'_>) -> PyResult<Arc<Process>> {
    static MAKING: Mutex<()> = Mutex::new(());
    let id = std::process::id();
    let known = || PROCESS.load_full().filter(|it| it.id == id);
    if let Some(known) = known() {
        return Ok(known);
    }
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known() {
        return Ok(known);
    }
    let threads = thread::available_parallelism().map_or(1, |it| it.get().min(THREADS));
    let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name("whimbrel").enable_all().build()?;
    let handle = runtime.handle().clone();
    let made = Arc::new(Process {
        id,
        handle,
        runtime: Mutex::new(Some(runtime)),
        is_over: AtomicBool::new(false),
        at_work: AtomicUsize::new(0),
    });
    if let Some(parents) = PROCESS.swap(Some(made.clone())) {
        // Its threads are not in this process: whoever tried to end them would wait for ever.
        std::mem::forget(parents);
    }
    Ok(made)
}

/// This process, as long as requests can be made.
pub(crate) fn running(py: Python<'_>) -> PyResult<Arc<Process>> {
    let process = process(py)?;
    if process.is_over.load(Ordering::SeqCst) {
        if !is_main_thread(py)? {
            // A daemon that goes on calling while all ends: nobody waits for it, and nobody wants to read its error.
            py.detach(stay);
        }
        return Err(PyRuntimeError::new_err("the interpreter is shutting down: no request can be made any more"));
    }
    Ok(process)
}

/// Where tasks are spawned.
pub(crate) fn handle(py: Python<'_>) -> PyResult<Handle> {
    Ok(running(py)?.handle.clone())
}

/// Ends what runs, while the interpreter is still whole. A thread that came back to it later would be killed inside of
/// our frames. Python is free meanwhile.
pub(crate) fn shut_down() {
    if let Some(process) = PROCESS.load_full().filter(|it| it.id == std::process::id()) {
        process.is_over.store(true, Ordering::SeqCst);
        // Whoever finds the runtime's timers ended in the midst of its work panics.
        wait_until(GRACE, || process.at_work.load(Ordering::SeqCst) == 0);
        let runtime = process.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(GRACE);
        }
    }
}

/// Waits for something that is seldom waited for, no longer than this.
pub(crate) fn wait_until(time: Duration, is_so: impl Fn() -> bool) {
    let end = Instant::now() + time;
    while !is_so() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Stays here until the process ends.
pub(crate) fn stay() {
    loop {
        thread::park();
    }
}

impl Process {
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Does something with Python free for others, and comes back to it only while it is whole: a thread that comes
    /// later stays here, and ends with the process.
    pub(crate) fn apart<T: Send>(&self, py: Python<'_>, is_main: bool, work: impl FnOnce() -> T + Send) -> T {
        // Who ends it is the main thread.
        if is_main {
            return py.detach(work);
        }
        let done = py.detach(|| {
            let done = work();
            self.begin_work();
            done
        });
        self.end_work();
        done
    }

    /// Does something with Python, on a thread that has not got it.
    pub(crate) fn within<T>(&self, work: impl FnOnce(Python<'_>) -> T) -> T {
        self.begin_work();
        Python::attach(|py| {
            self.end_work();
            work(py)
        })
    }

    /// On any thread but the main one, which is the one that ends all. It counts first and looks then, and `shut_down` does
    /// it the other way round: one of both sees the other.
    fn begin_work(&self) {
        self.at_work.fetch_add(1, Ordering::SeqCst);
        if self.is_over.load(Ordering::SeqCst) {
            self.end_work();
            stay();
        }
    }

    fn end_work(&self) {
        self.at_work.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What wakes a thread.
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

/// Waits on this thread, with Python free for others. `every` is called now and then with Python held, on any thread,
/// if there is such a thing; Ctrl-C is heard on the main thread.
///
/// It is no `Runtime::block_on`, which panics on a thread that is in a runtime already.
pub(crate) fn block_on<F>(py: Python<'_>, every: Option<&Every<'_>>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let (process, is_main) = (running(py)?, is_main_thread(py)?);
    process.apart(py, is_main, || {
        let _context = process.handle.enter();
        let mut future = pin!(future);
        let woken = Arc::new(Woken { thread: thread::current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(woken.clone());
        let looks = is_main || every.is_some();
        let mut next = Instant::now() + TICK;
        loop {
            if !is_main {
                process.begin_work();
            }
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if !is_main {
                process.end_work();
            }
            if let Poll::Ready(done) = polled {
                return Ok(done);
            }
            loop {
                // Here, so that one that is woken all the time looks, too.
                if looks && Instant::now() >= next {
                    let look = |py: Python<'_>| {
                        every.map_or(Ok(()), |it| it(py))?;
                        if is_main { interrupted(py) } else { Ok(()) }
                    };
                    if is_main { Python::attach(look) } else { process.within(look) }?;
                    next = Instant::now() + TICK;
                }
                if woken.woken.swap(false, Ordering::AcqRel) {
                    break;
                }
                if looks {
                    thread::park_timeout(next.saturating_duration_since(Instant::now()));
                } else {
                    thread::park();
                }
            }
        }
    })
}

/// What is done now and then while a thread waits.
pub(crate) type Every<'a> = dyn Fn(Python<'_>) -> PyResult<()> + Sync + 'a;

/// Ctrl-C. `asyncio.run` makes of the first one the cancellation of its task, which a call that waits inside of a
/// coroutine has to look for.
fn interrupted(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    // Who has not imported it runs no loop.
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    if modules.contains(intern!(py, "asyncio"))? {
        py.import(intern!(py, "whimbrel._loop"))?.call_method0(intern!(py, "raise_if_cancelled"))?;
    }
    Ok(())
}

/// Whether this is the thread that hears signals. In a forked child it is the one that forked.
pub(crate) fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    thread_local!(static KNOWN: Cell<(u32, bool)> = const { Cell::new((0, false)) });
    let id = std::process::id();
    if KNOWN.get().0 != id {
        let threading = py.import("threading")?;
        let main = threading.call_method0("main_thread")?;
        KNOWN.set((id, threading.call_method0("current_thread")?.is(&main)));
    }
    Ok(KNOWN.get().1)
}
