//! The services embedded in one process, with faults on demand: for demos, tests and offline trials.
//!
//! Written from the documents and from what is known of the services, and from nothing of the client, so that a mistake in
//! the one is not repeated in its judge. Everything listens on loopback only.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let sandbox = whimbrel_sandbox::Sandbox::start(whimbrel_sandbox::Options::default()).await?;
//! println!("export COSCINE_URL={} COSCINE_API_TOKEN={}", sandbox.url(), sandbox.token("alice").unwrap());
//! assert_eq!(sandbox.report().requests, 0);
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod coscine;
mod document;
pub mod fault;
mod report;
mod server;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, combinators::UnsyncBoxBody};
use tokio::{net::TcpListener, task::JoinSet};

pub use fault::{Fault, FaultPlan};
pub use report::Report;

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

pub(crate) fn no_body() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of the API; any free one by default.
    pub port: u16,
    /// What goes wrong.
    pub faults: FaultPlan,
    /// Added to each answer of the API.
    pub latency: Duration,
    /// Lets unknown query parameters pass, as Coscine does; they are reported all the same.
    pub lenient: bool,
    /// Requests that a token has in any 60 seconds; `None` for no limit. Coscine documents 500.
    pub requests_per_minute: Option<usize>,
    /// How long a signed URL is good, in whole seconds: an hour by default, and at most the week that S3 allows.
    pub signed_for: Duration,
    /// An S3 server over a folder, in which resources of S3 types keep their content. Without one it lies where only
    /// the API and its signed URLs reach it, and the keys that the API gives open nothing.
    pub s3: Option<S3>,
}

/// An S3 server that keeps each object as the file `<folder>/<bucket>/<key>`, as `s3s-fs` does.
///
/// The bucket of a resource is called by the resource's id, and is made with it. What comes into it or leaves it on either
/// side, the API or the server, does so on both.
#[derive(Clone, Debug)]
pub struct S3 {
    /// Where it is reached.
    pub endpoint: String,
    /// What it serves; there already.
    pub folder: PathBuf,
    /// The access key and the secret that may read.
    pub read: (String, String),
    /// Those that may write, too.
    pub write: (String, String),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            faults: FaultPlan::default(),
            latency: Duration::ZERO,
            lenient: false,
            requests_per_minute: Some(500),
            signed_for: Duration::from_secs(3600),
            s3: None,
        }
    }
}

/// A running sandbox. It stops when this is dropped, and its files are gone then.
pub struct Sandbox {
    url: String,
    state: Arc<server::State>,
    _tasks: Mutex<JoinSet<()>>,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    /// Starts one on loopback, on the running tokio runtime. A plan that can't be meant is refused.
    pub async fn start(options: Options) -> io::Result<Self> {
        options.faults.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let (api, storage) = (bind(options.port).await?, bind(0).await?);
        let folder = tempfile::Builder::new().prefix("whimbrel-sandbox-").tempdir()?;
        let storage_url = format!("http://{}", storage.local_addr()?);
        let service = coscine::Service::new(folder.path().to_path_buf(), storage_url, &options)?;
        let url = format!("http://{}{}", api.local_addr()?, coscine::BASE);
        let state = Arc::new(server::State::new(service, &options));
        let mut tasks = JoinSet::new();
        tasks.spawn(server::serve(api, state.clone(), server::Side::Api));
        tasks.spawn(server::serve(storage, state.clone(), server::Side::Storage));
        Ok(Self { url, state, _tasks: Mutex::new(tasks), _folder: folder })
    }

    /// The base URL of Coscine's API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every user and a token of each: `alice` owns the projects, `bob` is a member of `Demo`, `carol` a guest, `admin`
    /// an administrator.
    pub fn tokens(&self) -> Vec<(String, String)> {
        self.state.service.tokens()
    }

    /// A user's token.
    pub fn token(&self, user: &str) -> Option<String> {
        self.tokens().into_iter().find(|(name, _)| name == user).map(|(_, token)| token)
    }

    /// What it has seen.
    pub fn report(&self) -> Report {
        self.state.report()
    }

    /// Begins to count anew; what it holds stays.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// What goes wrong from now on. Panics at a plan that [`start`](Self::start) refuses.
    pub fn set_faults(&self, faults: FaultPlan) {
        faults.check().expect("a plan that can be met");
        self.state.set_faults(faults);
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}
