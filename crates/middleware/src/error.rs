use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

/// Why there is no usable answer, and how far the request got.
///
/// Cheap to clone, since it travels through [`reqwest::Error`]'s source chain (see [`Error::into_reqwest`]).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    phase: Phase,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The server could not be reached: name, route, port or TLS.
    Connect,
    /// The connection broke, or what came over it was not HTTP.
    Connection,
    /// No response headers within the time allowed.
    Timeout,
    /// A body, sent or received, stood still for too long.
    Stalled,
    /// The call's total time is over.
    Deadline,
    /// The quota leaves no slot within the call's total time.
    RateLimited,
    /// No credential could be had.
    Auth,
    /// A body failed on its way, or ended before its announced length.
    Body,
    /// The request cannot be expressed in HTTP.
    Invalid,
}

/// How far a request got when it failed: what may be done next depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of it reached the server: any operation may be sent again.
    NotSent,
    /// The server may or may not have acted on it.
    MaybeSent,
    /// The server answered, and the answer could not be read.
    Answered,
}

impl Error {
    /// An error of `kind` at `phase`.
    pub fn new(kind: Kind, phase: Phase) -> Self {
        Self(Arc::new(Inner { kind, phase, retry_after: None, source: None }))
    }

    /// No credential, hence nothing sent.
    pub fn auth(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Auth, Phase::NotSent).with_source(source)
    }

    /// A body that failed while it was read.
    pub fn body(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Body, Phase::Answered).with_source(source)
    }

    /// A request that HTTP can't express.
    pub fn invalid(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Invalid, Phase::NotSent).with_source(source)
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.source = Some(Arc::from(source.into()));
        Self(Arc::new(inner))
    }

    /// The same with the time after which the server (or our own quota) would have us come back.
    #[must_use]
    pub fn with_retry_after(self, after: Duration) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.retry_after = Some(after);
        Self(Arc::new(inner))
    }

    /// What went wrong.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// How far the request got.
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// When another try has a chance, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Another try may go better: the network's fault, not the request's.
    pub fn is_transient(&self) -> bool {
        matches!(self.0.kind, Kind::Connect | Kind::Connection | Kind::Timeout | Kind::Stalled | Kind::Body)
    }

    /// progenitor's `ClientHooks::exec` can fail with nothing but a `reqwest::Error`, which has no constructor: a body
    /// that fails makes one, with this error in its source chain.
    pub async fn into_reqwest(self) -> reqwest::Error {
        let failing = reqwest::Body::wrap_stream(futures::stream::iter([Err::<bytes::Bytes, _>(self)]));
        let response = reqwest::Response::from(http::Response::new(failing));
        response.bytes().await.expect_err("the body fails")
    }

    /// The inverse of [`Error::into_reqwest`]; any other `reqwest::Error` is read as what it is.
    pub fn from_reqwest(error: reqwest::Error) -> Self {
        let mut source: Option<&(dyn StdError + 'static)> = error.source();
        while let Some(inner) = source {
            if let Some(own) = inner.downcast_ref::<Self>() {
                return own.clone();
            }
            source = inner.source();
        }
        let (kind, phase) = if error.is_connect() {
            (Kind::Connect, Phase::NotSent)
        } else if error.is_builder() {
            (Kind::Invalid, Phase::NotSent)
        } else if error.is_timeout() {
            (Kind::Timeout, Phase::MaybeSent)
        } else if error.is_body() || error.is_decode() {
            (Kind::Body, Phase::Answered)
        } else {
            (Kind::Connection, Phase::MaybeSent)
        };
        // The URL may be a presigned one: it is said by who knows the operation, and not here.
        Self::new(kind, phase).with_source(error.without_url())
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::from_reqwest(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind {
            Kind::Connect => "the server could not be reached",
            Kind::Connection => "the connection broke",
            Kind::Timeout => "no answer in time",
            Kind::Stalled => "the transfer stood still for too long",
            Kind::Deadline => "the time for this call is over",
            Kind::RateLimited => "the rate limit leaves no room in time",
            Kind::Auth => "no credential",
            Kind::Body => "the body could not be read to its end",
            Kind::Invalid => "the request cannot be sent as it is",
        })?;
        if let Some(after) = self.0.retry_after {
            write!(f, "; try again in {} s", after.as_secs_f64().ceil())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("phase", &self.0.phase)
            .field("retry_after", &self.0.retry_after)
            .field("source", &self.0.source.as_ref().map(ToString::to_string))
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
