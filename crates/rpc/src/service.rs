//! A service by its name.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    channel::{Receiver, Sender},
    connection::Connection,
    endpoint::{Endpoint, connect},
    error::{Category, Error, Kind, Result},
    frame::Protocol,
    headers::{Headers, Trace},
    locator::{Locator, Resolved},
    tree::{Api, Method},
    value::Value,
};

/// What is asked: a method by its name, and what goes with it.
///
/// ```
/// use whimbrel_rpc::Call;
///
/// let call = Call::new("write").arg("namespace").arg("key").arg(vec![1u8, 2, 3]).header("authorization", "TVM ticket");
/// ```
#[derive(Clone)]
pub struct Call {
    method: String,
    args: Vec<Value>,
    headers: Headers,
    deadline: Option<Duration>,
}

impl Call {
    /// A call of this method.
    pub fn new(method: impl Into<String>) -> Self {
        Self { method: method.into(), args: vec![], headers: Headers::default(), deadline: None }
    }

    /// One argument more.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Value>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = Value>) -> Self {
        self.args.extend(args);
        self
    }

    /// A header more.
    #[must_use]
    pub fn header(mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// What it is a part of.
    #[must_use]
    pub fn trace(mut self, trace: Trace) -> Self {
        self.headers.trace(trace);
        self
    }

    /// How long it may take, where that is not as long as the service's others: resolving and connecting included.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }
}

/// Without what may be a secret: arguments, and what proves who calls.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut call = f.debug_struct("Call");
        call.field("method", &self.method).field("arguments", &self.args.len()).field("headers", &self.headers);
        call.field("deadline", &self.deadline).finish()
    }
}

impl From<&str> for Call {
    fn from(method: &str) -> Self {
        Self::new(method)
    }
}

/// Where the value of the header `authorization` comes from. The older generation has no headers, and is sent none.
pub trait Authorization: Send + Sync {
    /// As it is now; nothing is sent where there is none.
    fn header(&self) -> BoxFuture<'_, Result<Option<Bytes>>>;

    /// A service did not take this one. Whether [`Authorization::header`] will give another: then a [`Service::call`] is made
    /// once more. A stream is not, as what was sent on it is gone.
    fn refused(&self, header: &Bytes) -> bool {
        let _ = header;
        false
    }
}

/// What was sent to prove who calls.
pub(crate) struct Proof {
    header: Bytes,
    authorization: Arc<dyn Authorization>,
}

impl Proof {
    /// Whether an error is about it, and there is another.
    pub(crate) fn is_refused_by(&self, error: &Error) -> bool {
        /// `token_not_found` and `unauthorized`; what follows them is about rights, which another ticket has no more of.
        const REFUSALS: [i64; 2] = [1, 2];
        let is_refusal = error.code().is_some_and(|(it, code)| it == Category::SECURITY && REFUSALS.contains(&code));
        is_refusal && self.authorization.refused(&self.header)
    }
}

/// How a service is found and called.
pub struct Builder {
    name: Arc<str>,
    source: Source,
    options: Options,
}

#[derive(Clone)]
enum Source {
    Fixed(Arc<Resolved>),
    Locator { locator: Locator, seed: Option<String> },
}

struct Options {
    protocol: Protocol,
    version: Option<u64>,
    deadline: Duration,
    connect: Duration,
    authorization: Option<Arc<dyn Authorization>>,
}

impl Builder {
    fn new(name: &str, source: Source) -> Self {
        let options = Options {
            protocol: Protocol::default(),
            version: None,
            deadline: Duration::from_secs(60),
            connect: Duration::from_secs(5),
            authorization: None,
        };
        Self { name: name.into(), source, options }
    }

    /// The generation of the protocol; by default that of 0.12, or the locator's.
    #[must_use]
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.options.protocol = protocol;
        self
    }

    /// The version that its methods must have.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.options.version = Some(version);
        self
    }

    /// What chooses one of a group of services: the same one for the same seed.
    #[must_use]
    pub fn seed(mut self, seed: impl Into<String>) -> Self {
        if let Source::Locator { seed: chosen, .. } = &mut self.source {
            *chosen = Some(seed.into());
        }
        self
    }

    /// How long a call may take, from resolving to its first answer; by default 60 s. What comes later on a stream may
    /// take any time.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = deadline;
        self
    }

    /// How long each address may take to answer when a connection is made; by default 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, each: Duration) -> Self {
        self.options.connect = each;
        self
    }

    /// What proves who calls.
    #[must_use]
    pub fn authorization(mut self, authorization: Arc<dyn Authorization>) -> Self {
        self.options.authorization = Some(authorization);
        self
    }

    /// The service. Nothing is asked before its first call.
    pub fn build(self) -> Service {
        let Self { name, source, options } = self;
        Service(Arc::new(Inner { name, source, options, link: Mutex::new(Link::default()) }))
    }
}

/// A service: a cheap handle, whose clones share one connection.
///
/// It is resolved and connected with the first call, once for all that are made meanwhile; and anew with the next call
/// after the connection was lost. No call is made a second time by itself: whoever lost the answer does not know whether
/// it was carried out.
///
/// ```no_run
/// # async fn example() -> whimbrel_rpc::Result<()> {
/// use whimbrel_rpc::{Call, Locator, Protocol, Service};
///
/// let locator = Locator::new(vec!["localhost:10053".parse()?], Protocol::V1);
/// let storage = Service::located("storage", &locator).build();
/// let read = storage.call(Call::new("read").arg("namespace").arg("key")).await?;
/// println!("{} bytes", read[0].as_bytes().map_or(0, |it| it.len()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    source: Source,
    options: Options,
    link: Mutex<Link>,
}

/// A connection, and what it speaks.
#[derive(Clone)]
struct Linked {
    connection: Arc<Connection>,
    resolved: Arc<Resolved>,
}

type Attempt = Shared<BoxFuture<'static, Result<Linked>>>;

/// How it stands with the connection.
#[derive(Default)]
struct Link {
    /// Of attempts: who made an old one must not touch what a new one has made.
    epoch: u64,
    current: Option<Linked>,
    attempt: Option<Attempt>,
    /// The task of the attempt.
    task: Option<AbortHandle>,
    /// Attempts in a row that failed.
    failures: u32,
    /// Before then no other is made.
    not_before: Option<Instant>,
}

impl Inner {
    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of an attempt; nothing, if it was let go of meanwhile.
    fn settle(&self, epoch: u64, made: &Result<Linked>) {
        let mut link = self.link();
        if link.epoch != epoch {
            return;
        }
        link.attempt = None;
        match made {
            Ok(linked) => {
                (link.failures, link.not_before) = (0, None);
                link.current = Some(linked.clone());
            }
            Err(_) => {
                let pause = PAUSE.saturating_mul(1 << link.failures.min(16)).min(LONGEST_PAUSE);
                link.failures += 1;
                // Not all clients in the same moment.
                link.not_before = Some(Instant::now() + pause.mul_f64(0.5 + fastrand::f64() / 2.0));
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let link = self.link.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = link.task.take() {
            task.abort();
        }
    }
}

/// The first pause after an attempt that failed, twice as long after each.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Service {
    /// The service of this name, as a locator knows it.
    pub fn located(name: &str, locator: &Locator) -> Builder {
        let protocol = locator.service().generation();
        Builder::new(name, Source::Locator { locator: locator.clone(), seed: None }).protocol(protocol)
    }

    /// A service whose addresses and methods are known.
    pub fn fixed(name: &str, endpoints: Vec<Endpoint>, api: Api) -> Builder {
        Builder::new(name, Source::Fixed(Arc::new(Resolved { endpoints, version: 0, api })))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Which generation of the protocol it speaks.
    pub fn generation(&self) -> Protocol {
        self.0.options.protocol
    }

    /// The values of the first answer: none of a method that gives nothing. Of one that never answers it ends when the call
    /// has gone out.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn call(&self, call: impl Into<Call>) -> Result<Vec<Value>> {
        let call = call.into();
        let (time, until) = self.time(&call);
        let mut is_again = false;
        loop {
            let (_sender, mut receiver) = self.open_until(&call, time, until).await?;
            let answer = async {
                if receiver.is_mute() {
                    // That it has gone out is all that is known of it.
                    return receiver.sent().await.map(|()| vec![]);
                }
                receiver.next().await.unwrap_or(Ok(vec![]))
            };
            let Ok(answer) = timeout_at(until, answer).await else {
                return Err(Error::timeout(time).ambiguous().of(&self.0.name));
            };
            // Nothing was done of what was refused: it is asked once more, with another proof.
            if is_again || answer.is_ok() || !receiver.is_refused() {
                return answer.map_err(|e| e.of(&self.0.name));
            }
            is_again = true;
        }
    }

    /// The two directions of a call, for a method that sends or takes more than one message.
    ///
    /// # Errors
    /// It was not sent: see [`Kind`](crate::Kind).
    pub async fn open(&self, call: impl Into<Call>) -> Result<(Sender, Receiver)> {
        let call = call.into();
        let (time, until) = self.time(&call);
        self.open_until(&call, time, until).await
    }

    /// What it is resolved to; it is connected for it.
    ///
    /// # Errors
    /// It is not known, or not there.
    pub async fn resolved(&self) -> Result<Arc<Resolved>> {
        let (time, until) = self.time(&Call::new(""));
        Ok(self.within(time, until, self.linked()).await?.resolved)
    }

    /// How long the connection takes to answer, without any method of the service's own.
    ///
    /// # Errors
    /// It does not, or the server is older than 0.12.14 and knows no such question.
    pub async fn ping(&self) -> Result<Duration> {
        let (time, until) = self.time(&Call::new(""));
        self.within(time, until, async {
            let Linked { connection, resolved } = self.linked().await?;
            let none = || Error::new(Kind::NoSuchMethod, "its server can't be asked for its health");
            let ping = resolved.api.ping().ok_or_else(none)?;
            let start = Instant::now();
            let (_, mut receiver) = connection.open(ping, &[], &Headers::default()).await?;
            receiver.next().await.unwrap_or(Ok(vec![]))?;
            Ok(start.elapsed())
        })
        .await
    }

    /// Lets go of the connection. What is open on it goes on, and the next call makes another.
    pub fn disconnect(&self) {
        let mut link = self.link();
        link.epoch += 1;
        (link.current, link.attempt) = (None, None);
    }

    fn time(&self, call: &Call) -> (Duration, Instant) {
        let time = call.deadline.unwrap_or(self.0.options.deadline);
        (time, Instant::now().checked_add(time).unwrap_or_else(|| Instant::now() + Duration::from_secs(1 << 30)))
    }

    async fn within<T>(&self, time: Duration, until: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
        let done = timeout_at(until, work).await.unwrap_or_else(|_| Err(Error::timeout(time)));
        done.map_err(|e| e.of(&self.0.name))
    }

    async fn open_until(&self, call: &Call, time: Duration, until: Instant) -> Result<(Sender, Receiver)> {
        if let Some(wrong) = call.args.iter().find(|it| !it.is_sendable()) {
            let message = format!("Cocaine has no extension types, and nests not so deep: {wrong}");
            return Err(Error::new(Kind::Invalid, message).of(&self.0.name));
        }
        self.within(time, until, self.sent(call)).await
    }

    async fn sent(&self, call: &Call) -> Result<(Sender, Receiver)> {
        let authorized = match &self.0.options.authorization {
            Some(authorization) if call.headers.get("authorization").is_none() => authorization.header().await?,
            _ => None,
        };
        let mut with;
        let headers = match &authorized {
            None => &call.headers,
            Some(value) => {
                with = call.headers.clone();
                with.push("authorization", value.clone());
                &with
            }
        };
        loop {
            let linked = self.linked().await?;
            let method = method(&linked.resolved.api, &call.method)?;
            match linked.connection.open(method, &call.args, headers).await {
                // Lost before anything was sent: the next attempt makes another connection, or tells why it can't.
                Err(_) if !linked.connection.is_open() => {}
                Ok((sender, receiver)) => {
                    let proof = authorized.zip(self.0.options.authorization.clone());
                    let proof = proof.map(|(header, authorization)| Proof { header, authorization });
                    return Ok((sender, receiver.proven(proof)));
                }
                failed => return failed,
            }
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.0.link()
    }

    /// The connection; all who wait for one wait for the same.
    async fn linked(&self) -> Result<Linked> {
        let attempt = {
            let mut link = self.link();
            if let Some(current) = link.current.as_ref().filter(|it| it.connection.is_open()) {
                return Ok(current.clone());
            }
            link.current = None;
            match &link.attempt {
                Some(attempt) => attempt.clone(),
                None => self.begin(&mut link),
            }
        };
        attempt.await
    }

    /// Begins an attempt. It has a task of its own: if it stood still whenever nobody waits for it, who comes later would be
    /// told how it went long ago.
    fn begin(&self, link: &mut Link) -> Attempt {
        link.epoch += 1;
        let (epoch, attempt, inner) = (link.epoch, self.attempt(link.not_before), Arc::downgrade(&self.0));
        let task = tokio::spawn(async move {
            let made = attempt.await;
            if let Some(inner) = inner.upgrade() {
                inner.settle(epoch, &made);
            }
            made
        });
        link.task = Some(task.abort_handle());
        let ended = |_| Err(Error::new(Kind::Connect, "the runtime ends"));
        let attempt = task.map(move |made| made.unwrap_or_else(ended)).boxed().shared();
        link.attempt = Some(attempt.clone());
        attempt
    }

    fn attempt(&self, not_before: Option<Instant>) -> BoxFuture<'static, Result<Linked>> {
        let (name, source) = (self.0.name.clone(), self.0.source.clone());
        let Options { protocol, version, connect: each, .. } = self.0.options;
        async move {
            if let Some(time) = not_before {
                sleep_until(time).await;
            }
            let resolved = match &source {
                Source::Fixed(resolved) => resolved.clone(),
                Source::Locator { locator, seed } => Arc::new(locator.resolve(&name, seed.as_deref()).await?),
            };
            if let Some(wanted) = version.filter(|wanted| *wanted != resolved.version) {
                let message = format!("version {wanted} is wanted, and it is of version {}", resolved.version);
                return Err(Error::new(Kind::NoSuchMethod, message).of(&name));
            }
            let stream = connect(&resolved.endpoints, each).await.map_err(|e| e.of(&name))?;
            Ok(Linked { connection: Connection::new(stream, protocol, name), resolved })
        }
        .boxed()
    }
}

fn method<'a>(api: &'a Api, name: &str) -> Result<&'a Method> {
    api.method(name).ok_or_else(|| {
        let known: Vec<_> = api.methods().map(|it| &*it.name).collect();
        let message = format!("there is no method {name:?}; there are {}", known.join(", "));
        Error::new(Kind::NoSuchMethod, message)
    })
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({:?})", self.0.name)
    }
}
