//! Who takes part in a project, and as what.

use futures::TryStreamExt as _;
use raw::coscine::{
    operations as op,
    types::{ProjectRoleDto, ProjectRoleForProjectCreationDto, ProjectRoleForProjectManipulationDto, PublicUserDto},
};

use super::{
    Client, Project,
    client::{PAGE_SIZE, deleted, empty_answer, only},
};
use crate::{Error, Page, Paged, Result, error::call};

/// A user in a project, with a role.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine.project("Turbine 7").await?;
/// project.add_member("b.ott@example.org", "Member").await?;
/// for member in project.members().stream().try_collect::<Vec<_>>().await? {
///     println!("{} {}", member.name(), member.role());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Member {
    client: Client,
    project_id: String,
    id: String,
    user: PublicUserDto,
    details: ProjectRoleDto,
}

impl Member {
    pub(super) fn new(project: &Project, details: ProjectRoleDto) -> Result<Self> {
        let about = || format!("members of {:?}", project.display_name());
        let (Some(id), Some(user)) = (details.id.clone(), details.user.clone()) else {
            return Err(empty_answer().about(about()));
        };
        Ok(Self { client: project.client.clone(), project_id: project.id().to_owned(), id, user, details })
    }

    /// The id of the membership; not that of the user.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.user.display_name
    }

    /// The user: id, names, and the e-mail address where it may be seen.
    pub fn user(&self) -> &PublicUserDto {
        &self.user
    }

    /// The role's name: `Owner`, `Member` or `Guest`.
    pub fn role(&self) -> &str {
        self.details.role.as_ref().map_or("", |role| &role.display_name)
    }

    /// All that the server told of it.
    pub fn details(&self) -> &ProjectRoleDto {
        &self.details
    }

    /// Gives another role, by name or id. This handle still tells the old one.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner.
    pub async fn set_role(&self, role: &str) -> Result<()> {
        let body = ProjectRoleForProjectManipulationDto { role_id: self.client.role_id(role).await? };
        let request = self.client.raw.update_membership().project_id(&self.project_id).membership_id(&self.id);
        call(&op::UPDATE_MEMBERSHIP, request.body(body).send()).await.map_err(|e| e.about(self.name()))?;
        Ok(())
    }

    /// Ends the membership; of one's own, leaves the project.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner.
    pub async fn remove(&self) -> Result<()> {
        let request = self.client.raw.delete_membership().project_id(&self.project_id).membership_id(&self.id);
        deleted(call(&op::DELETE_MEMBERSHIP, request.send()).await).map_err(|e| e.about(self.name()))
    }
}

/// The members of a project.
#[derive(Clone, Debug)]
#[must_use]
pub struct Members {
    project: Project,
}

impl Paged for Members {
    type Item = Member;

    /// The `n`-th page, from 1, of up to 50 members.
    async fn page(&self, n: u32) -> Result<Page<Member>> {
        let about = || format!("members of {:?}", self.project.display_name());
        let request = self.project.client.raw.get_memberships().project_id(self.project.id());
        let sent = request.page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::GET_MEMBERSHIPS, sent).await.map_err(|e| e.about(about()))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|dto| Member::new(&self.project, dto));
        Ok(Page { items: items.collect::<Result<_>>()?, ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Member) -> Option<&'i str> {
        Some(item.id())
    }
}

impl Project {
    /// Who takes part in it.
    pub fn members(&self) -> Members {
        Members { project: self.clone() }
    }

    /// The member of this name or e-mail address, or of this id of the user or the membership.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none; [`Kind::Invalid`](crate::Kind::Invalid) if there are
    /// several.
    pub async fn member(&self, name: &str) -> Result<Member> {
        let all = self.members().stream().try_collect::<Vec<_>>().await?;
        only("member", name, all, |it| [Some(it.name()), it.user.email.as_deref(), Some(&it.user.id), Some(it.id())])
            .map_err(|e| e.about(format!("members of {:?}", self.display_name())))
    }

    /// The membership of this id, of which lists and [`Member::id`] tell.
    pub async fn membership(&self, id: &str) -> Result<Member> {
        let sent = self.client.raw.get_membership().project_id(self.id()).membership_id(id).send();
        let answer = call(&op::GET_MEMBERSHIP, sent).await.map_err(|e| e.about(format!("membership {id}")))?;
        Member::new(self, answer.into_inner().data.ok_or_else(empty_answer)?)
    }

    /// One's own membership.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) for one who is no member.
    pub async fn my_membership(&self) -> Result<Member> {
        let sent = self.client.raw.get_my_membership().project_id(self.id()).send();
        let about = || format!("own membership in {:?}", self.display_name());
        let answer = call(&op::GET_MY_MEMBERSHIP, sent).await.map_err(|e| e.about(about()))?;
        Member::new(self, answer.into_inner().data.ok_or_else(|| empty_answer().about(about()))?)
    }

    /// Ends one's own membership.
    pub async fn leave(&self) -> Result<()> {
        self.my_membership().await?.remove().await
    }

    /// Takes a user in, named by id, e-mail address or full name, with a role (`Owner`, `Member`, `Guest`).
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if the service shows no such user: [invite](Project::invite) them then.
    /// [`Kind::Conflict`](crate::Kind::Conflict) or [`Kind::Invalid`](crate::Kind::Invalid) if they are a member already,
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner.
    pub async fn add_member(&self, user: &str, role: &str) -> Result<Member> {
        let role_id = self.client.role_id(role).await?;
        let body = ProjectRoleForProjectCreationDto { role_id, user_id: self.client.user_id(user).await? };
        let sent = self.client.raw.add_membership().project_id(self.id()).body(body).send();
        let answer = call(&op::ADD_MEMBERSHIP, sent).await.map_err(|e| e.about(format!("member {user:?}")))?;
        Member::new(self, answer.into_inner().data.ok_or_else(empty_answer)?)
    }
}

impl Client {
    /// The id of the user of this e-mail address or full name; an id is taken as it is.
    async fn user_id(&self, name: &str) -> Result<String> {
        if name.parse::<uuid::Uuid>().is_ok() {
            return Ok(name.to_owned());
        }
        let about = || format!("user {name:?}");
        let sent = self.raw.get_users().search_term(name).send();
        let found = call(&op::GET_USERS, sent).await.map_err(|e| e.about(about()))?.into_inner().data;
        let user = only("user", name, found.unwrap_or_default(), |it: &PublicUserDto| {
            [Some(it.display_name.as_str()), it.email.as_deref()]
        });
        user.map(|user| user.id).map_err(|error: Error| match error.is_not_found() {
            true => error.hint("one who has no account yet can be invited"),
            false => error,
        })
    }
}
