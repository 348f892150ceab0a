use std::{
    collections::HashMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use shapes::Vocabularies;

use super::{File, Project, Resource, describe};
use crate::{
    Error, Kind, Paged as _, Result,
    ro_crate::{Crate, FILE_NAME, OWN_NAMES, Version},
    transfer::{self, Digest, Existing, Progress, Report, Target, local},
};

/// Makes a crate of a project or a resource; see [`Project::export`] and [`Resource::export`].
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let resource = coscine.project("Turbine 7").await?.resource("Raw data").await?;
/// resource.export().ro_crate("turbine-7").await?.into_result()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Export {
    of: Of,
    version: Version,
    content: bool,
    overwrite: bool,
    jobs: usize,
    progress: Progress,
}

#[derive(Clone, Debug)]
enum Of {
    Project(Box<Project>),
    Resource(Box<Resource>),
}

/// A resource, its files, and what the crate says of both.
struct Part {
    resource: Resource,
    files: Vec<File>,
    about: Crate,
}

impl Project {
    /// Makes an RO-Crate of the project: each resource is a folder, called by its display name.
    pub fn export(&self) -> Export {
        Export::new(Of::Project(Box::new(self.clone())))
    }
}

impl Resource {
    /// Makes an RO-Crate of the resource. Its files keep their paths; if one is called as a file of RO-Crate's own, all of
    /// them go into a folder.
    pub fn export(&self) -> Export {
        Export::new(Of::Resource(Box::new(self.clone())))
    }
}

impl Export {
    fn new(of: Of) -> Self {
        let (version, progress) = Default::default();
        Self { of, version, content: true, overwrite: false, jobs: transfer::JOBS, progress }
    }

    /// Which version of the specification the crate is written for.
    pub fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// No file is fetched; the crate names them by their URLs in Coscine, which ask for a token.
    pub fn without_content(self) -> Self {
        Self { content: false, ..self }
    }

    /// Whether the folder may hold something already. Files that are the same are not fetched again; files that are not in
    /// Coscine stay, and are no part of the crate.
    pub fn overwrite(self, overwrite: bool) -> Self {
        Self { overwrite, ..self }
    }

    /// How many files are on their way at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Does it, into the folder `target`. All that is said of the files is read before the first of them is fetched, and
    /// `ro-crate-metadata.json` is written last, and only if each of them has arrived.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if something is in the folder and may not be overwritten; what is wrong
    /// before a file is fetched. What fails later is in the report, by file.
    pub async fn ro_crate(self, target: impl Into<PathBuf>) -> Result<Report> {
        let target = target.into();
        self.check(&target)?;
        let (project, resources) = match &self.of {
            Of::Project(it) => ((**it).clone(), it.resources().stream().try_collect().await?),
            Of::Resource(it) => (it.client().project(it.project_id()).await?, vec![(**it).clone()]),
        };
        let members = members(&project).await?;
        let parts = stream::iter(resources).map(|it| part(it, &members)).buffered(self.jobs);
        let mut parts: Vec<Part> = parts.try_collect().await?;

        let (it, folders) = self.describe(&project, &mut parts);
        let metadata = target.join(FILE_NAME);
        // One that is there says what is not so any more.
        match fs::remove_file(&metadata) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::io(&metadata, e)),
            _ => {}
        }
        let mut report = Report::default();
        for (part, folder) in parts.into_iter().zip(folders).filter(|_| self.content) {
            report.add(self.fetch(part, &target, &folder).await?);
        }
        if report.failed.is_empty() {
            let mut json = vec![];
            it.write(&mut json).map_err(|e| Error::io(&metadata, e))?;
            let json = stream::iter([Ok::<_, Error>(Bytes::from(json))]);
            let to = Target { path: metadata, overwrite: true, modified: None, sum: None };
            transfer::save(json, None, &to, &Progress::new(), &Digest::default()).await?;
        }
        Ok(report)
    }

    /// What the crate says, and the folder of each part; no name stands for the root.
    fn describe(&self, project: &Project, parts: &mut [Part]) -> (Crate, Vec<String>) {
        let mut it = describe::project(project.details());
        let names: Vec<_> = parts.iter().map(|it| it.resource.display_name()).collect();
        let mut folders = local::folder_names(names, &OWN_NAMES);
        if let (Of::Resource(_), [part]) = (&self.of, &mut *parts) {
            let Crate { creators, publisher, .. } = it;
            it = std::mem::take(&mut part.about);
            it.creators.splice(0..0, creators);
            it.publisher = publisher;
            let is_own = |file: &File| {
                let first = file.path.split('/').next().unwrap_or_default();
                OWN_NAMES.iter().any(|it| it.eq_ignore_ascii_case(first))
            };
            if !part.files.iter().any(is_own) {
                folders[0].clear();
            } else if self.content {
                it.files.iter_mut().for_each(|file| file.path = format!("{}/{}", folders[0], file.path));
            }
        } else {
            it.folders =
                parts.iter_mut().zip(&folders).map(|(it, at)| (at.clone(), std::mem::take(&mut it.about))).collect();
            it.creators.extend(it.folders.iter().flat_map(|(_, it)| it.creators.clone()));
            it.licence = describe::licence_of_all(&it.folders);
        }
        it.version = self.version;
        it.date_published = chrono::Local::now().format("%Y-%m-%d").to_string();
        it.on_web = !self.content;
        (it, folders)
    }

    fn check(&self, target: &Path) -> Result<()> {
        match fs::read_dir(target).map(|mut entries| entries.next().is_some()) {
            Ok(true) if !self.overwrite => {
                let message = "something is in it already; say that it may be overwritten, or choose another place";
                Err(Error::new(Kind::Conflict, message).about(target.display().to_string()))
            }
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(target, e)),
            _ => Ok(()),
        }
    }

    async fn fetch(&self, part: Part, target: &Path, folder: &str) -> Result<Report> {
        let place = if folder.is_empty() { target.to_owned() } else { local::target(target, folder)? };
        if !folder.is_empty() && place.is_symlink() {
            let message =
                "it is a link, and what it leads to is no part of the crate; remove it or choose another place";
            return Err(Error::new(Kind::Conflict, message).about(place.display().to_string()));
        }
        fs::create_dir_all(&place).map_err(|e| Error::io(&place, e))?;
        let existing = if self.overwrite { Existing::Update } else { Existing::Refuse };
        let download = part.resource.download_dir(place).existing(existing).jobs(self.jobs);
        let mut report = download.progress(self.progress.clone()).send_listed(part.files).await?;
        if !folder.is_empty() {
            report.failed.iter_mut().for_each(|(name, _)| *name = format!("{folder}/{name}"));
        }
        Ok(report)
    }
}

/// The names of the project's members by their ids, where the user may see them.
async fn members(project: &Project) -> Result<HashMap<String, String>> {
    let named = project.members().stream().map_ok(|it| (it.user().id.clone(), it.name().to_owned()));
    match named.try_collect().await {
        Err(e) if matches!(e.kind(), Kind::Forbidden | Kind::NotFound) => Ok(HashMap::new()),
        named => named,
    }
}

/// Reads what is known of a resource: its list of files, and one request for all metadata; the profile and vocabularies
/// that name what is in them are in the cache most often.
async fn part(resource: Resource, members: &HashMap<String, String>) -> Result<Part> {
    let list = async { resource.files().recursive().stream().try_collect::<Vec<_>>().await };
    let (files, metadata) = futures::try_join!(list, resource.metadata())?;
    let graphs: Vec<_> = metadata.iter().map(|it| &it.graph).collect();
    let profile = if graphs.is_empty() { None } else { labels_only(resource.profile().await)? };
    let fields = profile.as_ref().map_or(&[][..], |it| it.fields());
    let mut terms = Vocabularies::default();
    for class in describe::classes(fields, &graphs) {
        let found = labels_only(resource.client().terms_of([class]).await)?;
        if let Some(found) = found.as_ref().and_then(|it| it.get(class)) {
            terms.insert(class, found.clone());
        }
    }
    let graphs: HashMap<_, _> = metadata.iter().map(|it| (it.path.as_str(), &it.graph)).collect();
    let file = |it: &File| {
        let url = resource.client().raw.storage_raw_url(resource.project_id(), resource.id(), &it.path);
        let graph = graphs.get(it.path.as_str());
        describe::file(it, url, graph.map(|it| describe::metadata(it, fields, &terms)).unwrap_or_default())
    };
    let described = files.iter().map(file).collect();
    let creator = resource.details().creator.as_ref().and_then(|it| members.get(&it.id));
    let about = describe::resource(resource.details(), creator.map(String::as_str), described);
    Ok(Part { resource, files, about })
}

/// Without a profile or a vocabulary, metadata have no labels and are the same metadata.
pub(super) fn labels_only<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(e) if matches!(e.kind(), Kind::NotFound | Kind::Invalid) => Ok(None),
        found => found.map(Some),
    }
}
