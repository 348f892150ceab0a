//! Interactions that nobody had.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const AUTHORS: [&str; 5] = ["ada", "björn", "chiara", "dmitri", "emre"];
const SENTENCES: [&str; 5] = [
    "Has anybody else measured {}?",
    "{} again today, and it rained.",
    "Reading about {} — more than I thought.",
    "My notes on {} are online \u{1f426}",
    "Why does nobody speak of {}?",
];

/// One about a word; `number` tells it from all others.
pub(crate) fn made_up(number: u64, word: &str, at: DateTime<Utc>) -> Value {
    let of = |list: [&'static str; 5]| list[usize::try_from(number % 5).unwrap_or_default()];
    let id = format!("1e{number:030x}");
    let author = of(AUTHORS);
    json!({
        "interaction": {
            "schema": { "version": 3 },
            "source": "whimbrel sandbox",
            "author": { "username": author, "name": author, "id": 1000 + number % 5 },
            "type": "sandbox",
            "created_at": at.to_rfc2822(),
            "content": of(SENTENCES).replace("{}", word),
            "id": id,
            "link": format!("https://example.org/{id}"),
        },
        "language": { "tag": "en", "confidence": 100 },
    })
}
