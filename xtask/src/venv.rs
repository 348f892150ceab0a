//! Virtual environments of Python, each made once and kept.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// One of them.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// The one at this place, with what pip installs by these arguments. It is made anew if it was made of other `wanted`.
    /// `then` does what else is to be done to it, once.
    pub(crate) fn with(
        place: PathBuf,
        arguments: &[&str],
        wanted: &str,
        then: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Self> {
        let this = Self(place);
        // Written last, so that an installation which was cut off is done again.
        let mark = this.0.join("installed.txt");
        if fs::read_to_string(&mark).is_ok_and(|text| text == wanted) {
            return Ok(this);
        }
        eprintln!("installing {}", arguments.join(" "));
        if this.0.exists() {
            fs::remove_dir_all(&this.0)?;
        }
        run_quietly(Command::new(python()?).args(["-m", "venv"]).arg(&this.0))?;
        run_quietly(Command::new(this.python()).args(["-m", "pip", "install", "--quiet"]).args(arguments))?;
        then(&this)?;
        fs::write(&mark, wanted)?;
        Ok(this)
    }

    /// Its Python.
    pub(crate) fn python(&self) -> PathBuf {
        self.script("python")
    }

    /// A program that a package has brought.
    pub(crate) fn script(&self, name: &str) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(name)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}

/// The Python that environments are made with.
pub(crate) fn python() -> Result<&'static str> {
    const NEW_ENOUGH: &str = "import sys, venv; sys.exit(sys.version_info < (3, 10))";
    ["python3", "python"]
        .into_iter()
        .find(|python| run_quietly(Command::new(python).args(["-c", NEW_ENOUGH])).is_ok())
        .context("no Python 3.10 or newer, or none with venv, was found")
}

/// Runs a program, of which nothing is shown unless it fails; what it printed.
pub(crate) fn run_quietly(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
