//! Datasets that are looked for.

use pyo3::prelude::*;
use pythonize::depythonize;
use serde_json::Value;
use whimbrel::dserver::{Client, Search};

use super::Dserver;
use crate::list::List;

/// What is searched for.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Wanted {
    words: Option<String>,
    text: Option<String>,
    tags: Vec<String>,
    creators: Vec<String>,
    base_uris: Vec<String>,
    uuids: Vec<String>,
    sort: Vec<String>,
}

impl Wanted {
    fn of(&self, client: &Client) -> whimbrel::Result<Search> {
        let mut search = client.search();
        if let Some(text) = &self.text {
            search = search.text(text);
        }
        search = self.tags.iter().fold(search, Search::tag);
        search = self.creators.iter().fold(search, Search::creator);
        search = self.base_uris.iter().fold(search, Search::base_uri);
        search = self.uuids.iter().fold(search, Search::uuid);
        search = self.sort.iter().fold(search, Search::sort);
        match &self.words {
            Some(words) => search.words(words),
            None => Ok(search),
        }
    }
}

#[pymethods]
impl Dserver {
    fn search(&self, wanted: Wanted) -> PyResult<List> {
        self.list(move |client| wanted.of(&client))
    }

    fn copies(&self, uuid: String) -> PyResult<List> {
        self.list(move |client| Ok(client.copies(&*uuid)))
    }

    fn query(&self, query: &Bound<'_, PyAny>) -> PyResult<List> {
        let query: Value = depythonize(query)?;
        self.list(move |client| client.query(query.clone()))
    }

    fn aggregate(&self, stages: &Bound<'_, PyAny>) -> PyResult<List> {
        let stages: Vec<Value> = depythonize(stages)?;
        self.list(move |client| client.aggregate(stages.clone()))
    }
}
