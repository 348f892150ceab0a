use futures::stream;
use serde_json::{Value, json};
use whimbrel::coscine::{Branch, ProjectForm};

use super::{Session, say};
use crate::{
    args::coscine::{Project, ProjectSettings},
    exit::Done,
    output::Column,
};

pub(crate) const PROJECT: [Column; 4] =
    [("name", "/displayName"), ("slug", "/slug"), ("id", "/id"), ("description", "/description")];

pub(super) async fn run(at: Session<'_>, command: Project) -> Done {
    let client = &at.client;
    match command {
        Project::List { tree, below, top, limit } => {
            let projects = match &below {
                Some(project) => client.project(project).await?.subprojects(),
                None if top => client.projects().top_level(),
                None => client.projects(),
            };
            if !tree {
                return at.output.list(projects, &PROJECT, limit).await;
            }
            let mut rows = vec![];
            flatten(&projects.tree().await?, None, at.output.is_table(), 0, &mut rows);
            at.output.rows(stream::iter(rows.into_iter().map(Ok)), &PROJECT, limit).await
        }
        Project::Show { project } => at.output.thing(client.project(&project).await?),
        Project::Create { name, below, copy_owners, said } => {
            let form = match below {
                Some(parent) => client.project(&parent).await?.create_subproject(name).copy_owners(copy_owners),
                None => client.create_project(name),
            };
            at.output.thing(settings(form, *said).send().await?)
        }
        Project::Update { project, name, slug, said } => {
            let mut form = settings(client.project(&project).await?.update(), *said);
            if let Some(name) = name {
                form = form.name(name);
            }
            if let Some(slug) = slug {
                form = form.slug(slug);
            }
            at.output.thing(form.send().await?)
        }
        Project::Delete { project, sure } => {
            let project = client.project(&project).await?;
            let deed = format!("delete the project {:?} for good", project.display_name());
            at.undoable(sure, &deed, project.delete()).await
        }
        Project::Leave { project, sure } => {
            let project = client.project(&project).await?;
            let deed = format!("end your membership in {:?}", project.display_name());
            at.undoable(sure, &deed, project.leave()).await
        }
    }
}

fn settings<T>(form: ProjectForm<T>, said: ProjectSettings) -> ProjectForm<T> {
    say!(form, said; display_name description principal_investigators start end keywords grant_id visibility disciplines
        organizations)
}

/// Depth first. For people names are indented; else depth and parent are told.
fn flatten(branches: &[Branch], parent: Option<&str>, indent: bool, depth: usize, rows: &mut Vec<Value>) {
    for Branch { project, below } in branches {
        let mut row = json!(project.details());
        if indent {
            row["displayName"] = format!("{}{}", "  ".repeat(depth), project.display_name()).into();
        } else {
            (row["depth"], row["parentId"]) = (depth.into(), parent.into());
        }
        rows.push(row);
        flatten(below, Some(project.id()), indent, depth + 1, rows);
    }
}
