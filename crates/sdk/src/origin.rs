//! What a credential belongs to.

use url::Url;

/// The origin of an http(s) address (RFC 6454): scheme, host and port, the last only where it is not the scheme's own. A
/// token or a password is for one origin. `None` of what is no address, or has no host.
///
/// ```
/// assert_eq!(whimbrel::origin("https://Me:pw@Example.org:443/api?x").as_deref(), Some("https://example.org"));
/// assert_eq!(whimbrel::origin("http://example.org:8080/").as_deref(), Some("http://example.org:8080"));
/// assert_eq!(whimbrel::origin("example.org"), None);
/// ```
pub fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then(|| url.origin().ascii_serialization())
}

/// Whether two addresses are of one origin, so that what is for one may go to the other. The same text is, whatever it is.
///
/// ```
/// assert!(whimbrel::same_origin("https://example.org/api", "https://EXAMPLE.org:443/token"));
/// assert!(!whimbrel::same_origin("https://example.org", "http://example.org"));
/// assert!(!whimbrel::same_origin("example.org", "example.com"));
/// ```
pub fn same_origin(one: &str, other: &str) -> bool {
    one == other || (origin(one).is_some() && origin(one) == origin(other))
}

/// An address as it may be shown: without the name and password that may be in it, whether it can be read as an address or
/// not.
///
/// ```
/// assert_eq!(whimbrel::without_account("https://me:pw@example.org:99999/x"), "https://***@example.org:99999/x");
/// assert_eq!(whimbrel::without_account("https://example.org/@home"), "https://example.org/@home");
/// ```
pub fn without_account(url: &str) -> String {
    let is_plain = |url: &Url| {
        url.host_str().is_some_and(|it| !it.is_empty()) && url.username().is_empty() && url.password().is_none()
    };
    if Url::parse(url.trim()).is_ok_and(|url| is_plain(&url)) {
        return url.to_owned();
    }
    // A password that nobody has encoded may hold what otherwise ends a host, so all before the last @ counts as one.
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}***@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_an_address_is_shown_whether_it_can_be_read_or_not() {
        for (url, shown) in [
            ("https://me:s3cret@h/x", "https://***@h/x"),
            ("https://me:s3cret@h:99999", "https://***@h:99999"),
            ("https://me:s3/cr?e#t@h:99999", "https://***@h:99999"),
            ("https://me:s3@cret@h", "https://***@h"),
            ("me:s3cret@h", "***@h"),
            ("http://me:s3@cret@proxy:3128", "http://***@proxy:3128"),
            ("http://proxy:3128", "http://proxy:3128"),
            ("https://me@h", "https://***@h"),
            ("h/coscine", "h/coscine"),
            ("https://h/@me?x=@", "https://h/@me?x=@"),
        ] {
            assert_eq!(without_account(url), shown, "{url}");
        }
    }
}
