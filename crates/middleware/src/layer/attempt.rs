use http::header::CONTENT_TYPE;
use http_body::Body as _;
use tower::ServiceExt as _;

use super::{Around, Next};
use crate::{Body, Call, Request, Response, Result};

/// One attempt: counted in the [`Call`], and whole. A JSON answer is read to its end here, inside of retry, so that one
/// that breaks off is a failed attempt and not the caller's problem.
///
/// Everything else stays a stream; so does JSON that is larger than the limit, and what a [`Call`] wants as one.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The largest answer that is read here, in bytes. Default: 16 MiB.
    pub limit: usize,
}

impl Default for Attempt {
    fn default() -> Self {
        Self { limit: 16 << 20 }
    }
}

impl Around for Attempt {
    fn around<S: Next>(self, next: S, request: Request) -> impl Future<Output = Result> + Send {
        async move {
            let call = Call::of(&request);
            call.attempt();
            let (parts, body) = next.oneshot(request).await?.into_parts();
            let media = parts.headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
            let announced = body.size_hint().exact();
            let is_json = media.split(';').next().is_some_and(|media| media.trim_end().ends_with("json"));
            if !is_json || call.wants_stream() || announced.is_some_and(|length| length > self.limit as u64) {
                return Ok(Response::from_parts(parts, body));
            }
            let body = gather(body, self.limit).await?;
            Ok(Response::from_parts(parts, body))
        }
    }
}

/// Reads a body into memory; what turns out to be larger than `limit` goes on as a stream, nothing lost.
pub(super) async fn gather(mut body: Body, limit: usize) -> Result<Body> {
    use http_body_util::BodyExt as _;
    let mut bytes = bytes::BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        // The usual small answer is one frame: then there is nothing to put together.
        if bytes.is_empty() && body.is_end_stream() {
            return Ok(data.into());
        }
        bytes.extend_from_slice(&data);
        if bytes.len() > limit {
            use futures::StreamExt as _;
            let start = futures::stream::iter([Ok(bytes.freeze())]);
            let rest = http_body_util::BodyDataStream::new(body);
            return Ok(reqwest::Body::wrap_stream(start.chain(rest)).into());
        }
    }
    Ok(bytes.freeze().into())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tower::Layer as _;

    use super::*;
    use crate::{Error, Kind, layer::testing};

    async fn answer(media: &'static str, chunks: Vec<Result<Bytes>>, limit: usize) -> Result {
        answer_to(testing::get("http://h/"), media, chunks, limit).await
    }

    async fn answer_to(request: Request, media: &'static str, chunks: Vec<Result<Bytes>>, limit: usize) -> Result {
        let chunks = std::sync::Arc::new(std::sync::Mutex::new(Some(chunks)));
        let service = testing::service(move |_| {
            let chunks = chunks.lock().unwrap().take().unwrap();
            let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
            std::future::ready(Ok(http::Response::builder().header(CONTENT_TYPE, media).body(body.into()).unwrap()))
        });
        Attempt { limit }.layer(service).oneshot(request).await
    }

    #[tokio::test]
    async fn json_that_breaks_off_is_a_failed_attempt() {
        let chunks = vec![Ok(Bytes::from_static(b"{")), Err(Error::body("cut"))];
        assert_eq!(answer("application/json; charset=utf-8", chunks, 9).await.unwrap_err().kind(), Kind::Body);
    }

    #[tokio::test]
    async fn json_is_whole_and_content_a_stream() {
        let chunks = || vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd"))];
        let json = answer("application/problem+json", chunks(), 9).await.unwrap();
        assert_eq!(json.body().as_bytes().unwrap(), "abcd");
        assert!(answer("application/octet-stream", chunks(), 9).await.unwrap().body().as_bytes().is_none());
    }

    #[tokio::test]
    async fn json_without_an_end_is_a_stream_for_who_knows_of_it() {
        let mut request = testing::get("http://h/");
        request.extensions_mut().insert(Call::new().streamed());
        let chunks = vec![Ok(Bytes::from_static(b"ab"))];
        assert!(answer_to(request, "application/json", chunks, 9).await.unwrap().body().as_bytes().is_none());
    }

    #[tokio::test]
    async fn json_beyond_the_limit_loses_nothing() {
        let chunks = vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd")), Ok(Bytes::from_static(b"ef"))];
        let large = answer("application/json", chunks, 3).await.unwrap().into_body();
        assert!(large.as_bytes().is_none());
        assert_eq!(large.collect(100).await.unwrap(), "abcdef");
    }
}
