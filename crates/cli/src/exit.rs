//! How the program ends: one line for people, one number for scripts.

use std::{fmt, io};

use whimbrel::Kind;

/// The exit codes, as `--help` tells them.
pub(crate) const CODES: &str = "\
Exit codes:
    0  done
    1  failed; of diff: there are differences
    2  the command line is wrong
    3  not found
    4  not authenticated: no token, or a wrong or expired one
    5  forbidden
    6  invalid (a name, metadata that break the profile) or in conflict with what is there
    7  rate-limited past the deadline
    8  some of many failed
   10  the storage quota is exceeded
  130  interrupted";

/// After Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why the program did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The command line.
    Usage(String),
    /// No token.
    NoToken(String),
    /// The SDK's.
    Sdk(Box<whimbrel::Error>),
    /// All is said already; this is the code.
    Told(u8),
    /// Nobody reads on: no failure of ours.
    Silent,
    /// Ctrl-C.
    Interrupted,
    /// Anything else.
    Other(String),
}

/// What a command gives.
pub type Done<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NoToken(_) => 4,
            Self::Told(code) => *code,
            Self::Silent => 0,
            Self::Interrupted => INTERRUPTED,
            Self::Other(_) => 1,
            Self::Sdk(error) => match error.kind() {
                Kind::NotFound => 3,
                Kind::Unauthenticated => 4,
                Kind::Forbidden => 5,
                Kind::Invalid | Kind::Conflict => 6,
                Kind::RateLimited => 7,
                Kind::Partial => 8,
                Kind::QuotaExceeded => 10,
                _ => 1,
            },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::NoToken(why) | Self::Other(why) => f.write_str(&whimbrel::printable(why)),
            Self::Sdk(error) => error.fmt(f),
            Self::Told(_) | Self::Silent | Self::Interrupted => Ok(()),
        }
    }
}

impl From<whimbrel::Error> for Failure {
    fn from(error: whimbrel::Error) -> Self {
        Self::Sdk(Box::new(error))
    }
}

/// Of writing to the standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Silent,
            _ => Self::Other(format!("the output could not be written: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_code_that_help_tells() {
        let code = |kind| Failure::from(whimbrel::Error::new(kind, "")).code();
        let kinds = [
            (Kind::NotFound, 3),
            (Kind::Unauthenticated, 4),
            (Kind::Forbidden, 5),
            (Kind::Invalid, 6),
            (Kind::Conflict, 6),
            (Kind::RateLimited, 7),
            (Kind::Partial, 8),
            (Kind::QuotaExceeded, 10),
            (Kind::Unavailable, 1),
            (Kind::Timeout, 1),
            (Kind::Io, 1),
        ];
        for (kind, expected) in kinds {
            assert_eq!(code(kind), expected, "{kind:?}");
            assert!(CODES.lines().any(|line| line.trim_start().starts_with(&format!("{expected} "))), "{expected}");
        }
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).code(), 0);
    }
}
