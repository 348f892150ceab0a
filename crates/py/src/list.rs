//! Lists that are read as they are needed.

use std::{sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use pyo3::{intern, prelude::*, types::PyList};
use serde::Serialize;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use whimbrel::Paged;

use crate::{
    call::{Answer, Call, panicked},
    error,
    owned::Own,
    runtime,
};

/// The most that Python is given at once of what has come.
const BATCH: usize = 256;

/// How long what has come waits for more: whoever reads wakes up once for many. It is nothing beside a request.
const TOGETHER: Duration = Duration::from_millis(1);

/// Items, and how many the whole list has, where that is known.
type Batches = BoxStream<'static, whimbrel::Result<(Answer, Option<u64>)>>;

/// A list, to be read as often as one likes. Nothing is asked before a cursor is.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct List(Box<dyn Fn(Python<'_>) -> PyResult<Batches> + Send + Sync>);

impl List {
    /// What comes in pages; `told` makes data of an item. It knows with its first page how many there are, if the server
    /// tells.
    pub(crate) fn paged<L, T>(
        open: impl Fn() -> PyResult<L> + Send + Sync + 'static,
        told: impl Fn(L::Item) -> T + Clone + Send + Sync + 'static,
    ) -> Self
    where
        L: Paged,
        T: Serialize + Send + 'static,
    {
        Self(Box::new(move |_| {
            let told = told.clone();
            let batches = open()?.pages().map_ok(move |page| {
                let items: Vec<T> = page.items.into_iter().map(&told).collect();
                (Answer::data(items), page.total)
            });
            Ok(batches.boxed())
        }))
    }

    /// What this gives, in turn.
    pub(crate) fn of_stream<T, S>(open: impl Fn() -> PyResult<S> + Send + Sync + 'static) -> Self
    where
        T: Serialize + Send + 'static,
        S: Stream<Item = whimbrel::Result<T>> + Send + 'static,
    {
        Self(Box::new(move |_| {
            let batches = open()?.ready_chunks(BATCH).map(|batch| {
                let items = batch.into_iter().collect::<whimbrel::Result<Vec<T>>>()?;
                Ok((Answer::data(items), None))
            });
            Ok(batches.boxed())
        }))
    }

    /// What comes over time, as it comes; `told` makes of an item what Python has. What came before a failure is given
    /// before it is told.
    pub(crate) fn live<T, S>(
        open: impl Fn() -> PyResult<S> + Send + Sync + 'static,
        told: fn(Python<'_>, T) -> PyResult<Bound<'_, PyAny>>,
    ) -> Self
    where
        T: Send + 'static,
        S: Stream<Item = whimbrel::Result<T>> + Send + 'static,
    {
        Self(Box::new(move |_| {
            let batches = open()?.ready_chunks(BATCH).flat_map(move |batch| {
                let (mut items, mut failed) = (vec![], None);
                for item in batch {
                    match item {
                        Ok(item) => items.push(item),
                        Err(error) => failed = failed.or(Some(error)),
                    }
                }
                let answer = |items: Vec<T>| {
                    Answer::new(move |py| {
                        let list = PyList::empty(py);
                        for item in items {
                            list.append(told(py, item)?)?;
                        }
                        Ok(list.into_any().unbind())
                    })
                };
                let came = (!items.is_empty()).then(|| Ok((answer(items), None)));
                stream::iter(came.into_iter().chain(failed.map(Err)))
            });
            Ok(batches.boxed())
        }))
    }

    /// The answers to many questions, as they arrive: each its name, a value and an error, of which one is none. They are
    /// asked for in the background once the list is begun, and no further ahead than a few batches.
    pub(crate) fn many<T, S>(total: usize, open: impl Fn() -> PyResult<S> + Send + Sync + 'static) -> Self
    where
        T: Serialize + Send + 'static,
        S: Stream<Item = (String, whimbrel::Result<T>)> + Send + Unpin + 'static,
    {
        Self(Box::new(move |py| {
            let mut answers = open()?;
            let (sender, receiver) = mpsc::channel(4 * BATCH);
            // Whoever drops the list ends what is on its way.
            let mut asking = JoinSet::new();
            let work = async move {
                while let Some(answer) = answers.next().await {
                    if sender.send(answer).await.is_err() {
                        break;
                    }
                }
            };
            asking.spawn_on(work, &runtime::handle(py)?);
            let batches = stream::unfold((receiver, asking), move |(mut receiver, mut asking)| async move {
                let Some(batch) = batch(&mut receiver).await else {
                    // Who asks has ended: with the last answer, or in a panic, and then this is no whole list.
                    let panic = asking.join_next().await?.err()?.try_into_panic().ok()?;
                    return Some((Err(panicked(&*panic)), (receiver, asking)));
                };
                let answer = Answer::new(move |py| answers_of(py, batch));
                Some((Ok((answer, Some(total as u64))), (receiver, asking)))
            });
            Ok(batches.boxed())
        }))
    }
}

#[pymethods]
impl List {
    /// All of it, as one call.
    fn all(&self, py: Python<'_>) -> PyResult<Call> {
        let batches = self.0(py)?;
        Ok(Call::new(async move {
            let batches: Vec<_> = batches.try_collect().await?;
            Ok(Answer::new(move |py| {
                let all = PyList::empty(py);
                for (batch, _) in batches {
                    all.call_method1(intern!(py, "extend"), (batch.into_py(py)?,))?;
                }
                Ok(all.into_any().unbind())
            }))
        }))
    }

    /// Its beginning.
    fn cursor(&self, py: Python<'_>) -> PyResult<Cursor> {
        Ok(Cursor(Own::new(Arc::new(Mutex::new(self.0(py)?)))))
    }
}

/// A place in a list.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Cursor(Own<Arc<Mutex<Batches>>>);

#[pymethods]
impl Cursor {
    /// The next items, as many as have come and at least one, with how many the whole list has where that is known;
    /// `None` at the end.
    fn next(&self) -> PyResult<Call> {
        let batches = self.0.get()?.clone();
        Ok(Call::new(async move {
            match batches.lock().await.next().await {
                Some(batch) => batch.map(|(items, total)| {
                    Answer::new(move |py| Ok((items.into_py(py)?, total).into_pyobject(py)?.into_any().unbind()))
                }),
                None => Ok(Answer::data(())),
            }
        }))
    }
}

/// What has come, or comes next; `None` at the end.
async fn batch<T>(receiver: &mut mpsc::Receiver<T>) -> Option<Vec<T>> {
    let mut batch = Vec::new();
    if receiver.recv_many(&mut batch, BATCH).await == 0 {
        return None;
    }
    if batch.len() < BATCH && !receiver.is_closed() {
        tokio::time::sleep(TOGETHER).await;
        while batch.len() < BATCH
            && let Ok(more) = receiver.try_recv()
        {
            batch.push(more);
        }
    }
    Some(batch)
}

fn answers_of<T: Serialize>(py: Python<'_>, answers: Vec<(String, whimbrel::Result<T>)>) -> PyResult<Py<PyAny>> {
    let told = PyList::empty(py);
    for (name, answer) in answers {
        let (value, error) = match answer {
            Ok(value) => (pythonize::pythonize(py, &value)?, py.None()),
            Err(error) => (py.None().into_bound(py), error::raised(error).into_value(py).into_any()),
        };
        told.append((name, value, error))?;
    }
    Ok(told.into_any().unbind())
}
