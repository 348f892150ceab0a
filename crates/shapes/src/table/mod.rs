//! Tables of records: CSV, YAML, JSON and Turtle.

mod comma;
mod tree;
mod triples;

use std::{fmt, sync::Arc};

use crate::{Error, Profile, Record, Result, Vocabularies};

/// Records, and the files that each is about.
///
/// ```
/// use whimbrel_shapes::{Format, Table};
///
/// let csv = "path,Title,Creator,Creator\n*.csv,Raw data,Ada,Grace\nrun 1.csv,Run 1,,\n";
/// let table = Table::read(csv.as_bytes(), Format::Csv, "metadata.csv")?;
/// assert_eq!(table.rows[0].record.values("Creator").count(), 2);
/// assert_eq!(table.rows[1].place.to_string(), "metadata.csv, line 3 (run 1.csv)");
/// # Ok::<(), whimbrel_shapes::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows, in the order they are written.
    pub rows: Vec<Row>,
}

/// One record of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path of the file that it is about, or a glob for several; `None` if it is about all.
    pub file: Option<String>,
    /// Where it is written.
    pub place: Place,
    /// What it says.
    pub record: Record,
}

/// Where a record is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The table's name.
    pub source: Arc<str>,
    /// The line, from 1; `None` where the format has none.
    pub line: Option<u64>,
    /// The file that the record is about.
    pub file: Option<String>,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180: a header, one line a record, the column `path` (or `file`) for the file. A field that stands more than
    /// once has as many columns; a nested one is `Outer > Inner`. An empty cell is not given. Lines that begin with `#`
    /// are comments. Semicolons and tabs are known by the header.
    Csv,
    /// A list of records, each with `path`; or a map from path or glob to record; or one record for all files.
    Yaml,
    /// As YAML. Numbers keep the digits they are written with.
    Json,
    /// One node a record: a relative IRI names the file, a blank node means all.
    Turtle,
}

impl Format {
    /// By the end of a file's name.
    ///
    /// # Errors
    /// If it is none that is known.
    pub fn of_file(name: &str) -> Result<Self> {
        let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
        match end.as_str() {
            "csv" | "tsv" => Ok(Self::Csv),
            "yaml" | "yml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            "ttl" => Ok(Self::Turtle),
            _ => Err(Error::new(name, "a table of metadata ends in .csv, .tsv, .yaml, .yml, .json or .ttl")),
        }
    }
}

/// The column or key that holds a record's file.
fn is_path(name: &str) -> bool {
    matches!(name.trim().to_lowercase().as_str(), "path" | "file")
}

/// What joins the labels of a nested field and the one it is in.
const INSIDE: &str = " > ";

impl Table {
    /// Reads a table; `source` names it in errors.
    ///
    /// # Errors
    /// What is wrong with its form, and in which line. What a record says is checked by
    /// [`Profile::fill`](crate::Profile::fill).
    pub fn read(content: &[u8], format: Format, source: &str) -> Result<Self> {
        // Spreadsheets put a byte order mark before UTF-8.
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let text = std::str::from_utf8(content).map_err(|e| {
            let line = content[..e.valid_up_to()].split(|byte| *byte == b'\n').count();
            Error::new(format!("{source}, line {line}"), "it is not in UTF-8; save it with that encoding")
        })?;
        match format {
            Format::Csv => comma::read(text, source),
            Format::Yaml => tree::read_yaml(text, source),
            Format::Json => tree::read_json(text, source),
            Format::Turtle => triples::read(text, source),
        }
    }

    /// Writes a table. In CSV the profile's fields come first, in their order; in Turtle they become what it asks for.
    pub fn write(&self, format: Format, profile: &Profile, vocabularies: &Vocabularies) -> String {
        match format {
            Format::Csv => comma::write(self, profile),
            Format::Yaml => tree::write_yaml(self),
            Format::Json => tree::write_json(self),
            Format::Turtle => triples::write(self, profile, vocabularies),
        }
    }

    /// An empty table as CSV: a column a field, with its rules below in a line of comment.
    pub fn template(profile: &Profile, language: &str) -> String {
        comma::template(profile, language)
    }
}

impl Place {
    fn new(source: &Arc<str>, line: Option<u64>, file: Option<&str>) -> Self {
        Self { source: source.clone(), line, file: file.map(str::to_owned) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        match &self.file {
            Some(file) => write!(f, " ({file})"),
            None => Ok(()),
        }
    }
}
