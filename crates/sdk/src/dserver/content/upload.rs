use std::{collections::HashMap, path::PathBuf, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use middleware::Body;
use raw::dserver::{operations as op, types};
use tokio::sync::Mutex;
use url::Url;

use super::signed::lasts;
use crate::{
    Connection, Error, Kind, Result,
    dserver::{Client, Feature},
    dtool::{self, Folder, time},
    error::{answer_error, call},
    transfer::{
        self, Digest, LocalFile, Progress, Report, TRIES,
        checksum::{Algorithm, Checksum},
        pause, source,
    },
};

/// What came of an [`Upload`].
#[derive(Debug)]
pub struct Uploaded {
    /// Where the dataset is now, or will be once nothing fails.
    pub uri: String,
    /// Whether it is whole and registered.
    pub registered: bool,
    /// What was sent, item by item; the readme is one of them.
    pub report: Report,
}

/// Sends a dataset; see [`Client::upload`].
#[must_use]
pub struct Upload {
    client: Client,
    folder: Folder,
    base_uri: String,
    jobs: usize,
    progress: Progress,
}

impl Client {
    /// Sends the frozen dataset of a folder to a base URI, by links that the server signs ([`Feature::SignedUrls`]), and
    /// registers it there: only when all of it is there.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
    /// let uploaded = dserver.upload("here/my-dataset", "s3://bucket").send().await?;
    /// uploaded.report.into_result()?;
    /// println!("{}", uploaded.uri);
    /// # Ok(()) }
    /// ```
    pub fn upload(&self, folder: impl Into<PathBuf>, base_uri: impl Into<String>) -> Upload {
        let (folder, base_uri) = (Folder::at(folder), base_uri.into().trim_end_matches('/').to_owned());
        Upload { client: self.clone(), folder, base_uri, jobs: transfer::JOBS, progress: Progress::default() }
    }
}

/// One thing to be sent.
struct Outgoing {
    /// The item's identifier; none of the readme.
    identifier: Option<String>,
    content: Content,
}

enum Content {
    File(LocalFile, Checksum),
    Text(String),
}

impl Upload {
    /// How many items are on their way at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Counters to watch it by.
    pub fn progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Does it.
    ///
    /// # Errors
    /// If the folder is no frozen dataset, or an item of it is missing or of another size than its manifest says; if the
    /// dataset is there already ([`Kind::Conflict`]); if the server or the storage can't sign. What fails later is in
    /// the report, by item, and then the dataset is not registered: the same call goes on.
    pub async fn send(self) -> Result<Uploaded> {
        let start = Instant::now();
        let folder = self.folder.clone();
        let (dataset, outgoing) = dtool::aside(move || outgoing(&folder)).await?;
        let links = Links::sign(&self.client, &self.base_uri, request(&dataset)).await?;
        let uri = links.uri.clone();
        self.progress
            .expect(outgoing.len() as u64, outgoing.iter().map(|(_, it)| it.size()).fold(0, u64::saturating_add));
        let mut report = Report::default();
        let (all, progress) = (&links, &self.progress);
        let one = |it: Outgoing| async move { all.put(&it, progress).await };
        report.run(outgoing, self.jobs, &self.progress, one).await;
        let registered = report.failed.is_empty();
        if registered {
            self.complete(&uri).await.map_err(|e| e.about(&uri))?;
        }
        report.elapsed = start.elapsed();
        Ok(Uploaded { uri, registered, report })
    }

    /// Says that all is there. Where the answer is lost, whether it was heard is told by whether the dataset is known.
    async fn complete(&self, uri: &str) -> Result<()> {
        for tried in 1.. {
            let body = types::UploadCompleteRequest { uri: uri.to_owned() };
            let sent = self.client.raw.complete_upload().body(body).send();
            let Err(error) = call(&op::COMPLETE_UPLOAD, sent).await else { return Ok(()) };
            if !error.is_retryable() {
                return Err(error);
            }
            match self.client.dataset(uri).await {
                Ok(_) => return Ok(()),
                Err(told) if told.is_not_found() && tried < TRIES => pause(tried).await,
                Err(_) => return Err(error),
            }
        }
        unreachable!("the last try returns")
    }
}

impl Outgoing {
    fn size(&self) -> u64 {
        match &self.content {
            Content::File(file, _) => file.size,
            Content::Text(text) => text.len() as u64,
        }
    }
}

/// What the folder holds, which is all that its manifest says.
fn outgoing(folder: &Folder) -> Result<(dtool::Dataset, Vec<(String, Outgoing)>)> {
    let about = folder.path().display().to_string();
    let dataset = folder.read()?;
    dataset.admin.expect_frozen().map_err(|e| e.about(&about))?;
    let algorithm = dataset.manifest.algorithm().map_err(|e| e.about(&about))?;
    if algorithm != Algorithm::Md5 {
        let message = "its items are hashed by another function than MD5, which is what storages check";
        return Err(Error::invalid(message).about(about));
    }
    let mut outgoing = vec![];
    for (identifier, item) in &dataset.manifest.items {
        let file = folder.item(&item.relpath).and_then(|path| LocalFile::look(&path, &item.relpath))?;
        if file.size != item.size_in_bytes {
            let (is, told) = (file.size, item.size_in_bytes);
            let message = format!("it has {is} bytes, and its dataset's manifest says {told}; nothing was sent");
            return Err(Error::new(Kind::Conflict, message).about(file.path.display().to_string()));
        }
        let content = Content::File(file, item.checksum(algorithm));
        outgoing.push((item.relpath.clone(), Outgoing { identifier: Some(identifier.clone()), content }));
    }
    let readme = Content::Text(dataset.readme.clone());
    outgoing.push(("README.yml".to_owned(), Outgoing { identifier: None, content: readme }));
    Ok((dataset, outgoing))
}

fn request(dataset: &dtool::Dataset) -> types::UploadRequest {
    let dtool::Dataset { admin, manifest, tags, annotations, overlays, .. } = dataset;
    let items = manifest.items.values().map(|item| types::UploadItem {
        hash: item.hash.clone(),
        relpath: item.relpath.clone(),
        size_in_bytes: item.size_in_bytes as i64,
        utc_timestamp: item.utc_timestamp.map(time::seconds).unwrap_or_default(),
    });
    let overlays = overlays.iter().filter_map(|(name, it)| Some((name.clone(), it.as_object()?.clone())));
    types::UploadRequest {
        annotations: Some(annotations.clone()),
        creator_username: admin.creator_username.clone(),
        // Datasets of dtool's first years do not tell it.
        frozen_at: admin.frozen_at.or(admin.created_at).map(time::seconds).unwrap_or_default(),
        hash_function: manifest.hash_function.clone(),
        items: Some(items.collect()),
        name: admin.name.clone(),
        overlays: Some(overlays.collect()),
        tags: Some(tags.clone()),
        uuid: admin.uuid.clone(),
    }
}

/// Where all of it may be put, for a while. When that is over all are asked for anew, once for all that wait.
struct Links {
    client: Client,
    base: Url,
    base_uri: String,
    request: types::UploadRequest,
    uri: String,
    now: Mutex<Now>,
}

struct Now {
    urls: types::UploadUrLs,
    until: Instant,
}

/// One place, and what a storage demands to be told.
type Slot = (Url, HeaderMap);

impl Links {
    async fn sign(client: &Client, base_uri: &str, request: types::UploadRequest) -> Result<Self> {
        let (uri, now) = ask(client, base_uri, &request).await?;
        let base = Connection::base(client.connection.base_url())?;
        Ok(Self { client: client.clone(), base, base_uri: base_uri.to_owned(), request, uri, now: Mutex::new(now) })
    }

    /// Where an item may be put; elsewhere than at what was refused.
    async fn slot(&self, identifier: Option<&str>, refused: Option<&Url>) -> Result<Slot> {
        let mut now = self.now.lock().await;
        for renewed in [false, true] {
            if Instant::now() < now.until || renewed {
                let slot = self.told(&now.urls, identifier)?;
                if Some(&slot.0) != refused || renewed {
                    return Ok(slot);
                }
            }
            if !renewed {
                tracing::debug!(uri = self.uri, "the signed links are over");
                *now = ask(&self.client, &self.base_uri, &self.request).await?.1;
            }
        }
        unreachable!("renewed links are given")
    }

    fn told(&self, urls: &types::UploadUrLs, identifier: Option<&str>) -> Result<Slot> {
        let Some(identifier) = identifier else {
            return Ok((Connection::place(&self.base, &urls.readme)?, HeaderMap::new()));
        };
        let told = urls.items.as_ref().and_then(|it| it.get(identifier));
        let told = told.ok_or_else(|| Error::new(Kind::Unexpected, "the server signs no place for it"))?;
        Ok((Connection::place(&self.base, &told.url)?, demanded(told.headers.as_ref())?))
    }

    async fn put(&self, outgoing: &Outgoing, progress: &Progress) -> Result<u64> {
        let (mut refused, mut is_checked) = (None, false);
        for tried in 1.. {
            let (place, headers) = self.slot(outgoing.identifier.as_deref(), refused.as_ref()).await?;
            if let Content::File(file, sum) = &outgoing.content
                && !is_checked
                && !headers.contains_key("content-md5")
            {
                // The storage is told no hash, so nobody else would find a wrong byte.
                sum.compare(&sum.algorithm.of_file(&file.path).await?)?;
                is_checked = true;
            }
            let body = match &outgoing.content {
                Content::File(file, _) => source(file, progress, &Digest::default()),
                Content::Text(text) => Body::from(Bytes::from(text.clone())),
            };
            let sent = self.client.connection.put(&place, headers, body).await;
            let error = match sent {
                Ok(answer) if answer.status().is_success() => {
                    if let Content::File(file, _) = &outgoing.content {
                        file.unchanged()?;
                    }
                    return Ok(outgoing.size());
                }
                Ok(answer) if answer.status() == StatusCode::FORBIDDEN && refused.is_none() => {
                    refused = Some(place);
                    continue;
                }
                Ok(answer) => answer_error(answer).await,
                Err(error) => error,
            };
            // It may be sent again: what is put is what was there before, or nothing.
            if !error.is_retryable() || tried >= TRIES {
                return Err(error);
            }
            pause(tried).await;
        }
        unreachable!("the last try returns")
    }
}

/// Asks for links. A second time the server gives them for what was begun.
async fn ask(client: &Client, base_uri: &str, request: &types::UploadRequest) -> Result<(String, Now)> {
    let asked = Instant::now();
    let sent = client.raw.sign_upload().base_uri(base_uri).body(request.clone()).send();
    let answer = client.offered(Feature::SignedUrls, call(&op::SIGN_UPLOAD, sent).await).await;
    let told = answer.map_err(|e| about(e, base_uri, request))?.into_inner();
    let missing = || Error::new(Kind::Unexpected, "the server signs nothing for it").about(base_uri);
    let now = Now { urls: told.upload_urls.ok_or_else(missing)?, until: asked + lasts(told.expiry_seconds) };
    Ok((told.uri, now))
}

fn about(error: Error, base_uri: &str, request: &types::UploadRequest) -> Error {
    let error = match (error.status().map(|it| it.as_u16()), error.kind()) {
        (_, Kind::Conflict) => {
            error.hint(&format!("the dataset {} is registered there already, and is never overwritten", request.uuid))
        }
        (Some(501), _) => {
            let storage = "this storage can't sign URLs: copy the dataset there with dtool, then register it";
            Error::new(Kind::Invalid, storage)
        }
        _ => error,
    };
    error.about(base_uri)
}

/// The headers that a storage demands, without those that say how the message is sent.
fn demanded(told: Option<&HashMap<String, String>>) -> Result<HeaderMap> {
    const OURS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];
    let mut headers = HeaderMap::new();
    for (name, value) in told.into_iter().flatten() {
        let wrong = || Error::new(Kind::Unexpected, "the server demands a header that can't be sent");
        let name = HeaderName::try_from(name).map_err(|_| wrong())?;
        if !OURS.contains(&name.as_str()) {
            headers.insert(name, HeaderValue::try_from(value).map_err(|_| wrong())?);
        }
    }
    Ok(headers)
}
