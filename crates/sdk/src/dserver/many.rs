//! The same of many datasets, at once.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{Stream, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use serde_json::{Map, Value};

use super::{Client, Manifest, Readme};
use crate::Result;

/// Requests on their way at once, unless told otherwise; see
/// [`Settings::requests_at_once`](crate::Settings::requests_at_once) for the bound over all that a client does.
const AT_ONCE: usize = 16;

/// The answers to one question about many datasets, each with its URI, as they arrive: a stream. One that fails does not
/// fail the others. URIs are taken as they are needed, so there may be any number of them. Whoever drops it leaves nothing
/// on its way.
#[must_use]
pub struct Many<T> {
    client: Client,
    uris: Box<dyn Iterator<Item = String> + Send>,
    ask: Ask<T>,
    limit: usize,
    running: FuturesUnordered<BoxFuture<'static, (Result<T>, String)>>,
}

/// A question about one dataset.
type Ask<T> = fn(Client, String) -> BoxFuture<'static, (Result<T>, String)>;

impl<T> Many<T> {
    /// How many requests are on their way at once, 16 by default. No more than
    /// [`Settings::requests_at_once`](crate::Settings::requests_at_once) are in any case.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: limit.max(1), ..self }
    }
}

impl<T> Stream for Many<T> {
    type Item = (String, Result<T>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while this.running.len() < this.limit
            && let Some(uri) = this.uris.next()
        {
            this.running.push((this.ask)(this.client.clone(), uri));
        }
        let answer = ready!(this.running.poll_next_unpin(context));
        Poll::Ready(answer.map(|(answer, uri)| (uri, answer)))
    }
}

impl<T> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Many").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Client {
    /// The readmes of many datasets.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client, uris: Vec<String>) -> whimbrel::Result<()> {
    /// use futures::StreamExt as _;
    ///
    /// let mut readmes = dserver.readmes(uris).limit(32);
    /// while let Some((uri, readme)) = readmes.next().await {
    ///     println!("{uri}: {}", readme?.yaml()?["project"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn readmes<I>(&self, uris: I) -> Many<Readme>
    where
        I: IntoIterator<Item = String, IntoIter: Send + 'static>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.readme(&uri).await, uri) }))
    }

    /// The manifests of many datasets; as [`readmes`](Self::readmes).
    pub fn manifests<I>(&self, uris: I) -> Many<Manifest>
    where
        I: IntoIterator<Item = String, IntoIter: Send + 'static>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.manifest(&uri).await, uri) }))
    }

    /// The annotations of many datasets; as [`readmes`](Self::readmes).
    pub fn annotations_of_many<I>(&self, uris: I) -> Many<Map<String, Value>>
    where
        I: IntoIterator<Item = String, IntoIter: Send + 'static>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.annotations(&uri).await, uri) }))
    }

    /// The tags of many datasets; as [`readmes`](Self::readmes).
    pub fn tags_of_many<I>(&self, uris: I) -> Many<Vec<String>>
    where
        I: IntoIterator<Item = String, IntoIter: Send + 'static>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.tags(&uri).await, uri) }))
    }

    fn many<I, T>(&self, uris: I, ask: Ask<T>) -> Many<T>
    where
        I: IntoIterator<Item = String, IntoIter: Send + 'static>,
    {
        let uris = Box::new(uris.into_iter());
        Many { client: self.clone(), uris, ask, limit: AT_ONCE, running: FuturesUnordered::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    #[tokio::test]
    async fn as_many_are_on_their_way_as_it_says() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let ask: Ask<()> = |_, uri| {
            MOST.fetch_max(NOW.fetch_add(1, Relaxed) + 1, Relaxed);
            Box::pin(async move {
                tokio::task::yield_now().await;
                NOW.fetch_sub(1, Relaxed);
                (Ok(()), uri)
            })
        };
        let client = Client::builder().url("http://127.0.0.1:9").token("t".to_owned()).build().unwrap();
        for limit in [0, 3, 100] {
            MOST.store(0, Relaxed);
            let uris = (0..1000).map(|n| n.to_string());
            assert_eq!(client.many(uris, ask).limit(limit).count().await, 1000);
            assert_eq!((MOST.load(Relaxed), NOW.load(Relaxed)), (limit.max(1), 0));
        }
    }
}
