//! Requests and time for 100 small files with metadata, at 50 ms of latency and 8 in flight; what is resolved by name is in
//! the cache.

use std::{fs, process::Command, time::Instant};

use anyhow::{Result, bail};

use super::{Sandbox, Setup};

pub(super) fn run(setup: &Setup) -> Result<()> {
    let folder = &setup.folder;
    let sandbox = Sandbox::start(setup, &["--latency", "50"])?;
    let files = folder.join("files");
    fs::create_dir_all(&files)?;
    for n in 0..100 {
        fs::write(files.join(format!("{n}.txt")), "x".repeat(1000))?;
    }
    for (name, arguments) in [
        ("cold", "cp -r files coscine://Demo/Measurements/cold -q"),
        ("100 files of 1 kB with metadata", "cp -r files coscine://Demo/Measurements/warm -q"),
    ] {
        let before = sandbox.requests()?;
        let start = Instant::now();
        let mut command = Command::new(setup.program());
        command.args(arguments.split(' ')).current_dir(folder);
        for pair in ["Title=T", "Creator=C", "Creation Date=2026-11-21", "State=raw"] {
            command.args(["-m", pair]);
        }
        let status = sandbox.client(&mut command, folder).status()?;
        if !status.success() {
            bail!("{name}: {status}");
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {} requests, {seconds:.2} s", sandbox.requests()? - before);
    }
    Ok(())
}
