//! The matrix as a page for a browser that needs nothing else: no script, no font, no address to fetch from.

use std::fmt::Write as _;

use whimbrel::printable;

use super::matrix::Matrix;

const STYLE: &str = "
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; } th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; }
thead th { position: sticky; top: 0; background: #f4f4f4; }
td.good { background: #d8f3dc; } td.missing { background: #ffc9c9; } td.wrong { background: #ffa8a8; font-weight: 600; }
td.empty { color: #888; } ul { padding-left: 1.2rem; }
@media (prefers-color-scheme: dark) {
  body { background: #181818; color: #ddd; } thead th { background: #2a2a2a; } th, td { border-color: #444; }
  td.good { background: #1b4332; } td.missing { background: #6b1d1d; } td.wrong { background: #8b1d1d; }
}";

pub(super) fn write(matrix: &Matrix) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Metadata</title>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <style>{STYLE}</style></head><body>\n<h1>Metadata</h1>\n"
    );
    let bad = matrix.rows.iter().filter(|row| !row.findings.is_empty()).count();
    add(
        &mut page,
        format_args!(
            "<p>{} files, {bad} of them with gaps or mistakes.</p>\n<table><thead><tr><th>File</th>",
            matrix.rows.len()
        ),
    );
    for field in &matrix.fields {
        add(&mut page, format_args!("<th>{}</th>", escape(field)));
    }
    page.push_str("</tr></thead><tbody>\n");
    for row in &matrix.rows {
        add(&mut page, format_args!("<tr><th>{}</th>", escape(&row.file)));
        for (field, cell) in matrix.fields.iter().zip(&row.cells) {
            let why: Vec<_> = row
                .findings
                .iter()
                .filter(|it| it.field.as_ref() == Some(field))
                .map(|it| it.message.clone())
                .collect();
            let word = cell.word();
            add(&mut page, format_args!("<td class=\"{word}\" title=\"{}\">{word}</td>", escape(&why.join("; "))));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table>\n<ul>\n");
    for finding in matrix.rows.iter().flat_map(|row| &row.findings) {
        add(&mut page, format_args!("<li>{}</li>\n", escape(&finding.to_string())));
    }
    for left in &matrix.left {
        add(&mut page, format_args!("<li>{}</li>\n", escape(&left.to_string())));
    }
    page.push_str("</ul></body></html>\n");
    page
}

fn add(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("memory takes it");
}

fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
