//! How every client of this crate is made: one builder, one stack.

use std::{path::PathBuf, sync::Arc, time::Duration};

use middleware::layer::{BearerToken, Credentials};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Error, Kind, Result, connect::Connection};

/// Where answers that stay true for a while are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// In this file, made if it is not there; shared by all processes of the user. Where that can't be done safely (a
    /// network file system, somebody else's file; a process that was forked from one which had such a file open) in memory,
    /// and the log says why.
    Disk(PathBuf),
    /// In memory, shared by all clients of the process.
    #[default]
    Memory,
    /// Nowhere.
    Off,
}

/// What can be set of any client. Plain data: it can come from a file, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The base URL; each service's public instance if there is one.
    pub url: Option<String>,
    /// Where answers are kept.
    pub cache: CacheMode,
    /// Requests in 60 seconds, if it shall be fewer than the service allows. What the first client of a user says holds for
    /// all of that user's in the process.
    pub requests_per_minute: Option<u32>,
    /// Requests on their way at once, over all clients of a user in the process that have the same number here.
    pub requests_at_once: usize,
    /// How often a request is sent in all, where it may be repeated.
    pub attempts: u32,
    /// The longest that one call may take, in seconds; the sending and fetching of content does not count.
    pub deadline_seconds: u64,
    /// How long to wait for a connection, in seconds.
    pub connect_seconds: u64,
    /// How long to wait for an answer to begin, or for a body that stands still, in seconds.
    pub idle_seconds: u64,
    /// Whether the certificates of servers are checked. Without, anybody on the way can read the token and all else.
    pub verify_tls: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: None,
            cache: CacheMode::default(),
            requests_per_minute: None,
            requests_at_once: 32,
            attempts: 5,
            deadline_seconds: 180,
            connect_seconds: 10,
            idle_seconds: 60,
            verify_tls: true,
        }
    }
}

/// A service that a [`Builder`] can make a client of. Sealed: its implementors are this crate's services.
pub trait Service: sealed::Sealed {
    /// Its client.
    type Client;

    /// Its name for people.
    const NAME: &'static str;

    /// The base URL of its public instance, if there is one.
    const PUBLIC: Option<&'static str>;

    #[doc(hidden)]
    fn client(
        self,
        settings: &Settings,
        base: url::Url,
        credentials: Option<Arc<dyn Credentials>>,
    ) -> Result<Self::Client>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// Makes a client of a service.
///
/// ```
/// # fn main() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder()
///     .url("https://coscine.example.org/coscine")
///     .token("a-token")
///     .cache(whimbrel::CacheMode::Off)
///     .build()?;
/// # Ok(()) }
/// ```
#[must_use]
pub struct Builder<S> {
    pub(crate) service: S,
    settings: Settings,
    credentials: Option<Arc<dyn Credentials>>,
    wrong: Option<Error>,
}

impl<S: Service> Builder<S> {
    pub(crate) fn new(service: S) -> Self {
        Self { service, settings: Settings::default(), credentials: None, wrong: None }
    }

    /// All settings at once.
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The base URL. For Coscine it includes `/coscine`.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.settings.url = Some(url.into());
        self
    }

    /// The user's token. It is sent to the base URL's origin and nowhere else.
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        match BearerToken::new(token.into()) {
            Ok(token) => self.credentials = Some(Arc::new(token)),
            Err(_) => self.wrong = Some(malformed_token()),
        }
        self
    }

    /// A source of credentials of your own: a token command, a keyring.
    pub fn credentials(self, credentials: impl Credentials) -> Self {
        Self { credentials: Some(Arc::new(credentials)), ..self }
    }

    /// Where answers are kept.
    pub fn cache(mut self, cache: CacheMode) -> Self {
        self.settings.cache = cache;
        self
    }

    /// Whether the certificates of servers are checked; see [`Settings::verify_tls`].
    pub fn verify_tls(mut self, verify: bool) -> Self {
        self.settings.verify_tls = verify;
        self
    }

    /// The longest that one call may take; the sending and fetching of content does not count.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline_seconds = deadline.as_secs().max(1);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// A URL or token that can't be one; no URL for a service without a public instance.
    pub fn build(self) -> Result<S::Client> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let url = self.settings.url.as_deref().or(S::PUBLIC);
        let url = url.ok_or_else(|| Error::invalid(format!("{} has no public address: give its URL", S::NAME)))?;
        let base = Connection::base(url)?;
        self.service.client(&self.settings, base, self.credentials)
    }
}

impl<S: Service> std::fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("service", &S::NAME).field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What is no token, whoever asks with it.
pub(crate) fn malformed_token() -> Error {
    let message = "the token holds a character that no token has: give it whole and alone, without `Bearer`";
    Error::new(Kind::Unauthenticated, message)
}
