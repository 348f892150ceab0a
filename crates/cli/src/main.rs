//! The program `whimbrel`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(whimbrel_cli::run(std::env::args_os()))
}
