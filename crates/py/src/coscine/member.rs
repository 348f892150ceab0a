//! Members of projects, and invitations.

use pyo3::prelude::*;
use whimbrel::coscine::{
    Invitation, Member,
    types::{ProjectDto, ProjectInvitationDto, ProjectRoleDto},
};

use super::{Coscine, Told};
use crate::{call::Call, list::List, token::Token};

fn member(member: Member) -> ProjectRoleDto {
    member.details().clone()
}

fn invitation(invitation: Invitation) -> ProjectInvitationDto {
    invitation.details().clone()
}

#[pymethods]
impl Coscine {
    fn members(&self, project: Told<ProjectDto>) -> List {
        self.list(move |client| Ok(client.project_of(project.0.clone()).members()), member)
    }

    fn member(&self, project: Told<ProjectDto>, name: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.member(&name).await.map(member) })
    }

    fn membership(&self, project: Told<ProjectDto>, id: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.membership(&id).await.map(member) })
    }

    fn my_membership(&self, project: Told<ProjectDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.my_membership().await.map(member) })
    }

    fn add_member(&self, project: Told<ProjectDto>, user: String, role: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.add_member(&user, &role).await.map(member) })
    }

    fn set_role(&self, project: Told<ProjectDto>, told: Told<ProjectRoleDto>, role: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.member_of(told.0)?.set_role(&role).await })
    }

    fn remove_member(&self, project: Told<ProjectDto>, told: Told<ProjectRoleDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.member_of(told.0)?.remove().await })
    }

    fn invitations(&self, project: Told<ProjectDto>) -> List {
        self.list(move |client| Ok(client.project_of(project.0.clone()).invitations()), invitation)
    }

    fn invitation(&self, project: Told<ProjectDto>, name: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.invitation(&name).await.map(invitation) })
    }

    fn invite(&self, project: Told<ProjectDto>, email: String, role: String) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.invite(&email, &role).await.map(invitation) })
    }

    fn revoke_invitation(&self, project: Told<ProjectDto>, told: Told<ProjectInvitationDto>) -> PyResult<Call> {
        self.of_project(project, |project| async move { project.invitation_of(told.0)?.revoke().await })
    }

    fn accept_invitation(&self, token: &Token) -> PyResult<Call> {
        let token = token.needed()?;
        self.call(|client| async move { client.accept_invitation(&token).await })
    }
}
