//! Lists that come in pages, read to their end and checked for it.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use futures::{Stream, TryStreamExt as _, stream};

use crate::{Error, Kind, Result};

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, in the server's order.
    pub items: Vec<T>,
    /// How many items the whole list has, where the server tells.
    pub total: Option<u64>,
    /// Whether another page follows.
    pub more: bool,
}

/// What Coscine tells of a page, items apart.
pub(crate) fn of<T>(pagination: Option<&raw::coscine::types::Pagination>) -> Page<T> {
    let total = pagination.and_then(|it| it.total_count).and_then(|total| u64::try_from(total).ok());
    Page { items: vec![], total, more: pagination.and_then(|it| it.has_next).unwrap_or_default() }
}

/// How often a list is read again from its start if it changed while it was read.
const ROUNDS: u32 = 3;

/// A list that comes in pages: all that services list is one, such as [`Projects`](crate::coscine::Projects),
/// [`Search`](crate::dserver::Search) or a list of your own. Nothing is asked before a page is.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let projects: Vec<_> = coscine.projects().stream().try_collect().await?;
/// let how_many = coscine.organizations().page(1).await?.total;
///
/// let mut pages = std::pin::pin!(coscine.pids().pages());
/// while let Some(page) = pages.try_next().await? {
///     println!("{} of {:?}", page.items.len(), page.total);
/// }
/// # Ok(()) }
/// ```
pub trait Paged: Clone + Send + Sync + 'static {
    /// What the list holds.
    type Item: Send + 'static;

    /// The `n`-th page as the server has it, from 1. One past the end has no items.
    fn page(&self, n: u32) -> impl Future<Output = Result<Page<Self::Item>>> + Send;

    /// What tells an item from the others of this list; `None` if nothing does.
    fn key<'i>(&self, item: &'i Self::Item) -> Option<&'i str>;

    /// Every page from the first on, with what is new in it. Lazy: a page is asked for when it is needed.
    ///
    /// Pages by number can skip or repeat items if the list changes in between. So items are told apart by
    /// [`key`](Paged::key), none is given twice, and if fewer came than the server counts, the list is read again for those
    /// that are missing. A page may therefore be empty and have others behind it, as its `more` says; its `total` is what
    /// the server said with it. What has no key is given as it comes, and a list that holds such an item is neither counted
    /// nor read again.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] for a list that does not come to rest: it is an error, not a short list. After an error comes
    /// nothing more.
    fn pages(self) -> impl Stream<Item = Result<Page<Self::Item>>> + Send {
        stream::try_unfold(Some(Reading::new(self)), |reading| async move {
            let Some(mut reading) = reading else { return Ok(None) };
            let page = reading.next().await?;
            let reading = page.more.then_some(reading);
            Ok(Some((page, reading)))
        })
    }

    /// Every item, a page at a time: the [`pages`](Paged::pages), one after the other.
    ///
    /// # Errors
    /// Those of [`pages`](Paged::pages).
    fn stream(self) -> impl Stream<Item = Result<Self::Item>> + Send {
        items(self.pages())
    }
}

/// The items of pages, one by one.
pub(crate) fn items<T: Send>(
    pages: impl Stream<Item = Result<Page<T>>> + Send,
) -> impl Stream<Item = Result<T>> + Send {
    pages.map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten()
}

/// How far a list has been read.
struct Reading<L> {
    list: L,
    page: u32,
    round: u32,
    seen: HashSet<u64>,
    /// Whether there was an item that nothing tells from the others.
    keyless: bool,
}

impl<L: Paged> Reading<L> {
    fn new(list: L) -> Self {
        Self { list, page: 1, round: 1, seen: HashSet::new(), keyless: false }
    }

    /// The next page, with what is new in it.
    async fn next(&mut self) -> Result<Page<L::Item>> {
        let Page { mut items, total, more } = self.list.page(self.page).await?;
        // A page without items ends a list whatever it says: else a confused server is asked for ever.
        let more = more && !items.is_empty();
        items.retain(|item| self.is_new(item));
        if more {
            self.page += 1;
            return Ok(Page { items, total, more });
        }
        let is_whole = self.keyless || total.is_none_or(|total| self.seen.len() as u64 >= total);
        if !is_whole && self.round == ROUNDS {
            let (got, total) = (self.seen.len(), total.unwrap_or_default());
            let message = format!("the list changed while it was read ({got} of {total} items came); ask again");
            return Err(Error::new(Kind::Unavailable, message));
        }
        (self.round, self.page) = (self.round + 1, 1);
        Ok(Page { items, total, more: !is_whole })
    }

    fn is_new(&mut self, item: &L::Item) -> bool {
        let Some(key) = self.list.key(item) else {
            self.keyless = true;
            return true;
        };
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use futures::{StreamExt as _, TryStreamExt as _};

    use super::*;

    /// A server that gives these pages one after the other, whichever is asked for, and the last one for ever.
    #[derive(Clone)]
    struct Answers {
        pages: Vec<Page<&'static str>>,
        asked: Arc<AtomicU32>,
    }

    impl Answers {
        fn new<const N: usize>(pages: [Page<&'static str>; N]) -> Self {
            Self { pages: pages.to_vec(), asked: Arc::default() }
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    impl Paged for Answers {
        type Item = &'static str;

        async fn page(&self, _: u32) -> Result<Page<&'static str>> {
            let n = self.asked.fetch_add(1, Ordering::Relaxed) as usize;
            Ok(self.pages[n.min(self.pages.len() - 1)].clone())
        }

        fn key<'i>(&self, item: &'i &'static str) -> Option<&'i str> {
            Some(*item).filter(|it| *it != "?")
        }
    }

    fn page(items: &[&'static str], total: u64, more: bool) -> Page<&'static str> {
        Page { items: items.to_vec(), total: Some(total), more }
    }

    async fn all(list: &Answers) -> Result<Vec<&'static str>> {
        list.clone().stream().try_collect().await
    }

    #[tokio::test]
    async fn a_page_is_asked_for_when_it_is_needed() {
        let list = Answers::new([page(&["a1", "b1"], 4, true), page(&["a2", "b2"], 4, false)]);
        let mut items = Box::pin(list.clone().stream());
        assert_eq!(list.asked(), 0);
        items.next().await.unwrap().unwrap();
        items.next().await.unwrap().unwrap();
        assert_eq!(list.asked(), 1);
        assert_eq!(items.try_collect::<Vec<_>>().await.unwrap(), ["a2", "b2"]);
        assert_eq!(list.asked(), 2);
    }

    #[tokio::test]
    async fn a_page_that_comes_twice_doubles_nothing_and_loses_nothing() {
        let first = || page(&["a", "b"], 4, true);
        let list = Answers::new([first(), page(&["a", "b"], 4, false), first(), page(&["c", "d"], 4, false)]);
        assert_eq!((all(&list).await.unwrap(), list.asked()), (vec!["a", "b", "c", "d"], 4));
    }

    #[tokio::test]
    async fn pages_tell_the_total_and_whether_more_follow_and_hold_no_item_twice() {
        let list = Answers::new([page(&["a", "b"], 4, true), page(&["b", "c"], 4, false), page(&["c", "d"], 4, false)]);
        let pages: Vec<_> = list.clone().pages().try_collect().await.unwrap();
        let told: Vec<_> = pages.iter().map(|it| (it.items.as_slice(), it.total, it.more)).collect();
        let wanted: [(&[&str], _, _); 3] =
            [(&["a", "b"], Some(4), true), (&["c"], Some(4), true), (&["d"], Some(4), false)];
        assert_eq!(told, wanted, "the second page ends the list, but `d` is missing still");
        assert_eq!(list.asked(), 3);
    }

    #[tokio::test]
    async fn a_list_that_never_adds_up_is_an_error() {
        let list = Answers::new([page(&["a"], 2, false)]);
        assert!(all(&list).await.unwrap_err().to_string().contains("1 of 2"));
        assert_eq!(list.asked(), ROUNDS);
    }

    #[tokio::test]
    async fn a_server_that_promises_more_for_ever_is_left() {
        let list = Answers::new([page(&["a"], 1, true), page(&[], 1, true)]);
        assert_eq!((all(&list).await.unwrap(), list.asked()), (vec!["a"], 2));
    }

    #[tokio::test]
    async fn items_that_nothing_tells_apart_are_given_as_they_come() {
        let list = Answers::new([page(&["?", "?"], 5, true), page(&["?", "a"], 5, false)]);
        assert_eq!((all(&list).await.unwrap(), list.asked()), (vec!["?", "?", "?", "a"], 2));
    }
}
