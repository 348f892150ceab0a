//! Transfers of files.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use whimbrel::{
    Error, Result,
    coscine::{DownloadDir, Metadata, MetadataTable, Resource, UploadDir, types::ProjectDto},
    ro_crate::Version,
    shapes::{Format, Table},
    transfer::{Filter, JOBS, Plan, Progress, Report},
};

use super::{
    Coscine, ResourceTold, Told,
    file::metadata,
    told::{Record, Tree},
};
use crate::{
    call::{Answer, Call, Outcome},
    error,
    progress::Watch,
    report,
};

/// How a folder is moved.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    existing: String,
    include: Vec<String>,
    exclude: Vec<String>,
    checksum: bool,
    delete: bool,
    jobs: usize,
    index: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let (include, exclude, index) = Default::default();
        Self { existing: "refuse".to_owned(), include, exclude, checksum: false, delete: false, jobs: JOBS, index }
    }
}

impl Options {
    fn up(self, up: UploadDir) -> Result<UploadDir> {
        let up = up.existing(self.existing.parse()?).filter(Filter::new(self.exclude, self.include)?);
        let up = up.checksum(self.checksum).delete(self.delete).jobs(self.jobs);
        Ok(match self.index {
            Some(index) => up.index(index),
            None => up,
        })
    }

    fn down(self, down: DownloadDir) -> Result<DownloadDir> {
        let down = down.existing(self.existing.parse()?).filter(Filter::new(self.exclude, self.include)?);
        let down = down.checksum(self.checksum).delete(self.delete).jobs(self.jobs);
        Ok(match self.index {
            Some(index) => down.index(index),
            None => down,
        })
    }
}

/// Which metadata go with the files of a folder: of a table in a file, or of data.
pub(crate) struct ForFiles {
    tree: Option<Value>,
    table: Option<PathBuf>,
}

impl ForFiles {
    fn new(tree: Option<Tree>, table: Option<PathBuf>) -> PyResult<Self> {
        if tree.is_some() && table.is_some() {
            let message = "metadata are given twice: as data, and in a table";
            return Err(error::raised(Error::invalid(message)));
        }
        Ok(Self { tree: tree.map(|it| it.0), table })
    }

    async fn table(self) -> Result<Option<MetadataTable>> {
        match (self.tree, self.table) {
            (Some(tree), _) => {
                let table = Table::read(tree.to_string().as_bytes(), Format::Json, "metadata")?;
                Ok(Some(MetadataTable::new(table)?))
            }
            (None, Some(file)) => Ok(Some(MetadataTable::open(&file).await?)),
            (None, None) => Ok(None),
        }
    }
}

/// An upload of a folder, and the rows of the table of metadata that are about files which are not there.
async fn upload(
    resource: &Resource,
    folder: PathBuf,
    to: &str,
    options: Options,
    metadata: ForFiles,
) -> Result<(UploadDir, Vec<String>)> {
    let table = metadata.table().await?;
    let mut up = options.up(resource.upload_dir(&folder).to(to))?;
    let mut unused = vec![];
    if let Some(table) = table {
        unused = table.rows_without_file(|path| folder.join(path).exists()).map(|row| row.place.to_string()).collect();
        up = up.table(table);
    }
    Ok((up, unused))
}

/// The rows of a table of metadata that are about no file.
#[derive(Serialize)]
struct Unused {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused: Vec<String>,
}

fn told(report: Report, unused: Vec<String>) -> Answer {
    report::told(report, Unused { unused })
}

fn plain(report: Result<Report>) -> Outcome {
    report.map(|report| told(report, vec![]))
}

/// Counters for who looks.
fn watched(tell: Option<Py<PyAny>>) -> (Progress, Option<Watch>) {
    let progress = Progress::new();
    let watch = tell.map(|tell| Watch::new(&progress, tell));
    (progress, watch)
}

#[pymethods]
impl Coscine {
    /// A file, or what is in memory.
    #[allow(clippy::too_many_arguments, reason = "an upload, with all that belongs to it")]
    fn upload(
        &self,
        resource: ResourceTold,
        file: Option<PathBuf>,
        content: Option<Vec<u8>>,
        to: String,
        record: Option<Record>,
        turtle: Option<String>,
        existing: &str,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let resource = self.resource_of(resource)?;
        let (metadata, existing) = (metadata(record, turtle)?, existing.parse().map_err(error::raised)?);
        let upload = match (file, content) {
            (Some(file), _) => resource.upload(file).to(to),
            (None, content) => resource.upload_content(content.unwrap_or_default(), to),
        };
        let (progress, watch) = watched(tell);
        let upload = upload.metadata(metadata).existing(existing).progress(progress);
        Ok(Call::watched(async move { plain(upload.send().await) }, watch))
    }

    #[allow(clippy::too_many_arguments, reason = "an upload, with all that belongs to it")]
    fn upload_dir(
        &self,
        resource: ResourceTold,
        folder: PathBuf,
        to: String,
        options: Told<Options>,
        metadata: Option<Tree>,
        table: Option<PathBuf>,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let (resource, metadata) = (self.resource_of(resource)?, ForFiles::new(metadata, table)?);
        let (progress, watch) = watched(tell);
        let running = async move {
            let (up, unused) = upload(&resource, folder, &to, options.0, metadata).await?;
            Ok(told(up.progress(progress).send().await?, unused))
        };
        Ok(Call::watched(running, watch))
    }

    fn plan_upload(
        &self,
        resource: ResourceTold,
        folder: PathBuf,
        to: String,
        options: Told<Options>,
        metadata: Option<Tree>,
        table: Option<PathBuf>,
    ) -> PyResult<Call> {
        let metadata = ForFiles::new(metadata, table)?;
        self.of_resource(resource, |resource| async move {
            upload(&resource, folder, &to, options.0, metadata).await?.0.plan().await
        })
    }

    fn download(
        &self,
        resource: ResourceTold,
        path: String,
        target: PathBuf,
        existing: &str,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let existing = existing.parse().map_err(error::raised)?;
        let (progress, watch) = watched(tell);
        let download = self.resource_of(resource)?.download(path, target).existing(existing).progress(progress);
        Ok(Call::watched(async move { plain(download.send().await) }, watch))
    }

    fn download_dir(
        &self,
        resource: ResourceTold,
        target: PathBuf,
        from: String,
        options: Told<Options>,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let (progress, watch) = watched(tell);
        let down = options.0.down(self.resource_of(resource)?.download_dir(target).from(&from));
        let down = down.map_err(error::raised)?.progress(progress);
        Ok(Call::watched(async move { plain(down.send().await) }, watch))
    }

    fn plan_download(
        &self,
        resource: ResourceTold,
        target: PathBuf,
        from: String,
        options: Told<Options>,
    ) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            options.0.down(resource.download_dir(target).from(&from))?.plan().await
        })
    }

    /// In what two sides differ; metadata are not looked at.
    fn diff(&self, resource: ResourceTold, folder: PathBuf, to: String, options: Told<Options>) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            options.0.up(resource.upload_dir(folder).to(to))?.metadata(|_| Metadata::Nothing).plan().await
        })
    }

    fn apply(&self, plan: Told<Plan>, jobs: usize, index: Option<PathBuf>, tell: Option<Py<PyAny>>) -> PyResult<Call> {
        let (progress, watch) = watched(tell);
        let apply = self.client()?.apply(plan.0).jobs(jobs).progress(progress);
        let apply = match index {
            Some(index) => apply.index(index),
            None => apply,
        };
        Ok(Call::watched(async move { plain(apply.send().await) }, watch))
    }

    /// What a plan costs.
    #[staticmethod]
    fn cost(py: Python<'_>, plan: Told<Plan>) -> PyResult<Py<PyAny>> {
        Ok(pythonize::pythonize(py, &plan.0.cost())?.unbind())
    }

    fn export_project(
        &self,
        project: Told<ProjectDto>,
        target: PathBuf,
        options: Told<Export>,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let (progress, watch) = watched(tell);
        let export = options.0.of(self.project_of(project)?.export()).map_err(error::raised)?.progress(progress);
        Ok(Call::watched(async move { plain(export.ro_crate(target).await) }, watch))
    }

    fn export_resource(
        &self,
        resource: ResourceTold,
        target: PathBuf,
        options: Told<Export>,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let (progress, watch) = watched(tell);
        let export = options.0.of(self.resource_of(resource)?.export()).map_err(error::raised)?.progress(progress);
        Ok(Call::watched(async move { plain(export.ro_crate(target).await) }, watch))
    }
}

/// How an RO-Crate is made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Export {
    version: String,
    content: bool,
    overwrite: bool,
    jobs: usize,
}

impl Export {
    fn of(&self, export: whimbrel::coscine::Export) -> Result<whimbrel::coscine::Export> {
        let version = match self.version.as_str() {
            "1.1" => Version::V1_1,
            "1.2" => Version::V1_2,
            other => return Err(Error::invalid(format!("there is no version {other:?}: say 1.1 or 1.2"))),
        };
        let export = export.version(version).overwrite(self.overwrite).jobs(self.jobs);
        Ok(if self.content { export } else { export.without_content() })
    }
}
