use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

/// Why a call has no answer. Cheap to clone: all who wait for one connection are told the same.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    /// Of which service, where that is known.
    service: Option<Arc<str>>,
    message: String,
    is_ambiguous: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// No connection could be made: to the locator, or to the service that it names.
    Connect,
    /// The connection was lost. Servers also hang up on a mistake, without a word.
    Disconnected,
    /// What the server sent is not the protocol.
    Protocol,
    /// The service answered with an error.
    Service {
        /// Which kind of error.
        category: Category,
        /// Which one of that kind.
        code: i64,
    },
    /// The service has no such method, or its version is another than the wanted one.
    NoSuchMethod,
    /// What was to be sent can't be: an extension type, a message that may not come now.
    Invalid,
    /// The time that the call was given is over.
    Timeout,
    /// A stream was read so slowly that others had to wait for it for too long.
    TooSlow,
}

/// A category of errors, as the runtime numbers them (`framework/include/cocaine/errors.hpp` in its sources).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Category(pub u64);

impl Category {
    /// The service is not known to the locator, among others.
    pub const LOCATOR: Self = Self(10);
    /// Errors of the operating system, by their `errno`: 2 for a missing key, 22 for an app that does not run.
    pub const GENERIC: Self = Self(12);
    /// A ticket that is missing or no good, or rights that are.
    pub const SECURITY: Self = Self(9);
    /// What an app itself reports.
    pub const APP: Self = Self(42);

    /// Its name, where it has one.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "system",
            2 => "asio system",
            3 => "name resolution",
            4 => "address information",
            5 => "asio",
            6 => "transport",
            7 => "dispatch",
            8 => "repository",
            9 => "security",
            10 => "locator",
            11 => "unicorn",
            12 => "generic",
            13 => "protocol",
            42 => "app",
            0x51ff => "node",
            0x52ff => "overseer",
            0x53ff => "slave",
            _ => return None,
        })
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner { kind, service: None, message: message.into(), is_ambiguous: false, source: None }))
    }

    /// Of an answer that is none of those which its method gives.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::new(Kind::Protocol, message)
    }

    pub(crate) fn timeout(after: Duration) -> Self {
        Self::new(Kind::Timeout, format!("no answer within {after:?}"))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        change(&mut inner);
        Self(Arc::new(inner))
    }

    #[must_use]
    pub(crate) fn source_of(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.with(|it| it.source = Some(Arc::new(source)))
    }

    #[must_use]
    pub(crate) fn of(self, service: &Arc<str>) -> Self {
        match self.0.service {
            Some(_) => self,
            None => self.with(|it| it.service = Some(service.clone())),
        }
    }

    /// The same of a request that may have been carried out.
    #[must_use]
    pub(crate) fn ambiguous(self) -> Self {
        self.with(|it| it.is_ambiguous = true)
    }

    /// What went wrong.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The service, where that is known.
    pub fn service(&self) -> Option<&str> {
        self.0.service.as_deref()
    }

    /// What is said of it, by the service or here, without the service's name and numbers.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the service may have acted on the request all the same.
    pub fn is_ambiguous(&self) -> bool {
        self.0.is_ambiguous
    }

    /// Category and code of an error that the service answered with.
    pub fn code(&self) -> Option<(Category, i64)> {
        match self.0.kind {
            Kind::Service { category, code } => Some((category, code)),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(service) = &self.0.service {
            write!(f, "service \"{service}\": ")?;
        }
        f.write_str(&self.0.message)?;
        if let Kind::Service { category, code } = self.0.kind {
            match category.name() {
                Some(name) => write!(f, " [{name} {code}]")?,
                None => write!(f, " [category {} code {code}]", category.0)?,
            }
        }
        if let Some(source) = &self.0.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.0.kind).field("message", &self.to_string()).finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // It is shown with the message.
        None
    }
}

/// What a call came to, or why it came to nothing.
pub type Result<T, E = Error> = std::result::Result<T, E>;
