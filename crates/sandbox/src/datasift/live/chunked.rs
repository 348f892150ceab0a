//! Streams over chunked HTTP: a line of JSON each. On a connection for several streams the request's body may bring actions,
//! one after the other, as Node's client writes them.

use std::{collections::VecDeque, io, time::Duration};

use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::Value;

use super::{
    Connection, Ending, Known, Message,
    connection::{Next, Reply, dropped},
};
use crate::{
    Body,
    answer::{Answer, bytes},
};

/// The most that an action may be, in bytes.
const LARGEST_ACTION: usize = 64 << 10;

/// A stream's answer, from the first line to the end of either side.
pub(crate) fn chunked(
    request: Body,
    connection: Connection,
    greeting: Vec<String>,
    statuses: bool,
    tick_after: Duration,
    is_known: Known,
) -> Answer {
    let waiting = if statuses { greeting.into_iter().map(Bytes::from).collect() } else { VecDeque::new() };
    let talk = Talk {
        connection,
        waiting,
        request: Some(request),
        heard: vec![],
        statuses,
        tick_after,
        is_known,
        last: false,
    };
    let lines = stream::unfold(Some(talk), |talk| async move {
        let mut talk = talk?;
        match talk.line().await {
            Some(Ok(line)) => {
                let line = [&line, &b"\r\n"[..]].concat();
                Some((Ok(Frame::data(line.into())), Some(talk)))
            }
            Some(Err(broken)) => Some((Err(broken), None)),
            None => None,
        }
    });
    bytes(StatusCode::OK, "application/json", "").map(|_| StreamBody::new(lines).boxed_unsync())
}

struct Talk {
    connection: Connection,
    waiting: VecDeque<Bytes>,
    request: Option<Body>,
    /// What has come of an action.
    heard: Vec<u8>,
    statuses: bool,
    tick_after: Duration,
    is_known: Known,
    last: bool,
}

impl Talk {
    /// The next line; `None` at a proper end, an error where the connection breaks.
    async fn line(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.connection.said();
                return Some(Ok(line));
            }
            if self.last {
                return None;
            }
            let more = async {
                match &mut self.request {
                    Some(request) => request.frame().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                next = self.connection.next(self.tick_after) => match next {
                    Next::Say(Message::Json(line)) => return Some(Ok(line)),
                    Next::Say(Message::Ping) => {}
                    Next::End(Ending::Slow) => {
                        self.waiting.push_back(dropped().into());
                        self.last = true;
                    }
                    Next::End(Ending::Cut) => return Some(Err(io::Error::other("cut"))),
                },
                more = more => match more {
                    Some(Ok(frame)) => {
                        self.heard.extend(frame.into_data().unwrap_or_default());
                        self.act();
                    }
                    Some(Err(_)) | None => self.request = None,
                },
            }
        }
    }

    /// Answers all actions that are complete.
    fn act(&mut self) {
        let mut actions = serde_json::Deserializer::from_slice(&self.heard).into_iter::<Value>();
        let (mut done, mut replies, mut garbage) = (0, vec![], false);
        for action in &mut actions {
            match action {
                Ok(action) => replies.push(self.connection.act(action.to_string().as_bytes(), &self.is_known)),
                Err(e) => {
                    garbage = !e.is_eof();
                    break;
                }
            }
        }
        done += actions.byte_offset();
        if garbage || self.heard.len() - done > LARGEST_ACTION {
            replies.push(self.connection.act(b"", &self.is_known));
            done = self.heard.len();
        }
        self.heard.drain(..done);
        for reply in replies {
            let (word, last) = match reply {
                Reply::Say(word) => (word, false),
                Reply::Last(word) => (word, true),
            };
            self.last |= last;
            if self.statuses || last {
                self.waiting.push_back(word.into());
            }
        }
    }
}
