//! Where the content of datasets lies: in dtool-s3's layout, `<bucket>/<uuid>/...`, below a folder that this serves itself,
//! or that an S3 server serves.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use futures::StreamExt as _;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyDataStream;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use super::{
    presign,
    seed::{self, DTOOLCORE},
    state::Dataset,
};
use crate::{
    Body, S3,
    answer::{Answer, empty},
    document::is_uuid,
    object,
    server::{Serves, Side},
    signed::{CONTENT_MD5, Signer, refused},
};

/// The storage of all datasets whose content can be signed for.
#[derive(Clone)]
pub(crate) struct Storage(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    signer: Signer,
    s3: Option<S3>,
}

/// A dataset's place in the storage.
#[derive(Clone, Debug)]
pub(super) struct Place {
    bucket: String,
    uuid: String,
}

impl Place {
    /// Where a dataset with this URI lies; `None` for what is not S3's, or can be no name there.
    pub fn of(uri: &str) -> Option<Self> {
        let (bucket, uuid) = uri.strip_prefix("s3://")?.split_once('/')?;
        let is_bucket = bucket.len() >= 3
            && bucket.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'.')
            && !bucket.contains("..");
        (is_bucket && is_uuid(uuid)).then(|| Self { bucket: bucket.to_owned(), uuid: uuid.to_owned() })
    }

    fn key(&self, part: &str) -> String {
        format!("{}/{part}", self.uuid)
    }
}

impl Storage {
    /// A storage below `folder` that is reached at `origin`, unless it is an S3 server's.
    pub fn new(folder: PathBuf, origin: String, s3: Option<S3>) -> Self {
        let folder = s3.as_ref().map_or(folder, |s3| s3.folder.clone());
        Self(Arc::new(Inner { folder, signer: Signer::new(origin), s3 }))
    }

    /// Whether others reach it without a signature.
    pub fn is_open(&self) -> bool {
        self.0.s3.is_some()
    }

    /// A URL to an object of a dataset, that is good for so long; of an upload, for content of this MD5 (in base64) alone.
    pub(super) fn url(&self, method: Method, place: &Place, part: &str, life: Duration, md5: Option<&str>) -> String {
        let key = place.key(part);
        let Some(s3) = &self.0.s3 else {
            return self.0.signer.url(&method, &format!("{}/{key}", place.bucket), life, md5);
        };
        let (id, secret) = if method == Method::GET { &s3.read } else { &s3.write };
        let request = presign::Request { method, endpoint: &s3.endpoint, bucket: &place.bucket, key: &key, md5, life };
        request.url((id, secret), Utc::now())
    }

    fn path(&self, place: &Place, part: &str) -> PathBuf {
        self.0.folder.join(&place.bucket).join(place.key(part))
    }

    /// Bytes of an object; `None` if there is none.
    pub(super) fn size(&self, place: &Place, part: &str) -> Option<u64> {
        fs::metadata(self.path(place, part)).ok().filter(fs::Metadata::is_file).map(|it| it.len())
    }

    /// The text of an object; `None` if there is none, or it is no text.
    pub(super) fn text(&self, place: &Place, part: &str) -> Option<String> {
        fs::read_to_string(self.path(place, part)).ok()
    }

    /// Puts an object there, with what S3 shall tell of it.
    fn put(&self, place: &Place, part: &str, content: &[u8], told: &[(&str, String)]) -> io::Result<()> {
        self.put_at(&place.bucket, &place.key(part), content, told)
    }

    fn put_at(&self, bucket: &str, key: &str, content: &[u8], told: &[(&str, String)]) -> io::Result<()> {
        let place = self.0.folder.join(bucket).join(key);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&place, content)?;
        if self.is_open() {
            // Where `s3s-fs` keeps it. What it knew of an object before is not true any more.
            let written = |name: &str| BASE64_URL_SAFE_NO_PAD.encode(name);
            let note = |what: &str| {
                self.0.folder.join(format!(".bucket-{}.object-{}.{what}.json", written(bucket), written(key)))
            };
            let _ = fs::remove_file(note("internal"));
            let told: Map<String, Value> =
                told.iter().map(|(name, it)| ((*name).to_owned(), it.as_str().into())).collect();
            fs::write(note("metadata"), json!({ "user_metadata": told }).to_string())?;
        }
        Ok(())
    }

    /// Whether a dataset lies there whole.
    pub(super) fn holds(&self, place: &Place) -> bool {
        self.size(place, "dtool").is_some()
    }

    /// Puts a dataset of the seed there.
    pub(super) fn lay_out(&self, place: &Place, dataset: &Dataset) -> io::Result<()> {
        for (identifier, item) in seed::items(&dataset.manifest) {
            let content = seed::content_of(dataset, identifier).unwrap_or_default();
            let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
            let handle = BASE64_STANDARD.encode(text("relpath"));
            self.put(
                place,
                &format!("data/{identifier}"),
                &content,
                &[("handle", handle), ("checksum", text("hash"))],
            )?;
        }
        self.freeze(place, dataset, &Map::new())
    }

    /// Puts there all that is told of a dataset, when its items are there; the mark that it is whole comes last.
    pub(super) fn freeze(&self, place: &Place, dataset: &Dataset, overlays: &Map<String, Value>) -> io::Result<()> {
        let structure = json!({
            "dataset_registration_key": format!("dtool-{}", place.uuid), "data_key_infix": "data",
            "fragment_key_infix": "fragments", "overlays_key_infix": "overlays", "annotations_key_infix": "annotations",
            "tags_key_infix": "tags", "structure_key_suffix": "structure.json", "dtool_readme_key_suffix": "README.txt",
            "dataset_readme_key_suffix": "README.yml", "manifest_key_suffix": "manifest.json",
            "admin_metadata_key_suffix": "dtool", "http_manifest_key": "http_manifest.json",
            "storage_broker_version": "0.14.1",
        });
        self.put_at(&place.bucket, &format!("dtool-{}", place.uuid), b"", &[])?;
        self.put(place, "structure.json", structure.to_string().as_bytes(), &[])?;
        self.put(place, "manifest.json", dataset.manifest.to_string().as_bytes(), &[])?;
        for (name, overlay) in overlays {
            self.put(place, &format!("overlays/{}.json", file_name(name)), overlay.to_string().as_bytes(), &[])?;
        }
        self.describe(place, dataset)?;
        let admin = json!({
            "uuid": place.uuid, "dtoolcore_version": DTOOLCORE, "name": dataset.name, "type": "dataset",
            "creator_username": dataset.creator, "created_at": dataset.created_at, "frozen_at": dataset.frozen_at,
        });
        let told: Vec<(&str, String)> = admin
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, it)| (name.as_str(), it.as_str().map_or_else(|| it.to_string(), str::to_owned)))
            .collect();
        self.put(place, "dtool", admin.to_string().as_bytes(), &told)
    }

    /// Puts there what may change of a dataset.
    pub(super) fn describe(&self, place: &Place, dataset: &Dataset) -> io::Result<()> {
        for folder in ["tags", "annotations"] {
            match fs::remove_dir_all(self.path(place, folder)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        self.put(place, "README.yml", dataset.readme.as_bytes(), &[])?;
        for tag in &dataset.tags {
            self.put(place, &format!("tags/{}", file_name(tag)), b"", &[])?;
        }
        for (name, value) in &dataset.annotations {
            self.put(place, &format!("annotations/{}.json", file_name(name)), value.to_string().as_bytes(), &[])?;
        }
        Ok(())
    }

    /// The names of what lies in a folder of a dataset, without `.json`.
    pub(super) fn names(&self, place: &Place, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(place, folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|it| it.file_name().into_string().ok()?.strip_suffix(".json").map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }

    /// Takes an upload, or gives what is there.
    async fn call(&self, request: Request<Body>) -> Answer {
        if let Err(refused) = self.0.signer.check(request.method(), request.uri(), request.headers()) {
            return refused;
        }
        let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
        let path = path.trim_start_matches('/');
        // It is signed, but by whom? Names of datasets are checked, so this can't be met.
        if !path.split('/').all(|it| !it.is_empty() && it != "." && it != "..") {
            return refused(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.");
        }
        let place = self.0.folder.join(path);
        if request.method() == Method::PUT {
            return self.receive(request, &place).await;
        }
        let missing = || refused(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
        object::file(&place, request.headers()).await.unwrap_or_else(|_| missing())
    }

    async fn receive(&self, request: Request<Body>, place: &Path) -> Answer {
        let wanted = request.headers().get(CONTENT_MD5).and_then(|it| BASE64_STANDARD.decode(it).ok());
        let (body, mut hash) = (request.into_body(), Md5::new());
        let broken = || empty(StatusCode::INTERNAL_SERVER_ERROR);
        let Ok(temporary) = NamedTempFile::new_in(&self.0.folder) else { return broken() };
        let (file, temporary) = temporary.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut body = BodyDataStream::new(body);
        while let Some(chunk) = body.next().await {
            let Ok(chunk) = chunk else { return broken() };
            hash.update(&chunk);
            if tokio::io::AsyncWriteExt::write_all(&mut file, &chunk).await.is_err() {
                return broken();
            }
        }
        let hash = hash.finalize();
        if wanted.is_some_and(|wanted| wanted != hash[..]) {
            return refused(StatusCode::BAD_REQUEST, "BadDigest", "The Content-MD5 you specified did not match.");
        }
        let kept = async {
            tokio::io::AsyncWriteExt::flush(&mut file).await?;
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
            }
            temporary.persist(place).map_err(io::Error::from)
        };
        if kept.await.is_err() {
            return broken();
        }
        let mut answer = empty(StatusCode::OK);
        let tag = HeaderValue::try_from(format!("\"{}\"", seed::hex(&hash))).expect("hex");
        answer.headers_mut().insert(header::ETAG, tag);
        answer
    }
}

/// A name as one segment of a key: dtool's names of tags and annotations have no slash, but who knows.
pub(super) fn file_name(name: &str) -> String {
    match name {
        "." | ".." | "" => "_".to_owned(),
        name => name.replace(['/', '\\', '\0'], "_"),
    }
}

impl Serves for Storage {
    const SIDE: Side = Side::Storage;

    fn serve(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send {
        self.call(request)
    }
}
