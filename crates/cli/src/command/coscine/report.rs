use serde_json::json;
use whimbrel::coscine::{self, Kpi};

use super::{Session, each};
use crate::{
    args::{Limit, coscine::Report},
    exit::{Done, Failure},
    output::Column,
};

const FIGURE: [Column; 4] = [("figure", "/figure"), ("value", "/value"), ("from", "/start"), ("to", "/end")];
const OF_ORGANIZATION: [Column; 4] =
    [("organization", "/additionalInfo"), ("value", "/value"), ("from", "/start"), ("to", "/end")];

const FIGURES: [(&str, Kpi); 4] = [
    ("created projects", Kpi::CreatedProjects),
    ("created resources", Kpi::CreatedResources),
    ("archived resources", Kpi::ArchivedResources),
    ("users per day", Kpi::UsersPerDay),
];

pub(super) async fn run(at: Session<'_>, command: Report) -> Done {
    let client = &at.client;
    let report = match command {
        Report::ApplicationProfile => coscine::Report::ApplicationProfiles,
        Report::Maintenance => coscine::Report::Maintenance,
        Report::Project => coscine::Report::Projects,
        Report::ProjectQuota => coscine::Report::ProjectQuotas,
        Report::Resource => coscine::Report::Resources,
        Report::ResourceQuota => coscine::Report::ResourceQuotas,
        Report::User => coscine::Report::Users,
        Report::Kpi { organizations: true, .. } => {
            return at.output.all(client.users_per_organization().await?, &OF_ORGANIZATION, Limit::NONE).await;
        }
        Report::Kpi { storage: Some(name), .. } => {
            let kind = client.resource_type(&name).await?;
            return at.output.thing(client.storage_of_type(kind.id()).await?);
        }
        Report::Kpi { .. } => return figures(at).await,
    };
    at.output.json(&client.report(report).await?)
}

/// All figures that are one number each.
async fn figures(at: Session<'_>) -> Done {
    let told = each(FIGURES.map(|(name, kpi)| {
        let client = &at.client;
        async move {
            let mut shown = json!(client.kpi(kpi).await?);
            shown["figure"] = name.into();
            Ok::<_, Failure>(shown)
        }
    }));
    let rows = told.await.into_iter().collect::<Done<Vec<_>>>()?;
    at.output.all(rows, &FIGURE, Limit::NONE).await
}
