//! What a token generator answers, read.

use http::StatusCode;
use middleware::layer::BearerToken;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{Account, held::Held, place::shown};
use crate::{Error, Kind, error};

/// The token of an answer, if it holds one.
pub(super) fn token(answer: &[u8]) -> Option<Held> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let secret = SecretString::from(answer.get("token")?.as_str().filter(|token| !token.is_empty())?);
    let token = BearerToken::new(secret.clone()).ok()?;
    Some(Held::fresh(token, secret, Instant::now()))
}

/// An answer that is a success and gives nothing.
pub(super) fn no_token(answer: &[u8], url: &Url) -> Error {
    let what = match std::str::from_utf8(answer).map(str::trim_start) {
        Ok(text) if text.starts_with('<') => "it answered with a page of HTML and no token",
        Ok(text) if text.starts_with('{') => "its answer holds no \"token\"",
        _ => "its answer is no JSON that holds a token",
    };
    Error::new(Kind::Unexpected, format!("{what}; is this the address of a token generator?"))
        .about(format!("the token generator {}", shown(url)))
}

pub(super) fn refused(status: StatusCode, answer: &[u8], url: &Url, account: &Account) -> Error {
    let is_oauth = url.path().trim_end_matches('/').ends_with("/auth/token");
    let is_bare = url.path().trim_matches('/').is_empty();
    let code = status.as_u16();
    let username = &account.username;
    let told = match code {
        400 if is_oauth => Error::new(
            Kind::Unauthenticated,
            "it takes no username and password (400): this looks like the OAuth2 plugin, whose tokens begin in a browser; \
             log in there and give the token by `whimbrel auth login dserver --token-stdin`",
        ),
        401 | 403 => {
            Error::new(Kind::Unauthenticated, format!("it refused the username {username:?} or its password ({code})"))
        }
        404 | 405 if is_bare => Error::new(
            Kind::NotFound,
            format!("it gives no tokens at this address ({code}); most have them at /token: add that to the address"),
        ),
        404 | 405 => Error::new(Kind::NotFound, format!("it gives no tokens at this address ({code})")),
        300..=399 => Error::new(
            Kind::Unexpected,
            format!(
                "it points elsewhere ({code}), where the password was not sent; give the address that it points to"
            ),
        ),
        429 => Error::new(Kind::RateLimited, "it was asked too often (429); try again later"),
        500..=599 => Error::from_answer(status, &http::HeaderMap::new(), &[]),
        _ => Error::new(Kind::Invalid, format!("it did not take the request ({code})")),
    };
    // Its own words help, unless they repeat what is secret.
    let password = account.password.expose_secret();
    let repeats = |said: &str| said.contains(password) || String::from_utf8_lossy(answer).contains(password);
    let told = match error::said(answer).filter(|said| !repeats(said)) {
        Some(said) => told.hint(&format!("it says: {said}")),
        None => told,
    };
    told.about(format!("the token generator {}", shown(url)))
}
