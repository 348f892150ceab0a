use std::fmt;

use http::{Uri, header};

use crate::{Principal, Request};

/// One user's answers from one origin: a keyed hash of both, so that neither can be read out of a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partition(pub [u8; 32]);

impl Partition {
    pub(super) fn new(secret: &[u8; 32], principal: &Principal, uri: &Uri) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        let origin = [uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str())];
        for part in [principal.as_bytes(), origin[0].as_bytes(), origin[1].as_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Partition(..)")
    }
}

/// What an answer is kept under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose it is.
    pub partition: Partition,
    /// The path, by which a write finds what it makes old.
    pub path: String,
    /// A hash of the query and of the headers by which a service chooses a representation.
    pub rest: [u8; 32],
}

impl Key {
    pub(super) fn new(partition: &Partition, request: &Request) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(request.uri().query().unwrap_or_default().as_bytes());
        for name in [header::ACCEPT, header::ACCEPT_LANGUAGE] {
            hasher.update(b"\n").update(request.headers().get(name).map_or(&[][..], |value| value.as_bytes()));
        }
        Self { partition: *partition, path: request.uri().path().to_owned(), rest: hasher.finalize().into() }
    }

    /// Whether a write below any of these paths concerns it.
    pub(super) fn is_below(&self, paths: &[String]) -> bool {
        paths.iter().any(|above| {
            self.path
                .strip_prefix(above.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}
