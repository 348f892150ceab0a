//! What the service holds.

use std::collections::{BTreeMap, VecDeque};

use chrono::Utc;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::{
    account::Identity,
    answer::bad,
    ask::{Refused, is_hash},
    credits::Credits,
    historics::{Historic, Preview},
    push::Subscription,
    pylon::Recording,
    setup::Options,
    sources::Source,
    task::Task,
};

/// Interactions of a stream that its buffer keeps.
const BUFFERED: usize = 200;

/// A compiled stream.
#[derive(Debug)]
pub(super) struct Stream {
    /// Targets and operators.
    pub predicates: Vec<(String, String)>,
    /// What made-up interactions are about.
    pub word: String,
    /// How many of its interactions were made up as time went by.
    pub made_up: u64,
    /// The last of its interactions.
    pub buffer: VecDeque<Value>,
    /// Epoch seconds.
    pub created_at: i64,
}

/// All of it, in the order in which it came.
pub(super) struct State {
    made: u64,
    pub streams: BTreeMap<String, Stream>,
    pub historics: Vec<Historic>,
    pub previews: Vec<Preview>,
    pub subscriptions: Vec<Subscription>,
    pub push_log: Vec<Value>,
    pub sources: Vec<Source>,
    pub identities: Vec<Identity>,
    pub recordings: Vec<Recording>,
    pub tasks: Vec<Task>,
    pub credits: Credits,
    pub ingested: [Credits; 2],
}

impl State {
    pub fn new(options: &Options) -> Self {
        let (now, window) = (now(), i64::try_from(options.window.as_secs()).unwrap_or(3600));
        Self {
            made: 0,
            streams: BTreeMap::new(),
            historics: vec![],
            previews: vec![],
            subscriptions: vec![],
            push_log: vec![],
            sources: vec![],
            identities: vec![],
            recordings: vec![],
            tasks: vec![],
            credits: Credits::new(options.credits, window, now),
            ingested: [Credits::new(100 << 20, window, now), Credits::new(options.ingestions, window, now)],
        }
    }

    /// A number that no other thing has.
    pub fn number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An id of so many hex digits that no other thing has, and the same in each run.
    pub fn id(&mut self, digits: usize) -> String {
        let number = self.number();
        let mut id = md5(&format!("whimbrel sandbox {number}"));
        id.push_str(&md5(&id));
        id.truncate(digits);
        id
    }

    /// The hash of a text, which is a stream from now on. `Err` says why it is none.
    pub fn compile(&mut self, csdl: &str) -> Result<String, String> {
        let read = super::csdl::read(csdl).map_err(|it| it.text())?;
        let hash = md5(csdl);
        self.streams.entry(hash.clone()).or_insert_with(|| Stream {
            predicates: read.predicates,
            word: read.word.unwrap_or_else(|| "curlews".to_owned()),
            made_up: 0,
            buffer: VecDeque::new(),
            created_at: now(),
        });
        Ok(hash)
    }

    /// The stream of this hash, which must have been compiled.
    pub fn stream(&mut self, hash: &str) -> Refused<&mut Stream> {
        let hash = hash.to_lowercase();
        if !is_hash(&hash) {
            return Err(bad("hash must be a valid hash"));
        }
        self.streams.get_mut(&hash).ok_or_else(|| bad(&format!("The hash {hash} doesn't exist")))
    }

    /// Keeps what a stream has found for those who fetch it later.
    pub fn found(&mut self, hash: &str, data: &Value) {
        if let Some(stream) = self.streams.get_mut(hash) {
            stream.buffer.push_back(data.clone());
            if stream.buffer.len() > BUFFERED {
                stream.buffer.pop_front();
            }
        }
        for subscription in self.subscriptions.iter_mut().filter(|it| it.hash == hash) {
            subscription.offer(data);
        }
        for recording in self.recordings.iter_mut().filter(|it| it.hash == hash) {
            recording.offer(data);
        }
    }
}

/// Hex digits of a text's MD5.
pub(super) fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Epoch seconds.
pub(super) fn now() -> i64 {
    Utc::now().timestamp()
}

/// DPUs of so many predicates: a tenth each.
pub(super) fn dpu(predicates: usize) -> f64 {
    f64::from(u32::try_from(predicates.max(1)).unwrap_or(u32::MAX)) / 10.0
}

/// An object with nothing in it, as PHP writes it.
pub(super) fn php_empty() -> Value {
    json!([])
}
