use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use tower::{Service, ServiceExt as _};

use crate::{Body, Call, Error, Operation, Request, Response, Result, Transport};

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
