//! The program against a sandbox of its own.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use sandbox::{Fault, FaultPlan, Options, Sandbox, fault::Kind};

pub struct World {
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
    pub token: String,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let token = sandbox.token("alice").unwrap();
        Self { sandbox, folder: tempfile::tempdir().unwrap(), token }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("WHIMBREL_CACHE_DIR", self.cache()).env("COSCINE_API_TOKEN", &self.token);
        command.env("COSCINE_URL", self.sandbox.url());
        // Not the files of whoever runs the tests.
        command.env("WHIMBREL_CONFIG_DIR", self.path(".config/whimbrel"));
        command.env("DTOOL_CONFIG_DIR", self.path(".config/dtool"));
        command
    }

    pub fn cache(&self) -> PathBuf {
        self.folder.path().join(".cache")
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.watched(&mut self.command(arguments))
    }

    /// The `n`-th call of an operation is refused.
    pub fn refuse(&self, operation: &str, n: u64) {
        let refused = Kind::Status { status: 400, retry_after: None };
        let fault = Fault { on: operation.to_owned(), nth: vec![n], every: None, first: None, fault: refused };
        self.sandbox.set_faults(FaultPlan { faults: vec![fault] });
    }

    /// As another user of the sandbox.
    pub fn run_as(&self, user: &str, arguments: &[&str]) -> Output {
        self.watched(self.command(arguments).env("COSCINE_API_TOKEN", self.sandbox.token(user).unwrap()))
    }

    /// With a text on the standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        tokio::task::block_in_place(|| child.wait_with_output()).unwrap()
    }

    /// What it prints, if all goes well.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        out(&output)
    }

    /// What it prints as JSON, if all goes well.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.text(&[arguments, &["-o", "json"]].concat())).unwrap()
    }

    /// What it says on the standard error, if all goes well and there is no result.
    pub fn told(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success() && output.stdout.is_empty(), "{arguments:?}: {}", err(&output));
        err(&output)
    }

    pub fn watched(&self, command: &mut Command) -> Output {
        let output = tokio::task::block_in_place(|| command.output()).unwrap();
        for text in [&output.stdout, &output.stderr] {
            self.holds_no_token(text);
        }
        if self.cache().exists() {
            for content in tree(&self.cache()).values() {
                self.holds_no_token(content);
            }
        }
        output
    }

    pub fn holds_no_token(&self, bytes: &[u8]) {
        // The whole of it, or the part that proves it.
        let proof = self.token.rsplit('.').next().unwrap();
        for secret in [proof, self.sandbox.datasift().key()].map(str::as_bytes) {
            assert!(!bytes.windows(secret.len()).any(|it| it == secret), "{}", String::from_utf8_lossy(bytes));
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// One line on the standard error that says this, and this exit code.
pub fn fails(output: &Output, code: i32, says: &str) {
    let error = err(output);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(says), "{error:?} does not say {says:?}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(out(output).is_empty(), "{}", out(output));
}

/// Every file below a folder and its content.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut next) = (BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                next.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
