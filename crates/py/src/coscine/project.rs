//! Projects.

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use whimbrel::coscine::{Branch, Project, ProjectForm, types::ProjectDto};

use super::{Coscine, Told};
use crate::{call::Call, list::List};

/// What is said of a project.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct Said {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    principal_investigators: Option<String>,
    start: Option<String>,
    end: Option<String>,
    keywords: Option<Vec<String>>,
    grant_id: Option<String>,
    visibility: Option<String>,
    disciplines: Option<Vec<String>>,
    organizations: Option<Vec<String>>,
    slug: Option<String>,
    copy_owners: Option<bool>,
}

/// Says what is said, and no more.
macro_rules! say {
    ($form:expr, $said:expr; $($what:ident)*) => {{
        let mut form = $form;
        $(if let Some(it) = $said.$what {
            form = form.$what(it);
        })*
        form
    }};
}
pub(crate) use say;

fn said<T>(form: ProjectForm<T>, said: Said) -> ProjectForm<T> {
    say!(form, said; name display_name description principal_investigators start end keywords grant_id visibility
        disciplines organizations)
}

/// A project and those below it.
#[derive(Serialize)]
struct Tree {
    project: ProjectDto,
    below: Vec<Tree>,
}

impl Tree {
    fn of(branch: &Branch) -> Self {
        Self { project: branch.project.details().clone(), below: branch.below.iter().map(Self::of).collect() }
    }
}

fn details(project: Project) -> ProjectDto {
    project.details().clone()
}

#[pymethods]
impl Coscine {
    fn projects(&self, top_level: bool) -> List {
        self.list(
            move |client| {
                let projects = client.projects();
                Ok(if top_level { projects.top_level() } else { projects })
            },
            details,
        )
    }

    fn project_tree(&self) -> PyResult<Call> {
        self.call(|client| async move { Ok(client.projects().tree().await?.iter().map(Tree::of).collect::<Vec<_>>()) })
    }

    fn subproject_tree(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move {
            Ok(project.subprojects().tree().await?.iter().map(Tree::of).collect::<Vec<_>>())
        })
    }

    fn project(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.project(&name).await.map(details) })
    }

    fn subprojects(&self, project: Told<ProjectDto>) -> List {
        self.list(move |client| Ok(client.project_of(project.0.clone()).subprojects()), details)
    }

    /// Below `parent`, if there is one.
    fn create_project(&self, parent: Option<Told<ProjectDto>>, name: String, told: Told<Said>) -> PyResult<Call> {
        let mut told = told.0;
        let copy_owners = told.copy_owners.take().unwrap_or_default();
        self.call(|client| async move {
            let form = match parent {
                Some(parent) => client.project_of(parent.0).create_subproject(name).copy_owners(copy_owners),
                None => client.create_project(name),
            };
            said(form, told).send().await.map(details)
        })
    }

    fn update_project(&self, project: Told<ProjectDto>, told: Told<Said>) -> PyResult<Call> {
        let mut told = told.0;
        self.of_project(project, |project| async move {
            let mut form = project.update();
            if let Some(slug) = told.slug.take() {
                form = form.slug(slug);
            }
            said(form, told).send().await.map(details)
        })
    }

    fn delete_project(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.delete().await })
    }

    /// N-Quads.
    fn project_graphs(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { Ok(project.graphs().await?.to_string()) })
    }

    fn leave_project(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.leave().await })
    }

    fn project_quotas(&self, project: Told<ProjectDto>) -> List {
        self.list(move |client| Ok(client.project_of(project.0.clone()).quotas()), |quota| quota)
    }

    fn project_quota(&self, project: Told<ProjectDto>, resource_type: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.quota(&resource_type).await })
    }

    fn set_project_quota(
        &self,
        project: Told<ProjectDto>,
        resource_type: String,
        allocated: u64,
        maximum: Option<u64>,
    ) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.set_quota(&resource_type, allocated, maximum).await })
    }

    fn request_publication(
        &self,
        project: Told<ProjectDto>,
        organization: String,
        resources: Vec<super::ResourceTold>,
        message: Option<String>,
    ) -> PyResult<Call> {
        let resources: Vec<_> = resources.into_iter().map(|it| self.resource_of(it)).collect::<PyResult<_>>()?;
        self.of_project(project, |project| async move {
            project.request_publication(&organization, &resources, message.as_deref()).await
        })
    }

    fn publication_request(&self, project: Told<ProjectDto>, id: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.publication_request(&id).await })
    }
}
