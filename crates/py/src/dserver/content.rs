//! The content of datasets: fetched, sent, compared.

use std::path::PathBuf;

use pyo3::prelude::*;
use serde::Serialize;
use whimbrel::{
    dserver::{Dataset, Fetched, Route, Uploaded},
    dtool::Folder,
    transfer::Progress,
};

use super::Dserver;
use crate::{call::Call, error, progress::Watch, report};

/// What came of a download.
#[derive(Serialize)]
struct Down {
    folder: PathBuf,
    uri: String,
    route: Route,
}

/// What came of an upload.
#[derive(Serialize)]
struct Up {
    uri: String,
}

/// Which dataset: one that is known already, or a name of one.
#[derive(FromPyObject)]
enum Named<'py> {
    Name(String),
    Known(Bound<'py, PyAny>),
}

#[pymethods]
impl Dserver {
    fn download(
        &self,
        dataset: Named<'_>,
        into: PathBuf,
        existing: &str,
        jobs: usize,
        tell: Option<Py<PyAny>>,
    ) -> PyResult<Call> {
        let existing = existing.parse().map_err(error::raised)?;
        let known = match dataset {
            Named::Name(name) => Err(name),
            Named::Known(told) => Ok(pythonize::depythonize::<Dataset>(&told)?),
        };
        let (client, keys, progress) = (self.client()?, self.keys(), Progress::new());
        let watch = tell.map(|tell| Watch::new(&progress, tell));
        let running = async move {
            let copies = match known {
                Ok(known) => vec![known],
                Err(name) => client.find(&name).await?,
            };
            let download = client.download(copies, into).existing(existing).jobs(jobs).progress(progress);
            let Fetched { folder, uri, route, report } = download.keys(keys).send().await?;
            Ok(report::told(report, Down { folder: folder.path().to_owned(), uri, route }))
        };
        Ok(Call::watched(running, watch))
    }

    fn upload(&self, folder: PathBuf, base_uri: String, jobs: usize, tell: Option<Py<PyAny>>) -> PyResult<Call> {
        let (client, progress) = (self.client()?, Progress::new());
        let watch = tell.map(|tell| Watch::new(&progress, tell));
        let running = async move {
            let upload = client.upload(folder, base_uri).jobs(jobs).progress(progress);
            let Uploaded { uri, report, .. } = upload.send().await?;
            Ok(report::told(report, Up { uri }))
        };
        Ok(Call::watched(running, watch))
    }

    fn verify(&self, folder: PathBuf, against: Option<String>, jobs: usize) -> PyResult<Call> {
        self.call(move |client| async move {
            let folder = Folder::at(folder);
            let mut look = folder.verify().jobs(jobs);
            if let Some(dataset) = against {
                let known = client.find(&dataset).await?.remove(0);
                look = look.against(client.manifest_for(&known, &folder).await?);
            }
            look.send().await
        })
    }
}
