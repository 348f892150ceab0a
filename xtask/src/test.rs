//! `cargo xtask test`: every test, other people's software among the judges.

use std::{env, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::judges;

/// Names the folder that holds one virtual environment for each of them; the tests look there.
const JUDGES: &str = "WHIMBREL_JUDGES";

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let judges = judges::all(root);
    let skipped = match &judges {
        Ok(_) => None,
        Err(why) => Some(format!("{why:#}")),
    };
    if let Some(why) = &skipped {
        if env::var_os("CI").is_some() {
            bail!("the tests that need other people's software can't run, and CI does without none: {why}");
        }
        shout(why);
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root).args(["test", "--workspace"]).args(arguments);
    if let Ok(folder) = &judges {
        cargo.env(JUDGES, folder);
    }
    if !cargo.status().context("cargo test")?.success() {
        bail!("tests failed");
    }
    if let Some(why) = &skipped {
        shout(why);
    }
    Ok(())
}

fn shout(why: &str) {
    let bar = "!".repeat(100);
    eprintln!("{bar}\n!! SKIPPED: the tests that need other people's software (Python 3.10 or newer): {why}\n{bar}");
}
