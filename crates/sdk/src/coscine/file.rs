//! One file of a resource, named by its path: whether it is there, its metadata in all versions, where they come from.

use oxrdf::Graph;
use raw::coscine::{
    operations as op,
    types::{MetadataVersionNodeDto, ProvenanceDto, StorageNodeDto},
};

use serde::Serialize;
use shapes::rdf::{self, Syntax};

use super::{
    Metadata, Resource,
    check::{Asked, check},
    client::{PAGE_SIZE, deleted, given},
    metadata,
    path::{as_folder, check_path},
    send::send_metadata,
};
use crate::{Page, Paged, Result, error::call};

/// A path in a resource: a file, its metadata, or both; nothing is asked before a method is called.
///
/// Every method fails with [`Kind::Invalid`](crate::Kind::Invalid) for a path that can't be stored: one that is empty, or has
/// a part that is `..`.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let resource = coscine.project("Turbine 7").await?.resource("Raw data").await?;
/// let file = resource.file("run-42/a.csv");
/// if let Some(head) = file.head().await? {
///     println!("{:?} bytes", head.size);
/// }
/// for version in file.versions().stream().try_collect::<Vec<_>>().await? {
///     println!("{:?} of {:?}", version.number(), version.details().generated_at_time);
/// }
/// let first = file.metadata(Some(1)).await?;
/// file.delete().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct FileRef {
    resource: Resource,
    path: String,
}

/// What the server tells of a file that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Bytes, where the server tells.
    pub size: Option<u64>,
    /// When it was changed, as HTTP writes it (`Sat, 21 Nov 2026 07:00:00 GMT`), where the server tells.
    pub changed: Option<String>,
}

/// A version of a file's metadata.
#[derive(Clone, Debug)]
pub struct MetadataVersion {
    details: MetadataVersionNodeDto,
}

impl MetadataVersion {
    /// Its number; `None` where the server does not number them.
    pub fn number(&self) -> Option<u64> {
        self.details.version.as_deref()?.parse().ok()
    }

    /// Whether it is no longer valid.
    pub fn is_invalidated(&self) -> bool {
        self.details.is_invalidated.unwrap_or_default()
    }

    /// All that the server told of it: when it was made, whether there are extracted metadata.
    pub fn details(&self) -> &MetadataVersionNodeDto {
        &self.details
    }
}

/// Fills in what each operation on a path wants to know.
macro_rules! at {
    ($file:ident, $request:ident) => {{
        let request = $file.resource.client().raw.$request().project_id($file.resource.project_id());
        request.resource_id($file.resource.id())
    }};
}

impl FileRef {
    pub(super) fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Its path in the resource.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as it may stand in a URL: one with `..` in it would lead elsewhere, to the resource itself for one.
    fn checked(&self) -> Result<&str> {
        check_path(self.path.strip_suffix('/').unwrap_or(&self.path))?;
        Ok(&self.path)
    }

    fn about(&self) -> String {
        format!("{}/{}", self.resource.display_name(), self.path)
    }

    /// Whether there is such a file, and what the server tells of it.
    pub async fn head(&self) -> Result<Option<Head>> {
        let sent = at!(self, head_file_from_storage).encoded_path(self.checked()?).send();
        match call(&op::HEAD_FILE_FROM_STORAGE, sent).await {
            Ok(answer) => {
                let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
                let size = header(http::header::CONTENT_LENGTH).and_then(|value| value.parse().ok());
                Ok(Some(Head { size, changed: header(http::header::LAST_MODIFIED).map(str::to_owned) }))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.about(self.about())),
        }
    }

    /// Deletes the file, its old versions and its metadata; with a slash at the end of its path, a folder.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none; [`Kind::Forbidden`](crate::Kind::Forbidden) for a guest,
    /// and if the resource is archived.
    pub async fn delete(&self) -> Result<()> {
        let sent =
            call(&op::DELETE_STORAGE_RAW, at!(self, delete_storage_raw).encoded_path(self.checked()?).send()).await;
        deleted(sent).map_err(|e| e.about(self.about()))
    }

    /// Its place in the tree of metadata: whether there are data, metadata, and more below it.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there are neither data nor metadata.
    pub async fn node(&self) -> Result<StorageNodeDto> {
        let sent =
            call(&op::GET_STORAGE_GRAPH, at!(self, get_storage_graph).encoded_path(self.checked()?).send()).await;
        let data = sent.and_then(|answer| given(answer.into_inner().data));
        data.map_err(|e| e.about(self.about()))
    }

    /// Whether the tree of metadata has this place.
    pub async fn has_node(&self) -> Result<bool> {
        let sent = at!(self, head_storage_graph).encoded_path(self.checked()?).send();
        self.is_there(call(&op::HEAD_STORAGE_GRAPH, sent).await)
    }

    /// Whether it has metadata, in a version or at all.
    pub async fn has_metadata(&self, version: Option<u64>) -> Result<bool> {
        let mut request = at!(self, head_metadata_version).encoded_path(self.checked()?);
        if let Some(version) = version {
            request = request.graph_version(version.to_string());
        }
        self.is_there(call(&op::HEAD_METADATA_VERSION, request.send()).await)
    }

    fn is_there<T>(&self, sent: Result<T>) -> Result<bool> {
        match sent {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error.about(self.about())),
        }
    }

    /// The versions of its metadata, the newest first.
    pub fn versions(&self) -> Versions {
        Versions { file: self.clone() }
    }

    /// One version of its metadata, or the newest: what the server knows of it.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is no such version.
    pub async fn version(&self, version: Option<u64>) -> Result<MetadataVersion> {
        let mut request = at!(self, get_metadata_version).encoded_path(self.checked()?);
        if let Some(version) = version {
            request = request.graph_version(version.to_string());
        }
        let sent = call(&op::GET_METADATA_VERSION, request.send()).await;
        let data = sent.and_then(|answer| given(answer.into_inner().data));
        data.map(|details| MetadataVersion { details }).map_err(|e| e.about(self.about()))
    }

    /// Its metadata, in a version or the newest. Of many files, [`Resource::metadata`] reads all in one request.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if it has none.
    pub async fn metadata(&self, version: Option<u64>) -> Result<Graph> {
        let (raw, path) = (&self.resource.client().raw, self.checked()?);
        let (project_id, id, version) = (self.resource.project_id(), self.resource.id(), version.map(|it| it as i64));
        let send = || raw.get_metadata_content(project_id, id, path, "text/turtle", version);
        let turtle = metadata::fetch(&op::GET_METADATA_CONTENT, send).await.map_err(|e| e.about(self.about()))?;
        Ok(rdf::read(&turtle, Syntax::Turtle, None, &self.about())?)
    }

    /// Stores a new version of its metadata, checked against the resource's profile, and leaves its content. Fields that
    /// are not given stay as they are; if nothing changes, nothing is stored. Also for a file that lies elsewhere, or is yet
    /// to come.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if the profile asks for something else;
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for a guest, and if the resource is archived.
    pub async fn set_metadata(&self, metadata: Metadata) -> Result<()> {
        let path = self.checked()?;
        let asked = Asked { path: path.to_owned(), metadata, is_there: true };
        match check(&self.resource, &[asked]).await?.pop().flatten() {
            Some(turtle) => send_metadata(&self.resource, path, &turtle).await.map_err(|e| e.about(self.about())),
            None => Ok(()),
        }
    }

    /// Where its metadata come from, in a version or the newest: the versions before, the hash of the content, how like it
    /// is to the last one.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if it has no metadata.
    pub async fn provenance(&self, version: Option<u64>) -> Result<ProvenanceDto> {
        let mut request = at!(self, get_specific_provenance).path(&self.path);
        if let Some(version) = version {
            request = request.version(i32::try_from(version).unwrap_or(i32::MAX));
        }
        let sent = call(&op::GET_SPECIFIC_PROVENANCE, request.send()).await;
        let data = sent.and_then(|answer| given(answer.into_inner().data));
        data.map_err(|e| e.about(self.about()))
    }
}

/// The versions of a file's metadata; see [`FileRef::versions`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Versions {
    file: FileRef,
}

impl Paged for Versions {
    type Item = MetadataVersion;

    /// The `n`-th page, from 1, of up to 50 versions.
    async fn page(&self, n: u32) -> Result<Page<MetadataVersion>> {
        let file = &self.file;
        let request = at!(file, list_metadata_versions).encoded_path(file.checked()?);
        let sent = request.order_by("version desc").page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::LIST_METADATA_VERSIONS, sent).await.map_err(|e| e.about(file.about()))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|details| MetadataVersion { details });
        Ok(Page { items: items.collect(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i MetadataVersion) -> Option<&'i str> {
        item.details.version.as_deref()
    }
}

/// One level of the tree of a resource's metadata; see [`Resource::nodes`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Nodes {
    resource: Resource,
    prefix: String,
}

impl Paged for Nodes {
    type Item = StorageNodeDto;

    /// The `n`-th page, from 1, of up to 50 places.
    async fn page(&self, n: u32) -> Result<Page<StorageNodeDto>> {
        let mut request = at!(self, get_storage_graph_tree).page_number(n as i32).page_size(PAGE_SIZE);
        if !self.prefix.is_empty() {
            request = request.prefix(&self.prefix);
        }
        let about = || format!("{}/{}", self.resource.display_name(), self.prefix);
        let answer = call(&op::GET_STORAGE_GRAPH_TREE, request.send()).await.map_err(|e| e.about(about()))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i StorageNodeDto) -> Option<&'i str> {
        item.path.as_deref()
    }
}

impl Resource {
    /// The file of this path, whether it is there or not.
    pub fn file(&self, path: impl Into<String>) -> FileRef {
        FileRef { resource: self.clone(), path: path.into() }
    }

    /// One level of the tree of its metadata, below a folder (empty for the root): of each place, whether there are data,
    /// metadata, and more below it. Unlike [`Resource::files`] it also shows metadata whose data are gone or yet to come.
    pub fn nodes(&self, folder: &str) -> Nodes {
        Nodes { resource: self.clone(), prefix: as_folder(folder) }
    }
}
