//! `cargo xtask test`: every test, other people's software among the judges.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// Other people's software that judges ours: a name for the folder, and what pip installs.
///
/// The official Coscine SDKs judge the sandbox, pyshacl our validator, roc-validator our RO-Crates; rocrate is there for the JSON-LD contexts
/// (CC0) that it carries, 1.1's and 1.3's, since the validator would fetch them from the web.
const SOFTWARE: [(&str, &[&str]); 6] = [
    // Later versions of `requests` crash its cache at import.
    ("coscine-0.11.13", &["coscine==0.11.13", "requests<2.33"]),
    ("coscine-0.12.2", &["coscine==0.12.2"]),
    ("pyshacl-0.40.1", &["pyshacl==0.40.1"]),
    ("roc-validator-0.13.0", &["roc-validator==0.13.0"]),
    ("ro-crate-context-1.1", &["--no-deps", "rocrate==0.15.0"]),
    ("ro-crate-context-1.3", &["--no-deps", "rocrate==0.16.0"]),
];

/// Names the folder that holds one virtual environment for each of them; the tests look there.
const JUDGES: &str = "WHIMBREL_JUDGES";

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let judges = judges(root);
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

/// One virtual environment for each judge, made once and kept below `target`.
fn judges(root: &Path) -> Result<PathBuf> {
    let python = python()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let folder = target.join("judges");
    for (name, packages) in SOFTWARE {
        let place = folder.join(name);
        // Written last, so that an installation which was cut off is done again.
        let mark = place.join("installed.txt");
        if fs::read_to_string(&mark).is_ok_and(|text| text == packages.join("\n")) {
            continue;
        }
        eprintln!("installing {name} for the tests");
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        run_quietly(Command::new(python).args(["-m", "venv"]).arg(&place))?;
        let bin = place.join(if cfg!(windows) { "Scripts" } else { "bin" }).join("python");
        run_quietly(Command::new(&bin).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
        fs::write(&mark, packages.join("\n"))?;
    }
    Ok(folder)
}

fn python() -> Result<&'static str> {
    const NEW_ENOUGH: &str = "import sys, venv; sys.exit(sys.version_info < (3, 10))";
    ["python3", "python"]
        .into_iter()
        .find(|python| run_quietly(Command::new(python).args(["-c", NEW_ENOUGH])).is_ok())
        .context("no Python 3.10 or newer, or none with venv, was found")
}

fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
