//! Where tokens of a dserver come from: something beside it that gives one for a username and a password, or for the
//! token before.

mod answer;
mod exchange;
mod held;
mod place;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{Method, StatusCode};
use middleware::{
    Operation, Principal,
    layer::{BearerToken, Credential, Credentials},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use self::{
    exchange::Exchange,
    held::Held,
    place::{Place, address, beside, shown},
};
use crate::{Error, Kind, Result, Settings, builder::malformed_token, connect};

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

/// What all clones have in common.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Held by who asks the generator.
    turn: tokio::sync::Mutex<()>,
    exchange: Exchange,
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

/// After a renewal that failed; until then the old one is used.
const PAUSE: Duration = Duration::from_secs(10);

/// After a token that came in place of a refused one; until then its own refusal leads to no other. Who is refused by it is
/// refused for what the user is, and each further token would be one more password on the way for nothing.
const REST: Duration = Duration::from_secs(60);

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
        let mut refresh = base.clone();
        if let Ok(mut path) = refresh.path_segments_mut() {
            path.pop_if_empty().extend(["auth", "refresh"]);
        }
        Self::at(Place { token: None, refresh: Some(refresh) }).own_token(token)
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
        let token = BearerToken::new(secret.clone()).map_err(|_| malformed_token())?;
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

    /// The same, as far as it was told here what to do and what to begin with, with nothing in common: another way to the
    /// generator, and other tokens from now on. For a process that was forked, in which what the clones share may be held
    /// for ever by a thread that is not there.
    ///
    /// To be called on one that no client has used yet.
    #[must_use]
    pub fn apart(&self) -> Self {
        let state = State { held: self.state().held.clone(), ..State::default() };
        let shared = Shared { state: Mutex::new(state), ..Shared::default() };
        Self { shared: Arc::new(shared), ..self.clone() }
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
        let answer = self
            .shared
            .exchange
            .post(&self.settings, &REFRESH, url, &json!({ "token": held.secret.expose_secret() }))
            .await;
        match answer {
            Ok((StatusCode::OK, answer)) => answer::token(&answer),
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
        let (status, answer) = self.shared.exchange.post(&self.settings, &GENERATE, url, &body).await?;
        if status == StatusCode::OK || status == StatusCode::CREATED {
            let held = answer::token(&answer).ok_or_else(|| answer::no_token(&answer, url))?;
            if self.keeps {
                self.state().account = Some(account);
            }
            return Ok(held);
        }
        // What was wrong is not to be used again.
        self.state().account = None;
        Err(answer::refused(status, &answer, url, &account))
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
            let now = Instant::now();
            // A token that lasts for seconds may be refused because it is over: that is another thing.
            let rest = |held: &Held| held.good.map_or(REST, |good| (good.saturating_duration_since(now) / 2).min(REST));
            self.state().is_final = another.as_ref().and_then(|held| now.checked_add(rest(held)));
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

#[cfg(test)]
mod tests;
