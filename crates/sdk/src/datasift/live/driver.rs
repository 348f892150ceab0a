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
            let wait = self.ladder.climb(fault);
            if self.ladder.is_at_its_end() && self.lost.is_none() {
                let why = format!("no connection for live streams came about: {why}");
                self.out.send(Err(Error::new(Kind::Unavailable, why)), 0).await;
                return;
            }
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
                    if let Some(end) = self.take(text.as_str(), announced).await {
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
                    Some(hash) if !message.to_ascii_lowercase().contains("unsubscribed") => {
                        Event::Subscribed { hash: hash.to_owned() }
                    }
                    _ => return None,
                };
                (Item::Event(event), 0)
            }
            Message::Warning(message) if !(message.contains("exist") && hash_in(&message).is_some()) => {
                (Item::Event(Event::Warning { message }), text.len())
            }
            // A stream that does not exist is told of as either.
            Message::Warning(message) | Message::Failure(message) => {
                let hash = hash_in(&message).map(str::to_owned);
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
