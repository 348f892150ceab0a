use super::{Session, each};
use crate::{args::coscine::Publication, exit::Done, output::Column};

const SERVICE: [Column; 4] = [
    ("name", "/displayName"),
    ("organization", "/organizationRor"),
    ("email", "/email"),
    ("description", "/description"),
];

pub(super) async fn run(at: Session<'_>, command: Publication) -> Done {
    let client = &at.client;
    match command {
        Publication::Services { text, limit } => {
            let services = client.publication_services().search(text.unwrap_or_default());
            at.output.list(services, &SERVICE, limit).await
        }
        Publication::Request { project, resources, organization, message } => {
            let project = client.project(&project).await?;
            let resources = each(resources.iter().map(|name| project.resource(name))).await;
            let resources: Vec<_> = resources.into_iter().collect::<Result<_, _>>()?;
            at.output.thing(project.request_publication(&organization, &resources, message.as_deref()).await?)
        }
        Publication::Show { project, request } => {
            at.output.thing(client.project(&project).await?.publication_request(&request).await?)
        }
    }
}
