//! A dataset as it lies in a storage: what is told of it, without the bytes of its items.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Manifest, time};
use crate::{Error, Kind, Result};

/// What a storage holds of a dataset beside the bytes of its items.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// What it is: UUID, name, creator, times.
    pub admin: Admin,
    /// Its items.
    pub manifest: Manifest,
    /// Its `README.yml`: descriptive metadata, any text.
    pub readme: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its annotations: any JSON by name.
    pub annotations: Map<String, Value>,
    /// Its overlays: by name, for each item's identifier any JSON.
    pub overlays: BTreeMap<String, Value>,
}

/// What dtool calls the administrative metadata of a dataset: the file that makes a folder one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Admin {
    /// What tells it from all others, wherever a copy of it lies.
    pub uuid: String,
    /// What its creator called it.
    pub name: String,
    /// `dataset` once it is frozen, `protodataset` before.
    #[serde(rename = "type")]
    pub type_: String,
    /// Who made it.
    #[serde(default)]
    pub creator_username: String,
    /// When it was begun.
    #[serde(default, with = "time::maybe", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it was frozen.
    #[serde(default, with = "time::maybe", skip_serializing_if = "Option::is_none")]
    pub frozen_at: Option<Timestamp>,
    /// What else is told of it: `dtoolcore_version`...
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Admin {
    /// What it is when it is frozen, and before.
    pub(super) const FROZEN: &str = "dataset";
    const PROTO: &str = "protodataset";

    /// Whether it is frozen: whole, and not to change any more.
    pub fn is_frozen(&self) -> bool {
        self.type_ == Self::FROZEN
    }

    /// What it is until all of it is there.
    pub(super) fn unfinished(&self) -> Self {
        Self { type_: Self::PROTO.to_owned(), frozen_at: None, ..self.clone() }
    }

    /// That it is the frozen dataset of this UUID.
    pub(crate) fn expect(&self, uuid: &str) -> Result<()> {
        if !self.uuid.eq_ignore_ascii_case(uuid) {
            let message = format!("what lies there is the dataset {}, not {uuid}", self.uuid);
            return Err(Error::new(Kind::Conflict, message));
        }
        self.expect_frozen()
    }

    /// That it is frozen.
    pub(crate) fn expect_frozen(&self) -> Result<()> {
        if self.is_frozen() {
            return Ok(());
        }
        let message = format!("it is not frozen yet but a {}; what it holds may still change", self.type_);
        Err(Error::new(Kind::Conflict, message))
    }
}

impl Dataset {
    /// That all names in it can be those of files, as dtool has them: they are the creator's word.
    pub(super) fn check_names(&self) -> Result<()> {
        let kinds: [(&str, Vec<&String>); 3] = [
            ("a tag", self.tags.iter().collect()),
            ("an annotation", self.annotations.keys().collect()),
            ("an overlay", self.overlays.keys().collect()),
        ];
        for (what, names) in kinds {
            if let Some(wrong) = names.into_iter().find(|it| !is_name(it)) {
                let message = format!("{what} is called {wrong:?}, which dtool allows no name to be");
                return Err(Error::invalid(message));
            }
        }
        Ok(())
    }
}

/// Whether dtool lets a dataset, a tag, an annotation or an overlay be called so: letters and digits of ASCII, `-`, `_`,
/// `.`, and 80 of them at most.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=80).contains(&name.len()) && name.chars().all(allowed) && !matches!(name, "." | "..")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_admin_metadata_hold_is_kept_as_it_is() {
        let told = json!({
            "uuid": "1", "dtoolcore_version": "3.19.0", "name": "n", "type": "dataset", "creator_username": "ada",
            "created_at": 1_795_257_297.626_212, "frozen_at": 1_795_257_298.5,
        });
        let admin: Admin = serde_json::from_value(told.clone()).unwrap();
        assert_eq!(json!(admin), told);
        let unfinished = json!(admin.unfinished());
        assert_eq!((&unfinished["type"], unfinished.get("frozen_at")), (&json!("protodataset"), None));
        assert!(admin.expect("1").is_ok() && admin.expect("2").is_err() && admin.unfinished().expect("1").is_err());
    }

    #[test]
    fn names_that_could_lead_elsewhere_are_none() {
        for name in ["a", "A-b_c.9", &"x".repeat(80)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", "a/b", "../a", "a b", "ä", "a\0", r"a\b", &"x".repeat(81)] {
            assert!(!is_name(name), "{name}");
        }
        let dataset = Dataset { tags: vec!["../../x".to_owned()], ..Dataset::default() };
        assert!(dataset.check_names().unwrap_err().to_string().contains("a tag"));
    }
}
