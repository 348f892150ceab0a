use whimbrel::coscine;

use super::Session;
use crate::{
    args::coscine::{Gitlab, GitlabAt},
    exit::Done,
    output::Column,
};

const PROJECT: [Column; 4] =
    [("number", "/id"), ("name", "/nameWithNamespace"), ("branch", "/defaultBranch"), ("url", "/webUrl")];

const BRANCH: [Column; 3] = [("name", "/name"), ("default", "/default"), ("can push", "/canPush")];

pub(super) async fn run(at: Session<'_>, command: Gitlab) -> Done {
    match command {
        Gitlab::Projects { project: Some(number), at: place } => {
            let project = gitlab(&at, &place).await?.project(number).await?;
            at.output.thing(project)
        }
        Gitlab::Projects { project: None, at: place } => {
            let projects = gitlab(&at, &place).await?.projects().await?;
            at.output.all(projects, &PROJECT, place.limit).await
        }
        Gitlab::Branches { project, at: place } => {
            let branches = gitlab(&at, &place).await?.branches(project).await?;
            at.output.all(branches, &BRANCH, place.limit).await
        }
    }
}

async fn gitlab(at: &Session<'_>, place: &GitlabAt) -> Done<coscine::GitLab> {
    Ok(at.client.gitlab(&place.domain, at.secret("GitLab token", place.secret.from.as_deref()).await?))
}
