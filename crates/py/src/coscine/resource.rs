//! Resources.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::json;
use whimbrel::{
    Result,
    coscine::{
        DescribedFile, FileMetadata, FixedValue, Keys, Project, Resource, ResourceForm, StorageOptions,
        types::{ProjectDto, ResourceDto},
    },
    secrecy::ExposeSecret as _,
    shapes::{Format, rdf},
};

use super::{Coscine, ResourceTold, Told, project::say, resource_told, storage};
use crate::{call::Call, list::List, token::Token};

/// What is said of a resource.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Said {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    keywords: Option<Vec<String>>,
    disciplines: Option<Vec<String>>,
    visibility: Option<String>,
    license: Option<String>,
    usage_rights: Option<String>,
    local_metadata_copy: Option<bool>,
    archived: Option<bool>,
    fixed_values: Vec<(String, Fixed)>,
}

/// A value that each file gets.
#[derive(Deserialize)]
#[serde(untagged)]
enum Fixed {
    Text(String),
    Iri { iri: String },
    Typed { value: String, datatype: String },
}

impl From<Fixed> for FixedValue {
    fn from(fixed: Fixed) -> Self {
        match fixed {
            Fixed::Text(text) => Self::from(text.as_str()),
            Fixed::Iri { iri } => Self::iri(iri),
            Fixed::Typed { value, datatype } => Self::typed(value, datatype),
        }
    }
}

fn said<T>(form: ResourceForm<T>, mut said: Said) -> ResourceForm<T> {
    let fixed = std::mem::take(&mut said.fixed_values);
    let form = say!(form, said; name display_name description keywords disciplines visibility license usage_rights
        local_metadata_copy);
    fixed.into_iter().fold(form, |form, (predicate, value)| form.fixed_value(predicate, value))
}

/// A resource, with its project where that was not known to Python.
fn whole(resource: Resource) -> (String, ResourceDto) {
    resource_told(&resource)
}

#[pymethods]
impl Coscine {
    fn resources(&self, project: Told<ProjectDto>) -> List {
        self.list(move |client| Ok(client.project_of(project.0.clone()).resources()), whole)
    }

    fn resource(&self, project: Told<ProjectDto>, name: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.resource(&name).await.map(whole) })
    }

    fn resource_by_id(&self, id: String) -> PyResult<Call> {
        self.call(|client| async move { client.resource(&id).await.map(whole) })
    }

    /// Of a name, a type and a profile.
    fn create_resource(
        &self,
        project: Told<ProjectDto>,
        made_of: (String, String, String),
        storage: Told<storage::Said>,
        gitlab_token: Option<&Token>,
        told: Told<Said>,
    ) -> PyResult<Call> {
        let (name, resource_type, profile) = made_of;
        let options = storage.0.options(gitlab_token)?;
        self.of_project(project, |project| async move {
            let (kind, storage) = of_type(&project, &resource_type, options).await?;
            let form = project.create_resource(name, kind, storage).profile(profile);
            said(form, told.0).send().await.map(whole)
        })
    }

    fn update_resource(
        &self,
        resource: ResourceTold,
        storage: Told<storage::Said>,
        gitlab_token: Option<&Token>,
        told: Told<Said>,
    ) -> PyResult<Call> {
        let (options, mut told) = (storage.0.options(gitlab_token)?, told.0);
        self.of_resource(resource, |resource| async move {
            let mut form = resource.update();
            if let Some(archived) = told.archived.take() {
                form = form.archived(archived);
            }
            if options.is_only_size() {
                form = say!(form, options; quota);
            } else {
                let kind = &resource.details().type_;
                form = form.storage(options.storage(&kind.general_type, &kind.specific_type)?);
            }
            said(form, told).send().await.map(whole)
        })
    }

    fn delete_resource(&self, resource: ResourceTold) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move { resource.delete().await })
    }

    fn resource_quota(&self, resource: ResourceTold, versions: bool) -> PyResult<Call> {
        self.of_resource(resource, move |resource| async move {
            if versions { resource.quota_with_versions().await } else { resource.quota().await }
        })
    }

    fn files(&self, resource: ResourceTold, folder: String, recursive: bool) -> List {
        let (project, told) = resource;
        self.stream(move |client| {
            let files = client.resource_of(project.clone(), told.0.clone())?.files().under(&folder);
            let files = if recursive { files.recursive() } else { files };
            Ok(files.stream().map_ok(super::file::told))
        })
    }

    fn level(&self, resource: ResourceTold, folder: String) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let level = resource.files().under(&folder).level().await?;
            let files: Vec<_> = level.files.into_iter().map(super::file::told).collect();
            Ok(json!({ "folders": level.folders, "files": files }))
        })
    }

    fn nodes(&self, resource: ResourceTold, folder: String) -> List {
        let (project, told) = resource;
        self.list(move |client| Ok(client.resource_of(project.clone(), told.0.clone())?.nodes(&folder)), |node| node)
    }

    /// The metadata of all files below a folder, by labels.
    fn resource_metadata(&self, resource: ResourceTold, folder: String) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let told = |it: DescribedFile| (it.path, it.version, serde_json::Value::from(&it.record));
            Ok(resource.described(&folder).await?.files.into_iter().map(told).collect::<Vec<_>>())
        })
    }

    /// As a table in a format, by the end of a file's name.
    fn resource_table(&self, resource: ResourceTold, folder: String, format: String) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let format = Format::of_file(&format!("table.{format}"))?;
            Ok(resource.described(&folder).await?.write(format))
        })
    }

    /// Turtle, by path.
    fn resource_graphs(&self, resource: ResourceTold) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let told = |it: FileMetadata| (it.path, rdf::turtle(&it.graph));
            Ok(resource.metadata().await?.into_iter().map(told).collect::<BTreeMap<_, _>>())
        })
    }

    /// Keys are for a class of Python's that shows none.
    fn s3(&self, resource: ResourceTold) -> PyResult<Call> {
        let told = |keys: &Keys| (keys.access.expose_secret().to_owned(), keys.secret.expose_secret().to_owned());
        self.of_resource(resource, move |resource| async move {
            let s3 = resource.s3().await?;
            Ok((s3.bucket, s3.endpoint, told(&s3.read), told(&s3.write)))
        })
    }
}

/// The id of a type, and what a resource of it is made with.
async fn of_type(
    project: &Project,
    name: &str,
    options: StorageOptions,
) -> Result<(String, whimbrel::coscine::Storage)> {
    let kind = project.resource_type(name).await?;
    let storage = options.storage(kind.general(), kind.name())?;
    Ok((kind.id().to_owned(), storage))
}
