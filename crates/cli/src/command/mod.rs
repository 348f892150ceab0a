//! One command a file.

mod api;
mod auth;
mod cache;
mod cocaine;
mod coscine;
mod cp;
mod dataset;
mod datasift;
mod demo;
mod doctor;
mod dserver;
mod du;
mod export;
mod ls;
mod metadata;
mod open;
mod profile;
mod rm;
mod sandbox;
mod sync;

use std::io::Write as _;

use clap::CommandFactory as _;
use whimbrel::middleware::Call;

pub use self::dataset::uri_of;

use crate::{
    args::{Args, Command},
    exit::Done,
    login,
};

pub(crate) async fn run(args: Args) -> Done {
    let Args { mut global, command } = args;
    let asks_nobody =
        matches!(command, Command::Demo(_) | Command::Sandbox(_) | Command::Cache(_) | Command::Completions { .. });
    if !asks_nobody {
        global.given = login::given(&global).await?;
    }
    let call = if global.refresh { Call::new().refresh() } else { Call::new() };
    let work = async {
        match command {
            Command::Demo(demo) => demo::run(&global, demo).await,
            Command::Sandbox(sandbox) => sandbox::run(sandbox).await,
            Command::Coscine(command) => coscine::run(&global, command).await,
            Command::Whoami => coscine::me::whoami(&global).await,
            Command::Ls(ls) => ls::run(&global, ls).await,
            Command::Cp(cp) => cp::run(&global, cp).await,
            Command::Sync(sync) => sync::run(&global, sync).await,
            Command::Diff(compare) => sync::diff(&global, compare).await,
            Command::Verify(verify) => sync::verify(&global, verify).await,
            Command::Rm(rm) => rm::run(&global, rm).await,
            Command::Metadata(command) => metadata::run(&global, command).await,
            Command::Profile(command) => profile::run(&global, command).await,
            Command::Export(command) => export::run(&global, command).await,
            Command::Du(du) => du::run(&global, du).await,
            Command::Open(open) => open::run(&global, &open).await,
            Command::Dserver(command) => dserver::run(&global, command).await,
            Command::Datasift(command) => datasift::run(&global, command).await,
            Command::Cocaine(command) => cocaine::run(&global, command).await,
            Command::Auth(command) => auth::run(&global, command).await,
            Command::Doctor { service } => doctor::run(&global, service).await,
            Command::Api(api) => api::run(&global, api).await,
            Command::Cache(command) => cache::run(&global, command).await,
            Command::Completions { shell } => {
                let mut script = vec![];
                clap_complete::generate(shell, &mut Args::command(), "whimbrel", &mut script);
                std::io::stdout().write_all(&script)?;
                Ok(())
            }
        }
    };
    call.scope(work).await
}
