//! What is done to this repository by hand: `cargo xtask codegen [--check]`, `test`, `dist`, `bench`.

mod bench;
mod codegen;
mod contract;
mod dist;
mod judges;
mod normalize;
mod operations;
mod overlay;
mod python;
mod test;
mod venv;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask codegen [--check]   generate the raw clients from openapi/; --check: only compare
       cargo xtask test                run every test
       cargo xtask test ARGUMENTS      those of Rust alone; the arguments go to cargo test
       cargo xtask test --python [ARGUMENTS]
                                       those of the Python package alone; the arguments go to pytest
       cargo xtask dist [--check]      the Python package into target/dist, as a wheel and as its sources; --check: build
                                       these as on a machine that has nothing, too
       cargo xtask bench [NAME]        memory, requests and time, against the sandbox and other people's software:
                                       large, many, jobs, window, shapes, sync, transfer, dserver, cocaine, python; by
                                       default all";

fn main() -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let fine = match words.as_slice() {
        ["codegen"] => codegen::run(root, false)?,
        ["codegen", "--check"] => codegen::run(root, true)?,
        ["bench"] | ["bench", _] => {
            match bench::run(root, words.get(1).copied()) {
                // Nothing was found wrong, nor right.
                Err(lacks) if lacks.is::<bench::Lacks>() => {
                    eprintln!("{lacks:#}");
                    return Ok(ExitCode::from(2));
                }
                done => done?,
            }
            true
        }
        ["dist"] => {
            dist::run(root, false)?;
            true
        }
        ["dist", "--check"] => {
            dist::run(root, true)?;
            true
        }
        ["test", ..] => {
            test::run(root, &arguments[1..])?;
            true
        }
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    };
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where cargo puts what it builds.
fn target(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from)
}
