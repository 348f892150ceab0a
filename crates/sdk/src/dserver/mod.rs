//! dserver, dtool's lookup server: datasets by what is known of them.
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use futures::TryStreamExt as _;
//!
//! let dserver = whimbrel::dserver::Client::builder().url("https://dserver.example.org").token("...").build()?;
//! let hits: Vec<_> = dserver.search().text("tribology").tag("steel").stream().try_collect().await?;
//! let readme = dserver.readme(&hits[0].uri).await?;
//! # Ok(()) }
//! ```

mod client;
mod search;

pub use client::{Client, Dserver};
pub use raw::dserver::{operations, types};
pub use search::Search;
