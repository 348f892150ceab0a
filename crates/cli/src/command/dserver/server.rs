//! The server itself.

use serde_json::{Value, json};
use whimbrel::dserver::Feature;

use super::Session;
use crate::{args::Limit, exit::Done, output::Column};

const FEATURE: [Column; 4] =
    [("feature", "/feature"), ("offered", "/offered"), ("what", "/what"), ("why not", "/why_not")];
const VERSION: [Column; 2] = [("name", "/name"), ("version", "/version")];

pub(super) async fn features(at: Session<'_>) -> Done {
    let features = at.client.features().await?;
    let rows = Feature::ALL.into_iter().map(|feature| {
        let why_not = features.why_not(feature);
        let offered = match at.output.is_table() {
            true => json!(if why_not.is_none() { "yes" } else { "no" }),
            false => json!(why_not.is_none()),
        };
        json!({ "feature": feature, "offered": offered, "what": feature.to_string(), "why_not": why_not })
    });
    let rows: Vec<Value> = rows.collect();
    at.output.all(rows, &FEATURE, Limit::NONE).await
}

pub(super) async fn health(at: Session<'_>) -> Done {
    let health = at.client.health().await?;
    at.output.thing(Value::Object(health))
}

pub(super) async fn config(at: Session<'_>) -> Done {
    let config = at.client.config().await?;
    at.output.thing(Value::Object(config))
}

pub(super) async fn versions(at: Session<'_>) -> Done {
    let versions = at.client.versions().await?;
    if !at.output.is_table() {
        return at.output.thing(json!(versions));
    }
    let rows: Vec<Value> =
        versions.into_iter().map(|(name, version)| json!({ "name": name, "version": version })).collect();
    at.output.all(rows, &VERSION, Limit::NONE).await
}
