//! Apps, and what goes both ways.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::{Stream, StreamExt as _};
use rpc::{Call, Category, Headers, Receiver, Sender, Value};

use super::{Service, error, service::one};
use crate::Result;

/// An app: events by their names, each with chunks both ways.
#[derive(Clone, Debug)]
pub struct App(pub(crate) Service);

impl App {
    /// Begins an event.
    ///
    /// # Errors
    /// The app does not run, or is not there.
    pub async fn enqueue(&self, event: &str) -> Result<Duplex> {
        self.0.call(Call::new("enqueue").arg(event)).duplex().await
    }

    /// How it is: its state, its load, its queue.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn info(&self) -> Result<Value> {
        self.0.call("info").await
    }

    /// The service that it is.
    pub fn service(&self) -> &Service {
        &self.0
    }
}

/// Chunks both ways. What comes is a [`Stream`]; dropped, it ends in the other direction, too.
pub struct Duplex {
    outgoing: Outgoing,
    incoming: Incoming,
}

impl Duplex {
    pub(crate) fn new(sender: Sender, receiver: Receiver) -> Self {
        Self { outgoing: Outgoing(sender), incoming: Incoming(receiver) }
    }

    /// Sends a chunk, when there is room for it.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn write(&mut self, chunk: impl Into<Value>) -> Result<()> {
        self.outgoing.write(chunk).await
    }

    /// Sends the end.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn close(&mut self) -> Result<()> {
        self.outgoing.close().await
    }

    /// Sends an end that tells of a failure.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn fail(&mut self, code: i64, message: &str) -> Result<()> {
        self.outgoing.fail(code, message).await
    }

    /// The two directions apart, for two tasks.
    pub fn split(self) -> (Outgoing, Incoming) {
        (self.outgoing, self.incoming)
    }
}

impl Stream for Duplex {
    type Item = Result<Value>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_next_unpin(context)
    }
}

/// What is sent; dropped before its end it sends that.
pub struct Outgoing(Sender);

impl Outgoing {
    /// Sends a chunk, when there is room for it.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn write(&mut self, chunk: impl Into<Value>) -> Result<()> {
        self.send("write", [chunk.into()]).await
    }

    /// Sends the end.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn close(&mut self) -> Result<()> {
        self.send("close", []).await
    }

    /// Sends an end that tells of a failure.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn fail(&mut self, code: i64, message: &str) -> Result<()> {
        self.0.error(Category::APP, code, message).await.map_err(error::of)
    }

    /// Sends a message by its name, for services that take others than chunks.
    ///
    /// # Errors
    /// It may not come now; the connection is lost.
    pub async fn send(&mut self, name: &str, args: impl Into<Vec<Value>>) -> Result<()> {
        self.0.send(name, args).await.map_err(error::of)
    }

    /// Whether nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// What comes: a [`Stream`]. An error is the last of it.
pub struct Incoming(Receiver);

impl Incoming {
    /// All values of the next message, for who has to tell one that is nothing from none; `None` at the end. Who stops
    /// waiting loses nothing.
    ///
    /// # Errors
    /// What the service answered with; the connection is lost.
    pub async fn message(&mut self) -> Result<Option<Vec<Value>>> {
        self.0.next().await.transpose().map_err(error::of)
    }

    /// The headers of what was read last.
    pub fn headers(&self) -> Headers {
        self.0.headers()
    }
}

impl Stream for Incoming {
    type Item = Result<Value>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context).map(|it| it.map(|it| it.map(one).map_err(error::of)))
    }
}
