//! `cargo xtask bench`: the figures that the README and the closing notes name, measured on this machine against the
//! sandbox in a process of its own.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

use std::{
    env,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Bytes of the one large file.
const LARGE: u64 = 2 << 30;

pub(crate) fn run(root: &Path) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let built =
        Command::new(cargo).current_dir(root).args(["build", "--release", "--package", "whimbrel-cli"]).status()?;
    if !built.success() {
        bail!("the program could not be built");
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let program = target.join("release/whimbrel");
    let folder = env::temp_dir().join(format!("whimbrel-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let done = large(&program, &folder).and_then(|()| many(&program, &folder));
    fs::remove_dir_all(&folder)?;
    done
}

/// Memory while one large file moves, each way.
fn large(program: &Path, folder: &Path) -> Result<()> {
    let sandbox = Sandbox::start(program, 0)?;
    File::create(folder.join("large.bin"))?.set_len(LARGE)?;
    for (way, arguments) in [
        ("up", ["cp", "large.bin", "coscine://Demo/Files/", "-q"]),
        ("down", ["cp", "coscine://Demo/Files/large.bin", "back.bin", "-q"]),
    ] {
        let start = Instant::now();
        let mut command = Command::new("/usr/bin/time");
        command.arg("-v").arg(program).args(arguments).current_dir(folder);
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

/// Requests and time for 100 small files with metadata, at 50 ms of latency and 8 in flight; what is resolved by name is in
/// the cache.
fn many(program: &Path, folder: &Path) -> Result<()> {
    let sandbox = Sandbox::start(program, 50)?;
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
        let mut command = Command::new(program);
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

/// A sandbox in a process of its own, which ends with this.
struct Sandbox {
    process: Child,
    url: String,
    token: String,
}

impl Sandbox {
    fn start(program: &Path, latency: u64) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["sandbox", "--latency", &latency.to_string()]).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let value = |name: &str| {
            let found = line.split_whitespace().find_map(|part| part.strip_prefix(&format!("{name}=")));
            found.map(str::to_owned).with_context(|| format!("the sandbox does not tell {name}"))
        };
        Ok(Self { url: value("COSCINE_URL")?, token: value("COSCINE_API_TOKEN")?, process })
    }

    fn client<'c>(&self, command: &'c mut Command, folder: &Path) -> &'c mut Command {
        command.env("COSCINE_URL", &self.url).env("COSCINE_API_TOKEN", &self.token);
        command.env("WHIMBREL_CACHE_DIR", folder.join("cache"))
    }

    /// Requests that it has seen.
    fn requests(&self) -> Result<u64> {
        use std::io::{Read as _, Write as _};
        let host = self.url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let mut stream = std::net::TcpStream::connect(host)?;
        write!(stream, "GET /_sandbox/report HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer.split("\r\n\r\n").nth(1).context("no body")?;
        serde_json::from_str::<Value>(body)?["requests"].as_u64().context("no count")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
