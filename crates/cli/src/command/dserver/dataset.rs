//! Datasets as the server lists them.

use futures::{Stream, TryStreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::{
    Paged, Result,
    dserver::{Client, Dataset, Search},
};

use super::Session;
use crate::{
    args::{Limit, dserver as args},
    exit::{Done, Failure},
    output::{Column, Output},
    shown::wanted,
};

const DATASET: [Column; 7] = [
    ("name", "/name"),
    ("uuid", "/uuid"),
    ("creator", "/creator_username"),
    ("size", "/size_in_bytes"),
    ("items", "/number_of_items"),
    ("frozen", "/frozen_at"),
    ("uri", "/uri"),
];

pub(super) async fn search(at: Session<'_>, said: args::Search) -> Done {
    // What was quoted for the shell is no phrase by that.
    let mut search = at.client.search().words(&said.words.join(" "))?;
    search = said.tag.into_iter().fold(search, Search::tag);
    search = said.creator.into_iter().fold(search, Search::creator);
    search = said.base_uri.into_iter().fold(search, Search::base_uri);
    search = said.uuid.into_iter().fold(search, Search::uuid);
    search = said.sort.into_iter().fold(search, Search::sort);
    list(at.output, search, said.limit).await
}

pub(super) async fn show(at: Session<'_>, dataset: &str) -> Done {
    let dataset = find(&at.client, dataset).await?;
    let mut shown = json!(&dataset);
    if at.output.is_table() {
        for (field, time) in [("created_at", dataset.created_at), ("frozen_at", dataset.frozen_at)] {
            shown[field] = time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).into();
        }
        shown["size_in_bytes"] = dataset.size_in_bytes.map(|bytes| at.output.size(bytes)).into();
    }
    at.output.thing(shown)
}

pub(super) async fn lookup(at: Session<'_>, uuid: &str) -> Done {
    let found = at.client.lookup(uuid).await?;
    let items = shown(&at.output, stream::iter(found.into_iter().map(Ok)));
    at.output.rows(items, &DATASET, Limit::NONE).await
}

/// A list that comes in pages.
pub(super) async fn list(output: Output, list: impl Paged<Item = Dataset>, limit: Limit) -> Done {
    let (items, total) = wanted(list, limit).await?;
    let items = shown(&output, items);
    output.counted(items, &DATASET, limit, total).await
}

/// Datasets for people with units and dates; else with the API's own numbers.
fn shown<'o>(
    output: &Output,
    datasets: impl Stream<Item = Result<Dataset>> + 'o,
) -> impl Stream<Item = Done<Value>> + 'o {
    let is_table = output.is_table();
    datasets.map_err(Failure::from).map_ok(move |dataset| {
        let mut shown = json!(&dataset);
        if is_table {
            shown["frozen_at"] = date(&dataset).into();
            shown["size_in_bytes"] = dataset.size_in_bytes.map(Output::human).into();
        }
        shown
    })
}

/// The day on which it was frozen, in UTC.
pub(super) fn date(dataset: &Dataset) -> Option<String> {
    dataset.frozen_at.map(|time| time.strftime("%Y-%m-%d").to_string())
}

/// A dataset by its URI, or by its UUID if it lies at one place only. One request.
pub(super) async fn find(client: &Client, dataset: &str) -> Done<Dataset> {
    if is_uri(dataset) {
        return Ok(client.dataset(dataset).await?);
    }
    let mut found = client.lookup(dataset).await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        n => {
            let uris: Vec<_> = found.into_iter().map(|it| it.uri).collect();
            Err(Failure::Usage(format!("{dataset} lies at {n} places; name one: {}", uris.join(", "))))
        }
    }
}

/// Whether this is a URI and no UUID.
pub(super) fn is_uri(dataset: &str) -> bool {
    dataset.contains(':')
}
