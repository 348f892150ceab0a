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

/// Every page from the first on, its items one by one. Lazy: a page is asked for when it is needed.
///
/// Pages by number can skip or repeat items if the list changes in between. So items are told apart by `key`, none is
/// given twice, and if fewer came than the server counts, the list is read again for those that are missing; a list that
/// does not come to rest is an error, not a short list.
pub(crate) fn pages<T, K, F, Fut>(key: K, fetch: F) -> impl Stream<Item = Result<T>> + Send
where
    T: Send,
    K: Fn(&T) -> &str + Send,
    F: Fn(u32) -> Fut + Send,
    Fut: Future<Output = Result<Page<T>>> + Send,
{
    struct State<K, F> {
        key: K,
        fetch: F,
        page: u32,
        round: u32,
        seen: HashSet<u64>,
        done: bool,
    }
    let state = State { key, fetch, page: 1, round: 1, seen: HashSet::new(), done: false };
    stream::try_unfold(state, |mut state| async move {
        if state.done {
            return Ok(None);
        }
        let Page { mut items, total, more } = (state.fetch)(state.page).await?;
        // A page without items ends a list whatever it says: else a confused server is asked for ever.
        let more = more && !items.is_empty();
        items.retain(|item| {
            let mut hasher = DefaultHasher::new();
            (state.key)(item).hash(&mut hasher);
            state.seen.insert(hasher.finish())
        });
        if more {
            state.page += 1;
        } else if total.is_none_or(|total| state.seen.len() as u64 >= total) {
            state.done = true;
        } else if state.round < ROUNDS {
            (state.round, state.page) = (state.round + 1, 1);
        } else {
            let (got, total) = (state.seen.len(), total.unwrap_or_default());
            let message = format!("the list changed while it was read ({got} of {total} items came); ask again");
            return Err(Error::new(Kind::Unavailable, message));
        }
        Ok(Some((stream::iter(items.into_iter().map(Ok)), state)))
    })
    .try_flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::{StreamExt as _, TryStreamExt as _};

    use super::*;

    fn page(items: &[&str], total: u64, more: bool) -> Page<String> {
        Page { items: items.iter().map(ToString::to_string).collect(), total: Some(total), more }
    }

    async fn all(answers: Vec<Page<String>>) -> (Result<Vec<String>>, u32) {
        let asked = AtomicU32::new(0);
        let list = pages(String::as_str, |_| {
            let n = asked.fetch_add(1, Ordering::Relaxed) as usize;
            let answer = answers[n.min(answers.len() - 1)].clone();
            async move { Ok(answer) }
        })
        .try_collect()
        .await;
        (list, asked.into_inner())
    }

    #[tokio::test]
    async fn a_page_is_asked_for_when_it_is_needed() {
        let asked = AtomicU32::new(0);
        let list = pages(String::as_str, |n| {
            asked.fetch_add(1, Ordering::Relaxed);
            async move { Ok(page(&[&format!("a{n}"), &format!("b{n}")], 4, n < 2)) }
        });
        let mut list = Box::pin(list);
        list.next().await.unwrap().unwrap();
        list.next().await.unwrap().unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(list.try_collect::<Vec<_>>().await.unwrap(), ["a2", "b2"]);
        assert_eq!(asked.into_inner(), 2);
    }

    #[tokio::test]
    async fn a_page_that_comes_twice_doubles_nothing_and_loses_nothing() {
        let answers = vec![
            page(&["a", "b"], 4, true),
            page(&["a", "b"], 4, false),
            page(&["a", "b"], 4, true),
            page(&["c", "d"], 4, false),
        ];
        let (list, asked) = all(answers).await;
        assert_eq!((list.unwrap(), asked), (["a", "b", "c", "d"].map(str::to_owned).to_vec(), 4));
    }

    #[tokio::test]
    async fn a_list_that_never_adds_up_is_an_error() {
        let (list, asked) = all(vec![page(&["a"], 2, false)]).await;
        assert!(list.unwrap_err().to_string().contains("1 of 2"));
        assert_eq!(asked, ROUNDS);
    }

    #[tokio::test]
    async fn a_server_that_promises_more_for_ever_is_left() {
        let (list, asked) = all(vec![page(&["a"], 1, true), page(&[], 1, true)]).await;
        assert_eq!((list.unwrap().len(), asked), (1, 2));
    }
}
