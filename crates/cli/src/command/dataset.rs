//! Datasets of a dserver, and those in folders here: `whimbrel cp`, `verify` and `dserver register` of them.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use serde_json::json;
use whimbrel::{
    Error,
    dserver::{Address, Fetched, Place, Uploaded},
    dtool::{Folder, Verified},
    transfer::{Existing, Progress, Report},
};

use super::{cp::summary, dserver::Session};
use crate::{
    args::{Cp, Global, Limit, Verify, dserver::Register},
    exit::{Done, Failure},
    output::{Column, Output},
    progress::{Bar, left},
    session,
};

const FINDING: [Column; 3] = [("what", "/what"), ("path", "/relpath"), ("why", "/why")];

/// Whether a text is an address of a dserver.
pub(crate) fn is_remote(text: &str) -> bool {
    text.starts_with(Address::SCHEME)
}

pub(crate) async fn cp(global: &Global, cp: &Cp, sources: &[String], target: &str) -> Done {
    if !cp.metadata.is_empty() || cp.rdf.is_some() {
        return Err(Failure::Usage("metadata goes with files of Coscine; a dataset has its own".to_owned()));
    }
    let is_here = |text: &str| !text.contains("://");
    let down = is_here(target) && sources.iter().all(|it| is_remote(it));
    let up = is_remote(target) && sources.iter().all(|it| is_here(it));
    // All of them before the first byte moves.
    if !down && !up {
        let message = "datasets are copied from dserver://host/uuid to a folder here, or from the folder of one here to \
                       dserver://host/s3/bucket";
        return Err(Failure::Usage(message.to_owned()));
    }
    let progress = Progress::new();
    let mut total = Report::default();
    for source in sources {
        let report = if down {
            fetch(global, cp, &source.parse()?, Path::new(target), &progress).await?
        } else {
            send(global, cp, Path::new(source), &target.parse()?, &progress).await?
        };
        total.add(report);
    }
    summary(global.quiet, &total);
    total.into_result()?;
    Ok(())
}

async fn fetch(global: &Global, cp: &Cp, source: &Address, into: &Path, progress: &Progress) -> Done<Report> {
    let (client, output) = (session::dserver_at(global, source)?, Output::new(global));
    let copies = client.at(source).await?;
    let existing = match (cp.overwrite, cp.skip_existing) {
        (true, _) => Existing::Overwrite,
        (_, true) => Existing::Skip,
        _ => Existing::Refuse,
    };
    let bar = Bar::start(global.quiet, progress, left(client.connection()));
    let download = client.download(copies, into).existing(existing).jobs(cp.jobs).progress(progress.clone());
    let Fetched { folder, uri, route, report } = download.keys(session::keys()?).send().await?;
    drop(bar);
    let unchanged = match report.unchanged {
        0 => String::new(),
        n => format!("; {n} items were there already"),
    };
    output.note(format!("{uri} {route}, to {}{unchanged}", folder.path().display()));
    if !report.failed.is_empty() {
        output.note(format!("{} is not frozen yet: the same command goes on", folder.path().display()));
    }
    Ok(report)
}

async fn send(global: &Global, cp: &Cp, source: &Path, target: &Address, progress: &Progress) -> Done<Report> {
    let Place::Uri(base_uri) = &target.place else {
        return Err(Failure::Usage(format!("{target}: name a base URI: dserver://host/s3/bucket")));
    };
    let (client, output) = (session::dserver_at(global, target)?, Output::new(global));
    let bar = Bar::start(global.quiet, progress, left(client.connection()));
    let upload = client.upload(source, base_uri).jobs(cp.jobs).progress(progress.clone());
    let Uploaded { uri, registered, report } = upload.send().await?;
    drop(bar);
    output.note(match registered {
        true => format!("{} is registered as {uri}", source.display()),
        false => format!("{} is not registered yet: the same command goes on", source.display()),
    });
    Ok(report)
}

/// Compares a dataset's folder with its own manifest, or with that of the server's copy.
pub(crate) async fn verify(global: &Global, verify: &Verify) -> Done {
    if verify.select.checksum || !verify.select.include.is_empty() || !verify.select.exclude.is_empty() {
        return Err(Failure::Usage("all items of a dataset are looked at, by their hashes".to_owned()));
    }
    let (address, folder) = match (&*verify.source, verify.target.as_deref()) {
        (folder, None) if !folder.contains("://") => (None, folder),
        (there, Some(folder)) if is_remote(there) && !is_remote(folder) => (Some(there), folder),
        (folder, Some(there)) if is_remote(there) && !is_remote(folder) => (Some(there), folder),
        _ => {
            return Err(Failure::Usage("name the folder of a dataset, or dserver://host/uuid and a folder".to_owned()));
        }
    };
    let folder = Folder::at(folder);
    let mut look = folder.verify();
    if let Some(address) = address {
        let address: Address = address.parse()?;
        let client = session::dserver_at(global, &address)?;
        let known = client.at(&address).await?.remove(0);
        look = look.against(client.manifest_for(&known, &folder).await?);
    }
    let Verified { whole, findings } = look.send().await?;
    let (output, wrong) = (Output::new(global), findings.len());
    output.all(findings.iter().map(|it| json!(it)).collect(), &FINDING, Limit::NONE).await?;
    if !global.quiet {
        eprintln!("whimbrel: {whole} items are whole, {wrong} are not");
    }
    if wrong == 0 { Ok(()) } else { Err(Failure::Told(8)) }
}

/// Registers a dataset with what is told of it where it lies.
pub(super) async fn register(at: Session<'_>, register: &Register) -> Done {
    let uri = match register.dataset.contains("://") {
        true => register.dataset.clone(),
        false => uri_of(Path::new(&register.dataset))?,
    };
    let registered = at.client.register_from(&uri, register.base_uri.as_deref(), session::keys()?).await?;
    at.output.note(format!("{} is registered as {}", registered.name, registered.uri));
    Ok(())
}

/// The URI that dtool gives a folder of this machine.
///
/// # Errors
/// If there is no such folder, or its path is not UTF-8.
pub fn uri_of(folder: &Path) -> Done<String> {
    let found = fs::metadata(folder).map_err(|e| Error::io(folder, e))?;
    if !found.is_dir() {
        return Err(Failure::Usage(format!("{}: it is a file; name the folder of a dataset", folder.display())));
    }
    let mut path = PathBuf::new();
    for part in std::path::absolute(folder).map_err(|e| Error::io(folder, e))?.components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    let path =
        path.to_str().ok_or_else(|| Error::invalid("its path is not UTF-8").about(path.display().to_string()))?;
    Ok(match cfg!(windows) {
        true => format!("file:///{}", path.replace('\\', "/")),
        false => format!("file://{}{path}", session::host()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_has_the_uri_that_dtool_gives_it() {
        let folder = tempfile::tempdir().unwrap();
        let expected = format!("file://{}{}", session::host(), folder.path().display());
        assert_eq!(uri_of(&folder.path().join("x/..").join(".")).ok(), None, "there is no x");
        fs::create_dir(folder.path().join("x")).unwrap();
        assert_eq!(uri_of(&folder.path().join("x/../.")).unwrap(), expected);
    }
}
