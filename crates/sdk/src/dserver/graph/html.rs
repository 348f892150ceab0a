//! A graph as a page.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use super::{
    Graph, Node,
    label::{self, markup},
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Graph {
    /// A page that needs nothing else and asks nobody for anything: the [picture](Self::to_svg), which can be moved and
    /// enlarged; what is known of each dataset, at a click on it; and all of them in a table. Without scripts it can do the
    /// same, but for moving and enlarging.
    ///
    /// Its policy lets a browser run nothing but its own script, whatever the names in it say.
    ///
    /// ```
    /// assert!(whimbrel::dserver::Graph::default().to_html().starts_with("<!doctype html>"));
    /// ```
    pub fn to_html(&self) -> String {
        let order = label::ordered(self);
        let number: BTreeMap<&str, usize> = order.iter().enumerate().map(|(n, uuid)| (*uuid, n)).collect();
        let mut derived = BTreeMap::<&str, Vec<&str>>::new();
        for (uuid, from) in self.edges() {
            derived.entry(from).or_default().push(uuid);
        }
        let (mut details, mut rows) = (String::new(), String::new());
        for (n, uuid) in order.iter().enumerate() {
            let links = |uuids: &mut dyn Iterator<Item = &str>| {
                let links: Vec<_> = uuids.map(|uuid| self.link(uuid, number[uuid])).collect();
                links.join(", ")
            };
            let node = &self.nodes[*uuid];
            let from = links(&mut node.derived_from.iter().map(String::as_str));
            let of = links(&mut derived.get(uuid).into_iter().flatten().copied());
            self.add_details(&mut details, n, uuid, node, [&from, &of]);
            self.add_row(&mut rows, n, uuid, node, &from);
        }
        // Nobody who writes a name can know it: it depends on the name.
        let nonce = blake3::hash(format!("{details}{rows}").as_bytes()).to_hex();
        let picture = self.draw(&format!(" nonce=\"{nonce}\""), |n| Some(format!("#d{n}")));
        let title = markup(&format!("Provenance of {}", label::of(self, &self.root).title()));
        let counts = format!("{} datasets, {} derivations", order.len(), self.edges().count());
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-{nonce}'; \
             script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'\">\n\
             <style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n<p>{counts}</p>\n\
             </header>\n<main>\n<div class=\"picture\">\n{picture}\n<div class=\"tools\" hidden>\
             <button title=\"larger\">+</button><button title=\"smaller\">−</button><button>all</button></div>\n</div>\n\
             <div class=\"details\">\n<p class=\"hint\">Click on a dataset to see what is known of it. Drag the picture to \
             move it; Ctrl and the wheel make it larger.</p>\n{details}</div>\n</main>\n<div class=\"all\">\n<table>\n\
             <thead><tr><th>Name</th><th>UUID</th><th>Creator</th><th>Frozen</th><th class=\"number\">Items</th>\
             <th class=\"number\">Bytes</th><th>Derived from</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n\
             <script nonce=\"{nonce}\">\n{SCRIPT}</script>\n</body>\n</html>\n"
        )
    }

    fn link(&self, uuid: &str, n: usize) -> String {
        format!("<a href=\"#d{n}\">{}</a>", markup(label::of(self, uuid).title()))
    }

    fn add_details(&self, page: &mut String, n: usize, uuid: &str, node: &Node, [from, of]: [&str; 2]) {
        let label = label::of(self, uuid);
        // To a `String`, which takes everything; so below.
        let _ = writeln!(page, "<article id=\"d{n}\"><h2>{}</h2>", markup(label.title()));
        let mut known = match &node.dataset {
            None => vec![("uuid", label.uuid.clone()), ("known", label::UNKNOWN.to_owned())],
            Some(it) => {
                let time = |it: Option<jiff::Timestamp>| it.map(|it| it.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
                let count = |it: Option<u64>| it.map(|it| it.to_string());
                let base_uri = it.base_uri.as_deref().unwrap_or_default();
                let texts =
                    [("uuid", &*it.uuid), ("uri", &it.uri), ("base uri", base_uri), ("creator", &it.creator_username)];
                let told = [
                    ("created", time(it.created_at)),
                    ("frozen", time(it.frozen_at)),
                    ("items", count(it.number_of_items)),
                    ("bytes", count(it.size_in_bytes)),
                ];
                let texts = texts.map(|(name, text)| (name, label::clean(text)));
                let other = it.other.iter().map(|(name, value)| (&**name, label::clean(&plain(value))));
                texts
                    .into_iter()
                    .chain(told.into_iter().map(|(name, it)| (name, it.unwrap_or_default())))
                    .chain(other)
                    .collect()
            }
        };
        known.retain(|(_, text)| !text.is_empty());
        page.push_str("<dl>");
        for (name, text) in known {
            let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", markup(&label::clean(name)), markup(&text));
        }
        for (name, links) in [("derived from", from), ("from it were derived", of)] {
            if !links.is_empty() {
                let _ = write!(page, "<dt>{name}</dt><dd>{links}</dd>");
            }
        }
        page.push_str("</dl></article>\n");
    }

    fn add_row(&self, page: &mut String, n: usize, uuid: &str, node: &Node, from: &str) {
        let label = label::of(self, uuid);
        let class = if label.is_root { " class=\"root\"" } else { "" };
        let count = |it: Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
        let _ = writeln!(
            page,
            "<tr{class}><td>{}</td><td class=\"uuid\">{}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td>{from}</td></tr>",
            self.link(uuid, n),
            markup(&label.uuid),
            markup(&label.creator),
            markup(&label.frozen),
            count(node.dataset.as_ref().and_then(|it| it.number_of_items)),
            count(node.dataset.as_ref().and_then(|it| it.size_in_bytes)),
        );
    }
}

/// A value as people read it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
