use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use http::header;
use tower::{Service, ServiceBuilder, ServiceExt as _};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;

use crate::{Body, Call, Error, Operation, Request, Response, Result, Transport, layer};

/// A tower of layers with its type erased once: what a generated client holds as its inner value. Cheap to clone.
#[derive(Clone)]
pub struct Stack(Arc<dyn Exec>);

impl Stack {
    /// Any service over [`Request`] and [`Response`]: a tower of [`layer`](crate::layer)s, or a mock.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request, Response = Response, Error = Error> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        Self(Arc::new(service))
    }

    /// No layer at all.
    pub fn direct(client: reqwest::Client) -> Self {
        Self::new(Transport(client))
    }

    /// Sends what a generated client has built.
    pub async fn exec(&self, request: reqwest::Request, operation: Operation) -> Result<reqwest::Response> {
        let request = http::Request::<reqwest::Body>::try_from(request)?.map(Body::from);
        Ok(self.send(request, operation).await?.into())
    }

    /// Sends a request built by hand, whose body may be a [`Body::source`].
    pub async fn send(&self, mut request: Request, operation: Operation) -> Result {
        request.extensions_mut().insert(operation);
        request.extensions_mut().insert(Call::current());
        self.0.exec(request).await
    }
}

/// The layers of a stack. Each can be left as it is by default, changed, or, where it is an `Option`, left out.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Keeps answers.
    pub cache: Option<layer::Cache>,
    /// Ends a call in time.
    pub deadline: layer::Deadline,
    /// Sends again.
    pub retry: layer::Retry,
    /// Reads small answers to their end.
    pub attempt: layer::Attempt,
    /// Keeps to quota, pauses and a number of requests at once.
    pub limit: Option<layer::Limit>,
    /// Says who asks.
    pub auth: Option<layer::Auth>,
    /// Sees what stands still.
    pub timeout: layer::Timeout,
}

impl Layers {
    /// The stack, in the one order in which the layers do what they promise.
    pub fn over<T: layer::Next + Sync>(self, transport: T) -> Stack {
        let service = ServiceBuilder::new()
            // Sees the call as the caller does: a hit in the cache and five attempts are one span.
            .layer(layer::Trace)
            // A hit costs no slot, no token, no network. Outside of auth, so it is told who asks.
            .option_layer(self.cache)
            // Over all attempts and the pauses between them.
            .layer(self.deadline)
            .layer(self.retry)
            // From here on for each attempt anew.
            .layer(self.attempt)
            // Inside of retry: who waits to send again holds no slot.
            .option_layer(self.limit)
            // After the wait for a slot: a credential that is fresh when it is sent.
            .option_layer(self.auth)
            // Whoever put it there: no `Debug` below shows it, and HTTP/2 keeps it out of its tables.
            .layer(SetSensitiveRequestHeadersLayer::new([header::AUTHORIZATION, header::COOKIE]))
            // A 401 and its replay are given their time each.
            .layer(self.timeout)
            .service(transport);
        Stack::new(service)
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stack")
    }
}

/// `Service` behind `&self`: a clone a call, as tower's clients do, but static below this line.
trait Exec: Send + Sync {
    fn exec(&self, request: Request) -> BoxFuture<'static, Result>;
}

impl<S> Exec for S
where
    S: Service<Request, Response = Response, Error = Error> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    fn exec(&self, request: Request) -> BoxFuture<'static, Result> {
        Box::pin(self.clone().oneshot(request))
    }
}
