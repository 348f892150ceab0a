//! From the environment, files and the standard input to a client.

use std::{env, fs, io::Read as _, path::PathBuf, time::Duration};

use etcetera::BaseStrategy as _;
use secrecy::SecretString;
use whimbrel::{Builder, CacheMode, Service, coscine, dserver};

use crate::{
    args::{Cache, Global},
    exit::{Done, Failure},
};

pub(crate) fn coscine(global: &Global) -> Done<coscine::Client> {
    let url = global.url.clone().or_else(|| variable("COSCINE_URL"));
    let token = token(global, "COSCINE_API_TOKEN")?;
    Ok(client(global, coscine::Client::builder(), url, Some(token))?)
}

pub(crate) fn dserver(global: &Global) -> Done<dserver::Client> {
    let url = global.url.clone().or_else(|| variable("DSERVER_URL"));
    let url = url.ok_or_else(|| Failure::Usage("which dserver? Set DSERVER_URL or give --url".to_owned()))?;
    let token = token(global, "DSERVER_TOKEN")?;
    Ok(client(global, dserver::Client::builder(), Some(url), Some(token))?)
}

fn client<S: Service>(
    global: &Global,
    mut builder: Builder<S>,
    url: Option<String>,
    token: Option<SecretString>,
) -> whimbrel::Result<S::Client> {
    builder = builder.cache(cache(global));
    if let Some(url) = url {
        builder = builder.url(url);
    }
    if let Some(token) = token {
        builder = builder.token(token);
    }
    if let Some(seconds) = global.deadline {
        builder = builder.deadline(Duration::from_secs(seconds));
    }
    builder.build()
}

/// Where answers are kept.
pub(crate) fn cache(global: &Global) -> CacheMode {
    match global.cache {
        Cache::Off => CacheMode::Off,
        Cache::Memory => CacheMode::Memory,
        Cache::Disk => cache_file().map_or(CacheMode::Memory, CacheMode::Disk),
    }
}

/// The cache's file; none where there is no home.
pub(crate) fn cache_file() -> Option<PathBuf> {
    Some(cache_folder()?.join("cache.sqlite"))
}

/// Where the index of transferred files is; none where there is no home.
pub(crate) fn index() -> Option<PathBuf> {
    Some(cache_folder()?.join("transfers"))
}

fn cache_folder() -> Option<PathBuf> {
    match variable("WHIMBREL_CACHE_DIR") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("whimbrel")),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn token(global: &Global, name: &str) -> Done<SecretString> {
    let text = if global.token_stdin {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|e| Failure::NoToken(format!("no token could be read from the standard input: {e}")))?;
        text
    } else if let Some(path) = &global.token_file {
        refuse_open_file(path)?;
        fs::read_to_string(path)
            .map_err(|e| Failure::NoToken(format!("{}: no token could be read: {e}", path.display())))?
    } else {
        variable(name)
            .ok_or_else(|| Failure::NoToken(format!("no token: set {name}, or give --token-file or --token-stdin")))?
    };
    match text.trim() {
        "" => Err(Failure::NoToken("the token is empty".to_owned())),
        token => Ok(token.to_owned().into()),
    }
}

/// A token that others can read is no secret.
#[cfg(unix)]
fn refuse_open_file(path: &std::path::Path) -> Done {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map(|it| it.permissions().mode());
    match mode {
        Ok(mode) if mode & 0o077 != 0 => {
            let path = path.display();
            Err(Failure::NoToken(format!("{path}: others can read this file; run: chmod 600 {path}")))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_open_file(_: &std::path::Path) -> Done {
    Ok(())
}
