use std::collections::BTreeMap;

use raw::coscine::{
    operations as op,
    types::{SearchResultDto, SearchResultDtoPagedSearchResponse},
};
use serde_json::Value;

use super::{Client, client::PAGE_SIZE};
use crate::{Page, Paged, Result, error::call, page::of};

/// What a search can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The metadata of a file.
    Metadata,
    /// A project.
    Project,
    /// A resource.
    Resource,
}

impl Category {
    const ALL: [Self; 3] = [Self::Metadata, Self::Project, Self::Resource];

    fn name(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::Project => "Project",
            Self::Resource => "Resource",
        }
    }

    /// How Coscine writes it.
    fn iri(self) -> String {
        format!("https://purl.org/coscine/terms/structure#{}", self.name())
    }

    fn of_iri(iri: &str) -> Option<Self> {
        let name = iri.rsplit(['#', '/']).next()?;
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// One thing that a search found.
#[derive(Clone, Debug)]
pub struct Hit {
    details: SearchResultDto,
}

impl Hit {
    /// What it is called in RDF: the last part of a project's or resource's is its id.
    pub fn uri(&self) -> &str {
        &self.details.uri
    }

    /// What it is; `None` for a category that this version does not know.
    pub fn category(&self) -> Option<Category> {
        Category::of_iri(&self.details.type_)
    }

    /// What the server's index holds of it; its form differs with the category and is not described.
    pub fn source(&self) -> &Value {
        &self.details.source
    }

    /// All that the server told of it.
    pub fn details(&self) -> &SearchResultDto {
        &self.details
    }
}

/// A search through projects, resources and the metadata of files, as far as the user may see them.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
/// use whimbrel::coscine::Category;
///
/// let search = coscine.search("wear AND (steel OR brass)").advanced().category(Category::Metadata);
/// println!("{:?}", search.counts().await?);
/// let hits: Vec<_> = search.stream().try_collect().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Search {
    client: Client,
    text: String,
    category: Option<Category>,
    languages: Vec<String>,
    advanced: bool,
}

impl Client {
    /// Searches for a text; an empty one finds everything.
    pub fn search(&self, text: impl Into<String>) -> Search {
        Search { client: self.clone(), text: text.into(), category: None, languages: vec![], advanced: false }
    }
}

impl Search {
    /// Only things of this kind.
    pub fn category(mut self, category: Category) -> Self {
        self.category = Some(category);
        self
    }

    /// Also in this language, `en` or `de`; without any in all.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.languages.push(language.into());
        self
    }

    /// Reads the text as Elasticsearch's query syntax: `AND`, `OR`, `-`, `"a phrase"`, `wor*`.
    pub fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }

    /// How many hits each category has, as the server names the categories.
    pub async fn counts(&self) -> Result<BTreeMap<String, u64>> {
        let categories = self.ask(1, 1).await?.categories.unwrap_or_default();
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
        Ok(categories.into_iter().filter_map(|it| Some((it.name?, count(it.count)))).collect())
    }

    async fn ask(&self, page: u32, size: i32) -> Result<SearchResultDtoPagedSearchResponse> {
        let mut request = self.client.raw.get_search_results().page_number(page as i32).page_size(size);
        request = request.query(&self.text).use_advanced_syntax(self.advanced);
        if let Some(category) = self.category {
            request = request.category(category.iri());
        }
        if !self.languages.is_empty() {
            request = request.languages(self.languages.clone());
        }
        let answer = call(&op::GET_SEARCH_RESULTS, request.send()).await;
        Ok(answer.map_err(|e| e.about(format!("search for {:?}", self.text)))?.into_inner())
    }
}

impl Paged for Search {
    type Item = Hit;

    /// The `n`-th page, from 1, of up to 50 hits.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for a text that is no good query in [`Search::advanced`] syntax.
    async fn page(&self, n: u32) -> Result<Page<Hit>> {
        let answer = self.ask(n, PAGE_SIZE).await?;
        let items = answer.data.unwrap_or_default().into_iter().map(|details| Hit { details });
        Ok(Page { items: items.collect(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Hit) -> Option<&'i str> {
        Some(item.uri())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_known_by_its_iri_and_by_its_name() {
        for category in Category::ALL {
            assert_eq!(Category::of_iri(&category.iri()), Some(category));
            assert_eq!(Category::of_iri(category.name()), Some(category));
        }
        assert_eq!(Category::of_iri("None"), None);
    }
}
