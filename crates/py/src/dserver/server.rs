//! The server itself.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use serde::Serialize;
use whimbrel::dserver::{Feature, Features};

use super::Dserver;
use crate::call::Call;

/// What a server can do, and why not what it can't.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    features: Features,
    missing: BTreeMap<Feature, String>,
}

#[pymethods]
impl Dserver {
    fn versions(&self) -> PyResult<Call> {
        self.call(|client| async move { client.versions().await })
    }

    fn config(&self) -> PyResult<Call> {
        self.call(|client| async move { client.config().await })
    }

    fn health(&self) -> PyResult<Call> {
        self.call(|client| async move { client.health().await })
    }

    fn features(&self) -> PyResult<Call> {
        self.call(|client| async move {
            let features = client.features().await?;
            let missing = Feature::ALL.into_iter().filter_map(|it| Some((it, features.why_not(it)?))).collect();
            Ok(Told { features, missing })
        })
    }
}
