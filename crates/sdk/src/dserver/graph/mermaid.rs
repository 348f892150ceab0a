//! A graph as text for Mermaid.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Graph, label};

impl Graph {
    /// A text for Mermaid, which GitLab, GitHub and many wikis draw in Markdown. An arrow goes from a dataset to one that
    /// was derived from it.
    ///
    /// Mermaid itself refuses texts of more than 50,000 characters and graphs of more than 500 arrows, unless it is set
    /// up otherwise.
    ///
    /// ```
    /// assert!(whimbrel::dserver::Graph::default().to_mermaid().starts_with("flowchart TD"));
    /// ```
    pub fn to_mermaid(&self) -> String {
        let mut text = "flowchart TD\n".to_owned();
        // Names of our own: a UUID may be any text.
        let ids: BTreeMap<&str, usize> = self.nodes.keys().enumerate().map(|(n, uuid)| (&**uuid, n)).collect();
        for (uuid, n) in &ids {
            let label = label::of(self, uuid);
            let class = match label.name {
                None => ":::unknown",
                Some(_) if label.is_root => ":::root",
                Some(_) => "",
            };
            let name = label.name.unwrap_or_else(|| label::UNKNOWN.to_owned());
            let mut lines = vec![escaped(&name), escaped(&label.short)];
            lines.extend([label.creator, label.frozen].iter().filter(|it| !it.is_empty()).map(|it| escaped(it)));
            // To a `String`, which takes everything.
            let _ = writeln!(text, "  n{n}[\"{}\"]{class}", lines.join("<br/>"));
        }
        for (uuid, from) in self.edges() {
            let _ = writeln!(text, "  n{} --> n{}", ids[from], ids[uuid]);
        }
        text.push_str("  classDef root stroke-width:4px\n  classDef unknown stroke-dasharray:5 5\n");
        text
    }
}

/// Mermaid takes a letter by its number; so whatever may mean something to it, to Markdown or to HTML is written so.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii_punctuation() && !matches!(c, '-' | '.' | ',' | '/') {
            true => escaped.push_str(&format!("#{};", u32::from(c))),
            false => escaped.push(c),
        }
    }
    escaped
}
