use std::{fmt, ops::Deref};

use futures::{Stream, StreamExt as _, stream};

use super::{Failure, Failures, Gather, Outcome, Reply, Tasks};

/// Tasks in the order in which they were pushed. It is a slice of replies, with all that slices do.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use whimbrel::gather::Ordered;
///
/// let mut lengths = Ordered::new();
/// lengths.extend(["a", "bb", "ccc"].map(|it| async move { Ok::<_, std::fmt::Error>(it.len()) }));
/// assert_eq!(lengths.last().unwrap().read().await, Ok(&3));
/// for length in &lengths[..2] {
///     println!("{:?}", length.read().await);
/// }
/// assert_eq!(lengths.join().await.unwrap(), [1, 2, 3]);
/// # });
/// ```
pub struct Ordered<T, E> {
    tasks: Tasks,
    replies: Vec<Reply<T, E>>,
}

impl<T, E> Ordered<T, E> {
    /// One without bounds; [`Gather::ordered`] makes one with.
    pub fn new() -> Self {
        Gather::new().ordered()
    }

    pub(super) fn of(tasks: Tasks) -> Self {
        Self { tasks, replies: vec![] }
    }

    /// The outcomes in order, each of which is waited for.
    pub fn stream(&self) -> impl Stream<Item = Result<&T, &Failure<E>>> + Send + Unpin
    where
        T: Send + Sync,
        E: Send + Sync,
    {
        stream::iter(self).then(Reply::read).boxed()
    }

    /// All outcomes, once all are there; dropping this cancels what is not done.
    pub async fn outcomes(self) -> Vec<Outcome<T, E>> {
        let mut outcomes = Vec::with_capacity(self.len());
        for reply in self.replies {
            outcomes.push(reply.join().await);
        }
        outcomes
    }

    /// All values, once all tasks are done.
    ///
    /// # Errors
    /// All failures if there are any. The values are lost then: [`outcomes`](Self::outcomes) gives both.
    pub async fn join(self) -> Result<Vec<T>, Failures<usize, E>> {
        let outcomes = self.outcomes().await.into_iter().enumerate().collect();
        Ok(Failures::among(outcomes)?.into_iter().map(|(_, value)| value).collect())
    }
}

impl<T: Send + Sync + 'static, E: Send + Sync + 'static> Ordered<T, E> {
    /// Begins a task.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn push<F>(&mut self, task: F) -> &Reply<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let place = self.replies.len();
        self.replies.push(self.tasks.begin(task, || ()));
        &self.replies[place]
    }
}

impl<T, E> Deref for Ordered<T, E> {
    type Target = [Reply<T, E>];

    fn deref(&self) -> &Self::Target {
        &self.replies
    }
}

/// Pushes each of them.
impl<F, T, E> Extend<F> for Ordered<T, E>
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

impl<T, E> IntoIterator for Ordered<T, E> {
    type Item = Reply<T, E>;
    type IntoIter = std::vec::IntoIter<Reply<T, E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.replies.into_iter()
    }
}

impl<'a, T, E> IntoIterator for &'a Ordered<T, E> {
    type Item = &'a Reply<T, E>;
    type IntoIter = std::slice::Iter<'a, Reply<T, E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.replies.iter()
    }
}

impl<T, E> Default for Ordered<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E> fmt::Debug for Ordered<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
