use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use whimbrel::coscine::types::{
    DisciplineForUserManipulationDto, LanguageForUserManipulationDto, TitleForUserManipulationDto,
};

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
            update(&at, &user, *said).await?;
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

async fn update(at: &Session<'_>, user: &whimbrel::coscine::Me, said: UserSettings) -> Done {
    let mut profile = user.profile();
    let texts = [
        (&mut profile.given_name, said.given_name),
        (&mut profile.family_name, said.family_name),
        (&mut profile.email, said.email),
    ];
    for (old, new) in texts {
        if let Some(new) = new {
            *old = new;
        }
    }
    if let Some(title) = said.title {
        profile.title = Some(TitleForUserManipulationDto { id: at.client.titles().find(&title).await?.id });
    }
    if let Some(language) = said.language {
        profile.language = LanguageForUserManipulationDto { id: at.client.languages().find(&language).await?.id };
    }
    if said.organization.is_some() {
        profile.organization = said.organization;
    }
    if let Some(names) = said.disciplines {
        let found = stream::iter(&names).then(|name| async { at.client.disciplines().find(name).await });
        let ids = found.try_filter_map(|it| async { Ok(it.id.map(|id| DisciplineForUserManipulationDto { id })) });
        profile.disciplines = ids.try_collect().await?;
    }
    Ok(user.update(profile).await?)
}
