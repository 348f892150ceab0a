//! Where datasets come from: all that hang together by the UUIDs that they name as their sources, whichever way.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    datasets::texts,
    input::{self, Field, Kind},
    mongo::follow,
    page::{Page, PastTheEnd},
    state::Dataset,
};

static KEYS: [Field; 1] = [Field::new("dependency_keys", Kind::List(&Kind::Text))];

/// Where a dataset names its sources, unless told otherwise.
const DEFAULT_KEYS: [&str; 2] = ["readme.derived_from.uuid", "annotations.source_dataset_uuid"];

impl Service {
    pub(super) fn graph(&self, ask: &Ask) -> Refused {
        let keys = if ask.id == "query_graph" { input::body(ask, &KEYS)?.remove("dependency_keys") } else { None };
        let keys = keys.map_or_else(|| DEFAULT_KEYS.map(str::to_owned).to_vec(), |it| texts(&it));
        let page = Page::of(ask)?;
        let user = self.identity(ask)?;
        let state = self.state();
        if state.user(&user).is_none() {
            return Err(problem(StatusCode::UNAUTHORIZED));
        }
        let distinct: BTreeSet<&String> = keys.iter().collect();
        if keys.is_empty() || keys.iter().any(|it| it.is_empty() || it.contains('$')) || distinct.len() < keys.len() {
            return Err(answer::message(StatusCode::BAD_REQUEST, "Keys must be distinct paths without a $."));
        }
        if state.searchable(&user).is_empty() {
            return Ok(page.answer(&[], PastTheEnd::Empty, Value::clone));
        }
        // The graph is made of all datasets, what is told of it of those that the user can see.
        let all: Vec<(&Dataset, Vec<String>)> = state.datasets.iter().map(|it| (it, sources(it, &keys))).collect();
        let mut neighbours: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (dataset, sources) in &all {
            for source in sources.iter().filter(|it| is_version_4(it)) {
                neighbours.entry(&dataset.uuid).or_default().insert(source);
                neighbours.entry(source).or_default().insert(&dataset.uuid);
            }
        }
        let mut seen: Vec<(&Dataset, &Vec<String>)> = vec![];
        let visible: Vec<&str> = state.seen_by(&user).map(|it| it.uuid.as_str()).collect();
        let reached = match visible.contains(&ask.path("uuid")) && is_version_4(ask.path("uuid")) {
            true => reachable(ask.path("uuid"), &neighbours),
            false => BTreeSet::new(),
        };
        let allowed = state.searchable(&user);
        for (dataset, sources) in &all {
            // There is one row of a UUID, wherever its datasets lie.
            let is_told = seen.iter().any(|(it, _)| it.uuid == dataset.uuid);
            if reached.contains(dataset.uuid.as_str()) && allowed.contains(&dataset.base_uri.as_str()) && !is_told {
                seen.push((dataset, sources));
            }
        }
        seen.sort_by(|(a, _), (b, _)| a.uuid.cmp(&b.uuid));
        let mut rows: Vec<Value> = seen
            .into_iter()
            .map(|(dataset, sources)| {
                let mut row = dataset.query_row();
                row["derived_from"] = json!(sources);
                row
            })
            .collect();
        if rows.is_empty() {
            // What the pipeline makes of nothing.
            rows.push(json!({ "derived_from": [], "uuid": null }));
        }
        Ok(page.answer(&rows, PastTheEnd::Empty, Value::clone))
    }
}

/// What a dataset names under these keys.
fn sources(dataset: &Dataset, keys: &[String]) -> Vec<String> {
    let document = dataset.document();
    let mut found = vec![];
    for key in keys {
        follow(&document, key, &mut found);
    }
    let items = found.into_iter().flat_map(|it| match it {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    });
    items.filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

fn reachable<'g>(from: &'g str, neighbours: &BTreeMap<&'g str, BTreeSet<&'g str>>) -> BTreeSet<&'g str> {
    let (mut reached, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(uuid) = next.pop() {
        for neighbour in neighbours.get(uuid).into_iter().flatten() {
            if reached.insert(neighbour) {
                next.push(neighbour);
            }
        }
    }
    reached
}

/// Others are no nodes of a graph.
fn is_version_4(uuid: &str) -> bool {
    let bytes = uuid.as_bytes();
    crate::document::is_uuid(uuid) && bytes[14] == b'4' && b"89abAB".contains(&bytes[19])
}
