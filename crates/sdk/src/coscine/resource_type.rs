//! Types of resources: where the data lies, and what can be done with it.

use raw::coscine::{
    operations as op,
    types::{GitlabBranchDto, GitlabProjectDto, ResourceTypeInformationDto},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Client, Project,
    client::{empty_answer, only},
};
use crate::{Result, error::call};

/// A type of resource.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// for kind in coscine.project("Turbine 7").await?.resource_types().await? {
///     println!("{}: {}", kind.name(), if kind.can_create() { "can be made" } else { "can't be made" });
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ResourceType {
    id: String,
    details: ResourceTypeInformationDto,
}

impl ResourceType {
    fn new(details: ResourceTypeInformationDto) -> Result<Self> {
        let id = details.id.clone().ok_or_else(|| empty_answer().about("resource type"))?;
        Ok(Self { id, details })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name: the specific type, such as `rdss3rwth`.
    pub fn name(&self) -> &str {
        self.details.specific_type.as_deref().unwrap_or_default()
    }

    /// What kind it is of: the general type, such as `rdss3`.
    pub fn general(&self) -> &str {
        self.details.general_type.as_deref().unwrap_or_default()
    }

    /// Whether the user can make resources of it.
    pub fn can_create(&self) -> bool {
        self.details.can_create.unwrap_or_default() && self.details.is_enabled.unwrap_or(true)
    }

    /// Whether it keeps the old versions of files.
    pub fn has_versions(&self) -> bool {
        self.details.supports_versioning.unwrap_or_default()
    }

    /// Whether its space is limited, and the limit can be changed.
    pub fn has_adjustable_quota(&self) -> bool {
        self.details.is_quota_adjustable.unwrap_or_default()
    }

    /// All that the server told of it: each thing it can do.
    pub fn details(&self) -> &ResourceTypeInformationDto {
        &self.details
    }
}

/// The one of these types that is called so.
fn named(name: &str, all: Vec<ResourceType>) -> Result<ResourceType> {
    only("resource type", name, all, |it| [Some(it.name()), Some(it.id())])
}

impl Client {
    /// All types of resources, in one request.
    pub async fn resource_types(&self) -> Result<Vec<ResourceType>> {
        let sent = self.raw.get_all_resource_types_information().send();
        let answer = call(&op::GET_ALL_RESOURCE_TYPES_INFORMATION, sent).await;
        let answer = answer.map_err(|e| e.about("resource types"))?;
        answer.into_inner().data.unwrap_or_default().into_iter().map(ResourceType::new).collect()
    }

    /// The type of resource of this name (`rdsrwth`) or id.
    pub async fn resource_type(&self, name: &str) -> Result<ResourceType> {
        if name.parse::<uuid::Uuid>().is_err() {
            return named(name, self.resource_types().await?);
        }
        let about = || format!("resource type {name}");
        let sent = self.raw.get_resource_type_information().resource_type_id(name).send();
        let answer = call(&op::GET_RESOURCE_TYPE_INFORMATION, sent).await.map_err(|e| e.about(about()))?;
        ResourceType::new(answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))?)
    }

    /// A GitLab, whose projects a resource can be: `domain` is its URL, `access_token` one of that GitLab's tokens.
    /// Coscine asks it on our behalf, so it gets to know the token.
    pub fn gitlab(&self, domain: impl Into<String>, access_token: impl Into<SecretString>) -> GitLab {
        GitLab { client: self.clone(), domain: domain.into(), access_token: access_token.into() }
    }
}

impl Project {
    /// The types of resources that this project may use, in one request.
    pub async fn resource_types(&self) -> Result<Vec<ResourceType>> {
        let sent = self.client.raw.get_available_resource_types_information_for_project().project_id(self.id()).send();
        let answer = call(&op::GET_AVAILABLE_RESOURCE_TYPES_INFORMATION_FOR_PROJECT, sent).await;
        let answer = answer.map_err(|e| e.about(format!("resource types of {:?}", self.display_name())))?;
        answer.into_inner().data.unwrap_or_default().into_iter().map(ResourceType::new).collect()
    }

    /// The type of this name (`rdsrwth`) or id among those that this project may use.
    pub async fn resource_type(&self, name: &str) -> Result<ResourceType> {
        named(name, self.resource_types().await?)
    }

    pub(crate) async fn resource_type_id(&self, name: &str) -> Result<String> {
        match name.parse::<uuid::Uuid>() {
            Ok(id) => Ok(id.to_string()),
            Err(_) => Ok(self.resource_type(name).await?.id),
        }
    }
}

/// A GitLab as Coscine sees it; see [`Client::gitlab`].
#[derive(Clone, Debug)]
pub struct GitLab {
    client: Client,
    domain: String,
    access_token: SecretString,
}

impl GitLab {
    /// The projects that the token opens, in one request.
    pub async fn projects(&self) -> Result<Vec<GitlabProjectDto>> {
        let request = self.client.raw.get_all_gitlab_projects().domain(&self.domain);
        let sent = request.access_token(self.access_token.expose_secret()).send();
        let answer = call(&op::GET_ALL_GITLAB_PROJECTS, sent).await.map_err(|e| e.about(&self.domain))?;
        Ok(answer.into_inner().data.unwrap_or_default())
    }

    /// One project, by its number.
    pub async fn project(&self, id: i32) -> Result<GitlabProjectDto> {
        let about = || format!("{} project {id}", self.domain);
        let request = self.client.raw.get_gitlab_project().gitlab_project_id(id).domain(&self.domain);
        let sent = request.access_token(self.access_token.expose_secret()).send();
        let answer = call(&op::GET_GITLAB_PROJECT, sent).await.map_err(|e| e.about(about()))?;
        answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))
    }

    /// The branches of a project, by its number.
    pub async fn branches(&self, id: i32) -> Result<Vec<GitlabBranchDto>> {
        let request = self.client.raw.get_all_gitlab_branches_for_project().gitlab_project_id(id);
        let sent = request.domain(&self.domain).access_token(self.access_token.expose_secret()).send();
        let answer = call(&op::GET_ALL_GITLAB_BRANCHES_FOR_PROJECT, sent).await;
        let answer = answer.map_err(|e| e.about(format!("{} project {id}", self.domain)))?;
        Ok(answer.into_inner().data.unwrap_or_default())
    }
}
