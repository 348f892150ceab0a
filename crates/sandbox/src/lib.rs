//! The services embedded in one process, with faults on demand: for demos, tests and offline trials.
//!
//! Written from the documents and from what is known of the services, and from nothing of the client, so that a mistake in
//! the one is not repeated in its judge. Everything listens on loopback only.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let sandbox = whimbrel_sandbox::Sandbox::start(whimbrel_sandbox::Options::default()).await?;
//! println!("export COSCINE_URL={} COSCINE_API_TOKEN={}", sandbox.url(), sandbox.token("alice").unwrap());
//! let dserver = sandbox.dserver();
//! println!("export DSERVER_URL={} DSERVER_TOKEN={}", dserver.url(), dserver.token("testuser").unwrap());
//! assert_eq!((sandbox.report().requests, dserver.report().requests), (0, 0));
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod answer;
pub mod cocaine;
mod coscine;
pub mod datasift;
mod document;
mod dserver;
pub mod fault;
mod object;
mod report;
mod server;
mod signed;

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

pub use cocaine::Cocaine;
pub use datasift::Datasift;
pub use dserver::Release as DserverRelease;
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
    /// How long a signed URL is good, in whole seconds: an hour by default, and at most the week that S3 allows. Those to
    /// which dserver's datasets are uploaded are good four times as long.
    pub signed_for: Duration,
    /// An S3 server over a folder, in which resources of S3 types keep their content, and datasets of dserver's coming
    /// release theirs (in the buckets `base1` and `base2`). Without one it lies where only the API and its signed URLs
    /// reach it, and the keys that the API gives open nothing.
    pub s3: Option<S3>,
    /// The port of dserver's API; any free one by default.
    pub dserver_port: u16,
    /// Which dserver it is: the released one by default.
    pub dserver_release: DserverRelease,
    /// How many datasets dserver knows at the start: 20 by default.
    pub datasets: usize,
    /// The port of Cocaine's locator; any free one by default.
    pub cocaine_port: u16,
    /// How DataSift is set up.
    pub datasift: datasift::Options,
    /// How long a token is good that dserver's token generator makes, in whole seconds: 15 minutes by default.
    pub token_life: Duration,
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
            dserver_port: 0,
            dserver_release: DserverRelease::Released,
            datasets: 20,
            cocaine_port: 0,
            datasift: datasift::Options::default(),
            token_life: Duration::from_secs(900),
        }
    }
}

/// A running sandbox. It stops when this is dropped, and its files are gone then.
pub struct Sandbox {
    url: String,
    coscine: coscine::Service,
    state: Arc<server::State>,
    faults: server::Faults,
    dserver: Dserver,
    cocaine: Cocaine,
    datasift: Datasift,
    _tasks: Mutex<JoinSet<()>>,
    _folder: tempfile::TempDir,
}

/// The dserver of a sandbox: an index of dtool datasets at two base URIs.
///
/// It holds the same in each run: `microscopy-run-05` with the UUID `00000005-0000-4000-8000-000000000005`, and so on.
pub struct Dserver {
    url: String,
    token_generator_url: String,
    service: dserver::Service,
    state: Arc<server::State>,
}

impl Sandbox {
    /// Starts one on loopback, on the running tokio runtime. A plan that can't be meant is refused.
    pub async fn start(options: Options) -> io::Result<Self> {
        options.faults.check().map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let folder = tempfile::Builder::new().prefix("whimbrel-sandbox-").tempdir()?;
        let faults = server::Faults::new(Mutex::new(fault::Running::new(options.faults.clone())));
        let mut tasks = JoinSet::new();

        let (api, storage) = (bind(options.port).await?, bind(0).await?);
        let url = format!("http://{}{}", api.local_addr()?, coscine::BASE);
        let storage_url = format!("http://{}", storage.local_addr()?);
        let coscine = coscine::Service::new(made(folder.path().join("coscine"))?, storage_url, &options)?;
        let state = Arc::new(server::State::new(options.latency, options.requests_per_minute, faults.clone()));
        tasks.spawn(server::serve(api, state.clone(), coscine.clone()));
        tasks.spawn(server::serve(storage, state.clone(), coscine::Storage(coscine.clone())));

        let dserver = Dserver::start(&options, folder.path().join("dserver"), &faults, &mut tasks).await?;
        let cocaine = Cocaine::start(options.cocaine_port, &mut tasks).await?;
        let datasift = Datasift::start(options.datasift, options.latency, &faults, &mut tasks).await?;
        Ok(Self { url, coscine, state, faults, dserver, cocaine, datasift, _tasks: Mutex::new(tasks), _folder: folder })
    }

    /// The base URL of Coscine's API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every user of Coscine and a token of each: `alice` owns the projects, `bob` is a member of `Demo`, `carol` a guest,
    /// `admin` an administrator.
    pub fn tokens(&self) -> Vec<(String, String)> {
        self.coscine.tokens()
    }

    /// A token of a user of Coscine.
    pub fn token(&self, user: &str) -> Option<String> {
        self.tokens().into_iter().find(|(name, _)| name == user).map(|(_, token)| token)
    }

    /// The dserver beside Coscine.
    pub fn dserver(&self) -> &Dserver {
        &self.dserver
    }

    /// The Cocaine beside both.
    pub fn cocaine(&self) -> &Cocaine {
        &self.cocaine
    }

    /// The DataSift beside them.
    pub fn datasift(&self) -> &Datasift {
        &self.datasift
    }

    /// What it has seen of Coscine; [`Dserver::report`], [`Cocaine::report`] and [`Datasift::report`] tell of the others.
    pub fn report(&self) -> Report {
        self.state.report()
    }

    /// Begins to count anew, all services; what they hold stays.
    pub fn reset(&self) {
        self.state.reset();
        self.dserver.state.reset();
        self.cocaine.reset();
        self.datasift.reset();
    }

    /// What goes wrong from now on, in all services. Panics at a plan that [`start`](Self::start) refuses.
    pub fn set_faults(&self, faults: FaultPlan) {
        faults.check().expect("a plan that can be met");
        server::set_faults(&self.faults, faults);
    }
}

impl Dserver {
    async fn start(
        options: &Options,
        folder: PathBuf,
        faults: &server::Faults,
        tasks: &mut JoinSet<()>,
    ) -> io::Result<Self> {
        let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let (api, tokens, storage) = (bind(options.dserver_port).await?, bind(0).await?, bind(0).await?);
        let origin = format!("http://{}", storage.local_addr()?);
        let content = dserver::Storage::new(made(folder)?, origin, options.s3.clone());
        let url = format!("http://{}", api.local_addr()?);
        let token_generator_url = format!("http://{}/token", tokens.local_addr()?);
        let issuer = Arc::new(dserver::Issuer::new());
        let setup = dserver::Setup { release: options.dserver_release, datasets: options.datasets };
        let service = dserver::Service::new(setup, issuer.clone(), content.clone(), options.signed_for)?;
        // No quota: dserver has none.
        let state = Arc::new(server::State::new(options.latency, None, faults.clone()));
        tasks.spawn(server::serve(api, state.clone(), service.clone()));
        let generator = dserver::TokenGenerator::new(issuer, options.token_life);
        tasks.spawn(server::serve(tokens, state.clone(), generator));
        tasks.spawn(server::serve(storage, state.clone(), content));
        Ok(Self { url, token_generator_url, service, state })
    }

    /// The URL of its API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every user and a token of each: `admin` is an administrator, `testuser` may search both base URIs and register at
    /// one, `nobody` may nothing. They are good for a year.
    pub fn tokens(&self) -> Vec<(String, String)> {
        self.service.tokens()
    }

    /// A user's token.
    pub fn token(&self, user: &str) -> Option<String> {
        self.tokens().into_iter().find(|(name, _)| name == user).map(|(_, token)| token)
    }

    /// Where a user's name and [`password`](Self::password) are good for a token: `POST {username, password}`. LDAP's
    /// route is `/auth/ldap/token` at the same origin, OAuth2's are `/auth/token`, `/auth/refresh` and `/auth/verify`. With
    /// `?seconds=3`, the token is over so soon.
    pub fn token_generator_url(&self) -> &str {
        &self.token_generator_url
    }

    /// The password of each user at the token generator.
    pub fn password(&self) -> &'static str {
        dserver::PASSWORD
    }

    /// What it has seen.
    pub fn report(&self) -> Report {
        self.state.report()
    }
}

impl std::fmt::Debug for Dserver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dserver").field("url", &self.url).finish_non_exhaustive()
    }
}

fn made(folder: PathBuf) -> io::Result<PathBuf> {
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}
