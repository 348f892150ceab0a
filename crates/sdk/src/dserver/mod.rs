//! dserver, dtool's lookup server: datasets by what is known of them.
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use futures::TryStreamExt as _;
//! use whimbrel::Paged as _;
//!
//! let dserver = whimbrel::dserver::Client::builder().url("https://dserver.example.org").token("...").build()?;
//! let hits: Vec<_> = dserver.search().text("tribology").tag("steel").stream().try_collect().await?;
//! let owner = &dserver.readme(&hits[0].uri).await?.yaml()?["owners"][0]["name"];
//! # Ok(()) }
//! ```
//!
//! Checked against version 0.22 of the server, which runs in the tests. What came after it is used where a server offers
//! it: [`Client::features`]. Which call makes which operation stands in this folder's `README.md`.

mod address;
mod base_uri;
mod client;
mod config;
mod content;
mod dataset;
mod describe;
mod graph;
mod list;
mod many;
mod policy;
mod query;
mod search;
mod server;
mod token_generator;
mod user;
mod words;

pub use address::{Address, Place};
pub use base_uri::{BaseUri, Right};
pub use client::{Client, Dserver};
pub use config::{Config, Login, Source};
pub use content::{Download, Fetched, Route, Upload, Uploaded};
pub use dataset::{Dataset, Readme, Registration};
pub use graph::{Graph, Node};
pub use many::Many;
pub use query::Aggregation;
pub use raw::dserver::{operations, types};
pub use search::Search;
pub use server::{Feature, Features};
pub use token_generator::{Account, Question, TokenGenerator};
pub use user::{Summary, User};

pub use crate::{
    List,
    dtool::{Item, Manifest},
};

use crate::dtool::time;
