//! Datasets that are read over links: signed, public, or made here with keys.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, StatusCode, header};
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;

use super::Item;
use crate::{
    Connection, Error, Kind, Result,
    error::answer_error,
    transfer::{
        Digest, Progress, Target, again,
        ranges::{self, Found, Links},
    },
};

/// The most bytes that are read of a manifest: one of a million items has some 200 MB.
const MANIFEST: usize = 512 << 20;

/// The same of a readme, an annotation and an overlay, of which several are read at once.
pub(crate) const TEXT: usize = 64 << 20;

/// Redirections that are followed.
const REDIRECTS: usize = 5;

/// Texts that are read at once.
const AT_ONCE: usize = 8;

/// Where the items of a dataset are to be had for a while.
pub(crate) trait Linker: Sync {
    /// A link to an item; if one was `refused`, another, asked for once for all that wait.
    fn link(&self, identifier: &str, refused: Option<&Url>) -> impl Future<Output = Result<Url>> + Send;

    /// The way that requests take.
    fn connection(&self) -> &Connection;
}

/// One item behind links.
struct Remote<'l, L> {
    links: &'l L,
    identifier: &'l str,
    /// The link that was given last. Another is asked for only when this one is no longer good.
    last: Mutex<Option<Url>>,
}

impl<L: Linker> ranges::Remote for Remote<'_, L> {
    async fn find(&self) -> Result<Found> {
        let mut last = self.last.lock().await;
        let link = self.links.link(self.identifier, last.as_ref()).await?;
        *last = Some(link.clone());
        Ok(Found::There(link))
    }

    async fn follow(&self, link: &Url, headers: HeaderMap) -> Result<Response> {
        get(self.links.connection(), link, headers).await
    }
}

/// Brings an item to its target: a large one in ranges at once, one that broke off from where it was.
pub(crate) async fn fetch<L: Linker>(
    links: &L,
    identifier: &str,
    item: &Item,
    target: &Target,
    progress: &Progress,
) -> Result<u64> {
    let remote = Remote { links, identifier, last: Mutex::new(None) };
    let links = Links::new(remote, None);
    ranges::fetch(&links, Some(item.size_in_bytes), target, progress, &Digest::default()).await
}

/// Asks a place, and those that it points to. Any other answer is given as it is.
async fn get(connection: &Connection, link: &Url, headers: HeaderMap) -> Result<Response> {
    let mut link = link.clone();
    for _ in 0..=REDIRECTS {
        let answer = connection.fetch(&link, headers.clone()).await?;
        let to = match answer.status() {
            StatusCode::NOT_MODIFIED => None,
            status if status.is_redirection() => answer.headers().get(header::LOCATION).and_then(|it| it.to_str().ok()),
            _ => None,
        };
        match to {
            Some(to) => link = Connection::place(&link, to)?,
            None => return Ok(answer),
        }
    }
    Err(Error::new(Kind::Unexpected, "the storage points from place to place without an end"))
}

/// A text of up to `most` bytes behind a link; `None` if there is none.
pub(crate) async fn text(connection: &Connection, link: &Url, most: usize) -> Result<Option<Vec<u8>>> {
    let read = || async {
        let answer = get(connection, link, HeaderMap::new()).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(answer_error(answer).await),
        }
        let mut chunks = answer.bytes_stream().map_err(middleware::Error::from_reqwest);
        let mut text = vec![];
        while let Some(chunk) = chunks.try_next().await? {
            let chunk: Bytes = chunk;
            if text.len() + chunk.len() > most {
                return Err(Error::new(Kind::Unexpected, "it is larger than anything that describes a dataset"));
            }
            text.extend_from_slice(&chunk);
        }
        Ok(Some(text))
    };
    again(read).await
}

/// What must be there, as JSON.
pub(crate) async fn json<T: DeserializeOwned>(connection: &Connection, link: &Url, what: &str) -> Result<T> {
    json_of(connection, link, what, MANIFEST).await
}

async fn json_of<T: DeserializeOwned>(connection: &Connection, link: &Url, what: &str, most: usize) -> Result<T> {
    let read = async {
        let text = text(connection, link, most).await?.ok_or_else(|| Error::not_found("it is not in the storage"))?;
        serde_json::from_slice(&text).map_err(|e| Error::invalid(format!("it is not what dtool writes: {e}")))
    };
    read.await.map_err(|e| e.about(what))
}

/// What must be there, as text.
pub(crate) async fn readme(connection: &Connection, link: &Url) -> Result<String> {
    let read = async {
        let text = text(connection, link, TEXT).await?.unwrap_or_default();
        String::from_utf8(text).map_err(|_| Error::invalid("it is not UTF-8"))
    };
    read.await.map_err(|e| e.about("README.yml"))
}

/// Many of them by name, at once.
pub(crate) async fn by_name<T, M>(connection: &Connection, links: Vec<(String, Url)>) -> Result<M>
where
    T: DeserializeOwned + Send,
    M: Default + Extend<(String, T)>,
{
    let read = stream::iter(links).map(|(name, link)| async move {
        let value = json_of(connection, &link, &name, TEXT).await?;
        Ok::<_, Error>((name, value))
    });
    let mut found = M::default();
    found.extend(read.buffered(AT_ONCE).try_collect::<Vec<_>>().await?);
    Ok(found)
}
