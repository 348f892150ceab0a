use std::{
    collections::{BTreeMap, HashSet},
    io::Write as _,
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use raw::coscine::types::FileTreeDto;
use tempfile::TempPath;

use super::{
    File, Level, Metadata, MetadataTable, Resource,
    check::{self, Asked},
    path::{as_folder, check_path},
    policy::quota_of,
    send::{self, Ready},
    storage::Direct,
};
use crate::{
    Error, Kind, Result,
    transfer::{
        self, Action, Compared, Existing, Filter, LocalFile, Plan, Progress, Report, Stamp, Step, Way, index::Index,
    },
};

type MetadataOf = Arc<dyn Fn(&LocalFile) -> Metadata + Send + Sync>;

/// Sends one file; see [`Resource::upload`].
#[must_use]
pub struct UploadFile {
    resource: Resource,
    from: From,
    to: Option<String>,
    options: Options,
}

/// Where the content of a file is.
enum From {
    Disk(PathBuf),
    Memory(Bytes),
}

impl From {
    /// A file on the disk. What is in memory goes into one that vanishes with what is given beside it: a transfer may have
    /// to read its content more than once, in any order.
    async fn on_disk(self) -> Result<(PathBuf, Option<TempPath>)> {
        match self {
            Self::Disk(path) => Ok((path, None)),
            Self::Memory(content) => {
                let written = tokio::task::spawn_blocking(move || {
                    let mut file = tempfile::NamedTempFile::new()?;
                    file.write_all(&content)?;
                    Ok(file.into_temp_path())
                });
                let path = written.await.expect("writing does not panic");
                let path = path.map_err(|e| Error::io(&std::env::temp_dir(), e))?;
                Ok((path.to_path_buf(), Some(path)))
            }
        }
    }
}

/// Sends a folder; see [`Resource::upload_dir`].
#[must_use]
pub struct UploadDir {
    resource: Resource,
    folder: PathBuf,
    to: String,
    filter: Filter,
    /// The name of the table of metadata, where it lies in the folder.
    own_table: Option<String>,
    checksum: bool,
    delete: bool,
    options: Options,
}

struct Options {
    metadata: MetadataOf,
    existing: Existing,
    index: Option<PathBuf>,
    jobs: usize,
    progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        let (existing, index, progress) = Default::default();
        Self { metadata: Arc::new(|_| Metadata::Fixed), existing, index, jobs: transfer::JOBS, progress }
    }
}

impl UploadFile {
    pub(crate) fn new(resource: Resource, file: PathBuf) -> Self {
        Self { resource, from: From::Disk(file), to: None, options: Options::default() }
    }

    pub(crate) fn of_content(resource: Resource, content: Bytes, to: String) -> Self {
        Self { resource, from: From::Memory(content), to: Some(to), options: Options::default() }
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
        let start = Instant::now();
        let name = self.name()?;
        let (path, _while_it_is_sent) = self.from.on_disk().await?;
        let file = LocalFile::look(&path, &name)?;
        let index = index_of(&self.resource, self.options.index.as_deref())?;
        let mut report = Report::default();
        let there = existing(&self.resource, std::slice::from_ref(&file), self.options.existing).await?;
        let decided = decide(&self.resource, vec![file], "", false, there, &index, &self.options, &mut report).await?;
        let ready = decided.into_iter().map(|it| it.ready).collect();
        apply(&self.resource, ready, vec![], &index, self.options.jobs, &self.options.progress, &mut report).await;
        report.elapsed = start.elapsed();
        report.into_result()
    }
}

impl UploadFile {
    /// Its path in the resource.
    fn name(&self) -> Result<String> {
        let own = match &self.from {
            From::Disk(file) => {
                let own = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
                let wrong =
                    || Error::invalid("its name is not valid UTF-8; rename it").about(file.display().to_string());
                Some(own.ok_or_else(wrong)?)
            }
            From::Memory(_) => None,
        };
        match (self.to.as_deref().unwrap_or_default(), own) {
            ("", Some(own)) => Ok(own),
            (folder, Some(own)) if folder.ends_with('/') => Ok(format!("{folder}{own}")),
            ("", None) => Err(Error::invalid("content without a file needs a path in the resource: say where it goes")),
            (path, _) => Ok(path.to_owned()),
        }
    }
}

impl UploadDir {
    pub(crate) fn new(resource: Resource, folder: PathBuf) -> Self {
        let (to, filter, own_table, options) = Default::default();
        Self { resource, folder, to, filter, own_table, checksum: false, delete: false, options }
    }

    /// The folder in the resource that the content goes to; by default its root.
    pub fn to(self, folder: impl AsRef<str>) -> Self {
        Self { to: as_folder(folder.as_ref()), ..self }
    }

    /// The metadata to go with each file. The file is named as it is below the folder.
    pub fn metadata(mut self, metadata: impl Fn(&LocalFile) -> Metadata + Send + Sync + 'static) -> Self {
        self.options.metadata = Arc::new(metadata);
        self
    }

    /// The metadata to go with each file that a table speaks of. The table's own file, if it lies in the folder, is not
    /// sent.
    pub fn table(self, table: MetadataTable) -> Self {
        let own_table = table.name_below(&self.folder);
        Self { own_table, ..self }.metadata(move |file| table.metadata(&file.name))
    }

    /// What to do with files that are there already.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.options.existing = existing;
        self
    }

    /// Which files take part; the others are neither sent nor deleted.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With [`Existing::Update`]: files are told apart by the hash of their content, where the index knows that of the
    /// other side, and not only where size or time differ.
    pub fn checksum(self, checksum: bool) -> Self {
        Self { checksum, ..self }
    }

    /// With [`Existing::Update`]: what is not here is deleted there.
    pub fn delete(self, delete: bool) -> Self {
        Self { delete, ..self }
    }

    /// A folder for the index of transferred files, by which an unchanged file is known again although Coscine gives no
    /// hash. Without one, size and time have to do.
    pub fn index(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.index = Some(folder.into());
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

    /// What would be done. Nothing is sent, and names and metadata of all files are checked.
    ///
    /// # Errors
    /// What is wrong with any file's name or metadata; all of the latter are in [`Error::findings`].
    pub async fn plan(&self) -> Result<Plan> {
        let (mut report, index) = (Report::default(), self.open_index()?);
        let (decided, deleted) = self.decide(&index, &mut report).await?;
        let local = std::path::absolute(&self.folder).map_err(|e| Error::io(&self.folder, e))?;
        let below = |name: &str| name.strip_prefix(&self.to).unwrap_or(name).to_owned();
        let mut steps: Vec<Step> = decided
            .into_iter()
            .map(|Decided { ready, why, there }| {
                let bytes = if ready.only_metadata { 0 } else { ready.file.size };
                let past_the_api = ready.only_metadata || self.resource.lies_in_s3();
                Step {
                    action: match (ready.only_metadata, ready.replaces) {
                        (true, _) => Action::Metadata,
                        (_, true) => Action::Replace,
                        _ => Action::Add,
                    },
                    path: below(&ready.file.name),
                    bytes,
                    requests: u64::from(!past_the_api) + u64::from(ready.metadata.is_some()),
                    quota: if ready.only_metadata { 0 } else { quota_of(ready.file.size) },
                    why: why.to_owned(),
                    here: Some(ready.file.stamp()),
                    there,
                    metadata: ready.metadata,
                }
            })
            .collect();
        steps.extend(deleted.into_iter().map(|file| Step {
            action: Action::Delete,
            path: below(&file.path),
            bytes: 0,
            requests: 1,
            quota: 0,
            why: "not here".to_owned(),
            here: None,
            there: Some(file.stamp()),
            metadata: None,
        }));
        steps.sort_by(|a, b| a.path.cmp(&b.path));
        let remote = self.resource.place(&self.to);
        Ok(Plan {
            way: Way::Up,
            local,
            remote,
            steps,
            unchanged: report.unchanged,
            hashed: report.hashed,
            skipped: report.skipped,
        })
    }

    /// Does it. Names and metadata of all files are checked before the first byte moves.
    ///
    /// # Errors
    /// What is wrong before anything was sent. What fails later is in the report, by file.
    pub async fn send(self) -> Result<Report> {
        let start = Instant::now();
        let (mut report, index) = (Report::default(), self.open_index()?);
        let (decided, deleted) = self.decide(&index, &mut report).await?;
        let ready = decided.into_iter().map(|it| it.ready).collect();
        let deleted = deleted.into_iter().map(|it| it.path).collect();
        let Options { jobs, progress, .. } = &self.options;
        apply(&self.resource, ready, deleted, &index, *jobs, progress, &mut report).await;
        report.elapsed = start.elapsed();
        Ok(report)
    }

    /// Sends what is new or differs: [`send`](Self::send) with [`Existing::Update`].
    pub async fn sync(self) -> Result<Report> {
        self.existing(Existing::Update).send().await
    }

    fn open_index(&self) -> Result<Index> {
        index_of(&self.resource, self.options.index.as_deref())
    }

    async fn decide(&self, index: &Index, report: &mut Report) -> Result<(Vec<Decided>, Vec<File>)> {
        let filter = self.own_table.iter().fold(self.filter.clone(), Filter::without);
        let (folder, filter_here) = (self.folder.clone(), filter.clone());
        let walked = tokio::task::spawn_blocking(move || transfer::local::walk(&folder, &filter_here));
        let mut files = walked.await.expect("the walk does not panic")?;
        for file in &mut files {
            file.name.insert_str(0, &self.to);
        }
        let mut deleted = vec![];
        let there = if self.delete && self.options.existing == Existing::Update {
            let here: HashSet<&str> = files.iter().map(|it| it.name.as_str()).collect();
            let mut there = BTreeMap::new();
            let mut all = std::pin::pin!(self.resource.files().under(&self.to).recursive().stream());
            while let Some(file) = all.try_next().await? {
                let below = file.path.strip_prefix(&self.to).unwrap_or(&file.path);
                if here.contains(file.path.as_str()) {
                    there.insert(file.path.clone(), file);
                } else if filter.takes(below) {
                    deleted.push(file);
                }
            }
            there
        } else {
            existing(&self.resource, &files, self.options.existing).await?
        };
        let (to, options) = (&self.to, &self.options);
        let decided = decide(&self.resource, files, to, self.checksum, there, index, options, report).await?;
        Ok((decided, deleted))
    }
}

pub(super) fn index_of(resource: &Resource, folder: Option<&std::path::Path>) -> Result<Index> {
    match folder {
        Some(folder) => Index::open(folder, &resource.place("").to_string()),
        None => Ok(Index::default()),
    }
}

/// A file that is to be sent, and why.
struct Decided {
    ready: Ready,
    why: &'static str,
    there: Option<Stamp>,
}

/// Which files are sent, and with which metadata. Nothing is sent yet, and all of it is checked.
#[allow(clippy::too_many_arguments, reason = "all that one decision rests on, in one place")]
async fn decide(
    resource: &Resource,
    files: Vec<LocalFile>,
    to: &str,
    checksum: bool,
    there: BTreeMap<String, File>,
    index: &Index,
    options: &Options,
    report: &mut Report,
) -> Result<Vec<Decided>> {
    for file in &files {
        check_path(&file.name)?;
    }
    if options.existing == Existing::Refuse
        && let Some(name) = there.keys().next()
    {
        let it = if there.len() > 1 { format!("it and {} more are", there.len() - 1) } else { "it is".to_owned() };
        let message = format!("{it} there already; say that it may be overwritten, or choose another place");
        return Err(Error::new(Kind::Conflict, message).about(name));
    }
    let (mut decided, mut asked) = (vec![], vec![]);
    for file in files {
        let found = there.get(&file.name);
        let why = match (found, options.existing) {
            (None, _) => Some("new"),
            (Some(_), Existing::Skip) => {
                report.skipped += 1;
                continue;
            }
            (Some(found), Existing::Update) => match compare(&file, found, checksum, index).await? {
                Compared::Differs(why) => Some(why),
                Compared::Same { hashed } => {
                    report.hashed += u64::from(hashed);
                    None
                }
            },
            (Some(_), _) => Some("to be overwritten"),
        };
        let named = LocalFile { name: file.name.strip_prefix(to).unwrap_or(&file.name).to_owned(), ..file.clone() };
        let metadata = (options.metadata)(&named);
        if why.is_none() && matches!(metadata, Metadata::Fixed | Metadata::Nothing) {
            report.unchanged += 1;
            continue;
        }
        asked.push(Asked { path: file.name.clone(), metadata, is_there: found.is_some() });
        let there = found.and_then(File::changed);
        let ready = Ready { file, metadata: None, replaces: found.is_some(), there, only_metadata: why.is_none() };
        decided.push(Decided { ready, why: why.unwrap_or("other metadata"), there: found.map(File::stamp) });
    }
    let answers = check::check(resource, &asked).await?;
    let mut wanted = vec![];
    for (mut it, metadata) in decided.into_iter().zip(answers) {
        if it.ready.only_metadata && metadata.is_none() {
            report.unchanged += 1;
        } else {
            it.ready.metadata = metadata;
            wanted.push(it);
        }
    }
    Ok(wanted)
}

/// In what a local file differs from the one that is there.
///
/// Coscine tells size and time of a file and no hash. So what we sent ourselves is known by our own hash; of the rest, a
/// file is taken to be the same if it has the same size and was not changed here since it came there.
async fn compare(file: &LocalFile, there: &File, checksum: bool, index: &Index) -> Result<Compared> {
    if file.size != there.size {
        return Ok(Compared::Differs("another size"));
    }
    let known = index.get(&file.name).filter(|it| send::is_same_there(it, there.size, there.changed()));
    match known {
        Some(known) if !checksum && known.is_of(file) => Ok(Compared::Same { hashed: false }),
        Some(known) => {
            let hash = transfer::hash(&file.path).await?;
            if hash.to_hex().as_str() != known.hash {
                return Ok(Compared::Differs("another content"));
            }
            // Touched and not changed: the next time it need not be read.
            if let Some(modified) = file.modified_ns().filter(|modified| *modified != known.modified) {
                index.put(&file.name, transfer::index::Known { modified, ..known });
            }
            Ok(Compared::Same { hashed: true })
        }
        None => {
            let newer = there.changed().zip(file.modified).is_none_or(|(there, here)| here > there);
            Ok(if newer { Compared::Differs("newer here") } else { Compared::Same { hashed: false } })
        }
    }
}

/// Sends and deletes what was decided, and counts what came of it. What is deleted goes last, when all else is safe.
pub(super) async fn apply(
    resource: &Resource,
    ready: Vec<Ready>,
    deleted: Vec<String>,
    index: &Index,
    jobs: usize,
    progress: &Progress,
    report: &mut Report,
) {
    let bytes = ready.iter().filter(|it| !it.only_metadata).map(|it| it.file.size).sum();
    progress.expect((ready.len() + deleted.len()) as u64, bytes);
    let named = ready.into_iter().map(|it| (it.file.name.clone(), it)).collect();
    let direct = &Direct::default();
    let one = |it: Ready| async move { send::send_one(resource, &it, direct, index, progress).await };
    report.run(named, jobs, progress, one).await;
    if report.failed.is_empty() {
        let named = deleted.into_iter().map(|path| (path.clone(), path)).collect();
        let one = |path: String| async move { resource.file(path).delete().await.map(|()| 0) };
        let before = report.done;
        report.run(named, jobs, progress, one).await;
        report.deleted = report.done - before;
        report.done = before;
    }
}

impl Plan {
    /// What an upload's plan says is to be sent and to be deleted.
    ///
    /// # Errors
    /// For a name that leads out of the folder: a plan is a file, and may come from anybody.
    pub(super) fn outgoing(&self) -> Result<(Vec<Ready>, Vec<String>)> {
        let (mut ready, mut deleted) = (vec![], vec![]);
        for step in &self.steps {
            let name = format!("{}{}", self.remote.folder, step.path);
            check_path(&name)?;
            match (step.action, &step.here) {
                (Action::Delete, _) => deleted.push(name),
                (_, None) => {
                    let message = "the plan does not say what the file here looked like; make a new plan";
                    return Err(Error::invalid(message).about(&step.path));
                }
                (action, Some(here)) => ready.push(Ready {
                    file: here.file(self.local.join(&step.path), name),
                    metadata: step.metadata.clone(),
                    replaces: action != Action::Add,
                    there: step.there.as_ref().and_then(|it| it.changed.as_deref()).and_then(super::files::time),
                    only_metadata: action == Action::Metadata,
                }),
            }
        }
        Ok((ready, deleted))
    }
}

/// Which of the files are there already: one listing of each folder they go to.
async fn existing(resource: &Resource, files: &[LocalFile], existing: Existing) -> Result<BTreeMap<String, File>> {
    let mut there = BTreeMap::new();
    if existing == Existing::None {
        return Ok(there);
    }
    if let [file] = files
        && existing != Existing::Update
    {
        // One request, however many files lie beside it.
        if let Some(head) = resource.file(&file.name).head().await? {
            let (path, size) = (file.name.clone(), head.size.unwrap_or_default());
            there.insert(path.clone(), File { path, size, details: FileTreeDto::default() });
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
            let files = files.into_iter().filter(|file| names.contains(file.path.as_str()));
            there.extend(files.map(|file| (file.path.clone(), file)));
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
