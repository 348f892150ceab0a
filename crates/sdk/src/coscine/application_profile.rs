use middleware::Operation;
use raw::coscine::{
    operations as op,
    types::{ApplicationProfileDto, ApplicationProfileForCreationDto, RdfDefinitionForManipulationDto},
};

use super::{
    Client,
    client::{PAGE_SIZE, given},
};
use crate::{
    Error, Kind, Page, Paged, Result,
    error::{call, succeeded},
    page::of,
    transfer::again,
};

/// How an RDF document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rdf {
    /// `text/turtle`.
    #[default]
    Turtle,
    /// `application/ld+json`.
    JsonLd,
}

impl Rdf {
    /// Its media type.
    pub fn media(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::JsonLd => "application/ld+json",
        }
    }
}

/// The longest document that is read whole, in bytes.
const LARGEST: usize = 64 << 20;

/// Reads an RDF document to its end; one that breaks off is asked for again.
pub(super) async fn document<Fut>(operation: &Operation, read: impl Fn() -> Fut) -> Result<String>
where
    Fut: Future<Output = middleware::Result<reqwest::Response>>,
{
    let read = || async {
        let answer = succeeded(operation, read()).await?;
        Ok(middleware::Body::from(reqwest::Body::from(answer)).collect(LARGEST).await?)
    };
    let bytes = again(read).await?;
    String::from_utf8(bytes.into()).map_err(|_| Error::new(Kind::Unexpected, "the server's document is not UTF-8"))
}

impl Client {
    /// The application profiles that Coscine offers. For one as fields to be filled in see
    /// [`Resource::profile`](super::Resource::profile).
    pub fn application_profiles(&self) -> ApplicationProfiles {
        ApplicationProfiles { client: self.clone(), matching: None, language: None, modules: None }
    }

    /// The application profile of this URI, slashes at its end included: its names in a language, `en` or `de`, and its
    /// definition in `format`.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none.
    pub async fn application_profile(&self, uri: &str, format: Rdf, language: &str) -> Result<ApplicationProfileDto> {
        let request = self.raw.get_application_profile().profile(uri).format(format.media().to_owned());
        let sent = request.accept_language(language.to_owned()).send();
        let answer = call(&op::GET_APPLICATION_PROFILE, sent).await.map_err(|e| e.about(format!("profile {uri}")))?;
        given(answer.into_inner().data).map_err(|e| e.about(format!("profile {uri}")))
    }

    /// The application profile of this URI as a bare RDF document; what it inherits is in documents of their own.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none.
    pub async fn application_profile_document(&self, uri: &str, format: Rdf) -> Result<String> {
        let read = || self.raw.get_raw_application_profile(uri, format.media());
        document(&op::GET_RAW_APPLICATION_PROFILE, read).await.map_err(|e| e.about(format!("profile {uri}")))
    }

    /// Hands in a new application profile, to be reviewed by people before Coscine offers it.
    ///
    /// # Errors
    /// [`Kind::Invalid`] for RDF that is no application profile.
    pub async fn request_application_profile(&self, name: &str, uri: &str, rdf: String, format: Rdf) -> Result<()> {
        let definition = RdfDefinitionForManipulationDto { content: rdf, type_: format.media().to_owned().into() };
        let body = ApplicationProfileForCreationDto { name: name.to_owned(), uri: uri.to_owned(), definition };
        let sent = self.raw.create_application_profile_request().body(body).send();
        let answer = call(&op::CREATE_APPLICATION_PROFILE_REQUEST, sent).await;
        answer.map(drop).map_err(|e| e.about(format!("profile {uri}")))
    }
}

/// Application profiles, all or those that are asked for.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use whimbrel::Paged as _;
/// use whimbrel::coscine::Rdf;
///
/// let found = coscine.application_profiles().matching("engineering").page(1).await?;
/// let turtle = coscine.application_profile_document(&found.items[0].uri, Rdf::Turtle).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ApplicationProfiles {
    client: Client,
    matching: Option<String>,
    language: Option<String>,
    modules: Option<bool>,
}

impl ApplicationProfiles {
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

    /// Whether modules, which other profiles are made of, are among them; the server decides unless told.
    pub fn modules(mut self, modules: bool) -> Self {
        self.modules = Some(modules);
        self
    }
}

impl Paged for ApplicationProfiles {
    type Item = ApplicationProfileDto;

    /// The `n`-th page, from 1, of up to 50 profiles, without their definitions.
    async fn page(&self, n: u32) -> Result<Page<ApplicationProfileDto>> {
        let mut request = self.client.raw.get_application_profiles().page_number(n as i32).page_size(PAGE_SIZE);
        if let Some(text) = &self.matching {
            request = request.search_term(text);
        }
        if let Some(language) = &self.language {
            request = request.language(language.clone());
        }
        if let Some(modules) = self.modules {
            request = request.modules(modules);
        }
        let answer = call(&op::GET_APPLICATION_PROFILES, request.send()).await.map_err(|e| e.about("profiles"))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i ApplicationProfileDto) -> Option<&'i str> {
        Some(&item.uri)
    }
}
