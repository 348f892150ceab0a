use std::time::Duration;

use tokio::time::Instant;
use tower::ServiceExt as _;

use super::{Around, Next};
use crate::{Call, Error, Kind, Phase, Request, Result};

/// One total time for a call, over all its attempts, until the answer's headers have come.
///
/// A request whose body is in memory is bounded in all it does. One that sends a stream or a file is bounded in what it
/// waits for (a slot, a pause, the time between attempts) and not in how long its bytes take: a large upload is no
/// failure while it moves, and the timeout layer sees when it stands still.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The time for a call that does not bring its own ([`Call::deadline`]). `None`: no end.
    pub default: Option<Duration>,
}

impl Default for Deadline {
    /// Three minutes: two windows of a rate limit, and time to work.
    fn default() -> Self {
        Self { default: Some(Duration::from_secs(180)) }
    }
}

/// When the call's time is over; among the request's extensions, so that nobody waits in vain.
#[derive(Clone, Copy)]
pub(crate) struct Until(pub(crate) Instant);

impl Around for Deadline {
    fn around<S: Next>(self, next: S, mut request: Request) -> impl Future<Output = Result> + Send {
        async move {
            let Some(time) = Call::of(&request).wants_deadline().or(self.default) else {
                return next.oneshot(request).await;
            };
            let until = Instant::now() + time;
            request.extensions_mut().insert(Until(until));
            if request.body().as_bytes().is_none() {
                return next.oneshot(request).await;
            }
            let over = |_| Error::new(Kind::Deadline, Phase::MaybeSent);
            tokio::time::timeout_at(until, next.oneshot(request)).await.map_err(over)?
        }
    }
}

#[cfg(test)]
mod tests {
    use tower::Layer as _;

    use super::*;
    use crate::{Body, Response, layer::testing};

    fn slow() -> impl Next {
        testing::service(|_| async {
            tokio::time::sleep(Duration::from_secs(100)).await;
            Ok(Response::new(Body::empty()))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_in_time() {
        let (start, layer) = (Instant::now(), Deadline { default: Some(Duration::from_secs(9)) });
        let error = layer.layer(slow()).oneshot(testing::get("http://h/")).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed()), (Kind::Deadline, Duration::from_secs(9)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_may_bring_its_own_time() {
        let (start, mut request) = (Instant::now(), testing::get("http://h/"));
        request.extensions_mut().insert(Call::new().deadline(Duration::from_secs(3)));
        Deadline::default().layer(slow()).oneshot(request).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_takes_the_time_it_takes() {
        let mut request = testing::get("http://h/");
        *request.body_mut() = Body::source(None, || "large".into());
        let layer = Deadline { default: Some(Duration::from_secs(9)) };
        layer.layer(slow()).oneshot(request).await.unwrap();
    }
}
