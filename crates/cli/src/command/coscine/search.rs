use futures::TryStreamExt as _;
use serde_json::json;
use whimbrel::coscine;

use super::Session;
use crate::{
    args::coscine::{Category, Search},
    exit::{Done, Failure},
    output::Column,
    shown::{Shown as _, wanted},
};

const HIT: [Column; 3] = [("kind", "/type"), ("name", "/source/displayName"), ("uri", "/uri")];

pub(super) async fn run(at: Session<'_>, said: Search) -> Done {
    let mut search = at.client.search(said.words.join(" "));
    search = said.language.into_iter().fold(search, coscine::Search::language);
    if let Some(category) = said.category {
        search = search.category(match category {
            Category::Metadata => coscine::Category::Metadata,
            Category::Project => coscine::Category::Project,
            Category::Resource => coscine::Category::Resource,
        });
    }
    if said.advanced {
        search = search.advanced();
    }
    if said.count {
        return at.output.thing(json!(search.counts().await?));
    }
    if !at.output.is_table() {
        return at.output.list(search, &HIT, said.limit).await;
    }
    // For people without the IRI around the kind.
    let (hits, total) = wanted(search, said.limit).await?;
    let hits = hits.map_ok(|hit| {
        let kind = hit.category().map(|it| format!("{it:?}").to_lowercase());
        let mut shown = hit.shown();
        if let Some(kind) = kind {
            shown["type"] = kind.into();
        }
        shown
    });
    at.output.counted(hits.map_err(Failure::from), &HIT, said.limit, total).await
}
