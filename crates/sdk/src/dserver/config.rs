//! What dtool's own software and this client are told of a dserver: `dtool.json` and the environment.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use middleware::layer::BearerToken;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{Client, Dserver, TokenGenerator};
use crate::{Builder, Error, Result, origin, same_origin};

/// The settings that dtool's software shares: the text of `~/.config/dtool/dtool.json`, and over it the environment.
///
/// Plain data: it reads no file and no environment, asks nobody and connects to nothing. An empty value counts as none.
///
/// | key | meaning | unlike `dtool_lookup_api` 0.10, because |
/// |---|---|---|
/// | `DSERVER_URL` | the server | |
/// | `DSERVER_TOKEN` | the user's token | the environment counts here too, as that package's own documents say |
/// | `DSERVER_TOKEN_FILE` | a file that holds the token; after `DSERVER_TOKEN` of the environment, before that of the file | it is `dtool-dserver`'s |
/// | `DSERVER_TOKEN_GENERATOR_URL` | where username and password are changed for a token | |
/// | `DSERVER_USERNAME`, `DSERVER_PASSWORD` | for the generator | a token in the file that is of somebody other than this user is not used: whom one names is who one is |
/// | `DSERVER_VERIFY_SSL` | `false`, `0`, `n`, `no`, `off`: any certificate will do | |
/// | `DSERVER_DISABLE_AUTHENTICATION` | `true`, `1`, `y`, `yes`, `on`: no token is sent | unset is *off* there in one of its clients: a user with a token would go without |
/// | `DSERVER_PROTOCOL` | `http` or `https`, for addresses that name a host only | |
///
/// All other keys ([`Config::get`]) are those of dtool's storage brokers, `DTOOL_S3_ENDPOINT_<bucket>` for one.
///
/// What the file has of a token, a generator, a username and a password belongs to the `DSERVER_URL` of the file. If the
/// environment (or the caller, by [`Config::with_url`]) names another server, the file's are not used for it: a token is
/// shown to its own server and to no other. In the same way, what the environment has of them belongs to the environment's
/// `DSERVER_URL`, if it has one, and is not used where the caller names another server.
///
/// A password goes to the generator that stands beside it, and to no other origin ([`Config::password`]); a token goes to a
/// generator only if that is of its server or stands beside it ([`Config::login`]).
///
/// ```
/// use whimbrel::dserver::Config;
///
/// let environment = |name: &str| (name == "DSERVER_USERNAME").then(|| "ada".to_owned());
/// let config = Config::new(r#"{"DSERVER_URL": "https://dserver.example.org", "DSERVER_USERNAME": "me"}"#, environment)?;
/// assert_eq!(config.url().as_deref(), Some("https://dserver.example.org"));
/// assert_eq!(config.username().as_deref(), Some("ada"));
/// # Ok::<(), whimbrel::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// Any of them may be a secret.
    file: BTreeMap<String, SecretString>,
    environment: Environment,
    url: Option<String>,
    token: Option<SecretString>,
    token_generator: Option<String>,
    username: Option<String>,
    password: Option<SecretString>,
}

/// The value of a name.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The caller: [`Config::with_url`], [`Config::with_token`], [`Config::with_token_generator`],
    /// [`Config::with_username`], [`Config::with_password`].
    Given,
    /// The environment.
    Environment,
    /// The text of `dtool.json`.
    File,
}

/// How a configuration has its client prove who asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Login {
    /// `DSERVER_DISABLE_AUTHENTICATION`: not at all.
    Off,
    /// By a token, which the generator renews where it can; or by the token that it is to give.
    Token(Box<TokenGenerator>),
    /// Nothing is told. The text says what might be, and why what the file has is not used.
    Missing(String),
}

impl Config {
    /// The settings of `file`, the text of a `dtool.json`, and over them what `environment` gives for a name. No text is
    /// an empty file.
    ///
    /// # Errors
    /// A text that is no JSON object; the error has the line.
    pub fn new(file: &str, environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Result<Self> {
        let text = file.trim_start_matches('\u{feff}');
        let told = match text.trim() {
            "" => Value::Object(serde_json::Map::new()),
            // Nothing of the text is in the error: it may be a password.
            _ => serde_json::from_str(text).map_err(|e| {
                let why = format!("this is no JSON: {}", e.to_string().trim_end_matches('.'));
                Error::invalid(why).hint("mend it by hand; nothing of it was used")
            })?,
        };
        let Value::Object(told) = told else {
            return Err(Error::invalid("this is JSON, but no object of settings: it has to begin with { in line 1"));
        };
        let file = told.into_iter().filter_map(|(key, value)| Some((key, plain(value)?.into()))).collect();
        Ok(Self {
            file,
            environment: Arc::new(environment),
            url: None,
            token: None,
            token_generator: None,
            username: None,
            password: None,
        })
    }

    /// The same for another server.
    #[must_use]
    pub fn with_url(self, url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..self }
    }

    /// The same with this token in place of any other, and of what would give one; what [`Config::token_file`] names is
    /// given so, too.
    #[must_use]
    pub fn with_token(self, token: impl Into<SecretString>) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// The same with this token generator in place of any other. A password that was written for another generator is not
    /// used for it.
    #[must_use]
    pub fn with_token_generator(self, url: impl Into<String>) -> Self {
        Self { token_generator: Some(url.into()), ..self }
    }

    /// The same for this user: a token of the environment or the file that is not this user's is not used, nor is a
    /// password that stands beside another name.
    #[must_use]
    pub fn with_username(self, username: impl Into<String>) -> Self {
        Self { username: Some(username.into()), ..self }
    }

    /// The same with this password in place of any other. The generator of this server is shown it, and no token that the
    /// environment or the file has is used in its place, unless it says that it is this user's.
    #[must_use]
    pub fn with_password(self, password: impl Into<SecretString>) -> Self {
        Self { password: Some(password.into()), ..self }
    }

    /// Any setting as text: of the environment, else of the file. Numbers and booleans are given as JSON writes them;
    /// lists and objects are no settings of dtool's and not given.
    pub fn get(&self, key: &str) -> Option<String> {
        self.secret(key).map(|value| value.expose_secret().to_owned())
    }

    /// The same for a setting that is a secret.
    pub fn secret(&self, key: &str) -> Option<SecretString> {
        self.of_environment(key).or_else(|| self.file.get(key).cloned())
    }

    /// Where a setting comes from, if there is one.
    pub fn source(&self, key: &str) -> Option<Source> {
        let is_given = match key {
            "DSERVER_URL" => self.url.is_some(),
            "DSERVER_TOKEN" => self.token.is_some(),
            "DSERVER_TOKEN_GENERATOR_URL" => self.token_generator.is_some(),
            "DSERVER_USERNAME" => self.username.is_some(),
            "DSERVER_PASSWORD" => self.password.is_some(),
            _ => false,
        };
        if is_given {
            return Some(Source::Given);
        }
        if self.of_environment(key).is_some() {
            return Some(Source::Environment);
        }
        self.file.contains_key(key).then_some(Source::File)
    }

    /// The names of the settings in the file.
    pub fn keys_of_file(&self) -> impl Iterator<Item = &str> {
        self.file.keys().map(String::as_str)
    }

    /// `DSERVER_URL`, as it is written there.
    pub fn url(&self) -> Option<String> {
        self.url.clone().or_else(|| self.get("DSERVER_URL"))
    }

    /// `DSERVER_TOKEN`, if it is for this server and for this user.
    pub fn token(&self) -> Option<SecretString> {
        self.found_token().map(|(_, token)| token)
    }

    /// Where [`Config::token`] is from.
    pub fn token_source(&self) -> Option<Source> {
        self.found_token().map(|(source, _)| source)
    }

    fn found_token(&self) -> Option<(Source, SecretString)> {
        if let Some(given) = &self.token {
            return Some((Source::Given, given.clone()));
        }
        let found = self.of_this_server("DSERVER_TOKEN")?;
        let is_left_out = match self.username.is_some() || self.password.is_some() {
            // Whom the caller names is who is meant: a token that does not say so is not used.
            true => !self.is_own(&found.1),
            // The environment's counts in any case.
            false => found.0 == Source::File && self.is_anothers(&found.1),
        };
        (!is_left_out).then_some(found)
    }

    /// Whether a token says that it is of the user who is named.
    fn is_own(&self, token: &SecretString) -> bool {
        let subject = BearerToken::new(token.clone()).ok().and_then(|token| token.subject().map(str::to_owned));
        matches!((subject, self.username()), (Some(subject), Some(username)) if subject.eq_ignore_ascii_case(&username))
    }

    /// Whether a token says that it is of somebody other than the user whom the generator is to give one.
    fn is_anothers(&self, token: &SecretString) -> bool {
        let subject = BearerToken::new(token.clone()).ok().and_then(|token| token.subject().map(str::to_owned));
        match (subject, self.token_generator_url().and_then(|_| self.username())) {
            (Some(subject), Some(username)) => !subject.eq_ignore_ascii_case(&username),
            _ => false,
        }
    }

    /// `DSERVER_TOKEN_FILE`: the file whose text is to be given to [`Config::with_token`]. `None` if there is none, or
    /// the environment has a `DSERVER_TOKEN`, which counts before it.
    /// None either where the caller names a user: nobody knows whose it is before it is read.
    pub fn token_file(&self) -> Option<PathBuf> {
        let is_named = self.username.is_some() || self.password.is_some();
        if is_named || matches!(self.token_source(), Some(Source::Given | Source::Environment)) {
            return None;
        }
        self.of_this_server("DSERVER_TOKEN_FILE").map(|(_, path)| path.expose_secret().into())
    }

    /// `DSERVER_TOKEN_GENERATOR_URL`, if it is for this server.
    pub fn token_generator_url(&self) -> Option<String> {
        self.found_generator().map(|(_, url)| url)
    }

    fn found_generator(&self) -> Option<(Source, String)> {
        if let Some(given) = &self.token_generator {
            return Some((Source::Given, given.clone()));
        }
        let (source, url) = self.of_this_server("DSERVER_TOKEN_GENERATOR_URL")?;
        Some((source, url.expose_secret().to_owned()))
    }

    /// `DSERVER_USERNAME`, if it is for this server.
    pub fn username(&self) -> Option<String> {
        if let Some(given) = &self.username {
            return Some(given.clone());
        }
        self.of_this_server("DSERVER_USERNAME").map(|(_, name)| name.expose_secret().to_owned())
    }

    /// `DSERVER_PASSWORD`, if it is for this server, this user and this generator.
    ///
    /// The file's is not for another user whom the environment names. It goes to the origin of the generator in the file; if
    /// the file names none, to that of the server in the file. The environment's goes to the origin of the environment's
    /// generator, if the environment names one. One that is given goes to the generator of this server.
    pub fn password(&self) -> Option<SecretString> {
        if let Some(given) = &self.password {
            return Some(given.clone());
        }
        let (source, password) = self.of_this_server("DSERVER_PASSWORD")?;
        let of_file = |key: &str| self.file.get(key).map(|it| it.expose_secret().to_owned());
        let is_anothers = match (source, &self.username) {
            (Source::File, Some(given)) => of_file("DSERVER_USERNAME").as_ref() != Some(given),
            (Source::File, None) => {
                matches!(self.of_this_server("DSERVER_USERNAME"), Some((Source::Environment, _)))
                    && of_file("DSERVER_USERNAME") != self.username()
            }
            (_, Some(given)) => self.of_environment("DSERVER_USERNAME").is_some_and(|own| own.expose_secret() != given),
            (_, None) => false,
        };
        if is_anothers {
            return None;
        }
        let Some(generator) = self.token_generator_url() else { return Some(password) };
        let is_for_it = match source {
            Source::File => {
                let own = of_file("DSERVER_TOKEN_GENERATOR_URL").or_else(|| of_file("DSERVER_URL"));
                own.is_some_and(|own| same_origin(&own, &generator))
            }
            _ => {
                let own = self.of_environment("DSERVER_TOKEN_GENERATOR_URL");
                own.is_none_or(|own| same_origin(own.expose_secret(), &generator))
            }
        };
        is_for_it.then_some(password)
    }

    /// `DSERVER_VERIFY_SSL`: whether certificates are checked. Anything but a plain no is a yes.
    pub fn verify_ssl(&self) -> bool {
        let no = |text: String| ["false", "0", "n", "no", "off"].contains(&text.trim().to_ascii_lowercase().as_str());
        !self.get("DSERVER_VERIFY_SSL").is_some_and(no)
    }

    /// `DSERVER_DISABLE_AUTHENTICATION`: whether requests go without a token. Anything but a plain yes is a no.
    pub fn disable_authentication(&self) -> bool {
        let yes = |text: String| ["true", "1", "y", "yes", "on"].contains(&text.trim().to_ascii_lowercase().as_str());
        self.get("DSERVER_DISABLE_AUTHENTICATION").is_some_and(yes)
    }

    /// `DSERVER_PROTOCOL`, for a server of which only the host is known.
    ///
    /// # Errors
    /// Anything but `http` and `https`.
    pub fn protocol(&self) -> Result<Option<String>> {
        match self.get("DSERVER_PROTOCOL").map(|it| it.trim().to_ascii_lowercase()) {
            Some(it) if it != "http" && it != "https" => {
                Err(Error::invalid("it has to be http or https").about("DSERVER_PROTOCOL"))
            }
            protocol => Ok(protocol),
        }
    }

    /// What is to prove who asks. A token at hand is shown to the generator, to be renewed, only if that is of the server's
    /// origin, or both are told in the same place.
    ///
    /// # Errors
    /// A token or a URL that can't be one.
    pub fn login(&self) -> Result<Login> {
        if self.disable_authentication() {
            return Ok(Login::Off);
        }
        let token = self.found_token();
        // A token that is given is the one that is meant, and so is that of another user.
        let is_final = self.token.is_some() || token.as_ref().is_some_and(|(_, token)| self.is_anothers(token));
        if let Some((source, url)) = self.found_generator().filter(|_| !is_final) {
            let mut generator = TokenGenerator::new(&url)?.verify_tls(self.verify_ssl());
            if let Some(username) = self.username() {
                generator = generator.username(username);
            }
            if let Some(password) = self.password() {
                generator = generator.password(password);
            }
            if let Some((of_token, token)) = token {
                let is_own = of_token == source || self.url().is_some_and(|server| same_origin(&server, &url));
                generator = if is_own { generator.own_token(token)? } else { generator.token(token)? };
            }
            return Ok(Login::Token(generator.into()));
        }
        match (token, self.url()) {
            (Some((_, token)), Some(url)) => {
                let renewing = TokenGenerator::renewing(token, &url)?;
                Ok(Login::Token(renewing.verify_tls(self.verify_ssl()).into()))
            }
            _ => Ok(Login::Missing(self.missing())),
        }
    }

    fn missing(&self) -> String {
        let of_environment = |key| self.of_environment(key);
        let told = |it: Option<&SecretString>| it.and_then(|it| origin(it.expose_secret()));
        if self.username.is_some() || self.password.is_some() {
            return "no token for that user: a username and a password are for a token generator, and none is told for this \
                    server (DSERVER_TOKEN_GENERATOR_URL)"
                .to_owned();
        }
        let proves = ["DSERVER_TOKEN", "DSERVER_TOKEN_FILE", "DSERVER_TOKEN_GENERATOR_URL"];
        if !self.is_environment_of_this_server() && proves.iter().any(|key| of_environment(key).is_some()) {
            let theirs = told(of_environment("DSERVER_URL").as_ref()).unwrap_or_else(|| "another server".to_owned());
            let asked = self.url().as_deref().and_then(origin).unwrap_or_default();
            return format!(
                "no token for {asked}: what the environment has is for {theirs}, which DSERVER_URL names, and is shown to \
                 no other server; if it is for {asked}, set DSERVER_URL to that"
            );
        }
        let has_other = !self.is_of_this_server() && self.file.contains_key("DSERVER_TOKEN");
        let other = match told(self.file.get("DSERVER_URL").filter(|_| has_other)) {
            Some(theirs) => format!(" (that in dtool.json is for {theirs} and is shown to no other server)"),
            None => String::new(),
        };
        format!("no token{other}: set DSERVER_TOKEN, or DSERVER_TOKEN_GENERATOR_URL and DSERVER_USERNAME")
    }

    fn of_environment(&self, key: &str) -> Option<SecretString> {
        (self.environment)(key).filter(|value| !value.is_empty()).map(SecretString::from)
    }

    /// A setting that must not go to another server than that which it was written for.
    fn of_this_server(&self, key: &str) -> Option<(Source, SecretString)> {
        let of_environment = self.of_environment(key).filter(|_| self.is_environment_of_this_server());
        let of_file = || self.file.get(key).filter(|_| self.is_of_this_server()).cloned();
        match of_environment {
            Some(value) => Some((Source::Environment, value)),
            None => Some((Source::File, of_file()?)),
        }
    }

    /// Whether what the environment says is for the server that is asked.
    fn is_environment_of_this_server(&self) -> bool {
        match (&self.url, self.of_environment("DSERVER_URL")) {
            (Some(asked), Some(own)) => same_origin(asked, own.expose_secret()),
            _ => true,
        }
    }

    /// Whether what the file says is for the server that is asked.
    fn is_of_this_server(&self) -> bool {
        match (self.url(), self.file.get("DSERVER_URL")) {
            (Some(asked), Some(own)) => same_origin(&asked, own.expose_secret()),
            _ => true,
        }
    }
}

/// A value as the environment would have it.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Debug for Config {
    /// Names, but no value: any may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url().as_deref().and_then(origin);
        f.debug_struct("Config").field("origin", &url).field("file", &self.file.keys()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client to be made as dtool's configuration says.
    ///
    /// ```no_run
    /// use whimbrel::dserver::{Client, Config};
    ///
    /// let file = std::fs::read_to_string("dtool.json").unwrap_or_default();
    /// let config = Config::new(&file, |name| std::env::var(name).ok())?;
    /// let dserver = Client::configured(&config)?.build()?;
    /// # Ok::<(), whimbrel::Error>(())
    /// ```
    ///
    /// # Errors
    /// A URL or token that can't be one; neither a token nor a generator.
    pub fn configured(config: &Config) -> Result<Builder<Dserver>> {
        let mut builder = Self::builder().verify_tls(config.verify_ssl());
        if let Some(url) = config.url() {
            builder = builder.url(url);
        }
        match config.login()? {
            Login::Off => Ok(builder),
            Login::Token(generator) => Ok(builder.credentials(*generator)),
            Login::Missing(why) => Err(Error::new(crate::Kind::Unauthenticated, why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(file: &str, environment: &[(&str, &str)]) -> Config {
        let environment: BTreeMap<String, String> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::new(file, move |name| environment.get(name).cloned()).unwrap()
    }

    fn shown(secret: Option<SecretString>) -> Option<String> {
        secret.map(|it| it.expose_secret().to_owned())
    }

    #[test]
    fn the_environment_counts_before_the_file_and_an_empty_value_is_none() {
        let file = r#"{"DSERVER_URL": "https://a", "DSERVER_TOKEN": "of-file", "DTOOL_S3_ENDPOINT_b": "https://s3"}"#;
        let config =
            config(file, &[("DSERVER_TOKEN", "of-env"), ("DSERVER_URL", ""), ("DTOOL_S3_SECRET_ACCESS_KEY_b", "k")]);
        assert_eq!(shown(config.token()).unwrap(), "of-env");
        assert_eq!(config.url().unwrap(), "https://a");
        assert_eq!(config.get("DTOOL_S3_ENDPOINT_b").unwrap(), "https://s3");
        assert_eq!(shown(config.secret("DTOOL_S3_SECRET_ACCESS_KEY_b")).unwrap(), "k");
        let source = |key| config.source(key);
        assert_eq!(source("DSERVER_TOKEN"), Some(Source::Environment));
        assert_eq!(source("DSERVER_URL"), Some(Source::File));
        assert_eq!(source("DSERVER_PASSWORD"), None);
        let given = config.clone().with_token("given").with_url("https://b");
        assert_eq!(
            (shown(given.token()).unwrap(), given.source("DSERVER_URL")),
            ("given".to_owned(), Some(Source::Given))
        );
    }

    #[test]
    fn what_real_files_hold_is_read() {
        let file = "\u{feff}{\"DSERVER_VERIFY_SSL\": false, \"DSERVER_DISABLE_AUTHENTICATION\": true, \"n\": 7, \"o\": {\"a\": [1]}, \
                    \"DSERVER_TOKEN\": \"\", \"z\": null}";
        let read = config(file, &[]);
        assert!(!read.verify_ssl() && read.disable_authentication());
        assert_eq!((read.get("n"), read.get("o"), read.get("z")), (Some("7".to_owned()), None, None));
        assert!(read.token().is_none());
        for empty in ["", " \n", "{}"] {
            assert!(config(empty, &[]).url().is_none());
        }
    }

    #[test]
    fn tls_is_checked_and_users_authenticated_unless_it_is_said_plainly() {
        for (said, verified) in
            [("False", false), ("0", false), ("N", false), ("off ", false), ("flase", true), ("1", true)]
        {
            assert_eq!(config("", &[("DSERVER_VERIFY_SSL", said)]).verify_ssl(), verified, "{said}");
        }
        assert!(config("", &[]).verify_ssl());
        for (said, disabled) in [("TRUE", true), ("yes", true), ("0", false), ("maybe", false)] {
            let config = config("", &[("DSERVER_DISABLE_AUTHENTICATION", said)]);
            assert_eq!(config.disable_authentication(), disabled, "{said}");
        }
        assert!(!config("", &[]).disable_authentication(), "unset is on");
    }

    #[test]
    fn a_broken_file_is_told_by_its_line_and_shown_to_nobody() {
        for broken in ["{\n\"DSERVER_TOKEN\": \"s3cret\",\n}", "\"s3cret\"", "{\"a\": s3cret}", "[\"s3cret\"]"] {
            let error = Config::new(broken, |_| None).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains("line ") && !text.contains("s3cret"), "{text}");
        }
        let error = Config::new("{\n\"a\": 1,\n}", |_| None).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn a_token_in_the_file_is_for_the_server_in_the_file() {
        let file = r#"{"DSERVER_URL": "https://a.example", "DSERVER_TOKEN": "s3cret", "DSERVER_USERNAME": "u",
                       "DSERVER_PASSWORD": "p", "DSERVER_TOKEN_GENERATOR_URL": "https://a.example/token"}"#;
        let other = config(file, &[("DSERVER_URL", "https://b.example")]);
        assert!(other.token().is_none() && other.password().is_none() && other.token_generator_url().is_none());
        let Login::Missing(why) = other.login().unwrap() else { panic!("a login of another server's") };
        assert!(why.contains("for https://a.example") && !why.contains("s3cret"), "{why}");
        assert!(config(file, &[]).with_url("http://a.example").token().is_none(), "not without encryption");
        assert!(config(file, &[]).with_url("https://A.example:443/").token().is_some());
        assert!(
            config(r#"{"DSERVER_TOKEN": "t"}"#, &[("DSERVER_URL", "https://b")]).token().is_some(),
            "bound to none"
        );
        let own = config(file, &[("DSERVER_URL", "https://b.example"), ("DSERVER_TOKEN", "mine")]);
        assert_eq!(shown(own.token()).unwrap(), "mine");
    }

    #[test]
    fn a_password_goes_to_the_generator_it_stands_beside() {
        let file = r#"{"DSERVER_URL": "https://a", "DSERVER_USERNAME": "u", "DSERVER_PASSWORD": "p",
                       "DSERVER_TOKEN_GENERATOR_URL": "https://tokens.a/token"}"#;
        let password = |config: &Config| shown(config.password());
        assert_eq!(password(&config(file, &[])).unwrap(), "p");
        for (other, goes) in [("http://other/token", false), ("https://a/token", false), ("https://tokens.a/new", true)]
        {
            let by_environment = config(file, &[("DSERVER_TOKEN_GENERATOR_URL", other)]);
            assert_eq!(password(&by_environment).is_some(), goes, "{other}");
            assert_eq!(password(&config(file, &[]).with_token_generator(other)).is_some(), goes, "{other}");
        }
        let without = r#"{"DSERVER_URL": "https://a", "DSERVER_PASSWORD": "p"}"#;
        assert!(password(&config(without, &[]).with_token_generator("https://a/token")).is_some());
        assert!(password(&config(without, &[]).with_token_generator("https://b/token")).is_none());
        assert!(password(&config(r#"{"DSERVER_PASSWORD": "p"}"#, &[]).with_token_generator("https://b")).is_none());
        let own = [("DSERVER_PASSWORD", "e"), ("DSERVER_TOKEN_GENERATOR_URL", "https://tokens.a/token")];
        assert_eq!(password(&config(file, &own)).unwrap(), "e");
        assert!(password(&config(file, &own).with_token_generator("http://other/token")).is_none());
        assert_eq!(password(&config(file, &own[..1])).unwrap(), "e", "the environment's, to the file's generator");
    }

    #[test]
    fn what_the_environment_has_is_for_the_server_that_it_names() {
        let mine = [
            ("DSERVER_URL", "https://mine"),
            ("DSERVER_TOKEN", "s3cret"),
            ("DSERVER_TOKEN_FILE", "f"),
            ("DSERVER_PASSWORD", "s3cret"),
            ("DSERVER_TOKEN_GENERATOR_URL", "https://mine/token"),
        ];
        let other = config("", &mine).with_url("http://other");
        assert!(other.token().is_none() && other.token_file().is_none() && other.password().is_none());
        let Login::Missing(why) = other.login().unwrap() else { panic!("a token of another server's") };
        assert!(
            why.contains("is for https://mine") && why.contains("set DSERVER_URL") && !why.contains("s3cret"),
            "{why}"
        );
        assert!(config("", &mine).with_url("https://mine/new").token().is_some());
        assert!(config("", &mine[1..2]).with_url("http://other").token().is_some(), "bound to none");
        // The file's is not shadowed by what is for another server.
        let file = r#"{"DSERVER_URL": "http://other", "DSERVER_TOKEN": "theirs"}"#;
        let theirs = config(file, &mine).with_url("http://other");
        assert_eq!((shown(theirs.token()).unwrap(), theirs.token_source()), ("theirs".to_owned(), Some(Source::File)));
    }

    #[test]
    fn who_is_named_is_who_is_logged_in() {
        // {"sub":"ada"}
        let ada = "e30.eyJzdWIiOiJhZGEifQ.s";
        let file = format!(
            r#"{{"DSERVER_URL": "https://a", "DSERVER_TOKEN": "{ada}", "DSERVER_USERNAME": "Ada", "DSERVER_PASSWORD": "hers",
                 "DSERVER_TOKEN_GENERATOR_URL": "https://a/token"}}"#
        );
        let hers = config(&file, &[]);
        assert!(hers.token().is_some() && shown(hers.password()).unwrap() == "hers");
        let his = config(&file, &[("DSERVER_USERNAME", "bob")]);
        assert!(his.token().is_none() && his.password().is_none(), "neither is his");
        let his = config(&file, &[("DSERVER_USERNAME", "bob"), ("DSERVER_PASSWORD", "his")]);
        assert_eq!(shown(his.password()).unwrap(), "his");
        // {"sub":"bob"}: a token of the environment is what is meant, and her password gives no other in its place.
        let his = config(&file, &[("DSERVER_TOKEN", "e30.eyJzdWIiOiJib2IifQ.s")]);
        let Login::Token(generator) = his.login().unwrap() else { panic!("there is a token") };
        assert_eq!(generator.current().unwrap().subject(), Some("bob"));
        assert!(!format!("{generator:?}").contains("https://a/token"));
    }

    #[test]
    fn whom_the_caller_names_is_logged_in_by_no_token_of_others() {
        // {"sub":"ada"}
        let ada = "e30.eyJzdWIiOiJhZGEifQ.s";
        let mine = [
            ("DSERVER_URL", "https://a"),
            ("DSERVER_TOKEN", ada),
            ("DSERVER_USERNAME", "ada"),
            ("DSERVER_PASSWORD", "hers"),
            ("DSERVER_TOKEN_GENERATOR_URL", "https://a/token"),
        ];
        let bob = config("", &mine).with_username("bob");
        assert!(bob.token().is_none() && bob.password().is_none() && bob.username().as_deref() == Some("bob"));
        let bob = bob.with_password("his");
        assert_eq!((bob.token().is_none(), shown(bob.password()).as_deref()), (true, Some("his")));
        let Login::Token(generator) = bob.login().unwrap() else { panic!("the generator gives one") };
        assert!(generator.current().is_none() && format!("{generator:?}").contains("https://a/token"));
        let ada = config("", &mine).with_username("Ada");
        assert!(ada.token().is_some(), "it is hers");
        let unknown = config("", &[("DSERVER_URL", "https://a"), ("DSERVER_TOKEN", "t")]).with_password("p");
        assert!(unknown.token().is_none(), "whose it is, it does not say");
        let Login::Missing(why) = unknown.login().unwrap() else { panic!("there is no generator") };
        assert!(why.contains("DSERVER_TOKEN_GENERATOR_URL") && !why.contains("DSERVER_TOKEN or"), "{why}");
        // What is told of another server's generator is not for a password that is given for this one.
        let other = config("", &mine).with_url("https://b").with_username("bob").with_password("his");
        assert!(matches!(other.login().unwrap(), Login::Missing(_)));
        let file = config(r#"{"DSERVER_TOKEN_FILE": "f"}"#, &[]);
        assert!(file.token_file().is_some() && file.with_username("bob").token_file().is_none());
    }

    #[test]
    fn no_secret_is_shown() {
        let file = r#"{"DSERVER_URL": "https://me:s3cret@a/", "DSERVER_TOKEN": "s3cret", "DTOOL_S3_SECRET_ACCESS_KEY_b": "s3cret"}"#;
        let config = config(file, &[("DSERVER_PASSWORD", "s3cret")]).with_token("s3cret").with_password("s3cret");
        let text = format!("{config:?}");
        assert!(!text.contains("s3cret") && text.contains("DTOOL_S3_SECRET_ACCESS_KEY_b"), "{text}");
    }

    #[test]
    fn a_protocol_is_one_of_two() {
        assert_eq!(config("", &[("DSERVER_PROTOCOL", "HTTPS")]).protocol().unwrap().as_deref(), Some("https"));
        assert_eq!(config("", &[]).protocol().unwrap(), None);
        assert!(config("", &[("DSERVER_PROTOCOL", "ftp")]).protocol().is_err());
    }

    #[test]
    fn a_client_is_made_as_the_configuration_says() {
        let missing = Client::configured(&config(r#"{"DSERVER_URL": "https://a"}"#, &[])).unwrap_err();
        assert_eq!(missing.kind(), crate::Kind::Unauthenticated);
        let off = config(r#"{"DSERVER_URL": "https://a", "DSERVER_DISABLE_AUTHENTICATION": true}"#, &[]);
        assert_eq!(Client::configured(&off).unwrap().build().unwrap().connection().base_url(), "https://a");
    }
}
