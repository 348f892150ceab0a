use raw::coscine::{
    operations as op,
    types::{
        DisciplineForUserManipulationDto, LanguageForUserManipulationDto, PublicUserDto, TermsOfServiceDto,
        TitleForUserManipulationDto, UserDto, UserForUpdateDto, UserTermsOfServiceAcceptDto,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Client,
    client::{deleted, given},
};
use crate::{Error, Result, error::call};

/// The user whose token the client has.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// let me = coscine.me().await?;
/// let mut profile = me.profile();
/// profile.given_name = "Ada".to_owned();
/// me.update(profile).await?;
/// if !me.details().are_to_s_accepted {
///     let terms = coscine.terms_of_service().await?;
///     println!("read {} first", terms.href);
///     me.accept_terms(&terms.version).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Me {
    client: Client,
    details: UserDto,
}

/// What is changed of the user's profile by [`Me::change`]; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct UserSettings {
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The e-mail address; another one counts once it is confirmed.
    pub email: Option<String>,
    /// An academic title, by name or id.
    pub title: Option<String>,
    /// The language of the user interface, by name, abbreviation (`de`) or id.
    pub language: Option<String>,
    /// The organisation, by its ROR URI.
    pub organization: Option<String>,
    /// All disciplines, by English or German name, URI or id.
    pub disciplines: Option<Vec<String>>,
}

impl Me {
    pub(super) fn new(client: Client, details: UserDto) -> Self {
        Self { client, details }
    }

    /// The user's id.
    pub fn id(&self) -> &str {
        &self.details.id
    }

    /// The name that people read.
    pub fn display_name(&self) -> &str {
        &self.details.display_name
    }

    /// All that the server told of the user, when it was asked. Times are as the server wrote them, RFC 3339.
    pub fn details(&self) -> &UserDto {
        &self.details
    }

    /// The profile as it is, to be changed and given to [`Me::update`]. What the user has not told is empty.
    pub fn profile(&self) -> UserForUpdateDto {
        let user = &self.details;
        let email = user.emails.iter().find(|it| it.is_primary == Some(true)).or(user.emails.first());
        // Those that the identity provider tells can't be changed here.
        let organization = user.organizations.iter().find(|it| !it.read_only);
        UserForUpdateDto {
            given_name: user.given_name.clone().unwrap_or_default(),
            family_name: user.family_name.clone().unwrap_or_default(),
            email: email.and_then(|it| it.email.clone()).unwrap_or_default(),
            title: user.title.as_ref().map(|it| TitleForUserManipulationDto { id: it.id.clone() }),
            language: LanguageForUserManipulationDto {
                id: user.language.as_ref().map(|it| it.id.clone()).unwrap_or_default(),
            },
            organization: organization.and_then(|it| it.uri.clone()),
            disciplines: user
                .disciplines
                .iter()
                .filter_map(|it| Some(DisciplineForUserManipulationDto { id: it.id.clone()? }))
                .collect(),
        }
    }

    /// Replaces the whole profile. A new e-mail address counts once it is confirmed. This handle still tells what was:
    /// ask [`Client::me`] again.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if a name, the address or the language is empty.
    pub async fn update(&self, profile: UserForUpdateDto) -> Result<()> {
        let needed = [
            ("given name", &profile.given_name),
            ("family name", &profile.family_name),
            ("e-mail address", &profile.email),
            ("language", &profile.language.id),
        ];
        if let Some((what, _)) = needed.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(Error::invalid(format!("it needs a {what}")).about("the user's profile"));
        }
        let sent = self.client.raw.update_current_user().body(profile).send();
        call(&op::UPDATE_CURRENT_USER, sent).await.map(drop).map_err(|e| e.about("the user's profile"))
    }

    /// Changes what is said of the user, and leaves the rest. This handle still tells what was: ask [`Client::me`] again.
    ///
    /// ```no_run
    /// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
    /// use whimbrel::coscine::UserSettings;
    ///
    /// let said = UserSettings { language: Some("de".to_owned()), ..UserSettings::default() };
    /// coscine.me().await?.change(said).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is no title, language or discipline of a name; and those of
    /// [`Me::update`].
    pub async fn change(&self, said: UserSettings) -> Result<()> {
        let UserSettings { given_name, family_name, email, title, language, organization, disciplines } = said;
        let mut profile = self.profile();
        for (old, new) in [
            (&mut profile.given_name, given_name),
            (&mut profile.family_name, family_name),
            (&mut profile.email, email),
        ] {
            *old = new.unwrap_or(std::mem::take(old));
        }
        if let Some(title) = title {
            profile.title = Some(TitleForUserManipulationDto { id: self.client.titles().find(&title).await?.id });
        }
        if let Some(language) = language {
            profile.language = LanguageForUserManipulationDto { id: self.client.languages().find(&language).await?.id };
        }
        profile.organization = organization.or(profile.organization);
        if let Some(names) = disciplines {
            let ids = self.client.discipline_ids(&names).await?;
            profile.disciplines = ids.into_iter().map(|id| DisciplineForUserManipulationDto { id }).collect();
        }
        self.update(profile).await
    }

    /// Accepts the terms of service in this version: that of [`Client::terms_of_service`].
    pub async fn accept_terms(&self, version: &str) -> Result<()> {
        let body = UserTermsOfServiceAcceptDto { version: version.to_owned() };
        let sent = self.client.raw.accept_current_tos().body(body).send();
        call(&op::ACCEPT_CURRENT_TOS, sent).await.map(drop).map_err(|e| e.about(format!("terms of service {version}")))
    }

    /// Consents to the processing of the user's data.
    pub async fn consent(&self) -> Result<()> {
        let sent = self.client.raw.give_data_processing_consent().send();
        call(&op::GIVE_DATA_PROCESSING_CONSENT, sent).await.map(drop)
    }

    /// Confirms an e-mail address by the token that was sent to it.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) or [`Kind::Invalid`](crate::Kind::Invalid) if the token is not, or no
    /// longer, good.
    pub async fn confirm_email(&self, token: &SecretString) -> Result<()> {
        let sent = self.client.raw.confirm_user_email().confirmation_token(token.expose_secret()).send();
        call(&op::CONFIRM_USER_EMAIL, sent).await.map(drop).map_err(|e| e.about("the e-mail address"))
    }

    /// Has that token sent again.
    ///
    /// # Errors
    /// [`Kind::RateLimited`](crate::Kind::RateLimited) if it was asked for too often.
    pub async fn resend_confirmation(&self) -> Result<()> {
        let sent = self.client.raw.resend_user_email_confirmation().send();
        call(&op::RESEND_USER_EMAIL_CONFIRMATION, sent).await.map(drop).map_err(|e| e.about("the e-mail address"))
    }

    /// How many roles in projects the user has.
    pub async fn role_count(&self) -> Result<u32> {
        let sent = self.client.raw.get_active_project_roles_count().send();
        let count = given(call(&op::GET_ACTIVE_PROJECT_ROLES_COUNT, sent).await?.into_inner().data)?;
        Ok(count.active_project_roles_total.and_then(|n| u32::try_from(n).ok()).unwrap_or_default())
    }

    /// Starts to merge another login of the user, `Shibboleth` or `ORCiD`, into this one. What comes is a token with
    /// which a browser goes on.
    pub async fn merge(&self, provider: &str) -> Result<SecretString> {
        let about = || format!("identity provider {provider}");
        let sent = self.client.raw.initiate_user_merge().identity_provider(provider.to_owned()).send();
        let answer = call(&op::INITIATE_USER_MERGE, sent).await.map_err(|e| e.without_answer().about(about()))?;
        given(answer.into_inner().data).map(|it| it.token.into()).map_err(|e| e.about(about()))
    }

    /// Deletes the user's account, for good.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) while projects need the user. If an answer was lost and it was asked
    /// again, [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) can mean that it is done.
    pub async fn delete(self) -> Result<()> {
        let sent = call(&op::DELETE_CURRENT_USER, self.client.raw.delete_current_user().send()).await;
        deleted(sent).map_err(|e| e.about("the user's account"))
    }
}

impl Client {
    /// The user whose token this client has: the cheapest way to check a token.
    ///
    /// # Errors
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated) if the token is not good.
    pub async fn me(&self) -> Result<Me> {
        let answer = call(&op::GET_CURRENT_USER, self.raw.get_current_user().send()).await?;
        Ok(Me { client: self.clone(), details: given(answer.into_inner().data)? })
    }

    /// The terms of service that are in force: their version, and where to read them.
    pub async fn terms_of_service(&self) -> Result<TermsOfServiceDto> {
        given(call(&op::GET_TOS, self.raw.get_tos().send()).await?.into_inner().data)
    }

    /// Users whose name or e-mail address holds a text, to be made members of projects; in one answer.
    pub async fn users(&self, text: &str) -> Result<Vec<PublicUserDto>> {
        let answer = call(&op::GET_USERS, self.raw.get_users().search_term(text).send()).await;
        Ok(answer.map_err(|e| e.about(format!("users {text:?}")))?.into_inner().data.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Kind;

    fn me(details: serde_json::Value) -> Me {
        let client = Client::builder().url("http://127.0.0.1:9").token("t".to_owned()).build().unwrap();
        Me { client, details: serde_json::from_value(details).unwrap() }
    }

    #[tokio::test]
    async fn the_profile_is_what_the_user_has_told() {
        let me = me(json!({
            "id": "u", "displayName": "Dr. A. Ott", "givenName": "A.", "familyName": "Ott", "areToSAccepted": true,
            "emails": [{ "email": "old@h", "isPrimary": false }, { "email": "new@h", "isPrimary": true }],
            "title": { "id": "t", "displayName": "Dr." }, "identities": [],
            "language": { "id": "l", "displayName": "Deutsch", "abbreviation": "de" },
            "disciplines": [{ "id": "d" }, { "displayNameEn": "without an id" }],
            "organizations": [
                { "displayName": "RWTH", "uri": "https://ror.org/1", "readOnly": true },
                { "displayName": "Own", "uri": "https://ror.org/2", "readOnly": false },
            ],
        }));
        let told = serde_json::to_value(me.profile()).unwrap();
        let expected = json!({
            "givenName": "A.", "familyName": "Ott", "email": "new@h", "title": { "id": "t" },
            "language": { "id": "l" }, "organization": "https://ror.org/2", "disciplines": [{ "id": "d" }],
        });
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn an_empty_profile_is_not_sent() {
        let me = me(json!({
            "id": "u", "displayName": "u", "areToSAccepted": false, "emails": [], "disciplines": [],
            "organizations": [], "identities": [],
        }));
        let error = me.update(me.profile()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (Kind::Invalid, 0));
        assert!(error.to_string().contains("given name"), "{error}");
    }
}
