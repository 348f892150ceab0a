//! One file of a resource.

use pyo3::{prelude::*, types::PyBytes};
use whimbrel::{
    coscine::{File, FileRef, Metadata, types::FileTreeDto},
    shapes::rdf,
};

use super::{Coscine, ResourceTold, told::Record};
use crate::{
    call::{Answer, Call},
    list::List,
};

/// What a listing told of a file, under its path without a leading slash. The links to its content are left out: who has
/// one has the file, and what is shown and kept shall be no key.
pub(super) fn told(file: File) -> FileTreeDto {
    FileTreeDto { path: Some(file.path), actions: None, ..file.details }
}

/// The metadata that are given with a file: a record, or RDF in Turtle.
pub(super) fn metadata(record: Option<Record>, turtle: Option<String>) -> PyResult<Metadata> {
    match (record, turtle) {
        (None, None) => Ok(Metadata::Fixed),
        (Some(record), None) => Ok(Metadata::Record(record.0)),
        (None, Some(turtle)) => Ok(Metadata::Turtle(turtle)),
        (Some(_), Some(_)) => {
            let message = "metadata are given twice: as fields, and as RDF";
            Err(crate::error::raised(whimbrel::Error::invalid(message)))
        }
    }
}

impl Coscine {
    /// A call of a file's.
    fn of_file<T, F>(&self, resource: ResourceTold, path: String, make: impl FnOnce(FileRef) -> F) -> PyResult<Call>
    where
        T: serde::Serialize + Send + 'static,
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        self.of_resource(resource, |resource| make(resource.file(path)))
    }
}

#[pymethods]
impl Coscine {
    fn head(&self, resource: ResourceTold, path: String) -> PyResult<Call> {
        self.of_file(resource, path, |file| async move { file.head().await })
    }

    fn delete_file(&self, resource: ResourceTold, path: String) -> PyResult<Call> {
        self.of_file(resource, path, |file| async move { file.delete().await })
    }

    fn read(&self, resource: ResourceTold, path: String) -> PyResult<Call> {
        let resource = self.resource_of(resource)?;
        Ok(Call::new(async move {
            let content = resource.read(&path).await?;
            Ok(Answer::new(move |py| Ok(PyBytes::new(py, &content).into_any().unbind())))
        }))
    }

    fn node(&self, resource: ResourceTold, path: String) -> PyResult<Call> {
        self.of_file(resource, path, |file| async move { file.node().await })
    }

    fn has_node(&self, resource: ResourceTold, path: String) -> PyResult<Call> {
        self.of_file(resource, path, |file| async move { file.has_node().await })
    }

    fn has_metadata(&self, resource: ResourceTold, path: String, version: Option<u64>) -> PyResult<Call> {
        self.of_file(resource, path, move |file| async move { file.has_metadata(version).await })
    }

    fn versions(&self, resource: ResourceTold, path: String) -> List {
        let (project, told) = resource;
        self.list(
            move |client| Ok(client.resource_of(project.clone(), told.0.clone())?.file(&path).versions()),
            |version| version.details().clone(),
        )
    }

    fn version(&self, resource: ResourceTold, path: String, version: Option<u64>) -> PyResult<Call> {
        self.of_file(resource, path, move |file| async move { Ok(file.version(version).await?.details().clone()) })
    }

    fn provenance(&self, resource: ResourceTold, path: String, version: Option<u64>) -> PyResult<Call> {
        self.of_file(resource, path, move |file| async move { file.provenance(version).await })
    }

    /// By labels.
    fn metadata(&self, resource: ResourceTold, path: String, version: Option<u64>) -> PyResult<Call> {
        self.of_file(resource, path, move |file| async move {
            Ok((file.path().to_owned(), version, serde_json::Value::from(&file.record(version).await?)))
        })
    }

    /// Turtle.
    fn graph(&self, resource: ResourceTold, path: String, version: Option<u64>) -> PyResult<Call> {
        self.of_file(resource, path, move |file| async move { Ok(rdf::turtle(&file.metadata(version).await?)) })
    }

    fn set_metadata(
        &self,
        resource: ResourceTold,
        path: String,
        record: Option<Record>,
        turtle: Option<String>,
    ) -> PyResult<Call> {
        let metadata = metadata(record, turtle)?;
        self.of_file(resource, path, |file| async move { file.set_metadata(metadata).await })
    }
}
