//! An S3 server in this process, over a folder: what Coscine's resources of S3 types lie in.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::{
    Body, HttpResponse, S3, S3Request, S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    dto::{ETag, ETagCondition, GetObjectInput, HeadObjectInput},
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// An access key and its secret.
pub type Keys = (String, String);

/// A running server. It stops when this is dropped; the folder stays.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: BTreeMap<String, u64>,
    writes: usize,
    most_writes: usize,
    tokens: u64,
    to_lose: Option<(String, u64)>,
    to_fail: u64,
}

impl Seen {
    fn loses(&mut self, method: &Method) -> bool {
        let Some((_, left)) = self.to_lose.as_mut().filter(|(of, _)| *of == method.as_str()) else { return false };
        *left -= 1;
        let now = *left == 0;
        if now {
            self.to_lose = None;
        }
        now
    }
}

impl S3Server {
    /// Starts one on loopback. Each folder in `folder` is a bucket, each file below it an object.
    ///
    /// # Panics
    /// If there is no such folder, or no port is free.
    pub async fn start(folder: &Path, read: Keys, write: Keys) -> Self {
        let files = || FileSystem::new(folder).expect("a folder");
        let mut auth = SimpleAuth::new();
        for (key, secret) in [&read, &write] {
            auth.register(key.clone(), secret.as_str().into());
        }
        let mut builder = S3ServiceBuilder::new(files());
        builder.set_auth(auth);
        builder.set_access(Gate { writer: write.0, folder: folder.to_path_buf(), files: files() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (seen, mut tasks) = (Arc::default(), JoinSet::new());
        tasks.spawn(serve(listener, builder.build(), Arc::clone(&seen)));
        Self { endpoint, seen, _tasks: tasks }
    }

    /// Its URL. Buckets are paths below it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many requests came, by method; those that were refused or failed are among them.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        lock(&self.seen).requests.clone()
    }

    /// The most `PUT`s that were being answered at once.
    pub fn most_writes(&self) -> usize {
        lock(&self.seen).most_writes
    }

    /// How many requests carried a token, which is none of its business.
    pub fn tokens(&self) -> u64 {
        lock(&self.seen).tokens
    }

    /// Begins to count anew.
    pub fn reset(&self) {
        lock(&self.seen).requests.clear();
    }

    /// Does what the `n`-th request from now on with this method asks for, and breaks the connection instead of an answer.
    pub fn lose(&self, method: &str, n: u64) {
        lock(&self.seen).to_lose = Some((method.to_owned(), n));
    }

    /// Answers the next `n` requests with 503 `SlowDown`; nothing of them is done.
    pub fn fail_next(&self, n: u64) {
        lock(&self.seen).to_fail = n;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, service: S3Service, seen: Arc<Mutex<Seen>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, service.clone(), seen.clone()))),
                // Out of descriptors, most likely: it passes.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, service: S3Service, seen: Arc<Mutex<Seen>>) {
    let _ = stream.set_nodelay(true);
    let answer = service_fn(async |request: Request<Incoming>| {
        let writes = usize::from(request.method() == Method::PUT);
        let fails = {
            let mut seen = lock(&seen);
            let says = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
            seen.tokens += u64::from(says.is_some_and(|it| it.starts_with(b"Bearer")));
            seen.writes += writes;
            seen.most_writes = seen.most_writes.max(seen.writes);
            *seen.requests.entry(request.method().to_string()).or_default() += 1;
            let fails = seen.to_fail > 0;
            seen.to_fail = seen.to_fail.saturating_sub(1);
            fails
        };
        let lost = lock(&seen).loses(request.method());
        let answer = if fails {
            Ok(slow_down(request).await)
        } else {
            service.call(request.map(Body::from)).await.map_err(io::Error::other)
        };
        lock(&seen).writes -= writes;
        if lost { Err(io::Error::other("lost")) } else { answer }
    });
    // An error is what the client did.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
}

/// Hears the client to its end first, so that it reads the answer.
async fn slow_down(request: Request<Incoming>) -> HttpResponse {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    let told = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    let mut answer = HttpResponse::new(Body::from(told.to_owned()));
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/xml"));
    answer
}

/// Who may do what; and what `s3s-fs` 0.14 leaves out: conditions on reading, and that a folder is no object.
struct Gate {
    writer: String,
    folder: PathBuf,
    files: FileSystem,
}

impl Gate {
    /// The `ETag` of an object.
    async fn tag(&self, asked: S3Request<HeadObjectInput>) -> S3Result<ETag> {
        if self.folder.join(&asked.input.bucket).join(&asked.input.key).is_dir() {
            return Err(s3_error!(NoSuchKey));
        }
        self.files.head_object(asked).await?.output.e_tag.ok_or_else(|| s3_error!(InternalError))
    }
}

fn meets(tag: &ETag, must: Option<&ETagCondition>, must_not: Option<&ETagCondition>) -> S3Result<()> {
    if must.and_then(ETagCondition::as_etag).is_some_and(|it| !it.strong_cmp(tag)) {
        return Err(s3_error!(PreconditionFailed));
    }
    if must_not.is_some_and(|it| it.as_etag().is_none_or(|it| it.weak_cmp(tag))) {
        return Err(s3_error!(NotModified));
    }
    Ok(())
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, asked: &mut S3AccessContext<'_>) -> S3Result<()> {
        let reads = [Method::GET, Method::HEAD].contains(asked.method());
        match asked.credentials() {
            Some(it) if reads || it.access_key == self.writer => Ok(()),
            _ => Err(s3_error!(AccessDenied)),
        }
    }

    async fn head_object(&self, asked: &mut S3Request<HeadObjectInput>) -> S3Result<()> {
        let tag = self.tag(asked.clone()).await?;
        meets(&tag, asked.input.if_match.as_ref(), asked.input.if_none_match.as_ref())
    }

    async fn get_object(&self, asked: &mut S3Request<GetObjectInput>) -> S3Result<()> {
        let GetObjectInput { bucket, key, .. } = asked.input.clone();
        let head = asked.clone().map_input(|_| HeadObjectInput { bucket, key, ..HeadObjectInput::default() });
        let tag = self.tag(head).await?;
        let same = |it| tag.to_http_header().is_ok_and(|tag| tag == it);
        if !asked.headers.get(header::IF_RANGE).is_none_or(same) {
            asked.input.range = None;
        }
        meets(&tag, asked.input.if_match.as_ref(), asked.input.if_none_match.as_ref())
    }
}
