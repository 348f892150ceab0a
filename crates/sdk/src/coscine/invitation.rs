//! Invitations to a project, by e-mail.

use futures::TryStreamExt as _;
use raw::coscine::{
    operations as op,
    types::{ProjectInvitationDto, ProjectInvitationForProjectManipulationDto, ProjectInvitationResolveDto},
};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Client, Project,
    client::{PAGE_SIZE, deleted, empty_answer, only},
};
use crate::{Page, Paged, Result, error::call};

/// An invitation that waits for an answer.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let project = coscine.project("Turbine 7").await?;
/// let invitation = project.invite("new@example.org", "Guest").await?;
/// invitation.revoke().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Invitation {
    client: Client,
    project_id: String,
    id: String,
    details: ProjectInvitationDto,
}

impl Invitation {
    pub(super) fn new(project: &Project, details: ProjectInvitationDto) -> Result<Self> {
        let about = || format!("invitations to {:?}", project.display_name());
        let id = details.id.clone().ok_or_else(|| empty_answer().about(about()))?;
        Ok(Self { client: project.client.clone(), project_id: project.id().to_owned(), id, details })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it was sent.
    pub fn email(&self) -> &str {
        self.details.email.as_deref().unwrap_or_default()
    }

    /// All that the server told of it: who invited, as what, until when.
    pub fn details(&self) -> &ProjectInvitationDto {
        &self.details
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner of the project.
    pub async fn revoke(&self) -> Result<()> {
        let request = self.client.raw.delete_project_invitation().project_id(&self.project_id);
        let sent = call(&op::DELETE_PROJECT_INVITATION, request.project_invitation_id(&self.id).send()).await;
        deleted(sent).map_err(|e| e.about(format!("invitation of {}", self.email())))
    }
}

/// The invitations to a project that nobody has answered.
#[derive(Clone, Debug)]
#[must_use]
pub struct Invitations {
    project: Project,
}

impl Paged for Invitations {
    type Item = Invitation;

    /// The `n`-th page, from 1, of up to 50 invitations.
    async fn page(&self, n: u32) -> Result<Page<Invitation>> {
        let about = || format!("invitations to {:?}", self.project.display_name());
        let request = self.project.client.raw.get_project_invitations().project_id(self.project.id());
        let sent = request.page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::GET_PROJECT_INVITATIONS, sent).await.map_err(|e| e.about(about()))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|dto| Invitation::new(&self.project, dto));
        Ok(Page { items: items.collect::<Result<_>>()?, ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Invitation) -> Option<&'i str> {
        Some(item.id())
    }
}

impl Project {
    /// The invitations that nobody has answered.
    pub fn invitations(&self) -> Invitations {
        Invitations { project: self.clone() }
    }

    /// The invitation of this id, or to this e-mail address.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none; [`Kind::Invalid`](crate::Kind::Invalid) if there are
    /// several to this address.
    pub async fn invitation(&self, name: &str) -> Result<Invitation> {
        if name.parse::<uuid::Uuid>().is_ok() {
            let request = self.client.raw.get_project_invitation().project_id(self.id()).project_invitation_id(name);
            let answer = call(&op::GET_PROJECT_INVITATION, request.send()).await;
            let answer = answer.map_err(|e| e.about(format!("invitation {name}")))?;
            return Invitation::new(self, answer.into_inner().data.ok_or_else(empty_answer)?);
        }
        let all = self.invitations().stream().try_collect::<Vec<_>>().await?;
        only("invitation", name, all, |it| [Some(it.email())])
    }

    /// Invites somebody by e-mail, to take a role (`Owner`, `Member`, `Guest`) in the project. The service sends the mail.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if this is no address or they are invited already;
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for one who is not an owner.
    pub async fn invite(&self, email: &str, role: &str) -> Result<Invitation> {
        let role_id = self.client.role_id(role).await?;
        let body = ProjectInvitationForProjectManipulationDto { email: email.to_owned(), role_id };
        let sent = self.client.raw.create_project_invitation().project_id(self.id()).body(body).send();
        let answer = call(&op::CREATE_PROJECT_INVITATION, sent).await;
        let answer = answer.map_err(|e| e.about(format!("invitation of {email}")))?;
        Invitation::new(self, answer.into_inner().data.ok_or_else(empty_answer)?)
    }
}

impl Client {
    /// Accepts an invitation by the token (a UUID) in its mail: the user is then a member of the project.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) or [`Kind::Invalid`](crate::Kind::Invalid) if the token is not good, or
    /// not any more.
    pub async fn accept_invitation(&self, token: &SecretString) -> Result<()> {
        let body = ProjectInvitationResolveDto { token: token.expose_secret().to_owned() };
        let sent = self.raw.resolve_project_invitation().body(body).send();
        call(&op::RESOLVE_PROJECT_INVITATION, sent).await.map_err(|e| e.about("invitation"))?;
        Ok(())
    }
}
