use std::fmt;

/// What could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    about: String,
    why: String,
}

/// What this crate's readers give.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `about` names the document, file or line; `why` says what is wrong with it.
    pub fn new(about: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self { about: about.to_string(), why: why.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.why)
    }
}

impl std::error::Error for Error {}
