//! What calls cost, and what is left to pay with: DataSift gives each account credits for an hour, and each call has its
//! price.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::HeaderMap;
use jiff::Timestamp;
use middleware::{
    Kind, Operation, Phase, Request,
    layer::{Around, Next},
};
use serde::Serialize;
use tower::ServiceExt as _;

use super::policy;

/// The names of the headers of the API's host, but for their ends.
pub(crate) const API: &str = "x-ratelimit";
const DATA: &str = "x-ingestion-data-ratelimit";
const REQUESTS: &str = "x-ingestion-request-ratelimit";

const HOUR: Duration = Duration::from_secs(3600);

/// How much of something there is, until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// How much there is in all: credits an hour, bytes, requests.
    pub limit: u64,
    /// How much of it is left.
    pub remaining: u64,
    /// When all of it is there again.
    pub refilled: Option<Timestamp>,
}

impl Allowance {
    /// What an answer tells under these names, in any case.
    pub(crate) fn of(headers: &HeaderMap, names: &str) -> Option<Self> {
        let number = |end: &str| number(headers, &format!("{names}-{end}"));
        Some(Self {
            limit: number("limit")?,
            remaining: number("remaining")?,
            refilled: moment(number("reset"), number("reset-ttl")),
        })
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Which of two numbers is a moment and which a number of seconds shows in their size: the host of ingestion has their names
/// swapped. The seconds count: they are true whatever the time is by this machine's clock.
fn moment(a: Option<u64>, b: Option<u64>) -> Option<Timestamp> {
    /// In 2001; no allowance is for that many seconds.
    const MOMENTS: u64 = 1_000_000_000;
    let at = |seconds: u64| Timestamp::from_second(i64::try_from(seconds).ok()?).ok();
    let told = || [a, b].into_iter().flatten();
    match told().find(|it| *it < MOMENTS) {
        Some(seconds) => Timestamp::now().checked_add(Duration::from_secs(seconds)).ok(),
        None => at(told().next()?),
    }
}

/// How long it is until then.
pub(crate) fn until(moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(Timestamp::now())).unwrap_or_default()
}

/// Whether an answer tells that a call costs more than is left. Without this, a 403 means that the user may not do it.
pub(crate) fn are_spent(headers: &HeaderMap) -> bool {
    let cost = number(headers, "x-ratelimit-cost");
    let left = number(headers, "x-ratelimit-remaining");
    cost.is_some_and(|cost| left.is_some_and(|left| cost > left))
}

/// What the host of ingestion allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ingestion {
    /// Bytes.
    pub data: Option<Allowance>,
    /// Requests.
    pub requests: Option<Allowance>,
}

/// The last that a client's answers told. It stands beside the transport, so that each attempt is seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    credits: Option<Allowance>,
    ingestion: Option<Ingestion>,
    costs: HashMap<&'static str, u64>,
}

impl Meter {
    pub(super) fn credits(&self) -> Option<Allowance> {
        self.told(|told| told.credits)
    }

    pub(super) fn ingestion(&self) -> Option<Ingestion> {
        self.told(|told| told.ingestion)
    }

    /// As the server told it last, else as it is known to be.
    pub(super) fn cost(&self, operation: &Operation) -> Option<u64> {
        self.told(|told| told.costs.get(operation.id).copied()).or_else(|| policy::cost(operation))
    }

    fn told<T>(&self, read: impl FnOnce(&mut Told) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Refuses what the server is known to refuse: that costs nobody anything. Credits are those of an hour, so what would be
    /// later than that is a wrong clock's, and the server is asked: else it could never put it right.
    fn check(&self, operation: &Operation) -> middleware::Result<()> {
        let (Some(cost), Some(credits)) = (self.cost(operation), self.credits()) else { return Ok(()) };
        let is_to_come = |at: &Timestamp| *at > Timestamp::now() && until(*at) <= HOUR;
        match credits.refilled.filter(is_to_come) {
            Some(refilled) if cost > credits.remaining => {
                let Allowance { limit, remaining, .. } = credits;
                let why = format!("it costs {cost} credits, and {remaining} of {limit} are left until {refilled}");
                Err(middleware::Error::new(Kind::RateLimited, Phase::NotSent)
                    .with_retry_after(until(refilled))
                    .with_source(why))
            }
            _ => Ok(()),
        }
    }

    fn note(&self, operation: &Operation, headers: &HeaderMap) {
        let credits = Allowance::of(headers, API);
        let ingestion = Ingestion { data: Allowance::of(headers, DATA), requests: Allowance::of(headers, REQUESTS) };
        let cost = number(headers, "x-ratelimit-cost");
        self.told(|told| {
            told.credits = credits.or(told.credits);
            if ingestion.data.is_some() || ingestion.requests.is_some() {
                told.ingestion = Some(ingestion);
            }
            told.costs.extend(cost.map(|cost| (operation.id, cost)));
        });
    }
}

impl Around for Meter {
    async fn around<S: Next>(self, next: S, request: Request) -> middleware::Result {
        let operation = Operation::of(&request).cloned();
        if let Some(operation) = &operation {
            self.check(operation)?;
        }
        let answer = next.oneshot(request).await?;
        if let Some(operation) = &operation {
            self.note(operation, answer.headers());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pairs.collect()
    }

    #[test]
    fn both_hosts_tell_when_there_is_more_though_one_has_the_names_swapped() {
        let told = |names: &'static [(&'static str, &'static str)], of| Allowance::of(&headers(names), of).unwrap();
        let api = told(
            &[
                ("X-Ratelimit-Limit", "10000"),
                ("X-RateLimit-Remaining", "9975"),
                ("x-ratelimit-reset", "4102444800"),
                ("X-Ratelimit-Reset-Ttl", "1200"),
            ],
            API,
        );
        assert_eq!((api.limit, api.remaining), (10_000, 9_975));
        let ingestion = told(
            &[
                ("X-Ingestion-Data-Ratelimit-Limit", "100"),
                ("X-Ingestion-Data-Ratelimit-Remaining", "40"),
                ("X-Ingestion-Data-Ratelimit-Reset", "1200"),
                ("X-Ingestion-Data-Ratelimit-Reset-Ttl", "4102444800"),
            ],
            DATA,
        );
        for it in [api, ingestion] {
            assert!((1198..=1200).contains(&until(it.refilled.unwrap()).as_secs()), "whatever the server's clock says");
        }
        let moment = told(
            &[("X-Ratelimit-Limit", "1"), ("X-Ratelimit-Remaining", "1"), ("X-Ratelimit-Reset", "4102444800")],
            API,
        );
        assert_eq!(moment.refilled.unwrap().as_second(), 4_102_444_800);
    }

    #[test]
    fn credits_are_spent_only_where_the_cost_is_more_than_what_is_left() {
        assert!(are_spent(&headers(&[("X-Ratelimit-Cost", "25"), ("X-Ratelimit-Remaining", "3")])));
        assert!(!are_spent(&headers(&[("X-Ratelimit-Cost", "25"), ("X-Ratelimit-Remaining", "25")])));
        assert!(!are_spent(&headers(&[("X-Ratelimit-Cost", "25")])), "what is left is not told");
        assert!(!are_spent(&headers(&[])));
    }

    #[test]
    fn what_cannot_be_paid_is_not_sent_until_there_is_more() {
        use raw::datasift::operations as op;
        let meter = Meter::default();
        assert_eq!(meter.cost(&op::COMPILE), Some(5));
        meter.check(&op::COMPILE).unwrap();
        let told = |reset: &str| {
            let mut told =
                headers(&[("X-Ratelimit-Limit", "10"), ("X-Ratelimit-Remaining", "5"), ("X-Ratelimit-Cost", "6")]);
            told.insert("X-Ratelimit-Reset", reset.parse().unwrap());
            told
        };
        meter.note(&op::COMPILE, &told(&(Timestamp::now().as_second() + 600).to_string()));
        assert_eq!(meter.cost(&op::COMPILE), Some(6), "the server knows better");
        assert_eq!(meter.check(&op::COMPILE).unwrap_err().kind(), Kind::RateLimited);
        meter.check(&op::VALIDATE).unwrap();
        for past_or_wrong in ["1000000001", "4102444800"] {
            meter.note(&op::COMPILE, &told(past_or_wrong));
            meter.check(&op::COMPILE).unwrap();
        }
    }
}
