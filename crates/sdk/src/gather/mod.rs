//! Many tasks at once, and each outcome where it is wanted: by its key, in order, the first, or as they come.
//!
//! | | what came is read | and is |
//! |---|---|---|
//! | [`Keyed`] | by its key | kept |
//! | [`Ordered`] | by its place, as in a slice | kept |
//! | [`FirstReply`] | in the order in which tasks are done; or the first that succeed win, and the others are cancelled | kept |
//! | [`AsCompleted`] | once, as tasks are done | given away: any number of tasks in bounded memory |
//!
//! A task is any future of a [`Result`]; one that can't fail becomes one by
//! [`never_error`](futures::FutureExt::never_error). [`Gather`] says how many run at once and how long all may take.
//!
//! ```no_run
//! # async fn example(dserver: whimbrel::dserver::Client, uris: Vec<String>) -> whimbrel::Result<()> {
//! use std::{collections::HashMap, time::Duration};
//! use whimbrel::gather::Gather;
//!
//! let mut readmes = Gather::new().limit(16).deadline(Duration::from_secs(60)).keyed();
//! for uri in uris {
//!     let dserver = dserver.clone();
//!     readmes.put(uri.clone(), async move { dserver.readme(&uri).await });
//! }
//! // All have begun. One is waited for here, and can be read again:
//! let one = readmes["s3://dtool-demo/8ecd8e05-558a-48e2-b563-0c9ea273e71e"].read().await?;
//! println!("{}", one.yaml()?["project"]);
//! // All of them; or else every failure, each with its URI.
//! let all: HashMap<_, _> = readmes.join().await?;
//! # Ok(()) }
//! ```
//!
//! # What holds for all of them
//!
//! - **A task begins when it is handed in**, on the tokio runtime that this is done in; there must be one. With a limit it
//!   may have to wait, and those that wait begin in the order in which they were handed in.
//! - **A failure is that task's alone**, and found where its outcome is read, as a [`Failure`]: the task's own error, a
//!   panic (of which the program's panic hook has been told as of any), the deadline, or a cancellation. The others go on.
//!   To end all at the first error, drop the gather when it is read.
//! - **Reading takes nothing away.** Outcomes are lent, each stream goes at its own pace, and a value is asked for neither
//!   `Clone` nor `Arc`. What consumes the gather (`join`, `outcomes`, `first`, `take`) gives them away.
//! - **Who goes away cancels.** When a gather is dropped, each task that is not done is dropped at its next `.await`, and
//!   a connection that waits for an answer is closed. That takes no request back: a server that has it may well finish
//!   what was asked. So race and cut short what only reads, or may be done twice.
//! - **Work that never awaits can't be cut short**, neither by the deadline nor by a drop: it belongs into
//!   [`spawn_blocking`](tokio::task::spawn_blocking).
//! - What the [`Call`](middleware::Call) around `put` or `push` wishes holds in the task too, and its spans are those of the
//!   place where it was handed in.

mod as_completed;
mod failure;
mod first_reply;
mod keyed;
mod ordered;
mod reply;
mod tasks;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures::{Stream, stream};

pub use as_completed::AsCompleted;
pub use failure::{Failure, Failures, Outcome};
pub use first_reply::FirstReply;
pub use keyed::Keyed;
pub use ordered::Ordered;
pub use reply::Reply;

use tasks::Tasks;

/// How many tasks run at once, and how long all of them may take; no bound unless told.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use std::{convert::Infallible, time::Duration};
/// use whimbrel::gather::{Failure, Gather};
///
/// let mut slow = Gather::new().limit(2).deadline(Duration::from_millis(20)).ordered();
/// slow.push(async { Ok::<_, Infallible>("at once") });
/// slow.push(std::future::pending());
/// assert_eq!(slow[0].read().await, Ok(&"at once"));
/// assert_eq!(slow[1].read().await, Err(&Failure::Deadline(Duration::from_millis(20))));
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gather {
    limit: Option<usize>,
    deadline: Option<Duration>,
}

impl Gather {
    /// One without bounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many tasks run at once, and at least one; the others wait in line.
    #[must_use]
    pub fn limit(self, tasks: usize) -> Self {
        Self { limit: Some(tasks.max(1)), ..self }
    }

    /// What is not done so long after the gather was made is dropped, and has failed with [`Failure::Deadline`]; so has what
    /// is handed in later.
    #[must_use]
    pub fn deadline(self, after: Duration) -> Self {
        Self { deadline: Some(after), ..self }
    }

    /// Tasks by their keys.
    pub fn keyed<K, T, E>(self) -> Keyed<K, T, E> {
        Keyed::of(Tasks::of(self))
    }

    /// Tasks in order.
    pub fn ordered<T, E>(self) -> Ordered<T, E> {
        Ordered::of(Tasks::of(self))
    }

    /// Tasks of which the first to answer count.
    pub fn first_reply<T, E>(self) -> FirstReply<T, E> {
        FirstReply::of(Tasks::of(self))
    }

    /// The outcomes of these tasks, each with its key, as they come.
    ///
    /// As many as the limit says are begun now, and one more for each outcome that is taken; of the others nothing but the
    /// iterator is there. Without a limit, all are begun now.
    pub fn as_completed<'a, K, F, T, E, I>(self, tasks: I) -> AsCompleted<'a, K, T, E>
    where
        I: IntoIterator<Item = (K, F), IntoIter: Send + 'a>,
        K: Send + 'a,
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        self.as_completed_from(stream::iter(tasks))
    }

    /// The same of tasks that are themselves still to come, such as one for each dataset that a search finds. The deadline
    /// is for tasks: it does not end the wait for the next of them.
    pub fn as_completed_from<'a, K, F, T, E, S>(self, tasks: S) -> AsCompleted<'a, K, T, E>
    where
        S: Stream<Item = (K, F)> + Send + 'a,
        K: Send + 'a,
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        // What is begun is what is on its way here, so that nobody waits in line beside it.
        let begun = Tasks::of(Self { limit: None, ..self });
        AsCompleted::of(self.limit, begun, tasks)
    }
}
