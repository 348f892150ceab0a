//! A dataset in a bucket, as dtool-s3 lays it out: objects below its UUID, items by their identifiers.
//!
//! An object `dtool-<uuid>` tells what comes before the UUID; without it the user's `DTOOL_S3_DATASET_PREFIX_<bucket>`.

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use url::Url;

use super::{Dataset, Item, Source, linked, uri::Dialect};
use crate::{
    Connection, Error, Kind, Result,
    transfer::{
        Progress, Target,
        s3::{self, Access},
    },
};

/// Looks up a setting by its name, as dtool has them: `DTOOL_S3_ENDPOINT_<bucket>`...
#[derive(Clone)]
pub(crate) struct Keys(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Keys {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.get(name).map(Into::into)
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::new(|_| None)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// A dataset in a bucket.
pub(crate) struct Bucket {
    connection: Arc<Connection>,
    bucket: s3::Bucket,
    /// What the names of all its objects begin with.
    prefix: String,
}

impl Bucket {
    /// Opens the bucket with the user's keys, and looks where in it the dataset is.
    ///
    /// # Errors
    /// If keys are missing: which is said.
    pub(crate) async fn open(
        dialect: Dialect,
        name: &str,
        uuid: &str,
        keys: &Keys,
        connection: Arc<Connection>,
    ) -> Result<Self> {
        let access = access(dialect, name, keys)?;
        let bucket = s3::Bucket::open(&access, name, connection.once())?;
        let registered = linked::text(&connection, &bucket.link(&format!("dtool-{uuid}")).await?, linked::TEXT).await;
        let registered = registered.map_err(|e| e.about(format!("dtool-{uuid} in bucket {name}")))?;
        let before = match registered {
            Some(text) => String::from_utf8(text).map_err(|_| Error::invalid("its registration is no text"))?,
            None => keys.get(&format!("DTOOL_S3_DATASET_PREFIX_{name}")).unwrap_or_default(),
        };
        Ok(Self { connection, bucket, prefix: format!("{before}{uuid}/") })
    }

    async fn object(&self, name: &str) -> Result<Url> {
        self.bucket.link(&format!("{}{name}", self.prefix)).await
    }

    /// What lies in one of the dataset's folders, by name.
    async fn listed(&self, folder: &str) -> Result<Vec<String>> {
        let folder = format!("{}{folder}", self.prefix);
        let names = self.bucket.list(&folder).await?;
        Ok(names.into_iter().filter_map(|it| Some(it.strip_prefix(&folder)?.strip_prefix('/')?.to_owned())).collect())
    }

    /// The links to the JSON files of one of the dataset's folders, by what they are called there.
    async fn files(&self, folder: &str) -> Result<Vec<(String, Url)>> {
        let mut links = vec![];
        for file in self.listed(folder).await? {
            if let Some(name) = file.strip_suffix(".json") {
                links.push((name.to_owned(), self.object(&format!("{folder}/{file}")).await?));
            }
        }
        Ok(links)
    }
}

/// The way to a bucket: dtool's own keys of it, and for S3 without them those of AWS.
fn access(dialect: Dialect, bucket: &str, keys: &Keys) -> Result<Access> {
    let family = match dialect {
        Dialect::S3 => "S3",
        Dialect::Ecs => "ECS",
    };
    let [endpoint, access, secret] =
        ["ENDPOINT", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].map(|it| format!("DTOOL_{family}_{it}_{bucket}"));
    if let (Some(url), Some(key), Some(hidden)) = (keys.get(&endpoint), keys.secret(&access), keys.secret(&secret)) {
        let url = if url.contains("://") { url } else { format!("https://{url}") };
        let endpoint = Connection::base(&url).map_err(|e| e.about(endpoint))?;
        return Ok(Access {
            endpoint: Some(endpoint),
            region: region(keys),
            access: key,
            secret: hidden,
            session: None,
        });
    }
    let own = [&endpoint, &access, &secret];
    let missing: Vec<_> = own.iter().filter(|it| keys.get(it).is_none()).map(|it| it.as_str()).collect();
    let none = missing.len() == own.len();
    if dialect == Dialect::S3
        && none
        && let (Some(access), Some(secret)) = (keys.secret("AWS_ACCESS_KEY_ID"), keys.secret("AWS_SECRET_ACCESS_KEY"))
    {
        let session = keys.secret("AWS_SESSION_TOKEN");
        let endpoint = keys.get("AWS_ENDPOINT_URL").map(|url| Connection::base(&url)).transpose()?;
        return Ok(Access { endpoint, region: region(keys), access, secret, session });
    }
    let aws =
        if dialect == Dialect::S3 && none { ", or for AWS AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" } else { "" };
    let message = format!("there are no keys to this bucket: set {}{aws}", missing.join(", "));
    Err(Error::new(Kind::Unauthenticated, message).about(format!("bucket {bucket}")))
}

fn region(keys: &Keys) -> Option<String> {
    keys.get("AWS_REGION").or_else(|| keys.get("AWS_DEFAULT_REGION"))
}

impl Source for Bucket {
    async fn read(&self) -> Result<Dataset> {
        let Self { connection, .. } = self;
        let (admin, manifest, readme) =
            (self.object("dtool").await?, self.object("manifest.json").await?, self.object("README.yml").await?);
        let named = async |folder| linked::by_name(connection, self.files(folder).await?).await;
        let overlays = async { linked::by_name(connection, self.files("overlays").await?).await };
        let (admin, manifest, readme, tags, annotations, overlays) = tokio::try_join!(
            linked::json(connection, &admin, "its administrative metadata"),
            linked::json(connection, &manifest, "manifest.json"),
            linked::readme(connection, &readme),
            self.listed("tags"),
            named("annotations"),
            overlays,
        )?;
        Ok(Dataset { admin, manifest, readme, tags, annotations, overlays })
    }

    async fn fetch(&self, identifier: &str, item: &Item, target: &Target, progress: &Progress) -> Result<u64> {
        linked::fetch(self, identifier, item, target, progress).await
    }
}

impl linked::Linker for Bucket {
    async fn link(&self, identifier: &str, _: Option<&Url>) -> Result<Url> {
        self.object(&format!("data/{identifier}")).await
    }

    fn connection(&self) -> &Connection {
        &self.connection
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn keys(known: &'static [(&'static str, &'static str)]) -> Keys {
        Keys::new(|name| known.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    #[test]
    fn a_bucket_is_opened_with_its_own_keys() {
        let known = keys(&[
            ("DTOOL_S3_ENDPOINT_b", "s3.example.org"),
            ("DTOOL_S3_ACCESS_KEY_ID_b", "a"),
            ("DTOOL_S3_SECRET_ACCESS_KEY_b", "hush"),
        ]);
        let it = access(Dialect::S3, "b", &known).unwrap();
        assert_eq!(it.endpoint.unwrap().as_str(), "https://s3.example.org/");
        assert_eq!((it.access.expose_secret(), it.secret.expose_secret()), ("a", "hush"));
        assert!(access(Dialect::S3, "c", &known).is_err() && access(Dialect::Ecs, "b", &known).is_err());
        assert!(!format!("{known:?}").contains("hush"));
    }

    #[test]
    fn missing_keys_are_named() {
        let known = keys(&[("DTOOL_S3_ENDPOINT_b", "https://h")]);
        let told = access(Dialect::S3, "b", &known).err().unwrap().to_string();
        assert!(
            told.contains("DTOOL_S3_ACCESS_KEY_ID_b, DTOOL_S3_SECRET_ACCESS_KEY_b") && !told.contains("AWS"),
            "{told}"
        );
        let told = access(Dialect::S3, "b", &Keys::default()).err().unwrap().to_string();
        assert!(told.contains("AWS_ACCESS_KEY_ID"), "{told}");
        let told = access(Dialect::Ecs, "b", &Keys::default()).err().unwrap().to_string();
        assert!(told.contains("DTOOL_ECS_ENDPOINT_b") && !told.contains("AWS"), "{told}");
    }

    #[test]
    fn without_them_s3_is_that_of_aws() {
        let known = keys(&[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_REGION", "eu-central-1")]);
        let it = access(Dialect::S3, "b", &known).unwrap();
        assert_eq!((it.endpoint, it.region.as_deref()), (None, Some("eu-central-1")));
        assert!(access(Dialect::Ecs, "b", &known).is_err());
    }
}
