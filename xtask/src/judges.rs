//! Other people's software, each in a Python environment of its own: it judges ours in the tests, and races it in the bench.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::venv::{self, Venv, run_quietly};

/// One of them.
struct Software {
    /// Of its folder.
    name: &'static str,
    /// What pip installs.
    packages: &'static [&'static str],
    /// A script of this repository that then makes the folder `beside` in it, of what pip does not install.
    then: Option<&'static str>,
    /// It runs on no other system.
    linux: bool,
}

const fn software(name: &'static str, packages: &'static [&'static str]) -> Software {
    Software { name, packages, then: None, linux: false }
}

/// The official Coscine SDKs judge the sandbox, pyshacl our validator, roc-validator our RO-Crates; rocrate is there for the JSON-LD contexts
/// (CC0) that it carries, 1.1's and 1.3's, since the validator would fetch them from the web. dtoolcore reads the datasets that we
/// write, and dtool-s3 writes some that we read; dserver is what our client of it must get along with, and dtool-lookup-api the client that there was before.
const SOFTWARE: [Software; 10] = [
    // Later versions of `requests` crash its cache at import.
    software("coscine-0.11.13", &["coscine==0.11.13", "requests<2.33"]),
    software("coscine-0.12.2", &["coscine==0.12.2"]),
    software("pyshacl-0.40.1", &["pyshacl==0.40.1"]),
    software("roc-validator-0.13.0", &["roc-validator==0.13.0"]),
    software("ro-crate-context-1.1", &["--no-deps", "rocrate==0.15.0"]),
    software("ro-crate-context-1.3", &["--no-deps", "rocrate==0.16.0"]),
    software("dtoolcore-3.19.0", &["dtoolcore==3.19.0"]),
    software("dtool-s3-0.14.1", &["dtool-s3==0.14.1", "dtoolcore==3.19.0"]),
    software("dtool-lookup-api-0.10.3", &["dtool-lookup-api==0.10.3"]),
    Software {
        name: "dserver-0.22.0",
        packages: &[
            "dservercore==0.22.0",
            "dserver-search-plugin-mongo==0.4.2",
            "dserver-retrieve-plugin-mongo==0.4.2",
            "dserver-direct-mongo-plugin==0.4.2",
            "dserver-dependency-graph-plugin==0.4.2",
            "dserver-notification-plugin==0.4.3",
            // What it asks for itself, and does not run with in the newest versions.
            "flask<3",
            "flask-smorest>=0.42,<0.43",
            "marshmallow<4",
            "marshmallow-sqlalchemy<1.2",
            "flask-marshmallow<1.3",
            // What it needs, and does not ask for.
            "cryptography",
            "psycopg2-binary",
            "gunicorn",
        ],
        then: Some("tests/dserver/mongodb.py"),
        linux: true,
    },
];

/// One virtual environment for each of them, made once and kept below `target`; the folder that they are in.
pub(crate) fn all(root: &Path) -> Result<PathBuf> {
    venv::python()?;
    for software in SOFTWARE.iter().filter(|it| cfg!(target_os = "linux") || !it.linux) {
        install(root, software)?;
    }
    Ok(folder(root))
}

/// The Python that has this one of them.
pub(crate) fn one(root: &Path, name: &str) -> Result<PathBuf> {
    let software = SOFTWARE.iter().find(|it| it.name == name).with_context(|| format!("{name} is not known"))?;
    Ok(install(root, software)?.python())
}

fn folder(root: &Path) -> PathBuf {
    crate::target(root).join("judges")
}

fn install(root: &Path, software: &Software) -> Result<Venv> {
    let script = software.then.map(|it| root.join(it));
    let mut wanted = software.packages.join("\n");
    if let Some(script) = &script {
        wanted += &format!("\n{}", fs::read_to_string(script)?);
    }
    Venv::with(folder(root).join(software.name), software.packages, &wanted, |made| match script {
        Some(script) => {
            run_quietly(Command::new(made.python()).arg(script).arg(made.folder().join("beside"))).map(drop)
        }
        None => Ok(()),
    })
}
