//! The items of a dataset.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time;
use crate::{
    Error, Kind, Result,
    transfer::checksum::{Algorithm, Checksum},
};

/// The items of a dataset: what dtool calls its manifest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Each item by its identifier: the SHA-1, in hexadecimal, of its path in the dataset.
    pub items: BTreeMap<String, Item>,
    /// What the items' hashes are: `md5sum_hexdigest` of most storages, `sha256sum_hexdigest` of iRODS.
    pub hash_function: Option<String>,
    /// The version of dtool that froze it.
    pub dtoolcore_version: Option<String>,
    /// What else is told of it.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One file of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its path in the dataset, with `/` between folders. It is the creator's word: look at it before it becomes a path.
    pub relpath: String,
    /// Its size.
    pub size_in_bytes: u64,
    /// Its hash, by the manifest's `hash_function`.
    pub hash: String,
    /// When it was changed last.
    #[serde(default, with = "time::maybe")]
    pub utc_timestamp: Option<Timestamp>,
    /// What else is told of it.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Manifest {
    /// The bytes of all items.
    pub fn size(&self) -> u64 {
        self.items.values().map(|item| item.size_in_bytes).fold(0, u64::saturating_add)
    }

    /// How the items are hashed.
    ///
    /// # Errors
    /// For a function that is not one of dtoolcore's: then nothing can be told of an item that was moved.
    pub(crate) fn algorithm(&self) -> Result<Algorithm> {
        let named = self.hash_function.as_deref().unwrap_or_default();
        // dtoolcore writes the names of its Python functions, and in its first years without the end.
        let stem = named.strip_suffix("_hexdigest").unwrap_or(named);
        match stem.strip_suffix("sum").unwrap_or(stem) {
            "md5" => Ok(Algorithm::Md5),
            "sha1" | "sha" => Ok(Algorithm::Sha1),
            "sha256" => Ok(Algorithm::Sha256),
            _ => {
                let message = format!(
                    "its manifest names the hash function {named:?}, which is none of dtool's, so its items can't be \
                     checked"
                );
                Err(Error::new(Kind::Unexpected, message))
            }
        }
    }
}

impl Item {
    /// The hash that its content must have.
    pub(crate) fn checksum(&self, algorithm: Algorithm) -> Checksum {
        Checksum { algorithm, hex: self.hash.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_functions_of_all_storages_are_known() {
        let of = |named: &str| Manifest { hash_function: Some(named.into()), ..Manifest::default() }.algorithm();
        assert_eq!(of("md5sum_hexdigest").unwrap(), Algorithm::Md5);
        assert_eq!(of("sha256sum_hexdigest").unwrap(), Algorithm::Sha256);
        assert_eq!(of("sha1sum_hexdigest").unwrap(), Algorithm::Sha1);
        assert_eq!(of("shasum").unwrap(), Algorithm::Sha1);
        assert!(of("crc32").unwrap_err().to_string().contains("crc32"));
        assert!(Manifest::default().algorithm().is_err());
    }
}
