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

use std::sync::Arc;

use crate::{Connection, Result};
use uri::Place;

pub use check::{Finding, Verified, Verify, What};
pub use dataset::{Admin, Dataset};
pub use disk::Folder;
pub use manifest::{Item, Manifest};

/// Reads what is told of the dataset at a URI, where it lies: in a folder, a bucket or on the web, but not the bytes of its
/// items. Keys to buckets are looked up as [`Download::keys`](crate::dserver::Download::keys) has it; `connection` is any
/// client's, of whose way it uses all but the token.
///
/// ```no_run
/// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
/// let keys = |name: &str| std::env::var(name).ok();
/// let dataset = whimbrel::dtool::read("s3://bucket/af6727bf-29c7-43dd-b42f-a5d7ede28337", dserver.connection(), keys).await?;
/// println!("{}: {} items", dataset.admin.name, dataset.manifest.items.len());
/// # Ok(()) }
/// ```
///
/// # Errors
/// For a scheme that is not read here, missing keys, and what is not there.
pub async fn read(
    uri: &str,
    connection: &Arc<Connection>,
    keys: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Result<Dataset> {
    let (connection, keys) = (connection.clone(), Keys::new(keys));
    let read = async {
        match Place::of(uri)? {
            Place::Folder { path, .. } => Source::read(&Folder::at(path)).await,
            Place::Bucket { dialect, bucket, uuid } => {
                Bucket::open(dialect, &bucket, &uuid, &keys, connection).await?.read().await
            }
            Place::Web(url) => Web::open(&url, connection).await?.read().await,
        }
    };
    read.await.map_err(|e| e.about(uri))
}

pub(crate) use bucket::{Bucket, Keys};
pub(crate) use copy::{Copy, Source, aside};
pub(crate) use web::Web;
