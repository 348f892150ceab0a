use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

tokio::task_local! {
    static CURRENT: Call;
}

/// What one call by the user shares with every request made for it: wishes on the way down (`refresh`, `deadline`,
/// `streamed`), counts on the way up (`attempts`).
///
/// A generated client has no room for either in its signatures, so a call is given to a future and found again by
/// [`Stack`](crate::Stack), which puts it among each request's extensions.
///
/// ```
/// # use whimbrel_middleware::Call;
/// # async fn list() {}
/// # async fn example() {
/// let call = Call::new().refresh();
/// call.clone().scope(list()).await;
/// println!("{} attempts", call.attempts());
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Call {
    refresh: bool,
    deadline: Option<Duration>,
    streamed: bool,
    attempts: Arc<AtomicU32>,
}

impl Call {
    /// A call with no wish.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ask the server even where the cache holds a fresh answer; the new answer is stored.
    #[must_use]
    pub fn refresh(self) -> Self {
        Self { refresh: true, ..self }
    }

    /// The longest this call may take, over all attempts; overrides the stack's own.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Give the answer as it comes, although it may be JSON: one that has no end.
    #[must_use]
    pub fn streamed(self) -> Self {
        Self { streamed: true, ..self }
    }

    /// A call with the same wishes and counts of its own.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { attempts: Arc::default(), ..self.clone() }
    }

    /// Runs `future` as part of this call.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The call that the running future is part of, or a new one.
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// The call of a request in the stack, or a new one.
    pub fn of<B>(request: &http::Request<B>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// Whether [`Call::refresh`] was asked for.
    pub fn wants_refresh(&self) -> bool {
        self.refresh
    }

    /// The deadline given to this call, if any.
    pub fn wants_deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Whether [`Call::streamed`] was asked for.
    pub fn wants_stream(&self) -> bool {
        self.streamed
    }

    /// How often a request of this call was sent, or was about to be.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// One more attempt; the retry layer counts.
    pub(crate) fn attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }
}
