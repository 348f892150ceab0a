//! What the stack's own retries can't see: an answer that breaks off while it is read.

use std::time::Duration;

use crate::{Error, Result};

/// How often a thing is tried in all.
pub(crate) const TRIES: u32 = 5;

/// Does `work` again, up to 5 times in all, while its answer breaks off on the way. Other failures are final: the stack
/// has retried what it could.
pub(crate) async fn again<T, Fut: Future<Output = Result<T>>>(work: impl Fn() -> Fut) -> Result<T> {
    for tried in 1.. {
        match work().await {
            Err(error) if error.broke_off() && tried < TRIES => pause(tried).await,
            done => return done,
        }
    }
    unreachable!("the last try returns")
}

/// Waits before the next try: 0.2 s, doubled each time.
pub(crate) async fn pause(tried: u32) {
    tokio::time::sleep(Duration::from_millis(100 << tried.min(8))).await;
}

impl Error {
    /// The answer came and could not be read to its end.
    pub(crate) fn broke_off(&self) -> bool {
        std::error::Error::source(self)
            .and_then(|source| source.downcast_ref::<middleware::Error>())
            .is_some_and(|source| source.phase() == middleware::Phase::Answered)
    }
}
