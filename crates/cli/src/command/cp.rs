//! `whimbrel cp`: what goes where, in the words of `cp`.

use std::path::{Path, PathBuf};

use whimbrel::{
    Error, Kind,
    coscine::{Address, Client, Metadata},
    transfer::{Existing, Progress, Report},
};

use super::{dataset, sync::resource_of};
use crate::{
    args::{Cp, Global},
    exit::{Done, Failure},
    progress::{Bar, left},
    session,
};

pub(crate) async fn run(global: &Global, mut cp: Cp) -> Done {
    let target = cp.paths.pop().expect("clap demands two");
    let is_remote = |text: &str| text.starts_with(Address::SCHEME);
    let sources: Vec<String> = std::mem::take(&mut cp.paths);
    if sources.iter().chain([&target]).any(|it| dataset::is_remote(it)) {
        return dataset::cp(global, &cp, &sources, &target).await;
    }
    if let Some(other) = sources.iter().chain([&target]).find(|it| it.contains("://") && !is_remote(it)) {
        return Err(Failure::Usage(format!(
            "{other}: only coscine:// and dserver:// addresses and local paths can be copied"
        )));
    }
    let up = match (sources.iter().all(|it| is_remote(it)), sources.iter().any(|it| is_remote(it)), is_remote(&target))
    {
        (_, false, true) => true,
        (true, _, false) => false,
        _ => return Err(Failure::Usage("copy from here to coscine://, or from coscine:// to here".to_owned())),
    };
    let metadata = metadata(&cp)?;
    if !up && !matches!(metadata, Metadata::Fixed) {
        return Err(Failure::Usage("metadata goes with files that are sent; these are fetched".to_owned()));
    }
    let client = session::coscine(global)?;
    let job = Job {
        client: &client,
        recursive: cp.recursive,
        existing: match (cp.overwrite, cp.skip_existing) {
            (true, _) => Existing::Overwrite,
            (_, true) => Existing::Skip,
            _ => Existing::Refuse,
        },
        jobs: cp.jobs,
        metadata,
        progress: Progress::new(),
    };
    let mut total = Report::default();
    let bar = Bar::start(global.quiet, &job.progress, left(client.connection()));
    for source in &sources {
        let report = if up {
            job.send(Path::new(source), &target.parse()?, sources.len() > 1).await?
        } else {
            job.fetch(&source.parse()?, &target, sources.len() > 1).await?
        };
        total.add(report);
    }
    drop(bar);
    summary(global.quiet, &total);
    total.into_result()?;
    Ok(())
}

pub(super) fn summary(quiet: bool, report: &Report) {
    for (name, error) in &report.failed {
        eprintln!("whimbrel: {}: {error}", whimbrel::printable(name));
    }
    if quiet {
        return;
    }
    let seconds = report.elapsed.as_secs_f64();
    let skipped = if report.skipped > 0 { format!(", {} left as they were", report.skipped) } else { String::new() };
    let failed = if report.failed.is_empty() { String::new() } else { format!(", {} failed", report.failed.len()) };
    let bytes = indicatif::HumanBytes(report.bytes);
    eprintln!("whimbrel: {} files, {bytes} in {seconds:.1} s{skipped}{failed}", report.done);
}

fn metadata(cp: &Cp) -> Done<Metadata> {
    if let Some(path) = &cp.rdf {
        let turtle = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        return Ok(Metadata::Turtle(turtle));
    }
    Ok(if cp.metadata.is_empty() { Metadata::Fixed } else { Metadata::Record(cp.metadata.iter().cloned().collect()) })
}

struct Job<'c> {
    client: &'c Client,
    recursive: bool,
    existing: Existing,
    jobs: usize,
    metadata: Metadata,
    progress: Progress,
}

impl Job<'_> {
    async fn send(&self, source: &Path, target: &Address, several: bool) -> Done<Report> {
        let found = std::fs::metadata(source).map_err(|e| Error::io(source, e))?;
        let into = target.path.is_empty() || target.path.ends_with('/');
        if several && !into {
            return Err(Failure::Usage(format!("{target}: several sources need a folder: end it with a slash")));
        }
        if !found.is_dir() {
            let upload =
                resource_of(self.client, target).await?.upload(source).to(&target.path).existing(self.existing);
            return Ok(upload.metadata(self.metadata.clone()).progress(self.progress.clone()).send().await?);
        }
        if !self.recursive {
            return Err(Failure::Usage(format!("{}: it is a folder; copy it with -r", source.display())));
        }
        let mut to = target.path.trim_end_matches('/').to_owned();
        if into {
            // `.` and `..` have no name to go under: then it is their content that is meant.
            let name = source.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            to = [to.as_str(), name].iter().filter(|it| !it.is_empty()).copied().collect::<Vec<_>>().join("/");
        }
        let metadata = self.metadata.clone();
        let upload =
            resource_of(self.client, target).await?.upload_dir(source).to(to).existing(self.existing).jobs(self.jobs);
        Ok(upload.metadata(move |_| metadata.clone()).progress(self.progress.clone()).send().await?)
    }

    async fn fetch(&self, source: &Address, target: &str, several: bool) -> Done<Report> {
        let path = PathBuf::from(target);
        let into = path.is_dir() || target.ends_with(['/', std::path::MAIN_SEPARATOR]);
        if several && !into {
            return Err(Failure::Usage(format!("{target}: several sources need a folder that is there")));
        }
        let whole = source.path.is_empty() || source.path.ends_with('/');
        if whole && !self.recursive {
            return Err(Failure::Usage(format!("{source}: it is a folder; copy it with -r")));
        }
        let resource = resource_of(self.client, source).await?;
        let name = source.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let target = match (into, name.is_empty()) {
            (true, false) => path.join(name),
            _ => path,
        };
        if self.recursive {
            let download = resource.download_dir(target.clone()).from(&source.path).existing(self.existing);
            let fetched = download.jobs(self.jobs).progress(self.progress.clone()).send().await;
            match fetched {
                // `-r` may name a file too.
                Err(error) if error.is_not_found() && !whole => {}
                fetched => return Ok(fetched?),
            }
        }
        let download = resource.download(&source.path, &target).existing(self.existing);
        match download.progress(self.progress.clone()).send().await {
            Err(error) if error.kind() == Kind::NotFound && !self.recursive => {
                Err(error.hint("if it is a folder, copy it with -r").into())
            }
            done => Ok(done?),
        }
    }
}
