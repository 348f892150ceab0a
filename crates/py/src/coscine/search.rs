//! Searches.

use pyo3::prelude::*;
use whimbrel::coscine::{Category, Client, Search};

use super::Coscine;
use crate::{call::Call, list::List};

fn category(name: &str) -> whimbrel::Result<Category> {
    match name {
        "metadata" => Ok(Category::Metadata),
        "project" => Ok(Category::Project),
        "resource" => Ok(Category::Resource),
        other => {
            let message = format!("there is no category {other:?}: say metadata, project or resource");
            Err(whimbrel::Error::invalid(message))
        }
    }
}

/// What is searched for.
#[derive(Clone)]
struct Said {
    text: String,
    category: Option<String>,
    languages: Vec<String>,
    advanced: bool,
}

impl Said {
    fn search(self, client: &Client) -> whimbrel::Result<Search> {
        let search = client.search(self.text);
        let search = if self.advanced { search.advanced() } else { search };
        let search = self.languages.into_iter().fold(search, Search::language);
        Ok(match self.category {
            Some(name) => search.category(category(&name)?),
            None => search,
        })
    }
}

#[pymethods]
impl Coscine {
    fn search(&self, text: String, category: Option<String>, languages: Vec<String>, advanced: bool) -> List {
        let said = Said { text, category, languages, advanced };
        self.list(move |client| said.clone().search(&client), |hit| hit.details().clone())
    }

    fn search_counts(
        &self,
        text: String,
        category: Option<String>,
        languages: Vec<String>,
        advanced: bool,
    ) -> PyResult<Call> {
        let said = Said { text, category, languages, advanced };
        self.call(|client| async move { said.search(&client)?.counts().await })
    }
}
