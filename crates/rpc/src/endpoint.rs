//! Addresses, and how a connection to one of several is made.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::{net::TcpStream, time::timeout};

use crate::error::{Error, Kind, Result};

/// The port of locators.
const LOCATOR: u16 = 10053;

/// A host and a port: `localhost:10053`, `10.0.0.1:10053`, `[::1]:10053`. Without a port it is that of a locator.
///
/// ```
/// use whimbrel_rpc::Endpoint;
///
/// let endpoint: Endpoint = "[::1]:10053".parse().unwrap();
/// assert_eq!((endpoint.host.as_str(), endpoint.port), ("::1", 10053));
/// assert_eq!(endpoint.to_string(), "[::1]:10053");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::new(Kind::Invalid, format!("{text:?} is no host:port; a version 6 address is [::1]:{LOCATOR}"));
        let (host, port) = match text.strip_prefix('[').map(|it| it.split_once(']').ok_or_else(wrong)) {
            Some(split) => {
                let (host, rest) = split?;
                (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or_else(wrong)?) })
            }
            None if text.matches(':').count() > 1 => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        // A slash: somebody gave a URL.
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/') {
            return Err(wrong());
        }
        let port = port.map_or(Ok(LOCATOR), |port| port.parse().map_err(|_| wrong()))?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

/// A connection to the first that takes one, in their order, each address of it for no longer than `each`.
pub(crate) async fn connect(endpoints: &[Endpoint], each: Duration) -> Result<TcpStream> {
    let mut failed = vec![];
    for endpoint in endpoints {
        let addresses = match timeout(each, tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port))).await {
            Ok(Ok(addresses)) => addresses,
            Ok(Err(why)) => {
                failed.push(format!("{endpoint}: {why}"));
                continue;
            }
            Err(_) => {
                failed.push(format!("{endpoint}: the name was not found within {each:?}"));
                continue;
            }
        };
        for address in addresses {
            match timeout(each, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // What can't be set is no reason not to talk.
                    let _ = stream.set_nodelay(true);
                    let alive =
                        TcpKeepalive::new().with_time(Duration::from_secs(10)).with_interval(Duration::from_secs(5));
                    let _ = SockRef::from(&stream).set_tcp_keepalive(&alive);
                    return Ok(stream);
                }
                Ok(Err(why)) => failed.push(format!("{address}: {why}")),
                Err(_) => failed.push(format!("{address}: no answer within {each:?}")),
            }
        }
    }
    let message = match failed[..] {
        [] => "there is no address to connect to".to_owned(),
        _ => format!("no connection could be made ({})", failed.join("; ")),
    };
    Err(Error::new(Kind::Connect, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_kinds_are_read_and_written() {
        for (text, host, port) in [
            ("localhost", "localhost", LOCATOR),
            ("localhost:1", "localhost", 1),
            ("10.0.0.1:65535", "10.0.0.1", 65535),
            ("[::1]:7", "::1", 7),
            ("[::1]", "::1", LOCATOR),
            ("::1", "::1", LOCATOR),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port));
            assert_eq!(endpoint.to_string().parse::<Endpoint>().unwrap(), endpoint);
        }
        for wrong in ["", ":1", "host:", "host:65536", "[::1", "[::1]1", "a b:1"] {
            wrong.parse::<Endpoint>().unwrap_err();
        }
    }

    #[tokio::test]
    async fn all_that_was_tried_is_told() {
        let error =
            connect(&["127.0.0.1:1".parse().unwrap(), "[::1]:1".parse().unwrap()], Duration::from_secs(1)).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("127.0.0.1:1: ") && error.contains("[::1]:1: "), "{error}");
    }
}
