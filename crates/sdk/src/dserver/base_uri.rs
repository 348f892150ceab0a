//! Base URIs, and who may do what there.

use raw::dserver::{operations as op, types};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Feature, List, list};
use crate::{Error, Kind, Result, error::call};

/// A place at which datasets lie: a bucket, a folder. Rights are given by it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BaseUri {
    /// `s3://bucket`, `file://host/path`...
    pub base_uri: String,
    /// Who may search it; none told in lists.
    pub users_with_search_permissions: Option<Vec<String>>,
    /// Who may register datasets at it; none told in lists.
    pub users_with_register_permissions: Option<Vec<String>>,
    /// What else the server told.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a user may do at a base URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// See its datasets.
    Search,
    /// Register datasets.
    Register,
}

impl BaseUri {
    fn users(&mut self, right: Right) -> &mut Vec<String> {
        match right {
            Right::Search => self.users_with_search_permissions.get_or_insert_default(),
            Right::Register => self.users_with_register_permissions.get_or_insert_default(),
        }
    }
}

impl From<types::BaseUri> for BaseUri {
    fn from(told: types::BaseUri) -> Self {
        Self { base_uri: told.base_uri.unwrap_or_default(), other: told.extra, ..Self::default() }
    }
}

impl From<types::BaseUriWithPermissions> for BaseUri {
    fn from(told: types::BaseUriWithPermissions) -> Self {
        Self {
            base_uri: told.base_uri.unwrap_or_default(),
            users_with_search_permissions: told.users_with_search_permissions,
            users_with_register_permissions: told.users_with_register_permissions,
            other: told.extra,
        }
    }
}

impl Client {
    /// All base URIs; for administrators.
    pub fn base_uris(&self) -> List<BaseUri> {
        let client = self.clone();
        List::new(
            |it: &BaseUri| Some(&it.base_uri),
            move |n| {
                let client = client.clone();
                async move {
                    let sent = client.raw.list_base_uris().page(i64::from(n)).page_size(list::PAGE_SIZE).send();
                    list::page(n, call(&op::LIST_BASE_URIS, sent).await, |told| Ok(BaseUri::from(told)))
                }
            },
        )
    }

    /// One base URI with its rights; for administrators.
    pub async fn base_uri(&self, base_uri: &str) -> Result<BaseUri> {
        let answer = call(&op::GET_BASE_URI, self.raw.get_base_uri().base_uri(base_uri).send()).await;
        Ok(answer.map_err(|e| e.about(base_uri))?.into_inner().into())
    }

    /// Makes a base URI known, or replaces all its rights; for administrators. To change one right, there are
    /// [`grant`](Self::grant) and [`revoke`](Self::revoke).
    ///
    /// # Errors
    /// [`Kind::NotFound`] if a user is not known: the server leaves such a one out without a word, so it is asked what it
    /// has kept. All other rights are as given then.
    pub async fn register_base_uri<U: Into<String>>(
        &self,
        base_uri: &str,
        may_search: impl IntoIterator<Item = U>,
        may_register: impl IntoIterator<Item = U>,
    ) -> Result<()> {
        let names = |users: &mut dyn Iterator<Item = U>| Some(users.map(Into::into).collect::<Vec<String>>());
        let wanted = BaseUri {
            users_with_search_permissions: names(&mut may_search.into_iter()),
            users_with_register_permissions: names(&mut may_register.into_iter()),
            ..BaseUri::default()
        };
        self.replace_rights(base_uri, wanted).await.map_err(|e| e.about(base_uri))
    }

    async fn replace_rights(&self, base_uri: &str, mut wanted: BaseUri) -> Result<()> {
        let body = types::BaseUriWithPermissions {
            base_uri: None,
            extra: Map::new(),
            users_with_search_permissions: Some(wanted.users(Right::Search).clone()),
            users_with_register_permissions: Some(wanted.users(Right::Register).clone()),
        };
        let sent = self.raw.register_base_uri().base_uri(base_uri).body(body).send();
        call(&op::REGISTER_BASE_URI, sent).await?;
        let mut kept = self.base_uri(base_uri).await?;
        for right in [Right::Search, Right::Register] {
            if let Some(lost) = wanted.users(right).iter().find(|user| !kept.users(right).contains(user)) {
                let message = format!("the server does not know the user {lost}: register the user first");
                return Err(Error::new(Kind::NotFound, message));
            }
        }
        Ok(())
    }

    /// Takes a base URI away; for administrators.
    pub async fn delete_base_uri(&self, base_uri: &str) -> Result<()> {
        let answer = call(&op::DELETE_BASE_URI, self.raw.delete_base_uri().base_uri(base_uri).send()).await;
        answer.map_err(|e| e.about(base_uri))?;
        Ok(())
    }

    /// Gives a user a right at a base URI; for administrators.
    ///
    /// Where the server offers single rights ([`Feature::Writing`]) it is one request; else all rights are read, changed
    /// and written, in which another administrator's change at the same moment can be lost.
    pub async fn grant(&self, username: &str, base_uri: &str, right: Right) -> Result<()> {
        self.change(username, base_uri, right, true).await.map_err(|e| e.about(base_uri))
    }

    /// Takes a right from a user at a base URI; for administrators. As [`grant`](Self::grant).
    pub async fn revoke(&self, username: &str, base_uri: &str, right: Right) -> Result<()> {
        self.change(username, base_uri, right, false).await.map_err(|e| e.about(base_uri))
    }

    async fn change(&self, username: &str, base_uri: &str, right: Right, granted: bool) -> Result<()> {
        if self.features().await?.has(Feature::Writing) {
            let raw = &self.raw;
            match (right, granted) {
                (Right::Search, true) => {
                    let sent = raw.grant_search().username(username).base_uri(base_uri).send();
                    call(&op::GRANT_SEARCH, sent).await?;
                }
                (Right::Search, false) => {
                    let sent = raw.revoke_search().username(username).base_uri(base_uri).send();
                    call(&op::REVOKE_SEARCH, sent).await?;
                }
                (Right::Register, true) => {
                    let sent = raw.grant_register().username(username).base_uri(base_uri).send();
                    call(&op::GRANT_REGISTER, sent).await?;
                }
                (Right::Register, false) => {
                    let sent = raw.revoke_register().username(username).base_uri(base_uri).send();
                    call(&op::REVOKE_REGISTER, sent).await?;
                }
            }
            return Ok(());
        }
        let mut rights = self.base_uri(base_uri).await?;
        let users = rights.users(right);
        if users.iter().any(|user| user == username) == granted {
            return Ok(());
        }
        match granted {
            true => users.push(username.to_owned()),
            false => users.retain(|user| user != username),
        }
        self.replace_rights(base_uri, rights).await
    }
}
