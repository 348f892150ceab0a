use std::{fmt, sync::Arc};

use futures::{Stream, StreamExt as _, stream};
use tokio::sync::watch;

use super::{Failure, Failures, Gather, Reply, Tasks};

/// Tasks of which the first to answer count.
///
/// ```no_run
/// # async fn example(mirrors: Vec<whimbrel::dserver::Client>, uri: &'static str) -> whimbrel::Result<()> {
/// use whimbrel::gather::FirstReply;
///
/// let mut readme = FirstReply::new();
/// readme.extend(mirrors.into_iter().map(|mirror| async move { mirror.readme(uri).await }));
/// // The requests to the other mirrors end here; if all failed, this is why.
/// println!("{}", readme.first().await?.yaml()?["project"]);
/// # Ok(()) }
/// ```
pub struct FirstReply<T, E> {
    tasks: Tasks,
    replies: Vec<Reply<T, E>>,
    /// The places of those that are done, in the order in which they were.
    done: Arc<watch::Sender<Vec<usize>>>,
}

impl<T, E> FirstReply<T, E> {
    /// One without bounds; [`Gather::first_reply`] makes one with.
    pub fn new() -> Self {
        Gather::new().first_reply()
    }

    pub(super) fn of(tasks: Tasks) -> Self {
        Self { tasks, replies: vec![], done: Arc::default() }
    }

    /// How many tasks there are, done or not.
    pub fn len(&self) -> usize {
        self.replies.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    /// The reply of the task at this place, from 0, in the order in which they were pushed.
    pub fn get(&self, place: usize) -> Option<&Reply<T, E>> {
        self.replies.get(place)
    }

    /// The first value; the other tasks are cancelled.
    ///
    /// # Errors
    /// If none succeeds: all failures, each with its task's place from 0.
    pub async fn first(self) -> Result<T, Failures<usize, E>> {
        let tasks = self.len();
        let mut values = self.take(1).await?;
        values.pop().ok_or_else(|| Failures::new(vec![], tasks))
    }

    /// The first `n` values, in the order in which they came; the other tasks are cancelled.
    ///
    /// # Errors
    /// As soon as it is certain that there will not be so many: the failures so far, each with its task's place from 0.
    pub async fn take(self, n: usize) -> Result<Vec<T>, Failures<usize, E>> {
        let tasks = self.len();
        let Self { replies, done, tasks: _ } = self;
        let mut replies: Vec<_> = replies.into_iter().map(Some).collect();
        let mut done = done.subscribe();
        let (mut values, mut failures) = (vec![], vec![]);
        for nth in 0..tasks {
            if values.len() == n || n > tasks - failures.len() {
                break;
            }
            let Some(place) = nth_done(&mut done, nth).await else { break };
            let Some(reply) = replies[place].take() else { break };
            match reply.join().await {
                Ok(value) => values.push(value),
                Err(failure) => failures.push((place, failure)),
            }
        }
        if values.len() < n { Err(Failures::new(failures, tasks)) } else { Ok(values) }
    }

    /// The `nth` task to be done, from 0: its place from 0 in the order in which tasks were pushed, and its outcome. `None`
    /// if there are not so many tasks.
    pub async fn nth(&self, nth: usize) -> Option<(usize, Result<&T, &Failure<E>>)> {
        if nth >= self.len() {
            return None;
        }
        let place = nth_done(&mut self.done.subscribe(), nth).await?;
        Some((place, self.replies[place].read().await))
    }

    /// All outcomes in the order in which they come, or came; each with its task's place as [`nth`](Self::nth) has it.
    pub fn stream(&self) -> impl Stream<Item = (usize, Result<&T, &Failure<E>>)> + Send + Unpin
    where
        T: Send + Sync,
        E: Send + Sync,
    {
        stream::iter(0..self.len()).filter_map(|nth| self.nth(nth)).boxed()
    }
}

impl<T: Send + Sync + 'static, E: Send + Sync + 'static> FirstReply<T, E> {
    /// Begins a task.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn push<F>(&mut self, task: F)
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (place, done) = (self.replies.len(), self.done.clone());
        self.replies.push(self.tasks.begin(task, move || done.send_modify(|done| done.push(place))));
    }
}

/// Pushes each of them.
impl<F, T, E> Extend<F> for FirstReply<T, E>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, tasks: I) {
        for task in tasks {
            self.push(task);
        }
    }
}

impl<T, E> Default for FirstReply<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E> fmt::Debug for FirstReply<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.replies).finish()
    }
}

/// The place of the `nth` task to be done. Every task tells of its end, so it is there at some time.
async fn nth_done(done: &mut watch::Receiver<Vec<usize>>, nth: usize) -> Option<usize> {
    done.wait_for(|done| done.len() > nth).await.ok()?.get(nth).copied()
}
