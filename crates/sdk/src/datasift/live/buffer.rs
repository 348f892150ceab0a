//! What came and is not read yet: bounded by its size.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Room is counted in pieces of this many bytes, and each message takes one at least.
const PIECE: usize = 1 << 10;

/// A buffer with room for about as many bytes.
pub(super) fn buffer<T>(bytes: usize) -> (Sender<T>, Receiver<T>) {
    let pieces = u32::try_from(bytes / PIECE).unwrap_or(u32::MAX).clamp(1, 1 << 28);
    let (items, received) = mpsc::unbounded_channel();
    let (room, is_full) = (Arc::new(Semaphore::new(pieces as usize)), Arc::new(AtomicBool::new(false)));
    let is_behind = AtomicBool::new(false);
    (Sender { items, room, pieces, is_full: is_full.clone(), is_behind }, Receiver { items: received, is_full })
}

/// Where what comes is put.
pub(super) struct Sender<T> {
    items: mpsc::UnboundedSender<(T, OwnedSemaphorePermit)>,
    room: Arc<Semaphore>,
    pieces: u32,
    is_full: Arc<AtomicBool>,
    /// It was full, and half of it has not been free since.
    is_behind: AtomicBool,
}

impl<T> Sender<T> {
    /// Puts an item of `size` bytes, and waits while there is no room. Whether there is a reader still.
    pub(super) async fn send(&self, item: T, size: usize) -> bool {
        let pieces = u32::try_from(size / PIECE + 1).unwrap_or(u32::MAX).min(self.pieces);
        if self.room.available_permits() >= self.pieces.div_ceil(2) as usize {
            self.is_behind.store(false, Ordering::Relaxed);
        }
        let room = match self.room.clone().try_acquire_many_owned(pieces) {
            Ok(room) => room,
            Err(_) => {
                // Else who stays behind would be told before each item.
                if !self.is_behind.swap(true, Ordering::Relaxed) {
                    self.is_full.store(true, Ordering::Relaxed);
                }
                tokio::select! {
                    room = self.room.clone().acquire_many_owned(pieces) => room.expect("it is never closed"),
                    () = self.items.closed() => return false,
                }
            }
        };
        self.items.send((item, room)).is_ok()
    }
}

/// Where it is read.
pub(super) struct Receiver<T> {
    items: mpsc::UnboundedReceiver<(T, OwnedSemaphorePermit)>,
    is_full: Arc<AtomicBool>,
}

impl<T> Receiver<T> {
    /// The next item; its room is free again.
    pub(super) fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let next = self.get_mut().items.poll_recv(context);
        next.map(|next| next.map(|(item, _)| item))
    }

    /// Takes nothing more.
    pub(super) fn close(&mut self) {
        self.items.close();
    }

    /// Whether something had to wait for room, once for each time that the reader falls behind.
    pub(super) fn was_full(&self) -> bool {
        self.is_full.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn next<T>(receiver: &mut Receiver<T>) -> Option<T> {
        std::future::poll_fn(|context| Pin::new(&mut *receiver).poll_next(context)).await
    }

    #[tokio::test(start_paused = true)]
    async fn it_holds_what_it_has_room_for_and_says_so_when_it_was_full() {
        let (sender, mut receiver) = buffer(4 * PIECE);
        for n in 0..4 {
            assert!(sender.send(n, 10).await);
        }
        assert!(!receiver.was_full());
        let fifth = tokio::time::timeout(Duration::from_secs(1), sender.send(4, 10)).await;
        assert!(fifth.is_err(), "there is no room");
        assert!(receiver.was_full() && !receiver.was_full(), "it is told once");
        assert_eq!(next(&mut receiver).await, Some(0));
        assert!(sender.send(5, PIECE - 1).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stays_behind_is_told_once_and_anew_after_catching_up() {
        let (sender, mut receiver) = buffer(4 * PIECE);
        let waits = async |item| tokio::time::timeout(Duration::from_secs(1), sender.send(item, 1)).await.is_err();
        for n in 0..4 {
            assert!(!waits(n).await);
        }
        assert!(waits(4).await && receiver.was_full());
        next(&mut receiver).await;
        assert!(!waits(5).await && waits(6).await && !receiver.was_full(), "it is behind still");
        for _ in 0..4 {
            next(&mut receiver).await;
        }
        for n in 7..11 {
            assert!(!waits(n).await);
        }
        assert!(waits(11).await && receiver.was_full());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_larger_than_all_the_room_takes_all_of_it_and_no_more() {
        let (sender, mut receiver) = buffer(2 * PIECE);
        assert!(sender.send("large", 1 << 30).await);
        assert!(tokio::time::timeout(Duration::from_secs(1), sender.send("small", 1)).await.is_err());
        assert_eq!(next(&mut receiver).await, Some("large"));
        assert!(sender.send("small", 1).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_reader_that_goes_is_told() {
        let (sender, receiver) = buffer(PIECE);
        assert!(sender.send(1, 1).await);
        let waiting = tokio::spawn(async move { sender.send(2, 1).await });
        tokio::task::yield_now().await;
        drop(receiver);
        assert!(!waiting.await.unwrap());
    }
}
