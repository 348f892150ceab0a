//! What is said of a project when it is made or changed.

use middleware::Call;
use raw::coscine::{
    operations as op,
    types::{
        DisciplineForProjectManipulationDto, OrganizationForProjectManipulationDto, ProjectDto, ProjectForCreationDto,
        ProjectForUpdateDto, VisibilityForProjectManipulationDto,
    },
};

use super::{Client, Project, client::empty_answer};
use crate::{Error, Result, error::call};

/// A project to be made (`T` is [`NewProject`]) or changed (`T` is [`KnownProject`]).
///
/// What is not said is left to the service, or stays as it is. Lists are given whole.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine
///     .create_project("Wear of turbine blades")
///     .display_name("Turbine 7")
///     .description("Blades after 1,000 hours, measured each week")
///     .start("2026-11-01")
///     .end("2029-10-31")
///     .disciplines(["Materials Science 406"])
///     .organizations(["https://ror.org/04xfq0f34"])
///     .send()
///     .await?;
/// let project = project.update().keywords(["wear", "turbine"]).send().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ProjectForm<T> {
    target: T,
    given: Given,
}

/// The project that a [`ProjectForm`] makes.
#[derive(Clone, Debug)]
pub struct NewProject {
    client: Client,
    parent_id: Option<String>,
    copy_owners: bool,
}

/// The project that a [`ProjectForm`] changes.
#[derive(Clone, Debug)]
pub struct KnownProject {
    project: Project,
    slug: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Given {
    name: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    principal_investigators: Option<String>,
    start: Option<String>,
    end: Option<String>,
    keywords: Option<Vec<String>>,
    grant_id: Option<String>,
    visibility: Option<String>,
    disciplines: Option<Vec<String>>,
    organizations: Option<Vec<String>>,
}

/// Texts, one by one.
pub(crate) fn texts<S: Into<String>>(given: impl IntoIterator<Item = S>) -> Vec<String> {
    given.into_iter().map(Into::into).collect()
}

impl<T> ProjectForm<T> {
    /// The full name: up to 200 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.given.name = Some(name.into());
        self
    }

    /// The name that people read: up to 25 characters.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.given.display_name = Some(name.into());
        self
    }

    /// What it is about: up to 10,000 characters. Of a new project the name, if nothing is said.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.given.description = Some(text.into());
        self
    }

    /// Who leads it, as text: up to 500 characters.
    pub fn principal_investigators(mut self, names: impl Into<String>) -> Self {
        self.given.principal_investigators = Some(names.into());
        self
    }

    /// Its first day (`2026-11-21`), or a time with its offset from UTC (RFC 3339).
    pub fn start(mut self, date: impl Into<String>) -> Self {
        self.given.start = Some(date.into());
        self
    }

    /// Its last day, written as the first.
    pub fn end(mut self, date: impl Into<String>) -> Self {
        self.given.end = Some(date.into());
        self
    }

    /// Its keywords.
    pub fn keywords<S: Into<String>>(mut self, keywords: impl IntoIterator<Item = S>) -> Self {
        self.given.keywords = Some(texts(keywords));
        self
    }

    /// The number of its grant: up to 500 characters.
    pub fn grant_id(mut self, id: impl Into<String>) -> Self {
        self.given.grant_id = Some(id.into());
        self
    }

    /// Who sees that it exists, by name (`Project Members`, `Public`) or id; of a new project the former, if nothing is
    /// said.
    pub fn visibility(mut self, name: impl Into<String>) -> Self {
        self.given.visibility = Some(name.into());
        self
    }

    /// Its disciplines, by English or German name, URI or id.
    pub fn disciplines<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.given.disciplines = Some(texts(names));
        self
    }

    /// The organisations it belongs to, by their ROR URIs; the first one is responsible for it.
    pub fn organizations<S: Into<String>>(mut self, ror_uris: impl IntoIterator<Item = S>) -> Self {
        self.given.organizations = Some(texts(ror_uris));
        self
    }
}

impl Given {
    async fn visibility(&self, client: &Client) -> Result<Option<VisibilityForProjectManipulationDto>> {
        let Some(name) = &self.visibility else { return Ok(None) };
        Ok(Some(VisibilityForProjectManipulationDto { id: client.visibility_id(name).await? }))
    }

    async fn disciplines(&self, client: &Client) -> Result<Option<Vec<DisciplineForProjectManipulationDto>>> {
        let Some(names) = &self.disciplines else { return Ok(None) };
        let ids = client.discipline_ids(names).await?;
        Ok(Some(ids.into_iter().map(|id| DisciplineForProjectManipulationDto { id }).collect()))
    }

    fn organizations(&self) -> Option<Vec<OrganizationForProjectManipulationDto>> {
        let organization = |(n, uri): (usize, &String)| OrganizationForProjectManipulationDto {
            responsible: n == 0,
            uri: uri.clone(),
        };
        self.organizations.as_ref().map(|uris| uris.iter().enumerate().map(organization).collect())
    }

    fn dates(&self) -> Result<[Option<String>; 2]> {
        Ok([self.start.as_deref().map(date_time).transpose()?, self.end.as_deref().map(date_time).transpose()?])
    }
}

/// A day or a time as the service takes it: a day begins in UTC.
fn date_time(text: &str) -> Result<String> {
    if chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() {
        return Ok(format!("{text}T00:00:00Z"));
    }
    match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Error::invalid(format!("{text:?} is no date; write it as 2026-11-21"))),
    }
}

impl Client {
    /// Makes a project of this full name, whose owner is the user.
    pub fn create_project(&self, name: impl Into<String>) -> ProjectForm<NewProject> {
        let target = NewProject { client: self.clone(), parent_id: None, copy_owners: false };
        ProjectForm { target, given: Given::default() }.name(name)
    }

    /// A project as the server knows it now, whatever the cache holds.
    async fn fresh_project(&self, id: &str) -> Result<ProjectDto> {
        let about = || format!("project {id}");
        let sent = call(&op::GET_PROJECT, self.raw.get_project().project_id(id).send());
        let answer = Call::current().anew().refresh().scope(sent).await.map_err(|e| e.about(about()))?;
        answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))
    }
}

impl Project {
    /// Makes a project below this one.
    pub fn create_subproject(&self, name: impl Into<String>) -> ProjectForm<NewProject> {
        let mut form = self.client.create_project(name);
        form.target.parent_id = Some(self.id().to_owned());
        form
    }

    /// Changes what is said of it.
    pub fn update(&self) -> ProjectForm<KnownProject> {
        ProjectForm { target: KnownProject { project: self.clone(), slug: None }, given: Given::default() }
    }
}

impl ProjectForm<NewProject> {
    /// Whether the owners of the project above become owners of this one.
    pub fn copy_owners(mut self, yes: bool) -> Self {
        self.target.copy_owners = yes;
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if the server misses something or a text is too long;
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is no visibility or discipline of a name. Where
    /// [`Error::is_ambiguous`], the project may have been made.
    pub async fn send(self) -> Result<Project> {
        let Self { target: NewProject { client, parent_id, copy_owners }, given } = self;
        let name = given.name.clone().unwrap_or_default();
        let about = || format!("project {name:?}");
        let visibility = match given.visibility(&client).await? {
            Some(given) => given,
            None => VisibilityForProjectManipulationDto { id: client.visibility_id("Project Members").await? },
        };
        let [start_date, end_date] = given.dates().map_err(|e| e.about(about()))?;
        let body = ProjectForCreationDto {
            copy_owners_from_parent: parent_id.is_some().then_some(copy_owners),
            description: given.description.clone().unwrap_or_else(|| name.clone()),
            disciplines: given.disciplines(&client).await?.unwrap_or_default(),
            display_name: given.display_name.clone(),
            start_date,
            end_date,
            grant_id: given.grant_id.clone(),
            keywords: given.keywords.clone(),
            name: name.clone(),
            organizations: given.organizations().unwrap_or_default(),
            parent_id,
            principle_investigators: given.principal_investigators.clone(),
            visibility,
        };
        let sent = call(&op::CREATE_PROJECT, client.raw.create_project().body(body).send()).await;
        let answer = sent.map_err(|e| e.about(about()))?.into_inner();
        let dto = answer.data.ok_or_else(|| empty_answer().about(about()))?;
        Ok(Project::new(client, dto))
    }
}

impl ProjectForm<KnownProject> {
    /// Its name in URLs: up to 63 characters. Addresses with the old one lead nowhere then.
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.target.slug = Some(slug.into());
        self
    }

    /// Does it, and gives the project as it is then. The service takes a project's settings only as a whole, so they are
    /// read first; what another changes in just that time is lost.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner; otherwise as for a new project.
    pub async fn send(self) -> Result<Project> {
        let Self { target: KnownProject { project, slug }, given } = self;
        let client = &project.client;
        let about = || format!("project {:?}", project.display_name());
        let [start_date, end_date] = given.dates().map_err(|e| e.about(about()))?;
        let (visibility, disciplines) = (given.visibility(client).await?, given.disciplines(client).await?);
        let organizations = given.organizations();
        let old = client.fresh_project(project.id()).await?;
        let visibility = match visibility {
            Some(given) => given,
            None => VisibilityForProjectManipulationDto { id: old.visibility.id.ok_or_else(empty_answer)? },
        };
        let old_disciplines = old.disciplines.into_iter().filter_map(|it| it.id);
        let old_organizations = old.organizations.into_iter();
        let body = ProjectForUpdateDto {
            description: given.description.unwrap_or(old.description),
            disciplines: disciplines
                .unwrap_or_else(|| old_disciplines.map(|id| DisciplineForProjectManipulationDto { id }).collect()),
            display_name: given.display_name.or(old.display_name),
            start_date: start_date.or(Some(old.start_date)),
            end_date: end_date.or(Some(old.end_date)),
            grant_id: given.grant_id.or(old.grant_id),
            keywords: given.keywords.or(old.keywords),
            name: given.name.unwrap_or(old.name),
            organizations: organizations.unwrap_or_else(|| {
                let same = |it: raw::coscine::types::ProjectOrganizationDto| OrganizationForProjectManipulationDto {
                    responsible: it.responsible,
                    uri: it.uri,
                };
                old_organizations.map(same).collect()
            }),
            principle_investigators: given.principal_investigators.or(old.principle_investigators),
            slug: slug.unwrap_or(old.slug),
            visibility,
        };
        let sent = client.raw.update_project().project_id(project.id()).body(body).send();
        call(&op::UPDATE_PROJECT, sent).await.map_err(|e| e.about(about()))?;
        Ok(Project::new(client.clone(), client.fresh_project(project.id()).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_or_times() {
        assert_eq!(date_time("2026-11-21").unwrap(), "2026-11-21T00:00:00Z");
        assert_eq!(date_time("2026-11-21T08:00:00+01:00").unwrap(), "2026-11-21T08:00:00+01:00");
        for wrong in ["21.11.2026", "2026-13-01", "2026-11-21T08:00", ""] {
            assert!(date_time(wrong).is_err(), "{wrong:?}");
        }
    }
}
