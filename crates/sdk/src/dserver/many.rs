//! The same of many datasets, at once.

use futures::{Stream, StreamExt as _, future::BoxFuture, stream};
use serde_json::{Map, Value};

use super::{Client, Manifest, Readme};
use crate::Result;

/// Requests on their way at once; see [`Settings::requests_at_once`](crate::Settings::requests_at_once) for the bound over
/// all that a client does.
const AT_ONCE: usize = 16;

impl Client {
    /// The readmes of many datasets, each with its URI, as they arrive. One that fails does not fail the others. URIs
    /// are taken as they are needed, so there may be any number of them.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client, uris: Vec<String>) -> whimbrel::Result<()> {
    /// use futures::StreamExt as _;
    ///
    /// let mut readmes = dserver.readmes(uris);
    /// while let Some((uri, readme)) = readmes.next().await {
    ///     println!("{uri}: {}", readme?.yaml()?["project"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn readmes<I>(&self, uris: I) -> impl Stream<Item = (String, Result<Readme>)> + Send + Unpin + use<I>
    where
        I: IntoIterator<Item = String, IntoIter: Send>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.readme(&uri).await, uri) }))
    }

    /// The manifests of many datasets; as [`readmes`](Self::readmes).
    pub fn manifests<I>(&self, uris: I) -> impl Stream<Item = (String, Result<Manifest>)> + Send + Unpin + use<I>
    where
        I: IntoIterator<Item = String, IntoIter: Send>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.manifest(&uri).await, uri) }))
    }

    /// The annotations of many datasets; as [`readmes`](Self::readmes).
    pub fn annotations_of_many<I>(
        &self,
        uris: I,
    ) -> impl Stream<Item = (String, Result<Map<String, Value>>)> + Send + Unpin + use<I>
    where
        I: IntoIterator<Item = String, IntoIter: Send>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.annotations(&uri).await, uri) }))
    }

    /// The tags of many datasets; as [`readmes`](Self::readmes).
    pub fn tags_of_many<I>(&self, uris: I) -> impl Stream<Item = (String, Result<Vec<String>>)> + Send + Unpin + use<I>
    where
        I: IntoIterator<Item = String, IntoIter: Send>,
    {
        self.many(uris, |client, uri| Box::pin(async move { (client.tags(&uri).await, uri) }))
    }

    fn many<I, T>(&self, uris: I, ask: Ask<T>) -> impl Stream<Item = (String, Result<T>)> + Send + Unpin + use<I, T>
    where
        I: IntoIterator<Item = String, IntoIter: Send>,
        T: Send + 'static,
    {
        let client = self.clone();
        let answers = stream::iter(uris).map(move |uri| ask(client.clone(), uri)).buffer_unordered(AT_ONCE);
        answers.map(|(answer, uri)| (uri, answer))
    }
}

/// A question about one dataset.
type Ask<T> = fn(Client, String) -> BoxFuture<'static, (Result<T>, String)>;
