//! A dataset as its server knows it, and what is known of it.

use jiff::Timestamp;
use raw::dserver::{operations as op, types};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, Item, List, Manifest, list, time};
use crate::{Error, Paged as _, Result, dtool, error::call};

/// A dataset in the server's index. Two copies of one dataset have one UUID and two URIs.
///
/// It reads and writes the API's own JSON, so rows of a [query](Client::query) or a [graph](Client::graph) are datasets
/// too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Where it is: `s3://bucket/<uuid>`, `file://host/path/name`...
    pub uri: String,
    /// What tells it from all others, wherever a copy of it lies.
    pub uuid: String,
    /// What its creator called it.
    pub name: String,
    /// The base URI that it lies at, by which the server gives rights.
    pub base_uri: Option<String>,
    /// Who made it.
    pub creator_username: String,
    /// When it was begun. Searches tell it to the millisecond, the other lists to the microsecond.
    #[serde(default, with = "time::maybe")]
    pub created_at: Option<Timestamp>,
    /// When it was frozen: what it holds has not changed since.
    #[serde(default, with = "time::maybe")]
    pub frozen_at: Option<Timestamp>,
    /// How many items it has.
    pub number_of_items: Option<u64>,
    /// The bytes of its items.
    pub size_in_bytes: Option<u64>,
    /// What else the server told of it: `tags`, `type`, `derived_from`, `uploaded_by`...
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl From<types::Dataset> for Dataset {
    fn from(told: types::Dataset) -> Self {
        let mut other = told.extra;
        other.extend(told.uploaded_by.map(|it| ("uploaded_by".to_owned(), it.into())));
        other.extend(told.uploaded_at.map(|it| ("uploaded_at".to_owned(), it)));
        Self {
            uri: told.uri,
            uuid: told.uuid,
            name: told.name,
            base_uri: told.base_uri,
            creator_username: told.creator_username,
            created_at: told.created_at.as_ref().and_then(time::read),
            frozen_at: told.frozen_at.as_ref().and_then(time::read),
            number_of_items: count(told.number_of_items),
            size_in_bytes: count(told.size_in_bytes),
            other,
        }
    }
}

/// A number of things or bytes; a negative one is none.
pub(super) fn count(told: Option<i64>) -> Option<u64> {
    told.and_then(|it| u64::try_from(it).ok())
}

impl From<types::Manifest> for Manifest {
    fn from(told: types::Manifest) -> Self {
        let items = told.items.unwrap_or_default();
        Self {
            items: items.into_iter().map(|(identifier, item)| (identifier, item.into())).collect(),
            hash_function: told.hash_function,
            dtoolcore_version: told.dtoolcore_version,
            other: told.extra,
        }
    }
}

impl From<types::Item> for Item {
    fn from(told: types::Item) -> Self {
        Self {
            relpath: told.relpath.unwrap_or_default(),
            size_in_bytes: count(told.size_in_bytes).unwrap_or_default(),
            hash: told.hash.unwrap_or_default(),
            utc_timestamp: told.utc_timestamp.and_then(|it| time::read(&it.into())),
            other: told.extra,
        }
    }
}

/// The descriptive metadata of a dataset: its `README.yml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readme {
    /// As it is written.
    #[serde(rename = "readme")]
    pub text: String,
}

impl Readme {
    /// What it says, as data. Dates stay text. An empty one is `null`.
    ///
    /// ```
    /// let readme = whimbrel::dserver::Readme { text: "owners:\n  - name: Ada\n".to_owned() };
    /// assert_eq!(readme.yaml()?["owners"][0]["name"], "Ada");
    /// # Ok::<(), whimbrel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) with line and column if it is no YAML: a readme is any text that its
    /// author wrote.
    pub fn yaml(&self) -> Result<Value> {
        if self.text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_saphyr::from_str(&self.text).map_err(|e| {
            let told = e.to_string();
            Error::invalid(format!("it is no YAML: {}", told.lines().next().unwrap_or_default())).about("readme")
        })
    }
}

/// What a dataset is registered with.
///
/// The sizes are made from the manifest: a dataset without them makes the summary of version 0.22 fail for everybody who
/// can see it.
///
/// As data, times are seconds since 1970 or RFC 3339, and what is no more than likely may be left out.
///
/// ```
/// let dataset: whimbrel::dserver::Registration = serde_json::from_str(
///     r#"{"uuid": "af6727bf-29c7-43dd-b42f-a5d7ede28337", "uri": "s3://bucket/af6727bf-29c7-43dd-b42f-a5d7ede28337",
///         "base_uri": "s3://bucket", "name": "wear", "creator_username": "ada", "frozen_at": "2026-11-21T10:34:57Z",
///         "manifest": {"items": {}, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0"}}"#,
/// )?;
/// assert!(dataset.readme.is_empty() && dataset.created_at.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Its UUID.
    pub uuid: String,
    /// Where it is.
    pub uri: String,
    /// The base URI that it lies at; registered, and one that the user may register at.
    pub base_uri: String,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub creator_username: String,
    /// When it was begun.
    #[serde(default, with = "time::maybe")]
    pub created_at: Option<Timestamp>,
    /// When it was frozen.
    #[serde(with = "time::told")]
    pub frozen_at: Timestamp,
    /// Its `README.yml`.
    #[serde(default)]
    pub readme: String,
    /// Its items.
    pub manifest: Manifest,
    /// Its annotations, any JSON; 0.22 gives all values back as text.
    #[serde(default)]
    pub annotations: Map<String, Value>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Registration {
    /// What a dataset is registered with that was read where it lies.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if it is not frozen.
    pub fn of(dataset: &dtool::Dataset, uri: impl Into<String>, base_uri: impl Into<String>) -> Result<Self> {
        let (uri, dtool::Dataset { admin, .. }) = (uri.into(), dataset);
        admin.expect_frozen().map_err(|e| e.about(&uri))?;
        Ok(Self {
            uuid: admin.uuid.clone(),
            uri,
            base_uri: base_uri.into(),
            name: admin.name.clone(),
            creator_username: admin.creator_username.clone(),
            created_at: admin.created_at,
            // Datasets of dtool's first years do not tell it.
            frozen_at: admin.frozen_at.or(admin.created_at).unwrap_or_default(),
            readme: dataset.readme.clone(),
            manifest: dataset.manifest.clone(),
            annotations: dataset.annotations.clone(),
            tags: dataset.tags.clone(),
        })
    }

    fn body(&self) -> types::RegisterDataset {
        // Numbers are refused here with 422, though the same fields are numbers in answers.
        let text = |time: Timestamp| format!("{:.6}", time::seconds(time));
        let items = self.manifest.items.iter().map(|(identifier, item)| {
            let sent = types::Item {
                relpath: Some(item.relpath.clone()),
                size_in_bytes: Some(item.size_in_bytes as i64),
                hash: Some(item.hash.clone()),
                utc_timestamp: item.utc_timestamp.map(time::seconds),
                extra: Map::new(),
            };
            (identifier.clone(), sent)
        });
        let manifest = types::Manifest {
            items: Some(items.collect()),
            hash_function: self.manifest.hash_function.clone(),
            dtoolcore_version: self.manifest.dtoolcore_version.clone(),
            extra: Map::new(),
        };
        types::RegisterDataset {
            uuid: Some(self.uuid.clone()),
            uri: Some(self.uri.clone()),
            base_uri: Some(self.base_uri.clone()),
            name: Some(self.name.clone()),
            type_: Some("dataset".to_owned()),
            readme: Some(self.readme.clone()),
            manifest: Some(manifest),
            creator_username: Some(self.creator_username.clone()),
            frozen_at: Some(text(self.frozen_at)),
            created_at: Some(text(self.created_at.unwrap_or(self.frozen_at))),
            annotations: Some(self.annotations.clone()),
            tags: Some(self.tags.clone()),
            number_of_items: Some(self.manifest.items.len() as i64),
            size_in_bytes: Some(self.manifest.size() as i64),
        }
    }
}

impl Client {
    /// The dataset at this URI.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) for a base URI that the user can't search; 0.22 says the same of one
    /// that nobody registered.
    pub async fn dataset(&self, uri: &str) -> Result<Dataset> {
        let answer = call(&op::GET_DATASET, self.raw.get_dataset().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner().into())
    }

    /// Every copy of the dataset of this UUID that the user can see.
    pub fn copies(&self, uuid: impl Into<String>) -> List<Dataset> {
        let (client, uuid) = (self.clone(), uuid.into());
        List::new(
            |dataset: &Dataset| Some(&dataset.uri),
            move |n| {
                let (client, uuid) = (client.clone(), uuid.clone());
                async move {
                    let sent = client.raw.lookup_dataset().uuid(&uuid).page(i64::from(n)).page_size(list::PAGE_SIZE);
                    let answer = call(&op::LOOKUP_DATASET, sent.send()).await.map_err(|e| e.about(&uuid));
                    list::page(n, answer, |told| Ok(Dataset::from(told)))
                }
            },
        )
    }

    /// Where the dataset of this UUID is, one entry a copy, at least one; [`Client::copies`] for more than 100.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if the user can see none.
    pub async fn lookup(&self, uuid: &str) -> Result<Vec<Dataset>> {
        let found = self.copies(uuid).page(1).await?.items;
        if found.is_empty() {
            return Err(Error::not_found("no dataset of this UUID is registered, or none that you can see").about(uuid));
        }
        Ok(found)
    }

    /// The descriptive metadata of the dataset at this URI.
    pub async fn readme(&self, uri: &str) -> Result<Readme> {
        let answer = call(&op::GET_README, self.raw.get_readme().uri(uri).send()).await;
        let readme = answer.map_err(|e| e.about(uri))?.into_inner().readme;
        Ok(Readme { text: readme.unwrap_or_default() })
    }

    /// The items of the dataset at this URI.
    pub async fn manifest(&self, uri: &str) -> Result<Manifest> {
        let answer = call(&op::GET_MANIFEST, self.raw.get_manifest().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner().into())
    }

    /// The tags of the dataset at this URI.
    pub async fn tags(&self, uri: &str) -> Result<Vec<String>> {
        let answer = call(&op::GET_TAGS, self.raw.get_tags().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner().tags.unwrap_or_default())
    }

    /// The annotations of the dataset at this URI, exactly as the server gives them: 0.22 makes text of every value
    /// (of `{"a": 1}` Python's `"{'a': 1}"`), later releases give JSON.
    pub async fn annotations(&self, uri: &str) -> Result<Map<String, Value>> {
        let answer = call(&op::GET_ANNOTATIONS, self.raw.get_annotations().uri(uri).send()).await;
        Ok(answer.map_err(|e| e.about(uri))?.into_inner().annotations.unwrap_or_default())
    }

    /// Puts a dataset into the index, in place of what is there under its URI. Its content is where it is.
    pub async fn register(&self, dataset: &Registration) -> Result<()> {
        let sent = self.raw.register_dataset().uri(&dataset.uri).body(dataset.body()).send();
        call(&op::REGISTER_DATASET, sent).await.map_err(|e| e.about(&dataset.uri))?;
        Ok(())
    }

    /// Puts a dataset into the index with what is told of it where it lies: at `file`, `s3`, `ecs`, `http`, `https`; `keys`
    /// as in [`Download::keys`](super::Download::keys). Another machine may call the same place by another name: where
    /// `base_uri` is given, the dataset is registered as the one of its last name there. Gives what it was registered with.
    ///
    /// # Errors
    /// [`Kind::Conflict`](crate::Kind::Conflict) if it is not frozen; what keeps it from being read.
    pub async fn register_from(
        &self,
        uri: &str,
        base_uri: Option<&str>,
        keys: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Registration> {
        let uri = uri.trim_end_matches('/');
        let dataset = dtool::read(uri, &self.connection, keys).await?;
        let (own, name) = uri.rsplit_once('/').unwrap_or_default();
        let base_uri = base_uri.unwrap_or(own).trim_end_matches('/');
        let registration = Registration::of(&dataset, format!("{base_uri}/{name}"), base_uri)?;
        self.register(&registration).await?;
        Ok(registration)
    }

    /// Takes a dataset out of the index; its content stays where it is.
    ///
    /// A server of version 0.22 forgets it only in [`Client::dataset`], [`Client::lookup`] and the summary: searches,
    /// readme, manifest, tags and annotations still answer.
    pub async fn delete(&self, uri: &str) -> Result<()> {
        let answer = call(&op::DELETE_DATASET, self.raw.delete_dataset().uri(uri).send()).await;
        answer.map_err(|e| e.about(uri))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_tells_beyond_the_document_is_kept() {
        let row = json!({
            "uri": "s3://b/1", "uuid": "1", "name": "n", "base_uri": "s3://b", "creator_username": "ada",
            "created_at": 1.5, "frozen_at": 2.25, "number_of_items": 3, "size_in_bytes": 4,
            "tags": ["x"], "derived_from": [], "new": { "a": null },
        });
        let told: types::Dataset = serde_json::from_value(row.clone()).unwrap();
        assert_eq!(json!(Dataset::from(told)), row);
        assert_eq!(json!(serde_json::from_value::<Dataset>(row.clone()).unwrap()), row, "rows of queries too");
    }

    #[test]
    fn nothing_that_is_optional_fails_a_list() {
        let row = json!({ "uri": "u", "uuid": "1", "name": "n", "creator_username": "c", "frozen_at": "soon",
            "number_of_items": null, "size_in_bytes": -1 });
        let dataset = Dataset::from(serde_json::from_value::<types::Dataset>(row).unwrap());
        assert_eq!((dataset.frozen_at, dataset.number_of_items, dataset.size_in_bytes), (None, None, None));
    }

    #[test]
    fn a_call_has_what_the_generated_one_needs_on_the_heap() {
        let client = Client::builder().url("http://127.0.0.1:9").token("t".to_owned()).build().unwrap();
        // Whoever spawns it, boxes it or puts it into another future copies it.
        let size = size_of_val(&client.readme("s3://b/1"));
        assert!(size < 1 << 10, "{size} bytes");
    }

    #[test]
    fn a_registration_has_times_as_text_and_sizes_of_its_manifest() {
        let item = Item { relpath: "a".into(), size_in_bytes: 5, hash: "h".into(), ..Item::default() };
        let dataset = Registration {
            uuid: "1".into(),
            uri: "s3://b/1".into(),
            base_uri: "s3://b".into(),
            name: "n".into(),
            creator_username: "ada".into(),
            created_at: None,
            frozen_at: Timestamp::from_microsecond(1_500_000).unwrap(),
            readme: String::new(),
            manifest: Manifest { items: [("i".to_owned(), item)].into(), ..Manifest::default() },
            annotations: Map::new(),
            tags: vec![],
        };
        let body = json!(dataset.body());
        assert_eq!((&body["frozen_at"], &body["created_at"]), (&json!("1.500000"), &json!("1.500000")));
        assert_eq!((&body["number_of_items"], &body["size_in_bytes"]), (&json!(1), &json!(5)));
    }

    #[test]
    fn a_readme_that_is_no_yaml_says_where() {
        let readme = Readme { text: "a: [1\nb: 2\n".to_owned() };
        let told = readme.yaml().unwrap_err().to_string();
        assert!(told.starts_with("readme: it is no YAML") && told.contains("line"), "{told}");
        assert_eq!(Readme::default().yaml().unwrap(), Value::Null);
        let date = Readme { text: "creation_date: 2024-01-02\n".to_owned() };
        assert_eq!(date.yaml().unwrap(), json!({ "creation_date": "2024-01-02" }));
    }
}
