use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use rpc::{Authorization, Call, Value};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::{Service, service::one};

/// Tickets of the service `tvm`, which prove who calls: asked for once for all calls that wait, and anew when one is old.
#[derive(Clone)]
pub struct Tvm(Arc<Inner>);

struct Inner {
    service: Service,
    client: u64,
    secret: SecretString,
    good_for: Duration,
    ticket: Mutex<Option<(Bytes, Instant)>>,
}

impl Tvm {
    /// Of a client of the service by its number and its secret; each ticket is good for so long.
    pub fn new(service: Service, client: u64, secret: impl Into<SecretString>, good_for: Duration) -> Self {
        let ticket = Mutex::default();
        Self(Arc::new(Inner { service, client, secret: secret.into(), good_for, ticket }))
    }
}

impl Authorization for Tvm {
    fn header(&self) -> BoxFuture<'_, rpc::Result<Option<Bytes>>> {
        Box::pin(async {
            let inner = &*self.0;
            let mut ticket = inner.ticket.lock().await;
            if let Some((ticket, made)) = &*ticket
                && made.elapsed() < inner.good_for
            {
                return Ok(Some(ticket.clone()));
            }
            let call = Call::new("ticket_full").arg(inner.client).arg(inner.secret.expose_secret());
            let call = call.arg("client_credentials").arg(Value::Map(vec![]));
            let made = Instant::now();
            let told = one(inner.service.rpc().call(call).await?);
            let value = told.as_bytes().map(|it| Bytes::from([b"TVM ", &it[..]].concat()));
            *ticket = value.clone().map(|it| (it, made));
            Ok(value)
        })
    }
}
