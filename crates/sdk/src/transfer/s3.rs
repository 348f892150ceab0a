//! Content straight into a bucket, and links out of it. Knows S3, and no service that has buckets.

use std::{
    error::Error as StdError,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures::{TryStreamExt as _, future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use middleware::{Body, Operation, Stack};
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutMode, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
    multipart::{MultipartStore as _, PartId},
    path::Path as Key,
    signer::Signer as _,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use url::Url;

use super::{
    Digest, LocalFile, Progress, TRIES,
    file::{Reader, back},
};
use crate::{
    Error, Kind, Result,
    error::{printable, timed},
    per_process::{Of, PerProcess},
};

/// From this size on a content is sent in parts.
const IN_PARTS: u64 = 16 << 20;

/// The size of a part, unless there would be too many.
const PART: u64 = 8 << 20;

/// Parts of one file on their way at once.
const PARTS_AT_ONCE: usize = 4;

/// Parts that S3 allows.
const MOST_PARTS: u64 = 10_000;

/// Mebibytes of content in memory at once, of all files that one bucket is given: S3 wants the hash of what it is sent
/// before it is sent.
const ROOM: u64 = 64;

/// Bytes handed to a socket at once. What is larger would look as if it stood still on a slow line.
const CHUNK: usize = 64 << 10;

/// The longest name of an object, in bytes.
const LONGEST_KEY: usize = 1024;

/// How long a link is good.
const LINK: Duration = Duration::from_secs(3600);

/// What a request to S3 is called: it is no operation of the service.
const S3: Operation = Operation::new("s3", Method::PUT, "/{bucket}/{key}", "");

/// A bucket, opened by one pair of keys.
pub(crate) struct Bucket {
    name: String,
    s3: AmazonS3,
    /// The same for what must not be there yet.
    create: AmazonS3,
    room: Arc<Semaphore>,
    clock: Clock,
}

/// The way to a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The storage; none for AWS.
    pub endpoint: Option<Url>,
    /// Where in the world; `us-east-1` if nothing is said, which most storages take.
    pub region: Option<String>,
    /// The access key, which names the pair.
    pub access: SecretString,
    /// The secret key, which proves it.
    pub secret: SecretString,
    /// What AWS gives out beside keys that are good for some hours.
    pub session: Option<SecretString>,
}

/// How many seconds the server's clock is ahead of ours, by its last answer.
type Clock = Arc<AtomicI64>;

impl Bucket {
    /// Opens it. Nothing is sent; `stack` is the way that requests will take.
    pub(crate) fn open(access: &Access, name: &str, stack: &Stack) -> Result<Self> {
        let clock = Clock::default();
        let open = |create| {
            let Access { endpoint, region, access, secret, session } = access;
            let mut builder = AmazonS3Builder::new()
                .with_bucket_name(name)
                .with_access_key_id(access.expose_secret())
                .with_secret_access_key(secret.expose_secret())
                .with_retry(RetryConfig { max_retries: TRIES as usize - 1, ..RetryConfig::default() })
                .with_http_connector(Over { stack: stack.clone(), create, clock: clock.clone() });
            if let Some(endpoint) = endpoint {
                builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
                builder = builder.with_allow_http(endpoint.scheme() == "http");
            }
            if let Some(region) = region {
                builder = builder.with_region(region);
            }
            if let Some(session) = session {
                builder = builder.with_token(session.expose_secret());
            }
            builder.build().map_err(|_| Error::new(Kind::Unexpected, "no bucket can be reached by what is known of it"))
        };
        let (s3, create) = (open(false)?, open(true)?);
        Ok(Self { name: name.to_owned(), s3, create, room: Arc::new(Semaphore::new(ROOM as usize)), clock })
    }

    /// The names of all objects below a folder of names.
    pub(crate) async fn list(&self, folder: &str) -> Result<Vec<String>> {
        let listed = async {
            let folder = key(folder)?;
            let objects: Vec<ObjectMeta> = call(self.s3.list(Some(&folder)).try_collect()).await?;
            Ok(objects.into_iter().map(|it| it.location.to_string()).collect())
        };
        listed.await.map_err(|e: Error| self.about(folder, e))
    }

    /// A link by which anybody may fetch an object for an hour.
    pub(crate) async fn link(&self, name: &str) -> Result<Url> {
        let key = key(name)?;
        self.s3.signed_url(Method::GET, &key, LINK).await.map_err(|e| self.about(name, told(e)))
    }

    /// Stores a file once, and tells when the server had it, by its clock. A `new` one is refused if it is there.
    pub(crate) async fn put(
        &self,
        file: &LocalFile,
        new: bool,
        progress: &Progress,
        digest: &Digest,
    ) -> Result<SystemTime> {
        let put = async {
            let key = key(&file.name)?;
            if file.size < IN_PARTS {
                self.put_whole(&key, file, new, progress, digest).await
            } else {
                self.put_parts(&key, file, new, progress, digest).await
            }
        };
        // Several kilobytes, which would be copied at each level above.
        let put: BoxFuture<'_, Result<()>> = Box::pin(put);
        put.await.map_err(|e| self.about(&file.name, e))?;
        Ok(self.there(SystemTime::now()))
    }

    fn about(&self, name: &str, error: Error) -> Error {
        error.about(format!("{name} in bucket {}", self.name))
    }

    async fn put_whole(
        &self,
        key: &Key,
        file: &LocalFile,
        new: bool,
        progress: &Progress,
        digest: &Digest,
    ) -> Result<()> {
        let failed = |e| Error::io(&file.path, e);
        let _room = self.room.acquire_many(mebibytes(file.size)).await.expect("it is not closed");
        let mut attempt = progress.attempt();
        let (reader, content) = back(Reader::begin(file, file.size as usize)).await.map_err(failed)?;
        let content = payload(&content);
        file.unchanged()?;
        let begun = SystemTime::now();
        let put = |mode: PutMode| call(self.s3.put_opts(key, content.clone(), mode.into()));
        if let Err(error) = put(if new { PutMode::Create } else { PutMode::Overwrite }).await {
            self.settle(key, file.size, begun, error, || put(PutMode::Overwrite)).await?;
        }
        attempt.moved(file.size as usize);
        attempt.whole();
        digest.set(reader.hash());
        Ok(())
    }

    async fn put_parts(
        &self,
        key: &Key,
        file: &LocalFile,
        new: bool,
        progress: &Progress,
        digest: &Digest,
    ) -> Result<()> {
        let mut attempt = progress.attempt();
        let (reader, _) = back(Reader::begin(file, 0)).await.map_err(|e| Error::io(&file.path, e))?;
        let begun = SystemTime::now();
        let mut upload = Upload::begin(&self.s3, key).await?;
        let stored = async {
            let length = PART.max(file.size.div_ceil(MOST_PARTS));
            let (room, hashed) = (self.room.clone(), digest.clone());
            // All is owned: what borrows here is no future that can be sent to another thread.
            let read = stream::try_unfold((reader, 0_usize), move |(reader, n)| {
                let (room, hashed) = (room.clone(), hashed.clone());
                async move {
                    let room = room.acquire_many_owned(mebibytes(length)).await.expect("it is not closed");
                    let path = reader.path.clone();
                    let read = back(reader.next(length as usize)).await;
                    let (reader, content) = read.map_err(|e| Error::io(&path, e))?;
                    if content.is_empty() {
                        hashed.set(reader.hash());
                        return Ok(None);
                    }
                    Ok(Some(((n, content, room), (reader, n + 1))))
                }
            });
            let (s3, at, id) = (self.s3.clone(), key.clone(), upload.id.clone());
            let send = move |(n, content, room): (usize, Bytes, OwnedSemaphorePermit)| {
                let (s3, key, id) = (s3.clone(), at.clone(), id.clone());
                async move {
                    let part = call(s3.put_part(&key, &id, n, payload(&content))).await?;
                    drop(room);
                    Ok::<_, Error>((n, part, content.len()))
                }
            };
            let mut stored = std::pin::pin!(read.map_ok(send).try_buffer_unordered(PARTS_AT_ONCE));
            let mut parts = vec![];
            while let Some((n, id, length)) = stored.try_next().await? {
                attempt.moved(length);
                parts.push((n, id));
            }
            parts.sort_by_key(|(n, _)| *n);
            let parts: Vec<PartId> = parts.into_iter().map(|(_, id)| id).collect();
            file.unchanged()?;
            let complete = |s3: AmazonS3| {
                let (key, id, parts) = (key.clone(), upload.id.clone(), parts.clone());
                async move { call(s3.complete_multipart(&key, &id, parts)).await }
            };
            match complete(if new { self.create.clone() } else { self.s3.clone() }).await {
                Err(error) => self.settle(key, file.size, begun, error, || complete(self.s3.clone())).await,
                Ok(_) => Ok(()),
            }
        };
        match stored.await {
            Ok(()) => upload.open = false,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        }
        attempt.whole();
        Ok(())
    }

    /// What an error on storing an object means: if an answer was lost, the next try may have met our own doing; and a
    /// store that knows no conditions is told to `overwrite`, if we see nothing there.
    async fn settle<T, Fut: Future<Output = Result<T>>>(
        &self,
        key: &Key,
        size: u64,
        begun: SystemTime,
        error: Error,
        overwrite: impl FnOnce() -> Fut,
    ) -> Result<()> {
        let knows_no_conditions = error.status() == Some(StatusCode::NOT_IMPLEMENTED);
        // An upload that is complete is unknown to most servers, and to some it is somebody else's.
        let refused = matches!(error.kind(), Kind::Conflict | Kind::NotFound | Kind::Forbidden);
        let may_be_ours = error.attempts() > 1 && refused;
        if !(knows_no_conditions || may_be_ours) {
            return Err(error);
        }
        tracing::debug!(%error, "settling what is there");
        let there = call(self.s3.head(key)).await;
        if may_be_ours {
            let ours = |it: &ObjectMeta| {
                let stored = SystemTime::from(it.last_modified);
                it.size == size && stored + Duration::from_secs(2) >= self.there(begun)
            };
            return if there.as_ref().is_ok_and(ours) { Ok(()) } else { Err(error) };
        }
        match there {
            Ok(_) => Err(Error::new(Kind::Conflict, "it is there already")),
            Err(none) if none.is_not_found() => overwrite().await.map(drop),
            Err(other) => Err(other),
        }
    }

    /// A time of ours by the server's clock.
    fn there(&self, here: SystemTime) -> SystemTime {
        let ahead = self.clock.load(Ordering::Relaxed);
        let apart = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { here - apart } else { here + apart }
    }
}

/// An upload in parts that is not complete; it is aborted when this is dropped, so that no part takes space for ever.
struct Upload {
    s3: AmazonS3,
    key: Key,
    id: String,
    open: bool,
    _counted: Counted,
}

type Open = Arc<Of<watch::Sender<usize>>>;

/// Uploads that are begun, and neither complete nor aborted, in this process.
fn open() -> Open {
    static OPEN: PerProcess<watch::Sender<usize>> = PerProcess::new();
    OPEN.get(|_| watch::Sender::default())
}

struct Counted(Open);

impl Counted {
    fn new() -> Self {
        let open = open();
        open.send_modify(|open| *open += 1);
        Self(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

/// Waits until no upload is open: what a dropped transfer had begun is aborted in the background, and a program that
/// ends before that leaves parts in the bucket.
pub async fn settled() {
    // The sender is never dropped.
    let _ = open().subscribe().wait_for(|open| *open == 0).await;
}

impl Upload {
    async fn begin(s3: &AmazonS3, key: &Key) -> Result<Self> {
        let (s3, key) = (s3.clone(), key.clone());
        // A task goes on if we are dropped, so that what the server has begun is known and aborted.
        let counted = Counted::new();
        let begun = tokio::spawn(async move {
            let id = call(s3.create_multipart(&key)).await?;
            Ok(Self { s3, key, id, open: true, _counted: counted })
        });
        begun.await.expect("it does not panic")
    }

    async fn abort(mut self) {
        if let Err(error) = call(self.s3.abort_multipart(&self.key, &self.id)).await {
            tracing::debug!(%error, "the parts of an upload stay until the bucket's own rules delete them");
        }
        self.open = false;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.open
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let Self { s3, key, id, .. } = self;
            let (s3, key, id) = (s3.clone(), key.clone(), std::mem::take(id));
            runtime.spawn(Self { s3, key, id, open: false, _counted: Counted::new() }.abort());
        }
    }
}

/// The name of an object as it is: `Key::from` would escape what S3 takes.
fn key(name: &str) -> Result<Key> {
    let why = match Key::parse(name) {
        Ok(key) if !name.is_empty() && key.as_ref() == name && name.len() <= LONGEST_KEY => return Ok(key),
        Ok(_) if name.len() > LONGEST_KEY => "it is longer than 1024 bytes",
        _ => "a part of it is empty, `.` or `..`, or it holds a control character",
    };
    Err(Error::invalid(format!("an object in S3 can't be called so: {why}")).about(printable(name)))
}

/// How much of [`ROOM`] so many bytes take.
fn mebibytes(bytes: u64) -> u32 {
    bytes.div_ceil(1 << 20).clamp(1, ROOM) as u32
}

fn payload(content: &Bytes) -> PutPayload {
    (0..content.len()).step_by(CHUNK).map(|from| content.slice(from..content.len().min(from + CHUNK))).collect()
}

async fn call<T>(work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    timed(&S3, async { work.await.map_err(told) }).await
}

/// What another's error is to us; what it says itself may hold more than anybody should read.
fn told(error: object_store::Error) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
    while let Some(it) = cause {
        if let Some(Refused { status, headers, body }) = it.downcast_ref() {
            return Error::from_answer(*status, headers, body);
        }
        if let Some(error) = it.downcast_ref::<middleware::Error>() {
            return error.clone().into();
        }
        cause = it.source();
    }
    Error::new(Kind::Unavailable, "the storage did not answer as S3 does; try again later").with_source(error)
}

/// An answer that is no success.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)
    }
}

impl StdError for Refused {}

/// Sends what object_store builds and signs through our stack: its timeouts, its trace, its pool of connections.
#[derive(Clone, Debug)]
struct Over {
    stack: Stack,
    create: bool,
    clock: Clock,
}

impl HttpConnector for Over {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait::async_trait]
impl HttpService for Over {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut parts, body) = request.into_parts();
        // object_store has no word for a condition on completing; a signature need not cover it.
        let completes = || parts.uri.query().is_some_and(|query| query.starts_with("uploadId="));
        if self.create && parts.method == Method::POST && completes() {
            parts.headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        let body = match body.as_bytes() {
            Some(bytes) => Body::from(bytes.clone()),
            None => {
                let length = body.content_length() as u64;
                Body::source(Some(length), move || reqwest::Body::wrap(body.clone()))
            }
        };
        // What object_store takes for a request that was not sent, it sends again. All that we send may be: an object
        // that an answer was lost of is settled.
        let kind = |again| if again { HttpErrorKind::Request } else { HttpErrorKind::Unknown };
        let failed = |error: middleware::Error| HttpError::new(kind(error.is_transient()), error);
        let operation = Operation { method: parts.method.clone(), ..S3 };
        let answer = self.stack.send(http::Request::from_parts(parts, body), operation).await.map_err(failed)?;
        let (parts, body) = answer.into_parts();
        if let Some(date) = parts.headers.get(header::DATE).and_then(|it| it.to_str().ok())
            && let Ok(date) = httpdate::parse_http_date(date)
        {
            let seconds =
                |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs() as i64);
            self.clock.store(seconds(date) - seconds(SystemTime::now()), Ordering::Relaxed);
        }
        let body = body.collect(1 << 20).await.map_err(failed)?;
        if parts.status.is_success() {
            return Ok(HttpResponse::from_parts(parts, body.into()));
        }
        let again = matches!(parts.status.as_u16(), 408 | 429 | 500 | 502..=504);
        Err(HttpError::new(kind(again), Refused { status: parts.status, headers: parts.headers, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_or_refused() {
        for name in ["a", "ä ö/100%20#1?.txt", "a|b", "a+b&c=d/{x}~", "a ", " a"] {
            assert_eq!(key(name).unwrap().as_ref(), name);
        }
        let long = "x".repeat(1025);
        for name in ["", "/a", "a/", "/", "a//b", "a/./b", "../a", "a\nb", &long] {
            assert_eq!(key(name).unwrap_err().kind(), Kind::Invalid, "{name:?}");
        }
    }

    #[test]
    fn room_is_taken_by_size_and_never_more_than_there_is() {
        assert_eq!([0, 1, 1 << 20, (1 << 20) + 1, 1 << 40].map(mebibytes), [1, 1, 1, 2, 64]);
        let content = Bytes::from(vec![1; 3 * CHUNK + 1]);
        assert_eq!(payload(&content).as_ref().len(), 4);
        assert_eq!(Bytes::from(payload(&content)), content);
    }
}
