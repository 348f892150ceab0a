use rpc::{Call, Resolved, Value};

use super::{
    Duplex, Service, error,
    storage::{list, unexpected},
};
use crate::Result;

/// The service that knows all others.
#[derive(Clone)]
pub struct Locator(pub(crate) rpc::Locator);

impl Locator {
    /// The service that it is, whose methods are known before it is asked.
    pub fn service(&self) -> Service {
        Service::of(self.0.service().clone())
    }

    /// What a name stands for.
    ///
    /// # Errors
    /// `NotFound`, if it is not known.
    pub async fn resolve(&self, name: &str) -> Result<Resolved> {
        self.0.resolve(name, None).await.map_err(error::of)
    }

    /// The machines of the cluster: ids and addresses.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn cluster(&self) -> Result<Value> {
        self.service().call("cluster").await
    }

    /// The id of this machine.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn uuid(&self) -> Result<String> {
        let told = self.service().call("uuid").await?;
        told.as_str().map(str::to_owned).ok_or_else(|| unexpected("uuid", &told))
    }

    /// Reads groups of services anew from the storage.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn refresh(&self, groups: &[&str]) -> Result<()> {
        self.service().ask(Call::new("refresh").arg(list(groups))).await.map(drop)
    }

    /// What groups of services stand for, now and whenever that changes.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn routing(&self, router: &str) -> Result<Duplex> {
        self.service().call(Call::new("routing").arg(router)).duplex().await
    }
}
