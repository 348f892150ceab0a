//! What holds however tasks come to interleave: times and ends by chance, against a model of a line and its counters.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures::{FutureExt as _, StreamExt as _};
use proptest::prelude::*;
use tokio::{runtime, task::yield_now, time::sleep};

use super::*;

/// How a task ends, if it gets so far.
#[derive(Clone, Copy, Debug)]
enum End {
    Good,
    Bad,
    Panic,
    Never,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![4 => Just(End::Good), 2 => Just(End::Bad), 1 => Just(End::Panic), 1 => Just(End::Never)]
}

/// How many there are of something now, and were at most.
#[derive(Debug, Default)]
struct Count {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One that is counted while it lives.
#[derive(Debug)]
struct Counted(Arc<Count>);

impl Counted {
    fn new(count: &Arc<Count>) -> Self {
        count.most.fetch_max(count.now.fetch_add(1, SeqCst) + 1, SeqCst);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

/// All times are whole multiples of this, and deadlines lie between two, since timers are off by some milliseconds.
const UNIT: Duration = Duration::from_millis(100);
/// When all that still runs is cancelled.
const LATE: u32 = 1_000;

fn units(n: u32) -> Duration {
    UNIT * n
}

#[derive(Clone, Debug)]
struct Planned {
    /// From the push before to this one.
    gap: u32,
    takes: u32,
    end: End,
}

impl Planned {
    async fn run(self, place: usize, running: Arc<Count>) -> Result<usize, String> {
        let _counted = Counted::new(&running);
        sleep(units(self.takes)).await;
        match self.end {
            End::Good => Ok(place),
            End::Bad => Err(format!("{place} is bad")),
            // The hook, which would print it, is passed by.
            End::Panic => std::panic::resume_unwind(Box::new(format!("{place} panics"))),
            End::Never => std::future::pending().await,
        }
    }
}

#[derive(Clone, Debug)]
struct Plan {
    tasks: Vec<Planned>,
    limit: Option<usize>,
    /// In half units; odd.
    deadline: Option<u32>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let task = (prop_oneof![2 => Just(0), 1 => 0..4u32], 0..6u32, end());
    let tasks = prop::collection::vec(task.prop_map(|(gap, takes, end)| Planned { gap, takes, end }), 0..14);
    let deadline = prop::option::of((0..20u32).prop_map(|n| 2 * n + 1));
    (tasks, prop::option::of(1..5usize), deadline).prop_map(|(tasks, limit, deadline)| Plan { tasks, limit, deadline })
}

impl Plan {
    fn gather(&self) -> Gather {
        Gather { limit: self.limit, deadline: self.deadline.map(|halves| UNIT * halves / 2) }
    }

    /// What comes of each task, and when in half units.
    fn model(&self) -> Vec<(Outcome<usize, String>, u32)> {
        let mut free: BinaryHeap<_> =
            (0..self.limit.unwrap_or(usize::MAX).min(self.tasks.len())).map(|_| Reverse(0)).collect();
        let mut pushed = 0;
        let told = self.tasks.iter().enumerate().map(|(place, task)| {
            pushed += 2 * task.gap;
            let begins = free.pop().map_or(0, |Reverse(free)| free).max(pushed);
            let ends = match task.end {
                End::Never => u32::MAX,
                _ => begins.saturating_add(2 * task.takes),
            };
            free.push(Reverse(ends));
            let own = match task.end {
                End::Bad => Err(Failure::Error(format!("{place} is bad"))),
                End::Panic => Err(Failure::Panicked(format!("{place} panics"))),
                _ => Ok(place),
            };
            match self.deadline {
                Some(deadline) if ends > deadline => {
                    (Err(Failure::Deadline(UNIT * deadline / 2)), deadline.max(pushed))
                }
                _ if ends > 2 * LATE => (Err(Failure::Cancelled), 2 * LATE),
                _ => (own, ends),
            }
        });
        told.collect()
    }
}

fn in_no_time<F: Future>(future: F) -> F::Output {
    runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_task_comes_to_what_its_time_and_place_in_the_line_say(plan in plan()) {
        in_no_time(async {
            let (running, model) = (Arc::new(Count::default()), plan.model());
            let (mut ordered, mut keyed, mut first) = (plan.gather().ordered(), plan.gather().keyed(), plan.gather().first_reply());
            let start = tokio::time::Instant::now();
            let elsewhere = Arc::new(Count::default());
            for (place, task) in plan.tasks.iter().enumerate() {
                if task.gap > 0 {
                    sleep(units(task.gap)).await;
                }
                ordered.push(task.clone().run(place, running.clone()));
                keyed.put(format!("task {place}"), task.clone().run(place, elsewhere.clone()));
                first.push(task.clone().run(place, elsewhere.clone()));
            }
            // Two streams at once, one of which stops halfway: neither takes anything from the other.
            let (mut one, mut other) = (ordered.stream(), ordered.stream());
            let half = model.iter().take(model.len() / 2).take_while(|(_, ends)| *ends < 2 * LATE).count();
            for (outcome, _) in &model[..half] {
                prop_assert_eq!(one.next().await, Some(outcome.as_ref()));
            }
            sleep(units(LATE).saturating_sub(start.elapsed())).await;
            for reply in ordered.iter().chain(keyed.iter().map(|(_, reply)| reply)).chain((0..).map_while(|i| first.get(i))) {
                reply.cancel();
            }
            for (outcome, _) in &model {
                prop_assert_eq!(other.next().await, Some(outcome.as_ref()));
            }
            prop_assert_eq!(other.next().await, None);
            drop((one, other));

            if let Some(limit) = plan.limit {
                prop_assert!(running.most.load(SeqCst) <= limit, "{running:?}");
            }
            prop_assert_eq!(running.now.load(SeqCst), 0);

            // In the order in which they were done, and the same at each look.
            let places: Vec<_> = first.stream().map(|(place, outcome)| (place, outcome.cloned().map_err(Clone::clone))).collect().await;
            for (nth, (place, outcome)) in places.iter().enumerate() {
                prop_assert_eq!(outcome, &model[*place].0);
                prop_assert_eq!(first.nth(nth).await.unwrap().0, *place);
            }
            let times: Vec<_> = places.iter().map(|(place, _)| model[*place].1).collect();
            prop_assert!(times.is_sorted(), "{times:?}");
            prop_assert_eq!(times.len(), model.len());

            let outcomes: Vec<_> = keyed.outcomes().await;
            let expected: Vec<_> = model.iter().enumerate().map(|(i, it)| (format!("task {i}"), it.0.clone())).collect();
            prop_assert_eq!(outcomes, expected);

            let bad: Vec<_> = model.iter().enumerate().filter_map(|(i, it)| Some((i, it.0.clone().err()?))).collect();
            match ordered.join().await {
                Ok(values) => {
                    prop_assert_eq!(values, (0..model.len()).collect::<Vec<_>>());
                    prop_assert!(bad.is_empty());
                }
                Err(failures) => {
                    prop_assert_eq!(failures.tasks(), model.len());
                    prop_assert_eq!(failures.into_iter().collect::<Vec<_>>(), bad);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_first_n_are_those_that_succeed_first(plan in plan(), n in 0..6usize) {
        // What never ends would have to be cancelled from outside.
        prop_assume!(plan.deadline.is_some() || plan.tasks.iter().all(|it| !matches!(it.end, End::Never)));
        in_no_time(async {
            let running = Arc::new(Count::default());
            let mut first = plan.gather().first_reply();
            let mut pushed_at = 0;
            for (place, task) in plan.tasks.iter().enumerate() {
                pushed_at += 2 * task.gap;
                sleep(units(task.gap)).await;
                first.push(task.clone().run(place, running.clone()));
            }
            let model = plan.model();
            let mut good: Vec<_> = model.iter().filter(|it| it.0.is_ok()).map(|it| it.1).collect();
            good.sort_unstable();
            let start = tokio::time::Instant::now();
            match first.take(n).await {
                Ok(values) => {
                    let times: Vec<_> = values.iter().map(|place| model[*place].1).collect();
                    prop_assert_eq!(&times, &good[..n]);
                    // And then at once, not when the others are done.
                    let waited = times.last().map_or(0, |last| last.saturating_sub(pushed_at));
                    prop_assert!(start.elapsed() < UNIT * waited / 2 + UNIT / 2, "{:?}", start.elapsed());
                }
                Err(failures) => {
                    prop_assert!(good.len() < n, "{failures:?}");
                    let enough = (model.len() + 1).saturating_sub(n);
                    prop_assert_eq!(failures.len(), enough, "as many as make it certain");
                }
            }
            // The losers go when the runtime comes to them.
            yield_now().await;
            yield_now().await;
            prop_assert_eq!(running.now.load(SeqCst), 0);
            Ok(())
        })?;
    }

    #[test]
    fn as_they_come_each_comes_once_and_no_more_than_the_limit_are_begun_ahead(
        tasks in prop::collection::vec((0..4u32, end(), 0..3u32), 0..40),
        limit in 1..6usize,
        slow_source in any::<bool>(),
    ) {
        in_no_time(async {
            let (running, begun) = (Arc::new(Count::default()), Arc::new(AtomicUsize::new(0)));
            let made = tasks.iter().enumerate().map(|(place, (takes, end, _))| {
                begun.fetch_add(1, SeqCst);
                (place, Planned { gap: 0, takes: *takes, end: *end }.run(place, running.clone()))
            });
            let gather = Gather::new().limit(limit).deadline(units(LATE));
            let mut outcomes = if slow_source {
                gather.as_completed_from(stream::iter(made).then(|task| async { yield_now().await; sleep(UNIT).await; task }))
            } else {
                gather.as_completed(made)
            };
            if !slow_source {
                prop_assert_eq!(begun.load(SeqCst), limit.min(tasks.len()), "before anybody asks");
            }
            let mut seen = vec![];
            while let Some((place, outcome)) = outcomes.next().await {
                seen.push(place);
                let right = match tasks[place].1 {
                    End::Good => outcome == Ok(place),
                    End::Bad => outcome == Err(Failure::Error(format!("{place} is bad"))),
                    End::Panic => outcome == Err(Failure::Panicked(format!("{place} panics"))),
                    End::Never => outcome == Err(Failure::Deadline(units(LATE))),
                };
                // Many that never end use up all time.
                prop_assert!(right || outcome == Err(Failure::Deadline(units(LATE))), "{outcome:?}");
                let ahead = (seen.len() + limit).min(tasks.len());
                prop_assert!(begun.load(SeqCst) <= ahead);
                prop_assert!(slow_source || begun.load(SeqCst) == ahead, "the next runs while this one is looked at");
                prop_assert!(running.now.load(SeqCst) <= limit);
                sleep(units(tasks[place].2)).await;
                prop_assert!(begun.load(SeqCst) <= ahead, "who is slow is not overrun");
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..tasks.len()).collect::<Vec<_>>());
            prop_assert!(running.most.load(SeqCst) <= limit);
            Ok(())
        })?;
    }

    #[test]
    fn wherever_threads_are_when_all_is_dropped_no_task_and_no_value_is_left(
        tasks in prop::collection::vec((0..4u8, end()), 0..60),
        limit in prop::option::of(1..6usize),
        read in 0..60usize,
        which in 0..4u8,
    ) {
        let count = Arc::new(Count::default());
        let all: Vec<_> = tasks.iter().map(|&(yields, end)| {
            let count = count.clone();
            async move {
                let task = Counted::new(&count);
                for _ in 0..yields {
                    yield_now().await;
                }
                match end {
                    End::Good => Ok(Counted::new(&task.0)),
                    End::Bad => Err(Counted::new(&task.0)),
                    End::Panic => std::panic::resume_unwind(Box::new("a panic")),
                    End::Never => std::future::pending().await,
                }
            }
        }).collect();
        let gather = Gather { limit, deadline: Some(Duration::from_millis(3)) };
        let threads = runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
        threads.block_on(async {
            match which {
                0 => {
                    let mut gathered = gather.ordered();
                    gathered.extend(all);
                    for reply in gathered.iter().take(read) {
                        let _ = reply.read().await;
                    }
                }
                1 => {
                    let mut gathered = gather.keyed();
                    gathered.extend(all.into_iter().enumerate());
                    for (_, reply) in gathered.into_iter().take(read) {
                        let _ = reply.join().await;
                    }
                }
                2 => {
                    let mut gathered = gather.first_reply();
                    gathered.extend(all);
                    let _ = gathered.take(read % 8).await;
                }
                _ => {
                    let mut gathered = gather.as_completed(all.into_iter().enumerate()).take(read);
                    while gathered.next().await.is_some() {}
                }
            }
            let gone = async { while count.now.load(SeqCst) > 0 { yield_now().await } };
            prop_assert!(tokio::time::timeout(Duration::from_secs(20), gone).await.is_ok(), "{count:?}");
            Ok(())
        })?;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_outcomes_that_are_taken_as_they_come_are_never_in_memory_together() {
    const ALL: usize = 100_000;
    let (values, tasks) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let each = (0..ALL).map(|n| {
        let (values, task) = (values.clone(), Counted::new(&tasks));
        (n, async move {
            let _task = task;
            if n % 7 == 0 {
                yield_now().await;
            }
            if n % 10 == 0 { Err(Counted::new(&values)) } else { Ok(Counted::new(&values)) }
        })
    });
    let mut outcomes = Gather::new().limit(64).as_completed(each);
    let (mut good, mut bad) = (0, 0);
    while let Some((_, outcome)) = outcomes.next().await {
        match outcome {
            Ok(_) => good += 1,
            Err(_) => bad += 1,
        }
    }
    assert_eq!((good, bad), (ALL / 10 * 9, ALL / 10));
    // The one in hand, too.
    assert!(values.most.load(SeqCst) <= 65, "{values:?}");
    assert!(tasks.most.load(SeqCst) <= 65, "{tasks:?}");
    assert_eq!((values.now.load(SeqCst), tasks.now.load(SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_hundred_thousand_that_are_kept_can_all_be_read() {
    let mut all = Gather::new().limit(1_000).ordered();
    all.extend((0..100_000_u32).map(|n| async move { Ok::<_, String>(n) }));
    assert_eq!(all[99_999].read().await, Ok(&99_999));
    assert_eq!(all.join().await.unwrap(), (0..100_000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_in_line_begin_in_the_order_in_which_they_were_handed_in() {
    let begun = Arc::new(std::sync::Mutex::new(vec![]));
    let mut all = Gather::new().limit(1).ordered();
    // Who has done much since the last pause is to pause at the next `.await`; the line knows nothing of it.
    while tokio::task::coop::consume_budget().now_or_never().is_some() {}
    all.extend((0..1_000).map(|n| {
        let begun = begun.clone();
        async move {
            begun.lock().unwrap().push(n);
            yield_now().await;
            Ok::<_, String>(())
        }
    }));
    all.join().await.unwrap();
    assert!(begun.lock().unwrap().is_sorted(), "{begun:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_in_when_the_time_is_over_never_begins() {
    let begun = Arc::new(AtomicUsize::new(0));
    let mut all = Gather::new().limit(2).deadline(Duration::ZERO).ordered();
    all.extend((0..1_000).map(|_| {
        let begun = begun.clone();
        async move { Ok::<_, String>(begun.fetch_add(1, SeqCst)) }
    }));
    assert!(all.outcomes().await.iter().all(|it| *it == Err(Failure::Deadline(Duration::ZERO))));
    assert_eq!(begun.load(SeqCst), 0);
}

#[tokio::test]
async fn a_deadline_beyond_all_time_and_a_limit_beyond_all_tasks_are_none() {
    let mut all = Gather::new().limit(usize::MAX).deadline(Duration::MAX).ordered();
    all.push(async { Ok::<_, String>(1) });
    assert_eq!(all.join().await, Ok(vec![1]));
    let mut all = Gather::new().limit(0).ordered();
    all.push(async { Ok::<_, String>(1) });
    assert_eq!(all.join().await, Ok(vec![1]), "at least one runs");
}

#[test]
fn everything_can_be_sent_to_another_thread_and_kept_there() {
    fn is<T: Send + Unpin + 'static>() {}
    is::<Reply<String, crate::Error>>();
    is::<Keyed<String, String, crate::Error>>();
    is::<Ordered<String, crate::Error>>();
    is::<FirstReply<String, crate::Error>>();
    is::<AsCompleted<'static, String, String, crate::Error>>();
    is::<Failures<String, crate::Error>>();
}

#[test]
fn when_the_runtime_is_gone_nobody_waits_for_ever() {
    let threads = runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (mut all, mut first) = (Ordered::<(), String>::new(), FirstReply::<(), String>::new());
    threads.block_on(async {
        all.push(std::future::pending());
        first.push(std::future::pending());
    });
    drop(threads);
    assert_eq!(all[0].read().now_or_never(), Some(Err(&Failure::Cancelled)));
    assert_eq!(first.nth(0).now_or_never(), Some(Some((0, Err(&Failure::Cancelled)))));
}

#[tokio::test]
async fn what_the_call_around_it_wishes_holds_in_the_task() {
    use middleware::Call;
    let mut all = Ordered::new();
    let wishes = async || Ok::<_, String>(Call::current().wants_refresh());
    let refreshing = async {
        all.push(wishes());
    };
    Call::new().refresh().scope(refreshing).await;
    all.push(wishes());
    assert_eq!(all.join().await.unwrap(), [true, false]);
}
