//! `cargo xtask dist`: the Python package as others get it, in `target/dist`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    python,
    venv::{self, run_quietly},
};

/// Builds a wheel and what others build wheels of; with `check` does as they would.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let venv = python::venv(root)?;
    let dist = crate::target(root).join("dist");
    fs::create_dir_all(&dist)?;
    let place = |made: PathBuf| -> Result<PathBuf> {
        let name = made.file_name().context("a file has a name")?;
        let placed = dist.join(name);
        fs::copy(&made, &placed)?;
        eprintln!("{} ({:.1} MB)", placed.display(), fs::metadata(&placed)?.len() as f64 / 1e6);
        Ok(placed)
    };
    let work = crate::target(root).join("python");
    place(python::build(root, &venv, &work.join("dist"), &["build", "--locked"])?)?;
    let sources = place(python::build(root, &venv, &work.join("sdist"), &["sdist"])?)?;
    if check {
        from_nothing(&sources)?;
    }
    Ok(())
}

/// Builds the sources in an empty folder, for a user who has nothing but Rust and Python, and runs what comes of it.
fn from_nothing(sources: &Path) -> Result<()> {
    let folder = env::temp_dir().join(format!("whimbrel-dist-{}", std::process::id()));
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    let rust = |variable: &str, beside: &str| {
        let usual = || Some(env::home_dir()?.join(beside));
        env::var_os(variable).map(PathBuf::from).or_else(usual).with_context(|| format!("{variable} is not known"))
    };
    let (cargo, rustup) = (rust("CARGO_HOME", ".cargo")?, rust("RUSTUP_HOME", ".rustup")?);
    let alone = |program: &Path| {
        let mut command = Command::new(program);
        command.current_dir(&folder).env("HOME", &home).env("CARGO_HOME", &cargo).env("RUSTUP_HOME", &rustup);
        command.env_remove("CARGO_TARGET_DIR").env_remove("PYO3_BUILD_EXTENSION_MODULE");
        command
    };
    let built = (|| {
        run_quietly(alone(Path::new(venv::python()?)).args(["-m", "venv", "venv"]))?;
        let python = folder.join(if cfg!(windows) { "venv/Scripts/python" } else { "venv/bin/python" });
        run_quietly(alone(&python).args(["-m", "pip", "install", "--quiet"]).arg(sources))?;
        let told = run_quietly(alone(&python).args(["-c", "import whimbrel.dserver; print(whimbrel.__version__)"]))?;
        let program = run_quietly(alone(&python).args(["-m", "whimbrel", "--version"]))?;
        ensure!(program.trim().ends_with(told.trim()), "the program is {program}, the package {told}");
        Ok(())
    })();
    fs::remove_dir_all(&folder)?;
    built.context("the sources don't build on their own")
}
