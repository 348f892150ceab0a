//! CSV.

use std::{fmt::Display, sync::Arc};

use csv::{QuoteStyle, ReaderBuilder, StringRecord, Writer, WriterBuilder};

use super::{INSIDE, Place, Row, Table, is_path};
use crate::{Error, Field, Profile, Record, Result, Value};

pub(super) fn read(text: &str, source: &str) -> Result<Table> {
    let name: Arc<str> = source.into();
    let wrong = |line: u64, why: &dyn Display| Error::new(format!("{source}, line {line}"), why);
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut lines = Lines { text, byte: 0, line: 1 };
    let mut record = StringRecord::new();
    let mut header: Option<Vec<String>> = None;
    let mut rows = vec![];
    while reader.read_record(&mut record).map_err(|e| Error::new(source, e))? {
        // The reader counts a record's line before the comments that it skips to get there.
        let line = record.position().map_or(0, |at| lines.of(at.byte()));
        if record.iter().all(str::is_empty) {
            continue;
        }
        let Some(header) = &header else {
            let names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
            if let Some(at) = names.iter().position(String::is_empty) {
                return Err(wrong(line, &format!("column {} has no name", at + 1)));
            }
            if names.iter().filter(|name| is_path(name)).count() > 1 {
                return Err(wrong(line, &"more than one column is called \"path\" or \"file\""));
            }
            header = Some(names);
            continue;
        };
        if record.len() != header.len() {
            let (got, want) = (record.len(), header.len());
            let hint = "is a comma or a quotation mark missing?";
            return Err(wrong(line, &format!("it has {got} cells, and the header has {want}; {hint}")));
        }
        let mut row = Row { file: None, place: Place::new(&name, Some(line), None), record: Record::new() };
        for (name, cell) in header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty()) {
            if is_path(name) {
                row.file = Some(cell.to_owned());
                row.place.file = Some(cell.to_owned());
            } else {
                let path: Vec<&str> = name.split(INSIDE).map(str::trim).collect();
                put(&mut row.record, &path, cell);
            }
        }
        rows.push(row);
    }
    Ok(Table { rows })
}

/// Puts a cell where its column says; the cells of one outer field make one description.
fn put(record: &mut Record, path: &[&str], cell: &str) {
    match path {
        [] => {}
        [field] => record.push(*field, cell),
        [outer, inner @ ..] => {
            let mut nested = match record.take(outer) {
                Some(Value::Record(nested)) => nested,
                _ => Record::new(),
            };
            put(&mut nested, inner, cell);
            record.push(*outer, nested);
        }
    }
}

/// The lines of a text, counted on from where the last was asked for: each time from the start would take for ever.
struct Lines<'t> {
    text: &'t str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// Where a record begins that the reader says is at this byte: after the comments and empty lines there. Bytes come in
    /// ascending order.
    fn of(&mut self, byte: u64) -> u64 {
        let start = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let new_line = |it: &&u8| **it == b'\n';
        self.line += self.text.as_bytes()[self.byte..start].iter().filter(new_line).count() as u64;
        self.byte = start;
        let skipped =
            self.text[start..].split_inclusive('\n').take_while(|line| line.starts_with('#') || line.trim().is_empty());
        self.line + skipped.count() as u64
    }
}

/// What separates the cells: whichever of comma, semicolon and tab the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
    *[b'\t', b';', b','].iter().max_by_key(|delimiter| count(**delimiter)).expect("three to choose from")
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().comment(Some(b'#')).quote_style(QuoteStyle::Necessary).flexible(true).from_writer(vec![])
}

fn text(writer: Writer<Vec<u8>>) -> String {
    String::from_utf8(writer.into_inner().expect("memory takes it")).expect("made of text")
}

pub(super) fn write(table: &Table, profile: &Profile) -> String {
    let rows: Vec<(&Row, Vec<(String, &str)>)> =
        table.rows.iter().map(|row| (row, cells(&row.record, profile.fields(), ""))).collect();
    // As many columns as the record with most values of a field has.
    let mut columns: Vec<(String, usize)> = vec![];
    for (_, cells) in &rows {
        for (name, _) in cells {
            let many = cells.iter().filter(|(other, _)| other == name).count();
            match columns.iter_mut().find(|(known, _)| known == name) {
                Some((_, most)) => *most = (*most).max(many),
                None => columns.push((name.clone(), many)),
            }
        }
    }
    let place = |name: &str| {
        let outer = name.split(INSIDE).next().unwrap_or(name);
        profile.fields().iter().position(|field| field.label() == outer).unwrap_or(usize::MAX)
    };
    columns.sort_by_key(|(name, _)| place(name));
    let mut writer = writer();
    let header = columns.iter().flat_map(|(name, many)| std::iter::repeat_n(name.as_str(), *many));
    writer.write_record(std::iter::once("path").chain(header)).expect("memory takes it");
    for (row, cells) in rows {
        let mut line = vec![row.file.as_deref().unwrap_or_default()];
        for (name, many) in &columns {
            let values = cells.iter().filter(|(other, _)| other == name).map(|(_, value)| *value);
            line.extend(values.chain(std::iter::repeat("")).take(*many));
        }
        writer.write_record(line).expect("memory takes it");
    }
    text(writer)
}

/// A record's values with the names of their columns.
fn cells<'r>(record: &'r Record, fields: &[Field], outer: &str) -> Vec<(String, &'r str)> {
    let mut cells = vec![];
    for (name, value) in record.iter() {
        let field = crate::profile::find(fields, name);
        let column = format!("{outer}{}", field.map_or(name, Field::label));
        match value {
            Value::Text(text) => cells.push((column, text.as_str())),
            Value::Record(inner) => {
                let fields = field.and_then(|it| it.nested.as_ref()).map_or(&[][..], |it| &it.fields);
                cells.extend(self::cells(inner, fields, &format!("{column}{INSIDE}")));
            }
        }
    }
    cells
}

pub(super) fn template(profile: &Profile, language: &str) -> String {
    let mut columns = vec![("path".to_owned(), "# path or glob".to_owned())];
    of_fields(profile.fields(), language, "", &mut columns);
    let mut writer = writer();
    writer.write_record(columns.iter().map(|(name, _)| name)).expect("memory takes it");
    let mut text = text(writer);
    // As a comment the line must begin with its sign, so that cell is not quoted.
    let mut rules = WriterBuilder::new().from_writer(vec![]);
    rules.write_record(columns.iter().map(|(_, rules)| rules.replace(['\n', '\r'], " "))).expect("memory takes it");
    text.push_str(&String::from_utf8(rules.into_inner().expect("memory takes it")).expect("made of text"));
    text
}

fn of_fields(fields: &[Field], language: &str, outer: &str, columns: &mut Vec<(String, String)>) {
    for field in fields {
        let name = format!("{outer}{}", field.label_in(language));
        match &field.nested {
            Some(nested) => of_fields(&nested.fields, language, &format!("{name}{INSIDE}"), columns),
            None => columns.push((name, field.rules())),
        }
    }
}
