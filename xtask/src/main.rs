//! What is done to this repository by hand: `cargo xtask codegen [--check]`, `cargo xtask test`, `cargo xtask bench`.

mod bench;
mod codegen;
mod contract;
mod judges;
mod normalize;
mod operations;
mod overlay;
mod test;

use std::{path::Path, process::ExitCode};

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask codegen [--check]   generate the raw clients from openapi/; --check: only compare
       cargo xtask test [ARGUMENTS]    run every test; arguments go to cargo test
       cargo xtask bench [NAME]        memory, requests and time, against the sandbox and other people's software:
                                       large, many, jobs, window, shapes, sync, transfer, dserver; by default all";

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
