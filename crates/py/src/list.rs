//! Lists that are read as they are needed.

use std::sync::Arc;

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use pyo3::{intern, prelude::*, types::PyList};
use serde::Serialize;
use tokio::sync::Mutex;
use whimbrel::Paged;

use crate::{
    call::{Answer, Call},
    owned::Own,
};

/// The most that Python is given at once of what has come.
const BATCH: usize = 256;

/// Items, and how many the whole list has, where that is known.
type Batches = BoxStream<'static, whimbrel::Result<(Answer, Option<u64>)>>;

/// A list, to be read as often as one likes. Nothing is asked before a cursor is.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct List(Box<dyn Fn() -> PyResult<Batches> + Send + Sync>);

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
        Self(Box::new(move || {
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
        Self(Box::new(move || {
            let batches = open()?.ready_chunks(BATCH).map(|batch| {
                let items = batch.into_iter().collect::<whimbrel::Result<Vec<T>>>()?;
                Ok((Answer::data(items), None))
            });
            Ok(batches.boxed())
        }))
    }
}

#[pymethods]
impl List {
    /// All of it, as one call.
    fn all(&self) -> PyResult<Call> {
        let batches = self.0()?;
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
    fn cursor(&self) -> PyResult<Cursor> {
        Ok(Cursor(Own::new(Arc::new(Mutex::new(self.0()?)))))
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
