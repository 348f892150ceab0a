use std::{collections::VecDeque, time::SystemTime};

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use raw::coscine::{operations as op, types::FileTreeDto};

use super::{Resource, client::PAGE_SIZE, path::as_folder};
use crate::{Page, Paged, Result, error::call, transfer::Stamp};

/// How many folders are listed at once.
const FOLDERS_AT_ONCE: usize = 8;

/// A file in a resource.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path in the resource, without a leading slash. It comes from the server: hostile until checked.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// All that the server told of it. Its download URL, if any, is a secret while it lasts.
    pub details: FileTreeDto,
}

impl File {
    /// When it was changed last, as the server tells.
    pub fn changed(&self) -> Option<SystemTime> {
        self.details.change_date.as_deref().or(self.details.creation_date.as_deref()).and_then(time)
    }

    /// Where it is to be had for a while without the API.
    pub(super) fn link(&self) -> Option<String> {
        self.details.actions.as_ref()?.download.as_ref()?.url.clone()
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp { size: self.size, changed: self.details.change_date.clone() }
    }
}

/// A date of the server's. Its software leaves the zone out where it means UTC.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let zoned = chrono::DateTime::parse_from_rfc3339(text).ok().map(|it| it.to_utc());
    let plain = || Some(text.parse::<chrono::NaiveDateTime>().ok()?.and_utc());
    zoned.or_else(plain).map(SystemTime::from)
}

/// The files of a resource, or below one of its folders.
#[derive(Clone, Debug)]
#[must_use]
pub struct Files {
    resource: Resource,
    prefix: String,
    recursive: bool,
}

/// One level of a resource.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// The paths of its folders, with a slash at the end.
    pub folders: Vec<String>,
    /// Its files.
    pub files: Vec<File>,
}

/// What one level of a resource holds.
enum Entry {
    File(Box<File>),
    Folder(String),
}

impl Entry {
    fn path(&self) -> &str {
        match self {
            Self::File(file) => &file.path,
            Self::Folder(path) => path,
        }
    }
}

impl Files {
    pub(crate) fn new(resource: Resource) -> Self {
        Self { resource, prefix: String::new(), recursive: false }
    }

    /// Only what lies in this folder.
    pub fn under(self, folder: &str) -> Self {
        Self { prefix: as_folder(folder), ..self }
    }

    /// At any depth, and not only one level.
    pub fn recursive(self) -> Self {
        Self { recursive: true, ..self }
    }

    fn folder(&self, prefix: String) -> Folder {
        Folder { resource: self.resource.clone(), prefix }
    }

    /// This one level: its folders and files.
    pub async fn level(&self) -> Result<Level> {
        let mut level = Level::default();
        let mut entries = std::pin::pin!(self.folder(self.prefix.clone()).stream());
        while let Some(entry) = entries.try_next().await? {
            match entry {
                Entry::Folder(path) => level.folders.push(path),
                Entry::File(file) => level.files.push(*file),
            }
        }
        Ok(level)
    }

    /// Every file, in no particular order across folders. Folders are listed while earlier files are given, up to 8 at
    /// once; one request lists 50 entries of a folder.
    pub fn stream(self) -> impl Stream<Item = Result<File>> + Send {
        struct Walk {
            files: Files,
            waiting: VecDeque<String>,
            running: stream::FuturesUnordered<futures::future::BoxFuture<'static, Result<Vec<Entry>>>>,
        }
        let recursive = self.recursive;
        let walk = Walk {
            waiting: VecDeque::from([self.prefix.clone()]),
            files: self,
            running: stream::FuturesUnordered::default(),
        };
        stream::try_unfold(walk, move |mut walk| async move {
            while walk.running.len() < FOLDERS_AT_ONCE
                && let Some(folder) = walk.waiting.pop_front()
            {
                walk.running.push(Box::pin(walk.files.folder(folder).stream().try_collect()));
            }
            let Some(entries) = walk.running.try_next().await? else {
                return Ok::<_, crate::Error>(None);
            };
            let mut files = vec![];
            for entry in entries {
                match entry {
                    Entry::File(file) => files.push(Ok(*file)),
                    Entry::Folder(path) if recursive => walk.waiting.push_back(path),
                    Entry::Folder(_) => {}
                }
            }
            Ok(Some((stream::iter(files), walk)))
        })
        .try_flatten()
        .boxed()
    }
}

/// One level of a resource: files and folders.
#[derive(Clone)]
struct Folder {
    resource: Resource,
    prefix: String,
}

impl Paged for Folder {
    type Item = Entry;

    async fn page(&self, n: u32) -> Result<Page<Entry>> {
        let Self { resource, prefix } = self;
        let raw = &resource.client().raw;
        let mut request = raw.list_files_from_storage().project_id(resource.project_id()).resource_id(resource.id());
        request = request.page_number(n as i32).page_size(PAGE_SIZE);
        if !prefix.is_empty() {
            request = request.prefix(prefix);
        }
        let about = || format!("{}/{prefix}", resource.display_name());
        let sent = call(&op::LIST_FILES_FROM_STORAGE, request.send()).await.map_err(|e| e.about(about()))?;
        let answer = sent.into_inner();
        let entries = answer.data.unwrap_or_default().into_iter().filter_map(|dto| Entry::of(prefix, dto));
        Ok(Page { items: entries.collect(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Entry) -> Option<&'i str> {
        Some(item.path())
    }
}

impl Entry {
    fn of(prefix: &str, details: FileTreeDto) -> Option<Self> {
        let path = details.path.as_deref()?.trim_start_matches('/').to_owned();
        let is_folder = details.type_.as_ref().is_some_and(|kind| kind.to_string().eq_ignore_ascii_case("Tree"));
        if !is_folder {
            let size = u64::try_from(details.size.unwrap_or_default()).unwrap_or_default();
            return Some(Self::File(Box::new(File { path, size, details })));
        }
        let path = format!("{}/", path.trim_end_matches('/'));
        // A folder that holds itself, or one not below where we are, would have us walk for ever.
        (path.len() > prefix.len() && path.starts_with(prefix)).then_some(Self::Folder(path))
    }
}
