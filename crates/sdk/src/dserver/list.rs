//! Lists of a dserver, read to their end.

use http::HeaderMap;
use raw::ResponseValue;
use serde::Deserialize;

use crate::{Page, Result};

/// Items in a page: the most that a dserver gives (it refuses more with 422).
pub(crate) const PAGE_SIZE: i64 = 100;

/// The `n`-th page as the server answered it, each item as the caller wants it.
///
/// Past the end, lists by SQL answer 404 and lists by MongoDB an empty page; both are a page without items here. A user
/// without any rights gets no header `X-Pagination` at all.
pub(super) fn page<R, T>(
    n: u32,
    answer: Result<ResponseValue<Vec<R>>>,
    item: impl FnMut(R) -> Result<T>,
) -> Result<Page<T>> {
    let answer = match answer {
        Err(error) if n > 1 && error.is_not_found() => return Ok(Page { items: vec![], total: None, more: false }),
        answer => answer?,
    };
    let pagination = Pagination::of(answer.headers());
    let items = answer.into_inner().into_iter().map(item).collect::<Result<Vec<_>>>()?;
    let (total, more) = match pagination {
        Some(it) => (Some(it.total), it.last_page.is_some_and(|last| last > u64::from(n))),
        None => (None, items.len() as i64 == PAGE_SIZE),
    };
    Ok(Page { items, total, more })
}

/// The header `X-Pagination`, as far as it is needed. An empty result has no pages, a page past the end no number.
#[derive(Deserialize)]
struct Pagination {
    total: u64,
    last_page: Option<u64>,
}

impl Pagination {
    fn of(headers: &HeaderMap) -> Option<Self> {
        serde_json::from_str(headers.get("x-pagination")?.to_str().ok()?).ok()
    }
}
