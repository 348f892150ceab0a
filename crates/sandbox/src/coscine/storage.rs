//! Files: one level at a time, content in and out, and what lies elsewhere behind signed URLs.

use std::{collections::BTreeMap, path::Path};

use chrono::Utc;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyDataStream;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::{fs::OpenOptions, io::AsyncWriteExt as _};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, empty, forbidden, missing, page, problem},
    projects::allowed,
    state::{File, Kind, Resource, Role, State, Stored, is_path, time},
};
use crate::{Body, object, signed::refused};

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
            Ok(file) => object::content(file, stored.size, None).await,
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

    fn signed_url(&self, resource: &str, path: &str) -> String {
        self.0.signer.url(&Method::GET, &format!("{resource}/{path}"), self.0.signed_for, None)
    }

    /// Answers a request to the storage that signed URLs point to, as S3 does.
    pub(crate) async fn storage<B>(&self, request: Request<B>) -> Answer {
        if let Err(refused) = self.0.signer.check(request.method(), request.uri(), request.headers()) {
            return refused;
        }
        let stored = {
            let mut state = self.state();
            let (id, path) = request.uri().path().trim_start_matches('/').split_once('/').unwrap_or_default();
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            state.resource_mut(id).and_then(|resource| {
                resource.look_at(&path);
                resource.files.get(&*path).map(|it| it.newest().place.clone())
            })
        };
        let answer = match stored {
            Some(place) => object::file(&place, request.headers()).await.ok(),
            None => None,
        };
        answer.unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."))
    }
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

    use tokio::{io::AsyncReadExt as _, net::TcpStream};

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
            if std::fs::read_dir(&sandbox.coscine.0.folder).unwrap().count() == files {
                return true;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    }

    fn is_listed(sandbox: &Sandbox) -> bool {
        sandbox.coscine.state().resources.iter().any(|resource| resource.files.contains_key("new.txt"))
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
