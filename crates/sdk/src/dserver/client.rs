use std::sync::Arc;

use middleware::layer::Credentials;
use url::Url;

use super::policy;
use crate::{
    Builder, Result, Service, Settings,
    builder::sealed,
    connect::{Connection, Policies},
};

/// What is special to dserver when a client of it is made.
#[derive(Debug, Default)]
pub struct Dserver;

impl sealed::Sealed for Dserver {}

impl Service for Dserver {
    type Client = Client;

    const NAME: &'static str = "dserver";

    const PUBLIC: Option<&'static str> = None;

    fn client(self, settings: &Settings, base: Url, credentials: Option<Arc<dyn Credentials>>) -> Result<Client> {
        let policies = Policies {
            quota: None,
            repeatable: policy::repeatable,
            lifetime: policy::lifetime,
            makes_old: policy::makes_old,
            refusal: Some(policy::REFUSAL),
        };
        let connection = Connection::new(settings, &base, credentials, &policies, |transport| transport)?;
        let stack = connection.stack().clone();
        let raw = raw::dserver::Client::new_with_client(connection.base_url(), connection.http(), stack);
        Ok(Client { raw, connection: Arc::new(connection) })
    }
}

/// A handle on a dserver; cheap to clone. Its calls stand in the files of what they are about.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) raw: raw::dserver::Client,
    pub(super) connection: Arc<Connection>,
}

impl Client {
    /// A client to be told its URL and token.
    pub fn builder() -> Builder<Dserver> {
        Builder::new(Dserver)
    }

    /// Below the ergonomic calls: every operation, typed, through the same stack.
    pub fn raw(&self) -> &raw::dserver::Client {
        &self.raw
    }

    /// What this client's requests have in common.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}
