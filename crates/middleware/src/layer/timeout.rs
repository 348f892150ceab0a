use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tower::ServiceExt as _;

use super::{Around, Next};
use crate::{Body, Error, Kind, Phase, Request, Result};

/// The time to an answer, and the time that a body may stand still. Never a total time on a body: a large file takes
/// what it takes.
#[derive(Clone, Copy, Debug)]
pub struct Timeout {
    /// From the last byte that was sent to the answer's headers.
    pub headers: Duration,
    /// Without a byte of the answer's body.
    pub idle: Duration,
}

impl Default for Timeout {
    fn default() -> Self {
        Self { headers: Duration::from_secs(60), idle: Duration::from_secs(60) }
    }
}

impl Around for Timeout {
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send {
        async move {
            let moved = Arc::new(Moved { last: Mutex::new(Instant::now()), all: AtomicBool::new(false) });
            let (parts, body) = request.into_parts();
            let body = match body.as_bytes() {
                Some(_) => {
                    moved.all.store(true, Ordering::Relaxed);
                    body
                }
                None => reqwest::Body::wrap(Sent { body, moved: moved.clone() }).into(),
            };
            let mut answer = std::pin::pin!(next.oneshot(Request::from_parts(parts, body)));
            let answer = loop {
                let last = moved.last();
                match tokio::time::timeout_at(last + self.headers, &mut answer).await {
                    Ok(answer) => break answer?,
                    Err(_) if moved.last() > last => {}
                    Err(_) => {
                        let kind = if moved.all.load(Ordering::Relaxed) { Kind::Timeout } else { Kind::Stalled };
                        return Err(Error::new(kind, Phase::MaybeSent));
                    }
                }
            };
            Ok(answer.map(|body| match body.as_bytes() {
                Some(_) => body,
                None => {
                    let sleep = Box::pin(tokio::time::sleep(self.idle));
                    reqwest::Body::wrap(Received { body, idle: self.idle, sleep }).into()
                }
            }))
        }
    }
}

/// When a byte of the request's body was last taken, and whether all were.
struct Moved {
    last: Mutex<Instant>,
    all: AtomicBool,
}

impl Moved {
    fn last(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Sent {
    body: Body,
    moved: Arc<Moved>,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(frame) = &frame {
            *self.moved.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            if frame.is_none() {
                self.moved.all.store(true, Ordering::Relaxed);
            }
        }
        frame
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct Received {
    body: Body,
    idle: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                let next = Instant::now() + self.idle;
                self.sleep.as_mut().reset(next);
                Poll::Ready(frame)
            }
            Poll::Pending => match self.sleep.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(Some(Err(Error::new(Kind::Stalled, Phase::Answered)))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::{Stream, StreamExt as _, stream};
    use tower::Layer as _;

    use super::*;
    use crate::{Response, layer::testing};

    /// `n` chunks, one each `pause`.
    fn drip(n: usize, pause: Duration) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
        stream::iter(0..n).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok(Bytes::from_static(b"x"))
        })
    }

    /// Reads the request's body, then waits, then answers with a body that stalls after three chunks.
    async fn run(upload: Body, wait: Duration) -> Result<Bytes> {
        let service = testing::service(move |request: Request| async move {
            request.into_body().collect(1 << 10).await?;
            tokio::time::sleep(wait).await;
            let body = drip(3, Duration::from_secs(50)).chain(stream::pending());
            Ok(Response::new(reqwest::Body::wrap_stream(body).into()))
        });
        let mut request = testing::get("http://h/");
        *request.body_mut() = upload;
        Timeout::default().layer(service).oneshot(request).await?.into_body().collect(1 << 10).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_come() {
        let error = run(Body::empty(), Duration::from_secs(61)).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (Kind::Timeout, Phase::MaybeSent));
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_may_be_slow_but_not_stand_still() {
        let start = Instant::now();
        let slow = reqwest::Body::wrap_stream(drip(10, Duration::from_secs(50))).into();
        let error = run(slow, Duration::from_secs(59)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.phase()),
            (Kind::Stalled, Phase::Answered),
            "it got as far as the answer's body"
        );
        assert_eq!(start.elapsed().as_secs(), 10 * 50 + 59 + 3 * 50 + 60);

        let stuck = reqwest::Body::wrap_stream(drip(1, Duration::from_secs(61))).into();
        let error = run(stuck, Duration::ZERO).await.unwrap_err();
        assert_eq!((error.kind(), error.phase()), (Kind::Stalled, Phase::MaybeSent));
    }
}
