//! From the environment, files and the standard input to a client.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use etcetera::BaseStrategy as _;
use secrecy::SecretString;
use whimbrel::{Builder, CacheMode, Service, coscine, datasift, dserver};

use crate::{
    args::{Cache, Global},
    dtool_file,
    exit::{Done, Failure},
    login::{self, Account, Asked, ForDatasift, ForDserver, Proof},
    terminal,
};

pub(crate) fn coscine(global: &Global) -> Done<coscine::Client> {
    let login = login::coscine(&global.asked())?;
    let token = login.token.map_err(Failure::NoToken)?;
    Ok(prepared(global, coscine::Client::builder()).url(login.url).token(token.secret).build()?)
}

pub(crate) fn dserver(global: &Global) -> Done<dserver::Client> {
    let ForDserver { config, proof } = login::dserver(&global.asked())?;
    dserver_with(global, &config, proof)
}

/// The server of an address. What the user has of tokens is for the server that the user named, and no other is shown it.
pub(crate) fn dserver_at(global: &Global, address: &dserver::Address) -> Done<dserver::Client> {
    let ForDserver { config, proof } = login::dserver(&global.asked())?;
    match config.url() {
        Some(url) if address.is_at(&url) => dserver_with(global, &config, proof),
        Some(url) if global.url.is_some() => {
            let url = whimbrel::without_account(&url);
            Err(Failure::Usage(format!("{address}: it is not at {url}, which --url names")))
        }
        _ if global.given.is_some() => Err(Failure::Usage(format!(
            "{address}: nothing says that the token is for {host}: name the server by --url https://{host}",
            host = address.host
        ))),
        _ => {
            let protocol = config.protocol()?.unwrap_or_else(|| "https".to_owned());
            // That certificates don't matter is said of the other.
            Ok(prepared(global, dserver::Client::builder()).url(format!("{protocol}://{}", address.host)).build()?)
        }
    }
}

pub(crate) fn datasift(global: &Global, user: Option<String>) -> Done<datasift::Client> {
    let account = Account { username: user, ..Account::default() };
    let ForDatasift { url, user, key } = login::datasift(&Asked { account, ..global.asked() })?;
    let builder = prepared(global, datasift::Client::builder()).api_key(user, key.secret);
    Ok(match url {
        Some(url) => builder.url(url).build()?,
        None => builder.build()?,
    })
}

/// Looks up settings of dtool's storages by their names.
pub(crate) fn keys() -> Done<impl Fn(&str) -> Option<String> + Send + Sync + 'static> {
    let config = dtool_file::config()?;
    Ok(move |name: &str| config.get(name))
}

/// What this machine is called, as dtool has it in URIs of its folders.
pub(crate) fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    variable("COMPUTERNAME").unwrap_or_default()
}

/// A client as this configuration says, and with this proof.
pub(crate) fn dserver_with(global: &Global, config: &dserver::Config, proof: Proof) -> Done<dserver::Client> {
    let nowhere = || {
        Failure::Usage("which dserver? Set DSERVER_URL, run `whimbrel auth login dserver`, or give --url".to_owned())
    };
    let url = config.url().ok_or_else(nowhere)?;
    let builder = prepared(global, dserver::Client::builder()).url(url).verify_tls(config.verify_ssl());
    let builder = match proof {
        Proof::Off => builder,
        Proof::Token(generator, _) => builder.credentials(*generator),
        Proof::Missing(why) => return Err(Failure::NoToken(why)),
    };
    Ok(builder.build()?)
}

/// A builder with what holds for every command.
pub(crate) fn prepared<S: Service>(global: &Global, builder: Builder<S>) -> Builder<S> {
    let builder = builder.cache(cache(global));
    match global.deadline {
        Some(seconds) => builder.deadline(Duration::from_secs(seconds)),
        None => builder,
    }
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
pub fn cache_file() -> Option<PathBuf> {
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

/// A variable of the environment, if there is something in it.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A secret that a command wants beside the token: from a file, or from the standard input.
pub(crate) async fn secret(global: &Global, what: &'static str, from: Option<&Path>) -> Done<SecretString> {
    let file = from.filter(|path| path.as_os_str() != "-").map(Path::to_owned);
    if file.is_none() && global.token_stdin {
        let message =
            format!("the standard input can't be both the API token and the {what}: read one of them from a file");
        return Err(Failure::Usage(message));
    }
    aside(move || read(what, file.as_deref())).await
}

/// Waits for somebody to write something. Meanwhile Ctrl-C is heard.
pub(crate) async fn aside<T: Send + 'static>(wait: impl FnOnce() -> Done<T> + Send + 'static) -> Done<T> {
    tokio::task::spawn_blocking(wait).await.map_err(|e| Failure::Other(e.to_string()))?
}

/// A secret from a file that nobody else may read, or from the standard input.
pub(crate) fn read(what: &str, file: Option<&Path>) -> Done<SecretString> {
    let text = match file {
        Some(path) => {
            refuse_open_file(path)?;
            fs::read_to_string(path)
                .map_err(|e| Failure::NoToken(format!("{}: no {what} could be read: {e}", path.display())))?
        }
        None => std::io::read_to_string(std::io::stdin())
            .map_err(|e| Failure::NoToken(format!("no {what} could be read from the standard input: {e}")))?,
    };
    match text.trim() {
        "" => Err(Failure::NoToken(format!("the {what} is empty"))),
        secret => Ok(secret.to_owned().into()),
    }
}

/// A text from a file, or from the standard input if that is `-`.
pub(crate) async fn text(path: &Path) -> Done<String> {
    let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    let text = String::from_utf8(content(path).await?).map_err(wrong);
    Ok(text.map_err(|e| whimbrel::Error::io(path, e))?)
}

/// The content of a file, or of the standard input if that is `-`.
pub(crate) async fn content(path: &Path) -> Done<Vec<u8>> {
    let path = path.to_owned();
    let read = move || {
        let mut content = vec![];
        let read = match path.as_os_str() == "-" {
            true => std::io::Read::read_to_end(&mut std::io::stdin(), &mut content).map(drop),
            false => fs::read(&path).map(|it| content = it),
        };
        read.map_err(|e| whimbrel::Error::io(&path, e))?;
        Ok(content)
    };
    aside(read).await
}

/// Asks on a terminal before what can't be undone. Where nobody can be asked, it has to be said on the command line.
pub(crate) async fn sure(yes: bool, deed: &str) -> Done {
    if yes {
        return Ok(());
    }
    if !terminal::is_there() {
        return Err(Failure::Usage(format!("this would {deed}; say --yes if that is what you want")));
    }
    eprint!("whimbrel: {deed}? [y/N] ", deed = whimbrel::printable(deed));
    let mut answer = String::new();
    let answer = aside(move || {
        std::io::stdin().read_line(&mut answer)?;
        Ok(answer)
    });
    let answer = answer.await?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::Other("nothing was done".to_owned())),
    }
}

/// A token that others can read is no secret.
#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Done {
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
fn refuse_open_file(_: &Path) -> Done {
    Ok(())
}
