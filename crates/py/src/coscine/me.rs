//! The user, the user's tokens and wishes, other users.

use pyo3::prelude::*;
use serde::Deserialize;
use whimbrel::{
    coscine::{
        ApiToken, Me, OptOut, UserSettings,
        types::{ApiTokenDto, UserDto, UserNotificationOptOutDto},
    },
    secrecy::ExposeSecret as _,
};

use super::{Coscine, Told};
use crate::{call::Call, list::List, token::Token};

fn me(me: Me) -> UserDto {
    me.details().clone()
}

fn token(token: ApiToken) -> ApiTokenDto {
    token.details().clone()
}

fn opt_out(it: OptOut) -> UserNotificationOptOutDto {
    it.details().clone()
}

/// What is changed of the user's profile.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Said {
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
    language: Option<String>,
    organization: Option<String>,
    disciplines: Option<Vec<String>>,
}

impl From<Said> for UserSettings {
    fn from(said: Said) -> Self {
        let Said { given_name, family_name, email, title, language, organization, disciplines } = said;
        Self { given_name, family_name, email, title, language, organization, disciplines }
    }
}

#[pymethods]
impl Coscine {
    fn me(&self) -> PyResult<Call> {
        self.call(|client| async move { client.me().await.map(me) })
    }

    /// The user as they are then.
    fn update_me(&self, told: Told<UserDto>, said: Told<Said>) -> PyResult<Call> {
        self.call(|client| async move {
            client.me_of(told.0).change(said.0.into()).await?;
            client.me().await.map(me)
        })
    }

    fn accept_terms(&self, told: Told<UserDto>, version: String) -> PyResult<Call> {
        self.call(|client| async move { client.me_of(told.0).accept_terms(&version).await })
    }

    fn consent(&self, told: Told<UserDto>) -> PyResult<Call> {
        self.call(|client| async move { client.me_of(told.0).consent().await })
    }

    fn confirm_email(&self, told: Told<UserDto>, token: &Token) -> PyResult<Call> {
        let token = token.needed()?;
        self.call(|client| async move { client.me_of(told.0).confirm_email(&token).await })
    }

    fn resend_confirmation(&self, told: Told<UserDto>) -> PyResult<Call> {
        self.call(|client| async move { client.me_of(told.0).resend_confirmation().await })
    }

    fn role_count(&self, told: Told<UserDto>) -> PyResult<Call> {
        self.call(|client| async move { client.me_of(told.0).role_count().await })
    }

    /// The secret is for a class of Python's that does not show it.
    fn merge(&self, told: Told<UserDto>, provider: String) -> PyResult<Call> {
        self.call(|client| async move { Ok(client.me_of(told.0).merge(&provider).await?.expose_secret().to_owned()) })
    }

    fn delete_me(&self, told: Told<UserDto>) -> PyResult<Call> {
        self.call(|client| async move { client.me_of(told.0).delete().await })
    }

    fn users(&self, text: String) -> PyResult<Call> {
        self.call(|client| async move { client.users(&text).await })
    }

    fn terms_of_service(&self) -> PyResult<Call> {
        self.call(|client| async move { client.terms_of_service().await })
    }

    fn tokens(&self) -> List {
        self.list(|client| Ok(client.tokens()), token)
    }

    fn token(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.tokens().named(&name).await.map(token) })
    }

    /// The secret is for a class of Python's that does not show it.
    fn create_token(&self, name: String, days: u32) -> PyResult<Call> {
        self.call(|client| async move {
            let (made, secret) = client.create_token(&name, days).await?;
            Ok((token(made), secret.expose_secret().to_owned()))
        })
    }

    fn revoke_token(&self, told: Told<ApiTokenDto>) -> PyResult<Call> {
        self.call(|client| async move { client.token_of(told.0).revoke().await })
    }

    fn opt_outs(&self) -> List {
        self.list(|client| Ok(client.opt_outs()), opt_out)
    }

    fn opt_out_of(&self, notification: String) -> PyResult<Call> {
        self.call(|client| async move { client.opt_outs().get(&notification).await.map(opt_out) })
    }

    fn opt_out(&self, notification: String) -> PyResult<Call> {
        self.call(|client| async move { client.opt_out(&notification).await.map(opt_out) })
    }

    fn undo_opt_out(&self, told: Told<UserNotificationOptOutDto>) -> PyResult<Call> {
        self.call(|client| async move { client.opt_out_of(told.0).undo().await })
    }
}
