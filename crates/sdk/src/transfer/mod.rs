//! Moving bytes: bounded, streamed, verified; nothing half-written under a final name, nothing doubled on the server.

mod again;
pub(crate) mod checksum;
mod file;
mod filter;
pub(crate) mod index;
pub(crate) mod local;
pub(crate) mod part;
mod plan;
mod progress;
pub(crate) mod ranges;
pub(crate) mod s3;

use std::{str::FromStr, time::Duration};

use futures::{StreamExt as _, stream::FuturesUnordered};

pub use filter::Filter;
pub use local::LocalFile;
pub use plan::{Action, Cost, Place, Plan, Stamp, Step, Way};
pub use progress::{Progress, Snapshot};
pub use s3::settled;

pub(crate) use again::{TRIES, again, pause};
pub(crate) use file::{Digest, Target, hash, save, source};

use crate::{Error, Kind, Result};

/// The files below a folder that a filter takes, sorted by name.
///
/// # Errors
/// For a link, a name that is not UTF-8, and what can't be read.
pub fn files(folder: &std::path::Path, filter: &Filter) -> Result<Vec<LocalFile>> {
    local::walk(folder, filter)
}

/// How many files are on their way at once, unless told otherwise.
pub const JOBS: usize = 8;

/// What a look at both sides of a file told.
pub(crate) enum Compared {
    /// In what it differs, in words.
    Differs(&'static str),
    /// Nothing that can be seen, and whether the content was hashed to see it.
    Same { hashed: bool },
}

/// What to do with a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse the whole transfer before anything is sent or written.
    #[default]
    Refuse,
    /// Leave it as it is.
    Skip,
    /// Put the new one in its place. In Coscine the old version keeps its quota for 7 days.
    Overwrite,
    /// Replace what differs, and leave what is the same.
    Update,
    /// The target is known to be empty, so it is not looked at beforehand; a file found there all the same is refused.
    None,
}

/// `refuse`, `skip`, `overwrite` or `update`: what a user may choose.
impl FromStr for Existing {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            "overwrite" => Ok(Self::Overwrite),
            "update" => Ok(Self::Update),
            other => {
                Err(Error::invalid(format!("existing={other:?} is not known: say refuse, skip, overwrite or update")))
            }
        }
    }
}

/// What a transfer of many files did.
#[derive(Debug, Default)]
pub struct Report {
    /// Files that arrived whole.
    pub done: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already and were left as they are, because the caller said so.
    pub skipped: u64,
    /// Files that are the same on both sides.
    pub unchanged: u64,
    /// Those of them that were told so by the hash of their content; the others by size and time.
    pub hashed: u64,
    /// Files that were deleted.
    pub deleted: u64,
    /// Files that did not arrive, by name.
    pub failed: Vec<(String, Error)>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Report {
    /// Moves each of `items`, `jobs` of them at once, and counts what came of it. Once a failure is certain to hit the
    /// rest too (the disk or the quota is full, the token is no good), what has not begun is not tried.
    pub(crate) async fn run<T, Fut: Future<Output = Result<u64>>>(
        &mut self,
        items: Vec<(String, T)>,
        jobs: usize,
        progress: &Progress,
        move_one: impl Fn(T) -> Fut,
    ) {
        let one = |(name, item)| {
            let moved = move_one(item);
            async move { (name, moved.await) }
        };
        let mut waiting = items.into_iter();
        let mut running: FuturesUnordered<_> = waiting.by_ref().take(jobs).map(one).collect();
        while let Some((name, outcome)) = running.next().await {
            self.count(name, outcome, progress);
            if self.hopeless().is_none() {
                running.extend(waiting.next().map(one));
            }
        }
        let why = self.hopeless().map(|error| (error.kind(), error.to_string()));
        for ((name, _), (kind, why)) in waiting.zip(std::iter::repeat(why.unwrap_or((Kind::Partial, String::new())))) {
            let failure = Error::new(kind, format!("not tried, since another file failed: {why}"));
            self.count(name, Err(failure), progress);
        }
    }

    /// Counts one file's outcome.
    pub(crate) fn count(&mut self, name: String, outcome: Result<u64>, progress: &Progress) {
        match outcome {
            Ok(bytes) => {
                (self.done, self.bytes) = (self.done + 1, self.bytes + bytes);
                progress.file_done();
            }
            Err(error) => {
                self.failed.push((name, error));
                progress.file_failed();
            }
        }
    }

    /// Why the files not yet begun need not be tried: their failure is certain.
    fn hopeless(&self) -> Option<&Error> {
        let certain = |error: &&Error| {
            let disk_full = std::error::Error::source(error)
                .and_then(|source| source.downcast_ref::<std::io::Error>())
                .is_some_and(|source| source.kind() == std::io::ErrorKind::StorageFull);
            disk_full || matches!(error.kind(), Kind::Unauthenticated | Kind::QuotaExceeded)
        };
        self.failed.iter().map(|(_, error)| error).find(certain)
    }

    /// Adds what another transfer did, after this one.
    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.bytes += other.bytes;
        self.skipped += other.skipped;
        self.unchanged += other.unchanged;
        self.hashed += other.hashed;
        self.deleted += other.deleted;
        self.failed.extend(other.failed);
        self.elapsed += other.elapsed;
    }

    /// An error if any file failed: the file's own if nothing arrived at all and all failed alike, else
    /// [`Kind::Partial`].
    pub fn into_result(mut self) -> Result<Self> {
        let Some((name, first)) = self.failed.first() else { return Ok(self) };
        let alike = self.failed.iter().all(|(_, error)| error.kind() == first.kind());
        if self.done == 0 && self.skipped + self.unchanged == 0 && alike {
            let (name, error) = self.failed.swap_remove(0);
            return Err(error.about(name));
        }
        let (failed, all) = (self.failed.len(), self.failed.len() as u64 + self.done + self.skipped + self.unchanged);
        let message = format!("{failed} of {all} files failed; the first: {name}: {first}");
        Err(Error::new(Kind::Partial, message))
    }
}
