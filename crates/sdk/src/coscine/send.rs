//! One file on its way up: metadata and content, each stored once.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime},
};

use raw::{coscine::operations as op, multipart::FilePart};
use shapes::rdf::{self, Syntax};

use super::{
    Resource,
    metadata::{self, statements},
    storage::Direct,
};
use crate::{
    Error, Kind, Result,
    error::{call, succeeded},
    transfer::{
        self, Digest, LocalFile, Progress, TRIES,
        index::{Index, Known},
    },
};

/// One file, checked and ready to go.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// Its name is the path in the resource.
    pub file: LocalFile,
    pub metadata: Option<String>,
    pub replaces: bool,
    /// When the one that it replaces was changed there.
    pub there: Option<SystemTime>,
    /// The content stays as it is.
    pub only_metadata: bool,
}

/// Sends one file. Its metadata goes first, as most kinds of resource demand; if the content of a new file can't be
/// stored after that, the metadata is taken back. In S3 it may come after the content, so there is nothing to take back.
pub(super) async fn send_one(
    resource: &Resource,
    it: &Ready,
    direct: &Direct,
    index: &Index,
    progress: &Progress,
) -> Result<u64> {
    let metadata = || async {
        match &it.metadata {
            Some(turtle) => send_metadata(resource, &it.file.name, turtle).await,
            None => Ok(()),
        }
    };
    if it.only_metadata {
        return metadata().await.map(|()| 0);
    }
    it.file.unchanged()?;
    let digest = Digest::default();
    let content = || async {
        let there = match direct.buckets(resource).await.and_then(|it| it.write.as_ref()) {
            Some(bucket) => bucket.put(&it.file, !it.replaces, progress, &digest).await?,
            None => send_content(resource, it, &digest, progress).await?,
        };
        it.file.unchanged().map(|()| there)
    };
    let there = if resource.lies_in_s3() {
        let there = content().await?;
        metadata().await.map_err(|e| e.hint("its content is stored; only the metadata is still to be sent"))?;
        there
    } else {
        metadata().await?;
        match content().await {
            Ok(there) => there,
            Err(error) if it.metadata.is_some() && !it.replaces => {
                return Err(take_back(resource, &it.file.name, error).await);
            }
            Err(error) => return Err(error),
        }
    };
    if let (Some(hash), Some(modified)) = (digest.take(), it.file.modified_ns()) {
        let known = Known { size: it.file.size, hash: hash.to_hex().to_string(), modified, there: seconds(there) };
        index.put(&it.file.name, known);
    }
    Ok(it.file.size)
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs() as i64)
}

/// Takes back the metadata of a file whose content could not be stored.
async fn take_back(resource: &Resource, path: &str, error: Error) -> Error {
    // The content may have arrived all the same, or have been there: then its metadata belongs to it.
    match resource.file(path).head().await {
        Ok(None) => {}
        _ => return error,
    }
    if let Err(why) = forget_metadata(resource, path).await {
        tracing::debug!(error = %why, "metadata without content stays");
        return error.hint("its metadata was stored before and stays, as the server let nobody take it back");
    }
    error
}

async fn forget_metadata(resource: &Resource, path: &str) -> Result<()> {
    let raw = &resource.client().raw;
    let me = call(&op::GET_CURRENT_USER, raw.get_current_user().send()).await?.into_inner().data;
    let me = me.ok_or_else(|| Error::new(Kind::Unexpected, "the server does not say who we are"))?;
    let metadata = resource.metadata().await?;
    let version = metadata.into_iter().find(|it| it.path == path).and_then(|it| it.version).unwrap_or(1);
    let body = raw::coscine::types::MetadataTreeForDeletionDto {
        path: path.parse().map_err(|_| Error::invalid("the path is empty"))?,
        version: i64::try_from(version).unwrap_or(i64::MAX),
        invalidated_by: format!("https://purl.org/coscine/users/{}", me.id),
    };
    let request = raw.delete_metadata_tree().project_id(resource.project_id()).resource_id(resource.id()).body(body);
    call(&op::DELETE_METADATA_TREE, request.send()).await?;
    Ok(())
}

/// Stores a file's metadata once: an answer that was lost is settled by reading back what is there, as each `PUT` makes
/// a version.
pub(super) async fn send_metadata(resource: &Resource, path: &str, turtle: &str) -> Result<()> {
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
    let said = |turtle: &[u8]| Ok::<_, Error>(statements(&rdf::read(turtle, Syntax::Turtle, None, path)?));
    match metadata::fetch(&op::GET_METADATA_CONTENT, send).await {
        Ok(stored) => {
            // The server may add statements of its own, but to no field that we gave.
            let ours = said(turtle.as_bytes())?;
            let fields: HashSet<&String> = ours.iter().map(|(field, _)| field).collect();
            let mut theirs = said(&stored)?;
            theirs.retain(|(field, _)| fields.contains(field));
            Ok(ours == theirs)
        }
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Stores a file's content once through the API, and tells when the server had it, by its clock. An answer that was lost
/// is settled by asking what is there.
async fn send_content(resource: &Resource, it: &Ready, digest: &Digest, progress: &Progress) -> Result<SystemTime> {
    let (raw, path) = (&resource.client().raw, it.file.name.as_str());
    let (project_id, resource_id) = (resource.project_id(), resource.id());
    let begun = SystemTime::now();
    let mut lost = false;
    for tried in 1.. {
        let content = transfer::source(&it.file, progress, digest);
        let part = FilePart::new(path.rsplit('/').next().unwrap_or(path), content);
        let sent = match it.replaces {
            true => succeeded(&op::PUT_STORAGE_RAW, raw.put_storage_raw(project_id, resource_id, path, part)).await,
            false => succeeded(&op::POST_STORAGE_RAW, raw.post_storage_raw(project_id, resource_id, path, part)).await,
        };
        let error = match sent {
            Ok(answer) => return Ok(date(&answer)),
            Err(error) if tried == TRIES => return Err(error),
            Err(error) if error.is_ambiguous() => error,
            // What we find there may be what we sent ourselves.
            Err(error) if lost && matches!(error.kind(), Kind::Conflict | Kind::Invalid) => error,
            Err(error) => return Err(error),
        };
        lost = true;
        tracing::debug!(%error, "settling whether the content arrived");
        if let Some(head) = resource.file(path).head().await? {
            let changed = head.changed.as_deref().and_then(|it| httpdate::parse_http_date(it).ok());
            let size = head.size.is_none_or(|size| size == it.file.size);
            match (it.replaces, changed) {
                // It is newer than what was there: ours, as nobody else sends the same number of bytes just now.
                (true, Some(changed)) if size && it.there.is_some_and(|there| seconds(changed) > seconds(there)) => {
                    return Ok(changed);
                }
                // The old one, as far as can be seen: it is sent again.
                (true, _) => {}
                (false, changed) if size && changed.is_none_or(|changed| changed + SKEW > begun) => {
                    return Ok(changed.unwrap_or_else(SystemTime::now));
                }
                (false, _) => {
                    let message = "another file came there in between; it is left as it is";
                    return Err(Error::new(Kind::Conflict, message));
                }
            }
        }
        transfer::pause(tried).await;
    }
    unreachable!("the last try returns")
}

/// How far the server's clock may be from ours.
const SKEW: Duration = Duration::from_secs(300);

/// When an answer was made, by the server's clock.
fn date(answer: &reqwest::Response) -> SystemTime {
    let date = answer.headers().get(http::header::DATE).and_then(|it| it.to_str().ok());
    date.and_then(|it| httpdate::parse_http_date(it).ok()).unwrap_or_else(SystemTime::now)
}

/// How far the server's clock may be behind its own date of change.
const CLOCK: Duration = Duration::from_secs(3);

/// Whether what the server has is what we once moved: it was not changed there since.
pub(super) fn is_same_there(known: &Known, size: u64, changed: Option<SystemTime>) -> bool {
    known.size == size && changed.is_none_or(|changed| seconds(changed) <= known.there + CLOCK.as_secs() as i64)
}
