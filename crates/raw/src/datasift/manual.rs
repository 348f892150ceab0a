//! What the generator can't express, through the same stack: content in lines, with cursors in headers.
//!
//! Each answers with the response as it is, and leaves its status to the caller.

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use middleware::{Body, Operation, Request, Result};
use progenitor_client::ClientInfo as _;
use serde::Serialize;

use super::{Client, operations as op};
use crate::path::encode_segment;

impl Client {
    /// `GET /pull`: what a delivery has queued, in the form of the header `X-DataSift-Format`: lines by default. With nothing
    /// queued it is 204; where to go on is in `X-DataSift-Cursor-Next`.
    pub async fn pull(&self, id: &str, size: Option<u64>, cursor: Option<&str>) -> Result<reqwest::Response> {
        let size = size.map(|it| it.to_string());
        let query = [("id", Some(id)), ("size", size.as_deref()), ("cursor", cursor)];
        let query = query.iter().filter_map(|(name, value)| Some(format!("{name}={}", encode_segment((*value)?))));
        let mut request = self.request(&op::PULL, "/pull")?;
        let uri = format!("{}?{}", request.uri(), query.collect::<Vec<_>>().join("&"));
        *request.uri_mut() = uri.parse().map_err(middleware::Error::invalid)?;
        self.send(&op::PULL, request).await
    }

    /// `POST /stream`: the last interactions of a stream, for tests.
    pub async fn get_buffered_stream(
        &self,
        hash: &str,
        count: Option<u64>,
        interaction_id: Option<&str>,
    ) -> Result<reqwest::Response> {
        #[derive(Serialize)]
        struct Asked<'a> {
            hash: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            count: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            interaction_id: Option<&'a str>,
        }
        let asked = serde_json::to_vec(&Asked { hash, count, interaction_id }).map_err(middleware::Error::invalid)?;
        let mut request = self.request(&op::GET_BUFFERED_STREAM, "/stream")?;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Bytes::from(asked).into();
        self.send(&op::GET_BUFFERED_STREAM, request).await
    }

    /// `POST /{source_id}` of a client whose base is the host of ingestion: interactions, one a line.
    pub async fn ingest(&self, source_id: &str, lines: impl Into<Body>) -> Result<reqwest::Response> {
        let mut request = self.request(&op::INGEST, &format!("/{}", encode_segment(source_id)))?;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = lines.into();
        self.send(&op::INGEST, request).await
    }

    fn request(&self, operation: &Operation, path: &str) -> Result<Request> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::clone(&operation.method);
        *request.uri_mut() = format!("{}{path}", self.baseurl()).parse().map_err(middleware::Error::invalid)?;
        Ok(request)
    }

    async fn send(&self, operation: &Operation, request: Request) -> Result<reqwest::Response> {
        Ok(self.inner().send(request, operation.clone()).await?.into())
    }
}
