use futures::Stream;
use http::HeaderMap;
use raw::dserver::{
    operations as op,
    types::{Dataset, SearchDataset},
};
use serde::Deserialize;

use super::Client;
use crate::{Page, Result, error::call, page::pages};

/// Datasets in a page: the most that a dserver gives.
const PAGE_SIZE: i64 = 100;

/// A search. Words of the text are alternatives; tags must all be there; creators, base URIs and UUIDs are alternatives
/// each.
#[derive(Clone, Debug)]
#[must_use]
pub struct Search {
    client: Client,
    wanted: SearchDataset,
}

impl Search {
    pub(super) fn new(client: Client) -> Self {
        Self { client, wanted: SearchDataset::default() }
    }

    /// Words anywhere in a dataset's metadata, readme or manifest. `"a phrase"` and `-without` are understood by the server.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.wanted.free_text = Some(text.into());
        self
    }

    /// With this tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.wanted.tags.get_or_insert_default().push(tag.into());
        self
    }

    /// Made by this user.
    pub fn creator(mut self, username: impl Into<String>) -> Self {
        self.wanted.creator_usernames.get_or_insert_default().push(username.into());
        self
    }

    /// At this base URI.
    pub fn base_uri(mut self, uri: impl Into<String>) -> Self {
        self.wanted.base_uris.get_or_insert_default().push(uri.into());
        self
    }

    /// Of this UUID. A server of version 0.22 finds none of the datasets that were registered by its command line so; ask
    /// [`Client::lookup`] for one UUID.
    pub fn uuid(mut self, uuid: impl Into<String>) -> Self {
        self.wanted.uuids.get_or_insert_default().push(uuid.into());
        self
    }

    /// The `n`-th page, from 1, of up to 100 datasets.
    pub async fn page(&self, n: u32) -> Result<Page<Dataset>> {
        let request = self.client.raw.search_datasets().page(i64::from(n)).page_size(PAGE_SIZE);
        let answer = call(&op::SEARCH_DATASETS, request.body(self.wanted.clone()).send()).await?;
        let pagination = Pagination::of(answer.headers());
        let items = answer.into_inner();
        let (total, more) = match pagination {
            Some(it) => (Some(it.total), it.last_page.is_some_and(|last| last > u64::from(n))),
            // A user who may search nowhere gets no header at all, and no dataset.
            None => (None, items.len() as i64 == PAGE_SIZE),
        };
        Ok(Page { items, total, more })
    }

    /// Every dataset, a page at a time, sorted by URI.
    pub fn stream(self) -> impl Stream<Item = Result<Dataset>> + Send {
        pages(
            |dataset: &Dataset| &dataset.uri,
            move |n| {
                let search = self.clone();
                async move { search.page(n).await }
            },
        )
    }
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

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;
    use mockito::{Matcher, Server};

    use super::*;
    use crate::CacheMode;

    fn client(server: &Server) -> Client {
        Client::builder().url(server.url()).token("t".to_owned()).cache(CacheMode::Off).build().unwrap()
    }

    fn datasets(range: std::ops::Range<u32>) -> String {
        let one =
            |n| format!(r#"{{"uri":"s3://b/{n:03}","uuid":"{n}","name":"n","creator_username":"c","frozen_at":1.5}}"#);
        format!("[{}]", range.map(one).collect::<Vec<_>>().join(","))
    }

    #[tokio::test]
    async fn every_page_is_asked_for() {
        let mut server = Server::new_async().await;
        for (page, range) in [(1, 0..100), (2, 100..120)] {
            let header = format!(r#"{{"total":120,"total_pages":2,"first_page":1,"last_page":2,"page":{page}}}"#);
            server
                .mock("POST", "/uris")
                .match_query(Matcher::UrlEncoded("page".into(), page.to_string()))
                .match_body(r#"{"free_text":"steel","tags":["a","b"]}"#)
                .with_header("content-type", "application/json")
                .with_header("x-pagination", &header)
                .with_body(datasets(range))
                .expect(1)
                .create_async()
                .await;
        }
        let found = client(&server).search().text("steel").tag("a").tag("b").stream().try_collect::<Vec<_>>().await;
        assert_eq!(found.unwrap().len(), 120);
    }

    #[tokio::test]
    async fn a_user_who_may_search_nowhere_finds_nothing() {
        let mut server = Server::new_async().await;
        let answer =
            server.mock("POST", "/uris").match_query(Matcher::Any).with_header("content-type", "application/json");
        let answer = answer.with_body("[]").expect(1).create_async().await;
        assert!(client(&server).search().stream().try_collect::<Vec<_>>().await.unwrap().is_empty());
        answer.assert_async().await;
    }
}
