//! What a subscription has queued, fetched.

use std::time::Duration;

use futures::{Stream, stream};
use raw::datasift::operations as op;
use serde_json::Value;

use super::Client;
use crate::{Error, Kind, Result, api, error};

/// A subscription's queue, to be read once or on and on.
#[derive(Clone, Debug)]
#[must_use]
pub struct Pull {
    client: Client,
    id: String,
    size: Option<u64>,
    cursor: Option<String>,
}

/// What was queued.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulled {
    /// The interactions, the oldest first; none if nothing was queued.
    pub interactions: Vec<Value>,
    /// Where this part of the queue begins: pulled again with it, it comes again, for an hour.
    pub cursor: Option<String>,
    /// Where the next part begins, if something was queued.
    pub next: Option<String>,
}

impl Client {
    /// The queue of a push subscription of the type `pull`.
    ///
    /// ```no_run
    /// # async fn example(datasift: whimbrel::datasift::Client) -> whimbrel::Result<()> {
    /// use futures::TryStreamExt as _;
    ///
    /// let first = datasift.pull("a-subscription").size(1 << 20).once().await?;
    /// let mut all = std::pin::pin!(datasift.pull("a-subscription").stream());
    /// while let Some(interaction) = all.try_next().await? {
    ///     println!("{}", interaction["interaction"]["content"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn pull(&self, id: impl Into<String>) -> Pull {
        Pull { client: self.clone(), id: id.into(), size: None, cursor: None }
    }

    /// The last interactions of a stream, for a look at it: at most 200, of the last 5 minutes. The service has left this
    /// out of its later documents.
    pub async fn recent(&self, hash: &str, count: Option<u64>, after: Option<&str>) -> Result<Vec<Value>> {
        #[derive(serde::Deserialize)]
        struct Recent {
            stream: Vec<Value>,
        }
        let asked = error::succeeded(&op::GET_BUFFERED_STREAM, self.raw.get_buffered_stream(hash, count, after));
        let answer = asked.await.map_err(|e| e.about(hash))?;
        let body = api::content(answer).await?;
        match serde_json::from_slice(&body) {
            Ok(Recent { stream }) => Ok(stream),
            Err(_) => read(&body).map_err(|e| e.about(hash)),
        }
    }
}

impl Pull {
    /// The most to be given at once, in bytes; 20 MiB are the most that the service gives.
    pub fn size(self, bytes: u64) -> Self {
        Self { size: Some(bytes), ..self }
    }

    /// Where to begin; where the last one who pulled ended if not given.
    pub fn cursor(self, cursor: impl Into<String>) -> Self {
        Self { cursor: Some(cursor.into()), ..self }
    }

    /// What is queued now.
    pub async fn once(&self) -> Result<Pulled> {
        let asked = self.client.raw.pull(&self.id, self.size, self.cursor.as_deref());
        let answer = error::succeeded(&op::PULL, asked).await.map_err(|e| e.about(&self.id))?;
        let cursor = |name: &str| answer.headers().get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let (cursor, next) = (cursor("x-datasift-cursor-current"), cursor("x-datasift-cursor-next"));
        let body = api::content(answer).await?;
        let interactions = read(&body).map_err(|e| {
            let e = e.about(&self.id);
            match &cursor {
                Some(cursor) => e.hint(&format!("with the cursor {cursor:?} it comes again, for an hour")),
                None => e,
            }
        })?;
        Ok(Pulled { interactions, cursor, next })
    }

    /// All that comes, for as long as it is read. Where nothing is queued it asks again after a second, and then after up to
    /// a minute; what fails and may pass is asked for again, from where it was.
    pub fn stream(self) -> impl Stream<Item = Result<Value>> + Send {
        /// The service allows two requests a second.
        const SHORTEST: Duration = Duration::from_millis(500);
        const LONGEST: Duration = Duration::from_secs(60);
        let parts = stream::try_unfold((self, Duration::ZERO), |(mut pull, mut pause)| async move {
            loop {
                tokio::time::sleep(pause).await;
                let idle = |pause: Duration| (pause * 2).clamp(Duration::from_secs(1), LONGEST);
                match pull.once().await {
                    Ok(Pulled { interactions, next, cursor }) => {
                        if interactions.is_empty() {
                            pull.cursor = next.or(cursor).or(pull.cursor);
                            pause = idle(pause);
                            continue;
                        }
                        // Where the next part begins the service knows by itself; with this one's cursor it would come again.
                        pull.cursor = next;
                        let items = stream::iter(interactions.into_iter().map(Ok));
                        return Ok(Some((items, (pull, SHORTEST))));
                    }
                    // Without a cursor the queue may have moved on.
                    Err(error) if error.is_retryable() && pull.cursor.is_some() => {
                        pause = error.retry_after().unwrap_or_default().max(idle(pause));
                    }
                    Err(error) => return Err(error),
                }
            }
        });
        futures::TryStreamExt::try_flatten(parts)
    }
}

/// Interactions as lines, as a list, or in an envelope: each subscription has its own form.
fn read(body: &[u8]) -> Result<Vec<Value>> {
    #[derive(serde::Deserialize)]
    struct Envelope {
        interactions: Vec<Value>,
    }
    let wrong = |e: serde_json::Error| {
        let why = format!("what is queued is no JSON ({e}): is the subscription's format one of json_*?");
        Error::new(Kind::Unexpected, why).with_source(e)
    };
    let start = body.iter().find(|it| !it.is_ascii_whitespace());
    if start == Some(&b'[') {
        return serde_json::from_slice(body).map_err(wrong);
    }
    if let Ok(Envelope { interactions }) = serde_json::from_slice(body) {
        return Ok(interactions);
    }
    serde_json::Deserializer::from_slice(body).into_iter().collect::<Result<_, _>>().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_queue_is_read_in_each_of_its_forms() {
        let two = vec![json!({"a": 1}), json!({"a": 2})];
        assert_eq!(read(b"{\"a\":1}\r\n{\"a\":2}\n").unwrap(), two);
        assert_eq!(read(b" [{\"a\":1},{\"a\":2}]").unwrap(), two);
        assert_eq!(read(br#"{"count":2,"hash":"h","interactions":[{"a":1},{"a":2}]}"#).unwrap(), two);
        assert_eq!(read(b"").unwrap(), Vec::<Value>::new());
        assert!(read(b"<html>").unwrap_err().to_string().contains("json_*"));
    }
}
