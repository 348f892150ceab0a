use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::{FutureExt as _, future::maybe_done};
use middleware::Call;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SetOnce},
    time::{Instant, sleep_until},
};
use tracing::Instrument as _;

use super::{Failure, Gather, Outcome, Reply};

/// Begins tasks within the bounds of a [`Gather`].
#[derive(Debug)]
pub(super) struct Tasks {
    line: Option<Arc<Semaphore>>,
    deadline: Option<Deadline>,
}

#[derive(Clone, Copy, Debug)]
struct Deadline {
    at: Instant,
    after: Duration,
}

impl Tasks {
    /// The deadline's time begins now.
    pub fn of(bounds: Gather) -> Self {
        let line = bounds.limit.map(|limit| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))));
        // One that no clock will ever show is none.
        let deadline =
            bounds.deadline.and_then(|after| Instant::now().checked_add(after).map(|at| Deadline { at, after }));
        Self { line, deadline }
    }

    /// Begins a task. `told` runs once there is something to read, which is the last that it does.
    pub fn begin<F, T, E>(&self, future: F, told: impl FnOnce() + Send + 'static) -> Reply<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        let (outcome, done) = (Arc::new(OnceLock::new()), Arc::new(SetOnce::new()));
        let promise = Promise { outcome: Some(outcome.clone()), done: done.clone(), told: Some(told) };
        let (turn, deadline) = (self.turn(), self.deadline);
        let work = async move {
            let _turn = turn.await;
            match deadline {
                // No work begins when its time is over.
                Some(Deadline { at, after }) if Instant::now() >= at => Err(Failure::Deadline(after)),
                _ => future.await.map_err(Failure::Error),
            }
        };
        let task = async move {
            let work = AssertUnwindSafe(within(deadline, work)).catch_unwind();
            promise.keep(work.await.unwrap_or_else(|panic| Err(Failure::panicked(&*panic))));
        };
        let task = tokio::spawn(Call::current().scope(task).in_current_span());
        Reply::new(outcome, done, task.abort_handle())
    }

    /// A place in the line, taken now; it comes to a permit, which is held while the task runs.
    fn turn(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        let mut turn = self.line.clone().map(|line| Box::pin(maybe_done(line.acquire_owned())));
        if let Some(turn) = &mut turn {
            // The first poll takes the place: here, where tasks are handed in one after another, and not in the tasks, which
            // a runtime polls in any order.
            let _ = turn.as_mut().now_or_never();
        }
        async move {
            let mut turn = turn?;
            turn.as_mut().await;
            // It is never closed.
            turn.as_mut().take_output()?.ok()
        }
    }
}

/// The outcome of `work`, which is dropped at the deadline.
async fn within<T, E>(deadline: Option<Deadline>, work: impl Future<Output = Outcome<T, E>>) -> Outcome<T, E> {
    let Some(Deadline { at, after }) = deadline else { return work.await };
    tokio::select! {
        biased;
        () = sleep_until(at) => Err(Failure::Deadline(after)),
        outcome = work => outcome,
    }
}

/// Tells those who wait, however the task ends: also when it is dropped, and there is no outcome.
///
/// The outcome is let go of first, so that whoever has been told is the only one to have it.
struct Promise<T, E, F: FnOnce()> {
    outcome: Option<Arc<OnceLock<Outcome<T, E>>>>,
    done: Arc<SetOnce<()>>,
    told: Option<F>,
}

impl<T, E, F: FnOnce()> Promise<T, E, F> {
    fn keep(self, outcome: Outcome<T, E>) {
        if let Some(slot) = &self.outcome {
            // There is one promise for each, so it is empty.
            let _ = slot.set(outcome);
        }
    }
}

impl<T, E, F: FnOnce()> Drop for Promise<T, E, F> {
    fn drop(&mut self) {
        drop(self.outcome.take());
        let _ = self.done.set(());
        if let Some(told) = self.told.take() {
            told();
        }
    }
}
