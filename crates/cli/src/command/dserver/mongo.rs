//! Questions to the server's MongoDB.

use std::path::Path;

use futures::TryStreamExt as _;
use serde_json::Value;
use whimbrel::{Error, Paged as _};

use super::{Session, dataset};
use crate::{
    args::Limit,
    exit::{Done, Failure},
};

pub(super) async fn query(at: Session<'_>, query: &str, limit: Limit) -> Done {
    let query = json(&at, "query", query).await?;
    dataset::list(at.output, at.client.query(query)?, limit).await
}

pub(super) async fn aggregate(at: Session<'_>, stages: &str, limit: Limit) -> Done {
    let stages = match json(&at, "pipeline", stages).await? {
        Value::Array(stages) => stages,
        stage => vec![stage],
    };
    let rows = at.client.aggregate(stages)?.stream();
    at.output.any(rows.map_err(Failure::from), limit).await
}

/// JSON from the command line, from `@FILE`, or from the standard input (`-`).
async fn json(at: &Session<'_>, what: &str, said: &str) -> Done<Value> {
    let (from, text) = match said.strip_prefix('@').or((said == "-").then_some("-")) {
        Some(file) => (format!("{what} in {file}"), at.text(Path::new(file)).await?),
        None => (what.to_owned(), said.to_owned()),
    };
    serde_json::from_str(&text).map_err(|e| {
        let error = Error::invalid(format!("it is no JSON: {e}")).about(from);
        // A shell took the quotes away.
        let unquoted = text == said && text.contains('{') && !text.contains('"');
        if unquoted { error.hint("put single quotes around all of it: '{\"name\": \"n\"}'") } else { error }.into()
    })
}
