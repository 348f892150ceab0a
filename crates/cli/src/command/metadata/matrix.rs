//! Files and fields: which are there, which are missing, which are wrong.

use std::io::{IsTerminal as _, Write as _};

use serde_json::json;
use whimbrel::{
    coscine::Form,
    printable,
    shapes::{Finding, Left, Place, Record},
};

use crate::{
    args::{Format, Global, Limit},
    exit::{Done, Failure},
    output::Output,
};

/// The state of one field of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Good,
    /// It is not given, and need not be.
    Empty,
    Missing,
    Wrong,
}

pub(super) struct Matrix {
    /// The labels of the columns: required fields, and those that something is wrong with.
    pub fields: Vec<String>,
    pub rows: Vec<Row>,
    pub left: Vec<Left>,
}

pub(super) struct Row {
    pub file: String,
    pub cells: Vec<Cell>,
    pub findings: Vec<Finding>,
}

impl Matrix {
    pub(super) fn new(form: &Form, files: Vec<(String, Record, Place)>) -> Self {
        let (mut checked, mut left) = (vec![], vec![]);
        for (file, record, place) in files {
            let report = form.fill(&record).report.at(&place);
            for it in report.left {
                if !left.contains(&it) {
                    left.push(it);
                }
            }
            checked.push((file, record, report.findings));
        }
        let outer =
            |finding: &Finding| finding.field.as_deref().map(|it| it.split(" > ").next().unwrap_or(it).to_owned());
        let wrong: Vec<String> = checked.iter().flat_map(|(.., findings)| findings.iter().filter_map(outer)).collect();
        let known = form.profile().fields();
        let mut fields: Vec<String> = known
            .iter()
            .filter(|field| field.is_required() || wrong.iter().any(|it| it == field.label()))
            .map(|field| field.label().to_owned())
            .collect();
        for field in wrong {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let rows = checked.into_iter().map(|(file, record, findings)| {
            let cell = |label: &String| {
                let of_it: Vec<&Finding> = findings.iter().filter(|it| outer(it).as_ref() == Some(label)).collect();
                let field = form.profile().field(label);
                let is_given = record.iter().any(|(name, _)| field.is_some_and(|field| field.is_called(name)));
                match (of_it.is_empty(), is_given) {
                    (true, true) => Cell::Good,
                    (true, false) if field.is_some_and(whimbrel::shapes::Field::is_required) => Cell::Good,
                    (true, false) => Cell::Empty,
                    (false, false) if field.is_some() => Cell::Missing,
                    (false, _) => Cell::Wrong,
                }
            };
            Row { cells: fields.iter().map(cell).collect(), file, findings }
        });
        Self { rows: rows.collect(), fields, left }
    }

    pub(super) fn is_good(&self) -> bool {
        self.rows.iter().all(|row| row.findings.is_empty())
    }

    /// The matrix on the standard output, and below it what is wrong, on the standard error.
    pub(super) async fn show(&self, global: &Global) -> Done {
        if global.output != Format::Table {
            let rows = self.rows.iter().flat_map(|row| {
                let one = |(field, cell): (&String, &Cell)| {
                    let told: Vec<_> = row
                        .findings
                        .iter()
                        .filter(|it| it.field.as_ref() == Some(field))
                        .map(ToString::to_string)
                        .collect();
                    json!({ "file": row.file, "field": field, "state": cell.word(), "why": told.join("; ") })
                };
                self.fields.iter().zip(&row.cells).map(one)
            });
            let columns = [("file", "/file"), ("field", "/field"), ("state", "/state"), ("why", "/why")];
            return Output::new(global).all(rows.collect(), &columns, Limit { limit: None }).await;
        }
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let width = self.rows.iter().map(|row| printable(&row.file).chars().count()).max().unwrap_or_default().min(60);
        for (n, field) in self.fields.iter().enumerate() {
            writeln!(out, "{:width$} {}┌ {}", "", "│ ".repeat(n), printable(field))?;
        }
        for row in &self.rows {
            let file: String = printable(&row.file).chars().take(60).collect();
            write!(out, "{file:width$}")?;
            for cell in &row.cells {
                match colour {
                    true => write!(out, " \u{1b}[{}m{}\u{1b}[0m", cell.colour(), cell.sign())?,
                    false => write!(out, " {}", cell.sign())?,
                }
            }
            writeln!(out)?;
        }
        out.flush()?;
        drop(out);
        for finding in self.rows.iter().flat_map(|row| &row.findings) {
            eprintln!("{}", printable(&finding.to_string()));
        }
        Ok(())
    }

    /// The end: exit code 6 if anything is missing or wrong.
    pub(super) fn result(&self, global: &Global) -> Done {
        if !global.quiet {
            for left in &self.left {
                eprintln!("whimbrel: {}", printable(&left.to_string()));
            }
            let bad = self.rows.iter().filter(|row| !row.findings.is_empty()).count();
            eprintln!("whimbrel: {} files, {bad} of them with gaps or mistakes", self.rows.len());
        }
        if self.is_good() { Ok(()) } else { Err(Failure::Told(6)) }
    }
}

impl Cell {
    fn sign(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Empty => '·',
            Self::Missing => '✗',
            Self::Wrong => '!',
        }
    }

    /// As terminals number it: green, dim, red, red on black.
    fn colour(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Empty => "2",
            Self::Missing => "31",
            Self::Wrong => "1;31",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Empty => "empty",
            Self::Missing => "missing",
            Self::Wrong => "wrong",
        }
    }
}
