//! The drawings.

use std::time::Instant;

use serde_json::json;

use super::*;

/// Datasets by name, each with those that it was derived from. One that no one draws is not known.
fn graph(root: &str, nodes: &[(&str, &[&str])]) -> Graph {
    let rows = nodes.iter().map(|(name, from)| {
        let row = json!({
            "uri": format!("s3://bucket/{name}"), "uuid": name, "name": format!("the {name}"), "creator_username": "ada",
            "frozen_at": 1_795_257_297.5, "number_of_items": 3, "size_in_bytes": 2048, "derived_from": from, "tags": ["x", "y"],
        });
        serde_json::from_value(row).unwrap()
    });
    Graph::new(root, rows.collect())
}

/// Two sources, of which one is not known; a diamond; a circle; an arrow over two layers; one to itself.
fn small() -> Graph {
    graph(
        "fit",
        &[
            ("raw", &[]),
            ("clean", &["raw", "calibration"]),
            ("mesh", &["raw"]),
            ("fit", &["clean", "mesh", "raw"]),
            ("paper", &["fit", "paper"]),
            ("again", &["fit", "next"]),
            ("next", &["again"]),
        ],
    )
}

#[test]
fn a_graph_is_drawn_in_each_form() {
    let graph = small();
    insta::assert_snapshot!("small_tree", graph.to_tree());
    insta::assert_snapshot!("small_dot", graph.to_dot());
    insta::assert_snapshot!("small_mermaid", graph.to_mermaid());
    insta::assert_snapshot!("small_svg", graph.to_svg());
}
