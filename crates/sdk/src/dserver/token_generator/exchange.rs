//! One request to a token generator and its answer.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use middleware::{Body, Call, Operation, Stack};
use serde_json::Value;
use url::Url;

use super::place::shown;
use crate::{Error, Result, Settings, connect};

/// More than any answer of a generator.
const LIMIT: usize = 64 << 10;

/// The way to a generator, shared by all clones.
#[derive(Default)]
pub(super) struct Exchange {
    stack: Mutex<Option<Stack>>,
}

impl Exchange {
    /// Sends JSON there, and gives the answer as it is.
    pub(super) async fn post(
        &self,
        settings: &Settings,
        operation: &Operation,
        url: &Url,
        body: &Value,
    ) -> Result<(StatusCode, Bytes)> {
        let about = || format!("the token generator {}", shown(url));
        let mut request = middleware::Request::new(Body::from(Bytes::from(body.to_string())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| Error::invalid("it is no URL that can be asked").about(about()))?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json.clone());
        request.headers_mut().insert(header::ACCEPT, json);
        let work = async {
            let answer = self.stack(settings)?.send(request, operation.clone()).await;
            let (parts, body) = answer.map_err(|error| Error::from_stack(&error))?.into_parts();
            let body = body.collect(LIMIT).await.map_err(|error| Error::from_stack(&error))?;
            Ok((parts.status, body))
        };
        // Its own: it is no attempt of the call that it is made for.
        Call::new().scope(Box::pin(work)).await.map_err(|error: Error| error.about(about()))
    }

    /// Made when it is first used: most commands never ask the generator.
    fn stack(&self, settings: &Settings) -> Result<Stack> {
        let mut stack = self.stack.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = &*stack {
            return Ok(stack.clone());
        }
        let made = connect::plain(settings)?;
        Ok(stack.insert(made).clone())
    }
}
