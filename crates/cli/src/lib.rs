//! The program `whimbrel`: arguments, environment, terminal; everything else is the SDK's.
//!
//! A library, so that the Python package is the program too, and finds servers and tokens where the program does.

mod args;
mod command;
pub mod dtool_file;
mod exit;
pub mod login;
mod output;
mod private_file;
mod progress;
mod session;
mod shown;
mod size;
mod stored;
mod terminal;

use std::{ffi::OsString, io::IsTerminal as _, time::Duration};

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::exit::INTERRUPTED;
pub use crate::{
    command::uri_of,
    exit::{Done, Failure},
    session::cache_file,
};

/// Runs the program with these arguments, of which the first is its own name, and gives its exit code. What clap says by
/// itself, such as help, ends the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let args = args::Args::parse_from(arguments);
    log(args.global.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be had, or nothing can");
    let done = runtime.block_on(async {
        let done = tokio::select! {
            // It is listened for before anything is begun.
            biased;
            // What was at work is dropped here, and takes its temporary files with it.
            () = interrupted() => Err(Failure::Interrupted),
            done = command::run(args) => done,
        };
        // And the parts of its uploads, if the server answers soon.
        let _ = tokio::time::timeout(Duration::from_secs(5), whimbrel::transfer::settled()).await;
        done
    });
    // Reading a file or a name service may hang for long; nobody waits for it.
    runtime.shutdown_background();
    match done {
        Ok(()) => 0,
        Err(failure @ (Failure::Silent | Failure::Told(_))) => failure.code(),
        Err(Failure::Interrupted) => {
            eprintln!("whimbrel: interrupted; what was complete is kept");
            INTERRUPTED
        }
        Err(failure) => {
            eprintln!("whimbrel: {failure}");
            failure.code()
        }
    }
}

/// Until somebody would have the program end: by Ctrl-C, or by SIGTERM, as batch systems and `kill` do.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// `-v` says what is done, `-vv` how, `-vvv` everything that our own crates know. None of them knows a secret.
fn log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("warn,whimbrel={level},whimbrel_middleware={level}"));
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).init();
}
