use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use tokio::{sync::SetOnce, task::AbortHandle};

use super::{Failure, Outcome};

/// What a task came to, or will. It can be read any number of times, and from many places; dropping it cancels the task.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use whimbrel::gather::{Failure, Ordered};
///
/// let mut numbers = Ordered::new();
/// numbers.push(async { "7".parse::<u8>() });
/// let reply = numbers.push(async { "x".parse::<u8>() });
/// assert!(matches!(reply.read().await, Err(Failure::Error(_))), "its own error, where it is read");
/// assert_eq!(numbers[0].read().await, Ok(&7));
/// assert_eq!(numbers[0].peek(), Some(Ok(&7)), "and again");
/// # });
/// ```
pub struct Reply<T, E> {
    outcome: Arc<OnceLock<Outcome<T, E>>>,
    done: Arc<SetOnce<()>>,
    task: CancelOnDrop,
}

impl<T, E> Reply<T, E> {
    pub(super) fn new(outcome: Arc<OnceLock<Outcome<T, E>>>, done: Arc<SetOnce<()>>, task: AbortHandle) -> Self {
        Self { outcome, done, task: CancelOnDrop(task) }
    }

    /// The outcome, once it is there.
    ///
    /// # Errors
    /// The task's own, and what else became of it; see [`Failure`].
    pub async fn read(&self) -> Result<&T, &Failure<E>> {
        self.done.wait().await;
        self.told()
    }

    /// The outcome if it is there.
    pub fn peek(&self) -> Option<Result<&T, &Failure<E>>> {
        self.done.initialized().then(|| self.told())
    }

    /// Comes when there is something to [`peek`](Self::peek) at. It borrows nothing, so a lock that guards this need not be
    /// held meanwhile.
    pub fn done(&self) -> impl Future<Output = ()> + Send + 'static + use<T, E> {
        let done = self.done.clone();
        async move {
            done.wait().await;
        }
    }

    /// The outcome, to keep.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn join(self) -> Outcome<T, E> {
        self.done.wait().await;
        let outcome = Arc::into_inner(self.outcome).and_then(OnceLock::into_inner);
        outcome.unwrap_or(Err(Failure::Cancelled))
    }

    /// Drops the task at its next `.await`; it has failed with [`Failure::Cancelled`] then. What is done stays as it is.
    pub fn cancel(&self) {
        self.task.0.abort();
    }

    /// For when it is done: a task that was dropped left nothing.
    fn told(&self) -> Result<&T, &Failure<E>> {
        self.outcome.get_or_init(|| Err(Failure::Cancelled)).as_ref()
    }
}

/// Shows how far it is, and no value: that may be secret, or large.
impl<T, E> fmt::Debug for Reply<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.peek() {
            None => "Reply(not done)",
            Some(Ok(_)) => "Reply(done)",
            Some(Err(_)) => "Reply(failed)",
        })
    }
}

struct CancelOnDrop(AbortHandle);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
