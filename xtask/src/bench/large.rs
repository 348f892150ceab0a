//! Memory while one large file moves, each way.

use std::{
    fs::{self, File},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

use super::{Sandbox, Setup};

/// Bytes of the file.
const LARGE: u64 = 2 << 30;

pub(super) fn run(setup: &Setup) -> Result<()> {
    let folder = &setup.folder;
    let sandbox = Sandbox::start(setup, &[])?;
    File::create(folder.join("large.bin"))?.set_len(LARGE)?;
    for (way, arguments) in [
        ("up", ["cp", "large.bin", "coscine://Demo/Files/", "-q"]),
        ("down", ["cp", "coscine://Demo/Files/large.bin", "back.bin", "-q"]),
    ] {
        let start = Instant::now();
        let mut command = Command::new("/usr/bin/time");
        command.arg("-v").arg(setup.program()).args(arguments).current_dir(folder);
        let output = sandbox.client(&mut command, folder).output().context("this needs GNU time as /usr/bin/time")?;
        let (told, seconds) = (String::from_utf8_lossy(&output.stderr).into_owned(), start.elapsed().as_secs_f64());
        if !output.status.success() {
            bail!("{told}");
        }
        let peak = told.lines().find_map(|line| line.trim().strip_prefix("Maximum resident set size (kbytes): "));
        let peak: f64 = peak.context("no peak told")?.parse()?;
        let rate = LARGE as f64 / seconds / f64::from(1 << 20);
        println!("2 GiB {way}: peak memory {:.1} MiB, {seconds:.1} s, {rate:.0} MiB/s", peak / 1024.0);
    }
    fs::remove_file(folder.join("back.bin"))?;
    Ok(())
}
