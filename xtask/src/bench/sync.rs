//! What it costs to make 10,000 files the same again when one in a hundred has changed.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Sandbox, Setup, output, print_table};

const FILES: usize = 10_000;
const CHANGED: usize = FILES / 100;
/// Files in a folder: two requests each are still below the client's quota of a minute, and each folder is sent by a process
/// of its own, which has a quota of its own. The sandbox has none here.
const IN_FOLDER: usize = 240;

pub(super) fn run(setup: &Setup) -> Result<()> {
    let sandbox = Sandbox::start(setup, &["--requests-per-minute", "0"])?;
    let files = setup.folder.join("files");
    let path = |n: usize| files.join(format!("part {:02}/{n:05}.txt", n / IN_FOLDER));
    let write = |n: usize, text: &str| fs::write(path(n), &format!("{n:05} {text} ").repeat(100).as_bytes()[..1000]);
    for n in 0..FILES {
        if n % IN_FOLDER == 0 {
            fs::create_dir_all(path(n).parent().context("it has one")?)?;
        }
        write(n, "first")?;
    }
    let (mut first, mut folders, mut requests, mut seconds) = (0, 0, 0, 0.0);
    for folder in 0..FILES.div_ceil(IN_FOLDER) {
        let name = format!("part {folder:02}");
        let told = sync(setup, &sandbox, &files.join(&name), &name)?;
        (first, folders) = (first + told.done, folders + 1);
        (requests, seconds) = (requests + told.requests, seconds + told.seconds);
    }
    if first != FILES as u64 {
        bail!("{first} files were sent at first");
    }
    let again = sync(setup, &sandbox, &files, "")?;
    // A file system may tell times coarsely.
    thread::sleep(Duration::from_millis(20));
    for n in 0..CHANGED {
        write(n * (FILES / CHANGED), "other")?;
    }
    let changed = sync(setup, &sandbox, &files, "")?;

    let row = |what: &str, sent: u64, requests: u64, listing: &str, seconds: f64| {
        vec![what.to_owned(), sent.to_string(), requests.to_string(), listing.to_owned(), format!("{seconds:.1}")]
    };
    print_table(&[
        ["run", "files sent", "requests", "listing", "seconds"].map(str::to_owned).to_vec(),
        row(&format!("first, by {folders} processes"), first, requests, "", seconds),
        row("nothing changed", again.done, again.requests, &again.listing.to_string(), again.seconds),
        row("1 % changed", changed.done, changed.requests, &changed.listing.to_string(), changed.seconds),
    ]);
    if again.done > 0 || again.writes > 0 {
        bail!("{} files were sent, with {} writes, though nothing had changed", again.done, again.writes);
    }
    if changed.done != CHANGED as u64 {
        bail!("{} files were sent, and {CHANGED} had changed", changed.done);
    }
    if changed.requests > again.requests + 2 * CHANGED as u64 {
        bail!("more than two requests for each changed file");
    }
    Ok(())
}

struct Told {
    /// Files that were sent.
    done: u64,
    requests: u64,
    /// Those of them that list files.
    listing: u64,
    /// Those of them that change something.
    writes: u64,
    seconds: f64,
}

fn sync(setup: &Setup, sandbox: &Sandbox, folder: &Path, to: &str) -> Result<Told> {
    sandbox.reset()?;
    let mut command = Command::new(setup.example("sync"));
    command.args(["Demo", "Files"]).arg(folder).arg(to).arg(setup.folder.join("index"));
    let told: Value = serde_json::from_str(&output(sandbox.client(&mut command, &setup.folder))?)?;
    let report = sandbox.report()?;
    let by_operation = report["by_operation"].as_object().context("no operations")?;
    let of = |is_it: fn(&str) -> bool| {
        by_operation.iter().filter(|(id, _)| is_it(id)).filter_map(|(_, count)| count.as_u64()).sum()
    };
    Ok(Told {
        done: told["done"].as_u64().context("no count")?,
        requests: report["requests"].as_u64().context("no requests")?,
        listing: of(|id| id == "ListFilesFromStorage"),
        writes: of(|id| ["Post", "Put", "Create", "Update", "Delete"].iter().any(|verb| id.starts_with(verb))),
        seconds: told["seconds"].as_f64().context("no seconds")?,
    })
}
