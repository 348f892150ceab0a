//! Other people's software, each in a Python environment of its own: it judges ours in the tests, and races it in the bench.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// A name for the folder, and what pip installs.
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

/// One virtual environment for each of them, made once and kept below `target`; the folder that they are in.
pub(crate) fn all(root: &Path) -> Result<PathBuf> {
    let python = python()?;
    for (name, packages) in SOFTWARE {
        install(python, &folder(root).join(name), packages)?;
    }
    Ok(folder(root))
}

/// The Python that has this one of them.
pub(crate) fn one(root: &Path, name: &str) -> Result<PathBuf> {
    let (_, packages) = SOFTWARE.iter().find(|(it, _)| *it == name).with_context(|| format!("{name} is not known"))?;
    let place = folder(root).join(name);
    install(python()?, &place, packages)?;
    Ok(python_of(&place))
}

fn folder(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from).join("judges")
}

fn python_of(place: &Path) -> PathBuf {
    place.join(if cfg!(windows) { "Scripts" } else { "bin" }).join("python")
}

fn install(python: &str, place: &Path, packages: &[&str]) -> Result<()> {
    // Written last, so that an installation which was cut off is done again.
    let mark = place.join("installed.txt");
    if fs::read_to_string(&mark).is_ok_and(|text| text == packages.join("\n")) {
        return Ok(());
    }
    eprintln!("installing {}", packages.join(" "));
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    run_quietly(Command::new(python).args(["-m", "venv"]).arg(place))?;
    run_quietly(Command::new(python_of(place)).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    fs::write(&mark, packages.join("\n"))?;
    Ok(())
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
