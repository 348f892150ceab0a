//! Publication: the advisory services of organisations, and requests to them.

use raw::coscine::{
    operations as op,
    types::{ProjectPublicationRequestDto, PublicationAdvisoryServiceDto, PublicationRequestForCreationDto},
};

use super::{
    Client, Project, Resource,
    client::{PAGE_SIZE, empty_answer},
};
use crate::{Page, Paged, Result, error::call};

/// Who helps an organisation's people to publish.
#[derive(Clone, Debug)]
pub struct PublicationService {
    /// What tells it from the others; no part of the description does so alone.
    key: String,
    details: PublicationAdvisoryServiceDto,
}

impl PublicationService {
    fn new(details: PublicationAdvisoryServiceDto) -> Self {
        let organization = details.organization_ror.as_deref().unwrap_or_default();
        Self { key: format!("{organization} {} {}", details.email, details.display_name), details }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.details.display_name
    }

    /// The ROR URI of its organisation, by which it is asked.
    pub fn organization(&self) -> Option<&str> {
        self.details.organization_ror.as_deref()
    }

    /// All that the server told of it.
    pub fn details(&self) -> &PublicationAdvisoryServiceDto {
        &self.details
    }
}

/// The publication advisory services.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine.project("Turbine 7").await?;
/// let services: Vec<_> = coscine.publication_services().search("Aachen").stream().try_collect().await?;
/// let data = project.resource("Raw data").await?;
/// if let Some(organization) = services.first().and_then(|it| it.organization()) {
///     project.request_publication(organization, [&data], Some("For the paper")).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublicationServices {
    client: Client,
    search: String,
}

impl PublicationServices {
    /// Only those that have these words in their name or organisation.
    pub fn search(self, words: impl Into<String>) -> Self {
        Self { search: words.into(), ..self }
    }
}

impl Paged for PublicationServices {
    type Item = PublicationService;

    /// The `n`-th page, from 1, of up to 50 services.
    async fn page(&self, n: u32) -> Result<Page<PublicationService>> {
        let mut request = self.client.raw.get_publication_services().page_number(n as i32).page_size(PAGE_SIZE);
        if !self.search.is_empty() {
            request = request.search_term(&self.search);
        }
        let answer = call(&op::GET_PUBLICATION_SERVICES, request.send()).await;
        let answer = answer.map_err(|e| e.about("publication advisory services"))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(PublicationService::new);
        Ok(Page { items: items.collect(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i PublicationService) -> Option<&'i str> {
        Some(&item.key)
    }
}

impl Client {
    /// The publication advisory services.
    pub fn publication_services(&self) -> PublicationServices {
        PublicationServices { client: self.clone(), search: String::new() }
    }
}

impl Project {
    /// Asks the publication advisory service of an organisation (its ROR URI) to publish resources of this project.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) or [`Kind::Invalid`](crate::Kind::Invalid) if the organisation has no
    /// such service; [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner.
    pub async fn request_publication(
        &self,
        organization: &str,
        resources: impl IntoIterator<Item = &Resource>,
        message: Option<&str>,
    ) -> Result<ProjectPublicationRequestDto> {
        let body = PublicationRequestForCreationDto {
            publication_service_ror_id: organization.to_owned(),
            resource_ids: resources.into_iter().map(|it| it.id().to_owned()).collect(),
            message: message.map(str::to_owned),
        };
        let about = || format!("publication from {:?}", self.display_name());
        let sent = self.client.raw.create_publication_request().project_id(self.id()).body(body).send();
        let answer = call(&op::CREATE_PUBLICATION_REQUEST, sent).await.map_err(|e| e.about(about()))?;
        answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))
    }

    /// The publication request of this id.
    pub async fn publication_request(&self, id: &str) -> Result<ProjectPublicationRequestDto> {
        let about = || format!("publication request {id}");
        let sent = self.client.raw.get_publication_request().project_id(self.id()).publication_request_id(id).send();
        let answer = call(&op::GET_PUBLICATION_REQUEST, sent).await.map_err(|e| e.about(about()))?;
        answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))
    }
}
