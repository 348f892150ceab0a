use std::fmt;

/// Who asks: what parts one user's cached answers from another's, and one user's quota from another's.
///
/// It comes from whoever gives the credential and never from a request. It may be a name, or the hash of a token; it is
/// not shown in `Debug`, and stores keep only a keyed hash of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal(Box<str>);

impl Principal {
    /// The user of this subject; the same text means the same user.
    pub fn new(subject: &str) -> Self {
        Self(format!("user {subject}").into())
    }

    /// Nobody in particular: requests without a credential.
    pub fn anonymous() -> Self {
        Self("anonymous".into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Principal(..)")
    }
}
