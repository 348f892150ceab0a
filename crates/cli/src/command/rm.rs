//! `whimbrel rm`.

use std::io::Write as _;

use futures::TryStreamExt as _;
use whimbrel::{Error, Kind, coscine::File, printable};

use super::sync::place;
use crate::{
    args::{Global, Rm},
    exit::{Done, Failure},
    session,
};

pub(crate) async fn run(global: &Global, rm: Rm) -> Done {
    let client = session::coscine(global)?;
    let mut found = vec![];
    for address in &rm.addresses {
        let (resource, path) = place(&client, address).await?;
        if !path.is_empty() && !path.ends_with('/') && resource.file(&path).head().await?.is_some() {
            found.push((resource, vec![path]));
            continue;
        }
        let files: Vec<File> = match resource.files().under(&path).recursive().stream().try_collect().await {
            Err(error) if !error.is_not_found() => return Err(error.into()),
            found => found.unwrap_or_default(),
        };
        if files.is_empty() {
            return Err(Error::not_found("there is no such file or folder").about(address).into());
        }
        if !rm.recursive {
            return Err(Failure::Usage(format!("{address}: it is a folder; delete it with -r")));
        }
        found.push((resource, files.into_iter().map(|file| file.path).collect()));
    }
    let n: usize = found.iter().map(|(_, paths)| paths.len()).sum();
    if rm.dry_run {
        for path in found.iter().flat_map(|(_, paths)| paths) {
            writeln!(std::io::stdout(), "{}", printable(path))?;
        }
        return Ok(());
    }
    session::sure(rm.yes, &format!("delete {n} files")).await?;
    let (mut deleted, mut failed) = (0, 0);
    for (resource, paths) in found {
        for path in paths {
            match resource.file(&path).delete().await {
                Ok(()) => deleted += 1,
                Err(error) => {
                    failed += 1;
                    eprintln!("whimbrel: {error}");
                    if matches!(error.kind(), Kind::Forbidden | Kind::Unauthenticated) {
                        return Err(Failure::from(error));
                    }
                }
            }
        }
    }
    if !global.quiet {
        eprintln!("whimbrel: {deleted} files deleted");
    }
    if failed > 0 { Err(Failure::Told(8)) } else { Ok(()) }
}
