use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use raw::{coscine::operations as op, multipart::FilePart};

use super::{Level, Record, Resource, metadata, path::check_path};
use crate::{
    Error, Kind, Result,
    error::succeeded,
    transfer::{self, Existing, LocalFile, Progress, Report, TRIES},
};

/// The metadata that is sent with a file.
#[derive(Clone, Debug, Default)]
pub enum Metadata {
    /// No more than the resource's fixed values; nothing at all to an S3 resource, which does without.
    #[default]
    Fixed,
    /// Pairs of field and value, checked against the resource's profile before the first byte moves.
    Record(Record),
    /// RDF in Turtle, as it is; the server checks it.
    Turtle(String),
}

type MetadataOf = Arc<dyn Fn(&LocalFile) -> Metadata + Send + Sync>;

/// Sends one file; see [`Resource::upload`].
#[must_use]
pub struct UploadFile {
    resource: Resource,
    file: PathBuf,
    to: Option<String>,
    options: Options,
}

/// Sends a folder; see [`Resource::upload_dir`].
#[must_use]
pub struct UploadDir {
    resource: Resource,
    folder: PathBuf,
    to: String,
    options: Options,
}

struct Options {
    metadata: MetadataOf,
    existing: Existing,
    jobs: usize,
    progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        let (existing, progress) = Default::default();
        Self { metadata: Arc::new(|_| Metadata::Fixed), existing, jobs: transfer::JOBS, progress }
    }
}

impl UploadFile {
    pub(crate) fn new(resource: Resource, file: PathBuf) -> Self {
        Self { resource, file, to: None, options: Options::default() }
    }

    /// Its path in the resource; by default the file's own name. With a slash at the end: into that folder.
    pub fn to(self, path: impl Into<String>) -> Self {
        Self { to: Some(path.into()), ..self }
    }

    /// The metadata to go with it.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.options.metadata = Arc::new(move |_| metadata.clone());
        self
    }

    /// What to do if it is there already.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.options.existing = existing;
        self
    }

    /// Counters to watch it by.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.options.progress = progress;
        self
    }

    /// Does it.
    pub async fn send(self) -> Result<Report> {
        let about = || self.file.display().to_string();
        let found = std::fs::metadata(&self.file).map_err(|e| Error::io(&self.file, e))?;
        if !found.is_file() {
            return Err(Error::invalid("it is not a file; a folder is sent by a recursive copy").about(about()));
        }
        let own = self.file.file_name().and_then(|name| name.to_str());
        let own = own.ok_or_else(|| Error::invalid("its name is not valid UTF-8; rename it").about(about()))?;
        let name = match self.to.as_deref() {
            None | Some("") => own.to_owned(),
            Some(folder) if folder.ends_with('/') => format!("{folder}{own}"),
            Some(path) => path.to_owned(),
        };
        let file = LocalFile { path: self.file, name, size: found.len() };
        send(&self.resource, vec![file], &self.options).await?.into_result()
    }
}

impl UploadDir {
    pub(crate) fn new(resource: Resource, folder: PathBuf) -> Self {
        Self { resource, folder, to: String::new(), options: Options::default() }
    }

    /// The folder in the resource that the content goes to; by default its root.
    pub fn to(self, folder: impl Into<String>) -> Self {
        let folder = folder.into();
        let folder = folder.trim_matches('/');
        let to = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { to, ..self }
    }

    /// The metadata to go with each file.
    pub fn metadata(mut self, metadata: impl Fn(&LocalFile) -> Metadata + Send + Sync + 'static) -> Self {
        self.options.metadata = Arc::new(metadata);
        self
    }

    /// What to do with files that are there already.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.options.existing = existing;
        self
    }

    /// How many files are on their way at once.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.options.jobs = jobs.max(1);
        self
    }

    /// Counters to watch it by.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.options.progress = progress;
        self
    }

    /// Does it. Names and metadata of all files are checked before the first byte moves.
    ///
    /// # Errors
    /// What is wrong before anything was sent. What fails later is in the report, by file.
    pub async fn send(self) -> Result<Report> {
        let folder = self.folder.clone();
        let walked = tokio::task::spawn_blocking(move || transfer::local::walk(&folder));
        let mut files = walked.await.expect("the walk does not panic")?;
        for file in &mut files {
            file.name.insert_str(0, &self.to);
        }
        send(&self.resource, files, &self.options).await
    }
}

/// One file, checked and ready to go.
struct Ready {
    file: LocalFile,
    metadata: Option<String>,
    replaces: bool,
}

async fn send(resource: &Resource, files: Vec<LocalFile>, options: &Options) -> Result<Report> {
    let start = Instant::now();
    let mut report = Report::default();
    let ready = plan(resource, files, options, &mut report).await?;
    options.progress.expect(ready.len() as u64, ready.iter().map(|it| it.file.size).sum());
    let named = ready.into_iter().map(|it| (it.file.name.clone(), it)).collect();
    let one = |it: Ready| async move { send_one(resource, &it, options).await };
    report.run(named, options.jobs, &options.progress, one).await;
    report.elapsed = start.elapsed();
    Ok(report)
}

async fn plan(
    resource: &Resource,
    files: Vec<LocalFile>,
    options: &Options,
    report: &mut Report,
) -> Result<Vec<Ready>> {
    for file in &files {
        check_path(&file.name)?;
    }
    let there = existing(resource, &files, options.existing).await?;
    if options.existing == Existing::Refuse
        && let Some(name) = there.iter().next()
    {
        let more = if there.len() > 1 { format!(" and {} more", there.len() - 1) } else { String::new() };
        let message = format!("it{more} is there already; say that it may be overwritten, or choose another place");
        return Err(Error::new(Kind::Conflict, message).about(name));
    }
    let metadata: Vec<_> = files.iter().map(|file| (options.metadata)(file)).collect();
    let needs_some = !resource.details().type_.general_type.to_ascii_lowercase().contains("s3");
    let records: Vec<Option<Record>> = metadata
        .iter()
        .map(|metadata| match metadata {
            Metadata::Fixed => needs_some.then(Record::new),
            Metadata::Record(record) => Some(record.clone()),
            Metadata::Turtle(_) => None,
        })
        .collect();
    let profile = match records.iter().any(Option::is_some) {
        true => {
            let profile = resource.profile().await?;
            let terms = resource.terms(&profile, records.iter().flatten()).await?;
            Some((profile, terms))
        }
        false => None,
    };
    let mut ready = vec![];
    for ((file, metadata), record) in files.into_iter().zip(metadata).zip(records) {
        let replaces = there.contains(&file.name);
        if replaces && options.existing == Existing::Skip {
            report.skipped += 1;
            continue;
        }
        let metadata = match (metadata, record, &profile) {
            (Metadata::Turtle(turtle), ..) => {
                metadata::read(turtle.as_bytes(), &file.name)?;
                Some(turtle)
            }
            (_, Some(record), Some((profile, terms))) => {
                Some(resource.turtle(profile, terms, &record).map_err(|e| e.about(&file.name))?)
            }
            _ => None,
        };
        ready.push(Ready { file, metadata, replaces });
    }
    Ok(ready)
}

/// Which of the files are there already: one listing of each folder they go to.
async fn existing(resource: &Resource, files: &[LocalFile], existing: Existing) -> Result<BTreeSet<String>> {
    let mut there = BTreeSet::new();
    if existing == Existing::None {
        return Ok(there);
    }
    if let [file] = files {
        // One request, however many files lie beside it.
        if resource.file(&file.name).head().await?.is_some() {
            there.insert(file.name.clone());
        }
        return Ok(there);
    }
    let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let folders: HashSet<&str> = names.iter().flat_map(|name| ancestors(name)).collect();
    // Level by level from where all of them are below, and only into folders that some go to.
    let mut wave = vec![common_folder(&names)];
    while !wave.is_empty() {
        let levels = wave.drain(..).map(|folder| async move {
            match resource.files().under(&folder).level().await {
                // A folder that is not there holds nothing.
                Err(error) if error.is_not_found() && !folder.is_empty() => Ok(Level::default()),
                level => level,
            }
        });
        let levels: Vec<_> = stream::iter(levels).buffer_unordered(transfer::JOBS).try_collect().await?;
        for Level { folders: found, files } in levels {
            there.extend(files.into_iter().map(|file| file.path).filter(|path| names.contains(path.as_str())));
            wave.extend(found.into_iter().filter(|folder| folders.contains(folder.as_str())));
        }
    }
    Ok(there)
}

/// The folders above a file, each with a slash at its end.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(at, _)| &name[..=at])
}

/// The deepest folder that all of these are in, with a slash at its end; empty for the root.
fn common_folder(names: &HashSet<&str>) -> String {
    let Some(first) = names.iter().next() else { return String::new() };
    let above_all = |folder: &&str| names.iter().all(|name| name.starts_with(folder));
    ancestors(first).take_while(above_all).last().unwrap_or_default().to_owned()
}

async fn send_one(resource: &Resource, it: &Ready, options: &Options) -> Result<u64> {
    if let Some(turtle) = &it.metadata {
        send_metadata(resource, &it.file.name, turtle).await?;
    }
    let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|found| Ok((found.len(), found.modified()?)));
    let before = changed(&it.file.path).map_err(|e| Error::io(&it.file.path, e))?;
    send_content(resource, it, &options.progress).await?;
    let after = changed(&it.file.path).map_err(|e| Error::io(&it.file.path, e))?;
    if before != after || after.0 != it.file.size {
        return Err(Error::new(Kind::Conflict, "it was changed while it was sent; send it again"));
    }
    Ok(it.file.size)
}

/// Stores a file's metadata once: an answer that was lost is settled by reading back what is there, as each `PUT` makes
/// a version.
pub(crate) async fn send_metadata(resource: &Resource, path: &str, turtle: &str) -> Result<()> {
    for tried in 1.. {
        let raw = &resource.client().raw;
        let request =
            raw.create_metadata_version(resource.project_id(), resource.id(), path, "text/turtle", turtle.to_owned());
        let error = match succeeded(&op::CREATE_METADATA_VERSION, request).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_ambiguous() && tried < TRIES => error,
            Err(error) => return Err(error),
        };
        tracing::debug!(%error, "settling whether the metadata arrived");
        if has_metadata(resource, path, turtle).await? {
            return Ok(());
        }
        transfer::pause(tried).await;
    }
    unreachable!("the last try returns")
}

async fn has_metadata(resource: &Resource, path: &str, turtle: &str) -> Result<bool> {
    let (raw, project_id) = (&resource.client().raw, resource.project_id());
    let send = || raw.get_metadata_content(project_id, resource.id(), path, "text/turtle", None);
    match metadata::fetch(&op::GET_METADATA_CONTENT, send).await {
        Ok(stored) => {
            let stored = metadata::statements(&metadata::read(&stored, path)?);
            Ok(metadata::statements(&metadata::read(turtle.as_bytes(), path)?).is_subset(&stored))
        }
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Stores a file's content once: an answer that was lost is settled by asking whether the file is there.
async fn send_content(resource: &Resource, it: &Ready, progress: &Progress) -> Result<()> {
    let (raw, path) = (&resource.client().raw, it.file.name.as_str());
    let (project_id, resource_id) = (resource.project_id(), resource.id());
    let mut replaces = it.replaces;
    let mut lost = false;
    for tried in 1.. {
        let part = || FilePart::new(path.rsplit('/').next().unwrap_or(path), transfer::source(&it.file, progress));
        let sent = match replaces {
            true => succeeded(&op::PUT_STORAGE_RAW, raw.put_storage_raw(project_id, resource_id, path, part())).await,
            false => {
                succeeded(&op::POST_STORAGE_RAW, raw.post_storage_raw(project_id, resource_id, path, part())).await
            }
        };
        let error = match sent {
            Ok(_) => return Ok(()),
            Err(error) if tried == TRIES => return Err(error),
            Err(error) if error.is_ambiguous() => error,
            // What we find there may be what we sent ourselves.
            Err(error) if lost && error.kind() == Kind::Conflict => error,
            Err(error) => return Err(error),
        };
        lost = true;
        tracing::debug!(%error, "settling whether the content arrived");
        // Of a replaced file nothing tells the old content from the new, so it is sent again.
        if !it.replaces {
            match resource.file(path).head().await? {
                Some(head) if head.size.is_none_or(|size| size == it.file.size) => return Ok(()),
                found => replaces = found.is_some(),
            }
        }
        transfer::pause(tried).await;
    }
    unreachable!("the last try returns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_that_all_are_in() {
        let common = |names: &[&str]| common_folder(&names.iter().copied().collect());
        assert_eq!(common(&["a/b/c", "a/b/d/e"]), "a/b/");
        assert_eq!(common(&["a/b", "ab/c"]), "");
        assert_eq!(common(&["a", "b/c"]), "");
        assert_eq!(common(&[]), "");
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/", "a/b/"]);
    }
}
