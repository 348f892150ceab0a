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

mod application_profile;
mod apply;
mod catalogue;
mod check;
mod client;
mod download;
mod files;
mod list;
mod me;
mod metadata;
mod notification;
mod path;
mod pid;
mod policy;
mod profile;
mod project;
mod report;
mod resource;
mod search;
mod send;
mod status;
mod table;
mod token;
mod upload;
mod vocabulary;

pub use application_profile::{ApplicationProfiles, Rdf};
pub use apply::Apply;
pub use catalogue::Organizations;
pub use check::Metadata;
pub use client::{Client, Coscine, Projects};
pub use download::{DownloadDir, DownloadFile};
pub use files::{File, Files, Level};
pub use list::{List, Listed};
pub use me::Me;
pub use metadata::FileMetadata;
pub use notification::OptOut;
pub use path::{Address, PathEncoding};
pub use pid::{Pid, Pids};
pub use profile::Form;
pub use project::{Project, Resources};
pub use raw::coscine::{operations, types};
pub use report::{Kpi, Report};
pub use resource::Resource;
pub use search::{Category, Hit, Search};
pub use status::{Notices, StatusMessages};
pub use table::MetadataTable;
pub use token::ApiToken;
pub use upload::{UploadDir, UploadFile};
pub use vocabulary::{Terms, Vocabularies};
