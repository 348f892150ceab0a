//! A readme as YAML 1.1 in JSON, as the plugin for direct queries keeps it: dates stay text.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The deepest that values may lie in each other.
const DEEPEST: usize = 100;

/// The first document of a text; `None` if it is no YAML, or has what JSON has not: anchors, keys that are no scalars.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        events.push(event.ok()?.0);
    }
    let mut events = events.into_iter().skip_while(|it| matches!(it, Event::StreamStart | Event::DocumentStart(_)));
    match events.next() {
        None | Some(Event::StreamEnd) => Some(Value::Null),
        Some(first) => value(first, &mut events, 0),
    }
}

fn value<'e>(event: Event<'e>, rest: &mut impl Iterator<Item = Event<'e>>, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    match event {
        Event::Scalar(text, ScalarStyle::Plain, _, None) => Some(plain(&text)),
        Event::Scalar(text, ..) => Some(text.as_ref().into()),
        Event::SequenceStart(..) => {
            let mut items = vec![];
            loop {
                match rest.next()? {
                    Event::SequenceEnd => return Some(items.into()),
                    event => items.push(value(event, rest, depth + 1)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut fields = Map::new();
            loop {
                let key = match rest.next()? {
                    Event::MappingEnd => return Some(fields.into()),
                    Event::Scalar(text, ..) => text.into_owned(),
                    _ => return None,
                };
                let event = rest.next()?;
                fields.insert(key, value(event, rest, depth + 1)?);
            }
        }
        _ => None,
    }
}

/// What a scalar without quotes is.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return true.into(),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return false.into(),
        _ => {}
    }
    if let Ok(number) = text.strip_prefix('+').unwrap_or(text).parse::<i64>()
        && (text.trim_start_matches(['+', '-']) == "0" || !text.trim_start_matches(['+', '-']).starts_with('0'))
    {
        return number.into();
    }
    // A number with a point, and not `inf`, `nan` or `1e5`, which YAML 1.1 takes for text.
    let is_number = text.contains('.') && text.bytes().all(|it| it.is_ascii_digit() || b"+-.eE".contains(&it));
    match text.parse::<f64>() {
        Ok(number) if is_number => number.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_readme_is_what_pyyaml_makes_of_it_but_for_its_dates() {
        let text = "a: 1\nb: [x, 2.5, yes, ~]\nc:\n  - d: 2024-01-02\n    e: '3'\nf: 010x\n";
        let expected =
            json!({ "a": 1, "b": ["x", 2.5, true, null], "c": [{ "d": "2024-01-02", "e": "3" }], "f": "010x" });
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("only words"), Some("only words".into()));
        assert_eq!(parse(""), Some(Value::Null));
        assert_eq!(parse("a: [1"), None);
        assert_eq!(parse("a: b: c"), None);
    }
}
