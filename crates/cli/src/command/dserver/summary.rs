use std::collections::BTreeMap;

use serde_json::{Value, json};
use whimbrel::dserver::Summary;

use super::Session;
use crate::{args::Limit, exit::Done, output::Column};

const COUNT: [Column; 4] = [("by", "/by"), ("name", "/name"), ("datasets", "/datasets"), ("size", "/size_in_bytes")];

pub(super) async fn run(at: Session<'_>, user: Option<String>) -> Done {
    let summary = match user {
        Some(user) => at.client.summary_of(&user).await?,
        None => at.client.summary().await?,
    };
    if !at.output.is_table() {
        return at.output.thing(summary);
    }
    let Summary { number_of_datasets, total_size_in_bytes, .. } = summary;
    let count = |by: &str, name: &str, datasets: u64, bytes: Option<u64>| json!({ "by": by, "name": name, "datasets": datasets, "size_in_bytes": bytes.map(|bytes| at.output.size(bytes)) });
    let mut rows = vec![count("all", "", number_of_datasets, Some(total_size_in_bytes))];
    let mut by = |what: &str, datasets: &BTreeMap<String, u64>, bytes: &BTreeMap<String, u64>| {
        rows.extend(datasets.iter().map(|(name, n)| count(what, name, *n, bytes.get(name).copied())));
    };
    by("creator", &summary.datasets_per_creator, &summary.size_in_bytes_per_creator);
    by("base uri", &summary.datasets_per_base_uri, &summary.size_in_bytes_per_base_uri);
    by("tag", &summary.datasets_per_tag, &summary.size_in_bytes_per_tag);
    at.output.all::<Value>(rows, &COUNT, Limit::NONE).await
}
