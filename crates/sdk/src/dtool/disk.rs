//! A dataset in a folder, as dtoolcore lays it out: `data/` with the items, `README.yml`, and `.dtool/` with what is known
//! of them. A folder is a dataset by its `.dtool/dtool`, and frozen by what stands in it.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use bytes::BytesMut;
use futures::stream;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{Admin, Dataset, Item, Manifest, Source, copy::aside, dataset::is_name};
use crate::{
    Error, Kind, Result,
    transfer::{Digest, Progress, Target, local, part, save},
};

/// A folder that is a dataset, or shall be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    root: PathBuf,
}

/// The version of dtoolcore whose layout this is.
const LAYOUT: &str = "3.19.0";

/// Bytes of an item that are read at once.
const BLOCK: usize = 512 << 10;

const ADMIN: &str = "dtool";
const MANIFEST: &str = "manifest.json";

/// Stands in `.dtool` as long as a copy of ours is not finished: only what we began is gone on with.
const UNFINISHED: &str = "whimbrel-unfinished";

/// What dtoolcore puts into each dataset for people who find one.
const README: &str = "\
A dataset of dtool, in a folder.

../README.yml           what it is about, by its creator
../data/                its items

README.txt              this file
dtool                   administrative metadata: UUID, name, creator, times
structure.json          where what lies
manifest.json           the items: path, size, hash, time
overlays/               metadata for each item, one file an overlay
annotations/            metadata of the dataset, one file a key
tags/                   tags of the dataset, one empty file a tag
";

/// Takes a file away; another process may have been faster.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(path, e)),
        _ => Ok(()),
    }
}

impl Folder {
    /// The folder at this path. Nothing is read yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { root: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// What it holds beside the bytes of its items.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no dataset in it; [`Kind::Invalid`] for a file that is not what dtool writes.
    pub fn read(&self) -> Result<Dataset> {
        let admin = self.admin()?.ok_or_else(|| {
            let message = "this folder is no dataset of dtool: it has no .dtool/dtool";
            Error::not_found(message).about(self.root.display().to_string())
        })?;
        let manifest = match Self::json(&self.dtool(MANIFEST))? {
            Some(manifest) => manifest,
            None if admin.is_frozen() => return Err(Error::io(&self.dtool(MANIFEST), ErrorKind::NotFound.into())),
            None => Manifest::default(),
        };
        let path = self.root.join("README.yml");
        let readme = match fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| Error::invalid("it is not UTF-8").about(shown(&path)))?,
            Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Error::io(&path, e)),
        };
        Ok(Dataset {
            admin,
            manifest,
            readme,
            tags: self.names("tags")?,
            annotations: self.by_name("annotations")?,
            overlays: self.by_name("overlays")?,
        })
    }

    /// Its administrative metadata; `None` if it is no dataset.
    pub(super) fn admin(&self) -> Result<Option<Admin>> {
        Self::json(&self.dtool(ADMIN))
    }

    /// The folder of its items.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Where an item is read. A manifest is the creator's word too, so it leads nowhere else.
    pub(crate) fn item(&self, relpath: &str) -> Result<PathBuf> {
        local::below(&self.data(), relpath)
    }

    /// Whether a copy of ours was begun here and not finished. One that was killed before it could say so has left `.dtool`
    /// with nothing in it, or with an unfinished file of ours.
    pub(super) fn is_begun(&self) -> bool {
        let is_ours = |it: std::io::Result<fs::DirEntry>| it.is_ok_and(|it| part::is_part(&it.path()));
        self.dtool(UNFINISHED).exists()
            || (fs::read_dir(self.root.join(".dtool")).is_ok_and(|mut it| it.all(is_ours))
                && fs::read_dir(&self.root).is_ok_and(|it| it.count() == 1))
    }

    /// Makes it a dataset that is not frozen: whoever finds it sees that not all is there.
    pub(super) fn begin(&self, admin: &Admin) -> Result<()> {
        let dtool = self.root.join(".dtool");
        fs::create_dir_all(&dtool).map_err(|e| Error::io(&dtool, e))?;
        self.put(&self.dtool(UNFINISHED), b"")?;
        for folder in ["data", ".dtool/overlays", ".dtool/annotations", ".dtool/tags"] {
            let path = self.root.join(folder);
            fs::create_dir_all(&path).map_err(|e| Error::io(&path, e))?;
        }
        self.put_json(&self.dtool(ADMIN), &admin.unfinished())?;
        self.put_json(&self.dtool("structure.json"), &structure())?;
        self.put(&self.dtool("README.txt"), README.as_bytes())
    }

    /// Writes what is known of its items, and last what says that all is there.
    pub(super) fn finish(&self, dataset: &Dataset) -> Result<()> {
        dataset.check_names()?;
        self.put(&self.root.join("README.yml"), dataset.readme.as_bytes())?;
        let files = |names: Vec<&String>| names.into_iter().map(|it| format!("{it}.json")).collect::<Vec<_>>();
        self.keep_only("tags", &dataset.tags)?;
        self.keep_only("annotations", &files(dataset.annotations.keys().collect()))?;
        self.keep_only("overlays", &files(dataset.overlays.keys().collect()))?;
        for tag in &dataset.tags {
            self.put(&self.dtool("tags").join(tag), b"")?;
        }
        for (name, value) in &dataset.annotations {
            self.put_json(&self.dtool("annotations").join(format!("{name}.json")), value)?;
        }
        for (name, value) in &dataset.overlays {
            self.put_json(&self.dtool("overlays").join(format!("{name}.json")), value)?;
        }
        self.put_json(&self.dtool(MANIFEST), &dataset.manifest)?;
        self.put_json(&self.dtool(ADMIN), &dataset.admin)?;
        self.end()
    }

    /// Takes the mark of a copy away. One that was killed after it had frozen the dataset, or before it had touched a frozen
    /// one, has left nothing else.
    pub(super) fn end(&self) -> Result<()> {
        remove(&self.dtool(UNFINISHED))
    }

    /// Takes out of a folder of `.dtool` what an older copy of the dataset had and this one has not.
    fn keep_only(&self, folder: &str, names: &[String]) -> Result<()> {
        for name in self.names(folder)?.into_iter().filter(|it| !names.contains(it)) {
            remove(&self.dtool(folder).join(name))?;
        }
        Ok(())
    }

    fn dtool(&self, name: &str) -> PathBuf {
        self.root.join(".dtool").join(name)
    }

    fn json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(Error::io(path, e)),
        };
        let wrong = |e| Error::invalid(format!("it is not what dtool writes: {e}")).about(shown(path));
        serde_json::from_slice(&text).map(Some).map_err(wrong)
    }

    /// The files of a folder of `.dtool`, by name.
    fn names(&self, folder: &str) -> Result<Vec<String>> {
        let path = self.dtool(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(Error::io(&path, e)),
        };
        let mut names = vec![];
        for entry in entries {
            let name = entry.map_err(|e| Error::io(&path, e))?.file_name();
            // What dtool can't have written is somebody's editor's.
            names.extend(name.into_string().ok().filter(|it| is_name(it) && !it.starts_with('.')));
        }
        names.sort();
        Ok(names)
    }

    fn by_name<M: FromIterator<(String, Value)>>(&self, folder: &str) -> Result<M> {
        let mut found = BTreeMap::new();
        for file in self.names(folder)? {
            if let Some(name) = file.strip_suffix(".json")
                && let Some(value) = Self::json(&self.dtool(folder).join(&file))?
            {
                found.insert(name.to_owned(), value);
            }
        }
        Ok(found.into_iter().collect())
    }

    fn put_json(&self, path: &Path, value: &impl Serialize) -> Result<()> {
        self.put(path, &serde_json::to_vec_pretty(value).map_err(|e| Error::new(Kind::Unexpected, e.to_string()))?)
    }

    /// Writes a file whole or not at all. What is not whole yet lies where dtool sees neither a tag nor an overlay.
    fn put(&self, path: &Path, content: &[u8]) -> Result<()> {
        let told = |e| Error::io(path, e);
        let mut whole = part::make(&self.root.join(".dtool")).map_err(told)?;
        whole.write_all(content).map_err(told)?;
        whole.as_file().sync_data().map_err(told)?;
        whole.persist(path).map_err(|e| told(e.error))?;
        Ok(())
    }
}

impl Source for Folder {
    async fn read(&self) -> Result<Dataset> {
        let folder = self.clone();
        aside(move || folder.read()).await
    }

    async fn fetch(&self, _: &str, item: &Item, target: &Target, progress: &Progress) -> Result<u64> {
        let path = self.item(&item.relpath)?;
        let file = File::open(&path).await.map_err(|e| Error::io(&path, e))?;
        let blocks = stream::try_unfold(file, |mut file| {
            let path = path.clone();
            async move {
                let mut block = BytesMut::with_capacity(BLOCK);
                let read = file.read_buf(&mut block).await.map_err(|e| Error::io(&path, e))?;
                Ok::<_, Error>((read > 0).then(|| (block.freeze(), file)))
            }
        });
        save(blocks, Some(item.size_in_bytes), target, progress, &Digest::default()).await
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Where what lies, for who reads a dataset without dtool.
fn structure() -> Value {
    let below = |parts: &[&str]| json!(parts);
    let mut structure = Map::new();
    for (name, parts) in [
        ("admin_metadata_relpath", &[".dtool", "dtool"][..]),
        ("annotations_directory", &[".dtool", "annotations"]),
        ("data_directory", &["data"]),
        ("dataset_readme_relpath", &["README.yml"]),
        ("dtool_directory", &[".dtool"]),
        ("dtool_readme_relpath", &[".dtool", "README.txt"]),
        ("manifest_relpath", &[".dtool", "manifest.json"]),
        ("metadata_fragments_directory", &[".dtool", "tmp_fragments"]),
        ("overlays_directory", &[".dtool", "overlays"]),
        ("structure_metadata_relpath", &[".dtool", "structure.json"]),
        ("tags_directory", &[".dtool", "tags"]),
    ] {
        structure.insert(name.to_owned(), below(parts));
    }
    structure.insert("storage_broker_version".to_owned(), json!(LAYOUT));
    structure.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset() -> Dataset {
        let told = json!({
            "admin": { "uuid": "1", "name": "n", "type": "dataset", "creator_username": "ada", "created_at": 1.5,
                "frozen_at": 2.5 },
            "manifest": { "items": {}, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0" },
            "readme": "a: ü\n", "tags": ["x", "y"], "annotations": { "n": 1 }, "overlays": { "o": {} },
        });
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn a_dataset_is_read_as_it_was_written() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("n"));
        assert!(folder.read().unwrap_err().is_not_found());
        folder.begin(&dataset().admin).unwrap();
        assert!(!folder.read().unwrap().admin.is_frozen(), "not before all is there");
        folder.finish(&dataset()).unwrap();
        assert_eq!(folder.read().unwrap(), dataset());
        let left: Vec<_> =
            fs::read_dir(folder.path().join(".dtool")).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left.len(), 7, "{left:?}");
    }

    #[test]
    fn what_is_broken_is_named() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path());
        folder.begin(&dataset().admin).unwrap();
        folder.finish(&dataset()).unwrap();
        fs::write(folder.dtool(MANIFEST), "{").unwrap();
        let told = folder.read().unwrap_err().to_string();
        assert!(told.contains("manifest.json") && told.contains("not what dtool writes"), "{told}");
        fs::remove_file(folder.dtool(MANIFEST)).unwrap();
        assert!(folder.read().unwrap_err().is_not_found());
        assert!(folder.item("../x").is_err() && folder.item("/etc/passwd").is_err());
    }
}
