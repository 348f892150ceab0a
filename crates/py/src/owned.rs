//! What belongs to the process that made it.
//!
//! A forked child has its parent's memory and none of its parent's threads. Whatever waits for one of those would wait for
//! ever, and so may what is merely dropped: a connection says good-bye to the task that reads it.

use std::{mem, sync::Arc};

use arc_swap::ArcSwapOption;
use pyo3::{exceptions::PyRuntimeError, prelude::*};

use crate::error;

/// Something of this process. In a forked child it is neither used nor dropped.
pub(crate) struct Own<T> {
    process: u32,
    it: Option<T>,
}

impl<T> Own<T> {
    pub(crate) fn new(it: T) -> Self {
        Self { process: std::process::id(), it: Some(it) }
    }

    /// It, unless this is another process.
    pub(crate) fn here(&self) -> Option<&T> {
        self.it.as_ref().filter(|_| self.process == std::process::id())
    }

    /// It, for who can't do without.
    pub(crate) fn get(&self) -> PyResult<&T> {
        self.here().ok_or_else(elsewhere)
    }

    /// It, taken out.
    pub(crate) fn take(mut self) -> PyResult<T> {
        if self.process == std::process::id() { self.it.take().ok_or_else(elsewhere) } else { Err(elsewhere()) }
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            mem::forget(self.it.take());
        }
    }
}

fn elsewhere() -> PyErr {
    PyRuntimeError::new_err(
        "this was begun in the process that this one was forked from, and goes on there; begin it anew here",
    )
}

/// A client of the SDK. In a forked child it is made anew.
pub(crate) struct Owned<C> {
    make: Box<dyn Fn() -> whimbrel::Result<C> + Send + Sync>,
    made: ArcSwapOption<Own<C>>,
}

impl<C: Clone> Owned<C> {
    /// Made now, so that what is wrong is told where it is said.
    pub(crate) fn new(make: impl Fn() -> whimbrel::Result<C> + Send + Sync + 'static) -> PyResult<Self> {
        let this = Self { make: Box::new(make), made: ArcSwapOption::const_empty() };
        this.get()?;
        Ok(this)
    }

    /// The client of this process.
    pub(crate) fn get(&self) -> PyResult<C> {
        self.made().map_err(error::raised)
    }

    /// The same, for what is made of it.
    pub(crate) fn made(&self) -> whimbrel::Result<C> {
        if let Some(made) = self.made.load().as_ref().and_then(|made| made.here()) {
            return Ok(made.clone());
        }
        let made = (self.make)()?;
        self.made.store(Some(Arc::new(Own::new(made.clone()))));
        Ok(made)
    }
}
