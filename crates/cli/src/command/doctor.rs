//! `whimbrel doctor`: one page of what is, and what may be done about what is wrong. Nothing on it is secret.

use std::{
    fmt::Write as _,
    path::Path,
    time::{Duration, SystemTime},
};

use indicatif::HumanBytes;
use serde_json::{Value, json};
use url::Url;
use whimbrel::{
    Builder, CacheMode, Connection, Probe, coscine,
    dserver::{self, Config, Feature, Source},
    middleware::layer::{SqliteStore, Store as _},
};

use super::auth::{self, Standing};
use crate::{
    args::{Cache, Format, Global, Limit, Service},
    dtool_file,
    exit::{Done, Failure},
    login::{self, ForDserver, Proof},
    output::{Column, Output},
    private_file, session, stored,
};

/// Further apart than this, tokens may seem to be over that are not.
const CLOCKS_APART: i64 = 60;

/// A token that is over so soon will be over while somebody works.
const SOON: Duration = Duration::from_secs(3600);

/// What dserver's settings are, in the order in which they are told.
const KEYS: [&str; 9] = [
    "DSERVER_URL",
    "DSERVER_TOKEN",
    "DSERVER_TOKEN_FILE",
    "DSERVER_TOKEN_GENERATOR_URL",
    "DSERVER_USERNAME",
    "DSERVER_PASSWORD",
    "DSERVER_VERIFY_SSL",
    "DSERVER_DISABLE_AUTHENTICATION",
    "DSERVER_PROTOCOL",
];

/// What dtool_lookup_api before version 0.8 read; tutorials still name them.
const OUTDATED: [(&str, &str); 4] = [
    ("DTOOL_LOOKUP_SERVER_URL", "DSERVER_URL"),
    ("DTOOL_LOOKUP_SERVER_TOKEN", "DSERVER_TOKEN"),
    ("DTOOL_LOOKUP_SERVER_TOKEN_GENERATOR_URL", "DSERVER_TOKEN_GENERATOR_URL"),
    ("DTOOL_LOOKUP_SERVER_USERNAME", "DSERVER_USERNAME"),
];

const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

const FINDING: [Column; 5] =
    [("about", "/about"), ("check", "/check"), ("state", "/state"), ("found", "/found"), ("advice", "/advice")];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fine,
    Odd,
    /// With the exit code that it deserves.
    Wrong(u8),
}

#[derive(Debug)]
struct Finding {
    about: &'static str,
    check: &'static str,
    state: State,
    found: String,
    advice: Option<String>,
}

/// What was found so far, about the thing that is looked at.
#[derive(Debug)]
struct Report {
    about: &'static str,
    findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, check: &'static str, state: State, found: String, advice: Option<&str>) {
        let advice = advice.map(str::to_owned);
        self.findings.push(Finding { about: self.about, check, state, found, advice });
    }

    fn fine(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(check, State::Fine, found.into(), None);
    }

    fn odd(&mut self, check: &'static str, found: impl Into<String>, advice: &str) {
        self.add(check, State::Odd, found.into(), Some(advice));
    }

    fn wrong(&mut self, check: &'static str, failure: &Failure, advice: &str) {
        self.add(check, State::Wrong(failure.code()), failure.to_string(), Some(advice).filter(|it| !it.is_empty()));
    }
}

pub(crate) async fn run(global: &Global, service: Option<Service>) -> Done {
    if service.is_none() && auth::uses_coscine() && auth::uses_dserver().unwrap_or(true) {
        login::refuse_one_for_two(global)?;
    }
    let mut report = Report { about: "program", findings: vec![] };
    report.fine("version", concat!("whimbrel ", env!("CARGO_PKG_VERSION")));
    report.fine("system", format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH));
    proxies(&mut report);
    cache(&mut report).await;
    // What is found is what is true now.
    let global = &Global { cache: Cache::Off, ..global.clone() };
    if service == Some(Service::Coscine) || (service.is_none() && auth::uses_coscine()) {
        report.about = "coscine";
        coscine(global, &mut report).await;
    }
    // With a broken file nobody knows whether a dserver is used; that it is broken is to be told.
    if service == Some(Service::Dserver) || (service.is_none() && auth::uses_dserver().unwrap_or(true)) {
        report.about = "dserver";
        dserver(global, &mut report).await;
    }
    if report.findings.iter().all(|it| it.about == "program") {
        let advice = "run `whimbrel auth login coscine` or `whimbrel auth login dserver`";
        report.odd("services", "none is configured", advice);
    }
    show(global, report.findings).await
}

async fn show(global: &Global, findings: Vec<Finding>) -> Done {
    let first = findings.iter().find_map(|it| if let State::Wrong(code) = it.state { Some(code) } else { None });
    let output = Output::new(global);
    if global.output == Format::Table {
        output.plain(page(&findings).as_bytes())?;
    } else {
        let rows = findings.iter().map(row).collect();
        output.all::<Value>(rows, &FINDING, Limit::NONE).await?;
    }
    first.map_or(Ok(()), |code| Err(Failure::Told(code)))
}

fn row(finding: &Finding) -> Value {
    let Finding { about, check, state, found, advice } = finding;
    json!({ "about": about, "check": check, "state": mark(*state).trim().to_lowercase(), "found": found, "advice": advice })
}

fn mark(state: State) -> &'static str {
    match state {
        State::Fine => "ok   ",
        State::Odd => "odd  ",
        State::Wrong(_) => "WRONG",
    }
}

fn page(findings: &[Finding]) -> String {
    let (mut page, mut about) = (String::new(), "");
    for finding in findings {
        if finding.about != about {
            about = finding.about;
            page += &format!("{}{about}\n", if page.is_empty() { "" } else { "\n" });
        }
        let found = whimbrel::printable(&finding.found);
        writeln!(page, "  {} {:14} {found}", mark(finding.state), finding.check).expect("a String takes all");
        if let Some(advice) = &finding.advice {
            writeln!(page, "  {:20} -> {}", "", whimbrel::printable(advice)).expect("a String takes all");
        }
    }
    page
}

/// As the transport reads them: in capitals or not.
fn proxy(name: &str) -> Option<String> {
    session::variable(name).or_else(|| session::variable(&name.to_lowercase()))
}

fn proxies(report: &mut Report) {
    let set: Vec<_> = PROXIES
        .iter()
        .filter_map(|name| Some(format!("{name}={}", whimbrel::without_account(&proxy(name)?))))
        .collect();
    report.fine("proxy", if set.is_empty() { "none".to_owned() } else { set.join(" ") });
}

/// Whether requests to this server go there themselves, as the transport reads the environment. Networks in `NO_PROXY` are
/// not looked at: then no name is looked up, and that is all.
fn is_direct(connection: &Connection) -> bool {
    let Ok(url) = Url::parse(connection.base_url()) else { return true };
    let of_scheme = if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    if proxy(of_scheme).or_else(|| proxy("ALL_PROXY")).is_none() {
        return true;
    }
    let host = url.host_str().unwrap_or_default();
    let is_excepted = |entry: &str| {
        let entry = entry.trim().trim_start_matches('.');
        entry == "*" || host == entry || (!entry.is_empty() && host.ends_with(&format!(".{entry}")))
    };
    proxy("NO_PROXY").unwrap_or_default().split(',').any(is_excepted)
}

async fn cache(report: &mut Report) {
    let Some(path) = session::cache_file() else {
        return report.odd("cache", "no home folder, so nothing is kept between runs", "set WHIMBREL_CACHE_DIR");
    };
    if !path.exists() {
        return report.fine("cache", format!("{}: empty", path.display()));
    }
    match SqliteStore::open(&path) {
        Ok(store) => {
            let stats = store.stats().await;
            let (entries, bytes) = (stats.entries, HumanBytes(stats.bytes));
            report.fine("cache", format!("{}: {entries} answers, {bytes}", path.display()));
        }
        Err(e) => report.odd(
            "cache",
            format!("{}: {e}", path.display()),
            "answers are kept in memory only until it is mended",
        ),
    }
}

async fn coscine(global: &Global, report: &mut Report) {
    let url = match login::coscine(&global.asked()) {
        Ok(login) => login.url,
        Err(failure) => return report.wrong("token", &failure, "run `whimbrel auth login coscine`"),
    };
    if let Some(path) = stored::place() {
        file(report, &path);
    }
    // Without a token, so that a bad one hides nothing of the rest.
    let builder: Builder<_> = session::prepared(global, coscine::Client::builder()).url(&url).cache(CacheMode::Off);
    match builder.build() {
        Ok(client) => reach(report, client.connection(), "api/v2/maintenances").await,
        Err(error) => return report.wrong("url", &error.into(), "mend COSCINE_URL"),
    };
    match auth::coscine_standing(global).await {
        Ok(standing) => token(report, &standing, "run `whimbrel auth login coscine`"),
        Err(failure) => report.wrong("token", &failure, "run `whimbrel auth login coscine`"),
    }
}

async fn dserver(global: &Global, report: &mut Report) {
    if let Some(path) = dtool_file::place() {
        file(report, &path);
    }
    let config = dtool_file::config().or_else(|failure| {
        report.wrong("settings", &failure, "mend the file by hand; what follows is by the environment alone");
        dtool_file::without_file()
    });
    let login = config.and_then(|config| {
        settings(report, &config);
        login::of_config(&global.asked(), config)
    });
    let login = match login {
        Ok(login) => login,
        Err(failure) => return report.wrong("settings", &failure, "run `whimbrel auth login dserver`"),
    };
    let Some(url) = login.config.url() else {
        let failure = Failure::Usage("no URL".to_owned());
        return report.wrong("url", &failure, "set DSERVER_URL, run `whimbrel auth login dserver`, or give --url");
    };
    if !login.config.verify_ssl() {
        report.odd(
            "tls",
            "certificates are not checked",
            "take DSERVER_VERIFY_SSL out of the environment and dtool.json",
        );
    }
    let builder = session::prepared(global, dserver::Client::builder()).url(&url).verify_tls(login.config.verify_ssl());
    let is_there = match builder.build() {
        Ok(client) => reach(report, client.connection(), "config/versions").await,
        Err(error) => return report.wrong("url", &error.into(), "mend DSERVER_URL"),
    };
    let features = if is_there { Some(features(global, &login).await) } else { None };
    let standing = auth::dserver_standing(global, login).await;
    token(report, &standing, "run `whimbrel auth login dserver`");
    match features {
        Some(features) => plugins(report, features),
        None => report.odd("versions", "not asked", "when the server is reached, they are"),
    }
}

/// What the server is, as far as it tells with and without a token.
async fn features(global: &Global, login: &ForDserver) -> whimbrel::Result<dserver::Features> {
    let builder = || {
        let builder = session::prepared(global, dserver::Client::builder()).verify_tls(login.config.verify_ssl());
        builder.url(login.config.url().unwrap_or_default())
    };
    if let Proof::Token(generator, _) = &login.proof {
        let client = builder().credentials(generator.clone().interactive(false)).build()?;
        if let Ok(features) = client.features().await {
            return Ok(features);
        }
    }
    // What is switched off is told to users only, versions to everybody.
    Ok(dserver::Features { versions: builder().build()?.versions().await?, off: vec![] })
}

fn plugins(report: &mut Report, features: whimbrel::Result<dserver::Features>) {
    let features = match features {
        Ok(features) => features,
        Err(error) => return report.wrong("versions", &error.into(), "is this the address of a dserver's API?"),
    };
    if !features.versions.contains_key("dservercore") {
        let failure = Failure::Other("it tells no version of dservercore".to_owned());
        return report.wrong("versions", &failure, "is this the address of a dserver's API?");
    }
    let versions: Vec<_> = features.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    report.fine("versions", versions.join(", "));
    let (has, lacks): (Vec<_>, Vec<_>) = Feature::ALL.into_iter().partition(|it| features.has(*it));
    let list = |features: Vec<Feature>| features.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    report.fine("offers", list(has));
    if !lacks.is_empty() {
        report.fine("lacks", list(lacks));
    }
}

/// A file of settings: whether it is there, can be read, and only by its user.
fn file(report: &mut Report, path: &Path) {
    let shown = path.display();
    match private_file::read(path) {
        Ok(None) => report.fine("file", format!("{shown}: not there")),
        Ok(Some(text)) if private_file::is_open_to_read(path) && !text.trim().is_empty() => {
            report.odd("file", format!("{shown}: others can read it"), &format!("run: chmod 600 {shown}"));
        }
        Ok(Some(_)) => report.fine("file", format!("{shown}: yours alone")),
        Err(failure) => report.wrong("file", &failure, "mend its permissions"),
    }
}

/// Where each of dserver's settings comes from; values only of what is no secret.
fn settings(report: &mut Report, config: &Config) {
    let told = KEYS.iter().filter_map(|key| {
        let from = match config.source(key)? {
            Source::Environment => "environment",
            Source::File => "file",
            Source::Given => "command line",
        };
        Some(format!("{key} ({from})"))
    });
    let told: Vec<_> = told.collect();
    report.fine("settings", if told.is_empty() { "none".to_owned() } else { told.join(", ") });
    let hidden = ["DSERVER_TOKEN", "DSERVER_PASSWORD", "DSERVER_TOKEN_GENERATOR_URL"].into_iter().filter(|key| {
        let is_left_out = match *key {
            "DSERVER_TOKEN" => config.token().is_none(),
            "DSERVER_PASSWORD" => config.password().is_none(),
            _ => config.token_generator_url().is_none(),
        };
        config.source(key).is_some() && is_left_out
    });
    let hidden: Vec<_> = hidden.collect();
    for (source, place) in [(Source::Environment, "the environment"), (Source::File, "dtool.json")] {
        let of_place = hidden.iter().filter(|key| config.source(key) == Some(source)).copied().collect::<Vec<_>>();
        if !of_place.is_empty() {
            let why = format!("it is for the server, generator and user that {place} names, and others are asked for");
            report.odd("settings", format!("{} of {place} is not used", of_place.join(", ")), &why);
        }
    }
    for (old, new) in OUTDATED.iter().filter(|(old, new)| config.source(old).is_some() && config.source(new).is_none())
    {
        report.odd("settings", format!("{old} is set, which nothing has read for years"), &format!("set {new}"));
    }
}

/// `true` if the server answers.
async fn reach(report: &mut Report, connection: &Connection, path: &str) -> bool {
    let direct = is_direct(connection);
    let url = connection.base_url();
    let probe = match connection.probe(path, direct).await {
        Ok(probe) => probe,
        Err(error) => {
            let advice = match (direct, url.starts_with("https")) {
                (false, _) => "is the address right, and does the proxy let it through?",
                (true, true) => {
                    "is the address right, is there a network (a VPN?), and is its certificate one that this \
                                 system trusts?"
                }
                (true, false) => "is the address right, is there a network (a VPN?), and is it http and not https?",
            };
            report.wrong("reached", &Failure::from(error.about(url)), advice);
            return false;
        }
    };
    let Probe { addresses, lookup, connect, first, next, status, ahead } = probe;
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let way = match connect {
        Some(connect) => {
            format!("{} in {}, connected in {}", addresses.join(", "), ms(lookup), ms(connect))
        }
        None => "through the proxy that the environment names".to_owned(),
    };
    let tls = if url.starts_with("https") { " with TLS" } else { "" };
    let code = status.as_u16();
    let found = format!("{url}: {way}; first answer{tls} after {}, the next after {} ({code})", ms(first), ms(next));
    match code {
        300..=399 => report.odd("reached", found, "it points elsewhere; give the URL that it points to"),
        500.. => report.odd("reached", found, "the server is not well; try again later, or tell its operators"),
        _ => report.fine("reached", found),
    }
    match ahead {
        None => report.odd("clock", "the server tells no time", "only how long tokens last depends on it"),
        Some(ahead) if ahead.abs() > CLOCKS_APART => {
            let way = if ahead > 0 { "ahead of" } else { "behind" };
            let found = format!("the server's is {} s {way} this machine's", ahead.abs());
            report.odd("clock", found, "set the clock that is wrong: tokens may seem to be over, or not yet good");
        }
        Some(ahead) => report.fine("clock", format!("{} s apart", ahead.abs())),
    }
    true
}

fn token(report: &mut Report, standing: &Standing, advice: &str) {
    let whose = standing.user.as_deref().unwrap_or("nobody knows whom");
    let from = standing.from.as_deref().map(|from| format!(", from {from}")).unwrap_or_default();
    let until = standing.expires.map_or_else(String::new, |at| format!(", until {}", auth::time(at)));
    match &standing.state {
        Ok("accepted") => {
            let found = format!("of {whose}{from}{until}: accepted");
            let left = standing.expires.map(|at| at.duration_since(SystemTime::now()).unwrap_or_default());
            let is_renewed = standing.from.as_deref().is_some_and(|from| from.starts_with("token generator"));
            match left {
                Some(left) if left < SOON && !is_renewed => report.odd("token", found, advice),
                _ => report.fine("token", found),
            }
        }
        Ok(state) => report.fine("token", *state),
        Err(failure) => {
            let about = match &standing.from {
                Some(_) => format!("of {whose}{from}{until}: {failure}"),
                None => failure.to_string(),
            };
            let advice = match failure.code() {
                4 => advice,
                5 => "this user may not use it: ask its operators",
                _ => "see above",
            };
            report.add("token", State::Wrong(failure.code()), about, Some(advice));
        }
    }
}
