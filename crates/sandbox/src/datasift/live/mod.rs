//! Streams as they happen: who listens to what, and what they are told.

mod chunked;
mod connection;
mod interaction;
mod socket;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

pub(super) use chunked::chunked;
pub(super) use connection::{Connection, Form, subscribed, tick, too_slow, unknown};
pub(super) use interaction::made_up;
pub(super) use socket::{Greeting, Pace, is_asked, socket};

/// Whether a hash was compiled.
pub(super) type Known = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a connection is to send.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// A line of JSON.
    Json(Bytes),
    Ping,
}

/// Why a connection ends that its client did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As the network ends one: without a word.
    Cut,
    /// The client reads too slowly.
    Slow,
}

/// All that listen.
pub(super) struct Live {
    backlog: usize,
    hub: Mutex<Hub>,
    pongs: AtomicU64,
}

#[derive(Default)]
struct Hub {
    made: u64,
    open: BTreeMap<u64, Line>,
    closed: bool,
}

/// One that listens.
struct Line {
    form: Form,
    hashes: BTreeSet<String>,
    queue: mpsc::Sender<Message>,
    ending: Option<oneshot::Sender<Ending>>,
    warned: bool,
}

impl Live {
    /// `backlog`: messages that wait at most for one connection.
    pub fn new(backlog: usize) -> Self {
        Self { backlog: backlog.max(2), hub: Mutex::default(), pongs: AtomicU64::new(0) }
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection more.
    pub fn join(self: &Arc<Self>, form: Form, hashes: BTreeSet<String>) -> Connection {
        let (queue, messages) = mpsc::channel(self.backlog);
        let (ending, ended) = oneshot::channel();
        let mut hub = self.hub();
        hub.made += 1;
        let id = hub.made;
        if !hub.closed {
            hub.open.insert(id, Line { form, hashes, queue, ending: Some(ending), warned: false });
        }
        drop(hub);
        Connection::new(self.clone(), id, messages, ended)
    }

    fn leave(&self, id: u64) {
        self.hub().open.remove(&id);
    }

    fn subscribe(&self, id: u64, hash: &str) {
        if let Some(line) = self.hub().open.get_mut(&id) {
            line.hashes.insert(hash.to_owned());
        }
    }

    fn unsubscribe(&self, id: u64, hash: &str) {
        if let Some(line) = self.hub().open.get_mut(&id) {
            line.hashes.remove(hash);
        }
    }

    fn ponged(&self) {
        self.pongs.fetch_add(1, Ordering::SeqCst);
    }

    pub fn pongs(&self) -> u64 {
        self.pongs.load(Ordering::SeqCst)
    }

    /// What each open connection listens to, the oldest connection first.
    pub fn subscriptions(&self) -> Vec<BTreeSet<String>> {
        self.hub().open.values().map(|line| line.hashes.clone()).collect()
    }

    /// Connections since the start.
    pub fn made(&self) -> u64 {
        self.hub().made
    }

    /// What a stream has found, to all that listen to it; says how many do.
    pub fn publish(&self, hash: &str, data: &Value) -> usize {
        let many = Message::Json(json!({ "hash": hash, "data": data }).to_string().into());
        let one = Message::Json(data.to_string().into());
        self.tell(|line| match line.form {
            _ if !line.hashes.contains(hash) => None,
            Form::One(_) => Some(one.clone()),
            Form::Many => Some(many.clone()),
        })
    }

    /// The same word to all.
    pub fn tell_all(&self, message: &Message) -> usize {
        self.tell(|_| Some(message.clone()))
    }

    fn tell(&self, word: impl Fn(&Line) -> Option<Message>) -> usize {
        let mut hub = self.hub();
        let mut told = 0;
        hub.open.retain(|_, line| {
            let Some(message) = word(line) else { return true };
            told += 1;
            let room = line.queue.capacity();
            if room <= self.backlog / 2 && !line.warned {
                line.warned = true;
                let _ = line.queue.try_send(Message::Json(connection::too_slow().into()));
            }
            // Who has caught up may fall behind anew.
            line.warned &= room < self.backlog - 1;
            if line.queue.try_send(message).is_ok() {
                return true;
            }
            if let Some(ending) = line.ending.take() {
                let _ = ending.send(Ending::Slow);
            }
            false
        });
        told
    }

    /// Breaks all connections; says how many.
    pub fn cut(&self) -> usize {
        let open = std::mem::take(&mut self.hub().open);
        let count = open.len();
        for ending in open.into_values().filter_map(|line| line.ending) {
            let _ = ending.send(Ending::Cut);
        }
        count
    }

    /// The same for good.
    pub fn close(&self) {
        self.hub().closed = true;
        self.cut();
    }
}
