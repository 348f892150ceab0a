//! What one feeds to a source of one's own, on a host of its own.

use middleware::Body;
use raw::datasift::operations as op;
use serde::Serialize;

use super::{Client, types::Ingested};
use crate::{Error, Kind, Result, api, error};

impl Client {
    /// Sends interactions to a source, in the order given. Nothing is sent if one of them can't be written as JSON, or if
    /// there are none.
    ///
    /// ```no_run
    /// # async fn example(datasift: whimbrel::datasift::Client) -> whimbrel::Result<()> {
    /// let posts = [serde_json::json!({ "id": 1, "body": "wear" }), serde_json::json!({ "id": 2, "body": "tear" })];
    /// let taken = datasift.ingest("a-source", &posts).await?;
    /// assert_eq!(taken.accepted, Some(2));
    /// # Ok(()) }
    /// ```
    pub async fn ingest<T: Serialize>(&self, source: &str, interactions: &[T]) -> Result<Ingested> {
        if interactions.is_empty() {
            return Err(Error::invalid("there is nothing to be sent").about(source));
        }
        let mut lines = Vec::new();
        for (n, interaction) in interactions.iter().enumerate() {
            serde_json::to_writer(&mut lines, interaction).map_err(|e| {
                Error::invalid(format!("interaction {} can't be written as JSON: {e}", n + 1)).about(source)
            })?;
            lines.push(b'\n');
        }
        lines.pop();
        self.ingest_lines(source, bytes::Bytes::from(lines)).await
    }

    /// The same of lines of JSON as they are, which may be a stream.
    pub async fn ingest_lines(&self, source: &str, lines: impl Into<Body>) -> Result<Ingested> {
        let answer = error::succeeded(&op::INGEST, self.ingestion()?.0.ingest(source, lines)).await;
        let answer = answer.map_err(|e| e.about(source))?;
        let body = api::content(answer).await?;
        serde_json::from_slice(&body).map_err(|e| {
            let why = format!("the server took it, and its answer is not what its description says ({e})");
            Error::new(Kind::Unexpected, why).about(source).with_source(e)
        })
    }
}
