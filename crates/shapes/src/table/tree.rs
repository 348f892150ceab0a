//! YAML and JSON: trees of maps, lists and scalars, whose scalars keep the letters they were written with.

use std::{fmt, fmt::Write as _, sync::Arc};

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{json, value::RawValue};

use super::{Place, Row, Table, is_path};
use crate::{Error, Record, Result, Value};

/// A document, read.
struct Node {
    line: Option<u64>,
    kind: Kind,
}

enum Kind {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// How deep a document may nest.
const DEEPEST: usize = 32;

pub(super) fn read_yaml(text: &str, source: &str) -> Result<Table> {
    let mut parser = Parser::new_from_str(text);
    let mut reader = Yaml { parser: &mut parser, source };
    let node = loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(Table::default()),
            (event, line) => break reader.node(event, line, 0)?,
        }
    };
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return table(node, source),
            (Event::DocumentStart(_), line) => {
                return Err(reader.wrong(line, "a second document begins; one table is one document"));
            }
            _ => {}
        }
    }
}

struct Yaml<'p, 'i> {
    parser: &'p mut Parser<'i, StrInput<'i>>,
    source: &'p str,
}

impl<'i> Yaml<'_, 'i> {
    fn next(&mut self) -> Result<(Event<'i>, u64)> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start.line() as u64)),
            Some(Err(e)) => Err(self.wrong(e.marker().line() as u64, &format!("this is not YAML: {}", e.info()))),
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn wrong(&self, line: u64, why: &str) -> Error {
        Error::new(format!("{}, line {line}", self.source), why)
    }

    fn node(&mut self, event: Event<'i>, line: u64, depth: usize) -> Result<Node> {
        if depth > DEEPEST {
            return Err(self.wrong(line, "it is nested too deep"));
        }
        let kind = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => {
                Kind::Null
            }
            Event::Scalar(text, ..) => Kind::Scalar(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = vec![];
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Kind::List(items),
                        (event, line) => items.push(self.node(event, line, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut entries: Vec<(String, Node)> = vec![];
                loop {
                    let (event, line) = self.next()?;
                    let name = match event {
                        Event::MappingEnd => break Kind::Map(entries),
                        Event::Scalar(name, ..) => name.into_owned(),
                        _ => return Err(self.wrong(line, "a name must be plain text")),
                    };
                    if entries.iter().any(|(known, _)| *known == name) {
                        return Err(self.wrong(line, &format!("{name:?} stands twice; write its values as a list")));
                    }
                    let (event, _) = self.next()?;
                    let mut node = self.node(event, line, depth + 1)?;
                    node.line = Some(line);
                    entries.push((name, node));
                }
            }
            Event::Alias(_) => return Err(self.wrong(line, "references (*name) are not read; write the value out")),
            _ => return Err(self.wrong(line, "a value is missing")),
        };
        Ok(Node { line: Some(line), kind })
    }
}

pub(super) fn read_json(text: &str, source: &str) -> Result<Table> {
    let wrong =
        |e: serde_json::Error| Error::new(format!("{source}, line {}", e.line()), format!("this is not JSON: {e}"));
    // This pass bounds how deep the document nests, and knows the line of what is wrong.
    let _: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
    table(serde_json::from_str(text).map_err(wrong)?, source)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        let again = |e: serde_json::Error| serde::de::Error::custom(e);
        let kind = match raw.as_bytes().first() {
            Some(b'{') => serde_json::Deserializer::from_str(raw).deserialize_map(Entries).map_err(again)?,
            Some(b'[') => serde_json::Deserializer::from_str(raw).deserialize_seq(Entries).map_err(again)?,
            Some(b'"') => Kind::Scalar(serde_json::from_str(raw).map_err(again)?),
            _ if raw == "null" => Kind::Null,
            _ => Kind::Scalar(raw.to_owned()),
        };
        Ok(Self { line: None, kind })
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Kind, A::Error> {
        let mut entries: Vec<(String, Node)> = vec![];
        while let Some((name, node)) = map.next_entry::<String, Node>()? {
            if entries.iter().any(|(known, _)| *known == name) {
                return Err(serde::de::Error::custom(format!("{name:?} stands twice; write its values as a list")));
            }
            entries.push((name, node));
        }
        Ok(Kind::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Kind, A::Error> {
        let mut items = vec![];
        while let Some(node) = seq.next_element()? {
            items.push(node);
        }
        Ok(Kind::List(items))
    }
}

/// A document as rows: a list of records, a map from file to record, or one record.
fn table(node: Node, source: &str) -> Result<Table> {
    let name: Arc<str> = source.into();
    let wrong = |at: Place, why: &str| Err(Error::new(at, why));
    let mut rows = vec![];
    match node.kind {
        Kind::Null => {}
        Kind::List(items) => {
            for item in items {
                let mut place = Place::new(&name, item.line, None);
                let Kind::Map(mut entries) = item.kind else {
                    return wrong(place, "each item of the list must be a record: fields and their values");
                };
                let at = entries.iter().position(|(name, node)| is_path(name) && matches!(node.kind, Kind::Scalar(_)));
                if let Some((_, Node { kind: Kind::Scalar(file), .. })) = at.map(|at| entries.remove(at)) {
                    place.file = Some(file);
                }
                rows.push(Row { file: place.file.clone(), record: record(entries, &place)?, place });
            }
        }
        Kind::Map(entries) => {
            let by_file = entries.iter().all(|(_, node)| matches!(node.kind, Kind::Map(_) | Kind::Null));
            if by_file {
                for (file, node) in entries {
                    let place = Place::new(&name, node.line, Some(&file));
                    let entries = match node.kind {
                        Kind::Map(entries) => entries,
                        _ => vec![],
                    };
                    rows.push(Row { file: Some(file), record: record(entries, &place)?, place });
                }
            } else {
                let place = Place::new(&name, node.line, None);
                rows.push(Row { file: None, record: record(entries, &place)?, place });
            }
        }
        Kind::Scalar(_) => return wrong(Place::new(&name, node.line, None), "this is one value and no table"),
    }
    Ok(Table { rows })
}

fn record(entries: Vec<(String, Node)>, place: &Place) -> Result<Record> {
    let mut record = Record::new();
    for (name, node) in entries {
        let values = match node.kind {
            Kind::List(items) => items,
            kind => vec![Node { line: node.line, kind }],
        };
        for value in values {
            let value: Value = match value.kind {
                Kind::Null => continue,
                Kind::Scalar(text) => text.into(),
                Kind::Map(entries) => self::record(entries, place)?.into(),
                Kind::List(_) => {
                    return Err(Error::new(
                        place,
                        format!("{name:?} holds a list in a list; one list of values is enough"),
                    ));
                }
            };
            record.push(name.clone(), value);
        }
    }
    Ok(record)
}

fn rows(table: &Table) -> impl Iterator<Item = serde_json::Value> {
    table.rows.iter().map(|row| {
        let mut map = serde_json::Map::new();
        map.extend(row.file.as_ref().map(|file| ("path".to_owned(), json!(file))));
        map.extend(serde_json::Value::from(&row.record).as_object().cloned().unwrap_or_default());
        map.into()
    })
}

pub(super) fn write_json(table: &Table) -> String {
    format!("{:#}\n", rows(table).collect::<serde_json::Value>())
}

/// JSON's strings are YAML's too, so names and values are written as those.
pub(super) fn write_yaml(table: &Table) -> String {
    let mut text = String::new();
    for row in rows(table) {
        let mut lead = "- ";
        for (name, value) in row.as_object().into_iter().flatten() {
            writeln!(text, "{lead}{}: {value}", json!(name)).expect("memory takes it");
            lead = "  ";
        }
        if lead == "- " {
            text.push_str("- {}\n");
        }
    }
    if text.is_empty() { "[]\n".to_owned() } else { text }
}
