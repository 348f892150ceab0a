use serde_json::json;
use whimbrel::coscine;

use super::Session;
use crate::{
    args::{
        Global,
        coscine::{Me, MeCommand, UserSettings},
    },
    exit::Done,
};

/// `whimbrel whoami`.
pub(crate) async fn whoami(global: &Global) -> Done {
    let at = Session::new(global)?;
    let me = at.client.me().await?;
    let emails: Vec<_> = me.details().emails.iter().filter_map(|it| it.email.as_deref()).collect();
    at.output.thing(json!({ "displayName": me.display_name(), "emails": emails, "id": me.id() }))
}

pub(super) async fn run(at: Session<'_>, me: Me) -> Done {
    let user = at.client.me().await?;
    match me.command {
        None => {
            let mut shown = json!(user.details());
            shown["activeProjectRoles"] = user.role_count().await?.into();
            at.output.thing(shown)
        }
        Some(MeCommand::Update(said)) => {
            update(&user, *said).await?;
            let me = at.client.me().await?;
            at.output.thing(json!(me.details()))
        }
        Some(MeCommand::Consent) => at.told(user.consent(), "you have consented").await,
        Some(MeCommand::ConfirmEmail(secret)) => {
            let token = at.secret("token", secret.from.as_deref()).await?;
            at.told(user.confirm_email(&token), "the address is confirmed").await
        }
        Some(MeCommand::ResendEmail) => at.told(user.resend_confirmation(), "the mail is on its way").await,
    }
}

async fn update(user: &whimbrel::coscine::Me, said: UserSettings) -> Done {
    let UserSettings { given_name, family_name, email, title, language, organization, disciplines } = said;
    let said = coscine::UserSettings { given_name, family_name, email, title, language, organization, disciplines };
    Ok(user.change(said).await?)
}
