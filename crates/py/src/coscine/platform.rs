//! Coscine as a whole: reports and key figures, notices, publication services.

use pyo3::prelude::*;
use whimbrel::{
    Error, Result,
    coscine::{Kpi, Report},
};

use super::{Coscine, project::say};
use crate::{call::Call, list::List};

fn report(name: &str) -> Result<Report> {
    Ok(match name {
        "application-profile" => Report::ApplicationProfiles,
        "maintenance" => Report::Maintenance,
        "project" => Report::Projects,
        "project-quota" => Report::ProjectQuotas,
        "resource" => Report::Resources,
        "resource-quota" => Report::ResourceQuotas,
        "user" => Report::Users,
        other => return Err(Error::invalid(format!("there is no report {other:?}"))),
    })
}

fn kpi(name: &str) -> Result<Kpi> {
    Ok(match name {
        "created-projects" => Kpi::CreatedProjects,
        "created-resources" => Kpi::CreatedResources,
        "archived-resources" => Kpi::ArchivedResources,
        "users-per-day" => Kpi::UsersPerDay,
        other => return Err(Error::invalid(format!("there is no key figure {other:?}"))),
    })
}

/// Which messages are wanted.
#[derive(Clone)]
struct Wanted {
    kind: Option<String>,
    matching: Option<String>,
    starts_after: Option<String>,
    starts_before: Option<String>,
    ends_after: Option<String>,
    ends_before: Option<String>,
}

#[pymethods]
impl Coscine {
    fn report(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.report(report(&name)?).await })
    }

    fn kpi(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.kpi(kpi(&name)?).await })
    }

    fn users_per_organization(&self) -> PyResult<Call> {
        self.call(|client| async move { client.users_per_organization().await })
    }

    fn storage_of_type(&self, resource_type: String) -> PyResult<Call> {
        self.call(|client| async move { client.storage_of_type(&resource_type).await })
    }

    fn notices(&self, language: String) -> List {
        self.list(move |client| Ok(client.notices(&language)), |message| message)
    }

    fn active_notices(&self, language: String) -> PyResult<Call> {
        self.call(|client| async move { client.notices(&language).active().await })
    }

    #[allow(clippy::too_many_arguments, reason = "each is one that messages can be chosen by")]
    fn status_messages(
        &self,
        language: String,
        kind: Option<String>,
        matching: Option<String>,
        starts_after: Option<String>,
        starts_before: Option<String>,
        ends_after: Option<String>,
        ends_before: Option<String>,
    ) -> List {
        let wanted = Wanted { kind, matching, starts_after, starts_before, ends_after, ends_before };
        self.list(
            move |client| {
                let messages = client.status_messages(&language);
                Ok(say!(messages, wanted.clone(); kind matching starts_after starts_before ends_after ends_before))
            },
            |message| message,
        )
    }

    fn publication_services(&self, words: String) -> List {
        self.list(move |client| Ok(client.publication_services().search(&words)), |service| service.details().clone())
    }
}
