//! The provenance of a dataset, as a list or drawn.

use std::{fs, io::IsTerminal as _};

use serde_json::{Value, json};
use whimbrel::{
    Error,
    dserver::{Graph, Node},
};

use super::{
    Session,
    dataset::{find, is_uri},
};
use crate::{
    args::{Drawing, Limit, dserver as args},
    exit::{Done, Failure},
    output::{Column, Output},
};

const NODE: [Column; 6] = [
    ("uuid", "/uuid"),
    ("name", "/name"),
    ("creator", "/creator_username"),
    ("frozen", "/frozen_at"),
    ("derived from", "/derived_from"),
    ("uri", "/uri"),
];

pub(super) async fn run(at: Session<'_>, said: args::Graph) -> Done {
    let drawing = said.drawing();
    if said.out.is_some() && drawing.is_none() {
        return Err(Failure::Usage("--out is for drawings; send this to a file with >".to_owned()));
    }
    if said.out.is_none()
        && std::io::stdout().is_terminal()
        && let Some(name) = drawing.filter(|it| matches!(it, Drawing::Svg | Drawing::Html)).map(extension)
    {
        let message = format!("this {name} is for no terminal: give --out graph.{name}, or send it to a file with >");
        return Err(Failure::Usage(message));
    }
    let uuid = match is_uri(&said.dataset) {
        true => find(&at.client, &said.dataset).await?.uuid,
        false => said.dataset,
    };
    let graph = at.client.graph_by(&uuid, said.keys).await?;
    let text = match drawing {
        Some(Drawing::Dot) => graph.to_dot(),
        Some(Drawing::Mermaid) => graph.to_mermaid(),
        Some(Drawing::Svg) => graph.to_svg(),
        Some(Drawing::Html) => graph.to_html(),
        None if at.output.is_table() => graph.to_tree(),
        None => return rows(at.output, graph).await,
    };
    match said.out {
        None => at.output.document(&text),
        Some(path) => {
            fs::write(&path, text).map_err(|e| Error::io(&path, e))?;
            at.output.note(format!("{}: {} datasets", path.display(), graph.nodes.len()));
            Ok(())
        }
    }
}

fn extension(drawing: Drawing) -> &'static str {
    match drawing {
        Drawing::Dot => "dot",
        Drawing::Mermaid => "mmd",
        Drawing::Svg => "svg",
        Drawing::Html => "html",
    }
}

/// A row a dataset, with the API's names.
async fn rows(output: Output, graph: Graph) -> Done {
    let row = |(uuid, node): (String, Node)| {
        let mut row = node.dataset.map_or_else(|| json!({ "uuid": uuid }), |dataset| json!(dataset));
        row["derived_from"] = json!(node.derived_from);
        row
    };
    let rows: Vec<Value> = graph.nodes.into_iter().map(row).collect();
    output.all(rows, &NODE, Limit::NONE).await
}
