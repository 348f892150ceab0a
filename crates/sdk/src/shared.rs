//! What all clients of a process share: stores of answers, and limits.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use middleware::{
    Principal,
    layer::{Limit, MemoryStore, Quota, SqliteStore, Store},
};

use crate::{
    CacheMode, Settings,
    per_process::{Of, PerProcess},
};

/// A store of a mode is one for all clients, so that what one writes is old for all. Limits are by origin and user: two
/// clients of one user share one quota, as the server sees one user; how many requests they may have on their way at once
/// they share if they wish for the same number.
#[derive(Default)]
pub(crate) struct Shared {
    memory: Arc<MemoryStore>,
    files: Mutex<HashMap<PathBuf, SqliteStore>>,
    /// The process that this one was forked from had a file open, or may have had.
    inherits_files: bool,
    limits: Mutex<HashMap<User, HashMap<usize, Limit>>>,
}

/// An origin, and who asks it.
type User = (String, Option<Principal>);

/// This process's.
pub(crate) fn shared() -> Arc<Of<Shared>> {
    static SHARED: PerProcess<Shared> = PerProcess::new();
    SHARED.get(|parents| Shared { inherits_files: parents.is_some_and(Shared::has_files), ..Shared::default() })
}

impl Shared {
    /// Whether a file is open here. Where another thread has it in hand, it may be.
    fn has_files(&self) -> bool {
        self.inherits_files || self.files.try_lock().map_or(true, |files| !files.is_empty())
    }

    /// The store of a mode.
    pub(crate) fn store(&self, mode: &CacheMode) -> Option<Arc<dyn Store>> {
        match mode {
            CacheMode::Off => None,
            CacheMode::Memory => Some(self.memory.clone()),
            CacheMode::Disk(path) => Some(self.file(path)),
        }
    }

    fn file(&self, path: &Path) -> Arc<dyn Store> {
        // SQLite keeps a list of what it has locked, by file, for its process. A child has that list, and not the locks: what
        // it opened would be written without them. <https://www.sqlite.org/howtocorrupt.html>, 2.6
        if self.inherits_files {
            tracing::warn!(path = %path.display(), "answers are kept in memory only, as this process was forked");
            return self.memory.clone();
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = files.get(path) {
            return Arc::new(store.clone());
        }
        match SqliteStore::open(path) {
            Ok(store) => {
                files.insert(path.to_owned(), store.clone());
                Arc::new(store)
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "answers are kept in memory only");
                self.memory.clone()
            }
        }
    }

    /// The limit of a user at an origin.
    pub(crate) fn limit(
        &self,
        settings: &Settings,
        origin: String,
        principal: Option<Principal>,
        quota: Option<(u32, Duration)>,
    ) -> Limit {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = limits.entry((origin, principal)).or_default();
        let made = || {
            let own = settings.requests_per_minute;
            let quota = match (quota, own) {
                (Some((requests, window)), own) => {
                    Some(Quota::new(own.map_or(requests, |own| own.min(requests)), window))
                }
                (None, Some(own)) => Some(Quota::new(own, Duration::from_secs(60))),
                (None, None) => None,
            };
            Limit::new(quota, settings.requests_at_once)
        };
        let known = limits.values().next().map(|it| it.at_once(settings.requests_at_once));
        limits.entry(settings.requests_at_once).or_insert_with(|| known.unwrap_or_else(made)).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_of_who_has_a_file_open_keeps_its_answers_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mode = CacheMode::Disk(folder.path().join("answers"));
        let parent = Shared::default();
        assert!(!parent.has_files());
        parent.store(&mode).unwrap();
        assert!(parent.has_files() && folder.path().join("answers").exists());

        let child = Shared { inherits_files: parent.has_files(), ..Shared::default() };
        let other = CacheMode::Disk(folder.path().join("another"));
        child.store(&other).unwrap();
        assert!(!folder.path().join("another").exists());
        assert!(child.has_files(), "its own children do so, too");

        let _in_hand = parent.files.lock().unwrap();
        assert!(parent.has_files());
    }
}
