//! How a dataset of a server is written: `dserver://host/...`.

use std::{fmt, str::FromStr};

use url::Url;
use uuid::Uuid;

use super::{Client, Dataset};
use crate::{Error, Result, without_account};

/// A dataset or a base URI of a server, as command lines and scripts write it.
///
/// `dserver://host/<uuid>` is a dataset wherever it lies; `dserver://host/s3/bucket/<uuid>` is one URI, as `dtool-dserver`
/// writes it: the scheme, and the rest as it is.
///
/// ```
/// use whimbrel::dserver::{Address, Place};
///
/// let address: Address = "dserver://lookup.example.org/s3/bucket/af6727bf-29c7-43dd-b42f-a5d7ede28337".parse()?;
/// assert_eq!(address.host, "lookup.example.org");
/// assert_eq!(address.place, Place::Uri("s3://bucket/af6727bf-29c7-43dd-b42f-a5d7ede28337".to_owned()));
/// # Ok::<(), whimbrel::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The server: a host, with its port if it has one.
    pub host: String,
    /// What of it.
    pub place: Place,
}

/// What of a server an [`Address`] names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Every copy of the dataset of this UUID.
    Uuid(String),
    /// The dataset at this URI; or a base URI.
    Uri(String),
}

impl Address {
    /// What such an address begins with.
    pub const SCHEME: &str = "dserver://";

    /// Whether a server's base URL is at the address's host.
    ///
    /// ```
    /// # let address: whimbrel::dserver::Address = "dserver://h:443/file/x/y".parse()?;
    /// assert!(address.is_at("https://h/lookup") && !address.is_at("http://h"));
    /// # Ok::<(), whimbrel::Error>(())
    /// ```
    pub fn is_at(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        // The same host and port, by the port that the URL's scheme has.
        let same = Url::parse(&format!("{}://{}", url.scheme(), self.host));
        same.is_ok_and(|it| (it.host(), it.port_or_known_default()) == (url.host(), url.port_or_known_default()))
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let example = "write dserver://host/<uuid>, or the URI as dserver://host/s3/bucket/<uuid>";
            Error::invalid(format!("{why}; {example}")).about(text)
        };
        let rest = text.strip_prefix(Self::SCHEME).ok_or_else(|| wrong("it is no address of a dserver"))?;
        let (host, rest) = rest.split_once('/').ok_or_else(|| wrong("it names no dataset"))?;
        let plain = Url::parse(&format!("https://{host}")).is_ok_and(|it| {
            it.host_str().is_some() && it.username().is_empty() && it.password().is_none() && it.path() == "/"
        });
        if !plain || host.contains(['?', '#', '@']) {
            return Err(wrong("it names no host"));
        }
        let rest = rest.trim_end_matches('/');
        let place = match rest.split_once('/') {
            None if Uuid::parse_str(rest).is_ok() => Place::Uuid(rest.to_lowercase()),
            Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() => Place::Uri(format!("{scheme}://{rest}")),
            _ => return Err(wrong("it names no dataset")),
        };
        Ok(Self { host: host.to_owned(), place })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            Place::Uuid(uuid) => uuid.clone(),
            Place::Uri(uri) => uri.replacen("://", "/", 1),
        };
        write!(f, "{}{}/{place}", Self::SCHEME, self.host)
    }
}

impl Client {
    /// The copies of a dataset that an address names, at least one; its host is the caller's to look at.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none that the user can see.
    pub async fn at(&self, address: &Address) -> Result<Vec<Dataset>> {
        match &address.place {
            Place::Uuid(uuid) => self.lookup(uuid).await,
            Place::Uri(uri) => Ok(vec![self.dataset(uri).await?]),
        }
    }

    /// The copies of a dataset that a text names, at least one: by its UUID all of them, by its URI the one there, and both
    /// as an [`Address`] of this server.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none that the user can see; [`Kind::Invalid`](crate::Kind::Invalid)
    /// for an address of another server.
    pub async fn find(&self, dataset: &str) -> Result<Vec<Dataset>> {
        if dataset.starts_with(Address::SCHEME) {
            let address: Address = dataset.parse()?;
            let url = self.connection.base_url();
            if !address.is_at(url) {
                let message = format!("it is at another dserver than {}", without_account(url));
                return Err(Error::invalid(message).about(dataset));
            }
            return self.at(&address).await;
        }
        // No UUID has a colon, and every URI has.
        match dataset.contains(':') {
            true => Ok(vec![self.dataset(dataset).await?]),
            false => self.lookup(dataset).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_uuid_or_a_uri_at_a_host() {
        let uuid = "AF6727BF-29c7-43dd-b42f-a5d7ede28337";
        let parse = |text: &str| text.parse::<Address>();
        let address = parse(&format!("dserver://h:5100/{uuid}")).unwrap();
        assert_eq!((&*address.host, address.place), ("h:5100", Place::Uuid(uuid.to_lowercase())));
        let uri = |text: &str| match parse(text).unwrap().place {
            Place::Uri(uri) => uri,
            Place::Uuid(uuid) => uuid,
        };
        assert_eq!(uri("dserver://h/s3/bucket/"), "s3://bucket");
        assert_eq!(uri("dserver://h/file/host/a b/c"), "file://host/a b/c");
        for text in ["dserver://h/s3/bucket/1", "dserver://h:1/af6727bf-29c7-43dd-b42f-a5d7ede28337"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "h/s3/b",
            "dserver://",
            "dserver://h",
            "dserver://h/",
            "dserver://h/x",
            "dserver:///s3/b",
            "dserver://me:pw@h/s3/b",
            "dserver://h/s3/",
            "dserver://h?x/s3/b",
            "dserver://h/1x/b",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_server_is_known_by_its_host_and_port() {
        let is_at = |host: &str, url: &str| format!("dserver://{host}/s3/b").parse::<Address>().unwrap().is_at(url);
        assert!(is_at("h", "https://h/lookup") && is_at("h", "http://h") && is_at("H:443", "https://h"));
        assert!(is_at("127.0.0.1:5100", "http://127.0.0.1:5100"));
        assert!(!is_at("h", "https://h:8443") && !is_at("h.evil.org", "https://h") && !is_at("h", "no url"));
    }

    #[tokio::test]
    async fn a_dataset_is_found_by_uuid_by_uri_and_by_the_address_of_its_own_server() {
        let mut server = mockito::Server::new_async().await;
        let uuid = "af6727bf-29c7-43dd-b42f-a5d7ede28337";
        let row = format!(r#"{{"uri":"s3://b/{uuid}","uuid":"{uuid}","name":"n","creator_username":"c"}}"#);
        let mut answered = vec![];
        for (path, body) in [(format!("^/uuids/{uuid}"), format!("[{row}]")), (format!("^/uris/s3.*b.*{uuid}$"), row)] {
            let mock = server.mock("GET", mockito::Matcher::Regex(path)).expect(2);
            let json = mock.with_header("content-type", "application/json");
            answered.push(json.with_body(body).create_async().await);
        }
        let builder = Client::builder().url(server.url()).token("t".to_owned());
        let client = builder.cache(crate::CacheMode::Off).build().unwrap();
        let host = server.host_with_port();
        for named in [uuid.to_owned(), format!("s3://b/{uuid}")] {
            let address = format!("dserver://{host}/{}", named.replacen("://", "/", 1));
            for text in [&named, &address] {
                assert_eq!(client.find(text).await.unwrap()[0].uuid, uuid, "{text}");
            }
        }
        for mock in answered {
            mock.assert_async().await;
        }
        let elsewhere = client.find(&format!("dserver://elsewhere/{uuid}")).await.unwrap_err();
        assert!(elsewhere.to_string().contains("at another dserver than"), "{elsewhere}");
    }
}
