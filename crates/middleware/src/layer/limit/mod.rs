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

    /// The same quota and the same pauses, for those who may have another number of requests on their way at once.
    #[must_use]
    pub fn at_once(&self, at_once: usize) -> Self {
        Self { at_once: Arc::new(Semaphore::new(at_once.max(1))), ..self.clone() }
    }

    /// The quota, to see what is left of it.
    pub fn quota(&self) -> Option<&Quota> {
        self.quota.as_ref()
    }
}

impl Around for Limit {
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send {
        async move {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower::Layer as _;

    use super::*;
    use crate::Body;

    #[tokio::test(start_paused = true)]
    async fn who_may_have_more_on_their_way_share_the_quota_all_the_same() {
        let few = Limit::new(Some(Quota::new(500, Duration::from_secs(60))), 1);
        let many = few.at_once(3);
        let slow = tower::service_fn(|_: Request| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, Error>(http::Response::new(Body::empty()))
        });
        let start = Instant::now();
        let three = |limit: &Limit| {
            let sent = (0..3).map(|_| limit.layer(slow).oneshot(http::Request::new(Body::empty())));
            futures::future::try_join_all(sent.collect::<Vec<_>>())
        };
        three(&many).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 1);
        three(&few).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 4);
        assert_eq!(few.quota().unwrap().remaining(), 494);
    }
}
