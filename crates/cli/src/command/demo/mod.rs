//! `whimbrel demo`: a folder into an embedded Coscine and back, datasets from one embedded dserver to another, then all of it
//! again while those servers refuse, break off and lie.

mod coscine;
mod dserver;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use indicatif::HumanBytes;
use sandbox::FaultPlan;
use whimbrel::Error;

use crate::{
    args::{Demo, Global},
    exit::{Done, Failure},
};

pub(crate) async fn run(global: &Global, demo: Demo) -> Done {
    let made;
    let folder = match demo.folder {
        Some(folder) => folder,
        None => {
            made = tempfile::tempdir()?;
            coscine::make(made.path())?;
            made.path().to_path_buf()
        }
    };
    let here = hashes(&folder)?;
    if !global.quiet {
        let bytes = HumanBytes(bytes(&here));
        eprintln!(
            "whimbrel: {} files, {bytes}, into Demo/Measurements and back; datasets from dserver to dserver",
            here.len()
        );
    }
    let mut rows = vec![];
    for (name, faults) in [("coscine", FaultPlan::default()), ("coscine, faults", FaultPlan::demo())] {
        rows.push(coscine::round(global, name, faults, &folder, &here).await?);
    }
    for (name, faults) in [("dserver", FaultPlan::default()), ("dserver, faults", FaultPlan::demo())] {
        rows.push(dserver::round(global, name, faults).await?);
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
        table.add_row(row.cells());
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
    /// All that was moved, there and back.
    bytes: u64,
    requests: u64,
    hits: u64,
    retries: u64,
    faults: u64,
    /// The most requests in 60 seconds; none where there is no limit to keep.
    largest_minute: Option<usize>,
    time: Duration,
    /// What was lost or doubled; nothing, if all is well.
    wrong: Vec<String>,
}

impl Row {
    fn cells(&self) -> [String; 10] {
        [
            self.name.to_owned(),
            self.files.to_string(),
            HumanBytes(self.bytes).to_string(),
            self.requests.to_string(),
            self.hits.to_string(),
            self.retries.to_string(),
            self.faults.to_string(),
            self.largest_minute.map(|it| it.to_string()).unwrap_or_default(),
            format!("{:.1} s", self.time.as_secs_f64()),
            format!("identical: {} of {}", self.identical, self.files),
        ]
    }
}

type Hashes = BTreeMap<String, (u64, blake3::Hash)>;

fn bytes(files: &Hashes) -> u64 {
    files.values().map(|(size, _)| size).sum()
}

/// How many files came as they were; whatever else came, or did not, is wrong.
fn same(here: &Hashes, back: &Hashes, wrong: &mut Vec<String>) -> usize {
    let identical = here.iter().filter(|(name, hash)| back.get(*name) == Some(hash)).count();
    if identical != here.len() || back.len() != here.len() {
        wrong.push(format!("{identical} of {} files came back as they were, {} in all", here.len(), back.len()));
    }
    identical
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
