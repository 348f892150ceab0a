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

mod client;
mod download;
mod file;
mod files;
mod invitation;
mod member;
mod metadata;
mod named;
mod path;
mod policy;
mod project;
mod project_form;
mod publication;
mod quota;
mod resource;
mod resource_form;
mod resource_type;
mod storage;
mod upload;

pub use client::{Branch, Client, Coscine, Projects};
pub use download::{DownloadDir, DownloadFile};
pub use file::{FileRef, Head, MetadataVersion, Nodes};
pub use files::{File, Files, Level};
pub use invitation::{Invitation, Invitations};
pub use member::{Member, Members};
pub use metadata::{Field, Profile, Record};
pub use path::{Address, PathEncoding};
pub use project::{Project, Resources};
pub use project_form::{KnownProject, NewProject, ProjectForm};
pub use publication::{PublicationService, PublicationServices};
pub use quota::{ProjectQuota, Quotas, ResourceQuota};
pub use raw::coscine::{operations, types};
pub use resource::{FileMetadata, Resource};
pub use resource_form::{FixedValue, KnownResource, NewResource, ResourceForm};
pub use resource_type::{GitLab, ResourceType};
pub use storage::{Keys, NrwStorage, Repository, S3, Storage};
pub use upload::{Metadata, UploadDir, UploadFile};
