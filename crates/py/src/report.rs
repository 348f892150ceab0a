//! What a transfer did, as data.

use serde::Serialize;
use whimbrel::transfer::Report;

/// A transfer in which nothing failed.
#[derive(Serialize)]
pub(crate) struct Moved {
    /// Files that were moved.
    files: u64,
    /// Their bytes.
    bytes: u64,
    /// Files that were there already and left as they are, because the caller said so.
    skipped: u64,
    /// Files that were the same on both sides.
    unchanged: u64,
    /// How long it took.
    seconds: f64,
}

impl Moved {
    pub(crate) fn of(report: Report) -> Self {
        let Report { done, bytes, skipped, unchanged, elapsed, .. } = report;
        Self { files: done, bytes, skipped, unchanged, seconds: elapsed.as_secs_f64() }
    }
}
