//! A search as people write it: words, and `tag:steel` among them.

use super::Search;
use crate::{Error, Result};

/// A part of the text between spaces; spaces in quotes are none.
struct Part<'t> {
    /// As it is written.
    whole: &'t str,
    /// Where the first colon is that is not in quotes.
    colon: Option<usize>,
}

impl Search {
    /// The same search for what this text says, too.
    ///
    /// | in the text | finds datasets |
    /// |---|---|
    /// | `wear steel` | with any of the words, as [`text`](Self::text) |
    /// | `"pin on disc"` | with this phrase |
    /// | `-failed`, `-"pin on disc"` | without it, beside other words |
    /// | `tag:steel` | with this tag; all of several |
    /// | `creator:ada` | by this user; any of several |
    /// | `base:s3://bucket` | at this base URI; any of several |
    /// | `uuid:26f2cf7e-...` | of this UUID; any of several |
    /// | `tag:"two words"` | with a tag that has spaces in it |
    /// | `"tag:steel"` | with this text: what is quoted is no filter |
    ///
    /// A word before a colon that is none of the four is a word like others, and so is a filter without a value.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
    /// use futures::TryStreamExt as _;
    /// use whimbrel::Paged as _;
    ///
    /// let search = dserver.search().words("wear \"pin on disc\" -failed tag:steel creator:ada")?;
    /// let hits: Vec<_> = search.sort("-frozen_at").stream().try_collect().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for `-tag:steel` and the like, which the server has no question for: words
    /// can be left out, filters can't.
    pub fn words(self, text: &str) -> Result<Self> {
        let (mut search, mut words) = (self, vec![]);
        for part in parts(text) {
            let (negated, rest) = match part.whole.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, part.whole),
            };
            let filter = part
                .colon
                .map(|at| (&part.whole[part.whole.len() - rest.len()..at], part.whole[at + 1..].replace('"', "")));
            let add = match &filter {
                Some((_, value)) if value.is_empty() => None,
                Some(("tag", _)) => Some(Self::tag as fn(Self, String) -> Self),
                Some(("creator", _)) => Some(Self::creator as _),
                Some(("base", _)) => Some(Self::base_uri as _),
                Some(("uuid", _)) => Some(Self::uuid as _),
                _ => None,
            };
            match (add, filter) {
                (Some(_), _) if negated => {
                    let why = "a server can leave out words (-failed) and no tags, creators, base URIs or UUIDs";
                    return Err(Error::invalid(why).about(part.whole));
                }
                (Some(add), Some((_, value))) => search = add(search, value),
                _ => words.push(part.whole),
            }
        }
        Ok(if words.is_empty() { search } else { search.text(words.join(" ")) })
    }
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut start, mut colon, mut quoted) = (vec![], None, None, false);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !quoted {
            if let Some(start) = start.take() {
                parts.push(Part { whole: &text[start..at], colon: colon.take() });
            }
            continue;
        }
        let start = *start.get_or_insert(at);
        match c {
            '"' => quoted = !quoted,
            ':' if !quoted && colon.is_none() => colon = Some(at - start),
            _ => {}
        }
    }
    parts.extend(start.map(|start| Part { whole: &text[start..], colon }));
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::dserver::Client;

    /// What is asked, and for which UUIDs.
    fn asked(text: &str) -> (Value, Vec<String>) {
        let client = Client::builder().url("http://127.0.0.1:9").token("t".to_owned()).build().unwrap();
        let search = client.search().words(text).unwrap();
        (json!(search.wanted), search.uuids)
    }

    #[test]
    fn words_are_text_and_filters_are_not() {
        let told = asked(" wear  tag:steel \"pin on disc\" tag:x creator:ada base:s3://b/c -failed uuid:1\tuuid:2 ");
        let expected = json!({
            "free_text": "wear \"pin on disc\" -failed", "tags": ["steel", "x"], "creator_usernames": ["ada"],
            "base_uris": ["s3://b/c"],
        });
        assert_eq!(told, (expected, vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(asked("").0, json!({}));
    }

    #[test]
    fn quotes_hold_together_and_make_text() {
        assert_eq!(
            asked("tag:\"two words\" base:\"file://h/a b\"").0,
            json!({ "tags": ["two words"], "base_uris": ["file://h/a b"] })
        );
        for text in [
            "\"tag:steel\"",
            "-\"tag: steel\"",
            "temperature:300",
            "tag:",
            "tag:\"\"",
            "http://x",
            "Tag:x",
            ":x",
            "a\"b",
            "\"open tag:x",
        ] {
            assert_eq!(asked(text).0, json!({ "free_text": text }), "{text}");
        }
    }

    #[test]
    fn a_filter_can_not_be_left_out() {
        let client = Client::builder().url("http://127.0.0.1:9").token("t".to_owned()).build().unwrap();
        let told = client.search().words("wear -tag:x").unwrap_err().to_string();
        assert!(told.starts_with("-tag:x: ") && told.contains("-failed"), "{told}");
    }
}
