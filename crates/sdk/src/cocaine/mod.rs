//! Cocaine: services and apps of a cloud, called by name over its own protocol (see [`rpc`]).
//!
//! ```no_run
//! # async fn example() -> whimbrel::Result<()> {
//! use std::time::Duration;
//!
//! use futures::StreamExt as _;
//! use whimbrel::cocaine::{Call, Cocaine, Service};
//!
//! // By name, whatever its methods: with the locator on this machine.
//! let apps = Service::new("node").call("list").get(Duration::from_secs(1)).await?;
//! println!("{apps}");
//!
//! // With types, for the services that every runtime has.
//! let cocaine = Cocaine::builder().locator("cocaine.example.org:10053")?.build();
//! cocaine.storage().write("runs", "42", "content", &["steel"]).await?;
//! for key in cocaine.storage().find("runs", &["steel"]).await? {
//!     println!("{key}: {} bytes", cocaine.storage().read("runs", &key).await?.len());
//! }
//!
//! // Both ways with an app.
//! let mut chat = cocaine.app("demo").enqueue("upper").await?;
//! chat.write("steel").await?;
//! println!("{}", chat.next().await.unwrap()?);
//! chat.close().await?;
//! # Ok(())
//! # }
//! ```

mod app;
mod cache;
mod error;
mod locator;
mod logging;
mod node;
mod service;
mod storage;
mod tvm;
mod unicorn;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub use app::{App, Duplex, Incoming, Outgoing};
pub use cache::Cache;
pub use error::{cause, code};
pub use locator::Locator;
pub use logging::{Level, Logging};
pub use node::Node;
pub use rpc::{self, Authorization, Call, Category, Endpoint, Protocol, Trace, Value};
pub use service::{Calling, Service};
pub use storage::Storage;
pub use tvm::Tvm;
pub use unicorn::{Held, Unicorn, Versioned};

use crate::Result;

/// Where a locator is unless somebody says otherwise.
pub const LOCATOR: &str = "localhost:10053";

/// The services that a locator knows. Cheap to clone; clones share connections, one to each service.
#[derive(Clone)]
pub struct Cocaine {
    locator: rpc::Locator,
    options: Arc<Options>,
}

struct Options {
    deadline: Duration,
    authorization: Option<Arc<dyn Authorization>>,
    /// Those that were asked for by name alone.
    known: Mutex<HashMap<String, Service>>,
}

/// How services are found and called.
pub struct Builder {
    locators: Vec<Endpoint>,
    protocol: Protocol,
    deadline: Duration,
    authorization: Option<Arc<dyn Authorization>>,
}

impl Builder {
    /// The address of a locator, as `host:port`, or of several, with commas; one after another is tried.
    ///
    /// # Errors
    /// What is no address.
    pub fn locator(mut self, endpoints: &str) -> Result<Self> {
        for endpoint in endpoints.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            self.locators.push(endpoint.parse::<Endpoint>().map_err(error::of)?);
        }
        Ok(self)
    }

    /// The generation of the protocol: that of 0.12 by default.
    #[must_use]
    pub fn protocol(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// How long a call may take, resolving and connecting included; by default 60 s.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// What proves who calls; see [`Tvm`].
    #[must_use]
    pub fn authorization(self, authorization: impl Authorization + 'static) -> Self {
        Self { authorization: Some(Arc::new(authorization)), ..self }
    }

    /// The services. Nothing is asked before the first call.
    pub fn build(mut self) -> Cocaine {
        if self.locators.is_empty() {
            self.locators.push(LOCATOR.parse().expect("an address"));
        }
        let Self { locators, protocol, deadline, authorization } = self;
        let options = Options { deadline, authorization, known: Mutex::default() };
        Cocaine { locator: rpc::Locator::new(locators, protocol), options: Arc::new(options) }
    }
}

impl Cocaine {
    /// Services as the locator on this machine knows them, unless more is said.
    pub fn builder() -> Builder {
        let deadline = Duration::from_secs(60);
        Builder { locators: vec![], protocol: Protocol::default(), deadline, authorization: None }
    }

    /// Any service by its name; the same one, with its connection, whenever it is asked for.
    pub fn service(&self, name: &str) -> Service {
        let mut known = self.options.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(name.to_owned()).or_insert_with(|| self.found(name, |it| it)).clone()
    }

    /// One with a connection of its own, of this version only, or always the same of a group for the same seed.
    pub fn service_of(&self, name: &str, version: Option<u64>, seed: Option<&str>) -> Service {
        self.found(name, |mut builder| {
            if let Some(version) = version {
                builder = builder.version(version);
            }
            if let Some(seed) = seed {
                builder = builder.seed(seed);
            }
            builder
        })
    }

    fn found(&self, name: &str, with: impl FnOnce(rpc::Builder) -> rpc::Builder) -> Service {
        let mut builder = rpc::Service::located(name, &self.locator).deadline(self.options.deadline);
        if let Some(authorization) = &self.options.authorization {
            builder = builder.authorization(authorization.clone());
        }
        Service::of(with(builder).build())
    }

    /// The service that knows all others.
    pub fn locator(&self) -> Locator {
        Locator(self.locator.clone())
    }

    /// Content by namespace and key.
    pub fn storage(&self) -> Storage {
        Storage(self.service("storage"))
    }

    /// What apps have to say.
    pub fn logging(&self) -> Logging {
        Logging(self.service("logging"))
    }

    /// Values in the memory of a machine.
    pub fn cache(&self) -> Cache {
        Cache(self.service("cache"))
    }

    /// The apps of a machine.
    pub fn node(&self) -> Node {
        Node(self.service("node"))
    }

    /// Settings and locks that all machines share.
    pub fn unicorn(&self) -> Unicorn {
        Unicorn(self.service("unicorn"))
    }

    /// An app by its name.
    pub fn app(&self, name: &str) -> App {
        App(self.service(name))
    }
}
