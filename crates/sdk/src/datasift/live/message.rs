//! What the service says on a live connection.

use std::borrow::Cow;

use raw::loose::Time;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One message.
#[derive(Debug)]
pub(super) enum Message {
    /// Something that a filter found.
    Interaction {
        hash: String,
        id: Option<String>,
        data: Box<RawValue>,
    },
    /// Something that was found before is to be forgotten.
    Deleted {
        hash: String,
        id: Option<String>,
        data: Box<RawValue>,
    },
    /// Nothing was found for a while.
    Tick(Option<Time>),
    Success(String),
    Warning(String),
    Failure(String),
    /// The server would have us connect anew.
    Reconnect,
    /// None of these.
    Other(String),
}

/// All messages have a part of these.
#[derive(Deserialize)]
struct Said<'m> {
    #[serde(borrow)]
    hash: Option<Cow<'m, str>>,
    #[serde(borrow)]
    data: Option<&'m RawValue>,
    tick: Option<Time>,
    status: Option<String>,
    message: Option<String>,
    #[serde(borrow)]
    reconnect: Option<&'m RawValue>,
}

/// What is to be known of an interaction; the rest is its reader's.
#[derive(Default, Deserialize)]
struct Data<'m> {
    #[serde(default)]
    deleted: bool,
    #[serde(borrow)]
    interaction: Option<&'m RawValue>,
}

#[derive(Deserialize)]
struct Identified {
    id: Option<String>,
}

impl Message {
    /// What is no JSON is [`Message::Other`]: one such message is no reason to lose a connection.
    pub(super) fn read(text: &str) -> Self {
        let Ok(said) = serde_json::from_str::<Said<'_>>(text) else { return Self::Other(text.to_owned()) };
        if let (Some(hash), Some(data)) = (said.hash, said.data) {
            // What is not as it should be is its reader's to judge.
            let Data { deleted, interaction } = serde_json::from_str(data.get()).unwrap_or_default();
            let id = interaction.and_then(|it| serde_json::from_str::<Identified>(it.get()).ok()?.id);
            let (hash, data) = (hash.into_owned(), data.to_owned());
            return if deleted { Self::Deleted { hash, id, data } } else { Self::Interaction { hash, id, data } };
        }
        if said.reconnect.is_some() {
            return Self::Reconnect;
        }
        if said.tick.is_some() {
            return Self::Tick(said.tick);
        }
        let message = said.message.unwrap_or_default();
        match said.status.as_deref() {
            Some("success") => Self::Success(message),
            Some("warning") => Self::Warning(message),
            Some("failure") => Self::Failure(message),
            Some("connected") => Self::Tick(None),
            _ => Self::Other(text.to_owned()),
        }
    }
}

/// The hash that a message names: 32 hexadecimal digits, in lower case as all of ours are.
pub(super) fn hash_in(message: &str) -> Option<String> {
    message.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_hash(word)).map(str::to_ascii_lowercase)
}

pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_told_from_the_others() {
        let read = |text: &str| format!("{:?}", Message::read(text));
        let interaction = r#"{"hash":"h","data":{"interaction":{"id":"1","content":"a \"b\""}}}"#;
        let Message::Interaction { hash, id, data } = Message::read(interaction) else { panic!() };
        assert_eq!((hash.as_str(), id.as_deref()), ("h", Some("1")));
        assert_eq!(data.get(), r#"{"interaction":{"id":"1","content":"a \"b\""}}"#);
        assert!(matches!(
            Message::read(r#"{"hash":"h","data":{"deleted":true,"interaction":{"id":"1"}}}"#),
            Message::Deleted { id: Some(id), .. } if id == "1"
        ));
        assert!(
            read(r#"{"tick":1311694603,"status":"connected","message":"Waiting for data"}"#).starts_with("Tick(Some")
        );
        assert_eq!(read(r#"{"status":"connected"}"#), "Tick(None)");
        assert_eq!(read(r#"{"status":"success","message":"Good"}"#), r#"Success("Good")"#);
        assert_eq!(read(r#"{"status":"warning","message":"Slow"}"#), r#"Warning("Slow")"#);
        assert_eq!(read(r#"{"status":"failure"}"#), r#"Failure("")"#);
        assert_eq!(read(r#"{"reconnect":true}"#), "Reconnect");
        assert_eq!(read(r#"{"reconnect":{"in":5}}"#), "Reconnect");
    }

    #[test]
    fn what_is_odd_is_kept_and_breaks_nothing() {
        for odd in ["", "[]", "{}", "{", r#"{"tick":[]}"#, r#"{"hash":"h"}"#, r#"{"status":7}"#] {
            let read = Message::read(odd);
            assert!(matches!(&read, Message::Other(text) if text == odd) || odd.contains("tick"), "{odd}: {read:?}");
        }
        for data in [r#"{"interaction":7}"#, "[]", r#"{"interaction":{"id":7}}"#, r#"{"deleted":"yes"}"#] {
            let text = format!(r#"{{"hash":"h","data":{data}}}"#);
            assert!(matches!(Message::read(&text), Message::Interaction { id: None, .. }), "{data}");
        }
    }

    #[test]
    fn a_message_names_its_stream() {
        let hash = "0123456789abcdef0123456789ABCDEF";
        assert_eq!(hash_in(&format!("Successfully subscribed to hash {hash}.")), Some(hash.to_ascii_lowercase()));
        assert_eq!(hash_in(&format!("no such {hash}0")), None);
    }
}
