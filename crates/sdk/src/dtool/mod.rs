//! dtool's datasets where they lie: in a folder, in a bucket, behind an `http_manifest.json`. Knows the format and no
//! server; [`dserver`](crate::dserver) knows where a dataset is.
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use whimbrel::dtool::Folder;
//!
//! let folder = Folder::at("here/my-dataset");
//! println!("{} items", folder.read()?.manifest.items.len());
//! for finding in folder.verify().send().await?.findings {
//!     println!("{}: {}", finding.what, finding.relpath);
//! }
//! # Ok(()) }
//! ```

mod bucket;
mod check;
mod copy;
mod dataset;
mod disk;
pub(crate) mod linked;
mod manifest;
pub(crate) mod time;
pub(crate) mod uri;
mod web;

pub use check::{Finding, Verified, Verify, What};
pub use dataset::{Admin, Dataset};
pub use disk::Folder;
pub use manifest::{Item, Manifest};

pub(crate) use bucket::{Bucket, Keys};
pub(crate) use copy::{Copy, Source, aside};
pub(crate) use web::Web;
