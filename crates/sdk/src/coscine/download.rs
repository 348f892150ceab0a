use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use chrono::{TimeDelta, Utc};
use futures::TryStreamExt as _;
use http::{HeaderMap, StatusCode, header};
use raw::coscine::operations as op;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{File, Resource, path::as_folder, send::is_same_there, storage::Direct};
use crate::{
    Error, Kind, Result,
    connect::Connection,
    error::sent,
    transfer::{
        self, Action, Compared, Digest, Existing, Filter, LocalFile, Plan, Progress, Report, Step, Target, Way,
        index::{Index, Known},
        ranges::{self, Found, Links},
    },
};

/// Fetches the files of a resource; see [`Resource::download_dir`].
#[must_use]
pub struct DownloadDir {
    resource: Resource,
    target: PathBuf,
    from: String,
    filter: Filter,
    existing: Existing,
    checksum: bool,
    delete: bool,
    index: Option<PathBuf>,
    jobs: usize,
    progress: Progress,
}

/// A file to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    /// Its path in the resource.
    pub path: String,
    pub size: u64,
    pub changed: Option<SystemTime>,
    /// Where the listing said that it is to be had for a while.
    pub link: Option<SecretString>,
    pub target: PathBuf,
    pub replaces: bool,
}

/// What is to be done, and why.
struct Decided {
    steps: Vec<(Incoming, &'static str, File)>,
    /// Files here that are not there.
    deleted: Vec<LocalFile>,
}

impl DownloadDir {
    pub(crate) fn new(resource: Resource, target: PathBuf) -> Self {
        let (from, filter, existing, index, progress) = Default::default();
        let (checksum, delete, jobs) = (false, false, transfer::JOBS);
        Self { resource, target, from, filter, existing, checksum, delete, index, jobs, progress }
    }

    /// Only the files in this folder of the resource; its own path is left out of their names.
    pub fn from(self, folder: &str) -> Self {
        Self { from: as_folder(folder), ..self }
    }

    /// What to do with files that are there already.
    pub fn existing(self, existing: Existing) -> Self {
        Self { existing, ..self }
    }

    /// Which files take part; the others are neither fetched nor deleted.
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With [`Existing::Update`]: files are told apart by the hash of their content, where the index knows that of the
    /// other side, and not only where size or time differ.
    pub fn checksum(self, checksum: bool) -> Self {
        Self { checksum, ..self }
    }

    /// With [`Existing::Update`]: files here that are not there are deleted.
    pub fn delete(self, delete: bool) -> Self {
        Self { delete, ..self }
    }

    /// A folder for the index of transferred files; the same as for uploads.
    pub fn index(self, folder: impl Into<PathBuf>) -> Self {
        Self { index: Some(folder.into()), ..self }
    }

    /// How many files are on their way at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// What would be done. Nothing is fetched.
    ///
    /// # Errors
    /// A name that can't be written here: nothing is done by halves.
    pub async fn plan(&self) -> Result<Plan> {
        let (mut report, index) = (Report::default(), self.open_index()?);
        let Decided { steps, deleted } = self.decide(self.list().await?, &index, &mut report).await?;
        if let Some((name, error)) = report.failed.pop() {
            return Err(error.about(name));
        }
        let below = |path: &str| path.strip_prefix(&self.from).unwrap_or(path).to_owned();
        let mut steps: Vec<Step> = steps
            .into_iter()
            .map(|(it, why, file)| Step {
                action: if it.replaces { Action::Replace } else { Action::Add },
                path: below(&it.path),
                bytes: it.size,
                requests: u64::from(it.link.is_none() && !self.resource.lies_in_s3()),
                quota: 0,
                why: why.to_owned(),
                here: LocalFile::look(&it.target, "").ok().map(|it| it.stamp()),
                there: Some(file.stamp()),
                metadata: None,
            })
            .collect();
        steps.extend(deleted.into_iter().map(|file| Step {
            action: Action::Delete,
            bytes: 0,
            requests: 0,
            quota: 0,
            why: "not there".to_owned(),
            here: Some(file.stamp()),
            there: None,
            metadata: None,
            path: file.name,
        }));
        steps.sort_by(|a, b| a.path.cmp(&b.path));
        let local = std::path::absolute(&self.target).map_err(|e| Error::io(&self.target, e))?;
        let remote = self.resource.place(&self.from);
        Ok(Plan {
            way: Way::Down,
            local,
            remote,
            steps,
            unchanged: report.unchanged,
            hashed: report.hashed,
            skipped: report.skipped,
        })
    }

    /// Does it. No file is begun before all names have been checked.
    ///
    /// # Errors
    /// What is wrong before anything was written. What fails later is in the report, by file; among them files whose
    /// names can't be written here.
    pub async fn send(self) -> Result<Report> {
        let files = self.list().await?;
        self.send_listed(files).await
    }

    /// As [`send`](Self::send), with what a listing told before.
    pub(super) async fn send_listed(self, files: Vec<File>) -> Result<Report> {
        let start = Instant::now();
        let (mut report, index) = (Report::default(), self.open_index()?);
        let Decided { steps, deleted } = self.decide(files, &index, &mut report).await?;
        let incoming = steps.into_iter().map(|(it, ..)| it).collect();
        apply(&self.resource, &self.target, incoming, deleted, &index, self.jobs, &self.progress, &mut report).await;
        report.elapsed = start.elapsed();
        Ok(report)
    }

    /// Fetches what is new or differs: [`send`](Self::send) with [`Existing::Update`].
    pub async fn sync(self) -> Result<Report> {
        self.existing(Existing::Update).send().await
    }

    fn open_index(&self) -> Result<Index> {
        super::upload::index_of(&self.resource, self.index.as_deref())
    }

    async fn list(&self) -> Result<Vec<File>> {
        self.resource.files().under(&self.from).recursive().stream().try_collect().await
    }

    async fn decide(&self, files: Vec<File>, index: &Index, report: &mut Report) -> Result<Decided> {
        if files.is_empty() && !self.from.is_empty() && self.existing != Existing::Update {
            return Err(Error::not_found("there is no such folder, or nothing in it").about(&self.from));
        }
        let mut names = transfer::local::Names::new(&self.target);
        let (mut steps, mut there) = (vec![], HashSet::new());
        for file in files {
            let name = file.path.strip_prefix(&self.from).unwrap_or(&file.path).to_owned();
            if !self.filter.takes(&name) {
                continue;
            }
            there.insert(name.clone());
            let target = match names.target(&name) {
                Ok(target) => target,
                Err(error) => {
                    report.count(file.path, Err(error), &self.progress);
                    continue;
                }
            };
            let here = target.symlink_metadata().is_ok();
            let why = match (here, self.existing) {
                (false, _) => "new",
                (true, Existing::Refuse) => return Err(is_there(&target)),
                (true, Existing::Skip) => {
                    report.skipped += 1;
                    continue;
                }
                (true, Existing::Update) => match compare(&target, &file, self.checksum, index).await? {
                    Compared::Differs(why) => why,
                    Compared::Same { hashed } => {
                        report.unchanged += 1;
                        report.hashed += u64::from(hashed);
                        continue;
                    }
                },
                (true, Existing::Overwrite | Existing::None) => "to be overwritten",
            };
            let replaces = here && matches!(self.existing, Existing::Overwrite | Existing::Update);
            let (path, size, changed) = (file.path.clone(), file.size, file.changed());
            let link = file.link().map(SecretString::from);
            steps.push((Incoming { path, size, changed, link, target, replaces }, why, file));
        }
        let mut deleted = vec![];
        if self.delete && self.existing == Existing::Update && self.target.exists() {
            let (folder, filter) = (self.target.clone(), self.filter.clone());
            let walked = tokio::task::spawn_blocking(move || transfer::local::walk(&folder, &filter));
            deleted = walked.await.expect("the walk does not panic")?;
            deleted.retain(|file| !there.contains(&file.name));
        }
        Ok(Decided { steps, deleted })
    }
}

/// In what the local file differs from the one there. A file that was fetched has the time of the one it came from.
async fn compare(target: &Path, there: &File, checksum: bool, index: &Index) -> Result<Compared> {
    let Ok(here) = LocalFile::look(target, "") else { return Ok(Compared::Differs("no file here")) };
    if here.size != there.size {
        return Ok(Compared::Differs("another size"));
    }
    let known = index.get(&there.path).filter(|it| is_same_there(it, there.size, there.changed()));
    match known {
        Some(known) if !checksum && known.is_of(&here) => Ok(Compared::Same { hashed: false }),
        Some(known) if transfer::hash(target).await?.to_hex().as_str() == known.hash => {
            Ok(Compared::Same { hashed: true })
        }
        Some(_) => Ok(Compared::Differs("another content")),
        None => {
            let apart = |a: SystemTime, b: SystemTime| a.duration_since(b).or_else(|_| b.duration_since(a)).ok();
            let apart = there.changed().zip(here.modified).and_then(|(there, here)| apart(there, here));
            // Some file systems count in twos of seconds.
            let same = apart.is_some_and(|apart| apart <= Duration::from_secs(2));
            Ok(if same { Compared::Same { hashed: false } } else { Compared::Differs("another time") })
        }
    }
}

/// Fetches and deletes what was decided, and counts what came of it.
#[allow(clippy::too_many_arguments, reason = "a transfer, with all that belongs to it")]
pub(super) async fn apply(
    resource: &Resource,
    folder: &Path,
    incoming: Vec<Incoming>,
    deleted: Vec<LocalFile>,
    index: &Index,
    jobs: usize,
    progress: &Progress,
    report: &mut Report,
) {
    let folder = folder.to_owned();
    let swept = tokio::task::spawn_blocking(move || transfer::part::sweep(&folder));
    swept.await.expect("sweeping does not panic");
    progress.expect((incoming.len() + deleted.len()) as u64, incoming.iter().map(|it| it.size).sum());
    let named = incoming.into_iter().map(|it| (it.path.clone(), it)).collect();
    let direct = &Direct::default();
    let one = |it: Incoming| async move { resource.fetch_known(&it, direct, index, progress).await };
    report.run(named, jobs, progress, one).await;
    if report.failed.is_empty() {
        for file in deleted {
            let removed = std::fs::remove_file(&file.path).map_err(|e| Error::io(&file.path, e));
            match removed {
                Ok(()) => report.deleted += 1,
                Err(error) => report.count(file.name, Err(error), progress),
            }
        }
    }
}

impl Plan {
    /// What a download's plan says is to be fetched and to be deleted.
    ///
    /// # Errors
    /// If a file here is not what it was when the plan was made.
    pub(super) fn incoming(&self) -> Result<(Vec<Incoming>, Vec<LocalFile>)> {
        let (mut incoming, mut deleted) = (vec![], vec![]);
        let mut names = transfer::local::Names::new(&self.local);
        for step in &self.steps {
            let target = names.target(&step.path)?;
            let now = LocalFile::look(&target, &step.path).ok();
            if now.as_ref().map(LocalFile::stamp) != step.here {
                let message = "it is not what it was when the plan was made; make a new plan";
                return Err(Error::new(Kind::Conflict, message).about(&step.path));
            }
            match (step.action, &step.there, now) {
                (Action::Delete, _, Some(file)) => deleted.push(file),
                (Action::Add | Action::Replace, Some(there), now) => incoming.push(Incoming {
                    path: format!("{}{}", self.remote.folder, step.path),
                    size: there.size,
                    changed: there.changed.as_deref().and_then(super::files::time),
                    link: None,
                    target,
                    replaces: now.is_some(),
                }),
                _ => {}
            }
        }
        Ok((incoming, deleted))
    }
}

/// Fetches one file; see [`Resource::download`].
#[must_use]
pub struct DownloadFile {
    resource: Resource,
    path: String,
    target: PathBuf,
    existing: Existing,
    progress: Progress,
}

impl DownloadFile {
    pub(crate) fn new(resource: Resource, path: String, target: PathBuf) -> Self {
        let (existing, progress) = Default::default();
        Self { resource, path, target, existing, progress }
    }

    /// What to do if it is there already.
    pub fn existing(self, existing: Existing) -> Self {
        Self { existing, ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Does it.
    ///
    /// # Errors
    /// [`Kind::Conflict`] if it is there already and nothing else was said; [`Kind::NotFound`] if there is no such file in the
    /// resource.
    pub async fn send(mut self) -> Result<Report> {
        let start = Instant::now();
        let mut report = Report::default();
        if self.target.is_dir() {
            let name = self.path.rsplit('/').next().unwrap_or_default();
            self.target = transfer::local::target(&self.target, name)?;
        }
        if self.target.symlink_metadata().is_ok() {
            match self.existing {
                Existing::Refuse | Existing::None => return Err(is_there(&self.target)),
                Existing::Skip => {
                    report.skipped = 1;
                    return Ok(report);
                }
                Existing::Overwrite | Existing::Update => {}
            }
        }
        let overwrite = matches!(self.existing, Existing::Overwrite | Existing::Update);
        let target = Target { path: self.target, overwrite, modified: None, sum: None };
        self.progress.expect(1, 0);
        let remote = Remote { resource: &self.resource, path: &self.path, direct: &Direct::default() };
        let fetched = remote.fetch(None, None, &target, &self.progress, &Digest::default()).await;
        report.count(self.path, fetched, &self.progress);
        report.elapsed = start.elapsed();
        report.into_result()
    }
}

fn is_there(path: &Path) -> Error {
    let message = "it is there already; say that it may be overwritten, or choose another place";
    Error::new(Kind::Conflict, message).about(path.display().to_string())
}

impl Resource {
    /// Fetches a file that a listing told of, and remembers it.
    async fn fetch_known(&self, it: &Incoming, direct: &Direct, index: &Index, progress: &Progress) -> Result<u64> {
        let digest = Digest::default();
        let target = Target { path: it.target.clone(), overwrite: it.replaces, modified: it.changed, sum: None };
        let remote = Remote { resource: self, path: &it.path, direct };
        let bytes = remote.fetch(it.link.as_ref(), Some(it.size), &target, progress, &digest).await?;
        let here = LocalFile::look(&it.target, &it.path)?;
        if let (Some(hash), Some(modified), Some(there)) = (digest.take(), here.modified_ns(), it.changed) {
            let there = there.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs() as i64);
            let known = Known { size: here.size, hash: hash.to_hex().to_string(), modified, there };
            index.put(&it.path, known);
        }
        Ok(bytes)
    }
}

/// One file there.
struct Remote<'r> {
    resource: &'r Resource,
    path: &'r str,
    direct: &'r Direct,
}

impl Remote<'_> {
    /// Fetches it. With a bucket's keys links are made here; without, that of the listing spares a request while it lasts.
    async fn fetch(
        self,
        link: Option<&SecretString>,
        listed: Option<u64>,
        target: &Target,
        progress: &Progress,
        digest: &Digest,
    ) -> Result<u64> {
        let path = self.path;
        let link = match self.direct.buckets(self.resource).await {
            Some(_) => None,
            None => link.and_then(|link| self.place(link.expose_secret()).ok()),
        };
        let lasts =
            |link: &Url| ranges::good_until(link).is_some_and(|until| until > Utc::now() + TimeDelta::minutes(1));
        let links = Links::new(self, link.filter(lasts));
        ranges::fetch(&links, listed, target, progress, digest).await.map_err(|e| e.about(path))
    }

    /// What the service points to.
    fn place(&self, place: &str) -> Result<Url> {
        Connection::place(&Connection::base(self.resource.client().connection().base_url())?, place)
    }
}

impl ranges::Remote for Remote<'_> {
    async fn find(&self) -> Result<Found> {
        let Self { resource, path, direct } = self;
        if let Some(buckets) = direct.buckets(resource).await {
            return buckets.read.link(path).await.map(Found::There);
        }
        let request = resource.client().raw.get_storage_raw(resource.project_id(), resource.id(), path);
        let answer = sent(&op::GET_STORAGE_RAW, request).await?;
        match answer.status() {
            StatusCode::OK => Ok(Found::Here(answer)),
            status if status.is_redirection() => {
                let place = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
                let place = place.ok_or_else(|| Error::new(Kind::Unexpected, "the server points nowhere"))?;
                Connection::place(answer.url(), place).map(Found::There)
            }
            _ => Err(crate::error::answer_error(answer).await),
        }
    }

    async fn follow(&self, link: &Url, headers: HeaderMap) -> Result<reqwest::Response> {
        self.resource.client().connection().fetch(link, headers).await
    }
}
