//! DataSift: filters over social data, live and from the archive.
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use futures::TryStreamExt as _;
//! use whimbrel::{Paged as _, datasift::Client};
//!
//! let datasift = Client::builder().api_key("ada", "an-api-key").build()?;
//! let filter = datasift.compile(r#"interaction.content contains "tribology""#).await?;
//! println!("{} for {:?} units an hour", filter.hash, datasift.dpu(&filter.hash).await?.dpu);
//!
//! let subscriptions: Vec<_> = datasift.push().list(None).stream().try_collect().await?;
//! println!("{} subscriptions; credits left: {:?}", subscriptions.len(), datasift.credits());
//! # Ok(()) }
//! ```
//!
//! Times come with their zone, prices as numbers, and an empty object as one, whatever form the service gave them. Which
//! call makes which operation stands in this folder's `README.md`. The service can't be reached any more, as far as is known:
//! what is implemented is what its answers were recorded to be from 2015 to 2018.

mod client;
pub(crate) mod credits;
mod historics;
mod hosts;
mod identity;
mod ingest;
mod key;
mod list;
mod live;
mod place;
mod policy;
mod pull;
mod push;
mod pylon;
mod source;

pub use client::{Client, DataSift, Period};
pub use credits::{Allowance, Ingestion};
pub use historics::{Historics, Prepare, Query};
pub use identity::{Identities, Limits, Tokens};
pub use live::{Deleted, Event, Interaction, Listen, Live, Subscriptions, Way};
pub use pull::{Pull, Pulled};
pub use push::{Feed, Push, Subscribe};
pub use pylon::{Analysis, Pylon, Tasks};
pub use raw::{
    datasift::{operations, types},
    loose::{Number, Object, Secret, Time},
};
pub use source::{ManagedSources, SourceForm};
