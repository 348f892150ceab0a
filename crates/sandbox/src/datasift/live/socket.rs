//! Streams over a WebSocket.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, interval_at, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Utf8Bytes, handshake::derive_accept_key, protocol::Role},
};

use super::{
    Connection, Ending, Known, Message,
    connection::{Next, Reply, dropped},
};
use crate::{
    Body,
    answer::{Answer, empty},
};

/// How long the last word may take to one that does not read.
const LAST_WORD: Duration = Duration::from_millis(200);

/// When a connection is spoken to on its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub tick_after: Duration,
    pub ping_every: Duration,
}

/// What is said to who has just come.
pub(crate) struct Greeting {
    pub words: Vec<String>,
    /// Whether that is all.
    pub is_last: bool,
}

/// Whether a request wants to be one.
pub(crate) fn is_asked(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    upgrade.eq_ignore_ascii_case("websocket")
}

/// Agrees to one, and talks on it until either end is tired of it. The greeting is said first.
pub(crate) fn socket(
    mut request: Request<Body>,
    connection: Connection,
    greeting: Greeting,
    pace: Pace,
    is_known: Known,
) -> Answer {
    let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY) else { return empty(StatusCode::BAD_REQUEST) };
    let accept = derive_accept_key(key.as_bytes());
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut connection = connection;
        let upgraded = tokio::select! {
            upgraded = upgrade => upgraded,
            _ = connection.ended() => return,
        };
        let Ok(upgraded) = upgraded else { return };
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        talk(socket, connection, greeting, pace, &is_known).await;
    });
    let mut answer = empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = answer.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::try_from(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    answer
}

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

async fn talk(mut socket: Socket, mut connection: Connection, greeting: Greeting, pace: Pace, is_known: &Known) {
    for word in greeting.words {
        if said(&mut socket, &mut connection, text(word.into())).await.is_err() {
            return;
        }
    }
    if greeting.is_last {
        let _ = timeout(LAST_WORD, socket.close(None)).await;
        return;
    }
    let mut pings = interval_at(Instant::now() + pace.ping_every, pace.ping_every);
    loop {
        let word = tokio::select! {
            next = connection.next(pace.tick_after) => match next {
                Next::Say(Message::Json(json)) => text(json),
                Next::Say(Message::Ping) => ping(),
                Next::End(ending) => return end(socket, ending).await,
            },
            _ = pings.tick() => ping(),
            heard = socket.next() => match heard {
                Some(Ok(tungstenite::Message::Text(action))) => {
                    match connection.act(action.as_bytes(), is_known) {
                        Reply::Say(word) => text(word.into()),
                        Reply::Last(word) => {
                            let _ = said(&mut socket, &mut connection, text(word.into())).await;
                            let _ = timeout(LAST_WORD, socket.close(None)).await;
                            return;
                        }
                    }
                }
                Some(Ok(tungstenite::Message::Pong(_))) => {
                    connection.ponged();
                    continue;
                }
                // The library has answered pings and closing itself.
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        match said(&mut socket, &mut connection, word).await {
            Ok(()) => {}
            Err(Some(ending)) => return end(socket, ending).await,
            Err(None) => return,
        }
    }
}

/// Says something, unless the connection ends first.
async fn said(
    socket: &mut Socket,
    connection: &mut Connection,
    word: tungstenite::Message,
) -> Result<(), Option<Ending>> {
    // A ping is not a word: who gets no other is to be told that there is nothing.
    if !word.is_ping() {
        connection.said();
    }
    tokio::select! {
        sent = socket.send(word) => sent.map_err(|_| None),
        ending = connection.ended() => Err(Some(ending)),
    }
}

async fn end(mut socket: Socket, ending: Ending) {
    if ending == Ending::Slow {
        let _ = timeout(LAST_WORD, socket.send(text(dropped().into()))).await;
    }
}

fn text(json: Bytes) -> tungstenite::Message {
    match Utf8Bytes::try_from(json) {
        Ok(text) => tungstenite::Message::Text(text),
        Err(_) => ping(),
    }
}

fn ping() -> tungstenite::Message {
    tungstenite::Message::Ping(Bytes::from_static(b"whimbrel"))
}
