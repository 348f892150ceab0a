use raw::coscine::{
    operations as op,
    types::{DataHamsterKpiDto, StorageDataHamsterKpiDto},
};
use serde_json::Value;

use super::{Client, client::given};
use crate::{Result, error::call};

/// A report on the whole of Coscine, for administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Report {
    /// On application profiles.
    ApplicationProfiles,
    /// On maintenance.
    Maintenance,
    /// On projects.
    Projects,
    /// On the quotas of projects.
    ProjectQuotas,
    /// On resources.
    Resources,
    /// On the quotas of resources.
    ResourceQuotas,
    /// On users.
    Users,
}

/// A key figure of the whole of Coscine: one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kpi {
    /// How many projects were created.
    CreatedProjects,
    /// How many resources were created.
    CreatedResources,
    /// How many resources were archived.
    ArchivedResources,
    /// How many users there were on a day.
    UsersPerDay,
}

impl Client {
    /// A report, in a form that its document does not describe.
    ///
    /// ```no_run
    /// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
    /// use whimbrel::coscine::{Kpi, Report};
    ///
    /// println!("{:#}", coscine.report(Report::Projects).await?);
    /// println!("{:?} projects were created", coscine.kpi(Kpi::CreatedProjects).await?.value);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) if the user is no administrator.
    pub async fn report(&self, report: Report) -> Result<Value> {
        let raw = &self.raw;
        let answer = match report {
            Report::ApplicationProfiles => {
                call(&op::GET_APPLICATION_PROFILE_REPORT, raw.get_application_profile_report().send()).await
            }
            Report::Maintenance => call(&op::GET_MAINTENANCE_REPORT, raw.get_maintenance_report().send()).await,
            Report::Projects => call(&op::GET_PROJECT_REPORT, raw.get_project_report().send()).await,
            Report::ProjectQuotas => call(&op::GET_PROJECT_QUOTA_REPORT, raw.get_project_quota_report().send()).await,
            Report::Resources => call(&op::GET_RESOURCE_REPORT, raw.get_resource_report().send()).await,
            Report::ResourceQuotas => {
                call(&op::GET_RESOURCE_QUOTA_REPORT, raw.get_resource_quota_report().send()).await
            }
            Report::Users => call(&op::GET_USER_REPORT, raw.get_user_report().send()).await,
        };
        Ok(answer.map_err(|e| e.about(format!("report {report:?}")))?.into_inner())
    }

    /// A key figure, for the time from its `start` to its `end` (RFC 3339).
    pub async fn kpi(&self, kpi: Kpi) -> Result<DataHamsterKpiDto> {
        let raw = &self.raw;
        let answer = match kpi {
            Kpi::CreatedProjects => {
                call(&op::GET_NUMBER_OF_CREATED_PROJECTS_KPI, raw.get_number_of_created_projects_kpi().send()).await
            }
            Kpi::CreatedResources => {
                call(&op::GET_NUMBER_OF_CREATED_RESOURCES_KPI, raw.get_number_of_created_resources_kpi().send()).await
            }
            Kpi::ArchivedResources => {
                call(&op::GET_NUMBER_OF_ARCHIVED_RESOURCES_KPI, raw.get_number_of_archived_resources_kpi().send()).await
            }
            Kpi::UsersPerDay => {
                call(&op::GET_NUMBER_OF_USERS_PER_DAY_KPI, raw.get_number_of_users_per_day_kpi().send()).await
            }
        };
        let about = |e: crate::Error| e.about(format!("key figure {kpi:?}"));
        given(answer.map_err(about)?.into_inner().data).map_err(about)
    }

    /// The key figure of users, one for each organization; what the server adds to each is in its `additional_info`.
    pub async fn users_per_organization(&self) -> Result<Vec<DataHamsterKpiDto>> {
        let answer = call(&op::GET_USERS_PER_ROR_KPI, self.raw.get_users_per_ror_kpi().send()).await?;
        Ok(answer.into_inner().data.unwrap_or_default())
    }

    /// The key figures of storage, reserved and used, of a type of resources by its id.
    pub async fn storage_of_type(&self, resource_type: &str) -> Result<StorageDataHamsterKpiDto> {
        let about = |e: crate::Error| e.about(format!("resource type {resource_type}"));
        let sent = self.raw.get_storage_by_resource_type_kpi().type_id(resource_type).send();
        let answer = call(&op::GET_STORAGE_BY_RESOURCE_TYPE_KPI, sent).await.map_err(about)?;
        given(answer.into_inner().data).map_err(about)
    }
}
