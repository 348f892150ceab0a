//! A dataset copied into a folder: frozen there when all of it is there, and not before.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Instant,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::spawn_blocking;

use super::{Admin, Dataset, Folder, Item, dataset::is_name};
use crate::{
    Error, Kind, Result,
    transfer::{Existing, Progress, Report, Target, checksum::Algorithm, local::Names, part},
};

/// Where a dataset can be read.
pub(crate) trait Source: Sync {
    /// What is told of it.
    fn read(&self) -> impl Future<Output = Result<Dataset>> + Send;

    /// Brings one item to its target, which demands a hash.
    fn fetch(
        &self,
        identifier: &str,
        item: &Item,
        target: &Target,
        progress: &Progress,
    ) -> impl Future<Output = Result<u64>> + Send;
}

/// How a dataset is copied.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    /// The folder below which it will lie, under its own name.
    pub into: PathBuf,
    pub existing: Existing,
    pub jobs: usize,
    pub progress: Progress,
}

/// An item to be fetched.
struct Incoming<'d> {
    identifier: &'d str,
    item: &'d Item,
    target: Target,
}

/// What is at an item's place.
enum There {
    Nothing,
    Same,
    Other,
}

impl Copy {
    /// The folder that the dataset will be.
    pub(crate) fn folder(&self, admin: &Admin) -> Folder {
        // A name that can't be one is somebody else's mistake; the UUID is as good.
        let name = if is_name(&admin.name) { &admin.name } else { &admin.uuid };
        Folder::at(self.into.join(name))
    }

    /// Copies what `dataset` tells of. Items that are there and have the right hash are not fetched again.
    ///
    /// # Errors
    /// What is wrong before anything was written, or with the dataset itself. Items that failed are in the report, and
    /// then it is not frozen: the next run goes on.
    pub(crate) async fn run<S: Source>(&self, source: &S, dataset: &Dataset) -> Result<(Folder, Report)> {
        let start = Instant::now();
        dataset.admin.expect_frozen()?;
        dataset.check_names()?;
        if !is_name(&dataset.admin.uuid) {
            return Err(Error::invalid("its UUID is none").about(&dataset.admin.uuid));
        }
        let algorithm = dataset.manifest.algorithm()?;
        let folder = self.folder(&dataset.admin);
        let mut report = Report::default();
        let (at, admin) = (folder.clone(), dataset.admin.clone());
        let was = aside(move || {
            let was = look(&at, &admin)?;
            if was.is_frozen {
                at.end()?;
            }
            Ok(was)
        })
        .await?;
        if was.is_frozen && self.existing == Existing::Skip {
            report.skipped = dataset.manifest.items.len() as u64;
            return Ok((folder, report));
        }
        let incoming = self.decide(dataset, algorithm, &folder, &was, &mut report).await?;
        // What describes a frozen dataset may have been written by its user since.
        let rewrites = !was.is_frozen || matches!(self.existing, Existing::Overwrite | Existing::Update);
        if rewrites || !incoming.is_empty() {
            self.apply(source, dataset, &folder, incoming, rewrites, &mut report).await?;
        }
        report.elapsed = start.elapsed();
        Ok((folder, report))
    }

    async fn apply<'d, S: Source>(
        &self,
        source: &S,
        dataset: &'d Dataset,
        folder: &Folder,
        incoming: Vec<Incoming<'d>>,
        rewrites: bool,
        report: &mut Report,
    ) -> Result<()> {
        let (begun, admin) = (folder.clone(), dataset.admin.clone());
        aside(move || {
            if rewrites {
                begun.begin(&admin)?;
            }
            part::sweep(begun.path());
            Ok(())
        })
        .await?;
        let bytes = incoming.iter().map(|it| it.item.size_in_bytes).fold(0, u64::saturating_add);
        self.progress.expect(incoming.len() as u64, bytes);
        let named = incoming.into_iter().map(|it| (it.item.relpath.clone(), it)).collect();
        let one = |it: Incoming<'d>| {
            let progress = &self.progress;
            async move {
                let Incoming { identifier, item, target } = it;
                source.fetch(identifier, item, &target, progress).await
            }
        };
        report.run(named, self.jobs, &self.progress, one).await;
        if rewrites && report.failed.is_empty() {
            let (folder, dataset) = (folder.clone(), dataset.clone());
            aside(move || folder.finish(&dataset)).await?;
        }
        Ok(())
    }

    /// The items that are not there yet.
    async fn decide<'d>(
        &self,
        dataset: &'d Dataset,
        algorithm: Algorithm,
        folder: &Folder,
        was: &Was,
        report: &mut Report,
    ) -> Result<Vec<Incoming<'d>>> {
        let data = folder.data();
        let (mut names, mut seen, mut wanted) = (Names::new(&data), HashSet::new(), vec![]);
        for (identifier, item) in &dataset.manifest.items {
            let path = match names.target(&item.relpath) {
                Ok(path) if seen.insert(path.clone()) => path,
                Ok(_) => {
                    let twice = Error::invalid("another item has the same path").about(&item.relpath);
                    report.count(item.relpath.clone(), Err(twice), &self.progress);
                    continue;
                }
                Err(error) => {
                    report.count(item.relpath.clone(), Err(error), &self.progress);
                    continue;
                }
            };
            wanted.push((identifier, item, path));
        }
        let looks =
            stream::iter(wanted).map(move |(identifier, item, path): (&'d String, &'d Item, PathBuf)| async move {
                let there = there(&path, item, algorithm).await?;
                Ok::<_, Error>((identifier, item, path, there))
            });
        // Boxed, or the compiler can't tell that whoever waits for this may do so on any thread.
        let mut looks = looks.buffered(self.jobs).boxed();
        let mut incoming = vec![];
        while let Some((identifier, item, path, there)) = looks.try_next().await? {
            let overwrite = match there {
                There::Same => {
                    report.unchanged += 1;
                    report.hashed += 1;
                    continue;
                }
                There::Nothing => false,
                There::Other => true,
            };
            let may = !was.is_frozen || matches!(self.existing, Existing::Overwrite | Existing::Update);
            if overwrite && !may {
                let message = "this frozen dataset is there already, and this item of it is not what its manifest says; \
                               say that it may be overwritten, or choose another place";
                return Err(Error::new(Kind::Conflict, message).about(path.display().to_string()));
            }
            let modified = item.utc_timestamp.map(Into::into);
            let target = Target { path, overwrite, modified, sum: Some(item.checksum(algorithm)) };
            incoming.push(Incoming { identifier, item, target });
        }
        Ok(incoming)
    }
}

/// What was at the place of the folder.
struct Was {
    is_frozen: bool,
}

/// That the folder may become the dataset: it is not there, it is empty, or it is a copy of the same one.
fn look(folder: &Folder, admin: &Admin) -> Result<Was> {
    let conflict =
        |message: String| Err(Error::new(Kind::Conflict, message).about(folder.path().display().to_string()));
    let is_begun = folder.is_begun();
    if let Some(there) = folder.admin()? {
        return match there.uuid.eq_ignore_ascii_case(&admin.uuid) {
            true if there.is_frozen() || is_begun => Ok(Was { is_frozen: there.is_frozen() }),
            true => conflict(
                "a copy of it that is not frozen is there, and was not begun here; choose another place".to_owned(),
            ),
            false => conflict(format!("another dataset is there already, {}; choose another place", there.uuid)),
        };
    }
    match std::fs::read_dir(folder.path()) {
        Ok(mut entries) => match is_begun || entries.next().is_none() {
            true => Ok(Was { is_frozen: false }),
            false => conflict("something that is no dataset is there already; choose another place".to_owned()),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Was { is_frozen: false }),
        Err(e) => Err(Error::io(folder.path(), e)),
    }
}

async fn there(path: &Path, item: &Item, algorithm: Algorithm) -> Result<There> {
    match tokio::fs::metadata(path).await {
        Ok(found) if found.is_file() && found.len() == item.size_in_bytes => {
            let same = algorithm.of_file(path).await?.eq_ignore_ascii_case(&item.hash);
            Ok(if same { There::Same } else { There::Other })
        }
        Ok(_) => Ok(There::Other),
        Err(_) => Ok(There::Nothing),
    }
}

/// Work of files, on a thread that may wait.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.expect("work of files does not panic")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs};

    use serde_json::{Map, json};

    use super::*;

    /// A dataset in a folder, of these items.
    fn made(place: &Path, items: &[(&str, &str)]) -> Folder {
        let folder = Folder::at(place);
        let items: serde_json::Map<_, _> = items
            .iter()
            .enumerate()
            .map(|(n, (relpath, content))| {
                let mut hasher = Algorithm::Md5.begin();
                hasher.update(content.as_bytes());
                let item = json!({ "relpath": relpath, "size_in_bytes": content.len(), "hash": hasher.hex(),
                    "utc_timestamp": 1_000_000_000.5 });
                (n.to_string(), item)
            })
            .collect();
        let dataset = json!({
            "admin": { "uuid": "0a", "name": "set", "type": "dataset", "creator_username": "ada", "frozen_at": 1.0 },
            "manifest": { "items": items, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0" },
            "readme": "a: 1\n", "tags": ["t"], "annotations": { "n": [1] }, "overlays": { "o": {} },
        });
        let dataset: Dataset = serde_json::from_value(dataset).unwrap();
        folder.begin(&dataset.admin).unwrap();
        folder.finish(&dataset).unwrap();
        folder
    }

    fn write(folder: &Folder, relpath: &str, content: &str) {
        let path = folder.data().join(relpath);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn copy(into: &Path, existing: Existing) -> Copy {
        Copy { into: into.to_owned(), existing, jobs: 4, progress: Progress::new() }
    }

    async fn run(source: &Folder, into: &Path, existing: Existing) -> Result<(Folder, Report)> {
        copy(into, existing).run(source, &source.read()?).await
    }

    #[tokio::test]
    async fn a_dataset_arrives_as_it_was_and_a_second_run_moves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a b", "1"), ("d/ü", "22"), ("empty", "")]);
        for (relpath, content) in [("a b", "1"), ("d/ü", "22"), ("empty", "")] {
            write(&source, relpath, content);
        }
        let into = place.path().join("here");
        let (folder, report) = run(&source, &into, Existing::Refuse).await.unwrap();
        assert_eq!((folder.path(), report.done, report.bytes), (&*into.join("set"), 3, 3));
        assert_eq!(folder.read().unwrap(), source.read().unwrap());
        assert_eq!(folder.verify().send().await.unwrap().whole, 3);
        let modified = fs::metadata(folder.data().join("a b")).unwrap().modified().unwrap();
        let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_millis(), 1_000_000_000_500);
        let (_, again) = run(&source, &into, Existing::Refuse).await.unwrap();
        assert_eq!((again.done, again.unchanged, again.hashed), (0, 3, 3));
    }

    #[tokio::test]
    async fn it_is_frozen_when_all_is_there_and_a_second_run_goes_on() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11"), ("b", "22"), ("c", "33")]);
        for (relpath, content) in [("a", "11"), ("b", "2x")] {
            write(&source, relpath, content);
        }
        let (folder, report) = run(&source, place.path(), Existing::Refuse).await.unwrap();
        let mut failed: Vec<_> = report.failed.iter().map(|(name, error)| (name.as_str(), error.to_string())).collect();
        failed.sort();
        assert_eq!((report.done, failed.len(), failed[0].0, failed[1].0), (1, 2, "b", "c"));
        assert!(failed[0].1.contains("MD5"), "{failed:?}");
        assert!(!folder.data().join("b").exists() && !folder.admin().unwrap().unwrap().is_frozen());
        // What dtool itself would have left behind of an item: half of it, under its final name.
        write(&folder, "c", "3");
        fs::write(folder.data().join(".whimbrel-dead.part"), "x").unwrap();
        write(&source, "b", "22");
        write(&source, "c", "33");
        let (folder, report) = run(&source, place.path(), Existing::Refuse).await.unwrap();
        assert_eq!((report.done, report.unchanged), (2, 1));
        assert_eq!(folder.read().unwrap(), source.read().unwrap());
        assert_eq!(folder.verify().send().await.unwrap().findings, [], "nothing else is left");
    }

    #[tokio::test]
    async fn what_is_there_already_is_kept_unless_it_is_the_same_dataset() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11")]);
        write(&source, "a", "11");
        let into = place.path().join("here");
        fs::create_dir_all(into.join("set")).unwrap();
        fs::write(into.join("set/notes.txt"), "mine").unwrap();
        for existing in [Existing::Refuse, Existing::Overwrite, Existing::Update] {
            let refused = run(&source, &into, existing).await.unwrap_err();
            assert!(refused.kind() == Kind::Conflict && refused.to_string().contains("no dataset"), "{refused}");
        }
        fs::remove_file(into.join("set/notes.txt")).unwrap();
        let (folder, _) = run(&source, &into, Existing::Refuse).await.unwrap();
        write(&folder, "a", "1x");
        let refused = run(&source, &into, Existing::Refuse).await.unwrap_err();
        assert!(refused.kind() == Kind::Conflict && refused.to_string().contains("frozen"), "{refused}");
        assert_eq!(run(&source, &into, Existing::Skip).await.unwrap().1.skipped, 1);
        assert_eq!(run(&source, &into, Existing::Overwrite).await.unwrap().1.done, 1);
        assert_eq!(folder.verify().send().await.unwrap().whole, 1);
        let other = Admin { uuid: "0b".to_owned(), ..folder.admin().unwrap().unwrap() };
        folder.begin(&other).unwrap();
        let refused = run(&source, &into, Existing::Overwrite).await.unwrap_err();
        assert!(refused.to_string().contains("another dataset"), "{refused}");
    }

    #[tokio::test]
    async fn a_mark_that_a_killed_copy_left_on_a_whole_dataset_goes() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11")]);
        write(&source, "a", "11");
        let into = place.path().join("here");
        let (folder, _) = run(&source, &into, Existing::Refuse).await.unwrap();
        let mark = folder.path().join(".dtool/whimbrel-unfinished");
        for existing in [Existing::Refuse, Existing::Skip] {
            fs::write(&mark, "").unwrap();
            run(&source, &into, existing).await.unwrap();
            assert!(!mark.exists());
        }
    }

    #[tokio::test]
    async fn what_somebody_else_began_is_not_gone_on_with() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11")]);
        write(&source, "a", "11");
        // The user's own text, in a folder that has the dataset's name.
        let into = place.path().join("here");
        fs::create_dir_all(into.join("set/data")).unwrap();
        fs::write(into.join("set/data/a"), "mine").unwrap();
        for existing in [Existing::Refuse, Existing::Overwrite, Existing::Update, Existing::Skip] {
            assert_eq!(run(&source, &into, existing).await.unwrap_err().kind(), Kind::Conflict);
        }
        assert_eq!(fs::read(into.join("set/data/a")).unwrap(), b"mine");
        // The user's own dataset of the same UUID, not frozen yet.
        let admin = source.admin().unwrap().unwrap().unfinished();
        fs::create_dir_all(into.join("set/.dtool")).unwrap();
        fs::write(into.join("set/.dtool/dtool"), json!(admin).to_string()).unwrap();
        let refused = run(&source, &into, Existing::Overwrite).await.unwrap_err();
        assert!(refused.kind() == Kind::Conflict && refused.to_string().contains("not begun here"), "{refused}");
        assert_eq!(fs::read(into.join("set/data/a")).unwrap(), b"mine");
        // Killed in the first moment.
        let begun = place.path().join("begun");
        fs::create_dir_all(begun.join("set/.dtool")).unwrap();
        let (folder, _) = run(&source, &begun, Existing::Refuse).await.unwrap();
        assert_eq!(folder.read().unwrap(), source.read().unwrap());
        assert!(!folder.is_begun(), "no mark is left");
    }

    #[tokio::test]
    async fn a_missing_item_of_a_frozen_dataset_is_fetched_and_what_its_user_wrote_is_kept() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11"), ("b", "22")]);
        write(&source, "a", "11");
        write(&source, "b", "22");
        let here = place.path().join("here");
        let (folder, _) = run(&source, &here, Existing::Refuse).await.unwrap();
        fs::remove_file(folder.data().join("b")).unwrap();
        fs::write(folder.path().join("README.yml"), "mine: 1\n").unwrap();
        fs::write(folder.path().join(".dtool/tags/mine"), "").unwrap();
        let (_, report) = run(&source, &here, Existing::Refuse).await.unwrap();
        assert_eq!((report.done, report.unchanged), (1, 1));
        let read = folder.read().unwrap();
        assert_eq!((read.readme.as_str(), read.tags.len()), ("mine: 1\n", 2));
        assert!(read.admin.is_frozen());
    }

    #[tokio::test]
    async fn what_the_dataset_has_no_longer_is_taken_out() {
        let place = tempfile::tempdir().unwrap();
        let source = made(&place.path().join("source"), &[("a", "11")]);
        write(&source, "a", "11");
        let (folder, _) = run(&source, &place.path().join("here"), Existing::Refuse).await.unwrap();
        let mut dataset = source.read().unwrap();
        (dataset.tags, dataset.annotations, dataset.overlays) = (vec!["u".to_owned()], Map::new(), BTreeMap::default());
        source.begin(&dataset.admin).unwrap();
        source.finish(&dataset).unwrap();
        run(&source, &place.path().join("here"), Existing::Update).await.unwrap();
        assert_eq!(folder.read().unwrap(), dataset);
    }

    #[tokio::test]
    async fn a_hostile_manifest_writes_nothing_elsewhere() {
        let place = tempfile::tempdir().unwrap();
        let hostile = ["../out", "/out", "a/../../out", "nul\0", "..", "", "a//b", "good", "good"];
        let items: Vec<_> = hostile.iter().map(|it| (*it, "x")).collect();
        let source = made(&place.path().join("source"), &items);
        write(&source, "good", "x");
        fs::write(place.path().join("source/out"), "x").unwrap();
        let (folder, report) = run(&source, &place.path().join("a/here"), Existing::Refuse).await.unwrap();
        assert_eq!((report.done, report.failed.len()), (1, 8));
        assert!(!place.path().join("a/here/out").exists() && !folder.path().join("out").exists());
        assert!(!folder.admin().unwrap().unwrap().is_frozen());
        let mut dataset = source.read().unwrap();
        dataset.admin.name = "../x".to_owned();
        assert_eq!(copy(place.path(), Existing::Refuse).folder(&dataset.admin).path(), place.path().join("0a"));
        dataset.admin.uuid = "../y".to_owned();
        assert!(copy(place.path(), Existing::Refuse).run(&source, &dataset).await.is_err());
    }
}
