//! Live streams.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures::Stream as _;
use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyList},
};
use tokio::sync::watch;
use whimbrel::{
    Error,
    datasift::{Deleted, Event, Live, Subscriptions, Way},
};

use super::Datasift;
use crate::{
    call::{Answer, Call},
    error,
    owned::Own,
    runtime,
};

/// The most that Python is given at once of what has come: what it has not gone through yet is in no buffer that is bounded.
const BATCH: usize = 64;

/// And the most of its text, in bytes, but for one that is larger by itself.
const BATCH_BYTES: usize = 1 << 18;

enum Came {
    Event(Event),
    Deleted(Deleted),
}

type Queue = Arc<Mutex<VecDeque<whimbrel::Result<Came>>>>;

/// A live connection.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct DatasiftLive {
    subscriptions: Own<Subscriptions>,
    reading: Own<Arc<Reading>>,
}

struct Reading {
    live: tokio::sync::Mutex<Open>,
    /// What has come and was not handed to Python: whoever asked for it may have gone meanwhile.
    came: Queue,
    /// Whether it is closed, or has ended.
    over: watch::Sender<bool>,
}

struct Open {
    live: Option<Live>,
    /// What its handler was told; it was told so before what the connection gives then.
    deleted: Arc<Mutex<VecDeque<Deleted>>>,
}

fn push(queue: &Queue, came: whimbrel::Result<Came>) {
    queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(came);
}

impl Reading {
    /// Waits until something has come, or it is over.
    async fn wait(&self) {
        let mut over = self.over.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|it| *it) => {}
            () = async {
                let mut open = self.live.lock().await;
                poll_fn(|context| self.fill(&mut open, context)).await;
            } => {}
        }
    }

    /// Takes what has come, as much as is good at once.
    fn fill(&self, open: &mut Open, context: &mut Context<'_>) -> Poll<()> {
        let has = || !self.came.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        if has() {
            // Somebody else waited for it, too.
            return Poll::Ready(());
        }
        let (mut count, mut bytes) = (0, 0);
        while count < BATCH && bytes < BATCH_BYTES {
            let Some(live) = &mut open.live else { return Poll::Ready(()) };
            let polled = Pin::new(live).poll_next(context);
            for deleted in open.deleted.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
                count += 1;
                bytes += deleted.data.get().len();
                push(&self.came, Ok(Came::Deleted(deleted)));
            }
            match polled {
                Poll::Ready(Some(Ok(event))) => {
                    count += 1;
                    if let Event::Interaction(found) = &event {
                        bytes += found.data.get().len();
                    }
                    push(&self.came, Ok(Came::Event(event)));
                }
                Poll::Ready(Some(Err(error))) => push(&self.came, Err(error)),
                Poll::Ready(None) => {
                    open.live = None;
                    return Poll::Ready(());
                }
                Poll::Pending if has() => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }

    /// What is there, up to a failure, which is told once it comes first. `None` at the end.
    fn take(&self) -> whimbrel::Result<Option<Vec<Came>>> {
        if *self.over.borrow() {
            return Ok(None);
        }
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(came.front(), Some(Err(_))) {
            return came.pop_front().transpose().map(|it| it.map(|it| vec![it]));
        }
        let good = came.iter().position(Result::is_err).unwrap_or(came.len());
        Ok(Some(came.drain(..good).flatten().collect()))
    }
}

fn told(py: Python<'_>, came: Came) -> PyResult<Bound<'_, PyAny>> {
    let found = PyDict::new(py);
    match came {
        Came::Event(Event::Interaction(it)) => {
            found.set_item(intern!(py, "event"), intern!(py, "interaction"))?;
            found.set_item(intern!(py, "hash"), it.hash)?;
            found.set_item(intern!(py, "data"), it.data.get())?;
            found.set_item(intern!(py, "repeated"), it.repeated)?;
        }
        Came::Deleted(it) => {
            found.set_item(intern!(py, "event"), intern!(py, "deleted"))?;
            found.set_item(intern!(py, "hash"), it.hash)?;
            found.set_item(intern!(py, "id"), it.id)?;
            found.set_item(intern!(py, "data"), it.data.get())?;
        }
        Came::Event(other) => return Ok(pythonize::pythonize(py, &other)?),
    }
    Ok(found.into_any())
}

#[pymethods]
impl Datasift {
    /// Begins to listen: to these streams, over `websocket` or `http`, with room for so many bytes.
    fn live(&self, py: Python<'_>, hashes: Vec<String>, over: &str, buffer: usize) -> PyResult<DatasiftLive> {
        let way = match over {
            "websocket" => Way::WebSocket,
            "http" => Way::Http,
            other => {
                let message = format!("over is \"websocket\" or \"http\", and not {other:?}");
                return Err(error::raised(Error::invalid(message)));
            }
        };
        let deleted = Arc::<Mutex<VecDeque<Deleted>>>::default();
        let to = deleted.clone();
        let on_delete = move |it| to.lock().unwrap_or_else(PoisonError::into_inner).push_back(it);
        let listen = hashes.into_iter().fold(self.client()?.live(on_delete), |listen, hash| listen.stream(hash));
        let live = {
            let handle = runtime::handle(py)?;
            let _in_runtime = handle.enter();
            listen.over(way).buffer(buffer).open().map_err(error::raised)?
        };
        let subscriptions = Own::new(live.subscriptions());
        let open = tokio::sync::Mutex::new(Open { live: Some(live), deleted });
        let reading = Reading { live: open, came: Queue::default(), over: watch::Sender::new(false) };
        Ok(DatasiftLive { subscriptions, reading: Own::new(Arc::new(reading)) })
    }
}

#[pymethods]
impl DatasiftLive {
    fn subscribe(&self, hash: &str) -> PyResult<()> {
        self.subscriptions.get()?.subscribe(hash).map_err(error::raised)
    }

    fn unsubscribe(&self, hash: &str) -> PyResult<()> {
        self.subscriptions.get()?.unsubscribe(hash);
        Ok(())
    }

    /// What has come, as a list, which may be empty; `None` at the end. Nothing is lost if nobody takes it.
    fn next(&self) -> PyResult<Call> {
        let reading = self.reading.get()?.clone();
        Ok(Call::new(async move {
            reading.wait().await;
            let ended = reading.live.try_lock().is_ok_and(|open| open.live.is_none());
            Ok(Answer::new(move |py| {
                let came = reading.take().map_err(error::raised)?;
                let Some(came) = came.filter(|it| !(it.is_empty() && ended)) else { return Ok(py.None()) };
                let list = PyList::empty(py);
                for it in came {
                    list.append(told(py, it)?)?;
                }
                Ok(list.into_any().unbind())
            }))
        }))
    }

    /// Ends it, and says so to the service. Whoever waits for more is told the end.
    fn close(&self) -> PyResult<Call> {
        let reading = self.reading.get()?.clone();
        // At once, and not when somebody waits for this.
        reading.over.send_replace(true);
        Ok(Call::data(async move {
            let live = reading.live.lock().await.live.take();
            if let Some(live) = live {
                live.close().await;
            }
            Ok(())
        }))
    }

    /// Whether it was closed. That of another process is, for this one.
    #[getter]
    fn is_closed(&self) -> bool {
        self.reading.here().is_none_or(|it| *it.over.borrow())
    }
}
