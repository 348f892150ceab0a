use std::{
    collections::HashMap,
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::future::BoxFuture;
use moka::sync::Cache;

use super::{Entry, Key, Partition, Store, StoreStats};

/// Keeps answers in memory: 64 MiB of bodies at most, the least used leave first.
pub struct MemoryStore {
    secret: [u8; 32],
    entries: Cache<Key, Entry>,
    /// Held while entries come and go, so that no answer slips in behind a write.
    generations: Mutex<HashMap<Partition, u64>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        let mut secret = [0; 32];
        secret.fill_with(|| fastrand::u8(..));
        let weigh =
            |key: &Key, entry: &Entry| u32::try_from(key.path.len() + entry.body.len() + 1024).unwrap_or(u32::MAX);
        Self {
            secret,
            entries: Cache::builder().max_capacity(64 << 20).weigher(weigh).build(),
            generations: Mutex::default(),
        }
    }

    fn generations(&self) -> MutexGuard<'_, HashMap<Partition, u64>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Option<Entry>> {
        Box::pin(ready(self.entries.get(key)))
    }

    fn generation<'a>(&'a self, partition: &'a Partition) -> BoxFuture<'a, u64> {
        Box::pin(ready(self.generations().get(partition).copied().unwrap_or_default()))
    }

    fn put<'a>(&'a self, key: &'a Key, entry: Entry, generation: u64) -> BoxFuture<'a, ()> {
        let generations = self.generations();
        if generations.get(&key.partition).copied().unwrap_or_default() == generation {
            self.entries.insert(key.clone(), entry);
        }
        Box::pin(ready(()))
    }

    fn invalidate<'a>(&'a self, partition: &'a Partition, paths: &'a [String]) -> BoxFuture<'a, ()> {
        let mut generations = self.generations();
        *generations.entry(*partition).or_default() += 1;
        for (key, _) in &self.entries {
            if key.partition == *partition && key.is_below(paths) {
                self.entries.invalidate(&*key);
            }
        }
        Box::pin(ready(()))
    }

    fn clear(&self) -> BoxFuture<'_, ()> {
        self.entries.invalidate_all();
        Box::pin(ready(()))
    }

    fn stats(&self) -> BoxFuture<'_, StoreStats> {
        let add = |sum: StoreStats, entry: Entry| StoreStats {
            entries: sum.entries + 1,
            bytes: sum.bytes + entry.body.len() as u64,
        };
        Box::pin(ready(self.entries.iter().map(|(_, entry)| entry).fold(StoreStats::default(), add)))
    }
}
