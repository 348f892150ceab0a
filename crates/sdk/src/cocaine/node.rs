use rpc::{Call, Protocol, Value};

use super::{
    Duplex, Service,
    storage::{list, texts},
};
use crate::{Error, Kind, Result};

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
    /// `Conflict`, if it runs; `NotFound`, if there is no such app or profile. A node of 0.11 tells of failures in words of
    /// its own, so there it is looked whether the app runs: if not, it is `Unexpected`, with these words.
    pub async fn start_app(&self, app: &str, profile: &str) -> Result<()> {
        let call = Call::new("start_app");
        match self.0.generation() {
            Protocol::V0 => {
                let told = self.0.call(call.arg(Value::Map(vec![(app.into(), profile.into())]))).await?;
                self.must_run(app, true, &told).await
            }
            Protocol::V1 => self.0.ask(call.arg(app).arg(profile)).await.map(drop),
        }
    }

    /// Stops an app.
    ///
    /// # Errors
    /// `Conflict`, if it does not run; of a node of 0.11 as [`Node::start_app`].
    pub async fn pause_app(&self, app: &str) -> Result<()> {
        let call = Call::new("pause_app");
        match self.0.generation() {
            Protocol::V0 => {
                let told = self.0.call(call.arg(list(&[app]))).await?;
                self.must_run(app, false, &told).await
            }
            Protocol::V1 => self.0.ask(call.arg(app)).await.map(drop),
        }
    }

    async fn must_run(&self, app: &str, should: bool, told: &Value) -> Result<()> {
        if self.list().await?.iter().any(|it| it == app) == should {
            return Ok(());
        }
        let what = if should { "does not run" } else { "still runs" };
        let message = format!("service \"node\": the app {app:?} {what}; of it was said: {told}");
        Err(Error::new(Kind::Unexpected, crate::printable(&message)))
    }

    /// How an app is: its state, its load, its queue, its profile.
    ///
    /// # Errors
    /// `Invalid`, if it does not run, or if the node is of 0.11, which has no such method.
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
