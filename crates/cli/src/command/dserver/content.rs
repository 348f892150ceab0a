//! What is known of datasets: of one, or of many at once.

use std::collections::{HashMap, HashSet};

use futures::{Stream, StreamExt as _, stream};
use serde_json::{Map, Value, json};
use whimbrel::{
    Error, Kind, Result,
    dserver::{Client, Manifest, Readme},
    printable,
};

use super::{
    Session,
    dataset::{find, is_uri},
};
use crate::{
    args::{Limit, dserver::Datasets},
    exit::Done,
    output::{Column, Output},
};

/// UUIDs that are looked up at once.
const LOOKUPS: usize = 8;

/// Something that the server knows of a dataset, and how it is printed.
pub(super) trait Known: Sized {
    /// Of tables and CSV; of many datasets the URI comes first.
    const COLUMNS: &[Column];

    async fn of(client: &Client, uri: &str) -> Result<Self>;

    fn of_many(client: &Client, uris: Vec<String>) -> impl Stream<Item = (String, Result<Self>)> + Send + Unpin;

    /// For programs.
    fn shown(self, uri: &str) -> Value;

    /// For tables and CSV.
    fn rows(self, output: &Output) -> Vec<Value>;

    /// For people, where a table would spoil it.
    fn text(&self) -> Option<&str> {
        None
    }
}

impl Known for Readme {
    const COLUMNS: &[Column] = &[("readme", "/readme")];

    async fn of(client: &Client, uri: &str) -> Result<Self> {
        client.readme(uri).await
    }

    fn of_many(client: &Client, uris: Vec<String>) -> impl Stream<Item = (String, Result<Self>)> + Send + Unpin {
        client.readmes(uris)
    }

    fn shown(self, uri: &str) -> Value {
        let data = self.yaml().ok();
        json!({ "uri": uri, "readme": self.text, "data": data })
    }

    fn rows(self, _: &Output) -> Vec<Value> {
        vec![json!({ "readme": self.text })]
    }

    fn text(&self) -> Option<&str> {
        Some(&self.text)
    }
}

impl Known for Manifest {
    const COLUMNS: &[Column] =
        &[("path", "/relpath"), ("size", "/size_in_bytes"), ("hash", "/hash"), ("id", "/identifier")];

    async fn of(client: &Client, uri: &str) -> Result<Self> {
        client.manifest(uri).await
    }

    fn of_many(client: &Client, uris: Vec<String>) -> impl Stream<Item = (String, Result<Self>)> + Send + Unpin {
        client.manifests(uris)
    }

    fn shown(self, uri: &str) -> Value {
        with_uri(uri, json!(self))
    }

    fn rows(self, output: &Output) -> Vec<Value> {
        let mut items: Vec<_> = self.items.into_iter().collect();
        items.sort_by(|(_, a), (_, b)| a.relpath.cmp(&b.relpath));
        let row = |(identifier, item): (String, whimbrel::dserver::Item)| {
            let size = output.size(item.size_in_bytes);
            json!({ "relpath": item.relpath, "size_in_bytes": size, "hash": item.hash, "identifier": identifier })
        };
        items.into_iter().map(row).collect()
    }
}

/// The tags of a dataset.
pub(super) struct Tags(Vec<String>);

impl Known for Tags {
    const COLUMNS: &[Column] = &[("tag", "/tag")];

    async fn of(client: &Client, uri: &str) -> Result<Self> {
        client.tags(uri).await.map(Self)
    }

    fn of_many(client: &Client, uris: Vec<String>) -> impl Stream<Item = (String, Result<Self>)> + Send + Unpin {
        client.tags_of_many(uris).map(|(uri, tags)| (uri, tags.map(Self)))
    }

    fn shown(self, uri: &str) -> Value {
        json!({ "uri": uri, "tags": self.0 })
    }

    fn rows(self, _: &Output) -> Vec<Value> {
        self.0.into_iter().map(|tag| json!({ "tag": tag })).collect()
    }
}

/// The annotations of a dataset.
pub(super) struct Annotations(Map<String, Value>);

impl Known for Annotations {
    const COLUMNS: &[Column] = &[("name", "/name"), ("value", "/value")];

    async fn of(client: &Client, uri: &str) -> Result<Self> {
        client.annotations(uri).await.map(Self)
    }

    fn of_many(client: &Client, uris: Vec<String>) -> impl Stream<Item = (String, Result<Self>)> + Send + Unpin {
        client.annotations_of_many(uris).map(|(uri, annotations)| (uri, annotations.map(Self)))
    }

    fn shown(self, uri: &str) -> Value {
        json!({ "uri": uri, "annotations": self.0 })
    }

    fn rows(self, _: &Output) -> Vec<Value> {
        self.0.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    }
}

fn with_uri(uri: &str, known: Value) -> Value {
    let mut shown = Map::from_iter([("uri".to_owned(), json!(uri))]);
    if let Value::Object(fields) = known {
        shown.extend(fields);
    }
    Value::Object(shown)
}

/// Of one dataset its own form; of many a list, in which each is told apart by its URI.
pub(super) async fn run<K: Known>(at: Session<'_>, asked: Datasets) -> Done {
    if let (None, [name]) = (&asked.from, &asked.datasets[..]) {
        let Session { client, output, .. } = at;
        let uri = uri(&client, name).await?;
        let known = K::of(&client, &uri).await?;
        if !output.has_columns() {
            return output.thing(known.shown(&uri));
        }
        return match known.text().filter(|_| output.is_table()).map(ended_line) {
            Some(text) => output.document(&text),
            None => {
                let rows = known.rows(&output);
                output.all(rows, K::COLUMNS, Limit::NONE).await
            }
        };
    }
    let names = names(&at, asked).await?;
    let Session { client, output, .. } = at;
    let mut failed = 0;
    let mut tell = |error: &dyn std::fmt::Display| {
        failed += 1;
        eprintln!("whimbrel: {error}");
    };
    let all = names.len();
    let uris = uris(&client, names, &mut tell).await;
    let place: HashMap<String, usize> = uris.iter().enumerate().map(|(n, uri)| (uri.clone(), n)).collect();
    let known = K::of_many(&client, uris).filter_map(|(uri, known)| {
        let known = known.map_err(|error| tell(&error)).ok();
        std::future::ready(known.map(|known| (uri, known)))
    });
    if output.is_lines() {
        output.rows(known.map(|(uri, known)| Ok(known.shown(&uri))), &[], Limit::NONE).await?;
    } else {
        let mut known: Vec<_> = known.collect().await;
        known.sort_by_key(|(uri, _)| place.get(uri).copied());
        show(output, known).await?;
    }
    match failed {
        0 => Ok(()),
        _ => Err(Error::new(Kind::Partial, format!("{failed} of {all} failed")).into()),
    }
}

/// All of many, in the order in which they were asked for.
async fn show<K: Known>(output: Output, all: Vec<(String, K)>) -> Done {
    if !output.has_columns() {
        let all: Vec<Value> = all.into_iter().map(|(uri, known)| known.shown(&uri)).collect();
        return output.all(all, &[], Limit::NONE).await;
    }
    if output.is_table() && all.iter().any(|(_, known)| known.text().is_some()) {
        // Documents of one YAML stream, each below the URI that it belongs to.
        let one = |(uri, known): &(String, K)| {
            format!("--- # {}\n{}", printable(uri), ended_line(known.text().unwrap_or_default()))
        };
        return output.document(&all.iter().map(one).collect::<String>());
    }
    let columns: Vec<Column> = [("uri", "/uri")].into_iter().chain(K::COLUMNS.iter().copied()).collect();
    let mut rows = vec![];
    for (uri, known) in all {
        rows.extend(known.rows(&output).into_iter().map(|row| with_uri(&uri, row)));
    }
    output.all(rows, &columns, Limit::NONE).await
}

fn ended_line(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

/// Each dataset that is named, once, in the order given.
async fn names(at: &Session<'_>, asked: Datasets) -> Done<Vec<String>> {
    let mut names = asked.datasets;
    if let Some(path) = &asked.from {
        let text = at.text(path).await?;
        names.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

async fn uri(client: &Client, name: &str) -> Done<String> {
    if is_uri(name) { Ok(name.to_owned()) } else { Ok(find(client, name).await?.uri) }
}

/// Where they are. One that can't be found is told and left out.
async fn uris(client: &Client, names: Vec<String>, tell: &mut impl FnMut(&dyn std::fmt::Display)) -> Vec<String> {
    let found = stream::iter(names).map(|name| async move { uri(client, &name).await });
    let found = found.buffered(LOOKUPS).filter_map(|uri| std::future::ready(uri.map_err(|error| tell(&error)).ok()));
    let mut uris: Vec<String> = found.collect().await;
    let mut seen = HashSet::new();
    uris.retain(|uri| seen.insert(uri.clone()));
    uris
}
