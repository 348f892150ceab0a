//! The two ways to the service's streams: a WebSocket, and lines over HTTP. Either gives messages; the first takes actions,
//! too.

use std::{
    borrow::Cow,
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures::{Sink, SinkExt as _, StreamExt as _, stream::BoxStream};
use http::{StatusCode, header};
use middleware::{Body, Call, Operation};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use super::{Way, driver::SILENCE, ladder::Fault};
use crate::{
    Error, Kind, Result, connect,
    datasift::{Client, client::of_datasift},
    error,
};

/// The largest message, in bytes: as the service's own client for Java has it.
const LARGEST: usize = 20 << 20;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may go better later.
    Passing(Fault, String),
    /// It never will.
    Final(Error),
}

/// A connection.
pub(super) struct Wire {
    messages: BoxStream<'static, std::result::Result<Received, String>>,
    actions: Option<Actions>,
}

/// What the service is told, as fast as it listens.
struct Actions {
    sink: Pin<Box<dyn Sink<tungstenite::Message, Error = tungstenite::Error> + Send>>,
    waiting: VecDeque<String>,
    is_flushed: bool,
}

impl Actions {
    /// Goes on with telling it.
    fn poll_told(&mut self, context: &mut Context<'_>) -> Poll<tungstenite::Result<()>> {
        if self.is_flushed {
            return Poll::Ready(Ok(()));
        }
        while !self.waiting.is_empty() {
            ready!(self.sink.poll_ready_unpin(context))?;
            if let Some(action) = self.waiting.pop_front() {
                self.sink.start_send_unpin(tungstenite::Message::text(action))?;
            }
        }
        ready!(self.sink.poll_flush_unpin(context))?;
        self.is_flushed = true;
        Poll::Ready(Ok(()))
    }
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    Message(Text),
    /// A sign of life.
    Ping,
}

/// A message's text, where it lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text(Bytes);

impl Text {
    /// One wrong byte is no reason to lose the rest.
    pub(super) fn read(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl Wire {
    /// Connects. Over HTTP `streams` are what will come; a WebSocket is told by [`Wire::act`].
    pub(super) async fn open(client: &Client, way: Way, streams: &[String]) -> std::result::Result<Self, Failure> {
        match way {
            Way::WebSocket => Self::socket(client).await,
            Way::Http => Self::lines(client, streams).await,
        }
    }

    /// Whether streams can be added and taken away.
    pub(super) fn takes_actions(&self) -> bool {
        self.actions.is_some()
    }

    /// The next message; `None` where the service ended the connection. What it is to be told is told meanwhile: it answers
    /// each action before it reads the next one, so who did not read would wait for it, and it for them.
    pub(super) async fn next(&mut self) -> Option<std::result::Result<Received, String>> {
        poll_fn(|context| {
            if let Some(actions) = &mut self.actions
                && let Poll::Ready(Err(e)) = actions.poll_told(context)
            {
                return Poll::Ready(Some(Err(e.to_string())));
            }
            self.messages.poll_next_unpin(context)
        })
        .await
    }

    /// Has the service told what to send, while [messages](Self::next) are waited for.
    pub(super) fn act(&mut self, more: impl IntoIterator<Item = String>) {
        if let Some(Actions { waiting, is_flushed, .. }) = &mut self.actions {
            waiting.extend(more);
            *is_flushed &= waiting.is_empty();
        }
    }

    /// Takes its leave, after all that is to be told.
    pub(super) async fn close(mut self) {
        if let Some(actions) = &mut self.actions {
            // The other side may be gone already.
            let _ = poll_fn(|context| actions.poll_told(context)).await;
            let _ = actions.sink.close().await;
        }
    }

    async fn socket(client: &Client) -> std::result::Result<Self, Failure> {
        let settings = client.settings();
        let key = client.key().map_err(Failure::Final)?;
        let http = connect::upgradable(settings).map_err(Failure::Final)?;
        let mut url = client.hosts().live.clone();
        url.query_pairs_mut().append_pair("username", &key.user).append_pair("api_key", key.key.expose_secret());
        let nonce = generate_key();
        let asked = http
            .get(url)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &nonce);
        // The URL holds the key: no error may show it.
        let lost = |e: reqwest::Error| {
            let error = Error::from(middleware::Error::from(e.without_url()));
            Failure::Passing(Fault::Network, error.to_string())
        };
        let answer = tokio::time::timeout(patience(client), asked.send()).await.map_err(|_| late())?;
        let answer = answer.map_err(lost)?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refused(client, answer).await);
        }
        let accepted = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accepted.is_none_or(|it| it.as_bytes() != derive_accept_key(nonce.as_bytes()).as_bytes()) {
            let why = "what answered is no WebSocket server".to_owned();
            return Err(Failure::Passing(Fault::Service, why));
        }
        let upgraded = answer.upgrade().await.map_err(lost)?;
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Ok(Self::talking(socket))
    }

    /// A connection that has been made.
    pub(super) fn talking<S>(socket: WebSocketStream<S>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sink, messages) = socket.split();
        let messages = messages.filter_map(async |message| match message {
            Ok(tungstenite::Message::Text(text)) => Some(Ok(Received::Message(Text(text.into())))),
            Ok(tungstenite::Message::Binary(bytes)) => Some(Ok(Received::Message(Text(bytes)))),
            // Answered by the next look at the connection.
            Ok(tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_)) => Some(Ok(Received::Ping)),
            Ok(tungstenite::Message::Close(Some(frame))) => Some(Err(format!("the server closed it: {frame}"))),
            Ok(tungstenite::Message::Close(None)) => Some(Err("the server closed it".to_owned())),
            Ok(tungstenite::Message::Frame(_)) => None,
            Err(e) => Some(Err(e.to_string())),
        });
        let actions = Actions { sink: Box::pin(sink), waiting: VecDeque::new(), is_flushed: true };
        Self { messages: messages.boxed(), actions: Some(actions) }
    }

    async fn lines(client: &Client, streams: &[String]) -> std::result::Result<Self, Failure> {
        const STREAM: Operation = Operation::new("stream", http::Method::GET, "/multi", "");
        let connection = client.stream_connection(SILENCE).map_err(Failure::Final)?;
        let mut request = middleware::Request::new(Body::empty());
        let uri = format!("{}/multi?hashes={}&statuses=true", connection.base_url(), streams.join(","));
        *request.uri_mut() = uri.parse().map_err(|_| {
            let why = format!("{} streams are too many for one connection over HTTP: open another", streams.len());
            Failure::Final(Error::invalid(why))
        })?;
        let asked = async { error::sent(&STREAM, connection.stack().send(request, STREAM)).await };
        let answer = tokio::time::timeout(patience(client), Call::new().streamed().scope(asked)).await;
        let answer = match answer.map_err(|_| late())? {
            Ok(answer) => reqwest::Response::from(answer),
            Err(error) if error.kind() == Kind::Unauthenticated => return Err(Failure::Final(error)),
            Err(error) => return Err(Failure::Passing(Fault::Network, error.to_string())),
        };
        if !answer.status().is_success() {
            return Err(refused(client, answer).await);
        }
        let pieces =
            answer.bytes_stream().map(|piece| piece.map_err(|e| Error::from(middleware::Error::from(e)).to_string()));
        Ok(Self { messages: lines(pieces.boxed()).boxed(), actions: None })
    }
}

/// How long an answer may take to come.
fn patience(client: &Client) -> Duration {
    Duration::from_secs(client.settings().idle_seconds.max(1))
}

fn late() -> Failure {
    Failure::Passing(Fault::Network, "no answer came in time".to_owned())
}

/// What an answer without a stream means: wrong keys and names stay wrong; 420 and 429 are too much of something right.
async fn refused(client: &Client, answer: reqwest::Response) -> Failure {
    let status = answer.status().as_u16();
    let Ok(error) = tokio::time::timeout(patience(client), error::answer_error(answer)).await else { return late() };
    match status {
        420 | 429 => Failure::Passing(Fault::Service, error.to_string()),
        400..=499 => Failure::Final(of_datasift(error, None)),
        _ => Failure::Passing(Fault::Service, error.to_string()),
    }
}

/// The lines of what comes in pieces; empty ones keep a connection alive.
fn lines(
    pieces: BoxStream<'static, Result<Bytes, String>>,
) -> impl futures::Stream<Item = Result<Received, String>> + Send {
    futures::stream::unfold((pieces, BytesMut::new(), 0), |(mut pieces, mut rest, mut looked)| async move {
        loop {
            if let Some(end) = rest[looked..].iter().position(|it| *it == b'\n') {
                let line = rest.split_to(looked + end + 1).freeze();
                let line = line.slice_ref(line.trim_ascii());
                let received = if line.is_empty() { Received::Ping } else { Received::Message(Text(line)) };
                return Some((Ok(received), (pieces, rest, 0)));
            }
            looked = rest.len();
            if looked > LARGEST {
                let why = format!("a line of more than {LARGEST} bytes came");
                return Some((Err(why), (futures::stream::empty().boxed(), BytesMut::new(), 0)));
            }
            match pieces.next().await? {
                Ok(piece) => rest.extend_from_slice(&piece),
                Err(why) => return Some((Err(why), (pieces, rest, looked))),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that reads an action, answers it, and reads the next one; over a network that holds little.
    #[tokio::test(start_paused = true)]
    async fn who_has_much_to_say_listens_meanwhile() {
        const COUNT: usize = 500;
        let (ours, theirs) = tokio::io::duplex(64);
        tokio::spawn(async move {
            let mut service = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
            while let Some(Ok(tungstenite::Message::Text(action))) = service.next().await {
                if service.send(tungstenite::Message::Text(action)).await.is_err() {
                    return;
                }
            }
        });
        let mut wire = Wire::talking(WebSocketStream::from_raw_socket(ours, Role::Client, None).await);
        wire.act((0..COUNT).map(|n| format!("action {n}")));
        for n in 0..COUNT {
            let next =
                tokio::time::timeout(Duration::from_secs(60), wire.next()).await.expect("each waits for the other");
            let Some(Ok(Received::Message(answer))) = next else { panic!("{next:?}") };
            assert_eq!(answer.read(), format!("action {n}"));
        }
    }

    async fn split(pieces: &[&str]) -> Vec<String> {
        let pieces: Vec<_> = pieces.iter().map(|it| Ok(Bytes::from((*it).to_owned()))).collect();
        let lines = lines(futures::stream::iter(pieces).boxed());
        let told = lines.map(|line| match line.unwrap() {
            Received::Message(text) => text.read().into_owned(),
            Received::Ping => "ping".to_owned(),
        });
        told.collect().await
    }

    #[tokio::test]
    async fn a_wrong_byte_costs_no_line() {
        let piece = Ok(Bytes::from_static(b"{\"a\":\"\xff\"}\n"));
        let mut lines = std::pin::pin!(lines(futures::stream::iter([piece]).boxed()));
        let Some(Ok(Received::Message(text))) = lines.next().await else { panic!() };
        assert_eq!(text.read(), "{\"a\":\"\u{fffd}\"}");
    }

    #[tokio::test]
    async fn lines_come_whole_wherever_they_are_cut() {
        let whole = "{\"a\":1}\r\n\r\n{\"b\":2}\n{\"c\"";
        let wanted = ["{\"a\":1}", "ping", "{\"b\":2}"];
        assert_eq!(split(&[whole]).await, wanted);
        for cut in 1..whole.len() {
            assert_eq!(split(&[&whole[..cut], &whole[cut..]]).await, wanted, "{cut}");
        }
    }
}
