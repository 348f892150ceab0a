use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::StatusCode;
use tokio::time::Instant;

use super::too_late;
use crate::{Response, Result, layer::retry_after};

/// Closed for all while the service asks for a pause: the one who was told so is not the only one who must wait.
///
/// It closes on 429, and on 503 with `Retry-After`. A 429 without it closes for a second, and twice as long each time
/// until something else is answered.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    closed_until: Option<Instant>,
    refusals: u32,
}

/// The longest pause that is made up here.
const LONGEST: Duration = Duration::from_secs(30);

impl Gate {
    /// Waits until it is open. Fails at once if that is later than `until`.
    pub(super) async fn wait(&self, until: Option<Instant>) -> Result<()> {
        loop {
            let now = Instant::now();
            let Some(open) = self.state().closed_until.filter(|open| *open > now) else { return Ok(()) };
            if until.is_some_and(|until| open > until) {
                return Err(too_late(open - now));
            }
            // Not all in the same moment.
            let spread = ((open - now) / 10).min(Duration::from_millis(500));
            tokio::time::sleep_until(open + spread.mul_f64(fastrand::f64())).await;
        }
    }

    /// Learns from an answer.
    pub(super) fn observe(&self, answer: &Response) {
        let asked = retry_after(answer.headers());
        let mut state = self.state();
        let pause = match answer.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                let made_up = Duration::from_secs(1 << state.refusals.min(5)).min(LONGEST);
                // A refusal of what was sent before the gate closed says nothing new.
                if state.closed_until.is_none_or(|open| open <= Instant::now()) {
                    state.refusals += 1;
                }
                asked.unwrap_or(made_up)
            }
            StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => asked.unwrap_or_default(),
            _ => {
                state.refusals = 0;
                return;
            }
        };
        // A time beyond all reason is no time: then it is as good as shut.
        let open = Instant::now().checked_add(pause).unwrap_or(Instant::now() + Duration::from_secs(1 << 30));
        state.closed_until = state.closed_until.max(Some(open));
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tower::{Layer as _, ServiceExt as _};

    use super::*;
    use crate::{
        Kind,
        layer::{
            Limit,
            deadline::Until,
            testing::{Answer, get, script, status},
        },
    };

    fn busy(code: u16, after: &str) -> Answer {
        Answer::Status(code, vec![("retry-after", after.to_owned())])
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_told_and_all_wait() {
        for answer in [busy(429, "7"), busy(503, "7")] {
            let (service, calls) = script(vec![answer, status(200)]);
            let service = Limit::new(None, 64).layer(service);
            service.clone().oneshot(get("http://h/")).await.unwrap();
            let start = Instant::now();
            let others = (0..64).map(|_| service.clone().oneshot(get("http://h/")));
            futures::future::join_all(others).await;
            assert!(start.elapsed() >= Duration::from_secs(7));
            assert!(start.elapsed() <= Duration::from_secs(8));
            assert_eq!(*calls.lock().unwrap(), 65);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_not_told_doubles() {
        let (service, _) = script(vec![status(429), status(429), status(429), status(200), status(429), status(200)]);
        let service = Limit::new(None, 1).layer(service);
        let mut waits = vec![];
        for _ in 0..6 {
            let start = Instant::now();
            service.clone().oneshot(get("http://h/")).await.unwrap();
            waits.push(start.elapsed().as_secs());
        }
        assert_eq!(waits, [0, 1, 2, 4, 0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_time_is_told_at_once() {
        let (service, calls) = script(vec![busy(429, "1000000000"), status(200)]);
        let service = Limit::new(None, 1).layer(service);
        service.clone().oneshot(get("http://h/")).await.unwrap();
        let mut request = get("http://h/");
        request.extensions_mut().insert(Until(Instant::now() + Duration::from_secs(60)));
        let error = service.oneshot(request).await.unwrap_err();
        assert_eq!((error.kind(), *calls.lock().unwrap()), (Kind::RateLimited, 1));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1_000_000_000)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_503_of_its_own_accord_stops_nobody() {
        let (service, _) = script(vec![status(503), status(200)]);
        let (service, start) = (Limit::new(None, 1).layer(service), Instant::now());
        service.clone().oneshot(get("http://h/")).await.unwrap();
        service.oneshot(get("http://h/")).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
