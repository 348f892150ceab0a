//! The common jobs by Whimbrel and by the official SDKs, side by side against the same server: requests and seconds.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use super::{Sandbox, Setup, output, print_table};
use crate::judges;

/// Each is known to the drivers by its name; `as_owner` sees 57 projects instead of one.
struct Job {
    name: &'static str,
    shown: &'static str,
    as_owner: bool,
}

const fn job(name: &'static str, shown: &'static str) -> Job {
    Job { name, shown, as_owner: false }
}

const JOBS: [Job; 15] = [
    job("client", "client made"),
    job("projects", "projects()"),
    Job { as_owner: true, ..job("projects", "projects(), of more than a page") },
    job("resource", "project(n).resource(n)"),
    Job { as_owner: true, ..job("resource", "project(n).resource(n), of more projects") },
    job("files", "files()"),
    job("file", "file(path)"),
    job("metadata", "metadata()"),
    job("metadata-of-one", "metadata of one file"),
    job("form", "metadata_form()"),
    job("vocabulary", "a vocabulary"),
    job("profiles", "application_profiles()"),
    job("print", "print(resource)"),
    job("download", "download()"),
    job(UPLOAD, "upload of 1 kB files"),
];

const UPLOAD: &str = "upload";

/// Files in the resource, and files that are sent.
const STORED: usize = 120;
const SENT: usize = 100;

/// Whoever takes longer is cut.
const PATIENCE: Duration = Duration::from_secs(60);

const SERVER: [&str; 3] = ["--lenient", "--latency", "50"];

enum Client {
    Whimbrel(PathBuf),
    Sdk { name: &'static str, python: PathBuf },
}

impl Client {
    fn name(&self) -> &str {
        match self {
            Self::Whimbrel(_) => "Whimbrel",
            Self::Sdk { name, .. } => name,
        }
    }

    fn command(&self, setup: &Setup, job: &str, kept: &PathBuf) -> Command {
        let mut command;
        match self {
            Self::Whimbrel(program) => {
                command = Command::new(program);
                command.arg(job).arg(kept.join("cache.sqlite"));
            }
            Self::Sdk { python, .. } => {
                command = Command::new(python);
                command.arg(setup.root.join("tests/judges/coscine_jobs.py")).arg(job);
                // Where its cache goes, on all systems.
                command.env("XDG_CACHE_HOME", kept).env("HOME", kept).env("LOCALAPPDATA", kept);
            }
        }
        command.arg(&setup.folder);
        command
    }
}

/// What came of one job.
enum Outcome {
    Done { requests: u64, seconds: f64, count: String },
    Cut { requests: u64 },
    Failed { requests: u64, why: String },
}

pub(super) fn run(setup: &Setup) -> Result<()> {
    let sdk = |name| anyhow::Ok(Client::Sdk { name, python: judges::one(&setup.root, name)? });
    let clients = [Client::Whimbrel(setup.example("jobs")), sdk("coscine-0.12.2")?, sdk("coscine-0.11.13")?];
    let sandbox = Sandbox::start(setup, &SERVER)?;
    seed(setup, &sandbox)?;

    let mut head = vec!["job".to_owned()];
    for client in &clients {
        head.extend([client.name().to_owned(), "once more".to_owned()]);
    }
    head.extend(clients[1..].iter().map(|it| format!("{} / Whimbrel", it.name().trim_start_matches("coscine-"))));
    let (mut rows, mut notes) = (vec![head], vec![]);
    for (n, job) in JOBS.iter().enumerate() {
        let mut outcomes = vec![];
        for client in &clients {
            let kept = setup.folder.join(format!("kept-{n}-{}", client.name()));
            fs::create_dir_all(&kept)?;
            let first = one(setup, &sandbox, client, job, &kept)?;
            // A second process, which has what the first one kept.
            let again = match &first {
                Outcome::Done { .. } => Some(one(setup, &sandbox, client, job, &kept)?),
                _ => None,
            };
            outcomes.push((first, again));
        }
        let (ours, known) = match &outcomes[0] {
            (_, Some(Outcome::Failed { why, .. })) => bail!("{}, once more: {why}", job.shown),
            (_, Some(Outcome::Cut { .. })) => bail!("{}, once more: it does not end", job.shown),
            (Outcome::Done { seconds, count, .. }, _) => (*seconds, count.clone()),
            (Outcome::Failed { why, .. }, _) => bail!("{}: {why}", job.shown),
            (Outcome::Cut { .. }, _) => bail!("{}: it does not end", job.shown),
        };
        let counted = if known == "1" { String::new() } else { format!(": {known}") };
        let mut row = vec![format!("{}{counted}", job.shown)];
        for (client, (first, again)) in clients.iter().zip(&outcomes) {
            row.push(cell(first, &known));
            row.push(again.as_ref().map(|it| cell(it, &known)).unwrap_or_default());
            for outcome in [Some(first), again.as_ref()].into_iter().flatten() {
                if let Outcome::Failed { why, .. } = outcome {
                    notes.push(format!("{}, {}: {why}", client.name(), job.shown));
                }
            }
        }
        row.extend(outcomes[1..].iter().map(|(first, _)| match first {
            // Of next to nothing the ratio is one of noise.
            Outcome::Done { seconds, .. } if ours > 0.01 => format!("{:.1}", seconds / ours),
            Outcome::Cut { .. } if ours > 0.01 => format!("> {:.0}", PATIENCE.as_secs_f64() / ours),
            _ => String::new(),
        }));
        rows.push(row);
    }
    println!(
        "requests / seconds at {} ms of latency, in processes of their own; then once more, with what was kept",
        SERVER[2]
    );
    print_table(&rows);
    notes.dedup();
    for note in notes {
        println!("{note}");
    }
    Ok(())
}

fn cell(outcome: &Outcome, known: &str) -> String {
    match outcome {
        Outcome::Done { requests, seconds, count } => {
            let differs = if count == known { String::new() } else { format!(" ({count}!)") };
            format!("{requests} / {seconds:.2}{differs}")
        }
        Outcome::Cut { requests } => format!("{requests} / > {}", PATIENCE.as_secs()),
        Outcome::Failed { requests, .. } => format!("{requests} / fails"),
    }
}

/// Files with metadata in the resource, and files here that are to be sent.
fn seed(setup: &Setup, sandbox: &Sandbox) -> Result<()> {
    let (stored, sent) = (setup.folder.join("stored"), setup.folder.join("files"));
    for (folder, count) in [(&stored, STORED), (&sent, SENT)] {
        fs::create_dir_all(folder)?;
        for n in 0..count {
            fs::write(folder.join(format!("f{n:03}.txt")), "x".repeat(1000))?;
        }
    }
    let mut command = Command::new(setup.program());
    command.arg("cp").args((0..STORED).map(|n| stored.join(format!("f{n:03}.txt"))));
    command.args(["coscine://Demo/Measurements/", "-q"]);
    for pair in ["Title=T", "Creator=C", "Creation Date=2026-11-21", "State=raw", "Instrument=Balance 2"] {
        command.args(["-m", pair]);
    }
    output(sandbox.client(&mut command, &setup.folder)).map(drop)
}

fn one(setup: &Setup, sandbox: &Sandbox, client: &Client, job: &Job, kept: &PathBuf) -> Result<Outcome> {
    // What is sent goes into an empty resource each time.
    let own = if job.name == UPLOAD { Some(Sandbox::start(setup, &SERVER)?) } else { None };
    let sandbox = own.as_ref().unwrap_or(sandbox);
    // Getting ready counts to the server's minute too.
    sandbox.reset()?;
    let told = kept.join("stderr.txt");
    let mut command = client.command(setup, job.name, kept);
    sandbox.client(&mut command, kept);
    if !job.as_owner {
        command.env("COSCINE_API_TOKEN", &sandbox.member);
    }
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(&told)?);
    let mut process = Process(command.spawn().with_context(|| format!("{command:?}"))?);
    let lines = lines(&mut process.0)?;
    let failed = |requests| {
        let told = fs::read_to_string(&told).unwrap_or_default();
        let why = told.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        Ok(Outcome::Failed { requests, why: why.chars().take(200).collect() })
    };
    match lines.recv_timeout(PATIENCE) {
        Ok(line) if line == "ready" => {}
        Ok(line) => bail!("{line:?} came before it was ready"),
        Err(RecvTimeoutError::Timeout) => return Ok(Outcome::Cut { requests: sandbox.requests()? }),
        Err(RecvTimeoutError::Disconnected) => return failed(sandbox.requests()?),
    }
    sandbox.reset()?;
    process.0.stdin.as_mut().context("piped")?.write_all(b"\n")?;
    let line = lines.recv_timeout(PATIENCE);
    let requests = sandbox.requests()?;
    match line {
        Ok(line) => {
            let (seconds, count) =
                line.strip_prefix("done ").and_then(|it| it.split_once(' ')).with_context(|| line.clone())?;
            Ok(Outcome::Done { requests, seconds: seconds.parse()?, count: count.to_owned() })
        }
        Err(RecvTimeoutError::Timeout) => Ok(Outcome::Cut { requests }),
        Err(RecvTimeoutError::Disconnected) => failed(requests),
    }
}

/// What a driver tells, without the `@`; it may print other things too.
fn lines(process: &mut Child) -> Result<Receiver<String>> {
    let out = BufReader::new(process.stdout.take().context("piped")?);
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if let Some(told) = line.strip_prefix('@')
                && sender.send(told.to_owned()).is_err()
            {
                return;
            }
        }
    });
    Ok(receiver)
}

/// Ends with this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
