use std::{borrow::Borrow, fmt, hash::Hash, ops::Index};

use futures::{Stream, StreamExt as _, stream};
use indexmap::IndexMap;

use super::{Failure, Failures, Gather, Outcome, Reply, Tasks};

/// Tasks by their keys, in the order in which they were put.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use std::collections::BTreeMap;
/// use whimbrel::gather::Keyed;
///
/// let mut squares = Keyed::new();
/// for n in 1..=3 {
///     squares.put(n, async move { if n < 3 { Ok(n * n) } else { Err("too large") } });
/// }
/// assert_eq!(squares[&2].read().await, Ok(&4));
/// for (n, square) in &squares {
///     println!("{n}: {:?}", square.read().await);
/// }
/// let failures = squares.join::<BTreeMap<_, _>>().await.unwrap_err();
/// assert_eq!(failures.to_string(), "1 of 3 tasks failed; the first: 3: too large");
/// # });
/// ```
pub struct Keyed<K, T, E> {
    tasks: Tasks,
    replies: IndexMap<K, Reply<T, E>>,
}

impl<K, T, E> Keyed<K, T, E> {
    /// One without bounds; [`Gather::keyed`] makes one with.
    pub fn new() -> Self {
        Gather::new().keyed()
    }

    pub(super) fn of(tasks: Tasks) -> Self {
        Self { tasks, replies: IndexMap::new() }
    }

    /// How many tasks there are, done or not.
    pub fn len(&self) -> usize {
        self.replies.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    /// Each key with its reply.
    pub fn iter(&self) -> indexmap::map::Iter<'_, K, Reply<T, E>> {
        self.replies.iter()
    }

    /// Each key with its outcome, which is waited for.
    pub fn stream(&self) -> impl Stream<Item = (&K, Result<&T, &Failure<E>>)> + Send + Unpin
    where
        K: Sync,
        T: Send + Sync,
        E: Send + Sync,
    {
        stream::iter(self).then(|(key, reply)| async move { (key, reply.read().await) }).boxed()
    }

    /// All outcomes, once all are there; dropping this cancels what is not done.
    pub async fn outcomes<C: FromIterator<(K, Outcome<T, E>)>>(self) -> C {
        let mut outcomes = Vec::with_capacity(self.len());
        for (key, reply) in self.replies {
            outcomes.push((key, reply.join().await));
        }
        outcomes.into_iter().collect()
    }

    /// All values, once all tasks are done.
    ///
    /// # Errors
    /// All failures if there are any. The values are lost then: [`outcomes`](Self::outcomes) gives both.
    pub async fn join<C: FromIterator<(K, T)>>(self) -> Result<C, Failures<K, E>> {
        Ok(Failures::among(self.outcomes().await)?.into_iter().collect())
    }
}

impl<K: Hash + Eq, T: Send + Sync + 'static, E: Send + Sync + 'static> Keyed<K, T, E> {
    /// Begins a task; one that had this key is dropped with what it came to.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn put<F>(&mut self, key: K, task: F) -> &Reply<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let reply = self.tasks.begin(task, || ());
        let place = self.replies.insert_full(key, reply).0;
        &self.replies[place]
    }
}

impl<K: Hash + Eq, T, E> Keyed<K, T, E> {
    /// The reply of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&Reply<T, E>>
    where
        K: Borrow<Q>,
    {
        self.replies.get(key)
    }

    /// Whether there is a task with this key.
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.replies.contains_key(key)
    }

    /// Takes a reply out: to have its value, or to cancel its task.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Reply<T, E>>
    where
        K: Borrow<Q>,
    {
        self.replies.shift_remove(key)
    }
}

/// The reply of a key that is known to be there.
///
/// # Panics
/// If it is not.
impl<Q: Hash + Eq + ?Sized, K: Hash + Eq + Borrow<Q>, T, E> Index<&Q> for Keyed<K, T, E> {
    type Output = Reply<T, E>;

    fn index(&self, key: &Q) -> &Self::Output {
        self.get(key).expect("a task was put under this key")
    }
}

/// Puts each of them.
impl<K, F, T, E> Extend<(K, F)> for Keyed<K, T, E>
where
    K: Hash + Eq,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    fn extend<I: IntoIterator<Item = (K, F)>>(&mut self, tasks: I) {
        for (key, task) in tasks {
            self.put(key, task);
        }
    }
}

impl<K, T, E> IntoIterator for Keyed<K, T, E> {
    type Item = (K, Reply<T, E>);
    type IntoIter = indexmap::map::IntoIter<K, Reply<T, E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.replies.into_iter()
    }
}

impl<'a, K, T, E> IntoIterator for &'a Keyed<K, T, E> {
    type Item = (&'a K, &'a Reply<T, E>);
    type IntoIter = indexmap::map::Iter<'a, K, Reply<T, E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, T, E> Default for Keyed<K, T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, T, E> fmt::Debug for Keyed<K, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::Arc};

    use futures::FutureExt as _;
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn what_is_put_under_a_key_again_takes_the_place_of_what_was_there_and_cancels_it() {
        let held = Arc::new(());
        let mut all = Keyed::<_, _, String>::new();
        for key in ["b", "a"] {
            let held = held.clone();
            all.put(key, async move {
                let never = pending().await;
                drop(held);
                never
            });
        }
        yield_now().await;
        assert_eq!(Arc::strong_count(&held), 3);
        assert_eq!(all.put("b", async { Ok(1) }).read().await, Ok(&1));
        assert!(all.remove("a").is_some_and(|reply| reply.peek().is_none()));
        yield_now().await;
        assert_eq!(Arc::strong_count(&held), 1, "neither runs any more");
        all.put("a", async { Ok(2) });
        assert_eq!((all.len(), all.is_empty(), all.contains_key("c"), all.get("c").is_none()), (2, false, false, true));
        assert_eq!(all.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["b", "a"], "as they were put");
        assert_eq!(format!("{all:?}"), r#"{"b": Reply(done), "a": Reply(not done)}"#);
        assert_eq!(all.join().await, Ok(vec![("b", 1), ("a", 2)]));
    }

    #[tokio::test]
    async fn a_reply_is_waited_for_without_being_held() {
        let mut all = Keyed::<_, _, String>::new();
        let mut done = std::pin::pin!(all.put(1, async { Ok("one") }).done());
        assert!(done.as_mut().now_or_never().is_none());
        // It is free for others meanwhile.
        all.put(2, async { Err("two".to_owned()) });
        done.await;
        assert_eq!(all[&1].peek(), Some(Ok(&"one")));
        // Others that wait, or have waited, keep nobody from having the value.
        let (waits, reply) = (all[&1].done(), all.remove(&1).unwrap());
        assert_eq!(reply.join().await, Ok("one"));
        waits.await;
        let failure = all[&2].read().await.unwrap_err();
        assert_eq!((failure.error().map(String::as_str), failure.to_string().as_str()), (Some("two"), "two"));
        assert_eq!(format!("{all:?}"), "{2: Reply(failed)}");
    }
}
