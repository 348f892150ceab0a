//! A list that a call gives, whatever it holds.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

use crate::{Page, Paged, Result};

/// A list of a service's, in pages of up to 100 items. Nothing is asked before a page is.
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
    key: fn(&T) -> Option<&str>,
}

type Fetch<T> = dyn Fn(u32) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync;

impl<T: Send + 'static> List<T> {
    /// Pages by number; `key` tells an item from the others.
    pub(crate) fn new<F, Fut>(key: fn(&T) -> Option<&str>, page: F) -> Self
    where
        F: Fn(u32) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        Self { page: Arc::new(move |n| Box::pin(page(n))), key }
    }
}

impl<T: Send + 'static> Paged for List<T> {
    type Item = T;

    async fn page(&self, n: u32) -> Result<Page<T>> {
        (self.page)(n).await
    }

    fn key<'i>(&self, item: &'i T) -> Option<&'i str> {
        (self.key)(item)
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
