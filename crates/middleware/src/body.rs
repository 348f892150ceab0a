use std::{
    fmt,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Error, Result};

/// Bytes at hand, a stream that can be had once, or a source from which it can be had again.
///
/// Bytes and sources can be sent again by a retry; a stream is never buffered and so never repeated.
pub struct Body(Content);

enum Content {
    Bytes(Bytes),
    Stream(reqwest::Body),
    Source { source: Source, reading: Option<reqwest::Body> },
}

#[derive(Clone)]
struct Source {
    open: Arc<dyn Fn() -> reqwest::Body + Send + Sync>,
    length: Option<u64>,
}

impl Body {
    /// A body of no bytes.
    pub fn empty() -> Self {
        Self(Content::Bytes(Bytes::new()))
    }

    /// A body that `open` gives anew for each attempt, of `length` bytes if that is known beforehand.
    pub fn source(length: Option<u64>, open: impl Fn() -> reqwest::Body + Send + Sync + 'static) -> Self {
        Self(Content::Source { source: Source { open: Arc::new(open), length }, reading: None })
    }

    /// A second body of the same content; none of a stream.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Content::Bytes(bytes) => Some(Self(Content::Bytes(bytes.clone()))),
            Content::Stream(_) => None,
            Content::Source { source, .. } => Some(Self(Content::Source { source: source.clone(), reading: None })),
        }
    }

    /// The bytes, where they are at hand.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Content::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Reads to the end; more than `limit` bytes are an error.
    pub async fn collect(self, limit: usize) -> Result<Bytes> {
        match self.0 {
            Content::Bytes(bytes) if bytes.len() <= limit => Ok(bytes),
            _ => {
                let body = http_body_util::Limited::new(self, limit);
                match http_body_util::BodyExt::collect(body).await {
                    Ok(all) => Ok(all.to_bytes()),
                    Err(error) => Err(match error.downcast::<Error>() {
                        Ok(own) => *own,
                        Err(other) => Error::body(other),
                    }),
                }
            }
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Content::Bytes(bytes))
    }
}

impl From<reqwest::Body> for Body {
    fn from(mut body: reqwest::Body) -> Self {
        if body.as_bytes().is_none() {
            return Self(Content::Stream(body));
        }
        // A body in memory is one frame, ready at once: no copy.
        let mut context = Context::from_waker(Waker::noop());
        match pin!(&mut body).poll_frame(&mut context) {
            Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default().into(),
            _ => Self::empty(),
        }
    }
}

impl From<Body> for reqwest::Body {
    fn from(body: Body) -> Self {
        match body.0 {
            Content::Bytes(bytes) => bytes.into(),
            Content::Stream(stream) => stream,
            // Wrapped, so that its length is known and announced.
            Content::Source { .. } => reqwest::Body::wrap(body),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let stream = match &mut self.0 {
            Content::Bytes(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Content::Bytes(bytes) => return Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Stream(stream) => stream,
            Content::Source { source, reading } => reading.get_or_insert_with(|| (source.open)()),
        };
        Pin::new(stream).poll_frame(cx).map_err(Error::from_reqwest)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(stream) => stream.size_hint(),
            Content::Source { source, .. } => source.length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Content::Stream(_) => f.write_str("Body(stream)"),
            Content::Source { source, .. } => write!(f, "Body(source of {:?} bytes)", source.length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_is_read_anew_for_each_attempt() {
        let body = Body::source(Some(3), || "abc".into());
        let again = body.try_clone().expect("a source");
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(body.collect(3).await.unwrap(), "abc");
        assert_eq!(again.collect(3).await.unwrap(), "abc");
    }

    #[tokio::test]
    async fn a_stream_is_had_once() {
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>("ab"), Ok("c")]);
        let body = Body::from(reqwest::Body::wrap_stream(chunks));
        assert!(body.try_clone().is_none());
        assert_eq!(body.collect(3).await.unwrap(), "abc");
    }

    #[tokio::test]
    async fn bytes_are_taken_out_of_a_reqwest_body_without_a_copy() {
        let bytes = Bytes::from(vec![7; 100]);
        let body = Body::from(reqwest::Body::from(bytes.clone()));
        assert_eq!(body.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
    }

    #[tokio::test]
    async fn more_than_the_limit_is_an_error() {
        assert!(Body::from(Bytes::from_static(b"abcd")).collect(3).await.is_err());
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>("abcd")]);
        assert!(Body::from(reqwest::Body::wrap_stream(chunks)).collect(3).await.is_err());
    }
}
