//! `dtool.json`, which all of dtool's software shares: read by every command of dserver's, written by `auth login` and
//! `auth logout` alone.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value};
use whimbrel::{Error, dserver::Config, origin, secrecy::ExposeSecret as _};

use crate::{
    exit::{Done, Failure},
    private_file,
    session::variable,
};

/// What is a secret in it.
const SECRETS: [&str; 2] = ["DSERVER_TOKEN", "DSERVER_PASSWORD"];

/// What belongs to one server.
const OF_A_SERVER: [&str; 5] =
    ["DSERVER_TOKEN", "DSERVER_TOKEN_FILE", "DSERVER_TOKEN_GENERATOR_URL", "DSERVER_USERNAME", "DSERVER_PASSWORD"];

/// What `auth login` writes.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub url: &'a str,
    pub token: &'a whimbrel::secrecy::SecretString,
    /// Whose token it is, where that is known.
    pub user: Option<&'a str>,
    pub generator: Option<&'a str>,
    /// Only if the user wants it kept.
    pub password: Option<&'a whimbrel::secrecy::SecretString>,
}

/// Where it is: below the home folder, on every system, or in `DTOOL_CONFIG_DIR`. None where there is no home.
pub fn place() -> Option<PathBuf> {
    let folder = match variable("DTOOL_CONFIG_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => etcetera::home_dir().ok()?.join(".config").join("dtool"),
    };
    Some(folder.join("dtool.json"))
}

/// The configuration of this file and the environment.
pub(crate) fn config() -> Done<Config> {
    let text = match place() {
        Some(path) => private_file::read(&path)?.unwrap_or_default(),
        None => String::new(),
    };
    let config = Config::new(&text, |name| std::env::var(name).ok());
    Ok(config.map_err(|e| e.about(place().unwrap_or_default().display().to_string()))?)
}

/// The configuration of the environment alone, where the file is broken.
pub(crate) fn without_file() -> Done<Config> {
    Ok(Config::new("", |name| std::env::var(name).ok())?)
}

/// A secret in a file that others may read.
pub(crate) fn warning(config: &Config) -> Option<String> {
    let path = place().filter(|path| private_file::is_open_to_read(path))?;
    let secrets = config.keys_of_file().filter(|key| SECRETS.contains(key) || key.contains("SECRET"));
    let secrets = secrets.collect::<Vec<_>>().join(", ");
    let path = path.display();
    (!secrets.is_empty()).then(|| format!("WARNING: others can read {secrets} in {path}; run: chmod 600 {path}"))
}

/// Writes a login. Everything else in the file stays, in its order.
pub(crate) fn log_in(entry: &Entry<'_>) -> Done<PathBuf> {
    change(|settings| {
        let old = settings.get("DSERVER_URL").and_then(Value::as_str).unwrap_or_default().to_owned();
        // What is for another server must not become this one's.
        if !old.is_empty() && origin(&old) != origin(entry.url) {
            settings.retain(|key, _| !OF_A_SERVER.contains(&key.as_str()));
        }
        settings.insert("DSERVER_URL".to_owned(), entry.url.into());
        // It counts before the token: commands would go on with the one it names.
        settings.shift_remove("DSERVER_TOKEN_FILE");
        let is_anothers = |settings: &Map<String, Value>| {
            let there = settings.get("DSERVER_USERNAME").and_then(Value::as_str).unwrap_or_default();
            entry.user.is_some_and(|user| !there.is_empty() && !there.eq_ignore_ascii_case(user))
        };
        if is_anothers(settings) {
            settings.shift_remove("DSERVER_USERNAME");
            settings.shift_remove("DSERVER_PASSWORD");
        }
        settings.insert("DSERVER_TOKEN".to_owned(), entry.token.expose_secret().into());
        if let Some(generator) = entry.generator {
            settings.insert("DSERVER_TOKEN_GENERATOR_URL".to_owned(), generator.into());
            if let Some(user) = entry.user {
                settings.insert("DSERVER_USERNAME".to_owned(), user.into());
            }
        }
        if let Some(password) = entry.password {
            settings.insert("DSERVER_PASSWORD".to_owned(), password.expose_secret().into());
        }
        true
    })
}

/// What `auth logout` took out.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The file.
    pub path: PathBuf,
    /// Another file that holds a token and was named there. It is somebody else's to remove.
    pub token_file: Option<String>,
}

/// Takes token, password and the name of a token's file out; `None` if there were none.
pub(crate) fn log_out() -> Done<Option<Taken>> {
    if place().is_none_or(|path| !path.exists()) {
        return Ok(None);
    }
    let (mut found, mut token_file) = (false, None);
    let path = change(|settings| {
        let named = settings.shift_remove("DSERVER_TOKEN_FILE");
        let secrets = SECRETS.iter().filter(|key| settings.shift_remove(**key).is_some()).count();
        found = secrets > 0 || named.is_some();
        token_file = named.and_then(|it| it.as_str().map(str::to_owned)).filter(|it| !it.is_empty());
        found
    })?;
    Ok(found.then_some(Taken { path, token_file }))
}

/// Writes one setting, or takes it out. Everything else in the file stays, and so does who may read it.
///
/// # Errors
/// A file that is broken, or can't be written.
pub fn set(key: &str, value: Option<&str>) -> Done {
    let permissions = place().and_then(|path| fs::metadata(path).ok()).map(|it| it.permissions());
    let path = change(|settings| match value {
        Some(value) => settings.insert(key.to_owned(), value.into()).is_none_or(|old| old != value),
        None => settings.shift_remove(key).is_some(),
    })?;
    match permissions {
        Some(permissions) => Ok(fs::set_permissions(&path, permissions).map_err(|e| Error::io(&path, e))?),
        None => Ok(()),
    }
}

/// Replaces the file, if `new` has changed its settings.
fn change(mut new: impl FnMut(&mut Map<String, Value>) -> bool) -> Done<PathBuf> {
    let path = place().ok_or_else(|| Failure::Other("there is no home folder; set DTOOL_CONFIG_DIR".to_owned()))?;
    private_file::change(&path, |text| {
        // What is broken is not replaced: it may be a comma, and a hundred keys.
        Config::new(text, |_| None).map_err(|e| e.about(path.display().to_string()))?;
        let mut settings = match text.trim_start_matches('\u{feff}').trim() {
            "" => Map::new(),
            text => serde_json::from_str(text).map_err(|e| Failure::Other(format!("{}: {e}", path.display())))?,
        };
        let changed = new(&mut settings);
        Ok(changed.then(|| format!("{:#}\n", Value::Object(settings))))
    })?;
    Ok(path)
}
