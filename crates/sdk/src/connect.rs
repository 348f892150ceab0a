//! What all requests of one client have in common: the stack, and the quota that is the user's and not the client's.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, header};
use middleware::{
    Body, Call, Layers, Operation, Principal, Stack, Transport,
    layer::{Auth, Cache, Credentials, Deadline, Lifetime, Limit, Next, Quota, Refusal, Retry, Timeout, With},
};
use url::Url;

use crate::{Error, Kind, Result, Settings, error, place::InPlace, shared::shared, without_account};

/// What a service's module knows of its operations beyond their document.
pub(crate) struct Policies {
    /// Its rate limit: requests in a window of time.
    pub quota: Option<(u32, Duration)>,
    /// What may be sent twice although the server may have acted.
    pub repeatable: fn(&Operation) -> bool,
    /// How long answers are good.
    pub lifetime: fn(&Operation) -> Lifetime,
    /// The paths below which a write makes answers old.
    pub makes_old: fn(&Operation, &str) -> Vec<String>,
    /// How it refuses a credential, beside 401.
    pub refusal: Option<Refusal>,
}

/// A client's way to its service.
pub struct Connection {
    base_url: String,
    http: reqwest::Client,
    stack: Stack,
    /// For what lies elsewhere: presigned URLs. No credential, no quota, no cache.
    elsewhere: Stack,
    /// The same, for who sends again by itself.
    once: Stack,
    limit: Limit,
    retry: Retry,
    cache: Option<Cache>,
}

impl Connection {
    /// A base URL as it is used: absolute, without a slash at its end, a query or a password.
    pub(crate) fn base(url: &str) -> Result<Url> {
        let wrong = |why: &str| {
            Error::invalid(format!("{why}; give a URL such as https://example.org/api")).about(without_account(url))
        };
        let mut base = Url::parse(url.trim()).map_err(|e| wrong(&e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("it is no http(s) address"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Error::invalid("the URL holds a name or password; give the token apart from it"));
        }
        base.set_query(None);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(base)
    }

    /// `wire` may put between the stack and the transport what a service needs of its own.
    pub(crate) fn new<T: Next + Sync>(
        settings: &Settings,
        base: &Url,
        credentials: Option<Arc<dyn Credentials>>,
        policies: &Policies,
        wire: impl FnOnce(Transport) -> T,
    ) -> Result<Self> {
        let http = http_client(settings)?;
        let base_url = base.as_str().trim_end_matches('/').to_owned();
        let uri = base_url.parse().map_err(|_| Error::invalid("it is no URL that can be asked").about(&base_url))?;
        let principal = match &credentials {
            Some(credentials) => credentials.principal(),
            None => Some(Principal::anonymous()),
        };
        let shared = shared();
        let limit = shared.limit(settings, base.origin().ascii_serialization(), principal, policies.quota);
        let who = {
            let credentials = credentials.clone();
            move || credentials.as_ref().map_or(Some(Principal::anonymous()), |it| it.principal())
        };
        let cache =
            shared.store(&settings.cache).map(|store| Cache::new(store, who, policies.lifetime, policies.makes_old));
        let (deadline, timeout) = times(settings);
        let attempts = settings.attempts.max(1);
        let retry = Retry { attempts, repeatable: policies.repeatable, ..Retry::default() };
        let auth = |credentials| {
            let auth = Auth::new(credentials, &uri);
            match policies.refusal {
                Some(refusal) => auth.refused_also_by(refusal),
                None => auth,
            }
        };
        let layers = Layers {
            cache: cache.clone(),
            deadline,
            retry: retry.clone(),
            limit: Some(limit.clone()),
            auth: credentials.map(auth),
            timeout,
            ..Layers::default()
        };
        let stack = layers.over(With::new(InPlace, wire(Transport(http.clone()))));
        let elsewhere = |retry| {
            let layers = Layers { deadline, retry, timeout, ..Layers::default() };
            layers.over(Transport(http.clone()))
        };
        let once = elsewhere(Retry { attempts: 1, ..retry.clone() });
        let elsewhere = elsewhere(retry.clone());
        Ok(Self { base_url, http, stack, elsewhere, once, limit, retry, cache })
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// How many requests the quota has room for at this moment; `None` without a quota.
    pub fn requests_left(&self) -> Option<usize> {
        self.limit.quota().map(Quota::remaining)
    }

    /// How many answers came from the cache.
    pub fn cache_hits(&self) -> u64 {
        self.cache.as_ref().map_or(0, |cache| cache.stats().hits)
    }

    /// Forgets all answers that are kept. All clients of a process share what they keep in memory, and all that use a file
    /// what is in it, so it is gone for all of them.
    pub async fn clear_cache(&self) {
        if let Some(cache) = &self.cache {
            cache.clear().await;
        }
    }

    /// How many requests of this client were sent again.
    pub fn retries(&self) -> u64 {
        self.retry.count.load(Ordering::Relaxed)
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.http.clone()
    }

    pub(crate) fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Finds something in lists that may come from the cache, and looks again at the server if it is not in them.
    pub(crate) async fn or_fresh<T, Fut: Future<Output = Result<T>>>(&self, find: impl Fn() -> Fut) -> Result<T> {
        match find().await {
            Err(error) if error.is_not_found() => Call::new().refresh().scope(find()).await,
            found => found,
        }
    }

    /// A place elsewhere that the service points to; `place` may be relative to `from`.
    ///
    /// # Errors
    /// For one to which nothing may be sent: no URL, or one that gives up encryption.
    pub(crate) fn place(from: &Url, place: &str) -> Result<Url> {
        let nowhere = |_| Error::new(Kind::Unexpected, "the server points to a place that is no URL");
        let place = from.join(place).map_err(nowhere)?;
        if from.scheme() == "https" && place.scheme() != "https" {
            let message = "the server points from https to a place without encryption; nothing was sent there";
            return Err(Error::new(Kind::Unexpected, message));
        }
        Ok(place)
    }

    /// Asks a [place](Self::place) elsewhere, without showing it our token. Any answer is given as it is.
    pub(crate) async fn fetch(&self, place: &Url, headers: HeaderMap) -> Result<reqwest::Response> {
        /// What a presigned URL stands for; it names no operation of the service.
        const FETCH: Operation = Operation::new("fetch", Method::GET, "", "");
        let mut request = middleware::Request::new(Body::empty());
        let nowhere = |_| Error::new(Kind::Unexpected, "the server points to a place that can't be asked");
        *request.uri_mut() = place.as_str().parse().map_err(nowhere)?;
        *request.headers_mut() = headers;
        error::sent(&FETCH, self.elsewhere.send(request, FETCH)).await.map(Into::into)
    }

    /// Puts a content to a [place](Self::place) elsewhere once, without showing it our token. Any answer is given as it
    /// is.
    pub(crate) async fn put(&self, place: &Url, headers: HeaderMap, body: Body) -> Result<reqwest::Response> {
        const PUT: Operation = Operation::new("put", Method::PUT, "", "");
        let mut request = middleware::Request::new(body);
        let nowhere = |_| Error::new(Kind::Unexpected, "the server points to a place that can't be asked");
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = place.as_str().parse().map_err(nowhere)?;
        *request.headers_mut() = headers;
        error::sent(&PUT, self.once.send(request, PUT)).await.map(Into::into)
    }

    /// The way to places elsewhere for who sends again by itself: no credential, no quota, no cache, no retry.
    pub(crate) fn once(&self) -> &Stack {
        &self.once
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

fn times(settings: &Settings) -> (Deadline, Timeout) {
    let idle = Duration::from_secs(settings.idle_seconds.max(1));
    let deadline = Duration::from_secs(settings.deadline_seconds.max(1));
    (Deadline { default: Some(deadline) }, Timeout { headers: idle, idle })
}

/// The way to what belongs to a service and is not it: no credential, no quota, no cache. All may be sent again.
pub(crate) fn plain(settings: &Settings) -> Result<Stack> {
    let (deadline, timeout) = times(settings);
    let retry = Retry { attempts: settings.attempts.max(1), repeatable: |_| true, ..Retry::default() };
    Ok(Layers { deadline, retry, timeout, ..Layers::default() }.over(Transport(http_client(settings)?)))
}

/// A client of HTTP/1.1 alone, for what becomes another protocol: a WebSocket.
pub(crate) fn upgradable(settings: &Settings) -> Result<reqwest::Client> {
    made(http_builder(settings).http1_only())
}

fn http_client(settings: &Settings) -> Result<reqwest::Client> {
    made(http_builder(settings))
}

fn made(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|e| Error::new(Kind::Unexpected, format!("no HTTP client could be made: {e}")))
}

fn http_builder(settings: &Settings) -> reqwest::ClientBuilder {
    let mut headers = HeaderMap::new();
    let agent = concat!("whimbrel/", env!("CARGO_PKG_VERSION"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
    reqwest::Client::builder()
        .default_headers(headers)
        .connect_timeout(Duration::from_secs(settings.connect_seconds.max(1)))
        // Redirects are the caller's: the token must not follow them.
        .redirect(reqwest::redirect::Policy::none())
        // Ours counts attempts, and knows what may be repeated.
        .retry(reqwest::retry::never())
        .tls_danger_accept_invalid_certs(!settings.verify_tls)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::{TlsAcceptor, rustls};

    use super::*;
    use crate::CacheMode;

    /// A server whose certificate nobody has signed but itself; it counts the requests that it understands.
    async fn self_signed() -> (String, Arc<AtomicU32>) {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let count = Arc::new(AtomicU32::new(0));
        let counted = count.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                if stream.read(&mut [0; 4096]).await.is_ok_and(|n| n > 0) {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
                                   {\"token\":\"t\",\"username\":\"ada\"}";
                    let _ = stream.write_all(answer).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        (url, count)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_certificate_that_nobody_vouches_for_is_refused_unless_checks_are_off() {
        use crate::dserver::{Client, TokenGenerator};
        let (url, asked) = self_signed().await;
        let client = |verify: bool| {
            let settings = Settings { attempts: 1, cache: CacheMode::Off, ..Settings::default() };
            let builder = Client::builder().settings(settings).url(&url).token("t".to_owned());
            builder.verify_tls(verify).build().unwrap()
        };
        let generator = |verify: bool| {
            let generator = TokenGenerator::new(&format!("{url}/token")).unwrap().username("ada").password("p");
            generator.settings(&Settings { attempts: 1, ..Settings::default() }).verify_tls(verify)
        };
        let refused = client(true).me().await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable, "{refused}");
        assert!(generator(true).secret().await.is_err());
        assert_eq!(asked.load(Ordering::SeqCst), 0, "neither token nor password was sent");
        assert_eq!(client(false).me().await.unwrap().username, "ada");
        assert!(generator(false).secret().await.is_ok());
        assert!(Settings::default().verify_tls);
    }

    #[test]
    fn a_base_url_is_made_plain_or_refused() {
        let base = |url: &str| Connection::base(url).map(|url| url.as_str().trim_end_matches('/').to_owned());
        assert_eq!(base("https://h/coscine/").unwrap(), "https://h/coscine");
        assert_eq!(base(" http://127.0.0.1:1 ").unwrap(), "http://127.0.0.1:1");
        for wrong in ["h/coscine", "ftp://h", "", "https://"] {
            assert_eq!(base(wrong).unwrap_err().kind(), Kind::Invalid, "{wrong:?}");
        }
        for url in ["https://me:s3cret@h/", "https://me:s3cret@h:99999", "me:s3cret@h", "https://me:s3cret/x@h:x"] {
            let secret = base(url).unwrap_err();
            assert!(!format!("{secret} {secret:?}").contains("s3cret"), "{secret}");
        }
    }
}
