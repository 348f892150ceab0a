//! `whimbrel coscine`: projects and resources.

use futures::TryStreamExt as _;
use serde_json::json;

use crate::{
    args::{Coscine, Global, Projects, Resources},
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

pub(crate) const PROJECT: [Column; 4] =
    [("name", "/displayName"), ("slug", "/slug"), ("id", "/id"), ("description", "/description")];

pub(crate) const RESOURCE: [Column; 4] =
    [("name", "/displayName"), ("type", "/type/specificType"), ("id", "/id"), ("description", "/description")];

pub(crate) async fn run(global: &Global, command: Coscine) -> Done {
    let (client, output) = (session::coscine(global)?, Output::new(global));
    match command {
        Coscine::Project(Projects::List(limit)) => {
            let list = client.projects().stream().map_ok(|it| json!(it.details())).map_err(Failure::from);
            output.list(list, &PROJECT, limit).await
        }
        Coscine::Project(Projects::Show { project }) => output.thing(&json!(client.project(&project).await?.details())),
        Coscine::Resource(Resources::List { project, limit }) => {
            let project = client.project(&project).await?;
            let list = project.resources().stream().map_ok(|it| json!(it.details())).map_err(Failure::from);
            output.list(list, &RESOURCE, limit).await
        }
        Coscine::Resource(Resources::Show { project, resource }) => {
            let resource = client.project(&project).await?.resource(&resource).await?;
            output.thing(&json!(resource.details()))
        }
    }
}
