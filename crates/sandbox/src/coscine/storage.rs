//! Files: one level at a time, content in and out, and what lies elsewhere behind signed URLs.

use std::{collections::BTreeMap, path::Path};

use bytes::BytesMut;
use chrono::{NaiveDateTime, TimeDelta, Utc};
use futures::stream;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyDataStream, BodyExt as _, StreamBody};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::{
    fs::OpenOptions,
    io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _},
};

use super::{
    Answer, Ask, ContractViolation, LARGEST_PAGE, Service,
    answer::{bad, bytes, empty, forbidden, missing, page, problem},
    projects::allowed,
    state::{File, Kind, Resource, Role, State, Stored, is_path, time},
};
use crate::Body;

/// How `X-Amz-Date` is written.
const SIGNED_AT: &str = "%Y%m%dT%H%M%SZ";

impl Service {
    /// The resource of the request, if its user's role is at least this, with what its bucket holds now of what the
    /// request is about.
    pub(super) fn resource_of<'s>(state: &'s mut State, ask: &Ask, needed: Role) -> Result<&'s mut Resource, Answer> {
        let project = allowed(state, ask, needed)?.id.clone();
        let resource = state.resource_mut(ask.path("resourceId")).filter(|it| it.project == project);
        let resource = resource.ok_or_else(|| missing("The resource"))?;
        if needed > Role::Guest && resource.archived() {
            return Err(forbidden());
        }
        match ask.file() {
            "" => resource.look(),
            path => resource.look_at(path),
        }
        Ok(resource)
    }

    pub(super) fn list_files(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        let resource = match Self::resource_of(&mut state, ask, Role::Guest) {
            Ok(resource) => resource,
            Err(answer) => return answer,
        };
        let prefix = ask.query("Prefix").or(ask.query("Path")).unwrap_or_default().trim_start_matches('/');
        let link = |path: &str| (resource.kind == Kind::S3).then(|| self.signed_url(&resource.id, path));
        let items = level(&resource.files, prefix, link);
        // A folder is there if anything is in it.
        if items.is_empty() && !prefix.is_empty() {
            return missing("The folder");
        }
        page(&ask.query, items, LARGEST_PAGE)
    }

    pub(super) fn head_file(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        match Self::resource_of(&mut state, ask, Role::Guest) {
            Err(answer) => empty(answer.status()),
            Ok(resource) => match resource.files.get(ask.file()) {
                None => empty(StatusCode::NOT_FOUND),
                Some(file) => {
                    let mut answer = empty(StatusCode::OK);
                    let newest = file.newest();
                    answer.headers_mut().insert(header::CONTENT_LENGTH, newest.size.into());
                    let changed = httpdate::fmt_http_date(newest.at.into());
                    answer.headers_mut().insert(header::LAST_MODIFIED, HeaderValue::try_from(changed).expect("a date"));
                    answer
                }
            },
        }
    }

    pub(super) async fn read_file(&self, ask: Ask) -> Answer {
        let path = ask.file();
        let stored = {
            let mut state = self.state();
            let resource = match Self::resource_of(&mut state, &ask, Role::Guest) {
                Ok(resource) => resource,
                Err(answer) => return answer,
            };
            let Some(file) = resource.files.get(path) else { return missing("The file") };
            if resource.kind == Kind::S3 {
                let mut answer = empty(StatusCode::FOUND);
                let place = HeaderValue::try_from(self.signed_url(&resource.id, path)).expect("an encoded URL");
                answer.headers_mut().insert(header::LOCATION, place);
                return answer;
            }
            file.newest().clone()
        };
        match tokio::fs::File::open(&stored.place).await {
            Ok(file) => content(file, stored.size, None).await,
            Err(_) => missing("The file"),
        }
    }

    pub(super) async fn write_file(&self, ask: Ask, replaces: bool) -> Answer {
        let path = ask.file().to_owned();
        let media = ask.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let Some(boundary) = media.and_then(|media| multer::parse_boundary(media).ok()) else {
            return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content must be sent as multipart/form-data.");
        };
        if !is_path(&path) {
            return bad("The path is not valid.");
        }
        let (room, folder) = {
            let mut state = self.state();
            match Self::resource_of(&mut state, &ask, Role::Member) {
                Err(answer) => return answer,
                Ok(resource) => {
                    if let Some(answer) = refusal(resource, &path, replaces) {
                        return answer;
                    }
                    resource.look();
                    // Beside its bucket, so that it can be renamed into it.
                    let folder = resource.bucket.as_deref().and_then(Path::parent).unwrap_or(&self.0.folder);
                    (resource.quota.saturating_sub(resource.used()), folder.to_owned())
                }
            }
        };
        let Ask { body, path: parameters, query, headers, id, user, .. } = ask;
        // Gone wherever this ends before the file is kept, even if it is dropped.
        let Ok(place) = NamedTempFile::new_in(folder).map(NamedTempFile::into_temp_path) else {
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let size = match receive(body, boundary, &place, room).await {
            Ok(size) => size,
            Err(answer) => return answer,
        };
        let ask = Ask { id, user, path: parameters, query, headers, json: Value::Null, body: crate::no_body() };
        let mut state = self.state();
        let resource = match Self::resource_of(&mut state, &ask, Role::Member) {
            Ok(resource) => resource,
            Err(answer) => return answer,
        };
        // Somebody may have been faster.
        if let Some(answer) = refusal(resource, &path, replaces) {
            return answer;
        }
        if resource.bucket.is_some() {
            let put = resource.place_of(&path).map(|to| place.persist(to));
            let done = matches!(put, Ok(Ok(())));
            return empty(if done { StatusCode::CREATED } else { StatusCode::INTERNAL_SERVER_ERROR });
        }
        let Ok(place) = place.keep() else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
        let stored = Stored { place, size, at: Utc::now() };
        let file = resource.files.entry(path).or_insert_with(|| File { created: stored.at, versions: vec![] });
        file.versions.push(stored);
        empty(StatusCode::CREATED)
    }

    pub(super) fn delete_file(&self, ask: &Ask) -> Answer {
        let path = ask.file();
        let mut state = self.state();
        match Self::resource_of(&mut state, ask, Role::Member) {
            Err(answer) => answer,
            Ok(resource) => {
                resource.metadata.remove(path);
                if resource.files.remove(path).is_none() {
                    return missing("The file");
                }
                if resource.bucket.is_some() && resource.place_of(path).and_then(std::fs::remove_file).is_err() {
                    return empty(StatusCode::INTERNAL_SERVER_ERROR);
                }
                empty(StatusCode::NO_CONTENT)
            }
        }
    }

    fn signature(&self, path: &str, at: &str, expires: &str) -> String {
        blake3::keyed_hash(&self.0.key, format!("{path}\n{at}\n{expires}").as_bytes()).to_hex()[..32].to_owned()
    }

    fn signed_url(&self, resource: &str, path: &str) -> String {
        let written: Vec<String> = path.split('/').map(segment).collect();
        let path = format!("/{resource}/{}", written.join("/"));
        let (at, expires) = (Utc::now().format(SIGNED_AT).to_string(), self.0.signed_for.to_string());
        let signature = self.signature(&path, &at, &expires);
        let query = format!("X-Amz-Date={at}&X-Amz-Expires={expires}&X-Amz-Signature={signature}");
        format!("{}{path}?{query}", self.0.storage_url)
    }

    /// Answers a request to the storage that signed URLs point to, as S3 does.
    pub(crate) async fn storage<B>(&self, request: Request<B>) -> Answer {
        let headers = request.headers();
        if headers.contains_key(header::AUTHORIZATION) {
            // It must never have come here.
            let mut answer = refused(StatusCode::BAD_REQUEST, "InvalidArgument", "Only one auth mechanism allowed");
            let told = "a token was sent to the storage's origin".to_owned();
            answer.extensions_mut().insert(ContractViolation(vec![told]));
            return answer;
        }
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        let given = |name: &str| query.get(name).map_or("", String::as_str);
        let (path, at, expires) = (request.uri().path(), given("X-Amz-Date"), given("X-Amz-Expires"));
        if given("X-Amz-Signature") != self.signature(path, at, expires) {
            return refused(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "The signature does not match");
        }
        let at = NaiveDateTime::parse_from_str(at, SIGNED_AT).expect("it is signed").and_utc();
        if at + TimeDelta::seconds(expires.parse().expect("it is signed")) <= Utc::now() {
            return refused(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired");
        }
        let stored = {
            let mut state = self.state();
            let (id, path) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            state.resource_mut(id).and_then(|resource| {
                resource.look_at(&path);
                resource.files.get(&*path).map(|it| it.newest().place.clone())
            })
        };
        let answer = match stored {
            Some(place) => object(&place, headers).await.ok(),
            None => None,
        };
        answer.unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."))
    }
}

/// How S3 refuses.
fn refused(status: StatusCode, code: &str, message: &str) -> Answer {
    bytes(status, "application/xml", format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

/// One segment of a URL's path.
fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Why a file may not be written so.
fn refusal(resource: &Resource, path: &str, replaces: bool) -> Option<Answer> {
    let there = resource.files.contains_key(path);
    if there && !replaces {
        return Some(bad("Blob already exists."));
    }
    if !there && replaces {
        return Some(bad("Blob does not exist."));
    }
    if resource.kind == Kind::Web && !resource.metadata.contains_key(path) {
        return Some(bad("The metadata must be stored before the content."));
    }
    None
}

/// Writes the form's field `file` to the disk as it comes.
async fn receive(body: Body, boundary: String, place: &Path, room: u64) -> Result<u64, Answer> {
    let broken = |e: &dyn std::fmt::Display| bad(&format!("The form could not be read: {e}"));
    let mut form = multer::Multipart::new(BodyDataStream::new(body), boundary);
    let mut size = None;
    while let Some(mut field) = form.next_field().await.map_err(|e| broken(&e))? {
        if field.name() != Some("file") {
            return Err(bad("The form has a field that is not `file`."));
        }
        // Not created: what is dropped meanwhile must not come back.
        let mut file = OpenOptions::new().write(true).truncate(true).open(place).await.map_err(|e| broken(&e))?;
        let mut length = 0;
        while let Some(chunk) = field.chunk().await.map_err(|e| broken(&e))? {
            length += chunk.len() as u64;
            if length > room {
                return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "The quota of the resource is exceeded."));
            }
            file.write_all(&chunk).await.map_err(|e| broken(&e))?;
        }
        file.flush().await.map_err(|e| broken(&e))?;
        size = Some(length);
    }
    size.ok_or_else(|| bad("The form has no field `file`."))
}

/// What is stored, as S3 gives it: with its `ETag`, and as much of it as the headers ask for. All is of the file that is
/// opened: by now another may have been put in the place of the one that was seen.
async fn object(place: &Path, asked: &HeaderMap) -> std::io::Result<Answer> {
    let file = tokio::fs::File::open(place).await?;
    let seen = file.metadata().await?;
    let (size, changed) = (seen.len(), seen.modified()?);
    let version = format!("{}\n{size}\n{changed:?}", place.display());
    let tag = format!("\"{}\"", &blake3::hash(version.as_bytes()).to_hex()[..32]);
    let is_other = |condition| asked.get(condition).is_some_and(|it| it != "*" && *it != tag);
    if is_other(header::IF_MATCH) {
        return Ok(refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", "It has changed"));
    }
    let range = asked.get(header::RANGE).filter(|_| !is_other(header::IF_RANGE)).and_then(|it| it.to_str().ok());
    let mut answer = match range.map_or(Ok(None), |range| span(range, size)) {
        Ok(span) => content(file, size, span).await,
        Err(told) => {
            let mut answer = refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The range has no byte of it");
            answer.headers_mut().insert(header::CONTENT_RANGE, told);
            return Ok(answer);
        }
    };
    let headers = answer.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hex"));
    headers.insert(header::LAST_MODIFIED, HeaderValue::try_from(httpdate::fmt_http_date(changed)).expect("a date"));
    Ok(answer)
}

/// The first and the last byte that a `Range` asks for; `None` if it is to be ignored, as one of many parts is. The error
/// is what to say when it has none of the bytes.
fn span(range: &str, size: u64) -> Result<Option<(u64, u64)>, HeaderValue> {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|it| it.split_once('-')) else { return Ok(None) };
    let (from, to) = match (from, from.parse(), to, to.parse()) {
        (_, Ok(from), _, Ok(to)) if from <= to => (from, to),
        (_, Ok(from), "", _) => (from, u64::MAX),
        ("", _, _, Ok(last)) => (size.saturating_sub(last), u64::MAX),
        _ => return Ok(None),
    };
    if from >= size {
        return Err(HeaderValue::try_from(format!("bytes */{size}")).expect("a number"));
    }
    Ok(Some((from, to.min(size - 1))))
}

/// A file's content, or this part of it.
async fn content(mut file: tokio::fs::File, size: u64, range: Option<(u64, u64)>) -> Answer {
    let (from, length) = range.map_or((0, size), |(from, to)| (from, to - from + 1));
    if from > 0 && file.seek(std::io::SeekFrom::Start(from)).await.is_err() {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = BytesMut::with_capacity(left.min(64 << 10) as usize);
        let n = (&mut file).take(left).read_buf(&mut chunk).await?;
        if n == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        Ok(Some((Frame::data(chunk.freeze()), (file, left - n as u64))))
    });
    let mut answer = Answer::new(StreamBody::new(chunks).boxed_unsync());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Some((from, to)) = range {
        let told = format!("bytes {from}-{to}/{size}");
        headers.insert(header::CONTENT_RANGE, HeaderValue::try_from(told).expect("numbers"));
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    answer
}

/// One level of a tree: the folders and files whose path begins with `prefix`, up to the next slash.
fn level(files: &BTreeMap<String, File>, prefix: &str, link: impl Fn(&str) -> Option<String>) -> Vec<Value> {
    let mut items: Vec<Value> = vec![];
    let mut last_folder = String::new();
    for (path, file) in files.range(prefix.to_owned()..).take_while(|(path, _)| path.starts_with(prefix)) {
        let folder_of = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        if let Some((folder, _)) = path[prefix.len()..].split_once('/') {
            let folder = format!("{prefix}{folder}/");
            if folder != last_folder {
                let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
                items.push(json!({
                    "path": folder, "type": "Tree", "directory": folder_of(folder.trim_end_matches('/')), "name": name,
                    "extension": "", "size": 0, "creationDate": null, "changeDate": null, "hidden": false,
                }));
                last_folder = folder;
            }
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let mut item = json!({
            "path": path, "type": "Leaf", "directory": folder_of(path), "name": name,
            "extension": name.rsplit_once('.').map_or("", |(_, extension)| extension), "size": file.newest().size,
            "creationDate": time(file.created), "changeDate": time(file.newest().at), "hidden": false,
        });
        if let Some(url) = link(path) {
            item["actions"] = json!({ "download": { "url": url, "method": "GET" } });
        }
        items.push(item);
    }
    items
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tokio::net::TcpStream;

    use super::*;
    use crate::{Options, Sandbox, coscine::state::uuid};

    #[test]
    fn a_level_holds_its_folders_once_and_its_files() {
        let stored = || Stored { place: PathBuf::new(), size: 3, at: Utc::now() };
        let file = || File { created: Utc::now(), versions: vec![stored()] };
        let files: BTreeMap<_, _> =
            ["a.txt", "b/c.txt", "b/d/e.txt", "b/d/f", "b2/g"].map(|path| (path.to_owned(), file())).into();
        let paths = |prefix: &str| {
            let items = level(&files, prefix, |_| None);
            items.iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(paths(""), ["a.txt", "b/", "b2/"]);
        assert_eq!(paths("b/"), ["b/c.txt", "b/d/"]);
        assert_eq!(paths("b/d/"), ["b/d/e.txt", "b/d/f"]);
        assert_eq!(paths("x/"), [""; 0]);
    }

    const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    const HALF: &str = "half of the content, ";
    const END: &str = "\r\n--b--\r\n";
    const SEEDED: usize = 5;

    /// Sends half of an upload, and waits until it lies in the folder as its `n`-th file.
    async fn half_an_upload(sandbox: &Sandbox, n: usize) -> TcpStream {
        let project = uuid("project Demo");
        let resource = uuid(&format!("resource {project} Bucket"));
        let (host, token) = (sandbox.url().split('/').nth(2).unwrap(), sandbox.token("alice").unwrap());
        let mut stream = TcpStream::connect(host).await.unwrap();
        let length = FORM.len() + HALF.len() * 2 + END.len();
        let request = format!(
            "POST /coscine/api/v2/projects/{project}/resources/{resource}/storage/new.txt/content HTTP/1.1\r\n\
             host: {host}\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\n\
             content-type: multipart/form-data; boundary=b\r\n\r\n{FORM}{HALF}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(holds(sandbox, n).await);
        stream
    }

    /// Whether there are soon so many files in the folder.
    async fn holds(sandbox: &Sandbox, files: usize) -> bool {
        for _ in 0..100 {
            if std::fs::read_dir(&sandbox.state.service.0.folder).unwrap().count() == files {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    }

    fn is_listed(sandbox: &Sandbox) -> bool {
        sandbox.state.service.state().resources.iter().any(|resource| resource.files.contains_key("new.txt"))
    }

    #[tokio::test]
    async fn an_upload_that_is_dropped_leaves_nothing() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        for reset in [false, true] {
            let stream = half_an_upload(&sandbox, SEEDED + 1).await;
            if reset {
                stream.set_zero_linger().unwrap();
            }
            drop(stream);
            assert!(holds(&sandbox, SEEDED).await, "reset: {reset}");
            assert!(!is_listed(&sandbox));
        }
    }

    #[tokio::test]
    async fn of_two_uploads_to_one_path_one_leaves_nothing() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let one = half_an_upload(&sandbox, SEEDED + 1).await;
        let other = half_an_upload(&sandbox, SEEDED + 2).await;
        for (mut stream, status) in [(one, "201"), (other, "400")] {
            stream.write_all(format!("{HALF}{END}").as_bytes()).await.unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(std::str::from_utf8(&answer[9..]), Ok(status));
        }
        assert!(is_listed(&sandbox) && holds(&sandbox, SEEDED + 1).await);
    }
}
