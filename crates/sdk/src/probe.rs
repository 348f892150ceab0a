//! How a server is reached, step by step: for who looks for what is wrong.

use std::{
    net::IpAddr,
    time::{Duration, Instant, SystemTime},
};

use http::{Method, StatusCode, header};
use middleware::{Body, Call, Operation};
use url::Url;

use crate::{Connection, Error, Kind, Result, error};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// It names no operation of any service.
static PROBE: Operation = Operation::new("probe", Method::GET, "", "");

/// What a look at a server found; see [`Connection::probe`].
#[derive(Clone, Debug)]
pub struct Probe {
    /// What its name stands for; empty where a proxy finds it.
    pub addresses: Vec<IpAddr>,
    /// How long that took to find out.
    pub lookup: Duration,
    /// How long a connection to it took; `None` where a proxy makes it.
    pub connect: Option<Duration>,
    /// How long the first request took, with a connection of its own and TLS on it.
    pub first: Duration,
    /// How long the next took, on the kept connection.
    pub next: Duration,
    /// What it answered.
    pub status: StatusCode,
    /// By how many seconds its clock is ahead of ours, to a second; negative if it is behind.
    pub ahead: Option<i64>,
}

impl Connection {
    /// Looks its server's name up, connects, and asks `path` twice, without any credential: any answer will do. `direct`
    /// says that no proxy is between, which alone would know names and reach addresses.
    ///
    /// ```no_run
    /// # async fn example(client: whimbrel::coscine::Client) -> whimbrel::Result<()> {
    /// let probe = client.connection().probe("", true).await?;
    /// println!("{:?} after {:?}", probe.status, probe.first);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The step that failed, in words.
    pub async fn probe(&self, path: &str, direct: bool) -> Result<Probe> {
        let base = Url::parse(self.base_url()).map_err(|e| Error::invalid(e.to_string()).about(self.base_url()))?;
        let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = base.port_or_known_default().unwrap_or(443);
        let (mut addresses, mut lookup, mut connect) = (vec![], Duration::ZERO, None);
        if direct {
            let start = Instant::now();
            let found = within(tokio::net::lookup_host((host.as_str(), port))).await;
            let found: Vec<_> =
                found.map_err(|why| unreachable(format!("no address is known for {host} ({why})")))?.collect();
            lookup = start.elapsed();
            let start = Instant::now();
            let stream = within(tokio::net::TcpStream::connect(found.as_slice())).await;
            stream.map_err(|why| unreachable(format!("nothing answers at {host}, port {port} ({why})")))?;
            connect = Some(start.elapsed());
            addresses = found.iter().map(std::net::SocketAddr::ip).collect();
            addresses.dedup();
        }
        let place = Url::parse(&format!("{}/{path}", self.base_url())).unwrap_or(base);
        let (first, answer) = self.asked(&place).await?;
        let (next, answer) = self.asked(&place).await.unwrap_or((first, answer));
        let date =
            answer.headers.get(header::DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let ahead = date.map(|date| {
            // What the header leaves out of a second is not a difference.
            let now = SystemTime::now();
            match date.duration_since(now) {
                Ok(ahead) => ahead.as_secs() as i64,
                Err(behind) => -(behind.duration().saturating_sub(Duration::from_secs(1)).as_secs() as i64),
            }
        });
        Ok(Probe { addresses, lookup, connect, first, next, status: answer.status, ahead })
    }

    async fn asked(&self, place: &Url) -> Result<(Duration, http::response::Parts)> {
        let start = Instant::now();
        let mut request = middleware::Request::new(Body::empty());
        *request.uri_mut() = place.as_str().parse().map_err(|_| Error::invalid("it is no URL that can be asked"))?;
        let sent = error::sent(&PROBE, self.once().send(request, PROBE.clone()));
        let answer = Call::new().deadline(PATIENCE).scope(Box::pin(sent)).await?;
        let took = start.elapsed();
        let (parts, body) = answer.into_parts();
        // Read, so that the connection can be used again.
        let _ = body.collect(64 << 10).await;
        Ok((took, parts))
    }
}

async fn within<T>(step: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(done) => done.map_err(|e| e.to_string()),
        Err(_) => Err(format!("none in {} s", PATIENCE.as_secs())),
    }
}

fn unreachable(why: String) -> Error {
    Error::new(Kind::Unavailable, why)
}

#[cfg(test)]
mod tests {
    use crate::{CacheMode, dserver::Client};

    #[tokio::test]
    async fn each_step_tells_what_it_found() {
        let mut server = mockito::Server::new_async().await;
        let mock = server.mock("GET", "/config/versions").match_header("authorization", mockito::Matcher::Missing);
        let mock =
            mock.with_status(404).with_header("date", "Sat, 21 Nov 2020 00:00:00 GMT").expect(2).create_async().await;
        let client = Client::builder().url(server.url()).token("t".to_owned()).cache(CacheMode::Off).build().unwrap();
        let probe = client.connection().probe("config/versions", true).await.unwrap();
        assert_eq!((probe.status.as_u16(), probe.addresses.len()), (404, 1));
        assert!(probe.connect.is_some() && probe.ahead.unwrap() < -100_000_000);
        mock.assert_async().await;
    }

    #[tokio::test]
    async fn the_step_that_failed_is_named() {
        let probe = async |url: &str| {
            let client = Client::builder().url(url).cache(CacheMode::Off).build().unwrap();
            client.connection().probe("", true).await.unwrap_err().to_string()
        };
        let text = probe("http://no-such-host.invalid").await;
        assert!(text.contains("no address is known for no-such-host.invalid"), "{text}");
        let text = probe("http://127.0.0.1:9").await;
        assert!(text.contains("nothing answers at 127.0.0.1, port 9"), "{text}");
    }
}
