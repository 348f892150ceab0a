//! Handles made of what the server told before: for programs that keep that and not the handle, as in a file or another
//! process.

use raw::coscine::types::{
    ApiTokenDto, ProjectDto, ProjectInvitationDto, ProjectRoleDto, ResourceDto, UserDto, UserNotificationOptOutDto,
};

use super::{ApiToken, Client, Invitation, Me, Member, OptOut, Project, Resource, client::empty_answer};
use crate::Result;

impl Client {
    /// A project by what the server told of it, [`Project::details`]. Nothing is asked.
    ///
    /// ```no_run
    /// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
    /// let kept = coscine.project("Turbine 7").await?.details().clone();
    /// let resource = coscine.project_of(kept).resource("Raw data").await?;
    /// # Ok(()) }
    /// ```
    pub fn project_of(&self, details: ProjectDto) -> Project {
        Project::new(self.clone(), details)
    }

    /// A resource by the id of its project, [`Resource::project_id`], and by what the server told of it,
    /// [`Resource::details`]. Nothing is asked.
    ///
    /// # Errors
    /// [`Kind::Unexpected`](crate::Kind::Unexpected) if there is no id in it.
    pub fn resource_of(&self, project_id: impl Into<String>, details: ResourceDto) -> Result<Resource> {
        let about = || format!("resource {:?}", details.display_name);
        let id = details.id.clone().ok_or_else(|| empty_answer().about(about()))?;
        Ok(Resource::new(self.clone(), project_id.into(), id, details))
    }

    /// A token of the user by what the server told of it, [`ApiToken::details`]. Nothing is asked, and no secret is kept.
    pub fn token_of(&self, details: ApiTokenDto) -> ApiToken {
        ApiToken::new(self, details).0
    }

    /// An opt-out by what the server told of it, [`OptOut::details`]. Nothing is asked.
    pub fn opt_out_of(&self, details: UserNotificationOptOutDto) -> OptOut {
        OptOut::new(self.clone(), details)
    }

    /// The user by what the server told, [`Me::details`]. Nothing is asked.
    pub fn me_of(&self, details: UserDto) -> Me {
        Me::new(self.clone(), details)
    }
}

impl Project {
    /// A member by what the server told, [`Member::details`]. Nothing is asked.
    ///
    /// # Errors
    /// [`Kind::Unexpected`](crate::Kind::Unexpected) if it names no user, or has no id.
    pub fn member_of(&self, details: ProjectRoleDto) -> Result<Member> {
        Member::new(self, details)
    }

    /// An invitation by what the server told, [`Invitation::details`]. Nothing is asked.
    ///
    /// # Errors
    /// [`Kind::Unexpected`](crate::Kind::Unexpected) if it has no id.
    pub fn invitation_of(&self, details: ProjectInvitationDto) -> Result<Invitation> {
        Invitation::new(self, details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, coscine::resource::tests::described};

    #[test]
    fn a_handle_can_be_made_of_what_another_one_tells() {
        let client = Client::builder().url("http://127.0.0.1:9").token("t").build().unwrap();
        let mut details = described();
        assert_eq!(client.resource_of("p", details.clone()).unwrap_err().kind(), Kind::Unexpected, "it has no id");
        details.id = Some("r".to_owned());
        let first = client.resource_of("p", details).unwrap();
        let json = serde_json::to_string(first.details()).unwrap();
        assert!(!json.contains("hush"));
        let second = client.resource_of(first.project_id(), serde_json::from_str(&json).unwrap()).unwrap();
        assert_eq!(second.details(), first.details());
        assert_eq!((second.id(), second.project_id()), ("r", "p"));
    }
}
