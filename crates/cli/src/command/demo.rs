//! `whimbrel demo`: a folder into an embedded Coscine and back, then again while that server refuses, breaks off and lies.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures::TryStreamExt as _;
use sandbox::{FaultPlan, Options, Sandbox};
use whimbrel::{
    CacheMode, Error,
    coscine::{Client, Metadata},
    transfer::Progress,
};

use crate::{
    args::{Demo, Global},
    exit::{Done, Failure},
    progress::{Bar, left},
};

/// Bytes of the largest file that is made.
const LARGEST: usize = 64 << 20;

pub(crate) async fn run(global: &Global, demo: Demo) -> Done {
    let made;
    let folder = match demo.folder {
        Some(folder) => folder,
        None => {
            made = tempfile::tempdir()?;
            make(made.path())?;
            made.path().to_path_buf()
        }
    };
    let here = hashes(&folder)?;
    let bytes: u64 = here.values().map(|(size, _)| size).sum();
    if !global.quiet {
        eprintln!("whimbrel: {} files, {}, into Demo/Measurements and back", here.len(), indicatif::HumanBytes(bytes));
    }
    let mut rows = vec![];
    for (name, faults) in [("plain", FaultPlan::default()), ("faults", FaultPlan::demo())] {
        rows.push(round(global, name, faults, &folder, &here).await?);
    }
    let mut out = io::stdout();
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let titles = [
        "ROUND",
        "FILES",
        "BYTES",
        "REQUESTS",
        "CACHE HITS",
        "RETRIES",
        "FAULTS MET",
        "LARGEST MINUTE",
        "TIME",
        "RESULT",
    ];
    table.set_header(titles);
    for row in &rows {
        table.add_row(row.cells(bytes));
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    let wrong: Vec<_> = rows.iter().flat_map(|row| row.wrong.iter().map(|it| format!("{}: {it}", row.name))).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Other(wrong.join("; "))) }
}

struct Row {
    name: &'static str,
    files: usize,
    identical: usize,
    requests: u64,
    hits: u64,
    retries: u64,
    faults: u64,
    largest_minute: usize,
    time: Duration,
    /// What was lost or doubled; nothing, if all is well.
    wrong: Vec<String>,
}

impl Row {
    fn cells(&self, bytes: u64) -> [String; 10] {
        [
            self.name.to_owned(),
            self.files.to_string(),
            // There and back.
            indicatif::HumanBytes(2 * bytes).to_string(),
            self.requests.to_string(),
            self.hits.to_string(),
            self.retries.to_string(),
            self.faults.to_string(),
            self.largest_minute.to_string(),
            format!("{:.1} s", self.time.as_secs_f64()),
            format!("identical: {} of {}", self.identical, self.files),
        ]
    }
}

type Hashes = BTreeMap<String, (u64, blake3::Hash)>;

async fn round(global: &Global, name: &'static str, faults: FaultPlan, folder: &Path, here: &Hashes) -> Done<Row> {
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
    let identical = here.iter().filter(|(name, hash)| back.get(*name) == Some(hash)).count();
    if identical != here.len() || back.len() != here.len() {
        wrong.push(format!("{} of {} files came back as they were", identical, here.len()));
    }
    let seen = sandbox.report();
    wrong.extend(seen.contract_violations);
    if seen.largest_window_60s > 500 {
        wrong.push(format!("{} requests in a minute", seen.largest_window_60s));
    }
    Ok(Row {
        name,
        files: here.len(),
        identical,
        requests: seen.requests,
        hits: client.connection().cache_hits(),
        retries: client.connection().retries(),
        faults: seen.faults_met.values().sum(),
        largest_minute: seen.largest_window_60s,
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
fn make(folder: &Path) -> io::Result<()> {
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

/// The size and hash of each file below a folder.
fn hashes(folder: &Path) -> Done<Hashes> {
    let (mut found, mut next) = (Hashes::new(), vec![folder.to_path_buf()]);
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(&at).map_err(|e| Error::io(&at, e))? {
            let path: PathBuf = entry.map_err(|e| Error::io(&at, e))?.path();
            if path.is_dir() {
                next.push(path);
                continue;
            }
            let name: Vec<_> =
                path.strip_prefix(folder).unwrap_or(&path).iter().map(|it| it.to_string_lossy()).collect();
            found.insert(name.join("/"), hash(&path).map_err(|e| Error::io(&path, e))?);
        }
    }
    Ok(found)
}

fn hash(path: &Path) -> io::Result<(u64, blake3::Hash)> {
    let (mut file, mut hasher, mut chunk, mut size) = (File::open(path)?, blake3::Hasher::new(), vec![0; 1 << 16], 0);
    loop {
        let n = file.read(&mut chunk)?;
        if n == 0 {
            return Ok((size, hasher.finalize()));
        }
        hasher.update(&chunk[..n]);
        size += n as u64;
    }
}
