//! What one service gives one user: a quota, pauses that it asks for, a number of requests at once.

mod gate;
mod quota;

use std::sync::Arc;

use tokio::{sync::Semaphore, time::Instant};
use tower::ServiceExt as _;

use super::{Around, Next, deadline::Until};
use crate::{Error, Kind, Phase, Request, Result};

pub use gate::Gate;
pub use quota::Quota;

/// Lets an attempt go when the service has room for it. Clones share all of it; each attempt passes anew, so nothing is
/// held while a retry waits.
///
/// All three are held until the answer's headers have come, not until its body has been read: a caller that holds several
/// answers half read could otherwise block itself. How many bodies are read at once is bounded by who reads them.
#[derive(Clone, Debug)]
pub struct Limit {
    quota: Option<Quota>,
    gate: Gate,
    at_once: Arc<Semaphore>,
}

impl Limit {
    /// A quota, if the service has one, and how many requests may be on their way at once.
    pub fn new(quota: Option<Quota>, at_once: usize) -> Self {
        Self { quota, gate: Gate::default(), at_once: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// The quota, to see what is left of it.
    pub fn quota(&self) -> Option<&Quota> {
        self.quota.as_ref()
    }
}

impl Around for Limit {
    async fn around<S: Next>(self, next: S, request: Request) -> Result {
        let until = request.extensions().get().map(|Until(until)| *until);
        self.gate.wait(until).await?;
        let permit = in_time(until, self.at_once.acquire()).await?.expect("it is never closed");
        let slot = match &self.quota {
            Some(quota) => Some(quota.take(until).await?),
            None => None,
        };
        // It may have closed while we queued.
        self.gate.wait(until).await?;
        let answer = next.oneshot(request).await;
        drop((slot, permit));
        if let Ok(answer) = &answer {
            self.gate.observe(answer);
        }
        answer
    }
}

/// Waits for no longer than until then.
async fn in_time<T>(until: Option<Instant>, wait: impl Future<Output = T>) -> Result<T> {
    match until {
        None => Ok(wait.await),
        Some(until) => {
            tokio::time::timeout_at(until, wait).await.map_err(|_| Error::new(Kind::Deadline, Phase::NotSent))
        }
    }
}

/// The error of who would wait in vain: the rate limit has room again only after `wait`.
fn too_late(wait: std::time::Duration) -> Error {
    Error::new(Kind::RateLimited, Phase::NotSent).with_retry_after(wait)
}
