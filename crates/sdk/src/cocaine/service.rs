//! A service by its name, whatever its methods.

use std::{future::IntoFuture, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _, future::BoxFuture, stream};
use rpc::{Call, Protocol, Value};

use super::{Cocaine, Duplex, error};
use crate::Result;

/// A service: resolved and connected with its first call, and anew when the connection was lost. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Service(rpc::Service);

impl Service {
    /// The service of this name, as the locator on this machine knows it.
    pub fn new(name: &str) -> Self {
        Cocaine::builder().build().service(name)
    }

    pub(crate) fn of(service: rpc::Service) -> Self {
        Self(service)
    }

    /// Which generation of the protocol it speaks.
    pub(crate) fn generation(&self) -> Protocol {
        self.0.generation()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// A call of a method, with arguments or without. Nothing is sent before it is awaited, or read in another way.
    pub fn call(&self, call: impl Into<Call>) -> Calling {
        Calling { service: self.0.clone(), call: call.into() }
    }

    /// What its name stands for: addresses, version, methods.
    ///
    /// # Errors
    /// It is not known, or not there.
    pub async fn resolved(&self) -> Result<Arc<rpc::Resolved>> {
        self.0.resolved().await.map_err(error::of)
    }

    /// How long its connection takes to answer.
    ///
    /// # Errors
    /// It does not, or is older than 0.12.14.
    pub async fn ping(&self) -> Result<Duration> {
        self.0.ping().await.map_err(error::of)
    }

    /// Lets go of the connection; the next call makes another.
    pub fn disconnect(&self) {
        self.0.disconnect();
    }

    pub(crate) fn rpc(&self) -> &rpc::Service {
        &self.0
    }

    /// The values of the first answer.
    pub(crate) async fn ask(&self, call: Call) -> Result<Vec<Value>> {
        self.0.call(call).await.map_err(error::of)
    }
}

/// A call that is not made yet: `.await` it for its answer, or read it as a stream.
pub struct Calling {
    service: rpc::Service,
    call: Call,
}

impl Calling {
    /// Its answer, for which no more time is given than this.
    pub async fn get(self, timeout: Duration) -> Result<Value> {
        let call = self.call.deadline(timeout);
        Self { call, ..self }.await
    }

    /// All that it answers, to the end; it is made when the first is read.
    pub fn stream(self) -> impl Stream<Item = Result<Value>> + Send {
        let opened = async move {
            match self.duplex().await {
                Ok(duplex) => duplex.left_stream(),
                Err(error) => stream::iter([Err(error)]).right_stream(),
            }
        };
        stream::once(opened).flatten()
    }

    /// Both directions.
    pub async fn duplex(self) -> Result<Duplex> {
        let (sender, receiver) = self.service.open(self.call).await.map_err(error::of)?;
        Ok(Duplex::new(sender, receiver))
    }
}

impl IntoFuture for Calling {
    type Output = Result<Value>;
    type IntoFuture = BoxFuture<'static, Result<Value>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.service.call(self.call).await.map(one).map_err(error::of) })
    }
}

/// An answer as one value: nothing, it, or all of them as a list.
pub(crate) fn one(mut values: Vec<Value>) -> Value {
    match values.len() {
        0 => Value::Nil,
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}
