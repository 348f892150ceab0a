use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use futures::TryStreamExt as _;
use http::{StatusCode, header};
use raw::coscine::operations as op;

use super::{File, Resource};
use crate::{
    Error, Kind, Result,
    error::sent,
    transfer::{self, Existing, Progress, Report},
};

/// Fetches the files of a resource; see [`Resource::download_dir`].
#[must_use]
pub struct DownloadDir {
    resource: Resource,
    target: PathBuf,
    from: String,
    existing: Existing,
    jobs: usize,
    progress: Progress,
}

impl DownloadDir {
    pub(crate) fn new(resource: Resource, target: PathBuf) -> Self {
        let (from, existing, progress) = Default::default();
        Self { resource, target, from, existing, jobs: transfer::JOBS, progress }
    }

    /// Only the files in this folder of the resource; its own path is left out of their names.
    pub fn from(self, folder: &str) -> Self {
        let folder = folder.trim_matches('/');
        let from = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { from, ..self }
    }

    /// What to do with files that are there already.
    pub fn existing(self, existing: Existing) -> Self {
        Self { existing, ..self }
    }

    /// How many files are on their way at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Does it. No file is begun before all names have been checked.
    ///
    /// # Errors
    /// What is wrong before anything was written. What fails later is in the report, by file; among them files whose
    /// names can't be written here.
    pub async fn send(self) -> Result<Report> {
        let start = Instant::now();
        let files: Vec<File> = self.resource.files().under(&self.from).recursive().stream().try_collect().await?;
        if files.is_empty() && !self.from.is_empty() {
            return Err(Error::not_found("there is no such folder, or nothing in it").about(&self.from));
        }
        let mut report = Report::default();
        self.progress.expect(files.len() as u64, files.iter().map(|file| file.size).sum());
        let mut ready = vec![];
        for file in files {
            let name = file.path.strip_prefix(&self.from).unwrap_or(&file.path);
            match transfer::local::target(&self.target, name) {
                Ok(target) => ready.push((file, target)),
                Err(error) => report.count(file.path, Err(error), &self.progress),
            }
        }
        match self.existing {
            Existing::Refuse => {
                if let Some((_, target)) = ready.iter().find(|(_, target)| target.symlink_metadata().is_ok()) {
                    return Err(is_there(target));
                }
            }
            Existing::Skip => {
                let all = ready.len();
                ready.retain(|(_, target)| target.symlink_metadata().is_err());
                report.skipped = (all - ready.len()) as u64;
            }
            Existing::Overwrite | Existing::None => {}
        }
        let overwrite = self.existing == Existing::Overwrite;
        let (resource, progress) = (&self.resource, &self.progress);
        let named = ready.into_iter().map(|(file, target)| (file.path.clone(), (file, target))).collect();
        let one = |(file, target): (File, PathBuf)| async move {
            resource.fetch(&file.path, Some(&file), &target, overwrite, progress).await
        };
        report.run(named, self.jobs, progress, one).await;
        report.elapsed = start.elapsed();
        Ok(report)
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
    pub async fn send(self) -> Result<Report> {
        let start = Instant::now();
        let mut report = Report::default();
        if self.target.symlink_metadata().is_ok() {
            match self.existing {
                Existing::Refuse | Existing::None => return Err(is_there(&self.target)),
                Existing::Skip => {
                    report.skipped = 1;
                    return Ok(report);
                }
                Existing::Overwrite => {}
            }
        }
        let overwrite = self.existing == Existing::Overwrite;
        self.progress.expect(1, 0);
        let fetched = self.resource.fetch(&self.path, None, &self.target, overwrite, &self.progress).await;
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
    /// Fetches one file; it is checked against the size of the listing, if one is at hand.
    pub(crate) async fn fetch(
        &self,
        path: &str,
        listed: Option<&File>,
        target: &Path,
        overwrite: bool,
        progress: &Progress,
    ) -> Result<u64> {
        let attempt = || async {
            let answer = self.content(path).await?;
            let length = listed.map(|file| file.size).or(answer.content_length());
            let chunks = answer.bytes_stream().map_err(middleware::Error::from_reqwest);
            transfer::save(chunks, length, target, overwrite, progress).await
        };
        transfer::again(attempt).await.map_err(|e| e.about(path))
    }

    /// A file's content as it comes: from Coscine, or from the storage that it points to.
    async fn content(&self, path: &str) -> Result<reqwest::Response> {
        let request = self.client().raw.get_storage_raw(self.project_id(), self.id(), path);
        let answer = sent(&op::GET_STORAGE_RAW, request).await?;
        match answer.status() {
            StatusCode::OK => Ok(answer),
            status if status.is_redirection() => {
                let place = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
                let place = place.ok_or_else(|| Error::new(Kind::Unexpected, "the server points nowhere"))?;
                self.client().connection.fetch(answer.url(), place).await
            }
            _ => Err(crate::error::answer_error(answer).await),
        }
    }
}
