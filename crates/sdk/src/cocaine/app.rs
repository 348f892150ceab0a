//! Apps, and what goes both ways.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::{Stream, StreamExt as _};
use rpc::{Call, Category, Receiver, Sender, Value};

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
    sender: Sender,
    receiver: Receiver,
}

impl Duplex {
    pub(crate) fn new(sender: Sender, receiver: Receiver) -> Self {
        Self { sender, receiver }
    }

    /// Sends a chunk, when there is room for it.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn write(&mut self, chunk: impl Into<Value>) -> Result<()> {
        self.sender.write(chunk).await.map_err(error::of)
    }

    /// Sends the end.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn close(&mut self) -> Result<()> {
        self.sender.close().await.map_err(error::of)
    }

    /// Sends an end that tells of a failure.
    ///
    /// # Errors
    /// It is closed, or the connection is lost.
    pub async fn fail(&mut self, code: i64, message: &str) -> Result<()> {
        self.sender.error(Category::APP, code, message).await.map_err(error::of)
    }

    /// The two directions apart, with what else may be sent.
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

impl Stream for Duplex {
    type Item = Result<Value>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_next_unpin(context).map(|it| it.map(|it| it.map(one).map_err(error::of)))
    }
}
