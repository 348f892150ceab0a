//! Whether a folder holds what a manifest says.

use std::{collections::HashMap, fmt, path::PathBuf};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use super::{Folder, Manifest, copy::aside};
use crate::{
    Error, Result,
    transfer::{self, Filter, LocalFile, checksum::Algorithm, local},
};

/// What is wrong with one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The manifest names it, and it is not there.
    Missing,
    /// It is there, and no manifest names it.
    Unknown,
    /// It is there, and has another size or hash.
    Different,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Different => "different",
        })
    }
}

/// An item that is not what the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub what: What,
    /// Its path in the dataset.
    pub relpath: String,
    /// Expected and found, in words.
    pub why: String,
}

/// What a look at a dataset's folder found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Items whose size and hash are right.
    pub whole: u64,
    /// The others, by path.
    pub findings: Vec<Finding>,
}

/// A look at the items of a dataset's folder; see [`Folder::verify`].
#[must_use]
pub struct Verify {
    folder: Folder,
    against: Option<Manifest>,
    jobs: usize,
}

impl Folder {
    /// Compares the folder's items with its own manifest, or with [another](Verify::against): each is hashed.
    pub fn verify(&self) -> Verify {
        Verify { folder: self.clone(), against: None, jobs: transfer::JOBS }
    }
}

impl Verify {
    /// Another manifest to compare with: that of the copy it came from.
    pub fn against(self, manifest: Manifest) -> Self {
        Self { against: Some(manifest), ..self }
    }

    /// How many items are hashed at once.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// Does it.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if the folder is no dataset; a manifest whose hashes are not known; a
    /// file that can't be read.
    pub async fn send(self) -> Result<Verified> {
        let folder = self.folder.clone();
        let (own, mut here) = aside(move || {
            let own = folder.read()?;
            let data = folder.data();
            let walked = if data.is_dir() { local::walk(&data, &Filter::default())? } else { vec![] };
            let here: HashMap<String, LocalFile> = walked.into_iter().map(|it| (it.name.clone(), it)).collect();
            Ok((own, here))
        })
        .await?;
        let manifest = self.against.unwrap_or(own.manifest);
        let algorithm = manifest.algorithm()?;
        let mut verified = Verified::default();
        let items: Vec<_> = manifest.items.into_values().map(|item| (here.remove(&item.relpath), item)).collect();
        let looks = stream::iter(items).map(|(file, item)| async move {
            let Some(file) = file else {
                let why = "the manifest names it, and it is not there".to_owned();
                return Ok(Some(Finding { what: What::Missing, relpath: item.relpath, why }));
            };
            let why = difference(file.path, file.size, item.size_in_bytes, &item.hash, algorithm).await?;
            Ok::<_, Error>(why.map(|why| Finding { what: What::Different, relpath: item.relpath, why }))
        });
        let mut looks = std::pin::pin!(looks.buffer_unordered(self.jobs));
        while let Some(finding) = looks.try_next().await? {
            match finding {
                Some(finding) => verified.findings.push(finding),
                None => verified.whole += 1,
            }
        }
        let unknown = here.into_keys().map(|relpath| Finding {
            what: What::Unknown,
            relpath,
            why: "it is there, and the manifest does not name it".to_owned(),
        });
        verified.findings.extend(unknown);
        verified.findings.sort_by(|a, b| a.relpath.cmp(&b.relpath));
        Ok(verified)
    }
}

/// In what a file differs from its item, if it does.
async fn difference(
    path: PathBuf,
    found: u64,
    expected: u64,
    hash: &str,
    algorithm: Algorithm,
) -> Result<Option<String>> {
    if found != expected {
        return Ok(Some(format!("it has {found} bytes, and should have {expected}")));
    }
    let found = algorithm.of_file(&path).await?;
    let differs = !found.eq_ignore_ascii_case(hash);
    Ok(differs.then(|| format!("its {} is {found}, and should be {hash}", algorithm.name())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::dtool::Dataset;

    #[tokio::test]
    async fn what_is_missing_unknown_or_different_is_listed() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("n"));
        let item = |relpath: &str| json!({ "relpath": relpath, "size_in_bytes": 3, "hash": "900150983cd24fb0d6963f7d28e17f72" });
        let told = json!({
            "admin": { "uuid": "1", "name": "n", "type": "dataset" },
            "manifest": { "items": { "1": item("a"), "2": item("b/c"), "3": item("d"), "4": item("e") },
                "hash_function": "md5sum_hexdigest", "dtoolcore_version": null },
            "readme": "", "tags": [], "annotations": {}, "overlays": {},
        });
        let dataset: Dataset = serde_json::from_value(told).unwrap();
        folder.begin(&dataset.admin).unwrap();
        folder.finish(&dataset).unwrap();
        fs::create_dir_all(folder.data().join("b")).unwrap();
        for (name, content) in [("a", "abc"), ("b/c", "abd"), ("d", "ab"), ("x", "abc")] {
            fs::write(folder.data().join(name), content).unwrap();
        }
        let verified = folder.verify().send().await.unwrap();
        let found: Vec<_> = verified.findings.iter().map(|it| (it.what, it.relpath.as_str())).collect();
        let expected = [(What::Different, "b/c"), (What::Different, "d"), (What::Missing, "e"), (What::Unknown, "x")];
        assert_eq!((verified.whole, &found[..]), (1, &expected[..]));
        let mut other = dataset.manifest.clone();
        other.items.retain(|_, item| item.relpath == "a");
        assert_eq!(folder.verify().against(other).send().await.unwrap().findings.len(), 3, "all but `a` are unknown");
    }
}
