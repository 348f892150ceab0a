use serde_json::json;
use whimbrel::{
    coscine::{FixedValue, Repository, ResourceForm, ResourceType, Storage, StorageOptions},
    secrecy::ExposeSecret as _,
};

use super::{Session, say};
use crate::{
    args::{
        Limit,
        coscine::{Resource, ResourceSettings, StorageSettings},
    },
    exit::{Done, Failure},
    output::Column,
};

pub(crate) const RESOURCE: [Column; 4] =
    [("name", "/displayName"), ("type", "/type/specificType"), ("id", "/id"), ("description", "/description")];

const TYPE: [Column; 5] = [
    ("name", "/specificType"),
    ("general", "/generalType"),
    ("can be made", "/canCreate"),
    ("versions", "/supportsVersioning"),
    ("id", "/id"),
];

pub(super) async fn run(at: Session<'_>, command: Resource) -> Done {
    let client = &at.client;
    let find = async |project: &str, resource: &str| client.project(project).await?.resource(resource).await;
    match command {
        Resource::List { project, limit } => {
            at.output.list(client.project(&project).await?.resources(), &RESOURCE, limit).await
        }
        Resource::Show { project, resource: Some(resource) } => at.output.thing(find(&project, &resource).await?),
        Resource::Show { project: id, resource: None } => at.output.thing(client.resource(&id).await?),
        Resource::Create { project, name, kind, profile, said, storage } => {
            let project = client.project(&project).await?;
            let storage = chosen(&at, &project.resource_type(&kind).await?, *storage).await?;
            let form = project.create_resource(name, kind, storage).profile(profile);
            at.output.thing(settings(form, *said).send().await?)
        }
        Resource::Update { project, resource, name, quota, said } => {
            let mut form = settings(find(&project, &resource).await?.update(), *said);
            if let Some(name) = name {
                form = form.name(name);
            }
            if let Some(bytes) = quota {
                form = form.quota(bytes);
            }
            at.output.thing(form.send().await?)
        }
        Resource::Archive { project, resource } => at.output.thing(find(&project, &resource).await?.archive().await?),
        Resource::Unarchive { project, resource } => {
            at.output.thing(find(&project, &resource).await?.unarchive().await?)
        }
        Resource::Delete { project, resource, sure } => {
            let resource = find(&project, &resource).await?;
            let deed = format!("delete the resource {:?} with all files and metadata", resource.display_name());
            at.undoable(sure, &deed, resource.delete()).await
        }
        Resource::Types { name, project: Some(project) } => {
            let project = client.project(&project).await?;
            match name {
                Some(name) => at.output.thing(project.resource_type(&name).await?),
                None => at.output.all(project.resource_types().await?, &TYPE, Limit::NONE).await,
            }
        }
        Resource::Types { name: Some(name), project: None } => at.output.thing(client.resource_type(&name).await?),
        Resource::Types { name: None, project: None } => {
            at.output.all(client.resource_types().await?, &TYPE, Limit::NONE).await
        }
        Resource::Keys { project, resource, write } => {
            let s3 = find(&project, &resource).await?.s3().await?;
            let keys = if write { &s3.write } else { &s3.read };
            at.output.thing(json!({
                "endpoint": s3.endpoint, "bucket": s3.bucket,
                "accessKey": keys.access.expose_secret(), "secretKey": keys.secret.expose_secret(),
            }))
        }
    }
}

fn settings<T>(form: ResourceForm<T>, mut said: ResourceSettings) -> ResourceForm<T> {
    let fixed = std::mem::take(&mut said.fixed_values);
    let local = said.local_metadata_copy;
    let mut form = say!(form, said; display_name description keywords disciplines visibility license usage_rights);
    if let Some(local) = local {
        form = form.local_metadata_copy(local);
    }
    fixed.into_iter().fold(form, |form, (predicate, value)| {
        match value.strip_prefix('<').and_then(|it| it.strip_suffix('>')) {
            Some(iri) => form.fixed_value(predicate, FixedValue::iri(iri)),
            None => form.fixed_value(predicate, value.as_str()),
        }
    })
}

/// What a resource of this type is made with, out of what was said.
async fn chosen(at: &Session<'_>, kind: &ResourceType, said: StorageSettings) -> Done<Storage> {
    let needs = |what: &str| Failure::Usage(format!("a resource of the type {} needs {what}", kind.name()));
    let general = kind.general().to_ascii_lowercase();
    let repository = if general == "gitlab" {
        Some(Repository {
            url: said.repository.ok_or_else(|| needs("--repository"))?,
            project_id: said.gitlab_project.ok_or_else(|| needs("--gitlab-project"))?,
            branch: said.branch,
            access_token: match &said.gitlab_token_file {
                Some(file) => at.secret("GitLab token", Some(file)).await?,
                None => return Err(needs("--gitlab-token-file")),
            },
            terms_accepted: said.accept_terms,
        })
    } else {
        None
    };
    if said.quota.is_none() && !matches!(general.as_str(), "gitlab" | "linked") {
        return Err(needs("--quota"));
    }
    let options = StorageOptions {
        quota: said.quota,
        abort_uploads_after_days: said.abort_uploads_after,
        expire_versions_after_days: said.expire_versions_after,
        replication: said.replication,
        repository,
    };
    Ok(options.storage(kind.general(), kind.name())?)
}
