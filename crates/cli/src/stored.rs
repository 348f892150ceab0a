//! The token for Coscine that `auth login` has stored, with the server that it belongs to.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use serde_json::{Value, json};
use whimbrel::secrecy::{ExposeSecret as _, SecretString};

use crate::{
    exit::{Done, Failure},
    private_file,
    session::variable,
};

/// A token and the base URL that it was checked at.
#[derive(Debug)]
pub(crate) struct Stored {
    pub url: String,
    pub token: SecretString,
}

/// Where it is; none where there is no home.
pub(crate) fn place() -> Option<PathBuf> {
    let folder = match variable("WHIMBREL_CONFIG_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => etcetera::choose_base_strategy().ok()?.config_dir().join("whimbrel"),
    };
    Some(folder.join("coscine.json"))
}

/// What is stored.
pub(crate) fn read() -> Done<Option<Stored>> {
    let Some(path) = place() else { return Ok(None) };
    let Some(text) = private_file::read(&path)? else { return Ok(None) };
    let path = path.display();
    if private_file::is_open_to_read(&place().unwrap_or_default()) {
        return Err(Failure::NoToken(format!("{path}: others can read this file; run: chmod 600 {path}")));
    }
    let told: Option<Value> = serde_json::from_str(&text).ok();
    let text_of = |name: &str| Some(told.as_ref()?.get(name)?.as_str()?.to_owned());
    match (text_of("url"), text_of("token")) {
        (Some(url), Some(token)) => Ok(Some(Stored { url, token: token.into() })),
        _ => Err(Failure::NoToken(format!("{path}: it is broken; run: whimbrel auth login coscine"))),
    }
}

/// Stores a token in place of the one before.
pub(crate) fn write(url: &str, token: &SecretString) -> Done<PathBuf> {
    let path = place().ok_or_else(|| Failure::Other("there is no home folder; set WHIMBREL_CONFIG_DIR".to_owned()))?;
    let text = format!("{:#}\n", json!({ "url": url, "token": token.expose_secret() }));
    private_file::change(&path, |_| Ok(Some(text.clone())))?;
    Ok(path)
}

/// Removes it; `None` if there was none.
pub(crate) fn remove() -> Done<Option<PathBuf>> {
    let Some(path) = place() else { return Ok(None) };
    Ok(private_file::remove(&path)?.then_some(path))
}
