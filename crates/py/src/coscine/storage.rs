//! Types of resources, and where their data lie.

use pyo3::prelude::*;
use serde::Deserialize;
use whimbrel::coscine::{
    GitLab, Repository, ResourceType, StorageOptions,
    types::{ProjectDto, ResourceTypeInformationDto},
};

use super::{Coscine, Told};
use crate::{call::Call, token::Token};

/// What is said of where a resource's data lie.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Said {
    quota: Option<u64>,
    abort_uploads_after_days: Option<i32>,
    expire_versions_after_days: Option<i32>,
    replication: Option<String>,
    repository: Option<SaidRepository>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SaidRepository {
    url: String,
    project_id: i32,
    branch: String,
    terms_accepted: bool,
}

impl Said {
    pub(crate) fn options(self, gitlab_token: Option<&Token>) -> PyResult<StorageOptions> {
        let repository = match self.repository {
            None => None,
            Some(it) => Some(Repository {
                url: it.url,
                project_id: it.project_id,
                branch: it.branch,
                access_token: gitlab_token.map(Token::needed).transpose()?.unwrap_or_default(),
                terms_accepted: it.terms_accepted,
            }),
        };
        Ok(StorageOptions {
            quota: self.quota,
            abort_uploads_after_days: self.abort_uploads_after_days,
            expire_versions_after_days: self.expire_versions_after_days,
            replication: self.replication,
            repository,
        })
    }
}

fn details(kind: ResourceType) -> ResourceTypeInformationDto {
    kind.details().clone()
}

impl Coscine {
    fn gitlab(&self, domain: String, token: &Token) -> PyResult<GitLab> {
        Ok(self.client()?.gitlab(domain, token.needed()?))
    }
}

#[pymethods]
impl Coscine {
    fn resource_types(&self) -> PyResult<Call> {
        self.call(
            |client| async move { Ok(client.resource_types().await?.into_iter().map(details).collect::<Vec<_>>()) },
        )
    }

    fn resource_type(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.resource_type(&name).await.map(details) })
    }

    fn project_resource_types(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move {
            Ok(project.resource_types().await?.into_iter().map(details).collect::<Vec<_>>())
        })
    }

    fn project_resource_type(&self, project: Told<ProjectDto>, name: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.resource_type(&name).await.map(details) })
    }

    fn gitlab_projects(&self, domain: String, token: &Token) -> PyResult<Call> {
        let gitlab = self.gitlab(domain, token)?;
        Ok(Call::data(async move { gitlab.projects().await }))
    }

    fn gitlab_project(&self, domain: String, token: &Token, id: i32) -> PyResult<Call> {
        let gitlab = self.gitlab(domain, token)?;
        Ok(Call::data(async move { gitlab.project(id).await }))
    }

    fn gitlab_branches(&self, domain: String, token: &Token, id: i32) -> PyResult<Call> {
        let gitlab = self.gitlab(domain, token)?;
        Ok(Call::data(async move { gitlab.branches(id).await }))
    }
}
