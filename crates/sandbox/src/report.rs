//! What the sandbox has seen: `GET /_sandbox/report`.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::server::Side;

/// Counts since the start or the last reset. Requests to `/_sandbox` are not among them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Requests to the API.
    pub requests: u64,
    /// The same by operation, and those to the token generator.
    pub by_operation: BTreeMap<String, u64>,
    /// Requests to the storage that signed URLs point to.
    pub storage_requests: u64,
    /// Requests to the token generator.
    pub token_requests: u64,
    /// The most requests of one token in any 60 seconds, by their arrival.
    pub largest_window_60s: usize,
    /// Requests that were answered with 429, since their token had too many in a minute.
    pub refused: u64,
    /// The most requests of the API that were being answered at once, each to the end of its answer's body.
    pub peak_concurrency: usize,
    /// Those that are being answered now. A reset leaves them, as they go on.
    pub in_flight: usize,
    /// Requests that broke the document, in words.
    pub contract_violations: Vec<String>,
    /// Faults that a request met, by kind.
    pub faults_met: BTreeMap<String, u64>,
}

/// The counters behind a [`Report`].
#[derive(Default)]
pub(crate) struct Counters {
    pub report: Report,
    arrivals: HashMap<String, VecDeque<Instant>>,
}

const WINDOW: Duration = Duration::from_secs(60);

impl Counters {
    /// Counts a request of this user, and says how long until the user's window has room if it is above the limit.
    pub fn arrived(&mut self, user: &str, operation: &str, limit: Option<usize>, now: Instant) -> Option<Duration> {
        self.report.requests += 1;
        *self.report.by_operation.entry(operation.to_owned()).or_default() += 1;
        self.report.in_flight += 1;
        self.report.peak_concurrency = self.report.peak_concurrency.max(self.report.in_flight);
        let arrivals = self.arrivals.entry(user.to_owned()).or_default();
        while arrivals.front().is_some_and(|at| now - *at >= WINDOW) {
            arrivals.pop_front();
        }
        arrivals.push_back(now);
        self.report.largest_window_60s = self.report.largest_window_60s.max(arrivals.len());
        let over = limit.filter(|limit| arrivals.len() > *limit)?;
        self.report.refused += 1;
        Some(arrivals[arrivals.len() - over] + WINDOW - now)
    }

    /// Counts a request that is none to the API.
    pub fn beside(&mut self, side: Side, operation: &str) {
        match side {
            Side::Storage => self.report.storage_requests += 1,
            _ => {
                self.report.token_requests += 1;
                *self.report.by_operation.entry(operation.to_owned()).or_default() += 1;
            }
        }
    }

    pub fn answered(&mut self) {
        self.report.in_flight = self.report.in_flight.saturating_sub(1);
    }

    pub fn fault(&mut self, kind: &str) {
        *self.report.faults_met.entry(kind.to_owned()).or_default() += 1;
    }

    /// Begins anew, each user's minute too; what is being answered goes on.
    pub fn reset(&mut self) {
        self.report = Report { in_flight: self.report.in_flight, ..Report::default() };
        self.arrivals.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_slide_and_are_each_users_own() {
        let (mut counters, start) = (Counters::default(), Instant::now());
        let mut at = |user: &str, seconds: u64| {
            let refused = counters.arrived(user, "Get", Some(3), start + Duration::from_secs(seconds));
            counters.answered();
            refused.map(|it| it.as_secs())
        };
        assert_eq!([at("a", 0), at("a", 10), at("b", 10), at("a", 59)], [None; 4]);
        assert_eq!(at("a", 59), Some(11), "the one of second 10 leaves at 70");
        assert_eq!(at("b", 59), None);
        assert_eq!(counters.report.largest_window_60s, 4);
        assert_eq!((counters.report.requests, counters.report.refused), (6, 1));
        assert_eq!(counters.report.peak_concurrency, 1);
    }

    #[test]
    fn what_is_being_answered_at_a_reset_is_still_counted() {
        let mut counters = Counters::default();
        counters.arrived("a", "Get", None, Instant::now());
        counters.reset();
        assert_eq!((counters.report.requests, counters.report.in_flight), (0, 1));
        counters.answered();
        assert_eq!(counters.report.in_flight, 0);
    }

    #[test]
    fn after_a_reset_windows_are_empty() {
        let (mut counters, now) = (Counters::default(), Instant::now());
        assert_eq!(counters.arrived("a", "Get", Some(1), now), None);
        assert!(counters.arrived("a", "Get", Some(1), now).is_some());
        counters.reset();
        assert_eq!(counters.arrived("a", "Get", Some(1), now), None);
        assert_eq!(counters.report.largest_window_60s, 1);
    }
}
