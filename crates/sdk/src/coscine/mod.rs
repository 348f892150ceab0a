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
mod describe;
mod download;
mod export;
mod file;
mod files;
mod invitation;
mod known;
mod labels;
mod list;
mod me;
mod member;
mod metadata;
mod named;
mod notification;
mod path;
mod pid;
mod policy;
mod profile;
mod project;
mod project_form;
mod publication;
mod quota;
mod report;
mod resource;
mod resource_form;
mod resource_type;
mod search;
mod send;
mod status;
mod storage;
mod table;
mod token;
mod upload;
mod vocabulary;

pub use application_profile::{ApplicationProfiles, Rdf};
pub use apply::Apply;
pub use catalogue::Organizations;
pub use check::Metadata;
pub use client::{Branch, Client, Coscine, Projects};
pub use download::{DownloadDir, DownloadFile};
pub use export::Export;
pub use file::{FileRef, Head, MetadataVersion, Nodes, Versions};
pub use files::{File, Files, Level};
pub use invitation::{Invitation, Invitations};
pub use labels::{Described, DescribedFile};
pub use list::{List, Listed};
pub use me::{Me, UserSettings};
pub use member::{Member, Members};
pub use metadata::FileMetadata;
pub use notification::OptOut;
pub use path::{Address, PathEncoding};
pub use pid::{Pid, Pids};
pub use profile::{Form, labelled};
pub use project::{Project, Resources};
pub use project_form::{KnownProject, NewProject, ProjectForm};
pub use publication::{PublicationService, PublicationServices};
pub use quota::{ProjectQuota, Quotas, ResourceQuota};
pub use raw::coscine::{operations, types};
pub use report::{Kpi, Report};
pub use resource::Resource;
pub use resource_form::{FixedValue, KnownResource, NewResource, ResourceForm};
pub use resource_type::{GitLab, ResourceType};
pub use search::{Category, Hit, Search};
pub use status::{Notices, StatusMessages};
pub use storage::{Keys, NrwStorage, Repository, S3, Storage, StorageOptions};
pub use table::MetadataTable;
pub use token::ApiToken;
pub use upload::{UploadDir, UploadFile};
pub use vocabulary::{Terms, Vocabularies};
