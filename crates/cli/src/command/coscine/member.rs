use super::Session;
use crate::{args::coscine::Member, exit::Done, output::Column};

const MEMBER: [Column; 4] =
    [("name", "/user/displayName"), ("email", "/user/email"), ("role", "/role/displayName"), ("user id", "/user/id")];

pub(super) async fn run(at: Session<'_>, command: Member) -> Done {
    let find = async |project: &str| at.client.project(project).await;
    match command {
        Member::List { project, limit } => {
            let members = find(&project).await?.members();
            at.output.list(members, &MEMBER, limit).await
        }
        Member::Show { project, member: Some(member) } => {
            let member = find(&project).await?.member(&member).await?;
            at.output.thing(member)
        }
        Member::Show { project, member: None } => {
            let member = find(&project).await?.my_membership().await?;
            at.output.thing(member)
        }
        Member::Add { project, user, role } => {
            let added = find(&project).await?.add_member(&user, &role).await?;
            at.output.thing(added)
        }
        Member::SetRole { project, member, role } => {
            let member = find(&project).await?.member(&member).await?;
            at.told(member.set_role(&role), &format!("{} is now {role}", member.name())).await
        }
        Member::Remove { project, member, sure } => {
            let project = find(&project).await?;
            let member = project.member(&member).await?;
            let deed = format!("end the membership of {:?} in {:?}", member.name(), project.display_name());
            at.undoable(sure, &deed, member.remove()).await
        }
    }
}
