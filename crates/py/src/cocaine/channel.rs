//! What goes both ways after a call.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pyo3::prelude::*;
use whimbrel::{
    Error, Kind,
    cocaine::{Duplex, Incoming, Outgoing, rpc::Method},
};

use super::{seconds, turn::Turn, value};
use crate::{
    call::{Answer, Call},
    error,
    owned::Own,
};

/// A channel. Messages are sent in the order in which they are handed in, whoever waits for them.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Channel {
    halves: Mutex<Option<Own<Halves>>>,
    /// What may be sent, and whether it is the end; what may come.
    sent: Vec<(String, bool)>,
    comes: Vec<String>,
}

struct Halves {
    outgoing: Arc<tokio::sync::Mutex<Outgoing>>,
    incoming: Arc<tokio::sync::Mutex<Incoming>>,
}

impl Channel {
    pub(crate) fn new(duplex: Duplex, method: Option<&Method>) -> Self {
        let (outgoing, incoming) = duplex.split();
        let halves = Halves {
            outgoing: Arc::new(tokio::sync::Mutex::new(outgoing)),
            incoming: Arc::new(tokio::sync::Mutex::new(incoming)),
        };
        let is_end = |name: &str| {
            let mut tree = method.map(|it| it.tx.clone()).unwrap_or_default();
            tree.id(name).is_some_and(|id| tree.step(id).is_some() && tree.is_empty())
        };
        let sent = method.map(|it| it.tx.names().map(|it| (it.to_owned(), is_end(it))).collect());
        let comes = method.map(|it| it.rx.names().map(str::to_owned).collect());
        let halves = Mutex::new(Some(Own::new(halves)));
        Self { halves, sent: sent.unwrap_or_default(), comes: comes.unwrap_or_default() }
    }

    fn half<T: Send + 'static>(&self, half: impl FnOnce(&Halves) -> &Arc<tokio::sync::Mutex<T>>) -> PyResult<Turn<T>> {
        let halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let halves = halves.as_ref().ok_or_else(|| error::raised(over()))?.get()?;
        Ok(Turn::new(half(halves)))
    }
}

fn over() -> Error {
    Error::new(Kind::Invalid, "this channel was closed here: nothing more is sent or read on it")
}

fn nothing_came(time: Duration) -> Error {
    Error::new(Kind::Timeout, format!("nothing came within {time:?}; the channel goes on, and can be read later"))
}

#[pymethods]
impl Channel {
    /// Sends a message by its name.
    fn send(&self, name: String, arguments: &Bound<'_, PyAny>) -> PyResult<Call> {
        let arguments = value::read_all(arguments)?;
        let turn = self.half(|it| &it.outgoing)?;
        Ok(Call::data(async move { turn.come().await.ok_or_else(over)?.send(&name, arguments).await }))
    }

    /// Sends an end that tells of a failure.
    fn fail(&self, code: i64, message: String) -> PyResult<Call> {
        let turn = self.half(|it| &it.outgoing)?;
        Ok(Call::data(async move { turn.come().await.ok_or_else(over)?.fail(code, &message).await }))
    }

    /// The values of the next message, as a list; `None` at the end.
    fn read(&self, timeout: Option<f64>) -> PyResult<Call> {
        let (turn, time) = (self.half(|it| &it.incoming)?, seconds(timeout)?);
        Ok(Call::new(async move {
            let message = async { turn.come().await.ok_or_else(over)?.message().await };
            let came = match time {
                Some(time) => tokio::time::timeout(time, message).await.unwrap_or_else(|_| Err(nothing_came(time))),
                None => message.await,
            };
            came.map(|came| {
                Answer::new(move |py| match came {
                    Some(values) => Ok(value::told_all(py, values)?.into_any().unbind()),
                    None => Ok(py.None()),
                })
            })
        }))
    }

    /// Lets go of it: the service is told the end, if it was not yet.
    fn end(&self) {
        drop(self.halves.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// The names of what may be sent first, and whether each is the end.
    #[getter]
    fn sent(&self) -> Vec<(String, bool)> {
        self.sent.clone()
    }

    /// The names of what may come first.
    #[getter]
    fn comes(&self) -> Vec<String> {
        self.comes.clone()
    }
}
