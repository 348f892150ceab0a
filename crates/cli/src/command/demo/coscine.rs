use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::Path,
    time::Instant,
};

use futures::TryStreamExt as _;
use sandbox::{FaultPlan, Options, Sandbox};
use whimbrel::{
    CacheMode,
    coscine::{Client, Metadata},
    transfer::Progress,
};

use super::{Hashes, Row, bytes, hashes, same};
use crate::{
    args::Global,
    exit::Done,
    progress::{Bar, left},
};

/// Bytes of the largest file that is made.
const LARGEST: usize = 64 << 20;

/// A folder into a resource with metadata, and back.
pub(super) async fn round(
    global: &Global,
    name: &'static str,
    faults: FaultPlan,
    folder: &Path,
    here: &Hashes,
) -> Done<Row> {
    let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await?;
    let token = sandbox.token("alice").expect("the seed has her");
    let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Memory).build()?;
    let start = Instant::now();
    let resource = client.project("Demo").await?.resource("Measurements").await?;

    let progress = Progress::new();
    let bar = Bar::start(global.quiet, &progress, left(client.connection()));
    let upload = resource.upload_dir(folder).metadata(|file| metadata(&file.name)).progress(progress.clone());
    upload.send().await?.into_result()?;
    drop(bar);

    let mut wrong = vec![];
    let listed: Vec<_> = resource.files().recursive().stream().try_collect().await?;
    if listed.len() != here.len() {
        wrong.push(format!("{} of {} files are listed", listed.len(), here.len()));
    }
    let metadata = resource.metadata().await?;
    if metadata.len() != here.len() {
        wrong.push(format!("{} of {} files have metadata", metadata.len(), here.len()));
    }
    let doubled = metadata.iter().filter(|it| it.version != Some(1)).count();
    if doubled > 0 {
        wrong.push(format!("the metadata of {doubled} files were stored more than once"));
    }

    // As the next command would: by name again, which the cache knows.
    let resource = client.project("Demo").await?.resource("Measurements").await?;
    let back = tempfile::tempdir()?;
    let progress = Progress::new();
    let bar = Bar::start(global.quiet, &progress, left(client.connection()));
    resource.download_dir(back.path()).progress(progress.clone()).send().await?.into_result()?;
    drop(bar);
    let time = start.elapsed();

    let back = hashes(back.path())?;
    let identical = same(here, &back, &mut wrong);
    let seen = sandbox.report();
    wrong.extend(seen.contract_violations);
    if seen.largest_window_60s > 500 {
        wrong.push(format!("{} requests in a minute", seen.largest_window_60s));
    }
    Ok(Row {
        name,
        files: here.len(),
        bytes: 2 * bytes(here),
        identical,
        requests: seen.requests,
        hits: client.connection().cache_hits(),
        retries: client.connection().retries(),
        faults: seen.faults_met.values().sum(),
        largest_minute: Some(seen.largest_window_60s),
        time,
        wrong,
    })
}

fn metadata(name: &str) -> Metadata {
    let title: String = name.chars().take(200).collect();
    let pairs = [
        ("Title", title.as_str()),
        ("Creator", "Whimbrel's demo"),
        ("Creation Date", "2026-11-21"),
        ("State", "raw"),
        ("Instrument", "Rheometer 1"),
    ];
    Metadata::Record(pairs.into_iter().collect())
}

/// Sixty files, three levels deep, one of them large, with the names that people give files.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    let names = ["plain.txt", "with space.csv", "Müller ß.dat", "100%20sure.txt", "#1 question?.md", "a+b&c;d.json"];
    let folders = [
        "",
        "2026",
        "2026/run 1",
        "2026/run 1/Prüfstand",
        "2026/run%202",
        "#notes",
        "archive",
        "archive/old",
        "archive/old/x",
    ];
    let mut random = fastrand::Rng::with_seed(60);
    for n in 0..59 {
        let (name, below) = (names[n % names.len()], folders[n % folders.len()]);
        let path = folder.join(below).join(format!("{n:02} {name}"));
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        let mut content = vec![0; random.usize(0..20_000)];
        random.fill(&mut content);
        fs::write(path, content)?;
    }
    let mut large = BufWriter::new(File::create(folder.join("archive/large.bin"))?);
    let mut chunk = vec![0; 1 << 20];
    for _ in 0..LARGEST >> 20 {
        random.fill(&mut chunk);
        large.write_all(&chunk)?;
    }
    large.flush()
}
