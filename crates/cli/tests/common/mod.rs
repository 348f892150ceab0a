//! What the tests of the program have in common.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use sandbox::{Options, Sandbox};

/// A sandbox, and a folder to work in.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) token: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let token = sandbox.token("alice").unwrap();
        Self { sandbox, folder: tempfile::tempdir().unwrap(), token }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("WHIMBREL_CACHE_DIR", self.cache()).env("COSCINE_API_TOKEN", &self.token);
        command.env("COSCINE_URL", self.sandbox.url());
        command
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join(".cache")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.watched(&mut self.command(arguments))
    }

    pub(crate) fn watched(&self, command: &mut Command) -> Output {
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

    pub(crate) fn holds_no_token(&self, bytes: &[u8]) {
        // The whole of it, or the part that proves it.
        let proof = self.token.rsplit('.').next().unwrap().as_bytes();
        assert!(!bytes.windows(proof.len()).any(|it| it == proof), "{}", String::from_utf8_lossy(bytes));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file below a folder and its content.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
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

/// One line on the standard error that says this, and this exit code.
pub(crate) fn fails(output: &Output, code: i32, says: &str) {
    let error = err(output);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(says), "{error:?} does not say {says:?}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(out(output).is_empty(), "{}", out(output));
}
