//! One connection, whatever carries it: what it is told next, and what is answered to what it says.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::Utc;
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use super::{Ending, Known, Live, Message};

/// What a connection was opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One stream: its interactions come as they are.
    One(String),
    /// Several: each interaction comes with its hash.
    Many,
}

/// A connection; it is forgotten when this is dropped.
pub(crate) struct Connection {
    live: Arc<Live>,
    id: u64,
    messages: mpsc::Receiver<Message>,
    ended: oneshot::Receiver<Ending>,
    said: Instant,
}

/// What happens next.
pub(super) enum Next {
    Say(Message),
    End(Ending),
}

/// What a word of the client leads to.
pub(super) enum Reply {
    Say(String),
    /// The last that is said.
    Last(String),
}

impl Connection {
    pub(super) fn new(
        live: Arc<Live>,
        id: u64,
        messages: mpsc::Receiver<Message>,
        ended: oneshot::Receiver<Ending>,
    ) -> Self {
        Self { live, id, messages, ended, said: Instant::now() }
    }

    /// Waits for what is to be said; after so long a silence it is a tick.
    pub(super) async fn next(&mut self, tick_after: Duration) -> Next {
        let next = tokio::select! {
            biased;
            ending = &mut self.ended => return Next::End(ending.unwrap_or(Ending::Cut)),
            message = self.messages.recv() => message.unwrap_or_else(|| Message::Json(tick())),
            () = sleep_until(self.said + tick_after) => Message::Json(tick()),
        };
        if matches!(next, Message::Json(_)) {
            self.said();
        }
        Next::Say(next)
    }

    /// Why the connection ends, as soon as it does.
    pub(super) async fn ended(&mut self) -> Ending {
        (&mut self.ended).await.unwrap_or(Ending::Cut)
    }

    pub(super) fn said(&mut self) {
        self.said = Instant::now();
    }

    pub(super) fn ponged(&self) {
        self.live.ponged();
    }

    /// Answers an action.
    pub(super) fn act(&self, action: &[u8], is_known: &Known) -> Reply {
        let said: Value = serde_json::from_slice(action).unwrap_or_default();
        let hash = said["hash"].as_str().map(str::to_lowercase);
        Reply::Say(match (said["action"].as_str(), hash) {
            (Some("subscribe"), Some(hash)) if is_known(&hash) => {
                self.live.subscribe(self.id, &hash);
                subscribed(&hash)
            }
            (Some("subscribe" | "unsubscribe"), Some(hash)) if !is_known(&hash) => unknown("warning", &hash),
            (Some("unsubscribe"), Some(hash)) => {
                self.live.unsubscribe(self.id, &hash);
                status("success", &format!("Successfully unsubscribed from hash {hash}"))
            }
            (Some("stop"), _) => {
                return Reply::Last(status("failure", "A stop message was received. You will now be disconnected"));
            }
            _ => status("warning", "The JSON received from the message was invalid"),
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.live.leave(self.id);
    }
}

pub(super) fn status(status: &str, message: &str) -> String {
    json!({ "status": status, "message": message }).to_string()
}

pub(crate) fn subscribed(hash: &str) -> String {
    status("success", &format!("Successfully subscribed to hash {hash}"))
}

pub(crate) fn unknown(kind: &str, hash: &str) -> String {
    status(kind, &format!("The hash {hash} doesn't exist"))
}

pub(crate) fn tick() -> Bytes {
    let tick = json!({ "tick": Utc::now().timestamp(), "status": "connected", "message": "Waiting for data" });
    tick.to_string().into()
}

pub(crate) fn too_slow() -> String {
    let text = "You are consuming data too slowly. If you do not consume data faster you will be disconnected.";
    status("warning", text)
}

pub(super) fn dropped() -> String {
    status("failure", "You are consuming data too slowly and have been disconnected")
}
