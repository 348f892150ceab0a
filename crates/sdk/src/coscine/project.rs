use futures::TryStreamExt as _;
use oxrdf::Dataset;
use raw::coscine::{
    operations as op,
    types::{ProjectDto, ResourceDto},
};

use super::{
    Client, Projects, Resource,
    client::{PAGE_SIZE, deleted, only},
    metadata,
};
use crate::{Error, Page, Paged, Result, error::call};

/// A project: people, and resources that hold their data.
#[derive(Clone, Debug)]
pub struct Project {
    pub(crate) client: Client,
    details: ProjectDto,
}

impl Project {
    pub(crate) fn new(client: Client, details: ProjectDto) -> Self {
        Self { client, details }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.details.id
    }

    /// Its full name.
    pub fn name(&self) -> &str {
        &self.details.name
    }

    /// The name that people read: the display name, else the full one.
    pub fn display_name(&self) -> &str {
        self.details.display_name.as_deref().unwrap_or(&self.details.name)
    }

    /// Its name in URLs.
    pub fn slug(&self) -> &str {
        &self.details.slug
    }

    /// All that the server told of it.
    pub fn details(&self) -> &ProjectDto {
        &self.details
    }

    /// Its persistent identifier: a handle, `prefix/suffix`.
    pub fn pid(&self) -> &str {
        &self.details.pid
    }

    /// The projects below it, one level.
    pub fn subprojects(&self) -> Projects {
        Projects::below(self)
    }

    /// Deletes it.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner; [`Kind::Invalid`](crate::Kind::Invalid)
    /// if something in it stands against that.
    pub async fn delete(&self) -> Result<()> {
        let sent = call(&op::DELETE_PROJECT, self.client.raw.delete_project().project_id(self.id()).send()).await;
        deleted(sent).map_err(|e| e.about(format!("project {:?}", self.display_name())))
    }

    /// The description of the project and of all that is in it, metadata included, as RDF: one request. Each thing has
    /// a graph of its own.
    pub async fn graphs(&self) -> Result<Dataset> {
        let about = || format!("metadata of {:?}", self.display_name());
        let send = || self.client.raw.get_project_graph_content(self.id());
        let quads = metadata::fetch(&op::GET_PROJECT_GRAPH_CONTENT, send).await.map_err(|e| e.about(about()))?;
        metadata::read_quads(&quads).collect::<Result<_>>().map_err(|e| e.about(about()))
    }

    /// Its resources.
    pub fn resources(&self) -> Resources {
        Resources { project: self.clone() }
    }

    /// The resource of this display name, name or id.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none for this user; [`Kind::Invalid`](crate::Kind::Invalid)
    /// if there are several: name it by its id then.
    pub async fn resource(&self, name: &str) -> Result<Resource> {
        // By the list even where an id is given: unlike the single resource it holds no S3 keys, so it may be cached.
        let find = || async {
            let all = self.resources().stream().try_collect::<Vec<_>>().await?;
            only("resource", name, all, |resource| {
                [Some(resource.display_name()), Some(resource.name()), Some(resource.id())]
            })
        };
        self.client.connection.or_fresh(find).await.map_err(|e| e.about(format!("project {:?}", self.display_name())))
    }
}

/// The resources of a project.
#[derive(Clone, Debug)]
#[must_use]
pub struct Resources {
    project: Project,
}

impl Paged for Resources {
    type Item = Resource;

    /// The `n`-th page, from 1, of up to 50 resources.
    async fn page(&self, n: u32) -> Result<Page<Resource>> {
        let request = self.project.client.raw.get_resources_for_project().project_id(self.project.id());
        let request = request.page_number(n as i32).page_size(PAGE_SIZE);
        let about = || format!("resources of {:?}", self.project.display_name());
        let answer = call(&op::GET_RESOURCES_FOR_PROJECT, request.send()).await.map_err(|e| e.about(about()))?;
        let answer = answer.into_inner();
        let resource = |dto: ResourceDto| {
            let id = dto.id.clone();
            let id = id.ok_or_else(|| Error::invalid("the server named a resource without an id").about(about()))?;
            Ok(Resource::new(self.project.client.clone(), self.project.id().to_owned(), id, dto))
        };
        let items = answer.data.unwrap_or_default().into_iter().map(resource).collect::<Result<_>>()?;
        Ok(Page { items, ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Resource) -> Option<&'i str> {
        Some(item.id())
    }
}
