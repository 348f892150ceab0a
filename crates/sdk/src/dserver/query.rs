//! Questions to the server's MongoDB as they are: what no search can express.

use raw::dserver::{operations as op, types::QueryDataset};
use serde_json::{Map, Value};

use super::{Client, Dataset, Feature, List, list};
use crate::{Error, Kind, Page, Paged, Result, error::call};

/// A pipeline of MongoDB, and what comes out of it: any JSON.
#[derive(Clone, Debug)]
#[must_use]
pub struct Aggregation {
    client: Client,
    stages: Vec<Map<String, Value>>,
}

impl Paged for Aggregation {
    type Item = Value;

    /// The `n`-th page, from 1, of up to 100 rows. The server computes the whole anew for each page: sort by what is
    /// unique, or rows of a long result may come twice and others not at all.
    async fn page(&self, n: u32) -> Result<Page<Value>> {
        let body = QueryDataset { aggregation: Some(self.stages.clone()), ..QueryDataset::default() };
        let sent = self.client.raw.aggregate_datasets().page(i64::from(n)).page_size(list::PAGE_SIZE).body(body).send();
        let answer = self.client.offered(Feature::Aggregation, call(&op::AGGREGATE_DATASETS, sent).await).await;
        list::page(n, answer.map_err(refused), |row| Ok(Value::Object(row)))
    }

    /// A row is any JSON: two that are equal are two.
    fn key<'i>(&self, _: &'i Value) -> Option<&'i str> {
        None
    }
}

/// The server answers a question that MongoDB refuses with 500, and no word of why.
fn refused(error: Error) -> Error {
    match error.status().map(|it| it.as_u16()) {
        Some(500) => error.hint("MongoDB most likely refused the question: look at its operators and their arguments"),
        _ => error,
    }
}

/// A JSON object, or an error that says what was given instead.
fn object(what: &str, value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object),
        other => {
            Err(Error::invalid(format!("{what} is a JSON object such as {{\"name\": \"n\"}}, not {other}")).about(what))
        }
    }
}

impl Client {
    /// The datasets that a query of MongoDB finds, sorted by nothing. Its fields are a dataset's and `readme`, `manifest`,
    /// `annotations`, `tags`; a readme is data there: `readme.owners.name`.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
    /// use futures::TryStreamExt as _;
    /// use whimbrel::Paged as _;
    ///
    /// let query = serde_json::json!({ "readme.owners.name": "Ada Lovelace", "readme.temperature": { "$gt": 300 } });
    /// let found: Vec<_> = dserver.query(query)?.stream().try_collect().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// At once, if the query is no object. Pages fail with [`Kind::NotFound`] where the server has no
    /// [`Feature::Query`].
    pub fn query(&self, query: Value) -> Result<List<Dataset>> {
        let (client, query) = (self.clone(), object("query", query)?);
        let page = move |n| {
            let (client, query) = (client.clone(), query.clone());
            async move {
                let body = QueryDataset { query: Some(query), ..QueryDataset::default() };
                let sent = client.raw.query_datasets().page(i64::from(n)).page_size(list::PAGE_SIZE).body(body).send();
                let answer = client.offered(Feature::Query, call(&op::QUERY_DATASETS, sent).await).await;
                list::page(n, answer.map_err(refused), row)
            }
        };
        Ok(List::new(|dataset: &Dataset| Some(&dataset.uri), page))
    }

    /// What a pipeline of MongoDB makes of the datasets. The server leaves out each row's `_id`: a `$project` gives what is
    /// grouped by another name.
    ///
    /// # Errors
    /// At once, if a stage is no object. Pages fail with [`Kind::NotFound`] where the server has no
    /// [`Feature::Aggregation`], as by default.
    pub fn aggregate(&self, stages: impl IntoIterator<Item = Value>) -> Result<Aggregation> {
        let stages = stages.into_iter().map(|stage| object("stage", stage)).collect::<Result<_>>()?;
        Ok(Aggregation { client: self.clone(), stages })
    }
}

/// A row of a query or a graph as a dataset.
pub(super) fn row(row: Map<String, Value>) -> Result<Dataset> {
    serde_json::from_value(Value::Object(row))
        .map_err(|e| Error::new(Kind::Unexpected, format!("the server gave a row that is no dataset: {e}")))
}
