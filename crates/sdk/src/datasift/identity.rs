//! Identities of an account, each with an API key of its own; tokens of other services for them, and limits.

use raw::datasift::operations as op;

use super::{
    Client, list,
    types::{Identity, Limit, Token},
};
use crate::{List, Result};

/// The identities of an account.
#[derive(Clone, Debug)]
pub struct Identities {
    client: Client,
}

/// Tokens by which an identity uses other services.
#[derive(Clone, Debug)]
pub struct Tokens {
    client: Client,
    identity: String,
}

/// How much of a service an identity may use in a day.
#[derive(Clone, Debug)]
pub struct Limits {
    client: Client,
    service: String,
}

impl Client {
    /// The account's identities.
    pub fn identities(&self) -> Identities {
        Identities { client: self.clone() }
    }

    /// The limits of identities for one service, such as `facebook`.
    pub fn limits(&self, service: impl Into<String>) -> Limits {
        Limits { client: self.clone(), service: service.into() }
    }
}

impl Identities {
    /// All of them; those of one label if it is given.
    pub fn list(&self, label: Option<&str>) -> List<Identity> {
        let label = label.map(str::to_owned);
        self.client.list(
            |identity: &Identity| identity.id.as_deref(),
            move |client, n| {
                let label = label.clone();
                async move {
                    let mut asked = client.raw.list_identities().page(i64::from(n)).per_page(list::PAGE_SIZE);
                    if let Some(label) = label {
                        asked = asked.label(label);
                    }
                    let told = client.told(&op::LIST_IDENTITIES, None, asked.send()).await?;
                    Ok(list::page(n, told.identities, told.count, told.pages))
                }
            },
        )
    }

    /// One of them.
    pub async fn get(&self, id: &str) -> Result<Identity> {
        self.client.told(&op::GET_IDENTITY, Some(id), self.client.raw.get_identity().id(id).send()).await
    }

    /// Makes one; its API key is in the answer. A label that is taken is a conflict.
    pub async fn create(&self, label: &str, status: Option<&str>, master: Option<bool>) -> Result<Identity> {
        let asked = self.client.raw.create_identity();
        let asked = asked.body_map(|it| it.label(label).status(status.map(str::to_owned)).master(master));
        self.client.told(&op::CREATE_IDENTITY, Some(label), asked.send()).await
    }

    /// Changes what is given of it.
    pub async fn update(
        &self,
        id: &str,
        label: Option<&str>,
        status: Option<&str>,
        master: Option<bool>,
    ) -> Result<Identity> {
        let asked = self
            .client
            .raw
            .update_identity()
            .id(id)
            .body_map(|it| it.label(label.map(str::to_owned)).status(status.map(str::to_owned)).master(master));
        self.client.told(&op::UPDATE_IDENTITY, Some(id), asked.send()).await
    }

    /// Forgets it. The service was seen to refuse that to everybody.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.client.told(&op::DELETE_IDENTITY, Some(id), self.client.raw.delete_identity().id(id).send()).await
    }

    /// The tokens of one of them.
    pub fn tokens(&self, id: impl Into<String>) -> Tokens {
        Tokens { client: self.client.clone(), identity: id.into() }
    }
}

impl Tokens {
    /// All of them.
    pub fn list(&self) -> List<Token> {
        let identity = self.identity.clone();
        self.client.list(
            |token: &Token| token.service.as_deref(),
            move |client, n| {
                let identity = identity.clone();
                async move {
                    let asked = client.raw.list_tokens().identity_id(&identity);
                    let asked = asked.page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let told = client.told(&op::LIST_TOKENS, Some(&identity), asked.send()).await?;
                    Ok(list::page(n, told.tokens, told.count, told.pages))
                }
            },
        )
    }

    /// That of one service.
    pub async fn get(&self, service: &str) -> Result<Token> {
        let asked = self.client.raw.get_token().identity_id(&self.identity).service(service);
        self.client.told(&op::GET_TOKEN, Some(service), asked.send()).await
    }

    /// Gives a token for a service that has none yet.
    pub async fn create(&self, service: &str, token: &str) -> Result<Token> {
        let asked = self.client.raw.create_token().identity_id(&self.identity);
        let asked = asked.body_map(|it| it.service(service).token(token));
        self.client.told(&op::CREATE_TOKEN, Some(service), asked.send()).await
    }

    /// Replaces that of a service.
    pub async fn update(&self, service: &str, token: &str) -> Result<Token> {
        let asked = self.client.raw.update_token().identity_id(&self.identity).service(service);
        let asked = asked.body_map(|it| it.token(token.to_owned()));
        self.client.told(&op::UPDATE_TOKEN, Some(service), asked.send()).await
    }

    /// Forgets that of a service.
    pub async fn delete(&self, service: &str) -> Result<()> {
        let asked = self.client.raw.delete_token().identity_id(&self.identity).service(service);
        self.client.told(&op::DELETE_TOKEN, Some(service), asked.send()).await
    }
}

impl Limits {
    /// Those of all identities.
    pub fn list(&self) -> List<Limit> {
        let service = self.service.clone();
        self.client.list(
            |limit: &Limit| limit.id.as_deref(),
            move |client, n| {
                let service = service.clone();
                async move {
                    let asked = client.raw.list_limits().service(&service);
                    let asked = asked.page(i64::from(n)).per_page(list::PAGE_SIZE);
                    let told = client.told(&op::LIST_LIMITS, Some(&service), asked.send()).await?;
                    Ok(list::page(n, told.limits, told.count, told.pages))
                }
            },
        )
    }

    /// That of one identity.
    pub async fn get(&self, identity: &str) -> Result<Limit> {
        let asked = self.client.raw.get_limit().identity_id(identity).service(&self.service);
        self.client.told(&op::GET_LIMIT, Some(identity), asked.send()).await
    }

    /// Limits an identity that has no limit yet: interactions and analyses in a day.
    pub async fn create(
        &self,
        identity: &str,
        total_allowance: Option<i64>,
        analyze_queries: Option<i64>,
    ) -> Result<Limit> {
        let asked =
            self.client.raw.create_limit().identity_id(identity).body_map(|it| {
                it.service(&self.service).total_allowance(total_allowance).analyze_queries(analyze_queries)
            });
        self.client.told(&op::CREATE_LIMIT, Some(identity), asked.send()).await
    }

    /// Changes what is given of it.
    pub async fn update(
        &self,
        identity: &str,
        total_allowance: Option<i64>,
        analyze_queries: Option<i64>,
    ) -> Result<Limit> {
        let asked = self.client.raw.update_limit().identity_id(identity).service(&self.service);
        let asked = asked.body_map(|it| it.total_allowance(total_allowance).analyze_queries(analyze_queries));
        self.client.told(&op::UPDATE_LIMIT, Some(identity), asked.send()).await
    }

    /// Forgets it.
    pub async fn delete(&self, identity: &str) -> Result<()> {
        let asked = self.client.raw.delete_limit().identity_id(identity).service(&self.service);
        self.client.told(&op::DELETE_LIMIT, Some(identity), asked.send()).await
    }
}
