//! What is said of a resource when it is made or changed.

use raw::coscine::{
    operations as op,
    types::{
        ApplicationProfileForResourceCreationDto, DisciplineForResourceManipulationDto,
        FixedValueForResourceManipulationDto, LicenseForResourceManipulationDto, ResourceDto, ResourceForCreationDto,
        ResourceForUpdateDto, VisibilityForResourceManipulationDto,
    },
};

use super::{
    Client, Project, Resource, Storage,
    client::{deleted, empty_answer},
    project_form::texts,
};
use crate::{Error, Kind, Result, error::call};

/// A resource to be made (`T` is [`NewResource`]) or changed (`T` is [`KnownResource`]).
///
/// What is not said is left to the service, or stays as it is. Lists are given whole.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use whimbrel::coscine::Storage;
///
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine.project("Turbine 7").await?;
/// let resource = project
///     .create_resource("Raw data", "rdsrwth", Storage::Rds { quota: 25 << 30 })
///     .profile("https://purl.org/coscine/ap/base/")
///     .description("As the balance wrote it")
///     .license("CC BY 4.0")
///     .send()
///     .await?;
/// resource.update().quota(50 << 30).send().await?;
/// resource.archive().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceForm<T> {
    target: T,
    given: Given,
}

/// The resource that a [`ResourceForm`] makes.
#[derive(Clone, Debug)]
pub struct NewResource {
    project: Project,
    resource_type: String,
    storage: Storage,
    profile: String,
}

/// The resource that a [`ResourceForm`] changes.
#[derive(Clone, Debug)]
pub struct KnownResource {
    resource: Resource,
    archived: Option<bool>,
    quota: Option<u64>,
    storage: Option<Storage>,
}

#[derive(Clone, Debug, Default)]
struct Given {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    keywords: Option<Vec<String>>,
    disciplines: Option<Vec<String>>,
    visibility: Option<String>,
    license: Option<String>,
    usage_rights: Option<String>,
    local_copy: Option<bool>,
    fixed_values: Vec<(String, FixedValueForResourceManipulationDto)>,
}

impl<T> ResourceForm<T> {
    /// The full name: up to 200 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.given.name = Some(name.into());
        self
    }

    /// The name that people read: up to 25 characters.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.given.display_name = Some(name.into());
        self
    }

    /// What it holds: up to 10,000 characters. Of a new resource the name, if nothing is said.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.given.description = Some(text.into());
        self
    }

    /// Its keywords.
    pub fn keywords<S: Into<String>>(mut self, keywords: impl IntoIterator<Item = S>) -> Self {
        self.given.keywords = Some(texts(keywords));
        self
    }

    /// Its disciplines, by English or German name, URI or id. Of a new resource the project's, if nothing is said.
    pub fn disciplines<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.given.disciplines = Some(texts(names));
        self
    }

    /// Who sees that it exists, by name (`Project Members`, `Public`) or id; of a new resource the former, if nothing is
    /// said.
    pub fn visibility(mut self, name: impl Into<String>) -> Self {
        self.given.visibility = Some(name.into());
        self
    }

    /// Its license, by name, URL or id.
    pub fn license(mut self, name: impl Into<String>) -> Self {
        self.given.license = Some(name.into());
        self
    }

    /// What others may do with it, as text: up to 200 characters.
    pub fn usage_rights(mut self, text: impl Into<String>) -> Self {
        self.given.usage_rights = Some(text.into());
        self
    }

    /// Whether the metadata are also kept beside the data.
    pub fn local_metadata_copy(mut self, yes: bool) -> Self {
        self.given.local_copy = Some(yes);
        self
    }

    /// A value that each file gets in its metadata: the predicate of a field of the profile, and what stands there. May be
    /// said more than once; of a resource that is there, other predicates keep their values.
    pub fn fixed_value(mut self, predicate: impl Into<String>, value: impl Into<FixedValue>) -> Self {
        let FixedValue(value) = value.into();
        self.given.fixed_values.push((predicate.into(), value));
        self
    }
}

/// A value of a field that a resource gives to each file.
#[derive(Clone, Debug)]
pub struct FixedValue(FixedValueForResourceManipulationDto);

impl FixedValue {
    /// A node, named by its IRI: an instance of a vocabulary.
    pub fn iri(iri: impl Into<String>) -> Self {
        Self::new(iri.into(), "uri", None)
    }

    /// A literal of a data type, named by its IRI.
    pub fn typed(value: impl Into<String>, datatype: impl Into<String>) -> Self {
        Self::new(value.into(), "literal", Some(datatype.into()))
    }

    fn new(value: String, kind: &str, datatype: Option<String>) -> Self {
        let (value, kind) = (Some(value), Some(kind.to_owned()));
        Self(FixedValueForResourceManipulationDto { datatype, target_class: None, type_: kind, value })
    }
}

impl From<&str> for FixedValue {
    /// A plain text.
    fn from(text: &str) -> Self {
        Self::typed(text, "http://www.w3.org/2001/XMLSchema#string")
    }
}

/// Fixed values as the service tells and takes them: by predicate, and therein by kind.
type FixedValues =
    std::collections::HashMap<String, std::collections::HashMap<String, Vec<FixedValueForResourceManipulationDto>>>;

/// How the service calls values that each file gets and nobody changes.
const FIXED: &str = "https://purl.org/coscine/fixedValue";

impl Given {
    /// These over those that are there.
    fn fixed_values(&self, mut there: FixedValues) -> FixedValues {
        for (predicate, _) in &self.fixed_values {
            there.remove(predicate);
        }
        for (predicate, value) in &self.fixed_values {
            let kinds = there.entry(predicate.clone()).or_default();
            kinds.entry(FIXED.to_owned()).or_default().push(value.clone());
        }
        there
    }

    async fn visibility(&self, client: &Client) -> Result<Option<VisibilityForResourceManipulationDto>> {
        let Some(name) = &self.visibility else { return Ok(None) };
        Ok(Some(VisibilityForResourceManipulationDto { id: client.visibility_id(name).await? }))
    }

    async fn disciplines(&self, client: &Client) -> Result<Option<Vec<DisciplineForResourceManipulationDto>>> {
        let Some(names) = &self.disciplines else { return Ok(None) };
        Ok(Some(client.discipline_ids(names).await?.into_iter().map(discipline).collect()))
    }

    async fn license(&self, client: &Client) -> Result<Option<LicenseForResourceManipulationDto>> {
        let Some(name) = &self.license else { return Ok(None) };
        Ok(Some(LicenseForResourceManipulationDto { id: client.license_id(name).await? }))
    }
}

fn discipline(id: String) -> DisciplineForResourceManipulationDto {
    DisciplineForResourceManipulationDto { id }
}

/// The same error, but never the start of an answer that could not be read: it may hold keys.
fn discreet(error: Error) -> Error {
    match error.kind() {
        Kind::Unexpected => Error::new(Kind::Unexpected, "the server's answer is not what its description says"),
        _ => error,
    }
}

impl Project {
    /// Makes a resource of this full name in the project. `resource_type` is the name (`rdsrwth`) or id of one of
    /// [its types](Project::resource_types), `storage` what that kind of type wants to know. It needs an application
    /// profile, too: [`ResourceForm::profile`].
    pub fn create_resource(
        &self,
        name: impl Into<String>,
        resource_type: impl Into<String>,
        storage: Storage,
    ) -> ResourceForm<NewResource> {
        let (project, resource_type) = (self.clone(), resource_type.into());
        let target = NewResource { project, resource_type, storage, profile: String::new() };
        ResourceForm { target, given: Given::default() }.name(name)
    }
}

impl ResourceForm<NewResource> {
    /// The IRI of the application profile that the files' metadata follows. It can't be changed later.
    pub fn profile(mut self, iri: impl Into<String>) -> Self {
        self.target.profile = iri.into();
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the options are for another kind of type, no profile is given, the server misses something or
    /// a text is too long; [`Kind::NotFound`] if there is no type, license, visibility or discipline of a name;
    /// [`Kind::QuotaExceeded`] or [`Kind::Invalid`] if the project has not so much space left; [`Kind::Forbidden`] for a
    /// guest. Where [`Error::is_ambiguous`], the resource may have been made.
    pub async fn send(self) -> Result<Resource> {
        let Self { target: NewResource { project, resource_type, storage, profile }, given } = self;
        let (client, name) = (&project.client, given.name.clone().unwrap_or_default());
        let about = || format!("resource {name:?}");
        if profile.is_empty() {
            return Err(Error::invalid("a resource needs an application profile").about(about()));
        }
        let resource_type = project.resource_type(&resource_type).await?;
        let storage = storage.fitting(resource_type.general(), resource_type.name())?;
        let visibility = match given.visibility(client).await? {
            Some(given) => given,
            None => VisibilityForResourceManipulationDto { id: client.visibility_id("Project Members").await? },
        };
        let of_project = project.details().disciplines.iter().filter_map(|it| it.id.clone());
        let body = ResourceForCreationDto {
            application_profile: ApplicationProfileForResourceCreationDto { uri: profile },
            description: given.description.clone().unwrap_or_else(|| name.clone()),
            disciplines: given.disciplines(client).await?.unwrap_or_else(|| of_project.map(discipline).collect()),
            display_name: given.display_name.clone(),
            fixed_values: Some(given.fixed_values(FixedValues::new())),
            keywords: given.keywords.clone(),
            license: given.license(client).await?,
            metadata_local_copy: given.local_copy,
            name: name.clone(),
            resource_type_id: resource_type.id().to_owned(),
            resource_type_options: storage.for_creation(),
            usage_rights: given.usage_rights.clone(),
            visibility,
        };
        let sent = client.raw.create_resource_for_project().project_id(project.id()).body(body).send();
        let answer = call(&op::CREATE_RESOURCE_FOR_PROJECT, sent).await.map_err(|e| discreet(e).about(about()))?;
        let dto = answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))?;
        let id = dto.id.clone().ok_or_else(|| empty_answer().about(about()))?;
        Ok(Resource::new(client.clone(), project.id().to_owned(), id, dto))
    }
}

impl ResourceForm<KnownResource> {
    /// Whether it can't be written to any more.
    pub fn archived(mut self, yes: bool) -> Self {
        self.target.archived = Some(yes);
        self
    }

    /// Its size in bytes, if its type has one. For all else that belongs to the type, say [`ResourceForm::storage`].
    pub fn quota(mut self, bytes: u64) -> Self {
        self.target.quota = Some(bytes);
        self
    }

    /// All options of its type, instead of [`ResourceForm::quota`]; of a GitLab only branch and token can be changed.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.target.storage = Some(storage);
        self
    }

    /// Does it, and gives the resource as it is then. The service takes a resource's settings only as a whole, so they are
    /// read first; what another changes in just that time is lost.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if the options are for another kind of type, or a text is too long; [`Kind::NotFound`] if there is
    /// no license, visibility or discipline of a name; [`Kind::Forbidden`] for a guest.
    pub async fn send(self) -> Result<Resource> {
        let Self { target: KnownResource { resource, archived, quota, storage }, given } = self;
        let client = resource.client();
        let about = || format!("resource {:?}", resource.display_name());
        let (visibility, license) = (given.visibility(client).await?, given.license(client).await?);
        let disciplines = given.disciplines(client).await?;
        let old = resource.fresh().await?;
        let (general, specific) = (old.type_.general_type.as_str(), old.type_.specific_type.as_str());
        let storage = match (storage, quota) {
            (Some(storage), _) => Some(storage.fitting(general, specific)?),
            (None, Some(bytes)) => {
                let message = || format!("a resource of the type {specific} has no size");
                let sized = Storage::of_size(bytes, general, specific);
                Some(sized.ok_or_else(|| Error::invalid(message()).about(about()))?)
            }
            (None, None) => None,
        };
        let visibility = match visibility {
            Some(given) => given,
            None => VisibilityForResourceManipulationDto { id: old.visibility.id.ok_or_else(empty_answer)? },
        };
        let old_license = old.license.and_then(|it| it.id).map(|id| LicenseForResourceManipulationDto { id });
        let old_disciplines = old.disciplines.into_iter().filter_map(|it| it.id);
        let fixed_values = given.fixed_values(old.fixed_values);
        let body = ResourceForUpdateDto {
            archived: archived.or(old.archived).unwrap_or_default(),
            description: given.description.unwrap_or(old.description),
            disciplines: disciplines.unwrap_or_else(|| old_disciplines.map(discipline).collect()),
            display_name: given.display_name.or(Some(old.display_name)),
            fixed_values: Some(fixed_values),
            keywords: given.keywords.or(old.keywords),
            license: license.or(old_license),
            maintenance_mode: old.maintenance_mode,
            metadata_local_copy: given.local_copy.or(old.metadata_local_copy),
            name: given.name.unwrap_or(old.name),
            resource_type_options: storage.as_ref().map(Storage::for_update),
            usage_rights: given.usage_rights.or(old.usage_rights),
            visibility,
        };
        let request = client.raw.update_resource_for_project().project_id(resource.project_id());
        let sent = request.resource_id(resource.id()).body(body).send();
        call(&op::UPDATE_RESOURCE_FOR_PROJECT, sent).await.map_err(|e| e.about(about()))?;
        let new = resource.fresh().await?;
        Ok(Resource::new(client.clone(), resource.project_id().to_owned(), resource.id().to_owned(), new))
    }
}

impl Resource {
    /// Changes what is said of it.
    pub fn update(&self) -> ResourceForm<KnownResource> {
        let target = KnownResource { resource: self.clone(), archived: None, quota: None, storage: None };
        ResourceForm { target, given: Given::default() }
    }

    /// Makes it read-only.
    pub async fn archive(&self) -> Result<Self> {
        self.update().archived(true).send().await
    }

    /// Makes it writable again.
    pub async fn unarchive(&self) -> Result<Self> {
        self.update().archived(false).send().await
    }

    /// Deletes it with all files and metadata.
    ///
    /// # Errors
    /// [`Kind::Forbidden`] for one who may not, or if it is archived.
    pub async fn delete(&self) -> Result<()> {
        let request = self.client().raw.delete_resource_for_project().project_id(self.project_id());
        let sent = call(&op::DELETE_RESOURCE_FOR_PROJECT, request.resource_id(self.id()).send()).await;
        deleted(sent).map_err(|e| e.about(format!("resource {:?}", self.display_name())))
    }

    /// All that the server knows of it now, secrets included: never kept in the cache.
    pub(crate) async fn fresh(&self) -> Result<ResourceDto> {
        let about = || format!("resource {:?}", self.display_name());
        let request = self.client().raw.get_resource_for_project().project_id(self.project_id());
        let answer = call(&op::GET_RESOURCE_FOR_PROJECT, request.resource_id(self.id()).send()).await;
        let answer = answer.map_err(|e| discreet(e).about(about()))?;
        answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))
    }
}

impl Client {
    /// The resource of this id, of whichever project it is.
    pub async fn resource(&self, id: &str) -> Result<Resource> {
        let about = || format!("resource {id}");
        let sent = self.raw.get_resource().resource_id(id).send();
        let answer = call(&op::GET_RESOURCE, sent).await.map_err(|e| discreet(e).about(about()))?;
        let dto = answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))?;
        let project = dto.projects.as_ref().and_then(|it| it.first()).map(|project| project.id.clone());
        let project = project.ok_or_else(|| Error::not_found("its project is not shared with you").about(about()))?;
        Ok(Resource::new(self.clone(), project, id.to_owned(), dto))
    }
}
