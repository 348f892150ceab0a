//! One file a layer, in the order of the stack.

mod attempt;
mod auth;
pub mod cache;
mod deadline;
mod limit;
mod retry;
mod timeout;
mod trace;

pub use attempt::Attempt;
pub use auth::{Auth, BearerToken, Credential, Credentials, Refusal};
pub use cache::{Cache, CacheStats, CacheStatus, Lifetime, MemoryStore, SqliteStore, Store};
pub use deadline::Deadline;
pub use limit::{Gate, Limit, Quota};
pub use retry::{Retry, retry_after};
pub use timeout::Timeout;
pub use trace::Trace;

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use tower::Service;

use crate::{Error, Request, Response, Result};

/// A service that a layer can be put around.
pub trait Next: Service<Request, Response = Response, Error = Error, Future: Send> + Clone + Send + 'static {}

impl<S> Next for S where S: Service<Request, Response = Response, Error = Error, Future: Send> + Clone + Send + 'static {}

/// A layer as one asynchronous function around the next service: all that differs between layers.
///
/// Write it as an `async` block: an `async fn` keeps each argument twice, and a request is large. What waits is then small
/// enough for the part of the allocator that takes no lock, which is what ten thousand calls at once feel.
pub trait Around: Clone + Send + Sync + 'static {
    /// Answers `request` with the help of `next`, which may be called any number of times.
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send;
}

/// `next` with a layer around it.
///
/// It is shared: each layer takes a clone of what is below it for each call, and keeps it while that is answered. A clone of
/// all the layers below would be a kilobyte, and a score of counters to be changed, over and over.
#[derive(Debug)]
pub struct With<L, S>(Arc<(L, S)>);

impl<L, S> With<L, S> {
    /// Puts `layer` around `next`.
    pub fn new(layer: L, next: S) -> Self {
        Self(Arc::new((layer, next)))
    }
}

impl<L, S> Clone for With<L, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: Around, S: Next + Sync> Service<Request> for With<L, S> {
    type Response = Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result>;

    /// Always: a layer waits for what is below it when it calls it, which may be never.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (layer, next) = &*self.0;
        Box::pin(layer.clone().around(next.clone(), request))
    }
}

/// Makes each of these a [`tower::Layer`].
macro_rules! layers {
    ($($layer:ty),*) => {
        $(impl<S> tower::Layer<S> for $layer {
            type Service = With<Self, S>;

            fn layer(&self, next: S) -> Self::Service {
                With::new(self.clone(), next)
            }
        })*
    };
}

layers!(Attempt, Auth, Cache, Deadline, Limit, Timeout, Trace);

/// The same request once more, if its body can be had again.
pub(crate) fn again(request: &Request) -> Option<Request> {
    let mut again = http::Request::new(request.body().try_clone()?);
    again.method_mut().clone_from(request.method());
    again.uri_mut().clone_from(request.uri());
    *again.version_mut() = request.version();
    again.headers_mut().clone_from(request.headers());
    again.extensions_mut().clone_from(request.extensions());
    Some(again)
}

/// What the layers' tests have in common.
#[cfg(test)]
pub(crate) mod testing {
    use std::sync::{Arc, Mutex};

    use http::StatusCode;

    use super::*;
    use crate::Body;

    /// A service made of a function; it keeps what it was asked.
    pub(crate) fn service<F, Fut>(answer: F) -> impl Next + Sync
    where
        F: Fn(Request) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result> + Send + 'static,
    {
        tower::service_fn(answer)
    }

    /// A service that gives these answers in turn, and the last one from then on; and the count of calls.
    pub(crate) fn script(answers: Vec<Answer>) -> (impl Next + Sync, Arc<Mutex<usize>>) {
        let (calls, answers) = (Arc::new(Mutex::new(0)), Arc::new(answers));
        let count = calls.clone();
        let service = service(move |_| {
            let mut calls = count.lock().unwrap();
            let answer = answers[(*calls).min(answers.len() - 1)].clone();
            *calls += 1;
            std::future::ready(answer.result())
        });
        (service, calls)
    }

    #[derive(Clone)]
    pub(crate) enum Answer {
        Status(u16, Vec<(&'static str, String)>),
        Failure(Error),
    }

    impl Answer {
        fn result(self) -> Result {
            match self {
                Self::Failure(error) => Err(error),
                Self::Status(status, headers) => {
                    let mut answer = Response::new(Body::empty());
                    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                    for (name, value) in headers {
                        answer.headers_mut().insert(name, value.parse().unwrap());
                    }
                    Ok(answer)
                }
            }
        }
    }

    pub(crate) fn status(status: u16) -> Answer {
        Answer::Status(status, vec![])
    }

    pub(crate) fn get(uri: &str) -> Request {
        http::Request::get(uri).body(Body::empty()).unwrap()
    }
}
