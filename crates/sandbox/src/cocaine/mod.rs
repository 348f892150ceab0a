//! Cocaine: a locator and the services that it knows, over real TCP, in both generations of the protocol.

mod services;
mod tickets;
mod v0;
mod v1;
mod wire;

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rmpv::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use services::{Method, NAMES, Name, World};

/// The Cocaine of a sandbox: `storage`, `logging`, `cache`, `node`, `echo`, `tvm`, and the app `demo`, whose events are `ping`,
/// `chunks`, `upper`, `fail`, `boom` and `never`.
pub struct Cocaine {
    newer: Arc<Server>,
    older: Arc<Server>,
}

/// What it has seen.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Report {
    /// Connections that were made, to any service.
    pub connections: u64,
    /// Those that are open.
    pub open: u64,
    /// Calls, as `service.method`.
    pub calls: BTreeMap<String, u64>,
    /// Mistakes for which a connection was closed, in words.
    pub mistakes: Vec<String>,
}

/// One generation of it.
pub struct Server {
    world: Arc<World>,
    places: Vec<(Name, SocketAddr)>,
    counts: Mutex<Report>,
    /// How often all connections were cut.
    cuts: watch::Sender<u64>,
    open: AtomicU64,
}

/// A connection, as it goes on.
trait Session: Default + Send + 'static {
    /// What a frame is answered with, or the mistake for which the connection is closed.
    fn frame(&mut self, server: &Server, service: Name, frame: Value) -> Result<Vec<Value>, String>;
}

impl Cocaine {
    /// Listens on loopback; the locator of 0.12 on this port, 0 for any.
    pub(crate) async fn start(port: u16, tasks: &mut JoinSet<()>) -> io::Result<Self> {
        let world = World::new();
        let newer = Server::start::<v1::Connection>(port, world.clone(), tasks).await?;
        let older = Server::start::<v0::Connection>(0, world, tasks).await?;
        Ok(Self { newer, older })
    }

    /// The locator of 0.12, as `host:port`.
    pub fn locator(&self) -> String {
        self.newer.place(Name::Locator).to_string()
    }

    /// The locator of 0.11.
    pub fn older_locator(&self) -> String {
        self.older.place(Name::Locator).to_string()
    }

    /// Where a service of 0.12 listens, for who does without the locator.
    pub fn service(&self, name: &str) -> Option<SocketAddr> {
        self.newer.places.iter().find(|(it, _)| it.text() == name).map(|(_, place)| *place)
    }

    /// Closes all connections, as a server that is stopped does; it goes on to listen.
    pub fn cut(&self) {
        for server in [&self.newer, &self.older] {
            server.cuts.send_modify(|it| *it += 1);
        }
    }

    /// Who gets tickets of `tvm`'s: a client's number and its secret.
    pub const TVM_CLIENT: (u64, &str) = (tickets::CLIENT, tickets::SECRET);

    /// From now on the services of 0.12 refuse who has no ticket of `tvm`'s, each of which is good for so long. The locator and
    /// `tvm` itself ask for none.
    pub fn demand_tickets(&self, good_for: Duration) {
        self.newer.world.demand_tickets(good_for);
    }

    /// All tickets that were given are over.
    pub fn expire_tickets(&self) {
        self.newer.world.expire_tickets();
    }

    /// What the services of 0.12 have seen.
    pub fn report(&self) -> Report {
        Report { open: self.newer.open.load(Ordering::SeqCst), ..self.newer.counts().clone() }
    }

    /// What was logged: level, source and message.
    pub fn logged(&self) -> Vec<(i64, String, String)> {
        self.newer.world.logged()
    }

    pub(crate) fn reset(&self) {
        *self.newer.counts() = Report::default();
    }
}

impl std::fmt::Debug for Cocaine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cocaine").field("locator", &self.locator()).finish_non_exhaustive()
    }
}

impl Server {
    async fn start<S: Session>(port: u16, world: Arc<World>, tasks: &mut JoinSet<()>) -> io::Result<Arc<Self>> {
        let (mut places, mut listeners) = (vec![], vec![]);
        for name in NAMES {
            let port = if name == Name::Locator { port } else { 0 };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            places.push((name, listener.local_addr()?));
            listeners.push((name, listener));
            // Where there is version 6, the cache listens there, too: clients try addresses in their order.
            if name == Name::Cache
                && let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await
            {
                places.push((name, listener.local_addr()?));
                listeners.push((name, listener));
            }
        }
        let (counts, open) = Default::default();
        let server = Arc::new(Self { world, places, counts, cuts: watch::Sender::new(0), open });
        for (name, listener) in listeners {
            tasks.spawn(server.clone().listen::<S>(name, listener));
        }
        Ok(server)
    }

    fn counts(&self) -> MutexGuard<'_, Report> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, service: Name) -> SocketAddr {
        let known = self.places.iter().find(|(it, _)| *it == service);
        known.expect("all of them listen").1
    }

    /// Hosts and ports, those of version 6 first.
    fn endpoints(&self, service: Name) -> Vec<(String, u16)> {
        let mut places: Vec<_> = self.places.iter().filter(|(it, _)| *it == service).map(|(_, it)| *it).collect();
        places.sort_by_key(SocketAddr::is_ipv4);
        places.into_iter().map(|it| (it.ip().to_string(), it.port())).collect()
    }

    fn called(&self, service: Name, method: &Method) {
        *self.counts().calls.entry(format!("{}.{}", service.text(), method.name)).or_default() += 1;
    }

    async fn listen<S: Session>(self: Arc<Self>, service: Name, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = listener.accept() => {
                    self.counts().connections += 1;
                    connections.spawn(self.clone().serve::<S>(service, stream));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }

    async fn serve<S: Session>(self: Arc<Self>, service: Name, stream: TcpStream) {
        self.open.fetch_add(1, Ordering::SeqCst);
        let mut cuts = self.cuts.subscribe();
        let talked = tokio::select! {
            _ = cuts.changed() => Ok(()),
            talked = self.talk::<S>(service, stream) => talked,
        };
        self.open.fetch_sub(1, Ordering::SeqCst);
        if let Err(mistake) = talked {
            self.counts().mistakes.push(mistake);
        }
    }

    /// Until the client goes, or makes a mistake. What was answered before a mistake in the same chunk is lost with the
    /// connection, as it is with the real server.
    async fn talk<S: Session>(&self, service: Name, mut stream: TcpStream) -> Result<(), String> {
        let (mut incoming, mut session, mut chunk) = (wire::Incoming::default(), S::default(), vec![0; 1 << 16]);
        let _ = stream.set_nodelay(true);
        loop {
            let Ok(read @ 1..) = stream.read(&mut chunk).await else { return Ok(()) };
            incoming.extend(&chunk[..read]);
            let mut out = vec![];
            while let Some(frame) = incoming.next().map_err(|wire::Garbage| "no MessagePack".to_owned())? {
                for answer in session.frame(self, service, frame)? {
                    wire::write(&answer, &mut out);
                }
            }
            if stream.write_all(&out).await.is_err() {
                return Ok(());
            }
        }
    }
}
