use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// How far a transfer is: counters that the transfer turns and anybody may read, as often as they like.
///
/// Counters and no channel: a chunk of bytes then costs one addition and wakes nobody.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    files: AtomicU64,
    files_done: AtomicU64,
    files_failed: AtomicU64,
    bytes: AtomicU64,
    bytes_done: AtomicU64,
}

/// A [`Progress`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Files in all.
    pub files: u64,
    /// Files that arrived whole.
    pub files_done: u64,
    /// Files given up.
    pub files_failed: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes moved; what has to be sent again is taken back first.
    pub bytes_done: u64,
}

impl Progress {
    /// All counters at nought.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where it stands now.
    pub fn snapshot(&self) -> Snapshot {
        let Counters { files, files_done, files_failed, bytes, bytes_done } = &*self.0;
        Snapshot {
            files: files.load(Relaxed),
            files_done: files_done.load(Relaxed),
            files_failed: files_failed.load(Relaxed),
            bytes: bytes.load(Relaxed),
            bytes_done: bytes_done.load(Relaxed),
        }
    }

    pub(crate) fn expect(&self, files: u64, bytes: u64) {
        self.0.files.fetch_add(files, Relaxed);
        self.0.bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.0.files_done.fetch_add(1, Relaxed);
    }

    pub(crate) fn file_failed(&self) {
        self.0.files_failed.fetch_add(1, Relaxed);
    }

    /// Counts one attempt to move one file.
    pub(crate) fn attempt(&self) -> Attempt {
        Attempt { progress: self.clone(), bytes: 0, whole: false }
    }
}

/// The bytes of one attempt; they count no more if it is dropped before it was whole.
pub(crate) struct Attempt {
    progress: Progress,
    bytes: u64,
    whole: bool,
}

impl Attempt {
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.progress.0.bytes_done.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn whole(&mut self) {
        self.whole = true;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.whole {
            self.progress.0.bytes_done.fetch_sub(self.bytes, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_attempt_is_taken_back() {
        let progress = Progress::new();
        let mut first = progress.attempt();
        first.moved(5);
        assert_eq!(progress.snapshot().bytes_done, 5);
        drop(first);
        let mut second = progress.attempt();
        second.moved(7);
        second.whole();
        drop(second);
        assert_eq!(progress.snapshot().bytes_done, 7);
    }
}
