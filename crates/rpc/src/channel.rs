//! Channels: one call each, and what follows it in either direction.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures::Stream;

use crate::{
    connection::Connection,
    error::{Category, Error, Kind, Result},
    frame::{Frame, Protocol},
    headers::{Header, Headers},
    service::Proof,
    tree::{Role, Tree},
    value::Value,
};

/// How many messages of one channel may wait to be read. When one more comes, the connection is not read until there is
/// room.
pub(crate) const ROOM: usize = 256;

/// The messages that came on a channel and were not read.
pub(crate) struct Inbox {
    state: Mutex<State>,
}

struct State {
    rx: Tree,
    /// Most channels have no more than one.
    first: Option<Came>,
    /// What came after it.
    queue: VecDeque<Came>,
    reader: Option<Waker>,
    /// Of the connection's task, while it waits for room.
    writer: Option<Waker>,
    /// Whether anything comes after what is in the queue.
    end: End,
}

enum End {
    /// It goes on.
    Open,
    /// Nothing comes, and there is nothing to tell.
    Over,
    /// Nothing comes, for a reason that is told once.
    Failed(Error),
}

/// A message, and its headers.
type Came = (Message, Arc<[Header]>);

/// What came.
enum Message {
    Item(Vec<Value>),
    Error(Error),
}

/// What became of a frame.
pub(crate) enum Delivered {
    /// The channel goes on.
    Taken,
    /// It was its last.
    Last,
    /// There is no room for it.
    Full(Frame),
}

impl Inbox {
    pub(crate) fn new(rx: Tree) -> Arc<Self> {
        let state = State { rx, first: None, queue: VecDeque::new(), reader: None, writer: None, end: End::Open };
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame for it. One that may not come now ends this channel, and no other.
    pub(crate) fn deliver(&self, protocol: Protocol, frame: Frame, waits: Option<&Waker>) -> Delivered {
        let mut state = self.state();
        if !state.is_open() {
            return Delivered::Last;
        }
        if state.queue.len() >= ROOM {
            state.writer = waits.cloned();
            return Delivered::Full(frame);
        }
        let Some(role) = state.rx.go(frame.kind) else {
            let message = format!("the server sent the message {}, which may not come now", frame.kind);
            state.finish(End::Failed(Error::new(Kind::Protocol, message)));
            return Delivered::Last;
        };
        let is_last = state.rx.is_empty();
        let message = match role {
            Role::Error => Some(Message::Error(service_error(protocol, &frame.args))),
            Role::End => None,
            Role::Item if protocol == Protocol::V0 => Some(unpacked(&frame.args)),
            Role::Item => Some(Message::Item(frame.args)),
        };
        if let Some(message) = message {
            state.push((message, frame.headers));
        }
        if is_last {
            state.finish(End::Over);
        } else if let Some(reader) = state.reader.take() {
            drop(state);
            reader.wake();
        }
        if is_last { Delivered::Last } else { Delivered::Taken }
    }

    /// Whether nothing more comes.
    pub(crate) fn is_over(&self) -> bool {
        !self.state().is_open()
    }

    /// Nothing more comes, and nobody asks why.
    pub(crate) fn finish(&self) {
        let mut state = self.state();
        if state.is_open() {
            state.finish(End::Over);
        }
    }

    /// Nothing more comes, for this reason. What came is still read before.
    pub(crate) fn fail(&self, error: Error) {
        let mut state = self.state();
        if state.is_open() {
            state.finish(End::Failed(error));
        }
    }

    fn poll(&self, context: &Context<'_>, last: &mut Arc<[Header]>) -> Poll<Option<Result<Vec<Value>>>> {
        let mut state = self.state();
        if let Some((message, headers)) = state.pop() {
            *last = headers;
            if state.queue.len() < ROOM / 2
                && let Some(writer) = state.writer.take()
            {
                writer.wake();
            }
            return Poll::Ready(Some(match message {
                Message::Item(args) => Ok(args),
                Message::Error(error) => Err(error),
            }));
        }
        match std::mem::replace(&mut state.end, End::Over) {
            End::Over => Poll::Ready(None),
            End::Failed(error) => Poll::Ready(Some(Err(error))),
            End::Open => {
                state.end = End::Open;
                match &mut state.reader {
                    Some(reader) => reader.clone_from(context.waker()),
                    none => *none = Some(context.waker().clone()),
                }
                Poll::Pending
            }
        }
    }
}

impl State {
    fn push(&mut self, came: Came) {
        match &self.first {
            None if self.queue.is_empty() => self.first = Some(came),
            _ => self.queue.push_back(came),
        }
    }

    fn pop(&mut self) -> Option<Came> {
        self.first.take().or_else(|| self.queue.pop_front())
    }

    fn is_open(&self) -> bool {
        matches!(self.end, End::Open)
    }

    fn finish(&mut self, end: End) {
        self.end = end;
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }
}

/// `[[category, code], message]` with or without the message; of the older generation `[code, message]`.
fn service_error(protocol: Protocol, args: &[Value]) -> Error {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64).unwrap_or_default();
    let (category, code) = match (protocol, args.first()) {
        (Protocol::V1, Some(Value::Array(code))) => (number(code.first()) as u64, number(code.get(1))),
        (_, code) => (0, number(code)),
    };
    let message = match args.get(1) {
        Some(Value::Raw(text)) => String::from_utf8_lossy(text).into_owned(),
        _ => "an error without a word".to_owned(),
    };
    Error::new(Kind::Service { category: Category(category), code }, message)
}

/// The older generation packs what it answers into a raw.
fn unpacked(args: &[Value]) -> Message {
    let value = args.first().and_then(Value::as_bytes).and_then(|it| Value::read(it).ok());
    match value {
        Some(value) => Message::Item(vec![value]),
        None => Message::Error(Error::new(Kind::Protocol, "an answer of the older protocol that is not packed")),
    }
}

/// What comes back on a channel: a [`Stream`], at whose end there is `None`, again and again.
///
/// Each item is what one message brought: one value, none, or several. An error is an item, the last one.
pub struct Receiver {
    inbox: Arc<Inbox>,
    id: u64,
    connection: Arc<Connection>,
    /// Of the message that was read last.
    headers: Arc<[Header]>,
    is_mute: bool,
    proof: Option<Proof>,
    is_refused: bool,
}

impl Receiver {
    pub(crate) fn new(inbox: Arc<Inbox>, id: u64, connection: Arc<Connection>, is_mute: bool) -> Self {
        Self { inbox, id, connection, headers: Arc::default(), is_mute, proof: None, is_refused: false }
    }

    /// The same, where this was sent to prove who calls.
    pub(crate) fn proven(mut self, proof: Option<Proof>) -> Self {
        self.proof = proof;
        self
    }

    /// Whether the service did not take the proof, and there is another.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Whether nothing ever comes: it is that of a method which answers nobody.
    pub(crate) fn is_mute(&self) -> bool {
        self.is_mute
    }

    /// Until all that was sent has gone out.
    pub(crate) async fn sent(&self) -> Result<()> {
        self.connection.flushed().await
    }

    /// The next message's values; `None` at the end. Who stops waiting loses nothing.
    pub async fn next(&mut self) -> Option<Result<Vec<Value>>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Option<Result<Vec<Value>>>> {
        let polled = self.inbox.poll(context, &mut self.headers);
        if let Poll::Ready(Some(Err(error))) = &polled
            && let Some(proof) = self.proof.take()
        {
            self.is_refused = proof.is_refused_by(error);
        }
        polled.map(|it| it.map(|it| it.map_err(|e| e.of(self.connection.service()))))
    }

    /// The headers of the message that was read last.
    pub fn headers(&self) -> Headers {
        Headers::plain(&self.headers)
    }
}

impl Stream for Receiver {
    type Item = Result<Vec<Value>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // One that is over is forgotten already.
        if !self.inbox.is_over() {
            self.connection.forget(self.id);
        }
    }
}

/// What may be sent after a call. Dropped before its end it says so to the service, which holds the channel otherwise.
pub struct Sender {
    tx: Tree,
    id: u64,
    connection: Arc<Connection>,
}

impl Sender {
    pub(crate) fn new(tx: Tree, id: u64, connection: Arc<Connection>) -> Self {
        Self { tx, id, connection }
    }

    /// Sends a message by its name in the tree, when there is room for it.
    ///
    /// # Errors
    /// It may not come now; the connection is lost.
    pub async fn send(&mut self, name: &str, args: impl Into<Vec<Value>>) -> Result<()> {
        let Some(id) = self.tx.id(name) else {
            let may: Vec<_> = self.tx.names().collect();
            let message = match may[..] {
                [] => format!("{name:?} can't be sent: the channel is closed"),
                _ => format!("{name:?} can't be sent now, but {}", may.join(", ")),
            };
            return Err(Error::new(Kind::Invalid, message).of(self.connection.service()));
        };
        self.connection.write(self.id, id, &args.into()).await?;
        self.tx.step(id);
        Ok(())
    }

    /// A chunk.
    pub async fn write(&mut self, chunk: impl Into<Value>) -> Result<()> {
        self.send("write", [chunk.into()]).await
    }

    /// The end.
    pub async fn close(&mut self) -> Result<()> {
        self.send("close", []).await
    }

    /// An end that tells of a failure.
    pub async fn error(&mut self, category: Category, code: i64, message: &str) -> Result<()> {
        let code = Value::from(vec![Value::from(category.0), Value::from(code)]);
        self.send("error", [code, message.into()]).await
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.tx.is_empty()
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some(id) = self.tx.farewell() {
            self.connection.leave(self.id, id);
        }
    }
}
