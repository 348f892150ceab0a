use std::task::{Context, Poll};

use futures::future::BoxFuture;
use reqwest::ResponseBuilderExt as _;
use tower::Service;

use crate::{Body, Error, Request, Response, Result};

/// The innermost service: sends with [`reqwest`].
#[derive(Clone, Debug)]
pub struct Transport(pub reqwest::Client);

impl Service<Request> for Transport {
    type Response = Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let response = client.execute(reqwest::Request::try_from(request)?).await?;
            let url = response.url().clone();
            let mut response = http::Response::<reqwest::Body>::from(response).map(Body::from);
            // Else `reqwest::Response::url` would be a placeholder at the other end.
            let named = http::Response::builder().url(url).body(()).expect("nothing to reject");
            response.extensions_mut().extend(named.into_parts().0.extensions);
            Ok(response)
        })
    }
}
