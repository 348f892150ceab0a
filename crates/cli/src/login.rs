//! Which server a command asks and what proves who asks, each with where it comes from.
//!
//! A token given on the command line counts before one of the environment, and that before a stored one. A stored one goes
//! to the server that it was stored for and to no other.

use std::path::Path;

use whimbrel::{
    Service as _,
    coscine::Coscine,
    dserver::{self, Config, Source, TokenGenerator},
    middleware::layer::BearerToken,
    origin, same_origin,
    secrecy::SecretString,
    without_account,
};

use crate::{
    args::Global,
    dtool_file,
    exit::{Done, Failure},
    session::{self, variable},
    stored, terminal,
};

/// What is said of server and token before environment and files are asked.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The service's base URL.
    pub url: Option<String>,
    /// The token.
    pub token: Option<Given>,
    /// Of a dserver: the generator of tokens, and for whom it is to give one.
    pub account: Account,
    /// Of a dserver: nobody is to be asked for a password, though there is a terminal.
    pub silently: bool,
}

/// Where a token of a dserver's is to come from, and whose it is, as far as it is said.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The URL of the token generator.
    pub generator: Option<String>,
    /// The user.
    pub username: Option<String>,
    /// The user's password; for the generator of this server and nobody else.
    pub password: Option<SecretString>,
}

/// A token, and where it comes from in words.
#[derive(Debug)]
pub struct Token {
    /// The token itself.
    pub secret: SecretString,
    /// Where it comes from.
    pub from: String,
}

/// Coscine's.
#[derive(Debug)]
pub struct ForCoscine {
    /// Its base URL.
    pub url: String,
    /// Or why there is none.
    pub token: Result<Token, String>,
}

/// dserver's.
#[derive(Debug)]
pub struct ForDserver {
    /// What it is reached with.
    pub config: Config,
    /// What proves who asks.
    pub proof: Proof,
}

/// What a request to a dserver has with it.
#[derive(Debug)]
pub enum Proof {
    /// A token, or what gives one; and where it comes from in words.
    Token(Box<TokenGenerator>, String),
    /// The user wants none.
    Off,
    /// There is none, and this is why.
    Missing(String),
}

/// A token that is given. One of the command line is read once, before any command, because the standard input ends and
/// whoever writes there may take long. Where it can't be read, the command that wants it tells why.
#[derive(Clone, Debug)]
pub struct Given {
    token: Result<SecretString, String>,
    from: String,
}

impl Given {
    /// This one; `from` says in words who gave it.
    pub fn new(token: SecretString, from: impl Into<String>) -> Self {
        Self { token: Ok(token), from: from.into() }
    }

    /// The token itself.
    pub(crate) fn token(&self) -> Done<SecretString> {
        self.token.clone().map_err(Failure::NoToken)
    }
}

/// DataSift's.
#[derive(Debug)]
pub struct ForDatasift {
    /// Its base URL; that of the public service if there is none.
    pub url: Option<String>,
    /// The user, and an API key of that user's.
    pub user: String,
    /// The API key.
    pub key: Token,
}

/// Reads what the command line says, if it says so.
pub(crate) async fn given(global: &Global) -> Done<Option<Given>> {
    let (from, file) = match (&global.token_file, global.token_stdin) {
        (_, true) => ("--token-stdin".to_owned(), None),
        (Some(path), _) => (format!("--token-file {}", path.display()), Some(path.clone())),
        (None, false) => return Ok(None),
    };
    let read = session::aside(move || Ok(session::read("token", file.as_deref())));
    let token = read.await?.map_err(|failure| failure.to_string());
    Ok(Some(Given { token, from }))
}

/// A token is one service's; no other may see it.
pub(crate) fn refuse_one_for_two(global: &Global) -> Done {
    match &global.given {
        Some(given) => Err(Failure::Usage(format!("whose token is that of {}? Say coscine or dserver", given.from))),
        None => Ok(()),
    }
}

/// What the command line says.
fn said(asked: &Asked) -> Done<Option<Token>> {
    let Some(given) = &asked.token else { return Ok(None) };
    Ok(Some(Token { secret: given.token()?, from: given.from.clone() }))
}

/// Coscine's base URL, and a token or the reason why there is none.
///
/// # Errors
/// Files that can't be read or trusted.
pub fn coscine(asked: &Asked) -> Done<ForCoscine> {
    let said = said(asked)?;
    let url = asked.url.clone().or_else(|| variable("COSCINE_URL"));
    let of_environment = match variable("COSCINE_API_TOKEN").as_deref().map(str::trim) {
        Some("") => return Err(Failure::NoToken("the token is empty".to_owned())),
        Some(token) => Some(Token { secret: token.to_owned().into(), from: "COSCINE_API_TOKEN".to_owned() }),
        None => None,
    };
    // The environment's token is for the environment's server.
    let theirs = variable("COSCINE_URL").filter(|own| url.as_deref().is_some_and(|asked| !same_origin(asked, own)));
    let (of_environment, theirs) = match (of_environment, theirs) {
        (Some(_), Some(theirs)) => (None, Some(theirs)),
        (token, _) => (token, None),
    };
    let url_or_public = |url: Option<String>| url.unwrap_or_else(|| Coscine::PUBLIC.unwrap_or_default().to_owned());
    if let Some(token) = said.or(of_environment) {
        return Ok(ForCoscine { url: url_or_public(url), token: Ok(token) });
    }
    let advice = "set COSCINE_API_TOKEN, run `whimbrel auth login coscine`, or give --token-file or --token-stdin";
    let stored = stored::read()?;
    if let (Some(theirs), Some(asked)) = (&theirs, &url)
        && !stored.as_ref().is_some_and(|stored| same_origin(asked, &stored.url))
    {
        let (theirs, asked) = (without_account(theirs), without_account(asked));
        let why = format!(
            "no token for {asked}: COSCINE_API_TOKEN is for {theirs}, which COSCINE_URL names, and goes nowhere else; if it \
             is for {asked}, put COSCINE_URL={asked} in front, or else give --token-file or --token-stdin"
        );
        return Ok(ForCoscine { url: url_or_public(url), token: Err(why) });
    }
    let Some(stored) = stored else {
        return Ok(ForCoscine { url: url_or_public(url), token: Err(format!("no token: {advice}")) });
    };
    let url = url.unwrap_or_else(|| stored.url.clone());
    let from = stored::place().unwrap_or_default().display().to_string();
    let token = match same_origin(&url, &stored.url) {
        true => Ok(Token { secret: stored.token, from }),
        false => {
            let (asked, theirs) = (without_account(&url), without_account(&stored.url));
            Err(format!("no token for {asked}: the stored one is for {theirs} and goes nowhere else; {advice}"))
        }
    };
    Ok(ForCoscine { url, token })
}

/// DataSift's base URL, user and API key. The user is the account's of `asked`, its token the key.
///
/// # Errors
/// If there is no user or no key; if the environment's key is for another server.
pub fn datasift(asked: &Asked) -> Done<ForDatasift> {
    let own = variable("DATASIFT_URL");
    let url = asked.url.clone().or_else(|| own.clone());
    let user = asked.account.username.clone().or_else(|| variable("DATASIFT_USER"));
    let user = user.ok_or_else(|| Failure::NoToken("no user: set DATASIFT_USER, or give --user".to_owned()))?;
    if let Some(key) = said(asked)? {
        return Ok(ForDatasift { url, user, key });
    }
    let advice = "set DATASIFT_API_KEY, or give --token-file or --token-stdin";
    let key = variable("DATASIFT_API_KEY").ok_or_else(|| Failure::NoToken(format!("no API key: {advice}")))?;
    if let (Some(own), Some(asked)) = (&own, &url)
        && !same_origin(asked, own)
    {
        let (own, asked) = (without_account(own), without_account(asked));
        return Err(Failure::NoToken(format!(
            "no API key for {asked}: DATASIFT_API_KEY is for {own}, which DATASIFT_URL names, and goes nowhere else; {advice}"
        )));
    }
    let key = Token { secret: key.trim().to_owned().into(), from: "DATASIFT_API_KEY".to_owned() };
    Ok(ForDatasift { url, user, key })
}

/// dserver's configuration, and a token or what gives one, or the reason why there is none. Says on the standard error what
/// is dangerous, whatever else is to be quiet.
///
/// # Errors
/// Files that can't be read or trusted; a URL or token that can't be one.
pub fn dserver(asked: &Asked) -> Done<ForDserver> {
    let config = dtool_file::config()?;
    if let Some(warning) = dtool_file::warning(&config) {
        eprintln!("whimbrel: {}", whimbrel::printable(&warning));
    }
    of_config(asked, config)
}

pub(crate) fn of_config(asked: &Asked, mut config: Config) -> Done<ForDserver> {
    if let Some(url) = &asked.url {
        config = config.with_url(url);
    }
    let Account { generator, username, password } = &asked.account;
    if let Some(generator) = generator {
        config = config.with_token_generator(generator);
    }
    if let Some(username) = username {
        config = config.with_username(username);
    }
    if let Some(password) = password {
        config = config.with_password(password.clone());
    }
    warn_of_tls(&config);
    let mut from = match config.token_source() {
        Some(Source::Environment) => "DSERVER_TOKEN".to_owned(),
        _ => dtool_file::place().unwrap_or_default().display().to_string(),
    };
    if config.disable_authentication() {
        if let Some(given) = &asked.token {
            let from = &given.from;
            let why = format!("DSERVER_DISABLE_AUTHENTICATION is set: take it away to use {from}, or leave that out");
            return Err(Failure::Usage(why));
        }
        return Ok(ForDserver { config, proof: Proof::Off });
    }
    if let Some(said) = said(asked)? {
        from = said.from;
        config = config.with_token(said.secret);
    } else if let Some(path) = config.token_file() {
        from = format!("DSERVER_TOKEN_FILE {}", path.display());
        config = config.with_token(session::read("token", Some(Path::new(&path)))?);
    }
    let proof = match config.login()? {
        dserver::Login::Off => Proof::Off,
        dserver::Login::Missing(why) => Proof::Missing(format!(
            "{why}; or run `whimbrel auth login dserver`, or give --token-file or --token-stdin"
        )),
        dserver::Login::Token(generator) => {
            let from = match config.token_generator_url().filter(|_| generator.current().is_none()) {
                Some(url) => format!("token generator {}", origin(&url).unwrap_or_default()),
                None => from,
            };
            let may_ask = terminal::is_there() && !asked.silently;
            let asking = if may_ask { generator.ask(terminal::account) } else { *generator };
            Proof::Token(asking.into(), from)
        }
        _ => Proof::Missing("no token".to_owned()),
    };
    Ok(ForDserver { config, proof })
}

/// On each run, however quiet it is to be.
pub(crate) fn warn_of_tls(config: &Config) {
    if !config.verify_ssl() {
        eprintln!(
            "whimbrel: WARNING: DSERVER_VERIFY_SSL is off: no certificate is checked, so anybody on the way can read your \
             token and change what is sent"
        );
    }
}

/// What a token says of itself; nothing of it is verified.
pub(crate) fn claims(token: &SecretString) -> Option<BearerToken> {
    BearerToken::new(token.clone()).ok()
}
