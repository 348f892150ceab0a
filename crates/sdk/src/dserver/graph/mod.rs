//! Where datasets come from: the provenance graph, and its drawings, one form a file.

mod dot;
mod html;
mod label;
mod layout;
mod mermaid;
mod svg;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use raw::dserver::{operations as op, types::DependencyKeys};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Dataset, Feature, List, list, query::row};
use crate::{Error, Page, Paged as _, Result, error::call};

/// The datasets from which one was derived, those derived from it, and so on: all that are connected with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The UUID of the dataset that was asked for.
    pub root: String,
    /// Each dataset by UUID, sorted; a dataset of several copies once.
    pub nodes: BTreeMap<String, Node>,
}

/// A dataset in a [`Graph`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// What the server told of it; none of a dataset that others name and that is not registered, or not for this user.
    pub dataset: Option<Dataset>,
    /// The UUIDs of the datasets from which it was derived; all are among the nodes.
    pub derived_from: BTreeSet<String>,
}

impl Graph {
    /// Every edge: a dataset, and one that it was derived from.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().flat_map(|(uuid, node)| node.derived_from.iter().map(move |from| (&**uuid, &**from)))
    }

    /// Puts rows together. A dataset with several copies has a row each.
    fn new(root: &str, rows: Vec<Dataset>) -> Self {
        let mut nodes = BTreeMap::<String, Node>::new();
        for mut dataset in rows {
            let named = dataset.other.shift_remove("derived_from");
            let named = named.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let named: Vec<String> = named.map(str::to_owned).collect();
            for other in &named {
                nodes.entry(other.clone()).or_default();
            }
            let node = nodes.entry(dataset.uuid.clone()).or_default();
            node.derived_from.extend(named);
            node.dataset.get_or_insert(dataset);
        }
        Self { root: root.to_owned(), nodes }
    }
}

/// The rows of a page that are datasets: of a UUID that it does not know, the server gives one row without any.
fn datasets(page: Page<Map<String, Value>>) -> Result<Page<Dataset>> {
    let (all, more) = (page.items.len(), page.more);
    let known = page.items.into_iter().filter(|row| row.get("uuid").is_some_and(Value::is_string));
    let items = known.map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page { total: page.total.filter(|_| items.len() == all), items, more })
}

impl Client {
    /// The provenance graph of a dataset, by the keys that the server is set up with (most often
    /// `readme.derived_from.uuid`).
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if the user can see no dataset of this UUID, or the server has no
    /// [`Feature::Graph`].
    pub async fn graph(&self, uuid: &str) -> Result<Graph> {
        self.graph_by::<String>(uuid, []).await
    }

    /// The same by keys of one's own: where in a dataset's document the UUIDs of other datasets stand, such as
    /// `annotations.source_dataset_uuid`. Without any, by the server's.
    pub async fn graph_by<K: Into<String>>(&self, uuid: &str, keys: impl IntoIterator<Item = K>) -> Result<Graph> {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        let (client, asked) = (self.clone(), uuid.to_owned());
        let rows = List::new(
            |dataset: &Dataset| Some(&dataset.uri),
            move |n| {
                let (client, uuid, keys) = (client.clone(), asked.clone(), keys.clone());
                async move {
                    let answer = if keys.is_empty() {
                        let sent = client.raw.get_graph().uuid(uuid).page(i64::from(n)).page_size(list::PAGE_SIZE);
                        call(&op::GET_GRAPH, sent.send()).await
                    } else {
                        let body = DependencyKeys { dependency_keys: Some(keys) };
                        let sent = client.raw.query_graph().uuid(uuid).page(i64::from(n)).page_size(list::PAGE_SIZE);
                        call(&op::QUERY_GRAPH, sent.body(body).send()).await
                    };
                    let answer = client.offered(Feature::Graph, answer).await;
                    datasets(list::page(n, answer, Ok)?)
                }
            },
        );
        let rows: Vec<Dataset> = rows.stream().try_collect().await.map_err(|e| e.about(uuid))?;
        if rows.is_empty() {
            return Err(Error::not_found("no dataset of this UUID is registered, or none that you can see").about(uuid));
        }
        Ok(Graph::new(uuid, rows))
    }
}

#[cfg(test)]
mod drawings;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(rows: Value) -> Page<Map<String, Value>> {
        let items: Vec<Map<String, Value>> = serde_json::from_value(rows).unwrap();
        Page { total: Some(items.len() as u64), items, more: false }
    }

    fn dataset(uuid: &str, copy: u32, from: &[&str]) -> Value {
        json!({ "uri": format!("s3://b{copy}/{uuid}"), "uuid": uuid, "name": uuid, "creator_username": "c", "derived_from": from })
    }

    #[test]
    fn copies_are_one_node_and_what_is_named_is_there() {
        let rows = json!([dataset("b", 1, &["a"]), dataset("b", 2, &["a", "x"]), dataset("a", 1, &["b"])]);
        let graph = Graph::new("b", datasets(page(rows)).unwrap().items);
        assert_eq!(graph.nodes.keys().collect::<Vec<_>>(), ["a", "b", "x"]);
        assert_eq!(graph.edges().collect::<Vec<_>>(), [("a", "b"), ("b", "a"), ("b", "x")], "a circle is no trouble");
        assert!(graph.nodes["x"].dataset.is_none());
        assert!(!graph.nodes["b"].dataset.as_ref().unwrap().other.contains_key("derived_from"));
    }

    #[test]
    fn a_uuid_that_the_server_does_not_know_is_no_dataset() {
        let page = datasets(page(json!([{ "derived_from": [], "uuid": null }]))).unwrap();
        assert!(page.items.is_empty() && page.total.is_none());
    }
}
