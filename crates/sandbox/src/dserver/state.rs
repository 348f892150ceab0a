//! What the service holds.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{signed_urls::Pending, text, yaml};

#[derive(Clone, Debug)]
pub(super) struct User {
    pub name: String,
    pub is_admin: bool,
    /// Of the coming release.
    pub display_name: Option<String>,
}

/// A place of datasets, and who may do what there. Names of users are in the order in which they were allowed.
#[derive(Clone, Debug)]
pub(super) struct BaseUri {
    pub uri: String,
    pub search: Vec<String>,
    pub register: Vec<String>,
}

/// A dataset as it was registered.
#[derive(Clone, Debug, Default)]
pub(super) struct Dataset {
    pub uri: String,
    pub base_uri: String,
    pub uuid: String,
    pub name: String,
    pub creator: String,
    /// Seconds since 1970, to the microsecond.
    pub frozen_at: f64,
    pub created_at: f64,
    pub number_of_items: Option<u64>,
    pub size_in_bytes: Option<u64>,
    pub readme: String,
    pub manifest: Value,
    pub annotations: Map<String, Value>,
    pub tags: Vec<String>,
    /// What else was registered, by field: `type`, and `dtoolcore_version` if it was indexed at the server.
    pub more: Map<String, Value>,
    /// Who uploaded it and when: of the coming release.
    pub uploaded: Option<(String, f64)>,
    /// The words of all its texts, for searches; see [`Dataset::index`].
    pub words: BTreeSet<String>,
    /// The readme as YAML has it, for queries; see [`Dataset::index`].
    pub parsed: Value,
}

impl Dataset {
    /// Brings what is derived up to date.
    pub fn index(&mut self) {
        // What is no YAML is not to be queried, as in the plugin for it.
        self.parsed = yaml::parse(&self.readme).unwrap_or_else(|| json!({}));
        let mut words = BTreeSet::new();
        self.texts(&mut |text| words.extend(text::words(text)));
        self.words = words;
    }

    /// Gives each text that a search sees: all texts there are, whatever the field.
    pub fn texts<'d>(&'d self, see: &mut impl FnMut(&'d str)) {
        fn within<'v>(value: &'v Value, see: &mut impl FnMut(&'v str)) {
            match value {
                Value::String(text) => see(text),
                Value::Array(items) => items.iter().for_each(|it| within(it, see)),
                Value::Object(fields) => fields.values().for_each(|it| within(it, see)),
                _ => {}
            }
        }
        for text in [&self.uri, &self.base_uri, &self.uuid, &self.name, &self.creator, &self.readme] {
            see(text);
        }
        within(&self.manifest, see);
        self.annotations.values().for_each(|it| within(it, see));
        self.more.values().for_each(|it| within(it, see));
        self.tags.iter().for_each(|it| see(it));
    }

    /// A row of the lists that come from SQL: times to the microsecond, and nulls.
    pub fn sql_row(&self, is_next: bool) -> Value {
        let mut row = json!({
            "base_uri": self.base_uri, "created_at": self.created_at, "creator_username": self.creator,
            "frozen_at": self.frozen_at, "name": self.name, "number_of_items": self.number_of_items,
            "size_in_bytes": self.size_in_bytes, "uri": self.uri, "uuid": self.uuid,
        });
        if is_next {
            row["uploaded_by"] = json!(self.uploaded.as_ref().map(|(user, _)| user));
            row["uploaded_at"] = json!(self.uploaded.as_ref().map(|(_, at)| at));
        }
        row
    }

    /// A row of the lists that come from MongoDB: times to the millisecond, and no field that is not there.
    pub fn mongo_row(&self) -> Value {
        let mut row = json!({
            "base_uri": self.base_uri, "created_at": milliseconds(self.created_at), "creator_username": self.creator,
            "frozen_at": milliseconds(self.frozen_at), "name": self.name, "uri": self.uri, "uuid": self.uuid,
        });
        for (field, number) in [("number_of_items", self.number_of_items), ("size_in_bytes", self.size_in_bytes)] {
            if let Some(number) = number {
                row[field] = number.into();
            }
        }
        if let Some((user, at)) = &self.uploaded {
            row["uploaded_by"] = user.as_str().into();
            row["uploaded_at"] = milliseconds(*at).into();
        }
        row
    }

    /// The same with what queries and graphs tell besides.
    pub fn query_row(&self) -> Value {
        let mut row = self.mongo_row();
        row["tags"] = json!(self.tags);
        for (field, value) in &self.more {
            row[field] = value.clone();
        }
        row
    }

    /// All of it, as queries and aggregations see it: the readme as YAML has it.
    pub fn document(&self) -> Value {
        let mut document = self.query_row();
        document["readme"] = self.parsed.clone();
        document["manifest"] = self.manifest.clone();
        document["annotations"] = self.annotations.clone().into();
        document
    }
}

/// MongoDB's times have no more.
fn milliseconds(at: f64) -> f64 {
    (at * 1e6).round().div_euclid(1e3) / 1e3
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub users: Vec<User>,
    pub base_uris: Vec<BaseUri>,
    /// As they were registered first.
    pub datasets: Vec<Dataset>,
    pub uploads: Vec<Pending>,
}

impl State {
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|it| it.name == name)
    }

    pub fn user_mut(&mut self, name: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|it| it.name == name)
    }

    pub fn base_uri(&self, uri: &str) -> Option<&BaseUri> {
        self.base_uris.iter().find(|it| it.uri == uri)
    }

    pub fn base_uri_mut(&mut self, uri: &str) -> Option<&mut BaseUri> {
        self.base_uris.iter_mut().find(|it| it.uri == uri)
    }

    pub fn dataset(&self, uri: &str) -> Option<&Dataset> {
        self.datasets.iter().find(|it| it.uri == uri)
    }

    pub fn dataset_mut(&mut self, uri: &str) -> Option<&mut Dataset> {
        self.datasets.iter_mut().find(|it| it.uri == uri)
    }

    /// Registers a dataset, in the place of the one with its URI if there is one. Whether there was none.
    pub fn register(&mut self, mut dataset: Dataset) -> bool {
        dataset.index();
        match self.dataset_mut(&dataset.uri) {
            Some(old) => {
                *old = dataset;
                false
            }
            None => {
                self.datasets.push(dataset);
                true
            }
        }
    }

    /// The base URIs that a user may search.
    pub fn searchable(&self, user: &str) -> Vec<&str> {
        let mine = self.base_uris.iter().filter(|it| it.search.iter().any(|name| name == user));
        mine.map(|it| it.uri.as_str()).collect()
    }

    /// The datasets that a user may see.
    pub fn seen_by<'s>(&'s self, user: &str) -> impl Iterator<Item = &'s Dataset> {
        let mine = self.searchable(user);
        self.datasets.iter().filter(move |it| mine.contains(&it.base_uri.as_str()))
    }

    pub fn may_search(&self, user: &str, base_uri: &str) -> bool {
        self.base_uri(base_uri).is_some_and(|it| it.search.iter().any(|name| name == user))
    }

    pub fn may_register(&self, user: &str, base_uri: &str) -> bool {
        self.base_uri(base_uri).is_some_and(|it| it.register.iter().any(|name| name == user))
    }
}

/// The URI that a path names: `s3://bucket/uuid`, or `s3/bucket/uuid`.
pub(super) fn uri_of(path: &str) -> String {
    match path.contains("://") {
        true => path.to_owned(),
        false => path.replacen('/', "://", 1),
    }
}

/// Where a dataset with this URI lies.
pub(super) fn base_of(uri: &str) -> &str {
    uri.rsplit_once('/').map_or(uri, |(base, _)| base)
}
