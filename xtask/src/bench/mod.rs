//! `cargo xtask bench [NAME]`: the figures that the README and the closing notes name, measured on this machine against the
//! sandbox in a process of its own, and other people's software in the same run. Nothing is compared with a figure of old.

#![allow(clippy::print_stdout, reason = "figures are what it is for")]

mod cocaine;
mod dserver;
mod jobs;
mod large;
mod many;
mod python;
mod shapes;
mod sync;
mod transfer;
mod window;

use std::{
    env, fmt, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Measures, prints, and fails if a bound is broken.
type Bench = fn(&Setup) -> Result<()>;

const ALL: [(&str, Bench); 10] = [
    ("large", large::run),
    ("many", many::run),
    ("jobs", jobs::run),
    ("window", window::run),
    ("shapes", shapes::run),
    ("sync", sync::run),
    ("transfer", transfer::run),
    ("dserver", dserver::run),
    ("cocaine", cocaine::run),
    ("python", python::run),
];

/// Programs of ours, built with all optimizations, beside `whimbrel` itself: a package and its example.
const EXAMPLES: [(&str, &str); 8] = [
    ("whimbrel", "jobs"),
    ("whimbrel", "window"),
    ("whimbrel", "sync"),
    ("whimbrel", "dserver"),
    ("whimbrel-rpc", "pipelined"),
    ("whimbrel-shapes", "check"),
    ("whimbrel-tests", "s3_world"),
    ("whimbrel-sandbox", "small_answers"),
];

/// What every bench works with.
struct Setup {
    root: PathBuf,
    /// Where the built programs are.
    release: PathBuf,
    /// An empty folder of the bench's own.
    folder: PathBuf,
}

impl Setup {
    /// The program `whimbrel`.
    fn program(&self) -> PathBuf {
        self.release.join("whimbrel")
    }

    fn example(&self, name: &str) -> PathBuf {
        self.release.join("examples").join(name)
    }
}

/// The bench of this name, or all of them. All are run even if one fails.
pub(crate) fn run(root: &Path, name: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = ALL.into_iter().filter(|(it, _)| name.is_none_or(|name| name == *it)).collect();
    if chosen.is_empty() {
        bail!("there is no such bench; there are: {}", ALL.map(|(it, _)| it).join(", "));
    }
    // Always the same packages, so that cargo need not build dependencies anew with other features.
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root).args(["build", "--release", "--package", "whimbrel-cli", "--bin", "whimbrel"]);
    for (package, example) in EXAMPLES {
        cargo.args(["--package", package, "--example", example]);
    }
    if !cargo.status()?.success() {
        bail!("the programs could not be built");
    }
    let (mut failed, mut lacking) = (vec![], true);
    for (name, bench) in chosen {
        let folder = env::temp_dir().join(format!("whimbrel-bench-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let setup = Setup { root: root.to_owned(), release: crate::target(root).join("release"), folder };
        println!("== {name}");
        let done = bench(&setup);
        fs::remove_dir_all(&setup.folder)?;
        if let Err(why) = done {
            println!("FAILED: {why:#}");
            lacking &= why.is::<Lacks>();
            failed.push(name);
        }
    }
    match failed[..] {
        [] => Ok(()),
        _ if lacking => Err(Lacks(format!("not measured: {}", failed.join(", "))).into()),
        _ => bail!("failed: {}", failed.join(", ")),
    }
}

/// A program of others is not installed here: nothing was measured, and no bound was broken.
#[derive(Debug)]
pub(crate) struct Lacks(String);

impl fmt::Display for Lacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Lacks {}

/// A sandbox in a process of its own, which ends with this.
struct Sandbox {
    process: Child,
    url: String,
    /// Of `alice`, who owns all.
    token: String,
    /// Of `bob`, who sees one project.
    member: String,
}

impl Sandbox {
    fn start(setup: &Setup, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(setup.program());
        // What it stores goes away with the bench, and not before.
        command.arg("sandbox").args(arguments).env("TMPDIR", &setup.folder);
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("piped")?).lines();
        let mut value = |name: &str| -> Result<Vec<String>> {
            let line = lines.next().context("the sandbox does not start")??;
            let values = name.split(' ').map(|name| {
                let found = line.split_whitespace().find_map(|part| part.strip_prefix(&format!("{name}=")));
                found.map(str::to_owned).with_context(|| format!("the sandbox does not tell {name}"))
            });
            values.collect()
        };
        let told = value("COSCINE_URL COSCINE_API_TOKEN").and_then(|owner| Ok((owner, value("COSCINE_API_TOKEN")?)));
        let (owner, member) = match told {
            Ok(told) => told,
            Err(why) => {
                let _ = process.kill();
                return Err(why);
            }
        };
        let ([url, token], [member]) = (&owner[..], &member[..]) else { bail!("as many as were asked for") };
        Ok(Self { url: url.clone(), token: token.clone(), member: member.clone(), process })
    }

    /// A client of it, as `alice`; what is kept between runs lies in `folder`.
    fn client<'c>(&self, command: &'c mut Command, folder: &Path) -> &'c mut Command {
        command.env("COSCINE_URL", &self.url).env("COSCINE_API_TOKEN", &self.token);
        command.env("WHIMBREL_CACHE_DIR", folder.join("cache"))
    }

    /// What it has seen since the start or the last reset.
    fn report(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.control("GET", "report")?)?)
    }

    /// Requests that it has seen, those to signed URLs among them.
    fn requests(&self) -> Result<u64> {
        let report = self.report()?;
        let count = |name: &str| report[name].as_u64().with_context(|| format!("no {name}"));
        Ok(count("requests")? + count("storage_requests")?)
    }

    /// Counts anew, and each user has a new minute.
    fn reset(&self) -> Result<()> {
        self.control("POST", "reset").map(drop)
    }

    fn control(&self, method: &str, what: &str) -> Result<String> {
        let host = self.url.trim_start_matches("http://").split('/').next().unwrap_or_default();
        let mut stream = TcpStream::connect(host)?;
        write!(stream, "{method} /_sandbox/{what} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("no body")?;
        Ok(body.to_owned())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a program to its end, and gives what it printed.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        let program = Path::new(command.get_program()).display();
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Prints rows below each other, each column as wide as its widest cell; the first row is the head.
fn print_table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |n: usize| rows.iter().filter_map(|row| Some(row.get(n)?.chars().count())).max().unwrap_or_default();
    let widths: Vec<_> = (0..columns).map(width).collect();
    for (n, row) in rows.iter().enumerate() {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
        if n == 0 {
            println!("{}", widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  "));
        }
    }
}
