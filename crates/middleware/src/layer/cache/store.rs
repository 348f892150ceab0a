use bytes::Bytes;
use futures::future::BoxFuture;
use http_cache_semantics::CachePolicy;

use super::{Key, Partition};

/// A kept answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What RFC 9111 needs to know of it, and its headers.
    pub policy: CachePolicy,
    /// Its `Date`, as the server wrote it.
    pub date: Option<String>,
    /// Its body.
    pub body: Bytes,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Answers.
    pub entries: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

/// Where answers are kept. None of its failures is the caller's: what can't be read is not there, what can't be written
/// is not kept.
pub trait Store: Send + Sync + 'static {
    /// A random key, the same for the life of the store, by which principals are hashed.
    fn secret(&self) -> &[u8; 32];

    /// The answer under this key.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Option<Entry>>;

    /// How many writes this user's answers have seen.
    fn generation<'a>(&'a self, partition: &'a Partition) -> BoxFuture<'a, u64>;

    /// Keeps an answer, unless there was a write since `generation`: it might be older than that.
    fn put<'a>(&'a self, key: &'a Key, entry: Entry, generation: u64) -> BoxFuture<'a, ()>;

    /// Drops this user's answers at and below these paths, and counts a write.
    fn invalidate<'a>(&'a self, partition: &'a Partition, paths: &'a [String]) -> BoxFuture<'a, ()>;

    /// Drops everything.
    fn clear(&self) -> BoxFuture<'_, ()>;

    /// How much it holds.
    fn stats(&self) -> BoxFuture<'_, StoreStats>;
}
