//! Clients, each of which belongs to a process.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;

use crate::error;

/// A client of the SDK. In a forked child it is made anew: its connections are read by threads that the child has not got.
pub(crate) struct Owned<C> {
    make: Box<dyn Fn() -> whimbrel::Result<C> + Send + Sync>,
    made: ArcSwapOption<(u32, C)>,
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
        let id = std::process::id();
        if let Some(made) = self.made.load().as_ref().filter(|made| made.0 == id) {
            return Ok(made.1.clone());
        }
        let made = (self.make)().map_err(error::raised)?;
        if let Some(parents) = self.made.swap(Some(Arc::new((id, made.clone())))) {
            std::mem::forget(parents);
        }
        Ok(made)
    }
}
