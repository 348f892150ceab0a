//! The Python package: its wheel is built, installed into an environment of its own, and tested there.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::venv::{Venv, run_quietly};

/// What builds it and what tests it; what the tests themselves import stands in `crates/py/tests/requirements.txt`.
const TOOLS: [&str; 3] = ["maturin==1.16.0", "mypy==2.4.1", "pytest==9.2.0"];

/// Where it lies.
pub(crate) fn package(root: &Path) -> PathBuf {
    root.join("crates/py")
}

/// The environment in which it is built and tested.
pub(crate) fn venv(root: &Path) -> Result<Venv> {
    let requirements = package(root).join("tests/requirements.txt");
    let wanted = format!("{}\n{}", TOOLS.join("\n"), fs::read_to_string(&requirements)?);
    let requirements = requirements.to_str().context("a path of Unicode")?;
    let arguments: Vec<_> = TOOLS.iter().copied().chain(["-r", requirements]).collect();
    Venv::with(crate::target(root).join("python/venv"), &arguments, &wanted, |_| Ok(()))
}

/// Builds what maturin makes by these arguments; the one file that came of it, in a folder that held nothing else.
pub(crate) fn build<S: AsRef<OsStr>>(root: &Path, venv: &Venv, out: &Path, arguments: &[S]) -> Result<PathBuf> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    let mut maturin = Command::new(venv.script("maturin"));
    maturin
        .current_dir(package(root))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .env("CARGO_TARGET_DIR", crate::target(root));
    run_quietly(&mut maturin)?;
    let made = fs::read_dir(out)?.next().context("maturin made nothing")??;
    Ok(made.path())
}

/// Tests it, with a variable that tells its tests something. The arguments go to pytest; with any, nothing but its tests
/// run.
pub(crate) fn test(root: &Path, venv: &Venv, arguments: &[String], told: Option<(&str, PathBuf)>) -> Result<()> {
    // What is not optimized is built the faster, and the tests are no slower for it.
    let wheels = crate::target(root).join("python/wheel");
    let quick = ["build", "--quiet", "--locked", "--profile", "dev", "--compression-method", "stored"];
    let wheel = build(root, venv, &wheels, &quick)?;
    let mut pip = Command::new(venv.python());
    pip.args(["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps"]).arg(&wheel);
    run_quietly(&mut pip)?;

    let mut failed = vec![];
    let mut run = |what: &'static str, command: &mut Command| -> Result<()> {
        eprintln!("\n== Python: {what}");
        if !command
            .envs(told.clone())
            .current_dir(package(root))
            .status()
            .with_context(|| format!("{command:?}"))?
            .success()
        {
            failed.push(what);
        }
        Ok(())
    };
    let python = |module: &str| {
        let mut python = Command::new(venv.python());
        python.args(["-m", module]);
        python
    };
    run("tests", python("pytest").arg("tests").args(arguments))?;
    if arguments.is_empty() {
        run("stubs", Command::new(venv.python()).args(["faces.py", "--check"]))?;
        run("types", python("mypy").arg("--cache-dir").arg(crate::target(root).join("python/mypy")))?;
    }
    if !failed.is_empty() {
        bail!("the Python package failed: {}", failed.join(", "));
    }
    Ok(())
}
