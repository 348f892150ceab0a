//! What a drawing says of a dataset. All of it is text of other people, with nothing in it that a terminal or the
//! direction of writing would obey; each form of drawing escapes it once more by its own rules.

use super::Graph;
use crate::printable;

pub(super) struct Label {
    /// None of a dataset that is not registered, or not for this user.
    pub name: Option<String>,
    /// The whole of it.
    pub uuid: String,
    /// As much of it as people tell datasets apart by.
    pub short: String,
    pub creator: String,
    /// The day of freezing, in UTC.
    pub frozen: String,
    pub is_root: bool,
}

/// What is written in place of a name that the server does not tell.
pub(super) const UNKNOWN: &str = "not registered, or not for you";

impl Label {
    /// The name, or the UUID where there is none.
    pub(super) fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.uuid)
    }
}

/// The datasets by age, then name, unknown ones last: the order of a drawing and of what stands below it.
pub(super) fn ordered(graph: &Graph) -> Vec<&str> {
    let mut uuids: Vec<&str> = graph.nodes.keys().map(String::as_str).collect();
    uuids.sort_by_key(|uuid| {
        let dataset = graph.nodes[*uuid].dataset.as_ref();
        (dataset.is_none(), dataset.map(|it| (it.frozen_at, &it.name)))
    });
    uuids
}

pub(super) fn of(graph: &Graph, uuid: &str) -> Label {
    let dataset = graph.nodes.get(uuid).and_then(|node| node.dataset.as_ref());
    let uuid_shown = clean(uuid);
    let short = uuid_shown.split('-').next().unwrap_or_default();
    Label {
        name: dataset.map(|it| clean(&it.name)),
        short: cut(short, 12),
        uuid: uuid_shown,
        creator: dataset.map(|it| clean(&it.creator_username)).unwrap_or_default(),
        frozen: dataset.and_then(|it| it.frozen_at).map(|it| it.strftime("%Y-%m-%d").to_string()).unwrap_or_default(),
        is_root: uuid == graph.root,
    }
}

/// Harmless text of one line. What XML has no way to write becomes U+FFFD.
pub(super) fn clean(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}', '\u{2028}', '\u{2029}'], "\u{fffd}")
}

/// For elements and quoted attributes of XML and HTML.
pub(super) fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// No wider than so many letters; a wide one (as of Chinese) counts twice.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().map(columns).sum::<usize>() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += columns(*c);
        used <= width
    });
    kept.chain(['…']).collect()
}

/// About how many letters' room it takes.
fn columns(c: char) -> usize {
    let wide = matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f000..=0x1ffff | 0x20000..=0x3ffff);
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_its_width() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("字字字", 6), "字字字");
        assert_eq!(cut("字字字字", 6), "字字…");
    }

    #[test]
    fn nothing_acts_on_a_reader() {
        assert_eq!(clean("a\nb\u{202e}c\u{1b}[0m\u{ffff}"), "a\\u{a}b\\u{202e}c\\u{1b}[0m\u{fffd}");
    }
}
