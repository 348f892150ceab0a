use raw::coscine::{
    operations as op,
    types::{VocabularyDto, VocabularyInstanceDto},
};

use super::{
    Client, Rdf,
    application_profile::document,
    client::{PAGE_SIZE, given},
};
use crate::{Page, Paged, Result, error::call, page::of};

/// Terms in a page: the most that Coscine gives.
const TERMS: i32 = 150;

impl Client {
    /// The vocabularies that Coscine offers.
    pub fn vocabularies(&self) -> Vocabularies {
        Vocabularies { client: self.clone(), matching: None, language: None }
    }

    /// The terms of a vocabulary, by the class that a profile's field or [`VocabularyDto::class_uri`] names.
    pub fn vocabulary(&self, class: &str) -> Terms {
        Terms { client: self.clone(), class: class.to_owned(), matching: None, language: None }
    }

    /// The term of this IRI, named in a language, `en` or `de`.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none.
    pub async fn term(&self, iri: &str, language: &str) -> Result<VocabularyInstanceDto> {
        let sent = self.raw.get_vocabulary_instance().instance(iri).accept_language(language.to_owned()).send();
        let answer = call(&op::GET_VOCABULARY_INSTANCE, sent).await.map_err(|e| e.about(format!("term {iri}")))?;
        given(answer.into_inner().data).map_err(|e| e.about(format!("term {iri}")))
    }

    /// A whole vocabulary as an RDF document, in one request, by its graph: [`VocabularyDto::graph_uri`].
    pub async fn vocabulary_document(&self, graph: &str, format: Rdf) -> Result<String> {
        let read = || self.raw.get_raw_vocabulary(graph, format.media());
        document(&op::GET_RAW_VOCABULARY, read).await.map_err(|e| e.about(format!("vocabulary {graph}")))
    }
}

/// Vocabularies, all or those that are asked for.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// for vocabulary in coscine.vocabularies().matching("instruments").page(1).await?.items {
///     let terms = coscine.vocabulary(&vocabulary.class_uri).language("de").stream();
///     let terms: Vec<_> = terms.try_collect().await?;
///     println!("{:?}: {} terms", vocabulary.display_name, terms.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Vocabularies {
    client: Client,
    matching: Option<String>,
    language: Option<String>,
}

impl Vocabularies {
    /// Those that a text is found in.
    pub fn matching(mut self, text: impl Into<String>) -> Self {
        self.matching = Some(text.into());
        self
    }

    /// The language of names: `en` or `de`.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }
}

impl Paged for Vocabularies {
    type Item = VocabularyDto;

    /// The `n`-th page, from 1, of up to 50 vocabularies.
    async fn page(&self, n: u32) -> Result<Page<VocabularyDto>> {
        let mut request = self.client.raw.get_vocabularies().page_number(n as i32).page_size(PAGE_SIZE);
        if let Some(text) = &self.matching {
            request = request.search_term(text);
        }
        if let Some(language) = &self.language {
            request = request.language(language.clone());
        }
        let answer = call(&op::GET_VOCABULARIES, request.send()).await.map_err(|e| e.about("vocabularies"))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i VocabularyDto) -> Option<&'i str> {
        Some(&item.class_uri)
    }
}

/// The terms of a vocabulary, all or those that are asked for.
#[derive(Clone, Debug)]
#[must_use]
pub struct Terms {
    client: Client,
    class: String,
    matching: Option<String>,
    language: Option<String>,
}

impl Terms {
    /// Those that a text is found in.
    pub fn matching(mut self, text: impl Into<String>) -> Self {
        self.matching = Some(text.into());
        self
    }

    /// The language of names: `en` or `de`.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }
}

impl Paged for Terms {
    type Item = VocabularyInstanceDto;

    /// The `n`-th page, from 1, of up to 150 terms.
    async fn page(&self, n: u32) -> Result<Page<VocabularyInstanceDto>> {
        let request = self.client.raw.get_vocabulary_instances().class(&self.class);
        let mut request = request.page_number(n as i32).page_size(TERMS);
        if let Some(text) = &self.matching {
            request = request.search_term(text);
        }
        if let Some(language) = &self.language {
            request = request.language(language.clone());
        }
        let about = || format!("vocabulary {}", self.class);
        let answer = call(&op::GET_VOCABULARY_INSTANCES, request.send()).await.map_err(|e| e.about(about()))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i VocabularyInstanceDto) -> Option<&'i str> {
        item.instance_uri.as_deref()
    }
}
