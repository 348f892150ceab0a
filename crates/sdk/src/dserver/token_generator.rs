//! Where tokens of a dserver come from: something beside it that gives one for a username and a password, or for the
//! token before.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, Method, StatusCode, header};
use middleware::{
    Body, Call, Operation, Principal, Stack,
    layer::{BearerToken, Credential, Credentials},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use crate::{Error, Kind, Result, Settings, connect, error};

/// A username and its password.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// What somebody is asked who can tell an [`Account`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The generator that the password is for: scheme, host and path.
    pub generator: String,
    /// The username, where it is known; then only the password is asked for.
    pub username: Option<String>,
}

type Ask = Arc<dyn Fn(Question) -> BoxFuture<'static, Result<Account>> + Send + Sync>;

/// Gives tokens to a [`Client`](super::Client) by its credentials: the first when it is needed, another shortly before one
/// expires, or when the server refuses one. All tasks that wait for one share one request; while one is renewed in time,
/// the old one is used.
///
/// It understands what takes `POST {"username","password"}` and answers `{"token"}`: the classic generator, whose address
/// often ends in `/token`, and the LDAP plugin's `/auth/ldap/token`. Where the address is that of the OAuth2 plugin, whose
/// tokens begin in a browser, a token at hand is renewed by `POST /auth/refresh` before it expires.
///
/// The password goes to the generator's address and nowhere else, not along a redirect either. No error holds it, or a
/// token.
///
/// ```
/// use whimbrel::dserver::{Client, TokenGenerator};
///
/// # fn main() -> whimbrel::Result<()> {
/// let generator = TokenGenerator::new("https://tokens.example.org/token")?.username("ada").password("...");
/// let dserver = Client::builder().url("https://dserver.example.org").credentials(generator).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct TokenGenerator {
    place: Place,
    username: Option<String>,
    password: Option<SecretString>,
    ask: Option<Ask>,
    keeps: bool,
    settings: Settings,
    shared: Arc<Shared>,
}

/// Which addresses there are.
#[derive(Clone)]
struct Place {
    /// Takes username and password; none where there is only a token to be renewed.
    token: Option<Url>,
    /// Takes a token and gives a fresh one.
    refresh: Option<Url>,
}

/// What all clones have in common.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Held by who asks the generator.
    turn: tokio::sync::Mutex<()>,
    stack: Mutex<Option<Stack>>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// What was asked for and is kept.
    account: Option<Account>,
    /// How often the generator was asked; who has waited for one of these shares what came of it.
    asked: u64,
    failure: Option<middleware::Error>,
    /// The server has no way to renew.
    cannot_renew: bool,
    /// Until when a refusal of the token at hand is the answer: it came in place of one that was refused, too.
    is_final: Option<Instant>,
}

/// A token and its times by our own clock, which does not go back.
#[derive(Clone)]
struct Held {
    token: BearerToken,
    secret: SecretString,
    /// When another one is wanted; never, of one that does not expire.
    renew: Option<Instant>,
    /// Until when it is good.
    good: Option<Instant>,
    /// Whether it is the generator's, which alone may see it.
    is_own: bool,
}

/// A token is renewed so long before it expires, or a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_secs(60);

/// After a renewal that failed; until then the old one is used.
const PAUSE: Duration = Duration::from_secs(10);

/// After a token that came in place of a refused one; until then its own refusal leads to no other. Who is refused by it is
/// refused for what the user is, and each further token would be one more password on the way for nothing.
const REST: Duration = Duration::from_secs(60);

/// By how much clocks may differ: the server is asked with a token that is over by ours by less than this.
const SKEW: Duration = Duration::from_secs(300);

/// More than any answer of a generator.
const LIMIT: usize = 64 << 10;

impl Held {
    /// A token that came `now`. Its life is told by its own times if it has both, so that our clock's error does not count.
    fn fresh(token: BearerToken, secret: SecretString, now: Instant) -> Self {
        let life = match (token.issued(), token.expires()) {
            (Some(issued), Some(expires)) => expires.duration_since(issued).ok(),
            (None, Some(expires)) => Some(expires.duration_since(SystemTime::now()).unwrap_or_default()),
            (_, None) => None,
        };
        let at = |left: Duration| now.checked_add(left);
        let renew = life.and_then(|life| at(life - MARGIN.min(life / 10)));
        Self { token, secret, renew, good: life.and_then(at), is_own: true }
    }

    /// A token that is from before: only our clock can tell what is left of it.
    fn old(token: BearerToken, secret: SecretString, is_own: bool, now: Instant) -> Self {
        let Some(expires) = token.expires() else { return Self { token, secret, renew: None, good: None, is_own } };
        let life = token.issued().and_then(|issued| expires.duration_since(issued).ok()).unwrap_or(MARGIN * 10);
        let left = expires.duration_since(SystemTime::now()).unwrap_or_default();
        let over = SystemTime::now().duration_since(expires).unwrap_or_default();
        let renew = now.checked_add(left.saturating_sub(MARGIN.min(life / 10)));
        let good = if over < SKEW { now.checked_add(left + (SKEW - over)) } else { Some(now) };
        Self { token, secret, renew, good, is_own }
    }

    fn is_fresh(&self, now: Instant) -> bool {
        self.renew.is_none_or(|at| now < at)
    }

    fn is_good(&self, now: Instant) -> bool {
        self.good.is_none_or(|at| now < at)
    }
}

impl TokenGenerator {
    /// The generator at `url`, which is asked as it is written.
    ///
    /// # Errors
    /// A URL that can't be one, or holds a password.
    pub fn new(url: &str) -> Result<Self> {
        let token = address(url)?;
        Ok(Self::at(Place { refresh: beside(&token, "refresh"), token: Some(token) }))
    }

    /// No generator, but a token, and the base URL of the server that it is for: if that has the OAuth2 plugin, the token is
    /// renewed before it expires.
    ///
    /// # Errors
    /// A URL or a token that can't be one.
    pub fn renewing(token: impl Into<SecretString>, server: &str) -> Result<Self> {
        let base = connect::Connection::base(server)?;
        let below = || {
            let mut url = base.clone();
            url.path_segments_mut().ok()?.pop_if_empty().extend(["auth", "refresh"]);
            Some(url)
        };
        Self::at(Place { token: None, refresh: below() }).own_token(token)
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            username: None,
            password: None,
            ask: None,
            keeps: true,
            settings: Settings::default(),
            shared: Arc::default(),
        }
    }

    /// Whose token it is to give.
    #[must_use]
    pub fn username(self, username: impl Into<String>) -> Self {
        Self { username: Some(username.into()), ..self }
    }

    /// The password of that user.
    #[must_use]
    pub fn password(self, password: impl Into<SecretString>) -> Self {
        Self { password: Some(password.into()), ..self }
    }

    /// A token to begin with, wherever it is from: the generator is not shown it.
    ///
    /// # Errors
    /// A token with characters that no header can hold.
    pub fn token(self, token: impl Into<SecretString>) -> Result<Self> {
        self.begin(token.into(), false)
    }

    /// A token to begin with that this generator gave, or that is of the same service: the generator may be shown it, to
    /// renew it.
    ///
    /// # Errors
    /// A token with characters that no header can hold.
    pub fn own_token(self, token: impl Into<SecretString>) -> Result<Self> {
        self.begin(token.into(), true)
    }

    fn begin(self, secret: SecretString, is_own: bool) -> Result<Self> {
        let token = BearerToken::new(secret.clone())
            .map_err(|_| Error::invalid("the token holds characters that no token has; is it whole?"))?;
        self.state().held = Some(Held::old(token, secret, is_own, Instant::now()));
        Ok(self)
    }

    /// Somebody who is asked for what is not known, when it is needed: a user at a terminal. Without, it is an error that
    /// names what is missing.
    #[must_use]
    pub fn ask<Fut>(self, ask: impl Fn(Question) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Result<Account>> + Send + 'static,
    {
        Self { ask: Some(Arc::new(move |question| Box::pin(ask(question)))), ..self }
    }

    /// Whether anybody may be asked; by default whoever [`TokenGenerator::ask`] names.
    #[must_use]
    pub fn interactive(self, interactive: bool) -> Self {
        let ask = self.ask.filter(|_| interactive);
        Self { ask, ..self }
    }

    /// Whether what was answered is kept in memory for the next token; by default it is.
    #[must_use]
    pub fn cache(self, cache: bool) -> Self {
        Self { keeps: cache, ..self }
    }

    /// How the generator is reached: times, attempts, TLS. By default as any client.
    #[must_use]
    pub fn settings(self, settings: &Settings) -> Self {
        Self { settings: settings.clone(), ..self }
    }

    /// Whether certificates are checked.
    #[must_use]
    pub fn verify_tls(mut self, verify: bool) -> Self {
        self.settings.verify_tls = verify;
        self
    }

    /// The token that is in use, if there is one yet: whose it is and when it expires.
    pub fn current(&self) -> Option<BearerToken> {
        self.state().held.as_ref().map(|held| held.token.clone())
    }

    /// The token that is in use, or one that is asked for now.
    ///
    /// # Errors
    /// A wrong password, a generator that can't be reached or is none, nobody to ask.
    pub async fn secret(&self) -> Result<SecretString> {
        self.held().await.map(|held| held.secret).map_err(|error| Error::from_credentials(&error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that is good: the one at hand, or another.
    async fn held(&self) -> middleware::Result<Held> {
        let (held, asked) = {
            let state = self.state();
            (state.held.clone(), state.asked)
        };
        let now = Instant::now();
        let good = held.clone().filter(|held| held.is_good(now));
        if let Some(held) = good.clone().filter(|held| held.is_fresh(now)) {
            return Ok(held);
        }
        let turn = match (self.shared.turn.try_lock(), &good) {
            (Ok(turn), _) => turn,
            // Somebody is at it; nobody else needs to wait.
            (Err(_), Some(good)) => return Ok(good.clone()),
            (Err(_), None) => self.shared.turn.lock().await,
        };
        if let Some(shared) = self.since(asked) {
            return shared;
        }
        let renewed = self.another(held.as_ref().filter(|held| held.is_good(now))).await;
        drop(turn);
        match (renewed, good) {
            (Ok(Some(held)), _) => Ok(held),
            (Ok(None), Some(good)) => Ok(self.keep(good)),
            // There is nothing better, so the server is to judge it, by its own clock.
            (Ok(None), None) => match held {
                Some(held) => Ok(self.keep(held)),
                None => Err(self.ended(self.nothing())),
            },
            (Err(error), Some(good)) => {
                tracing::warn!(%error, "the token could not be renewed; the old one is used while it is good");
                Ok(self.keep(good))
            }
            (Err(error), None) => Err(error),
        }
    }

    /// What came of it, if the generator has answered since it was asked the `asked`th time.
    fn since(&self, asked: u64) -> Option<middleware::Result<Held>> {
        let state = self.state();
        if state.asked == asked {
            return None;
        }
        match (&state.failure, &state.held) {
            (Some(failure), _) => Some(Err(failure.clone())),
            (None, Some(held)) => Some(Ok(held.clone())),
            (None, None) => None,
        }
    }

    /// A token that is used on, although it is time for another.
    fn keep(&self, held: Held) -> Held {
        let mut state = self.state();
        if let Some(now) = &mut state.held {
            now.renew = now.renew.map(|_| Instant::now() + PAUSE);
        }
        held
    }

    fn ended(&self, failure: Error) -> middleware::Error {
        let error = middleware::Error::auth(failure);
        let mut state = self.state();
        state.asked += 1;
        state.failure = Some(error.clone());
        error
    }

    /// Asks for another token: by the one at hand, where that is known to be possible, or by username and password. `None`
    /// where neither is.
    async fn another(&self, at_hand: Option<&Held>) -> middleware::Result<Option<Held>> {
        if let Some(held) = at_hand
            && let Some(renewed) = self.renewed(held).await
        {
            return Ok(Some(self.took(renewed)));
        }
        let Some(url) = &self.place.token else { return Ok(None) };
        // Nobody is bothered while the token at hand still does.
        if at_hand.is_some() && self.known().is_none() {
            return Ok(None);
        }
        match self.by_password(url).await {
            Ok(held) => Ok(Some(self.took(held))),
            Err(error) => Err(self.ended(error)),
        }
    }

    fn took(&self, held: Held) -> Held {
        let mut state = self.state();
        state.asked += 1;
        state.failure = None;
        state.held = Some(held.clone());
        held
    }

    async fn renewed(&self, held: &Held) -> Option<Held> {
        const REFRESH: Operation = Operation::new("refresh_token", Method::POST, "/auth/refresh", "auth");
        let url = self.place.refresh.as_ref().filter(|_| held.is_own && !self.state().cannot_renew)?;
        let answer = self.post(&REFRESH, url, &json!({ "token": held.secret.expose_secret() })).await;
        match answer {
            Ok((StatusCode::OK, answer)) => Self::read(&answer),
            Ok((status, _)) => {
                self.state().cannot_renew = matches!(status.as_u16(), 404 | 405 | 501);
                None
            }
            Err(error) => {
                tracing::debug!(%error, "the token could not be renewed by itself");
                None
            }
        }
    }

    /// Username and password, as far as they are known without asking anybody.
    fn known(&self) -> Option<Account> {
        let known = self.username.clone().zip(self.password.clone());
        let known = known.map(|(username, password)| Account { username, password });
        known.or_else(|| self.state().account.clone())
    }

    async fn by_password(&self, url: &Url) -> Result<Held> {
        const GENERATE: Operation = Operation::new("generate_token", Method::POST, "/token", "auth");
        let account = match (self.known(), &self.ask) {
            (Some(account), _) => account,
            (None, Some(ask)) => ask(Question { generator: shown(url), username: self.username.clone() }).await?,
            (None, None) => return Err(self.nothing()),
        };
        let password = account.password.expose_secret();
        let body = json!({ "username": account.username, "password": password });
        let (status, answer) = self.post(&GENERATE, url, &body).await?;
        if status == StatusCode::OK || status == StatusCode::CREATED {
            let held = Self::read(&answer).ok_or_else(|| no_token(&answer, url))?;
            if self.keeps {
                self.state().account = Some(account);
            }
            return Ok(held);
        }
        // What was wrong is not to be used again.
        self.state().account = None;
        Err(refused(status, &answer, url, &account))
    }

    fn read(answer: &[u8]) -> Option<Held> {
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let secret = SecretString::from(answer.get("token")?.as_str().filter(|token| !token.is_empty())?);
        let token = BearerToken::new(secret.clone()).ok()?;
        Some(Held::fresh(token, secret, Instant::now()))
    }

    fn nothing(&self) -> Error {
        let missing = match (&self.username, &self.password) {
            (None, _) => "no username: set DSERVER_USERNAME and DSERVER_PASSWORD, or a token in DSERVER_TOKEN",
            (Some(_), None) => "no password: set DSERVER_PASSWORD, or a token in DSERVER_TOKEN",
            (Some(_), Some(_)) => "no token",
        };
        let error = match self.current() {
            Some(_) => Error::new(Kind::Unauthenticated, format!("the token has expired, and there is {missing}")),
            None => Error::new(Kind::Unauthenticated, format!("there is {missing}")),
        };
        match &self.place.token {
            Some(url) => error.about(format!("the token generator {}", shown(url))),
            None => error,
        }
    }

    async fn post(&self, operation: &Operation, url: &Url, body: &Value) -> Result<(StatusCode, Bytes)> {
        let about = || format!("the token generator {}", shown(url));
        let mut request = middleware::Request::new(Body::from(Bytes::from(body.to_string())));
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| Error::invalid("it is no URL that can be asked").about(about()))?;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json.clone());
        request.headers_mut().insert(header::ACCEPT, json);
        let work = async {
            let answer = self.stack()?.send(request, operation.clone()).await;
            let (parts, body) = answer.map_err(|error| Error::from_stack(&error))?.into_parts();
            let body = body.collect(LIMIT).await.map_err(|error| Error::from_stack(&error))?;
            Ok((parts.status, body))
        };
        // Its own: it is no attempt of the call that it is made for.
        Call::new().scope(Box::pin(work)).await.map_err(|error: Error| error.about(about()))
    }

    /// Made when it is first used: most commands never ask the generator.
    fn stack(&self) -> Result<Stack> {
        let mut stack = self.shared.stack.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = &*stack {
            return Ok(stack.clone());
        }
        let made = connect::plain(&self.settings)?;
        Ok(stack.insert(made).clone())
    }
}

impl Credentials for TokenGenerator {
    fn get(&self) -> BoxFuture<'_, middleware::Result<Credential>> {
        Box::pin(async { Ok(self.held().await?.token.credential().clone()) })
    }

    fn refresh<'a>(&'a self, refused: &'a Credential) -> BoxFuture<'a, middleware::Result<Option<Credential>>> {
        Box::pin(async move {
            let asked = self.state().asked;
            let _turn = self.shared.turn.lock().await;
            // Another client of the same generator may have had the same refusal before.
            let current = self.current().map(|token| token.credential().clone());
            if let Some(current) = current.filter(|current| current != refused) {
                return Ok(Some(current));
            }
            if let Some(Err(failure)) = self.since(asked) {
                return Err(failure);
            }
            if self.state().is_final.is_some_and(|until| Instant::now() < until) {
                return Ok(None);
            }
            // One that is refused can't be renewed by itself.
            if self.place.token.is_none() || (self.known().is_none() && self.ask.is_none()) {
                return Ok(None);
            }
            let another = self.another(None).await?;
            self.state().is_final = another.as_ref().and_then(|_| Instant::now().checked_add(REST));
            Ok(another.map(|held| held.token.credential().clone()))
        })
    }

    /// By the username where one is known, so that it is the same before the first token and after.
    fn principal(&self) -> Option<Principal> {
        if let (Some(url), Some(username)) = (&self.place.token, &self.username) {
            return Some(Principal::new(&format!("{} {username}", shown(url))));
        }
        self.current().and_then(|token| token.principal())
    }
}

impl fmt::Debug for TokenGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenGenerator")
            .field("url", &self.place.token.as_ref().map(shown))
            .field("username", &self.username)
            .field("expires", &self.current().and_then(|token| token.expires()))
            .finish_non_exhaustive()
    }
}

/// An address as it is written, without a fragment.
fn address(url: &str) -> Result<Url> {
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
fn beside(token: &Url, route: &str) -> Option<Url> {
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
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// An answer that is a success and gives nothing.
fn no_token(answer: &[u8], url: &Url) -> Error {
    let what = match std::str::from_utf8(answer).map(str::trim_start) {
        Ok(text) if text.starts_with('<') => "it answered with a page of HTML and no token",
        Ok(text) if text.starts_with('{') => "its answer holds no \"token\"",
        _ => "its answer is no JSON that holds a token",
    };
    Error::new(Kind::Unexpected, format!("{what}; is this the address of a token generator?"))
        .about(format!("the token generator {}", shown(url)))
}

fn refused(status: StatusCode, answer: &[u8], url: &Url, account: &Account) -> Error {
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

#[cfg(test)]
mod tests;
