//! How the sandbox's DataSift is set up.

use std::time::Duration;

/// What the service says to who has spent the credits of the hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limited {
    /// 403, as long as the service was known.
    #[default]
    Forbidden,
    /// 429, which its documentation has, too.
    TooMany,
}

/// How the sandbox's DataSift is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port; any free one by default.
    pub port: u16,
    /// Credits that an account has in a window: 10 000, as a new account had.
    pub credits: u64,
    /// After how long credits are given anew, in whole seconds: an hour.
    pub window: Duration,
    /// How the service says that there are no credits left.
    pub limited: Limited,
    /// Requests to the ingestion host in a window: 10 000.
    pub ingestions: u64,
    /// How often an interaction is made up for each stream that somebody listens to; by default never, so that a test is
    /// told of what it publishes itself.
    pub interactions_every: Option<Duration>,
    /// After how long without a word a listener gets a tick: 30 s.
    pub tick_after: Duration,
    /// How often a WebSocket is pinged: 30 s.
    pub ping_every: Duration,
    /// What waits at most for one listener, in messages: at the half it is warned, at the end dropped. 1 000 by default.
    pub backlog: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            credits: 10_000,
            window: Duration::from_secs(3600),
            limited: Limited::Forbidden,
            ingestions: 10_000,
            interactions_every: None,
            tick_after: Duration::from_secs(30),
            ping_every: Duration::from_secs(30),
            backlog: 1000,
        }
    }
}
