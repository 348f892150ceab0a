//! The task that keeps a live connection: connects, subscribes, reads, and does it all again when it breaks.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use tokio::{
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};

use super::{
    Deleted, Event, Interaction, Item, Way,
    buffer::Sender,
    ladder::{Fault, Ladder},
    message::{Message, hash_in},
    seen::Seen,
    wire::{Failure, Received, Wire},
};
use crate::{Error, Kind, Result, datasift::Client};

/// A connection on which nothing has come for so long is dead: an idle one has a tick every 30 seconds.
pub(super) const SILENCE: Duration = Duration::from_secs(65);

/// The least time from one connection to the next: a service that says something and ends it would else be asked without a
/// pause.
const REST: Duration = Duration::from_millis(200);

/// The streams that a reader wishes for. The driver brings the service in step with it.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    wanted: Mutex<(BTreeSet<String>, bool)>,
    changed: Notify,
}

impl Wishes {
    /// Changes the streams.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        let done = change(&mut self.wanted.lock().unwrap_or_else(PoisonError::into_inner).0);
        self.changed.notify_one();
        done
    }

    /// Has the driver take its leave.
    pub(super) fn end(&self) {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_one();
    }

    /// The streams; `None` at the end.
    fn now(&self) -> Option<BTreeSet<String>> {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        (!wanted.1).then(|| wanted.0.clone())
    }
}

pub(super) struct Driver {
    pub(super) client: Client,
    pub(super) way: Way,
    pub(super) wishes: Arc<Wishes>,
    pub(super) out: Sender<Result<Item>>,
    pub(super) ladder: Ladder,
    pub(super) seen: Seen,
    /// Since when nothing can come; `None` before the first connection.
    pub(super) lost: Option<Instant>,
}

/// How a connection came to its end.
enum End {
    /// It broke.
    Lost(String),
    /// It is to be made anew at once, for other streams.
    Anew,
    /// Nobody reads any more, or who reads has ended it.
    Left,
}

impl Driver {
    pub(super) async fn run(mut self) {
        while let Some(streams) = self.wishes.now() {
            if streams.is_empty() && self.way == Way::Http {
                // There is no connection for nothing.
                self.wishes.changed.notified().await;
                continue;
            }
            let listed: Vec<_> = streams.iter().cloned().collect();
            let opened = tokio::select! {
                opened = Wire::open(&self.client, self.way, &listed) => opened,
                () = self.ended() => return,
            };
            let since = Instant::now();
            let (fault, why) = match opened {
                Ok(wire) => match self.serve(wire, streams).await {
                    End::Lost(why) => (Fault::Network, why),
                    End::Anew => continue,
                    End::Left => return,
                },
                Err(Failure::Passing(fault, why)) => (fault, why),
                Err(Failure::Final(error)) => {
                    self.out.send(Err(error), 0).await;
                    return;
                }
            };
            if self.ladder.is_at_its_end() && self.lost.is_none() {
                let why = format!("no connection for live streams came about: {why}");
                self.out.send(Err(Error::new(Kind::Unavailable, why)), 0).await;
                return;
            }
            let wait = self.ladder.climb(fault).max(REST.saturating_sub(since.elapsed()));
            if !self.tell(Event::Lost { why, again_in: wait }).await {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.ended() => return,
            }
        }
    }

    /// When who reads has ended it.
    async fn ended(&self) {
        while self.wishes.now().is_some() {
            self.wishes.changed.notified().await;
        }
    }

    async fn tell(&self, event: Event) -> bool {
        self.out.send(Ok(Item::Event(event)), 0).await
    }

    /// Reads a connection to its end.
    async fn serve(&mut self, mut wire: Wire, mut announced: BTreeSet<String>) -> End {
        let missed = self.lost.take().map(|since| since.elapsed());
        if !self.tell(Event::Connected { missed }).await {
            return End::Left;
        }
        let end = self.read(&mut wire, &mut announced).await;
        self.lost = Some(Instant::now());
        if matches!(end, End::Left) && wire.takes_actions() {
            // As far as it goes: nobody waits for it.
            wire.act([json!({ "action": "stop" }).to_string()]);
            let _ = timeout(Duration::from_secs(1), wire.close()).await;
        }
        end
    }

    async fn read(&mut self, wire: &mut Wire, announced: &mut BTreeSet<String>) -> End {
        let Some(wanted) = self.wishes.now() else { return End::Left };
        if !wire.takes_actions() && wanted != *announced {
            return End::Anew;
        }
        *announced = wanted;
        wire.act(announced.iter().map(|hash| action("subscribe", hash)));
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                received = timeout_at(heard + SILENCE, wire.next()) => {
                    let text = match received {
                        Ok(Some(Ok(Received::Message(text)))) => text,
                        Ok(Some(Ok(Received::Ping))) => {
                            heard = Instant::now();
                            continue;
                        }
                        Ok(Some(Err(why))) => return End::Lost(why),
                        Ok(None) => return End::Lost("the server ended it".to_owned()),
                        Err(_) => return End::Lost(format!("nothing came for {} seconds", SILENCE.as_secs())),
                    };
                    if let Some(end) = self.take(&text.read(), announced).await {
                        return end;
                    }
                    // While there was no room nobody listened.
                    heard = Instant::now();
                }
                () = self.wishes.changed.notified() => {
                    let Some(wanted) = self.wishes.now() else { return End::Left };
                    if wanted == *announced {
                        continue;
                    }
                    if !wire.takes_actions() {
                        return End::Anew;
                    }
                    let more = wanted.difference(announced).map(|hash| action("subscribe", hash));
                    let less = announced.difference(&wanted).map(|hash| action("unsubscribe", hash));
                    wire.act(more.chain(less));
                    *announced = wanted;
                }
            }
        }
    }

    /// Hands on what a message says.
    async fn take(&mut self, text: &str, announced: &mut BTreeSet<String>) -> Option<End> {
        let message = Message::read(text);
        if matches!(message, Message::Interaction { .. } | Message::Deleted { .. } | Message::Tick(_)) {
            self.ladder.descend();
        }
        let (item, size) = match message {
            Message::Interaction { hash, id, data } => {
                let repeated = id.is_some_and(|id| self.seen.again(&hash, &id));
                (Item::Event(Event::Interaction(Interaction { hash, data, repeated })), text.len())
            }
            Message::Deleted { hash, id, data } => (Item::Deleted(Deleted { hash, id, data }), text.len()),
            Message::Tick(at) => (Item::Event(Event::Tick { at: at.and_then(|it| it.at()) }), 0),
            Message::Success(message) => {
                let event = match hash_in(&message) {
                    Some(hash) if !message.to_ascii_lowercase().contains("unsubscribed") => Event::Subscribed { hash },
                    _ => return None,
                };
                (Item::Event(event), 0)
            }
            Message::Warning(message) if !(message.contains("exist") && hash_in(&message).is_some()) => {
                (Item::Event(Event::Warning { message }), text.len())
            }
            // A stream that does not exist is told of as either.
            Message::Warning(message) | Message::Failure(message) => {
                let hash = hash_in(&message);
                if let Some(hash) = &hash {
                    // It would be refused again after each reconnect.
                    announced.remove(hash);
                    self.wishes.change(|wanted| wanted.remove(hash));
                }
                (Item::Event(Event::Refused { hash, message }), text.len())
            }
            Message::Reconnect => return Some(End::Lost("the server asks for another connection".to_owned())),
            Message::Other(message) => {
                (Item::Event(Event::Warning { message: format!("an unknown message came: {message}") }), text.len())
            }
        };
        (!self.out.send(Ok(item), size).await).then_some(End::Left)
    }
}

fn action(action: &str, hash: &str) -> String {
    json!({ "action": action, "hash": hash }).to_string()
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

    use super::{
        super::{Live, buffer},
        *,
    };

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    fn live(port: u16, way: Way) -> Live {
        let builder = Client::builder().url(format!("http://127.0.0.1:{port}")).api_key("ada", "k".to_owned());
        builder.build().unwrap().live(|_| ()).over(way).stream(HASH).open().unwrap()
    }

    async fn pause(live: &mut Live) -> Result<Duration> {
        loop {
            if let Event::Lost { again_in, .. } = live.next().await.expect("an event")? {
                return Ok(again_in);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_nobody_ever_answers_each_step_is_taken_before_it_is_an_error() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for way in [Way::WebSocket, Way::Http] {
            let (start, mut live) = (Instant::now(), live(port, way));
            assert!(pause(&mut live).await.unwrap() <= REST);
            for seconds in 1..=16 {
                assert_eq!(pause(&mut live).await.unwrap().as_secs(), seconds);
            }
            assert_eq!(pause(&mut live).await.unwrap_err().kind(), Kind::Unavailable);
            assert!(start.elapsed().as_secs() >= (1..=16).sum(), "it was waited for, too");
            assert!(live.next().await.is_none());
        }
    }

    /// A service that gives each connection this answer, and ends it.
    async fn answering(answer: &'static str) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        port
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_says_a_word_and_ends_it_is_not_asked_without_a_pause() {
        let tick = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"tick\":1}\r\n";
        let mut live = live(answering(tick).await, Way::Http);
        let start = Instant::now();
        for _ in 0..10 {
            pause(&mut live).await.unwrap();
        }
        assert!(start.elapsed() >= 9 * REST, "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_refuses_for_a_while_is_asked_by_the_longer_steps_and_who_refuses_for_good_not_again() {
        for status in ["420 Enhance Your Calm", "429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"] {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").leak();
            for way in [Way::WebSocket, Way::Http] {
                let mut live = live(answering(answer).await, way);
                for seconds in [10, 20, 40, 80, 160, 320] {
                    assert_eq!(pause(&mut live).await.unwrap().as_secs(), seconds, "{status}");
                }
                assert_eq!(pause(&mut live).await.unwrap_err().kind(), Kind::Unavailable, "{status}");
            }
        }
        for (status, kind) in [
            ("401 Unauthorized", Kind::Unauthenticated),
            ("403 Forbidden", Kind::Forbidden),
            ("404 Not Found", Kind::NotFound),
        ] {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").leak();
            for way in [Way::WebSocket, Way::Http] {
                let mut live = live(answering(answer).await, way);
                assert_eq!(live.next().await.unwrap().unwrap_err().kind(), kind, "{status}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_where_nothing_comes_is_lost_though_its_streams_change() {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let mut wire = Wire::talking(WebSocketStream::from_raw_socket(ours, Role::Client, None).await);
        let (out, _items) = buffer::buffer(1 << 20);
        let wishes = Arc::new(Wishes::default());
        let client = Client::builder().url("http://127.0.0.1:1").api_key("ada", "k".to_owned()).build().unwrap();
        let (ladder, seen) = (Ladder::default(), Seen::default());
        let way = Way::WebSocket;
        let mut driver = Driver { client, way, wishes: wishes.clone(), out, ladder, seen, lost: None };
        let start = Instant::now();
        let changes = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            wishes.change(|wanted| wanted.insert(HASH.to_owned()));
            std::future::pending::<()>().await;
        };
        let mut announced = BTreeSet::new();
        tokio::select! {
            end = driver.read(&mut wire, &mut announced) => assert!(matches!(end, End::Lost(_))),
            () = changes => {}
        }
        assert_eq!(start.elapsed().as_secs(), SILENCE.as_secs());
        assert_eq!(announced.len(), 1);
        drop(theirs);
    }
}
