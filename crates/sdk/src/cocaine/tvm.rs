use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use rpc::{Authorization, Call, Value};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Service, service::one};

/// Tickets of the service `tvm`, which prove who calls. One is asked for once, for all calls that wait, which also share its
/// failure; and anew when it is old, or when a service has refused it.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use std::time::Duration;
///
/// use whimbrel::cocaine::{Cocaine, Tvm};
///
/// // The service that gives tickets is asked without one.
/// let open = Cocaine::builder().locator("cocaine.example.org")?.build();
/// let tickets = Tvm::new(open.service("tvm"), 42, "secret".to_owned(), Duration::from_secs(600));
/// let cocaine = Cocaine::builder().locator("cocaine.example.org")?.authorization(tickets).build();
/// println!("{:?}", cocaine.node().list().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tvm(Arc<Inner>);

struct Inner {
    service: Service,
    client: u64,
    secret: SecretString,
    good_for: Duration,
    state: Mutex<State>,
    /// Held by who asks.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// As it is sent, and when it was asked for.
    held: Option<(Bytes, Instant)>,
    /// How often it was asked to the end; who has waited meanwhile shares what came of it.
    asked: u64,
    failure: Option<rpc::Error>,
}

impl Tvm {
    /// Of a client of the service by its number and its secret; each ticket is good for so long. The service is one of a
    /// [`Cocaine`](super::Cocaine) without authorization.
    pub fn new(service: Service, client: u64, secret: impl Into<SecretString>, good_for: Duration) -> Self {
        let (state, turn) = Default::default();
        Self(Arc::new(Inner { service, client, secret: secret.into(), good_for, state, turn }))
    }
}

/// Without the secret and the ticket.
impl fmt::Debug for Tvm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tvm").field("client", &self.0.client).finish_non_exhaustive()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn good(&self, state: &State) -> Option<Bytes> {
        state.held.as_ref().filter(|(_, made)| made.elapsed() < self.good_for).map(|(ticket, _)| ticket.clone())
    }

    async fn ticket(&self) -> rpc::Result<Bytes> {
        let asked = {
            let state = self.state();
            if let Some(ticket) = self.good(&state) {
                return Ok(ticket);
            }
            state.asked
        };
        let _turn = self.turn.lock().await;
        {
            let state = self.state();
            if let Some(ticket) = self.good(&state) {
                return Ok(ticket);
            }
            // It was asked for all who waited, and there is none.
            if let Some(failure) = state.failure.clone().filter(|_| state.asked != asked) {
                return Err(failure);
            }
        }
        let made = Instant::now();
        let told = self.ask().await;
        let mut state = self.state();
        state.asked += 1;
        (state.held, state.failure) = match &told {
            Ok(ticket) => (Some((ticket.clone(), made)), None),
            Err(error) => (None, Some(error.clone())),
        };
        told
    }

    async fn ask(&self) -> rpc::Result<Bytes> {
        let call = Call::new("ticket_full").arg(self.client).arg(self.secret.expose_secret());
        let call = call.arg("client_credentials").arg(Value::Map(vec![]));
        let told = one(self.service.rpc().call(call).await?);
        // What came is not shown: a ticket might be in it.
        let none = || rpc::Error::unexpected("service \"tvm\": ticket_full answered something else than a ticket");
        let ticket = told.as_bytes().filter(|it| !it.is_empty()).ok_or_else(none)?;
        Ok([b"TVM ", &ticket[..]].concat().into())
    }
}

impl Authorization for Tvm {
    fn header(&self) -> BoxFuture<'_, rpc::Result<Option<Bytes>>> {
        Box::pin(async { self.0.ticket().await.map(Some) })
    }

    fn refused(&self, header: &Bytes) -> bool {
        let mut state = self.0.state();
        // Of many that were refused the first one to say so; by then there may be another.
        if state.held.as_ref().is_some_and(|(held, _)| held == header) {
            state.held = None;
        }
        true
    }
}
