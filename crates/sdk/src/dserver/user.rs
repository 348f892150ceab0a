//! Users, and what they can see.

use std::collections::BTreeMap;

use raw::dserver::{operations as op, types};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Feature, List, dataset::count, list};
use crate::{Result, error::call};

/// A user of the server. Lists tell the name and whether it is an administrator; the rights come with one user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The name, as tokens have it.
    pub username: String,
    /// May do everything.
    pub is_admin: bool,
    /// Where it may search; none told in lists.
    pub search_permissions_on_base_uris: Option<Vec<String>>,
    /// Where it may register datasets; none told in lists.
    pub register_permissions_on_base_uris: Option<Vec<String>>,
    /// What else the server told: `display_name`...
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl From<types::User> for User {
    fn from(told: types::User) -> Self {
        Self {
            username: told.username.unwrap_or_default(),
            is_admin: told.is_admin.unwrap_or_default(),
            other: with_name(told.extra, told.display_name),
            ..Self::default()
        }
    }
}

impl From<types::UserWithPermissions> for User {
    fn from(told: types::UserWithPermissions) -> Self {
        Self {
            username: told.username.unwrap_or_default(),
            is_admin: told.is_admin.unwrap_or_default(),
            search_permissions_on_base_uris: told.search_permissions_on_base_uris,
            register_permissions_on_base_uris: told.register_permissions_on_base_uris,
            other: with_name(told.extra, told.display_name),
        }
    }
}

fn with_name(mut other: Map<String, Value>, name: Option<String>) -> Map<String, Value> {
    other.extend(name.map(|name| ("display_name".to_owned(), name.into())));
    other
}

/// Counts over all datasets that a user can see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Datasets in all.
    pub number_of_datasets: u64,
    /// Their bytes.
    pub total_size_in_bytes: u64,
    /// Everybody who made one.
    pub creator_usernames: Vec<String>,
    /// Every base URI at which one lies.
    pub base_uris: Vec<String>,
    /// Every tag.
    pub tags: Vec<String>,
    /// Datasets by who made them.
    pub datasets_per_creator: BTreeMap<String, u64>,
    /// Datasets by base URI.
    pub datasets_per_base_uri: BTreeMap<String, u64>,
    /// Datasets by tag.
    pub datasets_per_tag: BTreeMap<String, u64>,
    /// Bytes by who made them.
    pub size_in_bytes_per_creator: BTreeMap<String, u64>,
    /// Bytes by base URI.
    pub size_in_bytes_per_base_uri: BTreeMap<String, u64>,
    /// Bytes by tag.
    pub size_in_bytes_per_tag: BTreeMap<String, u64>,
    /// What else the server told.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Client {
    /// The user whose token this is.
    pub async fn me(&self) -> Result<User> {
        Ok(call(&op::GET_ME, self.raw.get_me().send()).await?.into_inner().into())
    }

    /// Counts over all datasets that the own user can see.
    ///
    /// # Errors
    /// A server of version 0.22 fails with 500 if one of them was registered without its size.
    pub async fn summary(&self) -> Result<Summary> {
        summary(call(&op::GET_MY_SUMMARY, self.raw.get_my_summary().send()).await.map(raw::ResponseValue::into_inner))
    }

    /// The same for another user; for administrators.
    pub async fn summary_of(&self, username: &str) -> Result<Summary> {
        let answer = call(&op::GET_USER_SUMMARY, self.raw.get_user_summary().username(username).send()).await;
        summary(answer.map(raw::ResponseValue::into_inner)).map_err(|e| e.about(username))
    }

    /// All users; for administrators.
    pub fn users(&self) -> List<User> {
        let client = self.clone();
        List::new(
            |user: &User| Some(&user.username),
            move |n| {
                let client = client.clone();
                async move {
                    let sent = client.raw.list_users().page(i64::from(n)).page_size(list::PAGE_SIZE).send();
                    list::page(n, call(&op::LIST_USERS, sent).await, |told| Ok(User::from(told)))
                }
            },
        )
    }

    /// One user with its rights: oneself, or any for administrators.
    pub async fn user(&self, username: &str) -> Result<User> {
        let answer = call(&op::GET_USER, self.raw.get_user().username(username).send()).await;
        Ok(answer.map_err(|e| e.about(username))?.into_inner().into())
    }

    /// Makes a user known, or says anew whether it is an administrator; for administrators. (The API takes silence on that
    /// for "no", so it is always said.)
    pub async fn register_user(&self, username: &str, is_admin: bool) -> Result<()> {
        let body = types::User {
            username: Some(username.to_owned()),
            is_admin: Some(is_admin),
            display_name: None,
            extra: Map::new(),
        };
        let answer = call(&op::REGISTER_USER, self.raw.register_user().username(username).body(body).send()).await;
        answer.map_err(|e| e.about(username))?;
        Ok(())
    }

    /// Takes a user and its rights away; for administrators.
    pub async fn delete_user(&self, username: &str) -> Result<()> {
        let answer = call(&op::DELETE_USER, self.raw.delete_user().username(username).send()).await;
        answer.map_err(|e| e.about(username))?;
        Ok(())
    }

    /// Gives the own user another name for people. Needs [`Feature::Writing`].
    pub async fn rename_me(&self, display_name: &str) -> Result<User> {
        let body = types::MeUpdate { display_name: Some(display_name.to_owned()) };
        let answer = call(&op::UPDATE_ME, self.raw.update_me().body(body).send()).await;
        Ok(self.offered(Feature::Writing, answer).await?.into_inner().into())
    }

    /// Gives a user another name for people, and leaves the rest; for administrators. Needs [`Feature::Writing`].
    pub async fn rename_user(&self, username: &str, display_name: &str) -> Result<User> {
        let body = types::UserUpdate { display_name: Some(display_name.to_owned()), is_admin: None };
        let answer = call(&op::UPDATE_USER, self.raw.update_user().username(username).body(body).send()).await;
        let answer = self.offered(Feature::Writing, answer).await;
        Ok(answer.map_err(|e| e.about(username))?.into_inner().into())
    }
}

fn summary(answer: Result<types::Summary>) -> Result<Summary> {
    let told = answer.map_err(|error| match error.status().map(|it| it.as_u16()) {
        Some(500) => error.hint(
            "a server of 0.22 fails so if a dataset was registered without its size: `whimbrel dserver search` shows it \
             (no size), and registering it anew mends it",
        ),
        _ => error,
    })?;
    let counts = |told: Option<std::collections::HashMap<String, i64>>| {
        let told = told.unwrap_or_default().into_iter();
        told.map(|(name, n)| (name, count(Some(n)).unwrap_or_default())).collect()
    };
    let mut other = told.extra;
    other.extend(told.uploaders.map(|it| ("uploaders".to_owned(), it.into())));
    Ok(Summary {
        number_of_datasets: count(told.number_of_datasets).unwrap_or_default(),
        total_size_in_bytes: count(told.total_size_in_bytes).unwrap_or_default(),
        creator_usernames: told.creator_usernames.unwrap_or_default(),
        base_uris: told.base_uris.unwrap_or_default(),
        tags: told.tags.unwrap_or_default(),
        datasets_per_creator: counts(told.datasets_per_creator),
        datasets_per_base_uri: counts(told.datasets_per_base_uri),
        datasets_per_tag: counts(told.datasets_per_tag),
        size_in_bytes_per_creator: counts(told.size_in_bytes_per_creator),
        size_in_bytes_per_base_uri: counts(told.size_in_bytes_per_base_uri),
        size_in_bytes_per_tag: counts(told.size_in_bytes_per_tag),
        other,
    })
}
