//! One connection: many channels over one stream of bytes, which one task writes and reads.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
    io::{self, IoSlice},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    channel::{Delivered, Inbox, Receiver, Sender},
    error::{Error, Kind, Result},
    frame::{self, Decoder, Frame, Protocol},
    headers::{Header, Headers, Table},
    tree::Method,
    value::{Sink, Value},
};

/// How many bytes may wait to be written. Who has more waits.
const ROOM: usize = 1 << 20;

/// From here on bytes are sent from where they are, and not copied together.
const LONG: usize = 16 << 10;

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// How long all channels wait for the reader of one that is full; and how long a server that reads nothing is waited for, when
/// nobody has the connection any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a service. When nobody has it any more it is closed, after what is written has gone out.
pub(crate) struct Connection {
    service: Arc<str>,
    protocol: Protocol,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// There is something to be written, or nothing ever again.
    work: Notify,
    /// There is room again.
    room: Notify,
    /// Nobody has it any more.
    left: Notify,
    /// How many bytes have gone out.
    sent: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    outbox: Outbox,
    /// The id of the channel that was opened last. An id is made where its frame is written: a server hangs up when one
    /// comes that is not larger than all before it.
    last: u64,
    channels: HashMap<u64, Arc<Inbox>, BuildHasherDefault<ById>>,
    /// Why it is over.
    over: Option<Error>,
    is_left: bool,
}

/// Ids are made here, one after another: nobody can choose them so that they meet.
#[derive(Default)]
struct ById(u64);

impl Hasher for ById {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |all, byte| all << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, id: u64) {
        // The table looks at the upper bits, too.
        self.0 = id.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Connection {
    /// Takes a stream into its hands.
    pub(crate) fn new(stream: TcpStream, protocol: Protocol, service: Arc<str>) -> Arc<Self> {
        let (state, work, room, left, sent) = Default::default();
        let shared = Arc::new(Shared { state, work, room, left, sent });
        tokio::spawn(Driver::run(stream, protocol, shared.clone()));
        Arc::new(Self { service, protocol, shared })
    }

    pub(crate) fn service(&self) -> &Arc<str> {
        &self.service
    }

    /// Whether calls can be made.
    pub(crate) fn is_open(&self) -> bool {
        self.shared.state().over.is_none()
    }

    /// Makes a call. Nothing was sent if it fails, or if nobody waits for it any more.
    pub(crate) async fn open(
        self: &Arc<Self>,
        method: &Method,
        args: &[Value],
        headers: &Headers,
    ) -> Result<(Sender, Receiver)> {
        let inbox = Inbox::new(method.rx.clone());
        let is_mute = method.rx.is_empty();
        let id = self
            .when_there_is_room(|state| {
                state.last += 1;
                let id = state.last;
                frame::write(&mut state.outbox, self.protocol, (id, method.id), args, |out| {
                    Header::write_all(&headers.wire(), out);
                });
                // Nothing ever comes on a mute one.
                if !is_mute {
                    state.channels.insert(id, inbox.clone());
                }
                id
            })
            .await?;
        if is_mute {
            inbox.finish();
        }
        Ok((Sender::new(method.tx.clone(), id, self.clone()), Receiver::new(inbox, id, self.clone(), is_mute)))
    }

    /// Waits until all that was put in so far has gone out to the network.
    pub(crate) async fn flushed(&self) -> Result<()> {
        let put = self.shared.state().outbox.put;
        let gone = self.shared.sent.subscribe().wait_for(|sent| *sent >= put).await.is_ok_and(|sent| *sent != u64::MAX);
        match self.shared.state().over.clone() {
            Some(error) if !gone => Err(error.ambiguous()),
            _ => Ok(()),
        }
    }

    /// Sends a message on an open channel.
    pub(crate) async fn write(&self, channel: u64, kind: u64, args: &[Value]) -> Result<()> {
        self.when_there_is_room(|state| self.put(state, channel, kind, args)).await
    }

    /// Sends the last message of a channel, without waiting for room: it is short, and comes once.
    pub(crate) fn leave(&self, channel: u64, kind: u64) {
        let mut state = self.shared.state();
        if state.over.is_none() {
            self.put(&mut state, channel, kind, &[]);
            drop(state);
            self.shared.work.notify_one();
        }
    }

    /// Nobody reads this channel any more.
    pub(crate) fn forget(&self, channel: u64) {
        let inbox = self.shared.state().channels.remove(&channel);
        if let Some(inbox) = inbox {
            inbox.finish();
        }
    }

    fn put(&self, state: &mut State, channel: u64, kind: u64, args: &[Value]) {
        frame::write(&mut state.outbox, self.protocol, (channel, kind), args, |out| Header::write_all(&[], out));
    }

    async fn when_there_is_room<T>(&self, write: impl FnOnce(&mut State) -> T) -> Result<T> {
        loop {
            let room = {
                let mut state = self.shared.state();
                if let Some(error) = &state.over {
                    return Err(error.clone());
                }
                if state.outbox.length < ROOM {
                    let was_idle = state.outbox.length == 0;
                    let done = write(&mut state);
                    drop(state);
                    if was_idle {
                        self.shared.work.notify_one();
                    }
                    return Ok(done);
                }
                let mut room = Box::pin(self.shared.room.notified());
                room.as_mut().enable();
                room
            };
            room.await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.state().is_left = true;
        self.shared.work.notify_one();
        self.shared.left.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is to be written, and whether nothing will be any more.
    fn take(&self) -> (VecDeque<Bytes>, bool) {
        let mut state = self.state();
        let was_full = state.outbox.length >= ROOM;
        let taken = (state.outbox.take(), state.is_left);
        drop(state);
        if was_full {
            self.room.notify_waiters();
        }
        taken
    }

    /// Every channel is told so, once.
    fn end(&self, error: Error) {
        let mut state = self.state();
        state.over = Some(error.clone());
        let channels = std::mem::take(&mut state.channels);
        drop(state);
        let told = error.ambiguous();
        for inbox in channels.into_values() {
            inbox.fail(told.clone());
        }
        self.room.notify_waiters();
        // Nobody waits any more for what will never go out.
        self.sent.send_replace(u64::MAX);
    }
}

/// What waits to be written: short things together, long ones as they are.
#[derive(Default)]
struct Outbox {
    parts: VecDeque<Bytes>,
    tail: BytesMut,
    length: usize,
    /// How many bytes there ever were in it.
    put: u64,
}

impl Outbox {
    fn take(&mut self) -> VecDeque<Bytes> {
        self.flush();
        self.length = 0;
        std::mem::take(&mut self.parts)
    }

    fn count(&mut self, bytes: usize) {
        self.length += bytes;
        self.put += bytes as u64;
    }

    fn flush(&mut self) {
        if !self.tail.is_empty() {
            self.parts.push_back(self.tail.split().freeze());
        }
    }
}

impl Sink for Outbox {
    fn put(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        self.count(bytes.len());
    }

    fn put_bytes(&mut self, bytes: &Bytes) {
        if bytes.len() < LONG {
            return self.put(bytes);
        }
        self.flush();
        self.parts.push_back(bytes.clone());
        self.count(bytes.len());
    }
}

/// The task of a connection.
struct Driver {
    protocol: Protocol,
    shared: Arc<Shared>,
    decoder: Decoder,
    table: Table,
    /// A frame for which there is no room: nothing is read before there is.
    stalled: Option<Stalled>,
}

struct Stalled {
    id: u64,
    inbox: Arc<Inbox>,
    frame: Option<Frame>,
    until: Instant,
}

impl Driver {
    async fn run(mut stream: TcpStream, protocol: Protocol, shared: Arc<Shared>) {
        let (read, write) = stream.split();
        let (decoder, table) = (Decoder::new(protocol), Table::default());
        let mut driver = Self { protocol, shared, decoder, table, stalled: None };
        let error = driver.drive(read, write).await.expect_err("it ends with a reason");
        driver.shared.end(error);
    }

    async fn drive(&mut self, mut read: ReadHalf<'_>, mut write: WriteHalf<'_>) -> Result<()> {
        let (mut sending, mut until) = (VecDeque::new(), None);
        loop {
            if sending.is_empty() {
                let is_left;
                (sending, is_left) = self.shared.take();
                if is_left && sending.is_empty() {
                    let _ = write.shutdown().await;
                    return Err(Error::new(Kind::Disconnected, "the connection was closed here"));
                }
            }
            let shared = self.shared.clone();
            tokio::select! {
                sent = write_some(&mut write, &mut sending), if !sending.is_empty() => {
                    let sent = sent.map_err(lost)?;
                    self.shared.sent.send_modify(|all| *all += sent as u64);
                }
                () = shared.work.notified(), if sending.is_empty() => {}
                () = shared.left.notified(), if until.is_none() => until = Some(Instant::now() + PATIENCE),
                () = over(until), if until.is_some() => {
                    return Err(Error::new(Kind::Disconnected, "the server has read nothing for too long"));
                }
                () = resume(&mut self.stalled, self.protocol), if self.stalled.is_some() => {
                    if let Some(Stalled { id, inbox, .. }) = self.stalled.take()
                        && inbox.is_over()
                    {
                        self.shared.state().channels.remove(&id);
                    }
                    self.deliver_all()?;
                }
                came = read_some(&mut read, self.decoder.buffer()), if self.stalled.is_none() => {
                    if came.map_err(lost)? == 0 {
                        return Err(Error::new(Kind::Disconnected, "the server closed the connection"));
                    }
                    self.deliver_all()?;
                }
            }
        }
    }

    /// All frames that have come, until one finds no room.
    fn deliver_all(&mut self) -> Result<()> {
        let wrong = |e: frame::FrameError| Error::new(Kind::Protocol, e.to_string());
        while let Some(mut frame) = self.decoder.frame().map_err(wrong)? {
            // What the table keeps must be seen in its order, also of channels that nobody reads.
            if !frame.headers.iter().all(Header::is_plain) {
                frame.headers = self.table.resolve(&frame.headers).map_err(wrong)?.wire().into();
            }
            let id = frame.channel;
            let mut state = self.shared.state();
            // Of a channel that nobody reads any more, or that never was.
            let Some(inbox) = state.channels.get(&id) else { continue };
            match inbox.deliver(self.protocol, frame, None) {
                Delivered::Taken => {}
                Delivered::Last => drop(state.channels.remove(&id)),
                Delivered::Full(frame) => {
                    let inbox = inbox.clone();
                    self.stalled = Some(Stalled { id, inbox, frame: Some(frame), until: Instant::now() + PATIENCE });
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Waits until then; for ever, if it is not known.
async fn over(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// Waits until there is room for the frame, or has been none for too long.
async fn resume(stalled: &mut Option<Stalled>, protocol: Protocol) {
    let Some(Stalled { inbox, frame, until, .. }) = stalled else { return };
    let room = std::future::poll_fn(|context| {
        let Some(waiting) = frame.take() else { return Poll::Ready(()) };
        match inbox.deliver(protocol, waiting, Some(context.waker())) {
            Delivered::Full(still) => {
                *frame = Some(still);
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    });
    if tokio::time::timeout_at(*until, room).await.is_err() {
        let message = format!("it was not read for {} s while all others waited", PATIENCE.as_secs());
        inbox.fail(Error::new(Kind::TooSlow, message));
    }
}

async fn write_some(write: &mut WriteHalf<'_>, sending: &mut VecDeque<Bytes>) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); 32];
    let used = slices.iter_mut().zip(&*sending).map(|(slice, part)| *slice = IoSlice::new(part)).count();
    let sent = write.write_vectored(&slices[..used]).await?;
    if sent == 0 {
        return Err(io::ErrorKind::WriteZero.into());
    }
    let mut left = sent;
    while let Some(part) = sending.front_mut() {
        if left < part.len() {
            part.advance(left);
            break;
        }
        left -= part.len();
        sending.pop_front();
    }
    Ok(sent)
}

async fn read_some(read: &mut ReadHalf<'_>, buffer: &mut BytesMut) -> io::Result<usize> {
    if buffer.capacity() - buffer.len() < CHUNK / 8 {
        buffer.reserve(CHUNK);
    }
    read.read_buf(buffer).await
}

fn lost(why: io::Error) -> Error {
    Error::new(Kind::Disconnected, "the connection was lost").source_of(why)
}
