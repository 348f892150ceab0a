use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header, uri::Scheme};
use secrecy::{ExposeSecret as _, SecretString};
use tower::ServiceExt as _;

use super::{Around, Next, again, attempt::gather};
use crate::{Error, Principal, Request, Response, Result};

/// What proves who calls: a header that no `Debug` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    header: HeaderName,
    value: HeaderValue,
}

impl Credential {
    /// `Authorization: Bearer <token>` (RFC 6750).
    ///
    /// # Errors
    /// A token with characters that no token has: a blank, as in one that is given with its `Bearer`; a line break.
    pub fn bearer(token: &SecretString) -> Result<Self> {
        let wrong = || Error::auth("the token holds characters that no token has");
        let token = token.expose_secret().trim();
        if token.contains(char::is_whitespace) {
            return Err(wrong());
        }
        // The cause is dropped: it might show what it complains of.
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| wrong())?;
        value.set_sensitive(true);
        Ok(Self { header: header::AUTHORIZATION, value })
    }

    /// `Authorization: <value>`, without a scheme: for services that know none.
    ///
    /// # Errors
    /// A value with characters that no header can hold.
    pub fn verbatim(value: &SecretString) -> Result<Self> {
        // The cause is dropped: it might show what it complains of.
        let value = HeaderValue::try_from(value.expose_secret());
        let mut value = value.map_err(|_| Error::auth("the credential holds characters that none has"))?;
        value.set_sensitive(true);
        Ok(Self { header: header::AUTHORIZATION, value })
    }

    fn put_into(&self, request: &mut Request) {
        request.headers_mut().insert(self.header.clone(), self.value.clone());
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}: ..)", self.header)
    }
}

/// Where credentials come from: a token, a keyring, a token endpoint.
pub trait Credentials: Send + Sync + 'static {
    /// The credential for the next attempt. One that is about to expire may be renewed here; if that fails, the old one
    /// is good until it expires.
    fn get(&self) -> BoxFuture<'_, Result<Credential>>;

    /// Another credential in place of `refused`, which the server did not take. `None` if there is no other. Never called
    /// twice at once for one stack.
    fn refresh<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, Result<Option<Credential>>> {
        let _ = refused;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Whose credential it is, without asking anybody. `None` if that is not known: then nothing is cached.
    fn principal(&self) -> Option<Principal>;
}

/// One bearer token, as it was given.
#[derive(Clone)]
pub struct BearerToken {
    credential: Credential,
    principal: Principal,
    subject: Option<String>,
    issued: Option<SystemTime>,
    expires: Option<SystemTime>,
}

impl BearerToken {
    /// The token is not verified; if it is a JWT, its claims `iss`, `sub`, `iat` and `exp` are read.
    ///
    /// # Errors
    /// A token with characters that no header can hold.
    pub fn new(token: SecretString) -> Result<Self> {
        let credential = Credential::bearer(&token)?;
        let claims = claims(token.expose_secret());
        let text = |name: &str| claims.get(name).and_then(|claim| claim.as_str());
        let principal = match text("sub") {
            Some(subject) => Principal::new(&format!("{} {subject}", text("iss").unwrap_or_default())),
            None => Principal::new(blake3::hash(token.expose_secret().as_bytes()).to_hex().as_str()),
        };
        let time = |name: &str| {
            let seconds = claims.get(name).and_then(serde_json::Value::as_f64)?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
        };
        let subject = text("sub").map(str::to_owned);
        Ok(Self { credential, principal, subject, issued: time("iat"), expires: time("exp") })
    }

    /// Whose it is, if it says so; not verified.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// When it was made by the clock of who made it, if it says so.
    pub fn issued(&self) -> Option<SystemTime> {
        self.issued
    }

    /// When it expires by that clock, if it says so.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// What is sent.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }
}

/// The claims of a JWT (RFC 7519), unverified; none of anything else.
fn claims(token: &str) -> serde_json::Map<String, serde_json::Value> {
    let payload = token.trim().split('.').nth(1).and_then(|payload| BASE64_URL_SAFE_NO_PAD.decode(payload).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}

impl Credentials for BearerToken {
    fn get(&self) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(std::future::ready(Ok(self.credential.clone())))
    }

    fn principal(&self) -> Option<Principal> {
        Some(self.principal.clone())
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// An answer other than 401 by which a service says that it does not take a credential.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// The status. Answers of another are not looked at.
    pub status: StatusCode,
    /// Whether an answer of that status is one, by its content. Larger ones than 16 KiB are none.
    pub says: fn(&[u8]) -> bool,
}

impl Refusal {
    const LIMIT: usize = 16 << 10;

    /// Looks at an answer of the status in question; it is whole afterwards.
    async fn is(self, answer: Response) -> Result<(Response, bool)> {
        let (parts, body) = answer.into_parts();
        let body = gather(body, Self::LIMIT).await?;
        let refused = body.as_bytes().is_some_and(|content| (self.says)(content));
        Ok((Response::from_parts(parts, body), refused))
    }
}

/// Adds a fresh credential to each attempt at one origin; nowhere else. A 401, and whatever else is a [`Refusal`], leads
/// to one refresh for all that wait, and to one replay.
#[derive(Clone)]
pub struct Auth {
    credentials: Arc<dyn Credentials>,
    origin: Arc<Origin>,
    refusal: Option<Refusal>,
    refreshing: Arc<tokio::sync::Mutex<()>>,
}

/// Scheme, host and port, which together a credential belongs to.
struct Origin(Uri);

impl Origin {
    fn is_of(&self, uri: &Uri) -> bool {
        let same_host = match (self.0.host(), uri.host()) {
            (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (ours, theirs) => ours == theirs,
        };
        self.0.scheme() == uri.scheme() && same_host && Self::port(&self.0) == Self::port(uri)
    }

    fn port(uri: &Uri) -> Option<u16> {
        uri.port_u16().or(match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => Some(80),
            Some(scheme) if *scheme == Scheme::HTTPS => Some(443),
            _ => None,
        })
    }
}

impl Auth {
    /// Credentials that belong to the origin (scheme, host, port) of `base`.
    pub fn new(credentials: Arc<dyn Credentials>, base: &Uri) -> Self {
        Self { credentials, origin: Arc::new(Origin(base.clone())), refusal: None, refreshing: Arc::default() }
    }

    /// The same for a service that has another answer than 401 for credentials that it does not take.
    #[must_use]
    pub fn refused_also_by(self, refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..self }
    }

    /// A credential other than the refused one, which all who were refused at once get from one refresh.
    async fn renew(&self, refused: &Credential) -> Result<Option<Credential>> {
        let _turn = self.refreshing.lock().await;
        match self.credentials.get().await? {
            // Somebody before us in the queue has done it.
            current if current != *refused => Ok(Some(current)),
            _ => self.credentials.refresh(refused).await,
        }
    }

    /// What an answer that may be a refusal leads to.
    async fn replay<S: Next>(self, next: S, mut request: Request, refused: Credential, answer: Response) -> Result {
        let (answer, is_refused) = match self.refusal {
            Some(refusal) if answer.status() != StatusCode::UNAUTHORIZED => refusal.is(answer).await?,
            _ => (answer, true),
        };
        if !is_refused {
            return Ok(answer);
        }
        // Why there is no other is more than the refusal tells.
        let Some(renewed) = self.renew(&refused).await? else { return Ok(answer) };
        renewed.put_into(&mut request);
        next.oneshot(request).await
    }
}

impl Around for Auth {
    fn around<S: Next>(self, next: S, mut request: Request) -> impl Future<Output = Result> + Send {
        async move {
            if !self.origin.is_of(request.uri()) {
                request.headers_mut().remove(header::AUTHORIZATION);
                return next.oneshot(request).await;
            }
            let credential = self.credentials.get().await?;
            let replay = again(&request);
            credential.put_into(&mut request);
            let answer = next.clone().oneshot(request).await?;
            let status = answer.status();
            let is_suspect = status == StatusCode::UNAUTHORIZED || self.refusal.is_some_and(|it| it.status == status);
            match replay {
                Some(request) if is_suspect => Box::pin(self.replay(next, request, credential, answer)).await,
                _ => Ok(answer),
            }
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tower::Layer as _;

    use super::*;
    use crate::{Body, Response, layer::testing};

    /// Tokens `t0`, `t1`, ...: each refresh gives the next.
    #[derive(Default)]
    struct Renewing {
        refreshes: AtomicU32,
        fails: bool,
    }

    fn token(n: u32) -> Credential {
        Credential::bearer(&format!("t{n}").into()).unwrap()
    }

    impl Credentials for Renewing {
        fn get(&self) -> BoxFuture<'_, Result<Credential>> {
            Box::pin(std::future::ready(Ok(token(self.refreshes.load(Ordering::SeqCst)))))
        }

        fn refresh<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<Option<Credential>>> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if self.fails {
                    return Err(Error::auth("the keyring is locked"));
                }
                Ok(Some(token(self.refreshes.fetch_add(1, Ordering::SeqCst) + 1)))
            })
        }

        fn principal(&self) -> Option<Principal> {
            None
        }
    }

    /// A server that knows the tokens from `valid` on, and counts.
    fn server(valid: u32) -> (impl Next + Sync, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let count = calls.clone();
        let service = testing::service(move |request: Request| {
            let count = count.clone();
            async move {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                let mut answer = Response::new(Body::empty());
                let given = request.headers().get("authorization").and_then(|it| it.to_str().ok());
                let known =
                    given.and_then(|it| it.strip_prefix("Bearer t")?.parse().ok()).is_some_and(|n: u32| n >= valid);
                if !known {
                    *answer.status_mut() = StatusCode::UNAUTHORIZED;
                }
                Ok(answer)
            }
        });
        (service, calls)
    }

    fn auth(credentials: &Arc<Renewing>) -> Auth {
        Auth::new(credentials.clone(), &Uri::from_static("https://api.example/base"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_refusals_are_one_refresh() {
        let credentials = Arc::new(Renewing::default());
        let (service, calls) = server(1);
        let service = auth(&credentials).layer(service);
        let all = (0..100).map(|_| service.clone().oneshot(testing::get("https://api.example/a")));
        for answer in futures::future::join_all(all).await {
            assert_eq!(answer.unwrap().status(), StatusCode::OK);
        }
        assert_eq!(credentials.refreshes.load(Ordering::SeqCst), 1);
        assert_eq!(calls.load(Ordering::SeqCst), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_who_refreshes_may_go_away() {
        let credentials = Arc::new(Renewing::default());
        let (service, _) = server(1);
        let service = auth(&credentials).layer(service);
        let leader = service.clone().oneshot(testing::get("https://api.example/a"));
        let follower = service.oneshot(testing::get("https://api.example/a"));
        let leader = tokio::time::timeout(Duration::from_millis(50), leader);
        let (leader, follower) = tokio::join!(leader, follower);
        assert!(leader.is_err());
        assert_eq!(follower.unwrap().status(), StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_refusal_is_the_answer() {
        let credentials = Arc::new(Renewing::default());
        let (service, calls) = server(9);
        let answer = auth(&credentials).layer(service).oneshot(testing::get("https://api.example/a")).await.unwrap();
        assert_eq!((answer.status(), calls.load(Ordering::SeqCst)), (StatusCode::UNAUTHORIZED, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refresh_that_fails_says_why() {
        let credentials = Arc::new(Renewing { fails: true, ..Renewing::default() });
        let (service, calls) = server(1);
        let failed =
            auth(&credentials).layer(service).oneshot(testing::get("https://api.example/a")).await.unwrap_err();
        assert_eq!((failed.kind(), calls.load(Ordering::SeqCst)), (crate::Kind::Auth, 1));
        assert!(format!("{failed:?}").contains("the keyring is locked"));
    }

    /// A server that answers 422 in its own way to tokens before `t1`, in as many pieces as a proxy may make of it.
    fn strict(refuses: &'static str) -> (impl Next + Sync, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let count = calls.clone();
        let service = testing::service(move |request: Request| {
            count.fetch_add(1, Ordering::SeqCst);
            let mut answer = Response::new(Body::empty());
            if request.headers()["authorization"] == "Bearer t0" {
                *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                let pieces = refuses.as_bytes().chunks(4).map(|it| Ok::<_, Error>(bytes::Bytes::from_static(it)));
                let pieces: Vec<_> = pieces.collect();
                *answer.body_mut() = reqwest::Body::wrap_stream(futures::stream::iter(pieces)).into();
            }
            std::future::ready(Ok(answer))
        });
        (service, calls)
    }

    const REFUSAL: Refusal =
        Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, says: |content| content.starts_with(b"bad token") };

    #[tokio::test(start_paused = true)]
    async fn a_service_may_refuse_in_another_way() {
        let credentials = Arc::new(Renewing::default());
        let (service, calls) = strict("bad token: not enough segments");
        let auth = auth(&credentials).refused_also_by(REFUSAL);
        let answer = auth.layer(service).oneshot(testing::get("https://api.example/a")).await.unwrap();
        assert_eq!((answer.status(), calls.load(Ordering::SeqCst)), (StatusCode::OK, 2));
        assert_eq!(credentials.refreshes.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_shares_the_status_of_a_refusal_is_left_whole() {
        let large: &'static str = Box::leak(format!("{{\"errors\":\"{}\"}}", "x".repeat(3 * Refusal::LIMIT)).into());
        let large_refusal: &'static str = Box::leak(format!("bad token{large}").into());
        for content in ["{\"code\":422}", "", large, large_refusal] {
            let credentials = Arc::new(Renewing::default());
            let (service, calls) = strict(content);
            let auth = auth(&credentials).refused_also_by(REFUSAL);
            let answer = auth.layer(service).oneshot(testing::get("https://api.example/a")).await.unwrap();
            assert_eq!((answer.status(), calls.load(Ordering::SeqCst)), (StatusCode::UNPROCESSABLE_ENTITY, 1));
            assert_eq!(answer.into_body().collect(1 << 20).await.unwrap(), content);
        }
        // And who has said nothing of 422 is not asked.
        let (service, calls) = strict("bad token");
        auth(&Arc::default()).layer(service).oneshot(testing::get("https://api.example/a")).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn no_other_origin_sees_a_credential() {
        let seen = testing::service(|request: Request| {
            let mut answer = Response::new(Body::empty());
            *answer.headers_mut() = request.headers().clone();
            std::future::ready(Ok(answer))
        });
        let service = auth(&Arc::default()).layer(seen);
        for (uri, given) in [
            ("https://api.example/x", true),
            ("https://API.example:443/x", true),
            ("http://api.example/x", false),
            ("https://api.example:8443/x", false),
            ("https://api.example.evil/x", false),
            ("https://evil/api.example", false),
        ] {
            let mut request = testing::get(uri);
            request.headers_mut().insert("authorization", "Bearer smuggled".parse().unwrap());
            let answer = service.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.headers().contains_key("authorization"), given, "{uri}");
        }
    }

    #[test]
    fn the_principal_is_the_subject_and_no_token() {
        let jwt = |sub: &str, signature: &str| {
            let claims = format!(r#"{{"sub":"{sub}","iss":"i","iat":1699999100,"exp":1700000000}}"#);
            let payload = BASE64_URL_SAFE_NO_PAD.encode(claims);
            BearerToken::new(format!("e30.{payload}.{signature}").into()).unwrap()
        };
        assert_eq!(jwt("a", "1").principal, jwt("a", "2").principal, "a token that was renewed is the same user's");
        assert_ne!(jwt("a", "1").principal, jwt("b", "1").principal);
        assert_eq!(jwt("a", "1").expires().unwrap(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        assert_eq!(jwt("a", "1").issued().unwrap(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_699_999_100));
        assert_eq!(jwt("a", "1").subject(), Some("a"));
        let plain = |token: &str| BearerToken::new(token.to_owned().into()).unwrap();
        assert_ne!(plain("x").principal, plain("y").principal);
        for shown in [format!("{:?}", plain("s3cret")), format!("{:?}", plain("s3cret").credential)] {
            assert!(!shown.contains("s3cret"), "{shown}");
        }
        for bad in ["bad\ntoken", "Bearer bad", "bad \u{e9}"] {
            assert!(!format!("{:?}", BearerToken::new(bad.to_owned().into()).unwrap_err()).contains("bad"));
        }
    }
}
