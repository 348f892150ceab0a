//! The same of many datasets, at once.

use futures::StreamExt as _;
use pyo3::prelude::*;
use serde::Serialize;
use whimbrel::dserver::{Client, Many};

use super::Dserver;
use crate::list::List;

impl Dserver {
    /// The answers to one question about many datasets.
    fn many<T: Serialize + Send + 'static>(
        &self,
        uris: Vec<String>,
        limit: usize,
        ask: impl Fn(&Client, Vec<String>) -> Many<T> + Send + Sync + 'static,
    ) -> List {
        let client = self.client.clone();
        List::many(uris.len(), move || Ok(ask(&client.get()?, uris.clone()).limit(limit)))
    }
}

#[pymethods]
impl Dserver {
    fn readmes(&self, uris: Vec<String>, limit: usize) -> List {
        let client = self.client.clone();
        List::many(uris.len(), move || {
            let readmes = client.get()?.readmes(uris.clone()).limit(limit);
            Ok(readmes.map(|(uri, readme)| (uri, readme.map(|it| it.text))))
        })
    }

    fn manifests(&self, uris: Vec<String>, limit: usize) -> List {
        self.many(uris, limit, Client::manifests)
    }

    fn annotations_of_many(&self, uris: Vec<String>, limit: usize) -> List {
        self.many(uris, limit, Client::annotations_of_many)
    }

    fn tags_of_many(&self, uris: Vec<String>, limit: usize) -> List {
        self.many(uris, limit, Client::tags_of_many)
    }
}
