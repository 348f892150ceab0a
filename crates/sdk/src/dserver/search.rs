use std::collections::HashSet;

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use raw::dserver::{operations as op, types::SearchDataset};

use super::{Client, Dataset, List, list};
use crate::{Page, Paged, Result, error::call, page::items};

/// Lookups on their way at once, where a search is for UUIDs.
const LOOKUPS: usize = 8;

/// A search. Words of the text are alternatives; tags must all be there; creators, base URIs and UUIDs are alternatives
/// each.
///
/// ```no_run
/// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let newest = dserver.search().text("\"pin on disc\" -failed").tag("steel").sort("-frozen_at");
/// let hits: Vec<_> = newest.stream().try_collect().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Search {
    client: Client,
    pub(super) wanted: SearchDataset,
    pub(super) uuids: Vec<String>,
    sort: Vec<String>,
}

impl Search {
    pub(super) fn new(client: Client) -> Self {
        Self { client, wanted: SearchDataset::default(), uuids: vec![], sort: vec![] }
    }

    /// Words anywhere in a dataset's metadata, readme or manifest. `"a phrase"` and `-without` are understood by the
    /// server, which knows English endings (`simulate` finds `simulation`) and no parts of words.
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

    /// Of this UUID.
    ///
    /// A server of version 0.22 finds no dataset so that its own command line registered. So it is not asked: a search for
    /// UUIDs alone becomes lookups, and what else a search finds is compared with them here.
    pub fn uuid(mut self, uuid: impl Into<String>) -> Self {
        self.uuids.push(uuid.into());
        self
    }

    /// In the order of this field: `name`, `created_at`, `frozen_at`, `creator_username`, `base_uri`, `uri` or `uuid`, with
    /// a `-` before it the other way round. By URI without; the next one counts where the one before is equal. A
    /// search for UUIDs alone has their order.
    pub fn sort(mut self, field: impl Into<String>) -> Self {
        self.sort.push(field.into());
        self
    }

    fn is_for_uuids_alone(&self) -> bool {
        !self.uuids.is_empty() && self.wanted == SearchDataset::default()
    }

    /// Those of a page that have a UUID that is searched for. Nobody knows how many there are on others.
    fn of_uuids(&self, mut page: Page<Dataset>) -> Page<Dataset> {
        if !self.uuids.is_empty() {
            page.items.retain(|dataset| self.uuids.iter().any(|uuid| uuid.eq_ignore_ascii_case(&dataset.uuid)));
            page.total = None;
        }
        page
    }

    async fn fetch(&self, n: u32) -> Result<Page<Dataset>> {
        let mut request = self.client.raw.search_datasets().page(i64::from(n)).page_size(list::PAGE_SIZE);
        if !self.sort.is_empty() {
            // One parameter with commas in it, as the server's documentation has it.
            request = request.sort(vec![self.sort.join(",")]);
        }
        let answer = call(&op::SEARCH_DATASETS, request.body(self.wanted.clone()).send()).await;
        list::page(n, answer, |told| Ok(Dataset::from(told)))
    }

    fn lookups(self) -> impl Stream<Item = Result<Dataset>> + Send {
        let mut known = HashSet::new();
        let uuids = self.uuids.into_iter().filter(move |uuid| known.insert(uuid.to_ascii_lowercase()));
        let found = stream::iter(uuids).map(move |uuid| {
            let client = self.client.clone();
            async move { client.copies(uuid).page(1).await }
        });
        found.buffered(LOOKUPS).map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten()
    }
}

impl Paged for Search {
    type Item = Dataset;

    /// The `n`-th page that the server has, from 1, of up to 100 datasets; none past the end. With UUIDs among other
    /// things a page may hold less than the server gave, and nobody knows how many there are.
    async fn page(&self, n: u32) -> Result<Page<Dataset>> {
        if self.is_for_uuids_alone() {
            let items = if n == 1 { self.clone().lookups().try_collect().await? } else { vec![] };
            return Ok(Page { total: Some(items.len() as u64), items, more: false });
        }
        Ok(self.of_uuids(self.fetch(n).await?))
    }

    fn key<'i>(&self, item: &'i Dataset) -> Option<&'i str> {
        Some(&item.uri)
    }

    /// Pages as the server has them, since they are checked against its count; what is left out is left out here. Of a
    /// search for UUIDs alone there is one.
    fn pages(self) -> impl Stream<Item = Result<Page<Dataset>>> + Send {
        if self.is_for_uuids_alone() {
            return stream::once(async move { self.page(1).await }).left_stream();
        }
        let search = self.clone();
        let all = List::new(
            |dataset: &Dataset| Some(&dataset.uri),
            move |n| {
                let search = search.clone();
                async move { search.fetch(n).await }
            },
        );
        all.pages().map_ok(move |page| self.of_uuids(page)).right_stream()
    }

    /// Every dataset, a page at a time; of a search for UUIDs alone as they are found, up to 8 looked up at once.
    fn stream(self) -> impl Stream<Item = Result<Dataset>> + Send {
        match self.is_for_uuids_alone() {
            true => self.lookups().left_stream(),
            false => items(self.pages()).right_stream(),
        }
    }
}

impl Client {
    /// A search over all datasets that the user can see.
    pub fn search(&self) -> Search {
        Search::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;
    use mockito::{Matcher, Server, ServerGuard};

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

    async fn page(server: &mut ServerGuard, n: u32, body: &str, pagination: Option<&str>) -> mockito::Mock {
        let mut answer = server
            .mock("POST", "/uris")
            .match_query(Matcher::UrlEncoded("page".into(), n.to_string()))
            .with_header("content-type", "application/json")
            .with_body(body);
        if let Some(pagination) = pagination {
            answer = answer.with_header("x-pagination", pagination);
        }
        answer.expect(1).create_async().await
    }

    #[tokio::test]
    async fn every_page_is_asked_for() {
        let mut server = Server::new_async().await;
        for (n, range) in [(1, 0..100), (2, 100..120)] {
            let header = format!(r#"{{"total":120,"total_pages":2,"first_page":1,"last_page":2,"page":{n}}}"#);
            page(&mut server, n, &datasets(range), Some(&header)).await;
        }
        let found = client(&server).search().text("steel").tag("a").tag("b").stream().try_collect::<Vec<_>>().await;
        assert_eq!(found.unwrap().len(), 120);
    }

    #[tokio::test]
    async fn a_user_who_may_search_nowhere_finds_nothing() {
        let mut server = Server::new_async().await;
        let answer = page(&mut server, 1, "[]", None).await;
        assert!(client(&server).search().stream().try_collect::<Vec<_>>().await.unwrap().is_empty());
        answer.assert_async().await;
    }

    #[tokio::test]
    async fn without_a_header_a_full_page_is_not_the_last() {
        let mut server = Server::new_async().await;
        page(&mut server, 1, &datasets(0..100), None).await;
        let last = page(&mut server, 2, "[]", None).await;
        assert_eq!(client(&server).search().stream().try_collect::<Vec<_>>().await.unwrap().len(), 100);
        last.assert_async().await;
    }

    #[tokio::test]
    async fn past_the_end_is_a_page_without_items() {
        let mut server = Server::new_async().await;
        let missing = server.mock("POST", "/uris").match_query(Matcher::Any).with_status(404);
        missing.with_body(r#"{"code":404,"status":"Not Found"}"#).create_async().await;
        let search = client(&server).search();
        assert!(search.page(9).await.unwrap().items.is_empty());
        assert!(search.page(1).await.unwrap_err().is_not_found(), "the first page is never past the end");
    }

    #[tokio::test]
    async fn what_is_asked_is_what_is_sent() {
        let mut server = Server::new_async().await;
        let answer = server
            .mock("POST", "/uris")
            .match_query(Matcher::UrlEncoded("sort".into(), "-frozen_at,name".into()))
            .match_body(r#"{"base_uris":["s3://b"],"creator_usernames":["c"],"free_text":"steel","tags":["a"]}"#)
            .with_header("content-type", "application/json")
            .with_body(datasets(0..3))
            .create_async()
            .await;
        let search = client(&server).search().text("steel").tag("a").creator("c").base_uri("s3://b");
        let found = search.sort("-frozen_at").sort("name").uuid("1").stream().try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(found.iter().map(|it| it.uri.as_str()).collect::<Vec<_>>(), ["s3://b/001"]);
        answer.assert_async().await;
    }

    #[tokio::test]
    async fn a_search_for_uuids_alone_is_a_lookup_of_each() {
        let mut server = Server::new_async().await;
        for n in 1..4_u32 {
            let path = format!("/uuids/{n}");
            let answer = server.mock("GET", path.as_str()).match_query(Matcher::Any);
            answer.with_body(datasets(n..n + 1)).with_header("content-type", "application/json").create_async().await;
        }
        let search = client(&server).search().uuid("3").uuid("1").uuid("2").uuid("3");
        assert_eq!(search.page(1).await.unwrap().total, Some(3));
        let found: Vec<_> = search.stream().try_collect().await.unwrap();
        assert_eq!(found.iter().map(|it| it.uuid.as_str()).collect::<Vec<_>>(), ["3", "1", "2"]);
    }

    #[tokio::test]
    async fn a_page_without_a_wanted_uuid_does_not_end_a_search() {
        let mut server = Server::new_async().await;
        for (n, range) in [(1, 0..100), (2, 100..120)] {
            let header = format!(r#"{{"total":120,"total_pages":2,"first_page":1,"last_page":2,"page":{n}}}"#);
            page(&mut server, n, &datasets(range), Some(&header)).await;
        }
        let pages: Vec<_> = client(&server).search().text("n").uuid("110").pages().try_collect().await.unwrap();
        let told: Vec<_> = pages.iter().map(|it| (it.items.len(), it.total, it.more)).collect();
        assert_eq!(told, [(0, None, true), (1, None, false)], "nobody knows how many of them have the UUID");
    }
}
