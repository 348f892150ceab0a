use std::{path::Path, time::Instant};

use futures::TryStreamExt as _;
use sandbox::{DserverRelease, FaultPlan, Options, Sandbox};
use whimbrel::{CacheMode, Paged as _, dserver::Client, dtool::Folder, transfer::Progress};

use super::{Hashes, Row, bytes, hashes, same};
use crate::{
    args::Global,
    exit::{Done, Failure},
    progress::Bar,
};

/// Every dataset of one dserver by signed URLs into folders that dtool reads, from there to another dserver that has none,
/// and back from that.
pub(super) async fn round(global: &Global, name: &'static str, faults: FaultPlan) -> Done<Row> {
    let options = Options { dserver_release: DserverRelease::Next, faults, ..Options::default() };
    let first = Sandbox::start(options.clone()).await?;
    let second = Sandbox::start(Options { datasets: 0, ..options }).await?;
    let (from, to) = (client(&first)?, client(&second)?);
    let start = Instant::now();
    let (here, back) = (tempfile::tempdir()?, tempfile::tempdir()?);

    let mut wrong = vec![];
    let folders = fetch(global, &from, here.path()).await?;
    for folder in &folders {
        if !folder.verify().send().await?.findings.is_empty() {
            wrong.push(format!("{} is not what its manifest says", folder.path().display()));
        }
    }
    let progress = Progress::new();
    let bar = Bar::start(global.quiet, &progress, || None);
    for folder in &folders {
        let uploaded = to.upload(folder.path(), BASE_URI).progress(progress.clone()).send().await?;
        uploaded.report.into_result()?;
    }
    drop(bar);
    let sent = fetch(global, &to, back.path()).await?;
    let time = start.elapsed();

    if sent.len() != folders.len() {
        wrong.push(format!("{} of {} datasets were registered", sent.len(), folders.len()));
    }
    let (here, back) = (items(&folders)?, items(&sent)?);
    let identical = same(&here, &back, &mut wrong);
    let (seen, received) = (first.dserver().report(), second.dserver().report());
    wrong.extend(seen.contract_violations.into_iter().chain(received.contract_violations));
    let both = |of: fn(&Client) -> u64| of(&from) + of(&to);
    Ok(Row {
        name,
        files: here.len(),
        identical,
        bytes: 3 * bytes(&here),
        requests: seen.requests + seen.storage_requests + received.requests + received.storage_requests,
        hits: both(|it| it.connection().cache_hits()),
        retries: both(|it| it.connection().retries()),
        faults: seen.faults_met.values().chain(received.faults_met.values()).sum(),
        largest_minute: None,
        time,
        wrong,
    })
}

/// Where the second server has its datasets.
const BASE_URI: &str = "s3://base1";

fn client(sandbox: &Sandbox) -> Done<Client> {
    let token = sandbox.dserver().token("testuser").expect("the seed has them");
    Ok(Client::builder().url(sandbox.dserver().url()).token(token).cache(CacheMode::Memory).build()?)
}

/// All datasets that a server finds, into folders below this one.
async fn fetch(global: &Global, client: &Client, into: &Path) -> Done<Vec<Folder>> {
    let found: Vec<_> = client.search().stream().try_collect().await?;
    let progress = Progress::new();
    let _bar = Bar::start(global.quiet, &progress, || None);
    let mut folders = vec![];
    for dataset in found {
        let fetched = client.download([dataset], into).progress(progress.clone()).send().await?;
        fetched.report.into_result()?;
        folders.push(fetched.folder);
    }
    Ok(folders)
}

/// The items of all datasets, and their readmes.
fn items(folders: &[Folder]) -> Done<Hashes> {
    let mut all = Hashes::new();
    for folder in folders {
        let name = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = hashes(folder.path())?;
        let content = files.into_iter().filter(|(path, _)| !path.starts_with(".dtool/"));
        all.extend(content.map(|(path, hash)| (format!("{name}/{path}"), hash)));
    }
    if all.is_empty() {
        return Err(Failure::Other("the sandbox has no datasets".to_owned()));
    }
    Ok(all)
}
