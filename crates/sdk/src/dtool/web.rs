//! A dataset behind `http_manifest.json`, as `dtool publish` makes it: one file that tells where all the others are.

use std::{collections::HashMap, sync::Arc};

use serde::Deserialize;
use url::Url;

use super::{Admin, Dataset, Item, Source, linked};
use crate::{
    Connection, Error, Result,
    transfer::{Progress, Target},
};

/// A published dataset.
pub(crate) struct Web {
    connection: Arc<Connection>,
    /// Where its `http_manifest.json` is: what it tells may be relative to that.
    at: Url,
    published: Published,
}

/// `http_manifest.json`. Older ones know neither tags nor annotations.
#[derive(Deserialize)]
struct Published {
    admin_metadata: Admin,
    manifest_url: String,
    readme_url: String,
    #[serde(default)]
    item_urls: HashMap<String, String>,
    #[serde(default)]
    overlays: HashMap<String, String>,
    #[serde(default)]
    annotations: HashMap<String, String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Web {
    /// Reads what is published at the URI of a dataset.
    pub(crate) async fn open(uri: &Url, connection: Arc<Connection>) -> Result<Self> {
        let mut at = uri.clone();
        // A URI with a signature keeps it: it is that of the file.
        at.set_path(&format!("{}/http_manifest.json", uri.path().trim_end_matches('/')));
        let published = linked::json(&connection, &at, "http_manifest.json").await?;
        Ok(Self { connection, at, published })
    }

    fn place(&self, told: &str) -> Result<Url> {
        Connection::place(&self.at, told)
    }

    fn places(&self, told: &HashMap<String, String>) -> Result<Vec<(String, Url)>> {
        told.iter().map(|(name, place)| Ok((name.clone(), self.place(place)?))).collect()
    }
}

impl Source for Web {
    async fn read(&self) -> Result<Dataset> {
        let Self { connection, published, .. } = self;
        let manifest = self.place(&published.manifest_url)?;
        let readme = self.place(&published.readme_url)?;
        let (annotations, overlays) = (self.places(&published.annotations)?, self.places(&published.overlays)?);
        let (manifest, readme, annotations, overlays) = tokio::try_join!(
            linked::json(connection, &manifest, "manifest.json"),
            linked::readme(connection, &readme),
            linked::by_name(connection, annotations),
            linked::by_name(connection, overlays),
        )?;
        let (admin, tags) = (published.admin_metadata.clone(), published.tags.clone());
        Ok(Dataset { admin, manifest, readme, tags, annotations, overlays })
    }

    async fn fetch(&self, identifier: &str, item: &Item, target: &Target, progress: &Progress) -> Result<u64> {
        linked::fetch(self, identifier, item, target, progress).await
    }
}

impl linked::Linker for Web {
    async fn link(&self, identifier: &str, _: Option<&Url>) -> Result<Url> {
        let told = self.published.item_urls.get(identifier);
        self.place(told.ok_or_else(|| Error::not_found("its http_manifest.json does not tell where it is"))?)
    }

    fn connection(&self) -> &Connection {
        &self.connection
    }
}
