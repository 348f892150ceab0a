//! Lists of a dserver, read to their end.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use http::HeaderMap;
use raw::ResponseValue;
use serde::Deserialize;

use crate::{Page, Paged, Result};

/// Items in a page: the most that a dserver gives (it refuses more with 422).
pub(crate) const PAGE_SIZE: i64 = 100;

/// A list of the server's. Nothing is asked before a page is.
///
/// ```no_run
/// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let users: Vec<_> = dserver.users().stream().try_collect().await?;
/// let total = dserver.base_uris().page(1).await?.total;
/// # Ok(()) }
/// ```
#[must_use]
pub struct List<T> {
    page: Arc<Fetch<T>>,
    key: fn(&T) -> &str,
}

type Fetch<T> = dyn Fn(u32) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync;

impl<T: Send + 'static> List<T> {
    /// Pages by number; `key` tells an item from the others.
    pub(super) fn new<F, Fut>(key: fn(&T) -> &str, page: F) -> Self
    where
        F: Fn(u32) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        Self { page: Arc::new(move |n| Box::pin(page(n))), key }
    }
}

impl<T: Send + 'static> Paged for List<T> {
    type Item = T;

    /// The `n`-th page, from 1, of up to 100 items; none past the end.
    async fn page(&self, n: u32) -> Result<Page<T>> {
        (self.page)(n).await
    }

    fn key<'i>(&self, item: &'i T) -> Option<&'i str> {
        Some((self.key)(item))
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { page: self.page.clone(), key: self.key }
    }
}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("List")
    }
}

/// The `n`-th page as the server answered it, each item as the caller wants it.
///
/// Past the end, lists by SQL answer 404 and lists by MongoDB an empty page; both are a page without items here. A user
/// without any rights gets no header `X-Pagination` at all.
pub(super) fn page<R, T>(
    n: u32,
    answer: Result<ResponseValue<Vec<R>>>,
    item: impl FnMut(R) -> Result<T>,
) -> Result<Page<T>> {
    let answer = match answer {
        Err(error) if n > 1 && error.is_not_found() => return Ok(Page { items: vec![], total: None, more: false }),
        answer => answer?,
    };
    let pagination = Pagination::of(answer.headers());
    let items = answer.into_inner().into_iter().map(item).collect::<Result<Vec<_>>>()?;
    let (total, more) = match pagination {
        Some(it) => (Some(it.total), it.last_page.is_some_and(|last| last > u64::from(n))),
        None => (None, items.len() as i64 == PAGE_SIZE),
    };
    Ok(Page { items, total, more })
}

/// The header `X-Pagination`, as far as it is needed. An empty result has no pages, a page past the end no number.
#[derive(Deserialize)]
struct Pagination {
    total: u64,
    last_page: Option<u64>,
}

impl Pagination {
    fn of(headers: &HeaderMap) -> Option<Self> {
        serde_json::from_str(headers.get("x-pagination")?.to_str().ok()?).ok()
    }
}
