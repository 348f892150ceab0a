//! The server that is measured, and whoever asks it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{bench::Setup, judges};

/// A real dserver in processes of its own, which end with this.
pub(super) struct Dserver {
    process: Child,
    pub(super) url: String,
    /// Of a user who sees all.
    pub(super) token: String,
    base_uris: [String; 2],
    access_log: PathBuf,
    /// How much of the log was read.
    read: AtomicUsize,
}

impl Dserver {
    /// As it is delivered it answers two requests at once, which would be all that a bench of many at once measures.
    pub(super) const WORKERS: usize = 2;
    /// Of each of them.
    pub(super) const THREADS: usize = 8;

    pub(super) fn start(setup: &Setup, datasets: usize) -> Result<Self> {
        let python = judges::one(&setup.root, "dserver-0.22.0")?;
        let place = python.ancestors().nth(2).context("a virtual environment")?;
        let mut command = Command::new(&python);
        command.arg(setup.root.join("tests/dserver/serve.py"));
        command.arg("--kept").arg(place.with_file_name("dserver-datasets")).arg("--mongodb").arg(place.join("beside"));
        for (option, value) in [("datasets", datasets), ("workers", Self::WORKERS), ("threads", Self::THREADS)] {
            command.arg(format!("--{option}")).arg(value.to_string());
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line).context("dserver does not start")?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("dserver tells too little");
        Ok(Self {
            process,
            url: text(&told["url"])?,
            token: text(&told["token"])?,
            base_uris: [text(&told["base_uris"][0])?, text(&told["base_uris"][1])?],
            access_log: text(&told["access_log"])?.into(),
            read: AtomicUsize::default(),
        })
    }

    /// Of the first `n` datasets.
    pub(super) fn uris(&self, n: usize) -> Vec<String> {
        let kinds = ["simulation", "microscopy", "sequencing", "tribology"];
        (0..n).map(|i| format!("{}/{}-run-{i:02}", self.base_uris[usize::from(i % 4 == 0)], kinds[i % 4])).collect()
    }

    /// A home whose `dtool.json` names this; the folder that the file is in.
    pub(super) fn configure(&self, home: &Path) -> Result<PathBuf> {
        let folder = home.join(".config/dtool");
        fs::create_dir_all(&folder)?;
        let file = folder.join("dtool.json");
        fs::write(&file, json!({ "DSERVER_URL": self.url, "DSERVER_TOKEN": self.token }).to_string())?;
        #[cfg(unix)]
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(folder)
    }

    /// Runs a job of the example `dserver`; what it told.
    pub(super) fn example(&self, setup: &Setup, job: &str, uris: &[String], url: Option<&str>) -> Result<Value> {
        let mut command = Command::new(setup.example("dserver"));
        command.arg(job).env("DSERVER_URL", url.unwrap_or(&self.url)).env("DSERVER_TOKEN", &self.token);
        tell(&mut command, uris)
    }

    /// The milliseconds of each, all on one connection.
    pub(super) fn curl(&self, uris: &[String]) -> Result<Vec<f64>> {
        // What stands on a command line can be read by all.
        let mut settings =
            format!("header = \"authorization: Bearer {}\"\nwrite-out = \"%{{time_total}}\\n\"\n", self.token);
        for uri in uris {
            let uri = uri.replace(':', "%3A").replace('/', "%2F");
            settings += &format!("url = \"{}/uris/{uri}\"\noutput = /dev/null\n", self.url);
        }
        let told = feed(Command::new("curl").args(["--silent", "--show-error", "--fail", "--config", "-"]), &settings)?;
        told.lines().map(|line| Ok(line.parse::<f64>()? * 1000.0)).collect()
    }

    /// The milliseconds that the server took for each request since this was asked last.
    pub(super) fn served(&self) -> Result<Vec<f64>> {
        // It writes them down after it has answered.
        let mut text = fs::read_to_string(&self.access_log)?;
        loop {
            thread::sleep(Duration::from_millis(200));
            let now = fs::read_to_string(&self.access_log)?;
            if now == text {
                break;
            }
            text = now;
        }
        let took = text[self.read.swap(text.len(), Ordering::Relaxed)..].lines();
        took.map(|line| Ok(line.rsplit(' ').next().context("a time")?.parse::<f64>()? / 1000.0)).collect()
    }
}

impl Drop for Dserver {
    fn drop(&mut self) {
        // It goes away in order when its input ends.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The JSON that a program tells of these URIs.
pub(super) fn tell(command: &mut Command, uris: &[String]) -> Result<Value> {
    let told = feed(command, &uris.join("\n"))?;
    serde_json::from_str(&told).with_context(|| told)
}

/// What a program prints that reads this.
fn feed(command: &mut Command, text: &str) -> Result<String> {
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    process.stdin.take().context("piped")?.write_all(text.as_bytes())?;
    let output = process.wait_with_output()?;
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {}", command.get_program().display(), why.trim());
    Ok(String::from_utf8(output.stdout)?)
}
