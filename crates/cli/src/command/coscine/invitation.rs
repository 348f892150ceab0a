use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use whimbrel::{Paged as _, coscine};

use super::{AT_ONCE, Session, ended};
use crate::{
    args::{
        Limit,
        coscine::{Invitation, Invite},
    },
    exit::Done,
    output::Column,
    session,
};

const INVITATION: [Column; 4] =
    [("email", "/email"), ("role", "/role/displayName"), ("until", "/expirationDate"), ("id", "/id")];

const OUTCOME: [Column; 3] = [("email", "/email"), ("outcome", "/outcome"), ("why", "/why")];

pub(super) async fn run(at: Session<'_>, command: Invitation) -> Done {
    match command {
        Invitation::List { project, limit } => {
            let invitations = at.client.project(&project).await?.invitations();
            at.output.list(invitations, &INVITATION, limit).await
        }
        Invitation::Show { project, invitation } => {
            let invitation = at.client.project(&project).await?.invitation(&invitation).await?;
            at.output.thing(invitation)
        }
        Invitation::Send(invite) => send(at, invite).await,
        Invitation::Revoke { project, invitation, sure } => {
            let project = at.client.project(&project).await?;
            let invitation = project.invitation(&invitation).await?;
            let deed = format!("take back the invitation of {} to {:?}", invitation.email(), project.display_name());
            at.undoable(sure, &deed, invitation.revoke()).await
        }
        Invitation::Accept(secret) => {
            let token = at.secret("token", secret.from.as_deref()).await?;
            at.told(at.client.accept_invitation(&token), "the invitation is accepted").await
        }
    }
}

/// What becomes of an address.
enum Fate {
    Invite,
    Known(&'static str),
}

/// Invites many at once, and says of each what came of it.
pub(super) async fn send(at: Session<'_>, invite: Invite) -> Done {
    let addresses = addresses(&invite).await?;
    let project = at.client.project(&invite.project).await?;
    // Once for all; and an unknown one stops here.
    let role = at.client.roles().find(&invite.role).await?;
    let known = known(&project).await?;
    let (count, mut failed) = (addresses.len(), 0);
    let outcomes = stream::iter(addresses).map(|address| {
        let (project, role) = (&project, &role.id);
        let fate = known.get(&address.to_lowercase()).map_or(Fate::Invite, |why| Fate::Known(why));
        async move {
            let outcome = match fate {
                Fate::Known(why) => return json!({ "email": address, "outcome": why, "why": null }),
                Fate::Invite => project.invite(&address, role).await,
            };
            match outcome {
                Ok(_) => json!({ "email": address, "outcome": "invited", "why": null }),
                Err(error) => json!({ "email": address, "outcome": "failed", "why": error.to_string() }),
            }
        }
    });
    let outcomes = outcomes.buffered(AT_ONCE).map(|outcome| {
        failed += usize::from(outcome["outcome"] == "failed");
        Ok(outcome)
    });
    at.output.rows(outcomes, &OUTCOME, Limit::NONE).await?;
    ended(failed, count)
}

/// Each address once, in the order given.
async fn addresses(invite: &Invite) -> Done<Vec<String>> {
    let mut all = invite.emails.clone();
    if let Some(path) = &invite.from {
        let text = session::text(path).await?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        all.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let mut seen = HashSet::new();
    all.retain(|address| seen.insert(address.to_lowercase()));
    Ok(all)
}

/// Who needs no invitation, and why.
async fn known(project: &coscine::Project) -> Done<HashMap<String, &'static str>> {
    let invited = project.invitations().stream().map_ok(|it| (it.email().to_lowercase(), "already invited"));
    let members = project.members().stream().try_filter_map(|it| async move {
        Ok(it.user().email.as_ref().map(|email| (email.to_lowercase(), "already a member")))
    });
    Ok(invited.chain(members).try_collect().await?)
}
