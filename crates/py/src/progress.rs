//! How far a transfer is, told to Python at most ten times a second.
//!
//! The transfer turns counters and knows nothing of who looks.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pyo3::{intern, prelude::*};
use tokio::time::MissedTickBehavior;
use whimbrel::transfer::{Progress, Snapshot};

use crate::{
    call::{Outcome, Running},
    queue::{Deed, Queue},
};

/// How often somebody is told.
const EVERY: Duration = Duration::from_millis(100);

/// A transfer's counters, and who is told of them: a function of `_progress.py`'s.
pub(crate) struct Watch {
    progress: Progress,
    tell: Arc<Py<PyAny>>,
}

impl Watch {
    pub(crate) fn new(progress: &Progress, tell: Py<PyAny>) -> Self {
        Self { progress: progress.clone(), tell: tell.into() }
    }

    /// Tells it, on this thread.
    pub(crate) fn tell(&self, py: Python<'_>, is_over: bool) -> PyResult<()> {
        self.tell.bind(py).call1(told(self.progress.snapshot(), is_over)).map(drop)
    }

    /// Tells it, on this thread, however often this is called.
    pub(crate) fn now_and_then(&self) -> impl Fn(Python<'_>) -> PyResult<()> + Sync {
        let next = Mutex::new(Instant::now());
        move |py| {
            {
                let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                if Instant::now() < *next {
                    return Ok(());
                }
                *next = Instant::now() + EVERY;
            }
            self.tell(py, false)
        }
    }

    /// The same transfer; meanwhile it is told by the thread that completes futures, or on this loop by its own.
    pub(crate) fn over(self, running: Running, queue: Arc<Queue>, event_loop: Option<Py<PyAny>>) -> Running {
        let event_loop = event_loop.map(Arc::new);
        Box::pin(async move {
            let mut tick = tokio::time::interval(EVERY);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let is_told = Arc::new(AtomicBool::new(true));
            let mut running = running;
            let outcome: Outcome = loop {
                tokio::select! {
                    outcome = &mut running => break outcome,
                    // Who is slow to listen is told less often.
                    _ = tick.tick() => if is_told.swap(false, Ordering::AcqRel) {
                        queue.push(self.deed(event_loop.clone(), is_told.clone(), false));
                    },
                }
            };
            queue.push(self.deed(event_loop, is_told, true));
            outcome
        })
    }

    fn deed(&self, event_loop: Option<Arc<Py<PyAny>>>, is_told: Arc<AtomicBool>, is_over: bool) -> Deed {
        let (tell, snapshot) = (self.tell.clone(), self.progress.snapshot());
        Deed::new(move |py| {
            is_told.store(true, Ordering::Release);
            let (done, files, is_over) = told(snapshot, is_over);
            let tell = tell.bind(py).clone();
            let Some(event_loop) = event_loop else {
                return Ok(Some((tell, (done, files, is_over).into_pyobject(py)?)));
            };
            let event_loop = event_loop.bind(py);
            if event_loop.call_method0(intern!(py, "is_closed"))?.is_truthy()? {
                return Ok(None);
            }
            let soon = event_loop.getattr(intern!(py, "call_soon_threadsafe"))?;
            Ok(Some((soon, (tell, done, files, is_over).into_pyobject(py)?)))
        })
    }
}

/// Bytes moved and in all, files moved and in all, whether that was the last.
fn told(now: Snapshot, is_over: bool) -> ((u64, u64), (u64, u64), bool) {
    ((now.bytes_done, now.bytes), (now.files_done, now.files), is_over)
}
