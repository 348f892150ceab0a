use raw::coscine::{operations as op, types::ResourceDto};

use super::{Client, DownloadDir, DownloadFile, FileMetadata, Files, Project, UploadDir, UploadFile, metadata};
use crate::{Error, Result, error::succeeded, transfer};

/// A resource: files, their metadata, and the application profile that the metadata follows.
#[derive(Clone, Debug)]
pub struct Resource {
    client: Client,
    project_id: String,
    id: String,
    details: ResourceDto,
}

/// The longest RDF document that is read whole, in bytes: some 200,000 files' metadata.
const LARGEST_GRAPH: usize = 256 << 20;

impl Resource {
    pub(crate) fn new(project: &Project, id: String, details: ResourceDto) -> Self {
        Self { client: project.client.clone(), project_id: project.id().to_owned(), id, details }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its full name.
    pub fn name(&self) -> &str {
        &self.details.name
    }

    /// The name that people read.
    pub fn display_name(&self) -> &str {
        &self.details.display_name
    }

    /// All that the server told of it.
    pub fn details(&self) -> &ResourceDto {
        &self.details
    }

    /// Its files.
    pub fn files(&self) -> Files {
        Files::new(self.clone())
    }

    /// Sends one file.
    pub fn upload(&self, file: impl Into<std::path::PathBuf>) -> UploadFile {
        UploadFile::new(self.clone(), file.into())
    }

    /// Sends a folder with all that is in it.
    pub fn upload_dir(&self, folder: impl Into<std::path::PathBuf>) -> UploadDir {
        UploadDir::new(self.clone(), folder.into())
    }

    /// Fetches one file, `path` in the resource, to `target`.
    pub fn download(&self, path: impl Into<String>, target: impl Into<std::path::PathBuf>) -> DownloadFile {
        DownloadFile::new(self.clone(), path.into(), target.into())
    }

    /// Fetches all files, or those of a folder.
    pub fn download_dir(&self, target: impl Into<std::path::PathBuf>) -> DownloadDir {
        DownloadDir::new(self.clone(), target.into())
    }

    /// A folder of this resource, for a plan.
    pub(crate) fn place(&self, folder: &str) -> transfer::Place {
        let (url, project) = (self.client.connection.base_url().to_owned(), self.project_id.clone());
        transfer::Place { url, project, resource: self.id.clone(), folder: folder.to_owned() }
    }

    /// The metadata of every file, in one request: the newest version of each, sorted by path.
    pub async fn metadata(&self) -> Result<Vec<FileMetadata>> {
        let about = || format!("metadata of {:?}", self.display_name());
        let read = || async {
            let sent = self.client.raw.get_resource_graph_content(&self.project_id, &self.id);
            let answer = succeeded(&op::GET_RESOURCE_GRAPH_CONTENT, sent).await?;
            Ok(middleware::Body::from(reqwest::Body::from(answer)).collect(LARGEST_GRAPH).await?)
        };
        // The body is long, so a connection that breaks in the middle of it is likely enough to be asked again.
        let quads = crate::transfer::again(read).await.map_err(|e: Error| e.about(about()))?;
        metadata::newest(&quads).map_err(|e| e.about(about()))
    }
}
