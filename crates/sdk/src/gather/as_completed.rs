use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{
    FutureExt as _, Stream, StreamExt as _,
    future::BoxFuture,
    stream::{BoxStream, Fuse, FuturesUnordered},
    task::noop_waker_ref,
};

use super::{Outcome, Reply, Tasks};

/// The outcomes of any number of tasks, each with its key, as they come; made by
/// [`Gather::as_completed`](super::Gather::as_completed). What is not done when it is dropped is cancelled.
///
/// Nothing is kept: with a limit, so many tasks or outcomes are in memory at most beside the one that was taken last,
/// however many there are in all. A new task is begun whenever an outcome is taken, so who reads slowly is not overrun.
///
/// ```no_run
/// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
/// use futures::StreamExt as _;
/// use whimbrel::{Paged as _, gather::Gather};
///
/// let found = dserver.search().text("microscopy").stream();
/// let readmes = found.filter_map(|it| async { it.ok() }).map(|it| {
///     let (dserver, uri) = (dserver.clone(), it.uri.clone());
///     (it.uri, async move { dserver.readme(&uri).await })
/// });
/// let mut readmes = Gather::new().limit(16).as_completed_from(readmes);
/// while let Some((uri, readme)) = readmes.next().await {
///     match readme {
///         Ok(readme) => println!("{uri}: {}", readme.yaml()?["project"]),
///         Err(failure) => println!("{uri}: {failure}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "what is dropped is cancelled"]
pub struct AsCompleted<'a, K, T, E> {
    /// Begins a task whenever it is asked for the next.
    tasks: Fuse<BoxStream<'a, (K, Reply<T, E>)>>,
    begun: FuturesUnordered<BoxFuture<'a, (K, Outcome<T, E>)>>,
    limit: usize,
}

impl<'a, K, T, E> AsCompleted<'a, K, T, E>
where
    K: Send + 'a,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    pub(super) fn of<F>(limit: Option<usize>, begin: Tasks, tasks: impl Stream<Item = (K, F)> + Send + 'a) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let tasks = tasks.map(move |(key, task)| (key, begin.begin(task, || ()))).boxed().fuse();
        let mut new = Self { tasks, begun: FuturesUnordered::new(), limit: limit.unwrap_or(usize::MAX) };
        // Who reads asks again, and is woken.
        new.begin(&mut Context::from_waker(noop_waker_ref()));
        new
    }

    /// Begins as many as may be.
    fn begin(&mut self, cx: &mut Context<'_>) {
        while self.begun.len() < self.limit
            && let Poll::Ready(Some((key, reply))) = self.tasks.poll_next_unpin(cx)
        {
            self.begun.push(reply.join().map(|outcome| (key, outcome)).boxed());
        }
    }
}

impl<'a, K, T, E> Stream for AsCompleted<'a, K, T, E>
where
    K: Send + 'a,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    type Item = (K, Outcome<T, E>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.begin(cx);
        match self.begun.poll_next_unpin(cx) {
            Poll::Ready(Some(outcome)) => {
                self.begin(cx);
                Poll::Ready(Some(outcome))
            }
            Poll::Ready(None) if !self.tasks.is_done() => Poll::Pending,
            none_yet => none_yet,
        }
    }
}

impl<K, T, E> fmt::Debug for AsCompleted<'_, K, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted").field("begun", &self.begun.len()).finish_non_exhaustive()
    }
}
