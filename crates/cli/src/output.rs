//! Results on the standard output, in the form that was asked for.

use std::io::{self, IsTerminal as _, Write as _};

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use indicatif::HumanBytes;
use serde_json::{Value, json};
use whimbrel::{Paged, printable};

use crate::{
    args::{Format, Global, Limit},
    exit::{Done, Failure},
    shown::{Shown, wanted},
};

/// A column of a table or a CSV: its title, and where in the object its value is (a JSON pointer).
pub(crate) type Column = (&'static str, &'static str);

pub(crate) struct Output {
    format: Format,
    quiet: bool,
    out: io::BufWriter<io::Stdout>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self { format: global.output.format(), quiet: global.quiet, out: io::BufWriter::new(io::stdout()) }
    }

    /// Whether people read it.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Whether it has columns, and so a row for each thing.
    pub(crate) fn has_columns(&self) -> bool {
        matches!(self.format, Format::Table | Format::Csv)
    }

    /// Whether each line stands for itself, so that none has to wait for another.
    pub(crate) fn is_lines(&self) -> bool {
        self.format == Format::Jsonl
    }

    /// A size: for people with a unit, else in bytes.
    pub(crate) fn size(&self, bytes: u64) -> Value {
        if self.is_table() { Self::human(bytes) } else { json!(bytes) }
    }

    /// A size with a unit.
    pub(crate) fn human(bytes: u64) -> Value {
        json!(HumanBytes(bytes).to_string())
    }

    /// What is no result: a line on the standard error.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        self.note_taker()(text.as_ref());
    }

    /// The same for who tells something while results are printed.
    pub(crate) fn note_taker(&self) -> impl Fn(&str) + Send + 'static {
        let quiet = self.quiet;
        move |text| {
            if !quiet {
                eprintln!("whimbrel: {}", printable(text));
            }
        }
    }

    /// A list of the server's, a page at a time.
    pub(crate) async fn list<P: Paged<Item: Shown>>(self, list: P, columns: &[Column], limit: Limit) -> Done {
        let (items, total) = wanted(list, limit).await?;
        self.counted(items.map_ok(Shown::shown).map_err(Failure::from), columns, limit, total).await
    }

    /// A list that came whole.
    pub(crate) async fn all<T: Shown>(self, all: Vec<T>, columns: &[Column], limit: Limit) -> Done {
        let total = all.len() as u64;
        let items = stream::iter(all).map(|it| Ok(it.shown()));
        self.counted(items, columns, limit, Some(total)).await
    }

    /// A list of nobody knows what length, as it comes.
    pub(crate) async fn rows(
        self,
        items: impl Stream<Item = Done<Value>>,
        columns: &[(&str, &str)],
        limit: Limit,
    ) -> Done {
        self.counted(items, columns, limit, None).await
    }

    /// With a limit it says on the standard error if there is more, and how much if that is known.
    pub(crate) async fn counted(
        mut self,
        items: impl Stream<Item = Done<Value>>,
        columns: &[(&str, &str)],
        limit: Limit,
        total: Option<u64>,
    ) -> Done {
        let mut items = std::pin::pin!(items);
        let (mut shown, mut rows) = (0, vec![]);
        let limit = limit.limit.unwrap_or(usize::MAX);
        let mut more = false;
        if self.format == Format::Csv {
            self.csv(columns.iter().map(|(title, _)| (*title).to_owned()))?;
        }
        if self.format == Format::Json {
            self.out.write_all(b"[")?;
        }
        while let Some(item) = items.try_next().await? {
            if shown == limit {
                more = true;
                break;
            }
            match self.format {
                Format::Table => rows.push(cells(&item, columns)),
                Format::Csv => self.csv(cells(&item, columns))?,
                Format::Jsonl => {
                    writeln!(self.out, "{}", harmless(&item.to_string()))?;
                    self.out.flush()?;
                }
                Format::Json => {
                    self.out.write_all(if shown == 0 { b"\n  " } else { b",\n  " })?;
                    write!(self.out, "{}", harmless(&item.to_string()))?;
                }
            }
            shown += 1;
        }
        match self.format {
            Format::Table => self.table(columns, rows)?,
            Format::Json => self.out.write_all(if shown == 0 { b"]\n" } else { b"\n]\n" })?,
            Format::Csv | Format::Jsonl => {}
        }
        self.out.flush()?;
        match total {
            Some(total) if more || (shown == limit && total > shown as u64) => {
                self.note(format!("showing {shown} of {total}"));
            }
            None if more => self.note(format!("showing {shown}; there are more")),
            _ => {}
        }
        Ok(())
    }

    /// Rows of which nobody knows what is in them: with a column for each name, in the order in which they come.
    pub(crate) async fn any(self, items: impl Stream<Item = Done<Value>>, limit: Limit) -> Done {
        if !self.has_columns() {
            return self.rows(items, &[], limit).await;
        }
        // One more than is wanted tells whether there are more.
        let wanted = limit.limit.map_or(usize::MAX, |limit| limit.saturating_add(1));
        let rows: Vec<Value> = items.take(wanted).try_collect().await?;
        let mut columns: Vec<(String, String)> = vec![];
        for name in rows.iter().filter_map(Value::as_object).flat_map(|row| row.keys()) {
            if !columns.iter().any(|(known, _)| known == name) {
                columns.push((name.clone(), format!("/{}", name.replace('~', "~0").replace('/', "~1"))));
            }
        }
        if columns.is_empty() {
            return Ok(());
        }
        let columns: Vec<_> = columns.iter().map(|(name, pointer)| (&**name, &**pointer)).collect();
        self.rows(stream::iter(rows.into_iter().map(Ok)), &columns, limit).await
    }

    /// One thing.
    pub(crate) fn thing(mut self, thing: impl Shown) -> Done {
        let thing = &thing.shown();
        match self.format {
            Format::Json => writeln!(self.out, "{}", harmless(&format!("{thing:#}")))?,
            Format::Jsonl => writeln!(self.out, "{}", harmless(&thing.to_string()))?,
            Format::Csv => {
                let pairs: Vec<_> = thing.as_object().into_iter().flatten().collect();
                self.csv(pairs.iter().map(|(name, _)| (*name).clone()))?;
                self.csv(pairs.iter().map(|(_, value)| text(value)))?;
            }
            Format::Table => {
                let pairs = thing.as_object().into_iter().flatten().filter(|(_, value)| !is_empty(value));
                let pairs: Vec<_> = pairs.map(|(name, value)| (printable(name), value)).collect();
                let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
                for (name, value) in pairs {
                    writeln!(self.out, "{name:width$}  {}", printable(&brief(value)))?;
                }
            }
        }
        self.out.flush()?;
        Ok(())
    }

    /// A document of the server's: as it is, but harmless on a terminal.
    pub(crate) fn document(self, text: &str) -> Done {
        if !io::stdout().is_terminal() {
            return self.plain(text.as_bytes());
        }
        self.plain(
            text.lines().map(|line| printable(&line.replace('\t', "    ")) + "\n").collect::<String>().as_bytes(),
        )
    }

    /// JSON in a form of its own, whatever was asked for.
    pub(crate) fn json(self, json: &Value) -> Done {
        self.plain(format!("{}\n", harmless(&format!("{json:#}"))).as_bytes())
    }

    /// Texts of nobody knows what number, a line each, as they come.
    pub(crate) async fn lines(mut self, texts: impl Stream<Item = Done<String>>) -> Done {
        let mut texts = std::pin::pin!(texts);
        while let Some(text) = texts.try_next().await? {
            writeln!(self.out, "{}", printable(&text))?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// Text or bytes, as they are.
    pub(crate) fn plain(mut self, content: &[u8]) -> Done {
        self.out.write_all(content)?;
        self.out.flush()?;
        Ok(())
    }

    fn csv(&mut self, cells: impl IntoIterator<Item = String>) -> Done {
        let mut writer = csv::Writer::from_writer(&mut self.out);
        // On a terminal it is for eyes, else it is data.
        let is_seen = io::stdout().is_terminal();
        let cells = cells.into_iter().map(|cell| if is_seen { printable(&cell) } else { cell });
        writer.write_record(cells).map_err(io::Error::from)?;
        writer.flush()?;
        Ok(())
    }

    fn table(&mut self, columns: &[(&str, &str)], rows: Vec<Vec<String>>) -> Done {
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
        table.set_header(columns.iter().map(|(title, _)| printable(&title.to_uppercase())));
        for row in rows {
            table.add_row(row.iter().map(|cell| printable(cell)));
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The same JSON, with nothing raw in it that a terminal acts on.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        let hostile = !matches!(c, ' '..='~' | '\n') && printable(c.encode_utf8(&mut [0; 4])).starts_with('\\');
        match hostile {
            true => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => safe.push(c),
        }
    }
    safe
}

fn cells(item: &Value, columns: &[(&str, &str)]) -> Vec<String> {
    columns.iter().map(|(_, pointer)| item.pointer(pointer).map(text).unwrap_or_default()).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A value as people read it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|it| !it.is_object() && !it.is_array()) => {
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The same in short: things by their names.
fn brief(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(brief).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let name = ["displayName", "displayNameEn", "name", "email", "uri", "specificType", "id"];
            let name = name.iter().find_map(|name| fields.get(*name)?.as_str());
            name.map_or_else(|| text(value), str::to_owned)
        }
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_and_the_same() {
        for text in ["plain ü 字 🐦", "\u{1b}[31m", "\u{9b}2J", "\u{202e}txt.exe", "a\\b\"c\n"] {
            let value = json!({ "name": text });
            let shown = harmless(&format!("{value:#}"));
            assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
            assert!(shown.lines().all(|line| printable(line) == line), "{shown:?}");
        }
        assert!(harmless("字 🐦").contains("字 🐦"));
    }
}
