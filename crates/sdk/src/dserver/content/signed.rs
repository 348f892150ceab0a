//! A dataset read by links that the server signs: no keys are needed, and any storage that can sign will do.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use raw::dserver::{operations as op, types};
use tokio::sync::Mutex;
use url::Url;

use crate::{
    Connection, Error, Result,
    dserver::{Client, Feature},
    dtool::{Dataset, Item, Source, linked},
    error::call,
    transfer::{Progress, Target},
};

/// A dataset behind links that are good for a while. When they are over, all are asked for anew, once for all that wait.
pub(super) struct Signed {
    client: Client,
    uri: String,
    base: Url,
    links: Mutex<Links>,
}

struct Links {
    told: types::SignedUrLsResponse,
    until: Instant,
}

impl Signed {
    pub(super) async fn open(client: &Client, uri: &str) -> Result<Self> {
        let (client, uri) = (client.clone(), uri.to_owned());
        let base = Connection::base(client.connection.base_url())?;
        let links = Mutex::new(sign(&client, &uri).await?);
        Ok(Self { client, uri, base, links })
    }

    fn place(&self, told: &str) -> Result<Url> {
        Connection::place(&self.base, told)
    }

    fn places(&self, told: Option<&HashMap<String, String>>) -> Result<Vec<(String, Url)>> {
        let told = told.into_iter().flatten();
        told.map(|(name, place)| Ok((name.clone(), self.place(place)?))).collect()
    }
}

async fn sign(client: &Client, uri: &str) -> Result<Links> {
    let asked = Instant::now();
    let answer = call(&op::SIGN_DATASET, client.raw.sign_dataset().uri(uri).send()).await;
    let told = client.offered(Feature::SignedUrls, answer).await.map_err(|e| e.about(uri))?.into_inner();
    Ok(Links { until: asked + lasts(told.expiry_seconds), told })
}

/// How long links that the server gives for so many seconds are used: what is begun in the last minute may not be
/// answered in time.
pub(super) fn lasts(seconds: i64) -> Duration {
    // The longest that S3 signs for; what a server says beyond that is no time that a clock can be set to.
    const WEEK: u64 = 7 * 24 * 60 * 60;
    let whole = Duration::from_secs(u64::try_from(seconds).unwrap_or_default().min(WEEK));
    whole - (whole / 10).min(Duration::from_secs(60))
}

impl Source for Signed {
    async fn read(&self) -> Result<Dataset> {
        let told = self.links.lock().await.told.clone();
        let (admin, manifest, readme) =
            (self.place(&told.admin_metadata_url)?, self.place(&told.manifest_url)?, self.place(&told.readme_url)?);
        let annotations = self.places(told.annotation_urls.as_ref())?;
        let overlays = self.places(told.overlay_urls.as_ref())?;
        let connection = &self.client.connection;
        let (admin, manifest, readme, annotations, overlays) = tokio::try_join!(
            linked::json(connection, &admin, "its administrative metadata"),
            linked::json(connection, &manifest, "manifest.json"),
            linked::readme(connection, &readme),
            linked::by_name(connection, annotations),
            linked::by_name(connection, overlays),
        )?;
        Ok(Dataset { admin, manifest, readme, tags: told.tags.unwrap_or_default(), annotations, overlays })
    }

    async fn fetch(&self, identifier: &str, item: &Item, target: &Target, progress: &Progress) -> Result<u64> {
        linked::fetch(self, identifier, item, target, progress).await
    }
}

impl linked::Linker for Signed {
    async fn link(&self, identifier: &str, refused: Option<&Url>) -> Result<Url> {
        let mut links = self.links.lock().await;
        for renewed in [false, true] {
            if Instant::now() < links.until || renewed {
                let told = links.told.item_urls.as_ref().and_then(|it| it.get(identifier));
                let link = self.place(told.ok_or_else(|| Error::not_found("the server signs no link to it"))?)?;
                // One that was signed in the same second is the same.
                if Some(&link) != refused || renewed {
                    return Ok(link);
                }
            }
            if !renewed {
                tracing::debug!(uri = self.uri, "the signed links are over");
                *links = sign(&self.client, &self.uri).await?;
            }
        }
        unreachable!("renewed links are given")
    }

    fn connection(&self) -> &Connection {
        &self.client.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_used_to_their_last_moment() {
        assert_eq!(lasts(3600), Duration::from_secs(3540));
        assert_eq!(lasts(10), Duration::from_secs(9));
        assert_eq!(lasts(-5), Duration::ZERO);
        assert_eq!(lasts(i64::MAX), lasts(604_800));
    }
}
