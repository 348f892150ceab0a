//! A graph as text for Graphviz.

use std::fmt::Write as _;

use super::{Graph, label};

impl Graph {
    /// A text in Graphviz' DOT: `dot -Tpdf graph.dot > graph.pdf`. An arrow goes from a dataset to one that was derived
    /// from it.
    ///
    /// ```
    /// assert!(whimbrel::dserver::Graph::default().to_dot().starts_with("digraph"));
    /// ```
    pub fn to_dot(&self) -> String {
        let mut dot = "digraph provenance {\n  node [shape=box style=rounded fontname=\"sans-serif\"];\n".to_owned();
        for uuid in self.nodes.keys() {
            let label = label::of(self, uuid);
            let mut lines = vec![label.name.unwrap_or_else(|| label::UNKNOWN.to_owned()), label.short];
            lines.extend([label.creator, label.frozen].into_iter().filter(|it| !it.is_empty()));
            let text = lines.iter().map(|line| quoted(line)).collect::<Vec<_>>().join("\\n");
            let style = match self.nodes[uuid].dataset {
                None => " style=\"rounded,dashed\"",
                Some(_) if label.is_root => " penwidth=3",
                Some(_) => "",
            };
            let id = quoted(&label.uuid);
            // To a `String`, which takes everything.
            let _ = writeln!(dot, "  \"{id}\" [label=\"{text}\" tooltip=\"{id}\"{style}];");
        }
        for (uuid, from) in self.edges() {
            let _ = writeln!(dot, "  \"{}\" -> \"{}\";", quoted(&label::clean(from)), quoted(&label::clean(uuid)));
        }
        dot.push_str("}\n");
        dot
    }
}

/// What stands between quotes. In labels Graphviz reads `\N` and entities such as `&lt;` too.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
