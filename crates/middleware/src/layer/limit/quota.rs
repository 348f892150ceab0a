use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{in_time, too_late};
use crate::Result;

/// No more than so many requests in any window of time, by the *server's* clock, and yet all of them at once if they are
/// there: a sliding window of slots.
///
/// A slot is taken before an attempt, and is free again one window after the answer's headers came (or the attempt
/// failed). A request reached the server no later than its answer came; so whoever takes the slot next reaches the server
/// at least one window later, however long either was on its way. A token bucket (GCRA) can't do that: its burst and its
/// rate add up within one window, so it must give away one for the other.
///
/// Clones share the slots. Who comes first goes first.
#[derive(Clone)]
pub struct Quota(Arc<Window>);

struct Window {
    slots: usize,
    rest: Duration,
    /// Held by the first in the queue; tokio's mutex is fair.
    turn: tokio::sync::Mutex<()>,
    slots_now: Mutex<Slots>,
    answered: Notify,
}

#[derive(Default)]
struct Slots {
    taken: usize,
    queued: usize,
    /// When each resting slot is free again: in order, as all rest equally long.
    resting: VecDeque<Instant>,
}

impl Quota {
    /// How much longer than a window a slot rests: for the grain of two clocks.
    const GRAIN: Duration = Duration::from_millis(50);

    /// At most `requests` (at least one) in each window of this length.
    pub fn new(requests: u32, window: Duration) -> Self {
        Self(Arc::new(Window {
            slots: requests.max(1) as usize,
            rest: window + Self::GRAIN,
            turn: tokio::sync::Mutex::default(),
            slots_now: Mutex::default(),
            answered: Notify::new(),
        }))
    }

    /// How many requests could go at this moment.
    pub fn remaining(&self) -> usize {
        let slots = self.0.slots();
        self.0.slots - slots.taken - slots.resting.len()
    }

    /// How many requests a window has room for.
    pub fn requests(&self) -> usize {
        self.0.slots
    }

    /// Takes a slot when there is one. Fails at once if that is known to be later than `until`.
    pub(super) async fn take(&self, until: Option<Instant>) -> Result<Slot> {
        let window = &self.0;
        let _queued = window.queue(until)?;
        let _turn = in_time(until, window.turn.lock()).await?;
        loop {
            let next = {
                let mut slots = window.slots();
                if slots.taken + slots.resting.len() < window.slots {
                    slots.taken += 1;
                    return Ok(Slot(window.clone()));
                }
                slots.resting.front().copied()
            };
            match next {
                Some(at) if until.is_some_and(|until| at > until) => return Err(too_late(at - Instant::now())),
                Some(at) => tokio::time::sleep_until(at).await,
                // All are on their way; the first answer says when its slot is free again.
                None => in_time(until, window.answered.notified()).await?,
            }
        }
    }
}

impl Window {
    /// The slots as of now.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        let mut slots = self.slots_now.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while slots.resting.front().is_some_and(|at| *at <= now) {
            slots.resting.pop_front();
        }
        slots
    }

    /// Joins the queue, unless those before us will have taken every slot that is free before `until`.
    fn queue(self: &Arc<Self>, until: Option<Instant>) -> Result<Queued> {
        let mut slots = self.slots();
        let free = self.slots - slots.taken - slots.resting.len();
        if let Some(until) = until
            && let Some(ahead) = slots.queued.checked_sub(free)
            && let Some(at) = slots.resting.get(ahead)
            && *at > until
        {
            return Err(too_late(*at - Instant::now()));
        }
        slots.queued += 1;
        Ok(Queued(self.clone()))
    }
}

struct Queued(Arc<Window>);

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.slots().queued -= 1;
    }
}

/// One request's place in the window; dropped when its answer has come or it has failed.
pub(super) struct Slot(Arc<Window>);

impl Drop for Slot {
    fn drop(&mut self) {
        let mut slots = self.0.slots();
        slots.taken -= 1;
        slots.resting.push_back(Instant::now() + self.0.rest);
        drop(slots);
        self.0.answered.notify_one();
    }
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quota({} in {:?})", self.0.slots, self.0.rest - Self::GRAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    const MINUTE: Duration = Duration::from_secs(60);

    /// The most arrivals in any window of a minute.
    fn fullest(mut arrivals: Vec<Instant>) -> usize {
        arrivals.sort();
        let in_window =
            |(n, from): (usize, &Instant)| arrivals[n..].iter().take_while(|at| **at - *from < MINUTE).count();
        arrivals.iter().enumerate().map(in_window).max().unwrap_or_default()
    }

    /// Runs `tasks` tasks for ten minutes of virtual time; a request is up to `latency` on its way, either way, and every
    /// `dropped`-th is given up before it is answered.
    async fn run(tasks: usize, requests: u32, latency: Duration, dropped: usize) -> Vec<Instant> {
        let (quota, arrivals) = (Quota::new(requests, MINUTE), Arc::new(Mutex::new(vec![])));
        let end = Instant::now() + 10 * MINUTE;
        let all = (0..tasks).map(|task| {
            let (quota, arrivals) = (quota.clone(), arrivals.clone());
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(task as u64);
                while Instant::now() < end {
                    let slot = quota.take(None).await.unwrap();
                    let there = latency.mul_f64(random.f64());
                    if dropped > 0 && random.usize(..dropped) == 0 {
                        // Given up just when it arrives.
                        tokio::time::sleep(there).await;
                        arrivals.lock().unwrap().push(Instant::now());
                        drop(slot);
                        continue;
                    }
                    tokio::time::sleep(there).await;
                    arrivals.lock().unwrap().push(Instant::now());
                    tokio::time::sleep(latency.mul_f64(random.f64())).await;
                    drop(slot);
                }
            })
        });
        futures::future::join_all(all).await;
        Arc::try_unwrap(arrivals).unwrap().into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_whatever_the_latency() {
        for (tasks, latency, dropped) in [(64, 10, 0), (64, 10, 5), (200, 3, 0), (8, 1, 3)] {
            let arrivals = run(tasks, 100, Duration::from_secs(latency), dropped).await;
            assert!(fullest(arrivals) <= 100, "{tasks} tasks, up to {latency} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_full_rate() {
        let start = Instant::now();
        let quota = Quota::new(500, MINUTE);
        for _ in 0..500 {
            drop(quota.take(None).await.unwrap());
        }
        assert_eq!((Instant::now(), quota.remaining()), (start, 0));

        let mut arrivals = run(64, 500, Duration::from_millis(100), 0).await;
        arrivals.sort();
        // From the first of the first burst to the first of the tenth.
        let rate = 4500.0 / ((arrivals[4500] - arrivals[0]).as_secs_f64() / 60.0);
        assert!(rate >= 0.97 * 500.0, "{rate} a minute");
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_in_vain_is_told_at_once() {
        let (start, quota) = (Instant::now(), Quota::new(2, MINUTE));
        drop((quota.take(None).await.unwrap(), quota.take(None).await.unwrap()));
        let error = quota.take(Some(start + Duration::from_secs(10))).await.map(drop).unwrap_err();
        assert_eq!((error.kind(), Instant::now()), (Kind::RateLimited, start));
        assert_eq!(error.retry_after(), Some(MINUTE + Quota::GRAIN));
        quota.take(Some(start + 2 * MINUTE)).await.unwrap();
        assert_eq!(Instant::now(), start + MINUTE + Quota::GRAIN);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_first_goes_first() {
        let (quota, order) = (Quota::new(1, MINUTE), Arc::new(Mutex::new(vec![])));
        let all = (0..5).map(|n| {
            let (quota, order) = (quota.clone(), order.clone());
            async move {
                let _slot = quota.take(None).await.unwrap();
                order.lock().unwrap().push(n);
            }
        });
        futures::future::join_all(all).await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_blocks_nobody() {
        let quota = Quota::new(1, MINUTE);
        let slot = quota.take(None).await.unwrap();
        assert!(tokio::time::timeout(Duration::from_secs(1), quota.take(None)).await.is_err());
        drop(slot);
        quota.take(None).await.unwrap();
    }
}
