//! `whimbrel ls`.

use futures::TryStreamExt as _;
use serde_json::json;
use whimbrel::coscine::Address;

use super::coscine::{project::PROJECT, resource::RESOURCE};
use crate::{
    args::{Global, Ls},
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const FILE: [Column; 3] = [("path", "/path"), ("size", "/size"), ("changed", "/changeDate")];

pub(crate) async fn run(global: &Global, ls: Ls) -> Done {
    let address: Option<Address> = match ls.address.as_deref() {
        None | Some("coscine:" | Address::SCHEME) => None,
        Some(text) => Some(text.parse()?),
    };
    let (client, output) = (session::coscine(global)?, Output::new(global));
    let Some(Address { project, resource, path }) = address else {
        return output.list(client.projects(), &PROJECT, ls.limit).await;
    };
    let project = client.project(&project).await?;
    let Some(resource) = resource else {
        return output.list(project.resources(), &RESOURCE, ls.limit).await;
    };
    let files = project.resource(&resource).await?.files().under(&path);
    // A presigned URL is a secret while it lasts, and no part of a listing.
    let shown = |file: whimbrel::coscine::File| {
        let mut shown = json!(file.details);
        shown.as_object_mut().map(|shown| shown.remove("actions"));
        (shown["path"], shown["size"]) = (file.path.into(), file.size.into());
        shown
    };
    if ls.recursive {
        return output.rows(files.recursive().stream().map_ok(shown).map_err(Failure::from), &FILE, ls.limit).await;
    }
    let level = files.level().await?;
    let folders = level.folders.into_iter().map(|path| json!({ "path": path, "type": "Tree", "size": 0 }));
    output.all(folders.chain(level.files.into_iter().map(shown)).collect(), &FILE, ls.limit).await
}
