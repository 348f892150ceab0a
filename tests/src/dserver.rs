//! A real dserver in processes of its own: dservercore and its plugins, MongoDB, SQLite or PostgreSQL, and a token generator.
//!
//! `tests/dserver/` starts it, and `tests/dserver/datasets.py` says which datasets it holds.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use serde::Deserialize;

use crate::judge;

/// What dserver keeps users, permissions and its list of datasets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sql {
    /// In a file.
    Sqlite,
    /// PostgreSQL, which must be installed on this machine.
    Postgres,
}

/// How it is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many datasets it holds.
    pub datasets: usize,
    /// What is below it.
    pub sql: Sql,
    /// Processes that answer; as it is delivered, one.
    pub workers: usize,
    /// Requests that each of them answers at once; as it is delivered, two.
    pub threads: usize,
    /// How long the tokens of its generator last, in seconds.
    pub token_seconds: u32,
}

impl Default for Options {
    /// 20 datasets over what `WHIMBREL_DSERVER_SQL` names, `sqlite` or `postgres`; by default SQLite.
    ///
    /// # Panics
    /// If it names something else.
    fn default() -> Self {
        let sql = match env::var("WHIMBREL_DSERVER_SQL").as_deref() {
            Err(_) | Ok("" | "sqlite") => Sql::Sqlite,
            Ok("postgres") => Sql::Postgres,
            Ok(other) => panic!("WHIMBREL_DSERVER_SQL is sqlite or postgres, not {other}"),
        };
        Self { datasets: 20, sql, workers: 1, threads: 2, token_seconds: 900 }
    }
}

/// A running server. It stops when this is dropped, or the process ends, however that happens.
#[derive(Debug)]
pub struct Dserver {
    process: Child,
    told: Told,
}

/// The line that `serve.py` prints.
#[derive(Debug, Deserialize)]
struct Told {
    url: String,
    token: String,
    admin_token: String,
    nobody_token: String,
    token_generator_url: String,
    ldap_token_generator_url: String,
    username: String,
    password: String,
    base_uris: [String; 2],
    datasets: usize,
    folder: PathBuf,
    access_log: PathBuf,
}

impl Dserver {
    /// Starts one. `None` where there is none to start: without `cargo xtask test`, which installs it, and on systems other than
    /// Linux, for which there is no MongoDB in a wheel.
    ///
    /// # Panics
    /// If it is there and does not start; it says why on the standard error.
    pub fn start(options: &Options) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            eprintln!("SKIPPED: a real dserver runs on Linux only");
            return None;
        }
        let python = judge("dserver-0.22.0")?;
        // `bin/python` of an environment, in the folder of all.
        let place = python.ancestors().nth(2).expect("a virtual environment");
        let kept = place.with_file_name("dserver-datasets");
        let mut command = Command::new(&python);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("dserver/serve.py"));
        command.arg("--kept").arg(kept).arg("--mongodb").arg(place.join("beside"));
        command.args(["--sql", if options.sql == Sql::Postgres { "postgres" } else { "sqlite" }]);
        command.args(["--datasets", &options.datasets.to_string()]);
        command.args(["--workers", &options.workers.to_string(), "--threads", &options.threads.to_string()]);
        command.args(["--token-seconds", &options.token_seconds.to_string()]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("it tells where it is");
        match serde_json::from_str(&line) {
            Ok(told) => Some(Self { process, told }),
            Err(_) => {
                let ended = process.wait();
                panic!("dserver does not start: {ended:?}, {line}");
            }
        }
    }

    /// One with 20 datasets for all tests of a process that only read, or write what no other looks at.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Dserver>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&Options::default())).as_ref()
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.told.url
    }

    /// A token of `testuser`, who may search both base URIs and register at the first; good for a day, as the others.
    pub fn token(&self) -> &str {
        &self.told.token
    }

    /// A token of `admin`, who may do all.
    pub fn admin_token(&self) -> &str {
        &self.told.admin_token
    }

    /// A token of `nobody`, who is registered and may search nowhere.
    pub fn nobody_token(&self) -> &str {
        &self.told.nobody_token
    }

    /// Where a token is given for [`username`](Self::username) and [`password`](Self::password); with `?seconds=3`, one that is
    /// over so soon.
    pub fn token_generator_url(&self) -> &str {
        &self.told.token_generator_url
    }

    /// Likewise, with the answer that dserver's LDAP plugin gives.
    pub fn ldap_token_generator_url(&self) -> &str {
        &self.told.ldap_token_generator_url
    }

    /// Whom [`token`](Self::token) is of. The generators give tokens to any name, registered or not.
    pub fn username(&self) -> &str {
        &self.told.username
    }

    /// Everybody's.
    pub fn password(&self) -> &str {
        &self.told.password
    }

    /// How many datasets it held at its start.
    pub fn datasets(&self) -> usize {
        self.told.datasets
    }

    /// `base1` and `base2`. This machine's name is in them, and a path of it.
    pub fn base_uris(&self) -> &[String; 2] {
        &self.told.base_uris
    }

    /// The folder with `base1` and `base2`, which hold the datasets. It is shared, also with later runs: never write there.
    pub fn folder(&self) -> &Path {
        &self.told.folder
    }

    /// The URI of dataset `i`.
    pub fn uri(&self, i: usize) -> String {
        format!("{}/{}", self.told.base_uris[usize::from(i.is_multiple_of(4))], name(i))
    }

    /// The folder of dataset `i`, as dtool made it.
    pub fn dataset_folder(&self, i: usize) -> PathBuf {
        self.told.folder.join(if i.is_multiple_of(4) { "base2" } else { "base1" }).join(name(i))
    }

    /// The requests that it has answered since its start, oldest first: a method and a target each, as they came.
    ///
    /// It writes them down after their answers, so this waits until no more come.
    ///
    /// # Panics
    /// If the log can't be read.
    pub fn requests(&self) -> Vec<String> {
        let read = || fs::read_to_string(&self.told.access_log).expect("the access log");
        let mut text = read();
        loop {
            thread::sleep(Duration::from_millis(100));
            let now = read();
            if now == text {
                break;
            }
            text = now;
        }
        // `"GET /me HTTP/1.1" 200 1234`
        let target = |line: &str| Some(line.split('"').nth(1)?.rsplit_once(' ')?.0.to_owned());
        text.lines().filter_map(target).collect()
    }
}

impl Drop for Dserver {
    fn drop(&mut self) {
        // It goes away in order when its input ends.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// What dataset `i` is called.
pub fn name(i: usize) -> String {
    format!("{}-run-{i:02}", ["simulation", "microscopy", "sequencing", "tribology"][i % 4])
}

/// The UUID of dataset `i`.
pub fn uuid(i: usize) -> String {
    format!("{i:08x}-0000-4000-8000-{i:012x}")
}

/// The relative path of item `j` of dataset `i`.
pub fn item(i: usize, j: usize) -> String {
    match (i, j) {
        (7, 0) => "data/with space & ü.txt".to_owned(),
        (8, 0) => "deep/er/still/item_0.bin".to_owned(),
        _ => format!("data/item_{j}.bin"),
    }
}

/// The bytes of item `j` of dataset `i`.
pub fn content(i: usize, j: usize) -> Vec<u8> {
    format!("{} item {j}\n", name(i)).repeat(i + 1).into_bytes()
}
