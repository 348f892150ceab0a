//! `whimbrel auth`.

use std::time::SystemTime;

use serde_json::{Value, json};
use whimbrel::{
    coscine,
    dserver::{self, Config, TokenGenerator},
    middleware::layer::BearerToken,
    secrecy::{ExposeSecret as _, SecretString},
    without_account,
};

use crate::{
    args::{Auth, Cache, Global, Limit, Login, Service},
    dtool_file::{self, Entry},
    exit::{Done, Failure},
    login::{self, ForDserver, Given, Proof},
    output::{Column, Output},
    session::{self, variable},
    stored, terminal,
};

const STATUS: [Column; 6] = [
    ("service", "/service"),
    ("url", "/url"),
    ("user", "/user"),
    ("from", "/from"),
    ("expires", "/expires"),
    ("state", "/state"),
];

pub(crate) async fn run(global: &Global, command: Auth) -> Done {
    // What is told is what the server says now.
    let global = &Global { cache: Cache::Off, ..global.clone() };
    match command {
        Auth::Login(login) => match login.service {
            Service::Coscine => log_in_coscine(global, &login).await,
            Service::Dserver => log_in_dserver(global, &login).await,
        },
        Auth::Status { service } => status(global, service).await,
        Auth::Logout { service } => log_out(global, service),
    }
}

async fn log_in_coscine(global: &Global, said: &Login) -> Done {
    if said.generator.is_some() || said.username.is_some() || said.keep_password {
        return Err(Failure::Usage("Coscine has tokens only; create one on your profile page".to_owned()));
    }
    let stored = stored::read().ok().flatten().map(|it| it.url);
    let url = global.url.clone().or_else(|| variable("COSCINE_URL")).or(stored);
    let mut builder = session::prepared(global, coscine::Client::builder());
    if let Some(url) = url {
        builder = builder.url(url);
    }
    let token = match given(global)? {
        Some(token) => token,
        None => asked("token for Coscine, from your profile page there").await?,
    };
    let client = builder.token(token.clone()).build()?;
    let me = client.me().await?;
    let url = client.connection().base_url();
    let path = session::aside({
        let (url, token) = (url.to_owned(), token.clone());
        move || stored::write(&url, &token)
    });
    let path = path.await?.display().to_string();
    told(global, url, me.display_name(), &token, &path, &["COSCINE_API_TOKEN"]);
    Ok(())
}

async fn log_in_dserver(global: &Global, said: &Login) -> Done {
    let mut config = dtool_file::config()?;
    if config.disable_authentication() {
        let why = "DSERVER_DISABLE_AUTHENTICATION is set, so no token would be used";
        return Err(Failure::Usage(why.to_owned()));
    }
    if let Some(url) = &global.url {
        config = config.with_url(url);
    }
    let url = match config.url() {
        Some(url) => url,
        None if terminal::is_there() => terminal::line("URL of the dserver").await?,
        None => return Err(Failure::Usage("which dserver? Give --url".to_owned())),
    };
    let config = config.with_url(&url);
    login::warn_of_tls(&config);
    let builder = session::prepared(global, dserver::Client::builder()).url(&url).verify_tls(config.verify_ssl());
    let config = match &said.generator {
        Some(generator) => config.with_token_generator(generator),
        None => config,
    };
    let generator = config.token_generator_url();
    let (token, generator, password) = match (given(global)?, generator) {
        (Some(_), _) if said.generator.is_some() => {
            return Err(Failure::Usage("give a token or --generator, not both".to_owned()));
        }
        (Some(token), _) => (token, None, None),
        (None, Some(generator)) => generated(&config, said, generator).await?,
        (None, None) => {
            let token = asked("token for dserver (empty: by username and password)").await?;
            match token.expose_secret().trim() {
                "" => generated(&config, said, terminal::line("URL of the token generator").await?).await?,
                _ => (token, None, None),
            }
        }
    };
    let client = builder.token(token.clone()).build()?;
    let me = client.me().await?;
    let (kept, url) = (password.filter(|_| said.keep_password), client.connection().base_url().to_owned());
    let path = session::aside({
        let (token, user, url) = (token.clone(), me.username.clone(), url.clone());
        move || {
            let user = Some(user.as_str()).filter(|it| !it.is_empty());
            let (generator, password) = (generator.as_deref(), kept.as_ref());
            dtool_file::log_in(&Entry { url: &url, token: &token, user, generator, password })
        }
    });
    let path = path.await?.display().to_string();
    told(global, &url, &me.username, &token, &path, &["DSERVER_TOKEN", "DSERVER_TOKEN_FILE"]);
    Ok(())
}

type Generated = (SecretString, Option<String>, Option<SecretString>);

/// A token for a username and a password, with what it is from.
async fn generated(config: &Config, said: &Login, generator: String) -> Done<Generated> {
    let made = TokenGenerator::new(&generator)?.verify_tls(config.verify_ssl());
    // With it, so that a password for another generator is not used.
    let config = config.clone().with_token_generator(&generator);
    let nobody = |what: &str| {
        Failure::Usage(format!("no {what}: set DSERVER_USERNAME and DSERVER_PASSWORD, or run it on a terminal"))
    };
    let username = match said.username.clone().or_else(|| config.username()) {
        Some(username) => username,
        None if terminal::is_there() => terminal::line("username").await?,
        None => return Err(nobody("username")),
    };
    // Another user's password is no use.
    let own = config.password().filter(|_| config.username().as_deref() == Some(&username));
    let password = match own {
        Some(password) => password,
        None if terminal::is_there() => terminal::secret(&format!("password of {username}")).await?,
        None => return Err(nobody("password")),
    };
    let token = made.username(username).password(password.clone()).secret().await?;
    Ok((token, Some(generator), Some(password)))
}

/// A token from the standard input or a file, if that is said.
fn given(global: &Global) -> Done<Option<SecretString>> {
    global.given.as_ref().map(Given::token).transpose()
}

async fn asked(what: &str) -> Done<SecretString> {
    if !terminal::is_there() {
        return Err(Failure::Usage("no terminal to ask for a token: give --token-stdin or --token-file".to_owned()));
    }
    terminal::secret(what).await
}

fn told(global: &Global, url: &str, user: &str, token: &SecretString, path: &str, before: &[&str]) {
    let output = Output::new(global);
    let until = login::claims(token).and_then(|token| token.expires()).map(|at| format!(" until {}", time(at)));
    output.note(format!("{url} knows you as {user}{}; stored in {path}", until.unwrap_or_default()));
    for name in before.iter().filter(|name| variable(name).is_some()) {
        output.note(format!("{name} is set and counts before it; unset it to use what is stored"));
    }
}

fn log_out(global: &Global, service: Service) -> Done {
    let (path, token_file, variables) = match service {
        Service::Coscine => (stored::remove()?, None, &["COSCINE_API_TOKEN"][..]),
        Service::Dserver => {
            let variables = &["DSERVER_TOKEN", "DSERVER_TOKEN_FILE", "DSERVER_PASSWORD"][..];
            match dtool_file::log_out()? {
                Some(taken) => (Some(taken.path), taken.token_file, variables),
                None => (None, None, variables),
            }
        }
    };
    let output = Output::new(global);
    match path {
        Some(path) => output.note(format!("logged out; {} holds no token any more", path.display())),
        None => output.note("nothing was stored"),
    }
    if let Some(file) = token_file {
        output.note(format!("it named {file}, which no command uses any more and which still holds a token"));
    }
    for variable in variables.iter().filter(|name| variable(name).is_some()) {
        output.note(format!("{variable} is still set in the environment"));
    }
    Ok(())
}

/// What is known of a login.
#[derive(Debug)]
pub(crate) struct Standing {
    pub service: &'static str,
    pub url: Option<String>,
    pub user: Option<String>,
    pub from: Option<String>,
    pub expires: Option<SystemTime>,
    /// Whether the server takes it, or why not.
    pub state: Result<&'static str, Failure>,
}

impl Standing {
    fn shown(&self) -> Value {
        let state = match &self.state {
            Ok(state) => (*state).to_owned(),
            Err(failure) => failure.to_string(),
        };
        json!({
            "service": self.service,
            "url": self.url,
            "user": self.user,
            "from": self.from,
            "expires": self.expires.map(time),
            "ok": self.state.is_ok(),
            "state": state,
        })
    }

    fn knows(mut self, token: Option<&BearerToken>) -> Self {
        self.user = token.and_then(|token| token.subject().map(str::to_owned));
        self.expires = token.and_then(BearerToken::expires);
        self
    }
}

async fn status(global: &Global, service: Option<Service>) -> Done {
    let mut all = vec![];
    if service.is_none() && uses_coscine() && uses_dserver()? {
        login::refuse_one_for_two(global)?;
    }
    if service != Some(Service::Dserver) && (service.is_some() || uses_coscine()) {
        all.push(coscine_standing(global).await?);
    }
    if service != Some(Service::Coscine) && (service.is_some() || uses_dserver()?) {
        all.push(dserver_standing(global, login::dserver(&global.asked())?).await);
    }
    if all.is_empty() {
        let why = "no token for any service; run `whimbrel auth login coscine` or `whimbrel auth login dserver`";
        return Err(Failure::NoToken(why.to_owned()));
    }
    let rows = all.iter().map(Standing::shown).collect();
    Output::new(global).all(rows, &STATUS, Limit::NONE).await?;
    match all.into_iter().find_map(|it| it.state.err()) {
        Some(failure) => Err(Failure::Told(failure.code())),
        None => Ok(()),
    }
}

/// Whether anything says that Coscine is used here.
pub(crate) fn uses_coscine() -> bool {
    variable("COSCINE_URL").is_some()
        || variable("COSCINE_API_TOKEN").is_some()
        || stored::place().is_some_and(|path| path.exists())
}

/// Whether anything says that a dserver is used here.
pub(crate) fn uses_dserver() -> Done<bool> {
    let config = dtool_file::config()?;
    Ok(["DSERVER_URL", "DSERVER_TOKEN", "DSERVER_TOKEN_GENERATOR_URL"].iter().any(|key| config.source(key).is_some()))
}

pub(crate) async fn coscine_standing(global: &Global) -> Done<Standing> {
    let login = login::coscine(&global.asked())?;
    let nothing = Standing {
        service: "coscine",
        url: Some(without_account(&login.url)),
        user: None,
        from: None,
        expires: None,
        state: Ok("accepted"),
    };
    let token = match login.token {
        Ok(token) => token,
        Err(why) => return Ok(Standing { state: Err(Failure::NoToken(why)), ..nothing }),
    };
    let known = Standing { from: Some(token.from), ..nothing }.knows(login::claims(&token.secret).as_ref());
    let client = session::prepared(global, coscine::Client::builder()).url(login.url).token(token.secret).build()?;
    Ok(match client.me().await {
        Ok(me) => Standing { user: Some(me.display_name().to_owned()), ..known },
        Err(error) => Standing { state: Err(error.into()), ..known },
    })
}

/// Nobody is asked for a password for this.
pub(crate) async fn dserver_standing(global: &Global, login: ForDserver) -> Standing {
    let ForDserver { config, proof } = login;
    let nothing = Standing {
        service: "dserver",
        url: config.url().as_deref().map(without_account),
        user: None,
        from: None,
        expires: None,
        state: Ok("accepted"),
    };
    let (generator, from) = match proof {
        Proof::Token(generator, from) => (generator.interactive(false), from),
        Proof::Off => return Standing { state: Ok("authentication is switched off"), ..nothing },
        Proof::Missing(why) => return Standing { state: Err(Failure::NoToken(why)), ..nothing },
    };
    let nothing = Standing { from: Some(from.clone()), user: config.username(), ..nothing };
    let client = match session::dserver_with(global, &config, Proof::Token(generator.clone().into(), from)) {
        Ok(client) => client,
        Err(failure) => return Standing { state: Err(failure), ..nothing },
    };
    let asked = client.me().await;
    // What the generator has given meanwhile.
    let current = generator.current();
    let known = match &current {
        Some(token) => nothing.knows(Some(token)),
        None => nothing,
    };
    match asked {
        Ok(me) => Standing { user: Some(me.username).filter(|it| !it.is_empty()).or(known.user.clone()), ..known },
        Err(error) => Standing { state: Err(error.into()), ..known },
    }
}

/// A time for people and programs (RFC 3339, UTC), to a second.
pub(crate) fn time(at: SystemTime) -> String {
    match jiff::Timestamp::try_from(at).and_then(|at| at.round(jiff::Unit::Second)) {
        Ok(at) => at.to_string(),
        Err(_) => "beyond all calendars".to_owned(),
    }
}
