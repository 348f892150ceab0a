//! What calls cost, and what is left: `X-Ratelimit-*` of the API, and the ingestion host's own headers, whose meanings are
//! exchanged.

use http::{HeaderName, HeaderValue};

use crate::answer::Answer;

/// What an account has spent since its window began.
#[derive(Debug)]
pub(super) struct Credits {
    limit: u64,
    remaining: u64,
    /// Epoch seconds at which the window ends.
    ends: i64,
    /// Seconds.
    window: i64,
}

/// How an account stands after a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub limit: u64,
    pub remaining: u64,
    pub cost: u64,
    /// Epoch seconds.
    pub reset: i64,
    /// Seconds.
    pub ttl: i64,
}

impl Credits {
    pub fn new(limit: u64, window: i64, now: i64) -> Self {
        Self { limit, remaining: limit, ends: now + window.max(1), window: window.max(1) }
    }

    /// Takes the cost of a call. `Err`: there is too little left, and nothing was taken.
    pub fn charge(&mut self, cost: u64, now: i64) -> Result<Standing, Standing> {
        let left = self.left(now).checked_sub(cost);
        self.remaining = left.unwrap_or(self.remaining);
        let (limit, remaining, reset) = (self.limit, self.remaining, self.ends);
        let standing = Standing { limit, remaining, cost, reset, ttl: self.ends - now };
        left.map(|_| standing).ok_or(standing)
    }

    pub fn left(&mut self, now: i64) -> u64 {
        if now >= self.ends {
            (self.ends, self.remaining) = (now + self.window, self.limit);
        }
        self.remaining
    }

    /// Leaves so many in this window.
    pub fn set(&mut self, remaining: u64, now: i64) {
        self.left(now);
        self.remaining = remaining;
    }
}

impl Standing {
    /// Says so in an answer of the API.
    pub fn told_in(self, answer: &mut Answer) {
        let Self { limit, remaining, cost, reset, ttl } = self;
        put(answer, "x-ratelimit-limit", limit);
        put(answer, "x-ratelimit-remaining", remaining);
        put(answer, "x-ratelimit-cost", cost);
        put(answer, "x-ratelimit-reset", reset);
        put(answer, "x-ratelimit-reset-ttl", ttl);
    }

    /// Says so as the ingestion host does: `Reset` holds seconds there, and `Reset-Ttl` an epoch.
    pub fn told_in_ingestion(self, what: Ingested, answer: &mut Answer) {
        let Self { limit, remaining, reset, ttl, .. } = self;
        let [limit_name, remaining_name, reset_name, ttl_name] = what.headers();
        put(answer, limit_name, limit);
        put(answer, remaining_name, remaining);
        put(answer, reset_name, ttl);
        put(answer, ttl_name, reset);
    }
}

/// What the ingestion host counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ingested {
    Data,
    Requests,
}

impl Ingested {
    fn headers(self) -> [&'static str; 4] {
        match self {
            Self::Data => [
                "x-ingestion-data-ratelimit-limit",
                "x-ingestion-data-ratelimit-remaining",
                "x-ingestion-data-ratelimit-reset",
                "x-ingestion-data-ratelimit-reset-ttl",
            ],
            Self::Requests => [
                "x-ingestion-request-ratelimit-limit",
                "x-ingestion-request-ratelimit-remaining",
                "x-ingestion-request-ratelimit-reset",
                "x-ingestion-request-ratelimit-reset-ttl",
            ],
        }
    }
}

/// Adds a header; its value is a number or one of the service's own words.
pub(super) fn put(answer: &mut Answer, name: &'static str, value: impl ToString) {
    if let Ok(value) = HeaderValue::try_from(value.to_string()) {
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_more_than_is_left_takes_nothing_and_the_next_window_gives_all_anew() {
        let mut credits = Credits::new(30, 60, 1000);
        assert_eq!(credits.charge(25, 1001).unwrap().remaining, 5);
        let refused = credits.charge(25, 1002).unwrap_err();
        assert_eq!((refused.cost, refused.remaining, refused.reset, refused.ttl), (25, 5, 1060, 58));
        assert_eq!(credits.charge(5, 1059).unwrap().remaining, 0);
        assert_eq!(credits.charge(1, 1060).unwrap().remaining, 29);
    }
}
