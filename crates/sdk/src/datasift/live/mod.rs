//! Live streams: what filters find, as it is published.

mod buffer;
mod driver;
mod ladder;
mod message;
mod seen;
mod wire;

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tokio::{task::JoinHandle, time::timeout};

use self::{
    buffer::Receiver,
    driver::{Driver, Wishes},
    ladder::Ladder,
    seen::Seen,
};
use super::Client;
use crate::{Error, Kind, Result};

/// How the service is listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// One WebSocket for all streams; they can be added and taken away while it is open.
    #[default]
    WebSocket,
    /// Lines over HTTP, where proxies let no WebSocket through. Other streams mean another connection.
    Http,
}

/// Something that a filter found.
#[derive(Clone, Debug, Serialize)]
pub struct Interaction {
    /// The stream: the filter's hash.
    pub hash: String,
    /// The interaction, as the service wrote it.
    pub data: Box<RawValue>,
    /// It came before: the service may send again what it sent before a connection broke.
    pub repeated: bool,
}

impl Interaction {
    /// The interaction as a type of your own, or as [`serde_json::Value`].
    ///
    /// # Errors
    /// If it does not have that form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.data.get()).map_err(|e| {
            Error::new(Kind::Unexpected, format!("an interaction is not of that form: {e}")).about(&self.hash)
        })
    }
}

/// Something that was found before, and that its author has deleted since: the terms of the service ask to forget it.
#[derive(Clone, Debug, Serialize)]
pub struct Deleted {
    /// The stream: the filter's hash.
    pub hash: String,
    /// The interaction's id.
    pub id: Option<String>,
    /// All that the service said.
    pub data: Box<RawValue>,
}

/// What a live connection tells.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// There is a connection.
    Connected {
        /// For how long there was none; what was published in that time has not come. `None` for the first one.
        #[serde(serialize_with = "seconds")]
        missed: Option<Duration>,
    },
    /// The service sends this stream from now on.
    Subscribed {
        /// The filter's hash.
        hash: String,
    },
    /// Something was found.
    Interaction(Interaction),
    /// Nothing was found for a while; the connection is well.
    Tick {
        /// By the service's clock.
        at: Option<Timestamp>,
    },
    /// The service warns: of reading too slowly, of what it did not understand.
    Warning {
        /// In its own words.
        message: String,
    },
    /// The service does not do what it was asked to. A stream that is named is not asked for again.
    Refused {
        /// The filter's hash, if it is about one.
        hash: Option<String>,
        /// In its own words.
        message: String,
    },
    /// The connection is lost. It is made anew, and all streams are asked for again.
    Lost {
        /// Why.
        why: String,
        /// When it is tried next.
        #[serde(serialize_with = "some_seconds")]
        again_in: Duration,
    },
    /// You read more slowly than things are found: the buffer was full, and the service had to wait. If that goes on, it
    /// ends the connection, and what is published until there is another one is lost. It is told once, and again only after
    /// half of the buffer has been free.
    Behind,
}

#[allow(clippy::ref_option)] // serde's form
fn seconds<S: serde::Serializer>(time: &Option<Duration>, to: S) -> std::result::Result<S::Ok, S::Error> {
    time.map(|it| it.as_secs_f64()).serialize(to)
}

fn some_seconds<S: serde::Serializer>(time: &Duration, to: S) -> std::result::Result<S::Ok, S::Error> {
    time.as_secs_f64().serialize(to)
}

enum Item {
    Event(Event),
    Deleted(Deleted),
}

type OnDelete = Box<dyn FnMut(Deleted) + Send>;

/// A live connection that is not open yet.
#[must_use]
pub struct Listen {
    client: Client,
    on_delete: OnDelete,
    way: Way,
    buffer: usize,
    streams: Vec<String>,
}

impl Client {
    /// Live streams. `on_delete` is called for each interaction that its author has deleted: who keeps what was found has to
    /// forget it then, as the service's terms ask. It is called while events are read, in their order, so that nothing is
    /// deleted before it has come.
    ///
    /// ```no_run
    /// # async fn example(datasift: whimbrel::datasift::Client) -> whimbrel::Result<()> {
    /// use futures::TryStreamExt as _;
    /// use whimbrel::datasift::Event;
    ///
    /// let filter = datasift.compile(r#"interaction.content contains "tribology""#).await?;
    /// let mut live = datasift.live(|gone| println!("forget {:?}", gone.id)).stream(&filter.hash).open()?;
    /// while let Some(event) = live.try_next().await? {
    ///     match event {
    ///         Event::Interaction(found) => println!("{}: {}", found.hash, found.data),
    ///         Event::Behind => eprintln!("too slow"),
    ///         Event::Lost { why, again_in } => eprintln!("{why}; again in {again_in:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn live(&self, on_delete: impl FnMut(Deleted) + Send + 'static) -> Listen {
        Listen {
            client: self.clone(),
            on_delete: Box::new(on_delete),
            way: Way::default(),
            buffer: 16 << 20,
            streams: vec![],
        }
    }
}

impl Listen {
    /// A stream to begin with, by its filter's hash. Others can come later: [`Live::subscribe`].
    pub fn stream(mut self, hash: impl Into<String>) -> Self {
        self.streams.push(hash.into());
        self
    }

    /// How the service is listened to.
    pub fn over(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// How many bytes are kept that have come and are not read yet; 16 MiB if not given. When they are full, no more is read
    /// from the service, and [`Event::Behind`] is the next thing that is told.
    pub fn buffer(self, bytes: usize) -> Self {
        Self { buffer: bytes, ..self }
    }

    /// Begins to listen. The connection is made by a task of its own, which ends with what is given here; it has to be
    /// called in a Tokio runtime.
    ///
    /// A connection that breaks is made anew by the ladder that the service documents: at once, then after 1, 2... 16
    /// seconds if the network fails, after 10, 20... 320 if the service does. If there never was one, the end of the ladder
    /// is an error; else it goes on at its highest step.
    ///
    /// # Errors
    /// A client without a key, a hash that is none. What the service says of them comes with the events.
    pub fn open(self) -> Result<Live> {
        self.client.key()?;
        let wishes = Arc::new(Wishes::default());
        let subscriptions = Subscriptions { wishes: wishes.clone() };
        for hash in &self.streams {
            subscriptions.subscribe(hash)?;
        }
        let (out, items) = buffer::buffer(self.buffer);
        let driver = Driver {
            client: self.client,
            way: self.way,
            wishes,
            out,
            ladder: Ladder::default(),
            seen: Seen::default(),
            lost: None,
        };
        let task = tokio::spawn(driver.run());
        Ok(Live { subscriptions, on_delete: self.on_delete, items, task })
    }
}

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listen").field("way", &self.way).field("streams", &self.streams).finish_non_exhaustive()
    }
}

/// Which streams come; cheap to clone, for who changes that while another reads.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    wishes: Arc<Wishes>,
}

impl Subscriptions {
    /// The most streams of one connection that the service documents.
    const MOST: usize = 5_000;

    /// Has a stream come, by its filter's hash. The service's answer is an event: [`Event::Subscribed`] or
    /// [`Event::Refused`].
    ///
    /// # Errors
    /// A text that is no hash; more streams than the service allows.
    pub fn subscribe(&self, hash: &str) -> Result<()> {
        let hash = hash.to_ascii_lowercase();
        if !message::is_hash(&hash) {
            return Err(Error::invalid("it is no stream: the hash of a compiled definition has 32 hexadecimal digits")
                .about(hash));
        }
        self.wishes.change(|wanted| {
            if wanted.len() >= Self::MOST && !wanted.contains(&hash) {
                let why = format!("one connection has {} streams at most: open another", Self::MOST);
                return Err(Error::invalid(why).about(&hash));
            }
            wanted.insert(hash);
            Ok(())
        })
    }

    /// Has it come no more.
    pub fn unsubscribe(&self, hash: &str) {
        self.wishes.change(|wanted| wanted.remove(&hash.to_ascii_lowercase()));
    }
}

/// A live connection: a stream of [events](Event). Dropped, it ends, and its task with it.
#[must_use = "it ends when it is dropped"]
pub struct Live {
    subscriptions: Subscriptions,
    on_delete: OnDelete,
    items: Receiver<Result<Item>>,
    task: JoinHandle<()>,
}

impl Live {
    /// Has a stream come, by its filter's hash; see [`Subscriptions::subscribe`].
    ///
    /// # Errors
    /// A text that is no hash; more streams than the service allows.
    pub fn subscribe(&self, hash: &str) -> Result<()> {
        self.subscriptions.subscribe(hash)
    }

    /// Has it come no more.
    pub fn unsubscribe(&self, hash: &str) {
        self.subscriptions.unsubscribe(hash);
    }

    /// For who changes streams while another reads.
    pub fn subscriptions(&self) -> Subscriptions {
        self.subscriptions.clone()
    }

    /// Ends it, and says so to the service.
    pub async fn close(mut self) {
        self.subscriptions.wishes.end();
        self.items.close();
        // It takes a second at most where the other side does not answer.
        let _ = timeout(Duration::from_secs(2), &mut self.task).await;
    }
}

impl Stream for Live {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        if self.items.was_full() {
            return Poll::Ready(Some(Ok(Event::Behind)));
        }
        loop {
            let Some(item) = std::task::ready!(Pin::new(&mut self.items).poll_next(context)) else {
                return Poll::Ready(None);
            };
            match item {
                Ok(Item::Event(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(Item::Deleted(deleted)) => (self.on_delete)(deleted),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
