//! How many things run at once, of those that `whimbrel.gather` begins.

use std::{future::Future, sync::Arc, time::Duration};

use futures::{FutureExt as _, future::maybe_done};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyTuple};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::unconstrained,
};

use crate::{
    call::{Answer, Call},
    future,
    queue::Deed,
    runtime,
};

/// A gate that so many may be behind at once. The others wait in line, and pass in the order in which they came.
///
/// Calls pass without Python: however busy the interpreter is, the next request leaves when one is answered.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    /// A place in the line, taken now; it comes to a permit.
    fn turn(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        let mut turn = Box::pin(maybe_done(self.0.clone().acquire_owned()));
        // The first poll takes the place: here, where one is handed in after another, and not in tasks, which a runtime
        // polls in any order.
        let _ = unconstrained(turn.as_mut()).now_or_never();
        async move {
            turn.as_mut().await;
            // It is never closed.
            turn.as_mut().take_output()?.ok()
        }
    }
}

#[pymethods]
impl Gate {
    #[new]
    fn new(limit: usize) -> PyResult<Self> {
        if !(1..=Semaphore::MAX_PERMITS).contains(&limit) {
            return Err(PyValueError::new_err(format!("limit={limit}: at least one has to run")));
        }
        Ok(Self(Arc::new(Semaphore::new(limit))))
    }

    /// As `call.submit(convert)`; the call is made when it is its turn.
    fn submit<'py>(&self, py: Python<'py>, call: &Call, convert: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let (turn, running) = (self.turn(), call.in_background(py)?);
        let running = Box::pin(async move {
            let _permit = turn.await;
            running.await
        });
        future::submit(py, running, convert)
    }

    /// Calls `begin` when it is its turn: now and here, or later on the thread that completes futures, where nothing may
    /// wait. What is begun calls `leave` at its end.
    fn enter(&self, py: Python<'_>, begin: Py<PyAny>) -> PyResult<()> {
        let mut turn = Box::pin(self.turn());
        if let Some(permit) = turn.as_mut().now_or_never() {
            keep(permit);
            return begin.call0(py).map(drop);
        }
        let queue = future::queue(py)?;
        runtime::handle(py)?.spawn(async move {
            keep(turn.await);
            queue.push(Deed::new(move |py| Ok(Some((begin.into_bound(py), PyTuple::empty(py))))));
        });
        Ok(())
    }

    /// Makes room for the next.
    fn leave(&self) {
        self.0.add_permits(1);
    }
}

/// Who has it leaves by [`Gate::leave`].
fn keep(permit: Option<OwnedSemaphorePermit>) {
    if let Some(permit) = permit {
        permit.forget();
    }
}

/// A call that gives `None` after so many seconds.
#[pyfunction]
pub(crate) fn after(seconds: f64) -> PyResult<Call> {
    let time =
        Duration::try_from_secs_f64(seconds).map_err(|e| PyValueError::new_err(format!("{seconds} seconds: {e}")))?;
    Ok(Call::new(async move {
        tokio::time::sleep(time).await;
        Ok(Answer::data(()))
    }))
}
