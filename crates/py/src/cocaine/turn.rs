//! Things that go out in the order in which they are handed in, whoever waits for them.

use std::sync::Arc;

use futures::{
    FutureExt as _,
    future::{BoxFuture, maybe_done},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::unconstrained,
};

/// A place in the line for something, taken when it is made: a runtime polls tasks in any order.
pub(crate) struct Turn<T>(BoxFuture<'static, Option<OwnedMutexGuard<T>>>);

impl<T: Send + 'static> Turn<T> {
    pub(crate) fn new(line: &Arc<Mutex<T>>) -> Self {
        let mut turn = Box::pin(maybe_done(line.clone().lock_owned()));
        // The first poll takes the place.
        let _ = unconstrained(turn.as_mut()).now_or_never();
        let turn = async move {
            turn.as_mut().await;
            turn.as_mut().take_output()
        };
        Self(turn.boxed())
    }

    /// When it has come. It always comes.
    pub(crate) async fn come(self) -> Option<OwnedMutexGuard<T>> {
        self.0.await
    }
}
