//! Lists of DataSift's: by page, with a count.

use super::Client;
use crate::{List, Page, Result};

/// Items in a page.
pub(super) const PAGE_SIZE: i64 = 100;

impl Client {
    /// A list whose pages are asked for by number, from 1.
    pub(super) fn list<T, F, Fut>(&self, key: fn(&T) -> Option<&str>, page: F) -> List<T>
    where
        T: Send + 'static,
        F: Fn(Client, u32) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        let client = self.clone();
        List::new(key, move |n| page(client.clone(), n))
    }
}

/// The `n`-th page by what the server tells: the count of all items, and of pages where it tells that too.
pub(super) fn page<T>(n: u32, items: Option<Vec<T>>, count: Option<i64>, pages: Option<i64>) -> Page<T> {
    let items = items.unwrap_or_default();
    let more = match (pages, count) {
        (Some(pages), _) => i64::from(n) < pages,
        (None, Some(count)) => i64::from(n) * PAGE_SIZE < count,
        (None, None) => items.len() as i64 >= PAGE_SIZE,
    };
    Page { items, total: count.and_then(|count| u64::try_from(count).ok()), more }
}
