//! The addresses of a token generator.

use url::Url;

use crate::{Error, Result};

/// Which addresses there are.
#[derive(Clone)]
pub(super) struct Place {
    /// Takes username and password; none where there is only a token to be renewed.
    pub(super) token: Option<Url>,
    /// Takes a token and gives a fresh one.
    pub(super) refresh: Option<Url>,
}

/// An address as it is written, without a fragment.
pub(super) fn address(url: &str) -> Result<Url> {
    let wrong = |why: &str| Error::invalid(format!("{why}; give one such as https://example.org/token"));
    let about = |error: Error| error.about("the token generator's address");
    let mut url = Url::parse(url.trim()).map_err(|e| about(wrong(&e.to_string())))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(about(wrong("it is no http(s) address")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(about(Error::invalid("it holds a name or password; give them apart from it")));
    }
    url.set_fragment(None);
    Ok(url)
}

/// A route of the OAuth2 plugin, where the address is one below `/auth` and not the LDAP plugin's.
pub(super) fn beside(token: &Url, route: &str) -> Option<Url> {
    let segments: Vec<_> = token.path_segments()?.filter(|it| !it.is_empty()).collect();
    let auth = segments.iter().rposition(|it| *it == "auth")?;
    if segments.get(auth + 1) == Some(&"ldap") {
        return None;
    }
    let mut url = token.clone();
    url.set_query(None);
    url.path_segments_mut().ok()?.clear().extend(&segments[..=auth]).push(route);
    Some(url)
}

/// An address without what may be secret in it.
pub(super) fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}
