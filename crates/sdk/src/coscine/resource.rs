use raw::coscine::{operations as op, types::ResourceDto};

use super::{Client, DownloadDir, DownloadFile, FileMetadata, Files, UploadDir, UploadFile, metadata};
use crate::{Error, Result, transfer};

/// A resource: files, their metadata, and the application profile that the metadata follows.
#[derive(Clone, Debug)]
pub struct Resource {
    client: Client,
    project_id: String,
    id: String,
    details: ResourceDto,
}

impl Resource {
    pub(crate) fn new(client: Client, project_id: String, id: String, mut details: ResourceDto) -> Self {
        // They may hold S3 keys, or a GitLab's token, which nobody prints by chance.
        details.type_.options = None;
        Self { client, project_id, id, details }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The id of the project that it is in.
    pub fn project_id(&self) -> &str {
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

    /// Its persistent identifier: a handle, `prefix/suffix`.
    pub fn pid(&self) -> &str {
        &self.details.pid
    }

    /// Its specific type, such as `rdsrwth`.
    pub fn resource_type(&self) -> &str {
        &self.details.type_.specific_type
    }

    /// Whether it can't be written to.
    pub fn is_archived(&self) -> bool {
        self.details.archived.unwrap_or_default()
    }

    /// All that the server told of it but the options of its type, which hold secrets: see [`Resource::s3`].
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

    /// Sends what is in memory as the file `path`. It goes through a temporary file; of what is large, send the file itself.
    pub fn upload_content(&self, content: impl Into<bytes::Bytes>, path: impl Into<String>) -> UploadFile {
        UploadFile::of_content(self.clone(), content.into(), path.into())
    }

    /// Sends a folder with all that is in it.
    pub fn upload_dir(&self, folder: impl Into<std::path::PathBuf>) -> UploadDir {
        UploadDir::new(self.clone(), folder.into())
    }

    /// Fetches one file, `path` in the resource, to `target`: a file, or a folder that is there, in which it keeps its name.
    pub fn download(&self, path: impl Into<String>, target: impl Into<std::path::PathBuf>) -> DownloadFile {
        DownloadFile::new(self.clone(), path.into(), target.into())
    }

    /// The content of one file, into memory. It is fetched as any download is, through a temporary folder; what is large is
    /// better fetched to a [file](Resource::download).
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none.
    pub async fn read(&self, path: &str) -> Result<bytes::Bytes> {
        let failed = |e| Error::io(&std::env::temp_dir(), e);
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("content");
        self.download(path, &file).send().await?;
        Ok(tokio::fs::read(&file).await.map_err(failed)?.into())
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
        let send = || self.client.raw.get_resource_graph_content(&self.project_id, &self.id);
        let quads = metadata::fetch(&op::GET_RESOURCE_GRAPH_CONTENT, send).await.map_err(|e| e.about(about()))?;
        metadata::newest(&quads).map_err(|e| e.about(about()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A resource as the service describes it.
    pub(crate) fn described() -> ResourceDto {
        let described = serde_json::json!({
            "pid": "21.11102/r", "name": "R", "displayName": "R", "description": "R", "disciplines": [], "visibility": {},
            "type": {
                "generalType": "rdss3", "specificType": "rdss3rwth",
                "options": { "gitLab": { "accessToken": "hush" } },
            },
            "applicationProfile": { "uri": "urn:profile" },
            "fixedValues": { "urn:p": {
                "https://purl.org/coscine/fixedValue": [{ "value": "v", "type": "literal" }],
                "https://purl.org/coscine/invisible": [{ "value": "1", "type": "literal" }],
            } },
        });
        serde_json::from_value(described).unwrap()
    }

    #[test]
    fn of_what_it_is_described_with_only_values_are_fixed_and_no_secret_stays() {
        let client = Client::builder().url("http://127.0.0.1:9").token("t").build().unwrap();
        let resource = Resource::new(client, "p".to_owned(), "r".to_owned(), described());
        let value = oxrdf::Literal::new_simple_literal("v").into();
        assert_eq!(resource.fixed_values(), [("urn:p".to_owned(), value)]);
        assert!(!format!("{resource:?}").contains("hush"));
    }

    #[test]
    fn transfers_can_be_spawned() {
        fn is_send(_: impl Send) {}
        let client = Client::builder().url("http://127.0.0.1:9").token("t").build().unwrap();
        let resource = Resource::new(client, "p".to_owned(), "r".to_owned(), described());
        is_send(resource.upload("f").send());
        is_send(resource.upload_dir("f").sync());
        is_send(resource.download("f", "f").send());
        is_send(resource.download_dir("f").sync());
    }
}
