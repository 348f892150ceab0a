//! The token at hand, and how long it is good.

use std::time::{Duration, SystemTime};

use middleware::layer::BearerToken;
use secrecy::SecretString;
use tokio::time::Instant;

/// A token and its times by our own clock, which does not go back.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) token: BearerToken,
    pub(super) secret: SecretString,
    /// When another one is wanted; never, of one that does not expire.
    pub(super) renew: Option<Instant>,
    /// Until when it is good.
    pub(super) good: Option<Instant>,
    /// Whether it is the generator's, which alone may see it.
    pub(super) is_own: bool,
}

/// A token is renewed so long before it expires, or a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_secs(60);

/// By how much clocks may differ: the server is asked with a token that is over by ours by less than this.
const SKEW: Duration = Duration::from_secs(300);

impl Held {
    /// A token that came `now`. Its life is told by its own times if it has both, so that our clock's error does not count.
    pub(super) fn fresh(token: BearerToken, secret: SecretString, now: Instant) -> Self {
        let life = match (token.issued(), token.expires()) {
            (Some(issued), Some(expires)) => expires.duration_since(issued).ok(),
            (None, Some(expires)) => Some(expires.duration_since(SystemTime::now()).unwrap_or_default()),
            (_, None) => None,
        };
        let at = |left: Duration| now.checked_add(left);
        let renew = life.and_then(|life| at(life - MARGIN.min(life / 10)));
        Self { token, secret, renew, good: life.and_then(at), is_own: true }
    }

    /// A token that is from before: only our clock can tell what is left of it.
    pub(super) fn old(token: BearerToken, secret: SecretString, is_own: bool, now: Instant) -> Self {
        let Some(expires) = token.expires() else { return Self { token, secret, renew: None, good: None, is_own } };
        let life = token.issued().and_then(|issued| expires.duration_since(issued).ok()).unwrap_or(MARGIN * 10);
        let left = expires.duration_since(SystemTime::now()).unwrap_or_default();
        let over = SystemTime::now().duration_since(expires).unwrap_or_default();
        let renew = now.checked_add(left.saturating_sub(MARGIN.min(life / 10)));
        let good = if over < SKEW { now.checked_add(left + (SKEW - over)) } else { Some(now) };
        Self { token, secret, renew, good, is_own }
    }

    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.renew.is_none_or(|at| now < at)
    }

    pub(super) fn is_good(&self, now: Instant) -> bool {
        self.good.is_none_or(|at| now < at)
    }
}
