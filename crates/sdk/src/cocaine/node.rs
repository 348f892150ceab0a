use rpc::{Call, Value};

use super::{Duplex, Service, storage::texts};
use crate::Result;

/// The apps of a machine.
#[derive(Clone, Debug)]
pub struct Node(pub(crate) Service);

impl Node {
    /// The apps that run.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn list(&self) -> Result<Vec<String>> {
        texts("list", self.0.call("list").await?)
    }

    /// Starts an app by a profile.
    ///
    /// # Errors
    /// `Conflict`, if it runs; `NotFound`, if there is no such app or profile.
    pub async fn start_app(&self, app: &str, profile: &str) -> Result<()> {
        self.0.ask(Call::new("start_app").arg(app).arg(profile)).await.map(drop)
    }

    /// Stops an app.
    ///
    /// # Errors
    /// `Conflict`, if it does not run.
    pub async fn pause_app(&self, app: &str) -> Result<()> {
        self.0.ask(Call::new("pause_app").arg(app)).await.map(drop)
    }

    /// How an app is: its state, its load, its queue, its profile.
    ///
    /// # Errors
    /// `Invalid`, if it does not run.
    pub async fn info(&self, app: &str) -> Result<Value> {
        /// Of its overseer, 2 would be its manifest, 4 its profile.
        const OVERSEER: u64 = 1;
        self.0.call(Call::new("info").arg(app).arg(OVERSEER)).await
    }

    /// Begins an event of an app.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn enqueue(&self, app: &str, event: &str) -> Result<Duplex> {
        self.0.call(Call::new("enqueue").arg(app).arg(event)).duplex().await
    }
}
