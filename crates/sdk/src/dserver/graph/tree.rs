//! A graph as lines of text.

use std::collections::{BTreeMap, BTreeSet};

use super::{Graph, label};

/// A line that is still to be written: a dataset, what stands before its name, and before the names below it.
struct Line<'g> {
    uuid: &'g str,
    before: String,
    below: String,
}

/// Generations that are written further in; those after them stand below each other, else a long chain of datasets would
/// be the square of its length.
const DEEPEST: usize = 40;

impl Graph {
    /// Lines for people: UUID, day of freezing, creator, and name; below each dataset, further in, those that were derived
    /// from it. `*` marks the one that was asked for. One that was derived from several stands below each; what was
    /// derived from it, only below the first, and `...` says so at the others. From the 40th generation on nobody stands
    /// further in.
    ///
    /// ```
    /// # use whimbrel::dserver::Graph;
    /// # let graph = Graph::default();
    /// for line in graph.to_tree().lines() {
    ///     println!("{line}");
    /// }
    /// ```
    pub fn to_tree(&self) -> String {
        let derived = self.derived();
        let mut rows = vec![["UUID", "FROZEN", "CREATOR", "NAME"].map(str::to_owned)];
        let mut seen = BTreeSet::new();
        let order = label::ordered(self);
        let sources = order.iter().filter(|uuid| self.nodes[**uuid].derived_from.is_empty());
        // In a circle nobody is first: so whoever has not come yet.
        for uuid in sources.chain(&order) {
            if seen.contains(uuid) {
                continue;
            }
            let mut next = vec![Line { uuid, before: String::new(), below: String::new() }];
            while let Some(Line { uuid, before, below }) = next.pop() {
                let children = derived.get(uuid).map(Vec::as_slice).unwrap_or_default();
                let is_first = seen.insert(uuid);
                rows.push(self.row(uuid, &before, !is_first && !children.is_empty()));
                if !is_first {
                    continue;
                }
                for (n, child) in children.iter().enumerate().rev() {
                    let (branch, rest) =
                        if n + 1 == children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                    let before = format!("{below}{branch}");
                    let is_deepest = below.chars().count() >= DEEPEST * rest.chars().count();
                    let below = if is_deepest { below.clone() } else { format!("{below}{rest}") };
                    next.push(Line { uuid: child, before, below });
                }
            }
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let (uuid, frozen, creator) = (width(0), width(1), width(2));
        let line = |[a, b, c, d]: &[String; 4]| format!("{a:uuid$}  {b:frozen$}  {c:creator$}  {d}\n");
        rows.iter().map(line).collect()
    }

    /// The datasets that were derived from each.
    fn derived(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut derived = BTreeMap::<_, Vec<_>>::new();
        for (uuid, from) in self.edges() {
            derived.entry(from).or_default().push(uuid);
        }
        derived
    }

    fn row(&self, uuid: &str, before: &str, goes_on_elsewhere: bool) -> [String; 4] {
        let label = label::of(self, uuid);
        let more = if goes_on_elsewhere { " ..." } else { "" };
        let mark = if label.is_root { " *" } else { "" };
        let name = label.name.unwrap_or_else(|| format!("({})", label::UNKNOWN));
        [label.uuid, label.frozen, label.creator, format!("{before}{name}{more}{mark}")]
    }
}
