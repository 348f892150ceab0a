//! `whimbrel cache`.

use serde_json::json;
use whimbrel::middleware::layer::{SqliteStore, Store as _};

use crate::{
    args::{CacheCommand, Global},
    exit::{Done, Failure},
    output::Output,
    session,
};

pub(crate) async fn run(global: &Global, command: CacheCommand) -> Done {
    let path =
        session::cache_file().ok_or_else(|| Failure::Other("no home, so nothing is kept between runs".to_owned()))?;
    let told = |e: std::io::Error| Failure::Other(format!("{}: {e}", path.display()));
    let store = SqliteStore::open(&path).map_err(told)?;
    match command {
        CacheCommand::Clear => store.clear().await,
        CacheCommand::Stats => {
            let stats = store.stats().await;
            let shown = json!({ "file": path.display().to_string(), "entries": stats.entries, "bytes": stats.bytes });
            Output::new(global).thing(shown)?;
        }
    }
    Ok(())
}
