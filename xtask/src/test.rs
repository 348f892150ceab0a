//! `cargo xtask test`: every test, other people's software among the judges, and the Python package's.

use std::{env, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{judges, python};

/// Names the folder that holds one virtual environment for each of them; the tests look there.
const JUDGES: &str = "WHIMBREL_JUDGES";

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let (mut rust, mut package) = (None, None);
    match arguments {
        [] => (rust, package) = (Some(arguments), Some(arguments)),
        [first, its @ ..] if first == "--python" => package = Some(its),
        _ => rust = Some(arguments),
    }
    let mut skipped = vec![];
    let judges = needed("the tests that need other people's software", judges::all(root), &mut skipped)?;
    if let Some(arguments) = rust {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(root).args(["test", "--workspace"]).args(arguments);
        if let Some(folder) = &judges {
            cargo.env(JUDGES, folder);
        }
        if !cargo.status().context("cargo test")?.success() {
            bail!("tests failed");
        }
    }
    if let Some(arguments) = package
        && let Some(venv) = needed("the tests of the Python package", python::venv(root), &mut skipped)?
    {
        let judges = judges.map(|folder| (JUDGES, folder));
        python::test(root, &venv, arguments, judges)?;
    }
    // Once more, where it is seen.
    for why in skipped {
        shout(&why);
    }
    Ok(())
}

/// What these tests can't do without; `None` if it is not to be had here, which is said, and in CI is a failure.
fn needed<T>(tests: &str, had: Result<T>, skipped: &mut Vec<String>) -> Result<Option<T>> {
    let why = match had {
        Ok(had) => return Ok(Some(had)),
        Err(why) => format!("{tests} (Python 3.10 or newer, PyPI): {why:#}"),
    };
    if env::var_os("CI").is_some() {
        bail!("some tests can't run, and CI does without none: {why}");
    }
    shout(&why);
    skipped.push(why);
    Ok(None)
}

fn shout(why: &str) {
    let bar = "!".repeat(100);
    eprintln!("{bar}\n!! SKIPPED: {why}\n{bar}");
}
