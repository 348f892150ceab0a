//! Who asks: a user and an API key, which DataSift wants together.

use std::fmt;

use futures::future::BoxFuture;
use middleware::{
    Principal,
    layer::{Credential, Credentials},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Error, Kind, Result};

/// A user and one of the account's API keys, or that of one of its identities. Both are told apart by case.
#[derive(Clone)]
pub(super) struct ApiKey {
    pub(super) user: String,
    pub(super) key: SecretString,
    credential: Credential,
    principal: Principal,
}

impl ApiKey {
    pub(super) fn new(user: String, key: SecretString) -> Result<Self> {
        let secret = format!("{user}:{}", key.expose_secret());
        let wrong = |why: &str| Error::new(Kind::Unauthenticated, format!("{why}: give both as DataSift shows them"));
        if user.is_empty() || key.expose_secret().is_empty() {
            return Err(wrong("DataSift wants a user and an API key, and one of them is empty"));
        }
        if secret.contains(char::is_whitespace) {
            return Err(wrong("the user or the API key holds a blank"));
        }
        // Two keys of one user can be those of two identities, which see different things.
        let principal = Principal::new(blake3::hash(secret.as_bytes()).to_hex().as_str());
        let credential = Credential::verbatim(&secret.into())
            .map_err(|_| wrong("the user or the API key holds a character that neither has"))?;
        Ok(Self { user, key, credential, principal })
    }
}

impl Credentials for ApiKey {
    fn get(&self) -> BoxFuture<'_, middleware::Result<Credential>> {
        Box::pin(std::future::ready(Ok(self.credential.clone())))
    }

    fn principal(&self) -> Option<Principal> {
        Some(self.principal.clone())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_and_one_that_can_be_none_is_refused() {
        let key = |user: &str, key: &str| ApiKey::new(user.to_owned(), key.to_owned().into());
        let right = key("ada", "s3cret").unwrap();
        assert!(!format!("{right:?} {:?}", right.credential).contains("s3cret"));
        for (user, wrong) in [("", "s3cret"), ("ada", ""), ("ada", "s3 cret"), ("ada", "s3cret\u{1}")] {
            let refused = key(user, wrong).unwrap_err();
            assert_eq!(refused.kind(), Kind::Unauthenticated);
            assert!(!format!("{refused} {refused:?}").contains("s3"), "{refused}");
        }
    }
}
