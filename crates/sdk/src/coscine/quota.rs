//! Space: what a project may use, what a resource reserves and uses. All in bytes.

use raw::coscine::{
    operations as op,
    types::{
        ProjectQuotaDto, ProjectQuotaForUpdateDto, QuotaDto, QuotaForManipulationDto, QuotaUnit, ResourceQuotaDto,
    },
};
use serde::Serialize;

use super::{
    Project, Resource,
    client::{PAGE_SIZE, empty_answer},
};
use crate::{Error, Kind, Page, Paged, Result, error::call};

/// The units that the service counts in, and their bytes.
const UNITS: [(&str, u64); 6] = [
    ("https://qudt.org/vocab/unit/BYTE", 1),
    ("https://qudt.org/vocab/unit/KibiBYTE", 1 << 10),
    ("https://qudt.org/vocab/unit/MebiBYTE", 1 << 20),
    ("https://qudt.org/vocab/unit/GibiBYTE", 1 << 30),
    ("https://qudt.org/vocab/unit/TebiBYTE", 1 << 40),
    ("https://qudt.org/vocab/unit/PebiBYTE", 1 << 50),
];

/// The space of a resource. All in bytes, as exact as the server's number: about 7 digits.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine.project("Turbine 7").await?;
/// let quota = project.resource("Raw data").await?.quota_with_versions().await?;
/// println!("{:?} of {:?} bytes, {:?} of them old versions", quota.used, quota.reserved, quota.versions);
/// project.set_quota("rdsrwth", 100 << 30, None).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceQuota {
    /// The resource's id.
    pub resource_id: String,
    /// What its files take. `None` where the server does not tell, as of a GitLab.
    pub used: Option<u64>,
    /// What old versions of files take of that; told only where they were asked for and the type has versions.
    pub versions: Option<u64>,
    /// What is kept for it.
    pub reserved: Option<u64>,
}

/// The space of a project on one type of resource. All in bytes, as exact as the server's number: about 7 digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectQuota {
    /// The id of the resource type.
    pub resource_type_id: String,
    /// The specific resource type, such as `rdsrwth`.
    pub resource_type: String,
    /// What the files of all its resources take.
    pub used: Option<u64>,
    /// What is kept for its resources.
    pub reserved: Option<u64>,
    /// What its resources may reserve together; [`Project::set_quota`] changes it.
    pub allocated: Option<u64>,
    /// How far `allocated` can be raised without an application.
    pub maximum: Option<u64>,
    /// Resource by resource.
    pub resources: Vec<ResourceQuota>,
}

/// A quantity in bytes.
fn bytes(quantity: &QuotaDto) -> Result<u64> {
    let wrong = |why: &str| Error::new(Kind::Unexpected, format!("the server's quota {quantity:?} {why}"));
    let (_, size) = UNITS
        .into_iter()
        .find(|(unit, _)| *unit == quantity.unit.as_str())
        .ok_or_else(|| wrong("has a unit that is not known"))?;
    let bytes = f64::from(quantity.value) * size as f64;
    if !(0.0..=u64::MAX as f64).contains(&bytes) {
        return Err(wrong("is no size"));
    }
    Ok(bytes.round() as u64)
}

fn size(quantity: Option<QuotaDto>) -> Result<Option<u64>> {
    quantity.as_ref().map(bytes).transpose()
}

/// Bytes as the server takes them: a whole number of the greatest unit in which it is one.
pub(crate) fn quantity(bytes: u64) -> QuotaForManipulationDto {
    let whole = |(_, size): &&(&str, u64)| *size <= bytes && bytes.is_multiple_of(*size);
    let (unit, size) = UNITS.iter().rev().find(whole).unwrap_or(&UNITS[0]);
    QuotaForManipulationDto { unit: QuotaUnit((*unit).to_owned()), value: (bytes / size) as i64 }
}

impl ResourceQuota {
    fn of(dto: ResourceQuotaDto) -> Result<Self> {
        Ok(Self {
            resource_id: dto.resource.id,
            used: size(dto.used)?,
            versions: size(dto.versions)?,
            reserved: size(dto.reserved)?,
        })
    }
}

impl ProjectQuota {
    fn of(dto: ProjectQuotaDto) -> Result<Self> {
        let kind = dto.resource_type.ok_or_else(empty_answer)?;
        Ok(Self {
            resource_type_id: kind.id,
            resource_type: kind.specific_type,
            used: size(dto.total_used)?,
            reserved: size(dto.total_reserved)?,
            allocated: size(dto.allocated)?,
            maximum: size(dto.maximum)?,
            resources: dto.resource_quotas.into_iter().flatten().map(ResourceQuota::of).collect::<Result<_>>()?,
        })
    }
}

/// The quotas of a project, one a resource type.
#[derive(Clone, Debug)]
#[must_use]
pub struct Quotas {
    project: Project,
}

impl Paged for Quotas {
    type Item = ProjectQuota;

    /// The `n`-th page, from 1, of up to 50 quotas.
    async fn page(&self, n: u32) -> Result<Page<ProjectQuota>> {
        let about = || format!("quotas of {:?}", self.project.display_name());
        let request = self.project.client.raw.get_project_quotas().project_id(self.project.id());
        let sent = request.page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::GET_PROJECT_QUOTAS, sent).await.map_err(|e| e.about(about()))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(ProjectQuota::of).collect::<Result<_>>();
        Ok(Page { items: items.map_err(|e| e.about(about()))?, ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i ProjectQuota) -> Option<&'i str> {
        Some(&item.resource_type_id)
    }
}

impl Project {
    /// What it may use, for each resource type.
    pub fn quotas(&self) -> Quotas {
        Quotas { project: self.clone() }
    }

    /// What it may use of the resource type of this name (`rdsrwth`) or id.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if the project has no such type.
    pub async fn quota(&self, resource_type: &str) -> Result<ProjectQuota> {
        let about = || format!("quota {resource_type} of {:?}", self.display_name());
        let id = self.resource_type_id(resource_type).await?;
        let sent = self.client.raw.get_project_quota().project_id(self.id()).resource_type_id(id).send();
        let answer = call(&op::GET_PROJECT_QUOTA, sent).await.map_err(|e| e.about(about()))?;
        let dto = answer.into_inner().data.ok_or_else(empty_answer);
        dto.and_then(ProjectQuota::of).map_err(|e| e.about(about()))
    }

    /// Changes what its resources of a type may reserve together: `allocated` bytes, at most the quota's `maximum`.
    /// `maximum`, in bytes, is for the service's own staff to change; without it, it stays.
    ///
    /// The service takes whole numbers of its units, of which a byte is the smallest, so any number will do.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if it is more than the maximum, or less than is reserved; [`Kind::Forbidden`] for one who is not
    /// an owner.
    pub async fn set_quota(&self, resource_type: &str, allocated: u64, maximum: Option<u64>) -> Result<()> {
        let id = self.resource_type_id(resource_type).await?;
        let body = ProjectQuotaForUpdateDto { allocated: quantity(allocated), maximum: maximum.map(quantity) };
        let request = self.client.raw.update_project_quota().project_id(self.id()).resource_type_id(id);
        let sent = call(&op::UPDATE_PROJECT_QUOTA, request.body(body).send()).await;
        sent.map_err(|e| e.about(format!("quota {resource_type} of {:?}", self.display_name())))?;
        Ok(())
    }
}

impl Resource {
    /// The space it has and uses.
    pub async fn quota(&self) -> Result<ResourceQuota> {
        self.ask_quota(false).await
    }

    /// The same, with what old versions of files take; the server has to count them.
    pub async fn quota_with_versions(&self) -> Result<ResourceQuota> {
        self.ask_quota(true).await
    }

    async fn ask_quota(&self, versions: bool) -> Result<ResourceQuota> {
        let about = || format!("quota of {:?}", self.display_name());
        let request = self.client().raw.get_quota_for_resource_for_project();
        let sent = request.project_id(self.project_id()).resource_id(self.id()).version_info(versions).send();
        let answer = call(&op::GET_QUOTA_FOR_RESOURCE_FOR_PROJECT, sent).await.map_err(|e| e.about(about()))?;
        let dto = answer.into_inner().data.ok_or_else(empty_answer);
        dto.and_then(ResourceQuota::of).map_err(|e| e.about(about()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: f32, unit: &str) -> Result<u64> {
        bytes(&QuotaDto { unit: QuotaUnit(unit.to_owned()), value })
    }

    #[test]
    fn every_unit_of_the_document_is_known_and_no_other() {
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../../../openapi/coscine.json")).unwrap();
        let units = document["components"]["schemas"]["QuotaUnit"]["enum"].as_array().unwrap();
        let sizes: Vec<_> = units.iter().map(|unit| told(3.0, unit.as_str().unwrap()).unwrap()).collect();
        assert_eq!(sizes, [3, 3 << 10, 3 << 20, 3 << 30, 3 << 40, 3 << 50]);
        assert_eq!(told(1.0, "https://qudt.org/vocab/unit/GigaBYTE").unwrap_err().kind(), Kind::Unexpected);
    }

    #[test]
    fn what_is_read_is_a_float_and_no_nonsense() {
        let gib = UNITS[3].0;
        assert_eq!(told(0.5, gib).unwrap(), 1 << 29);
        assert_eq!(told(0.000_030_517_578, gib).unwrap(), 32768);
        for wrong in [-1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(told(wrong, gib).unwrap_err().kind(), Kind::Unexpected, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_whole_and_comes_back() {
        for (bytes_in, unit, value) in [
            (0, 0, 0),
            (1, 0, 1),
            (1023, 0, 1023),
            (5 << 10, 1, 5),
            (25 << 30, 3, 25),
            ((1 << 50) + (1 << 40), 4, 1025),
        ] {
            let written = quantity(bytes_in);
            assert_eq!((written.unit.as_str(), written.value), (UNITS[unit].0, value), "{bytes_in}");
            let back = bytes(&QuotaDto { unit: written.unit, value: written.value as f32 }).unwrap();
            assert_eq!(back, bytes_in);
        }
    }
}
