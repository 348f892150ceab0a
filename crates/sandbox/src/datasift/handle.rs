//! The DataSift of a sandbox, as a test holds it.

use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use super::{KEY, Options, Service, USER, seed, state::now};
use crate::{Report, server};

/// The DataSift of a sandbox: the API, ingestion and live streams at one URL.
///
/// It holds a little of each at the start; what it calls them is the same in each run.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = whimbrel_sandbox::Sandbox::start(whimbrel_sandbox::Options::default()).await?;
/// let datasift = sandbox.datasift();
/// let hash = datasift.compile(r#"interaction.content contains "curlew""#).unwrap();
/// // Nobody listens yet.
/// assert_eq!(datasift.interact(&hash, &serde_json::json!({ "interaction": { "id": "1" } })), 0);
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct Datasift {
    url: String,
    service: Service,
    state: Arc<server::State>,
}

impl Datasift {
    pub(crate) async fn start(
        options: Options,
        latency: Duration,
        faults: &server::Faults,
        tasks: &mut JoinSet<()>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let every = options.interactions_every;
        let service = Service::new(options);
        // Its limit is one of credits, not of requests.
        let state = Arc::new(server::State::new(latency, None, faults.clone()));
        tasks.spawn(server::serve(listener, state.clone(), service.clone()));
        if let Some(every) = every {
            let service = service.clone();
            tasks.spawn(async move {
                loop {
                    tokio::time::sleep(every).await;
                    service.make_up();
                }
            });
        }
        Ok(Self { url, service, state })
    }

    /// The base URL that stands for all hosts: `/v1.6/<path>` is the API, `/<source id>` ingestion, `/<hash>` and `/multi`
    /// are streams.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The account's name.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// The account's key.
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// The key of an identity of the account, as tasks need one.
    pub fn identity_key(&self) -> &'static str {
        seed::IDENTITY_KEY
    }

    /// The source that takes what is ingested.
    pub fn source(&self) -> &'static str {
        seed::SOURCE
    }

    /// A stream that is compiled at the start.
    pub fn stream(&self) -> String {
        super::state::md5(seed::CURLEWS)
    }

    /// Compiles a stream and gives its hash, without a request. `Err` tells why it is no CSDL.
    pub fn compile(&self, csdl: &str) -> Result<String, String> {
        self.service.state().compile(csdl)
    }

    /// Credits that are left in this window.
    pub fn credits_left(&self) -> u64 {
        self.service.state().credits.left(now())
    }

    /// Leaves so many.
    pub fn set_credits(&self, left: u64) {
        self.service.state().credits.set(left, now());
    }

    /// Publishes an interaction of a stream: to all that listen, and to the queues of subscriptions. Says how many listen.
    pub fn interact(&self, hash: &str, interaction: &Value) -> usize {
        self.service.interact(hash, interaction)
    }

    /// Tells all that listen to a stream to delete an interaction.
    pub fn delete(&self, hash: &str, id: &str) -> usize {
        self.service.delete(hash, id)
    }

    /// Makes an interaction up for each stream that anybody waits for.
    pub fn make_up(&self) {
        self.service.make_up();
    }

    /// Breaks all live connections without a word; says how many.
    pub fn cut(&self) -> usize {
        self.service.0.live.cut()
    }

    /// Asks all live connections to connect anew.
    pub fn tell_reconnect(&self) -> usize {
        self.service.tell_reconnect()
    }

    /// Warns all live connections that they read too slowly.
    pub fn warn_slow(&self) -> usize {
        self.service.warn_slow()
    }

    /// Sends a tick to all live connections, and not when the time has come.
    pub fn tick(&self) -> usize {
        self.service.tick()
    }

    /// Pings all WebSockets.
    pub fn ping(&self) -> usize {
        self.service.ping()
    }

    /// Pongs that came.
    pub fn pongs(&self) -> u64 {
        self.service.0.live.pongs()
    }

    /// What each live connection listens to, the oldest connection first.
    pub fn subscriptions(&self) -> Vec<BTreeSet<String>> {
        self.service.0.live.subscriptions()
    }

    /// Live connections since the start.
    pub fn connections(&self) -> u64 {
        self.service.0.live.made()
    }

    /// What it has seen of requests.
    pub fn report(&self) -> Report {
        self.state.report()
    }

    pub(crate) fn reset(&self) {
        self.state.reset();
    }
}

impl Drop for Datasift {
    fn drop(&mut self) {
        // WebSockets live on their own.
        self.service.0.live.close();
    }
}

impl std::fmt::Debug for Datasift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Datasift").field("url", &self.url).finish_non_exhaustive()
    }
}
