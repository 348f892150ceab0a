//! Coscine, RWTH's platform for research data.
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use futures::TryStreamExt as _;
//!
//! let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
//! let resource = coscine.project("Turbine 7").await?.resource("Raw data").await?;
//! let files: Vec<_> = resource.files().recursive().stream().try_collect().await?;
//! let report = resource.upload_dir("run-42").to("run-42/").send().await?;
//! # Ok(()) }
//! ```

mod apply;
mod check;
mod client;
mod download;
mod files;
mod metadata;
mod path;
mod policy;
mod profile;
mod project;
mod resource;
mod send;
mod table;
mod upload;

pub use apply::Apply;
pub use check::Metadata;
pub use client::{Client, Coscine, Projects};
pub use download::{DownloadDir, DownloadFile};
pub use files::{File, Files, Level};
pub use metadata::FileMetadata;
pub use path::{Address, PathEncoding};
pub use profile::Form;
pub use project::{Project, Resources};
pub use raw::coscine::{operations, types};
pub use resource::Resource;
pub use table::MetadataTable;
pub use upload::{UploadDir, UploadFile};
