use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use shapes::{Format, Place, Record, Row, Table};

use super::Metadata;
use crate::{Error, Result};

/// A table of metadata beside the data: which record goes with which file.
///
/// A row is about the file of its path, or about each file that its glob matches: without a slash at any depth
/// (`*.csv`), else from the folder's root (`raw/**`). A row without a path is about all files. Rows are taken in the
/// order they are written, and a later one replaces the fields that it gives, so defaults stand first.
///
/// ```
/// use whimbrel::{coscine::MetadataTable, shapes::{Format, Table}};
///
/// let csv = "path,Creator,State\n*,Ada,raw\nclean/**,,clean\nclean/7.csv,Grace,\n";
/// let table = MetadataTable::new(Table::read(csv.as_bytes(), Format::Csv, "metadata.csv")?)?;
/// let (record, place) = table.record("clean/7.csv").unwrap();
/// assert_eq!(record.values("Creator").next(), Some(&"Grace".into()));
/// assert_eq!(record.values("State").next(), Some(&"clean".into()));
/// assert_eq!(place.line, Some(4));
/// # Ok::<(), whimbrel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MetadataTable {
    rows: Vec<Row>,
    globs: GlobSet,
    /// The row of each glob.
    of_glob: Vec<usize>,
    by_path: HashMap<String, Vec<usize>>,
    all: Vec<usize>,
    /// Where it was read from.
    file: Option<PathBuf>,
}

impl MetadataTable {
    /// Makes the table's globs ready.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for a glob that is none, with its line.
    pub fn new(table: Table) -> Result<Self> {
        let (mut globs, mut of_glob) = (GlobSetBuilder::new(), vec![]);
        let (mut by_path, mut all): (HashMap<_, Vec<_>>, _) = (HashMap::new(), vec![]);
        for (n, row) in table.rows.iter().enumerate() {
            let Some(file) = row.file.as_deref() else {
                all.push(n);
                continue;
            };
            let path = file.trim_start_matches("./").trim_start_matches('/');
            by_path.entry(path.to_owned()).or_default().push(n);
            if path.contains(['*', '?', '[', '{']) {
                let anywhere = if path.contains('/') { path.to_owned() } else { format!("**/{path}") };
                let glob = GlobBuilder::new(&anywhere).literal_separator(true).build();
                // A file may be called so all the same; then its very name is what is meant.
                match glob {
                    Ok(glob) => {
                        globs.add(glob);
                        of_glob.push(n);
                    }
                    Err(e) => return Err(Error::invalid(e.kind().to_string()).about(row.place.to_string())),
                }
            }
        }
        let globs = globs.build().map_err(|e| Error::invalid(e.to_string()))?;
        Ok(Self { rows: table.rows, globs, of_glob, by_path, all, file: None })
    }

    /// Reads the table in a file (`.csv`, `.tsv`, `.yaml`, `.yml`, `.json`, `.ttl`).
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) or [`Kind::Io`](crate::Kind::Io) if it can't be read;
    /// [`Kind::Invalid`](crate::Kind::Invalid) for what is wrong with its form, with its line.
    pub async fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let format = Format::of_file(&name)?;
        let content = tokio::fs::read(path).await.map_err(|e| Error::io(path, e))?;
        let table = Self::new(Table::read(&content, format, &name)?)?;
        Ok(Self { file: Some(path.to_owned()), ..table })
    }

    /// What its own file is called below a folder, if it lies among the data there: it is none of them.
    pub(super) fn name_below(&self, folder: &Path) -> Option<String> {
        let file = self.file.as_ref()?.canonicalize().ok()?;
        let below = file.strip_prefix(folder.canonicalize().ok()?).ok()?;
        Some(below.iter().map(|it| it.to_str()).collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// What the table says of a file, and where it says the last of it; `None` if it does not speak of it.
    pub fn record(&self, path: &str) -> Option<(Record, Place)> {
        let mut rows: Vec<usize> = self.all.clone();
        rows.extend(self.globs.matches(path).into_iter().map(|n| self.of_glob[n]));
        rows.extend(self.by_path.get(path).into_iter().flatten());
        rows.sort_unstable();
        rows.dedup();
        let last = &self.rows[*rows.last()?];
        let mut record = Record::new();
        for row in rows {
            record.overlay(&self.rows[row].record);
        }
        Some((record, Place { file: Some(path.to_owned()), ..last.place.clone() }))
    }

    /// What the table says of a file, to be sent with it.
    pub fn metadata(&self, path: &str) -> Metadata {
        match self.record(path) {
            Some((record, place)) => Metadata::Row(Row { file: Some(path.to_owned()), place, record }),
            None => Metadata::Fixed,
        }
    }

    /// The rows that name a single file which is none of these: mistyped, most likely.
    pub fn rows_without_file<'t>(&'t self, is_there: impl Fn(&str) -> bool + 't) -> impl Iterator<Item = &'t Row> {
        self.rows.iter().filter(move |row| {
            row.file.as_deref().is_some_and(|file| {
                let path = file.trim_start_matches("./").trim_start_matches('/');
                !is_there(path) && !path.contains(['*', '?', '[', '{'])
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use shapes::Format;

    use super::*;

    fn table(csv: &str) -> MetadataTable {
        MetadataTable::new(Table::read(csv.as_bytes(), Format::Csv, "m.csv").unwrap()).unwrap()
    }

    #[test]
    fn rows_are_taken_in_their_order() {
        let table = table("path,A,B\n,all,all\n*.csv,csv,\na/*.csv,,below\na/[1].csv,name,\n");
        let of = |path: &str| {
            let (record, place) = table.record(path).unwrap();
            let one = |field| match record.values(field).next() {
                Some(shapes::Value::Text(text)) => text.clone(),
                _ => String::new(),
            };
            (one("A"), one("B"), place.line.unwrap())
        };
        let told = |a: &str, b: &str, line| (a.to_owned(), b.to_owned(), line);
        assert_eq!(of("x.txt"), told("all", "all", 2));
        assert_eq!(of("deep/x.csv"), told("csv", "all", 3));
        assert_eq!(of("a/x.csv"), told("csv", "below", 4));
        // A name that looks like a glob is found as a name and as a glob.
        assert_eq!(of("a/[1].csv"), told("name", "below", 5));
        assert_eq!(of("a/1.csv"), told("name", "below", 5));
    }

    #[test]
    fn rows_of_files_that_are_not_there_are_told() {
        let table = table("path,A\n*.csv,x\na.txt,x\nb.txt,x\n");
        let missing: Vec<_> =
            table.rows_without_file(|path| path == "a.txt").map(|row| row.place.to_string()).collect();
        assert_eq!(missing, ["m.csv, line 4 (b.txt)"]);
        assert!(table.record("a.doc").is_none());
        let wrong = Table::read(b"path,A\na[,x\n", Format::Csv, "m.csv").unwrap();
        assert!(MetadataTable::new(wrong).unwrap_err().to_string().contains("m.csv, line 2"));
    }
}
