//! Where DataSift's parts are.

use url::Url;

/// The service's hosts; elsewhere one for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    /// The API, with its version.
    pub api: Url,
    /// Where sources of one's own are fed; it has no versions.
    pub ingestion: Url,
    /// Streams in lines.
    pub stream: Url,
    /// Many streams over one WebSocket, by http(s).
    pub live: Url,
}

impl Hosts {
    pub(super) const PUBLIC: &str = "https://api.datasift.com";
    const VERSION: &str = "/v1.6";

    /// Those of a base URL. It may end with a version of the API, such as `/v1.6`.
    pub(super) fn of(base: &Url) -> Self {
        let path = base.path().trim_end_matches('/');
        let (root, version) = match path.rsplit_once('/') {
            Some((root, last)) if is_version(last) => (root, &path[root.len()..]),
            _ => (path, Self::VERSION),
        };
        let at = |host: Option<&str>, path: &str| {
            let mut url = base.clone();
            if let Some(host) = host {
                // The scheme is http(s), and the name is one.
                let _ = url.set_host(Some(host));
            }
            url.set_path(&format!("{root}{path}"));
            url
        };
        let is_public = base.host_str() == Some("api.datasift.com");
        let host = |name| is_public.then_some(name);
        Self {
            api: at(None, version),
            ingestion: at(host("in.datasift.com"), ""),
            stream: at(host("stream.datasift.com"), ""),
            live: at(host("websocket.datasift.com"), "/multi"),
        }
    }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|it| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(base: &str) -> [String; 4] {
        let Hosts { api, ingestion, stream, live } = Hosts::of(&base.parse().unwrap());
        [api, ingestion, stream, live].map(String::from)
    }

    #[test]
    fn the_public_service_has_four_hosts_and_any_other_one() {
        let public = [
            "https://api.datasift.com/v1.6",
            "https://in.datasift.com/",
            "https://stream.datasift.com/",
            "https://websocket.datasift.com/multi",
        ];
        assert_eq!(hosts("https://api.datasift.com"), public);
        assert_eq!(hosts("https://api.datasift.com/v1.6"), public);
        let own = ["http://127.0.0.1:1/v1.6", "http://127.0.0.1:1/", "http://127.0.0.1:1/", "http://127.0.0.1:1/multi"];
        assert_eq!(hosts("http://127.0.0.1:1"), own);
        assert_eq!(hosts("http://h/sift/v1")[0], "http://h/sift/v1");
        assert_eq!(hosts("http://h/sift/v1")[3], "http://h/sift/multi");
        assert_eq!(hosts("http://h/vault")[0], "http://h/vault/v1.6");
    }
}
