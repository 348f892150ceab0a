//! Folders kept in step with a resource: what moves, what does not, and what it costs.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use futures::StreamExt as _;
use sandbox::{FaultPlan, Options, Sandbox};
use shapes::{Format, Table};
use whimbrel::{
    CacheMode, Kind,
    coscine::{Client, Metadata, MetadataTable, Resource, UploadDir},
    transfer::{Action, Filter, Plan, Way},
};
use whimbrel_tests::{folder_of, hashes};

struct World {
    sandbox: Sandbox,
    client: Client,
    files: Resource,
    index: tempfile::TempDir,
}

impl World {
    async fn new(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let token = sandbox.token("alice").unwrap();
        let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap();
        let files = client.project("Demo").await.unwrap().resource("Measurements").await.unwrap();
        Self { sandbox, client, files, index: tempfile::tempdir().unwrap() }
    }

    fn up(&self, folder: &Path) -> UploadDir {
        self.files.upload_dir(folder).to("s").index(self.index.path()).metadata(|_| measured("T"))
    }

    fn count(&self, operation: &str) -> u64 {
        self.sandbox.report().by_operation.get(operation).copied().unwrap_or_default()
    }

    fn writes(&self) -> u64 {
        ["PostStorageRaw", "PutStorageRaw", "CreateMetadataVersion", "DeleteStorageRaw"]
            .map(|it| self.count(it))
            .iter()
            .sum()
    }

    /// What the resource holds, fetched anew.
    async fn there(&self) -> std::collections::BTreeMap<String, blake3::Hash> {
        let folder = tempfile::tempdir().unwrap();
        let report = self.files.download_dir(folder.path()).from("s").send().await.unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        hashes(folder.path())
    }
}

fn measured(title: &str) -> Metadata {
    let pairs = [("Title", title), ("Creator", "A. Ott"), ("Creation Date", "2026-11-21"), ("State", "raw")];
    Metadata::Record(pairs.into_iter().collect())
}

/// As if it was changed last two hours ago.
fn make_old(path: &Path) {
    let time = SystemTime::now() - Duration::from_hours(2);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_sent() {
    let world = World::new(Options::default()).await;
    let folder = folder_of(20);
    let report = world.up(folder.path()).sync().await.unwrap();
    assert_eq!((report.done, report.unchanged, report.failed.len()), (20, 0, 0), "{:?}", report.failed);

    world.sandbox.reset();
    let again = world.up(folder.path()).sync().await.unwrap();
    assert_eq!((again.done, again.unchanged), (0, 20));
    assert_eq!(world.writes(), 0);

    // Touched, but the same: the hash tells. Without an index the time alone would.
    let some = folder.path().join("part 0/file 000.txt");
    fs::write(&some, fs::read(&some).unwrap()).unwrap();
    let touched = world.up(folder.path()).sync().await.unwrap();
    assert_eq!((touched.done, touched.unchanged, touched.hashed), (0, 20, 1));
    // The next time it is not even read.
    assert_eq!(world.up(folder.path()).sync().await.unwrap().hashed, 0);

    // Changed, with the same size and an older time: only the index can tell.
    let mut content = fs::read(&some).unwrap();
    content[0] ^= 1;
    fs::write(&some, content).unwrap();
    make_old(&some);
    let plan = world.up(folder.path()).existing(whimbrel::transfer::Existing::Update).plan().await.unwrap();
    assert_eq!(
        plan.steps.iter().map(|it| (it.action, it.why.as_str())).collect::<Vec<_>>(),
        [(Action::Replace, "another content")]
    );
    assert_eq!((plan.cost().requests, plan.cost().bytes, plan.cost().quota, plan.cost().old), (1, 1000, 256_000, 1000));
    world.sandbox.reset();
    let changed = world.up(folder.path()).sync().await.unwrap();
    assert_eq!((changed.done, changed.unchanged), (1, 19));
    assert_eq!((world.count("PutStorageRaw"), world.writes()), (1, 1), "its metadata stays as it is");
    assert_eq!(world.there().await, hashes(folder.path()));
    assert!(world.sandbox.report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changed_there_is_seen() {
    let world = World::new(Options::default()).await;
    let (folder, other) = (folder_of(3), tempfile::tempdir().unwrap());
    for name in hashes(folder.path()).keys() {
        make_old(&folder.path().join(name));
    }
    world.up(folder.path()).sync().await.unwrap();
    // The sandbox's clock is ours; the index must be older than the change by more than it forgives.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let stranger = other.path().join("x");
    fs::write(&stranger, "z".repeat(1000)).unwrap();
    let overwrite = world.files.upload(&stranger).to("s/part 0/file 000.txt");
    overwrite.existing(whimbrel::transfer::Existing::Overwrite).send().await.unwrap();
    // It is newer there, so going up it is left; going down it comes.
    assert_eq!(world.up(folder.path()).sync().await.unwrap().done, 0);
    let down = || world.files.download_dir(folder.path()).from("s").index(world.index.path());
    let fetched = down().sync().await.unwrap();
    assert_eq!((fetched.done, fetched.unchanged), (1, 2), "{:?}", fetched.failed);
    assert_eq!(fs::read_to_string(folder.path().join("part 0/file 000.txt")).unwrap(), "z".repeat(1000));
    assert_eq!(down().sync().await.unwrap().done, 0);
    // What was fetched has its own time, so it is known again without the index.
    assert_eq!(world.files.download_dir(folder.path()).from("s").sync().await.unwrap().done, 2);
    assert_eq!(world.files.download_dir(folder.path()).from("s").sync().await.unwrap().done, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_is_only_what_was_asked_for() {
    let world = World::new(Options::default()).await;
    let folder = folder_of(6);
    world.up(folder.path()).sync().await.unwrap();
    fs::remove_file(folder.path().join("part 0/file 000.txt")).unwrap();
    fs::remove_file(folder.path().join("part 1/file 001.txt")).unwrap();
    assert_eq!(world.up(folder.path()).sync().await.unwrap().deleted, 0);
    let filter = Filter::new(["part 1/"], [""; 0]).unwrap();
    let report = world.up(folder.path()).delete(true).filter(filter).sync().await.unwrap();
    assert_eq!((report.deleted, report.unchanged), (1, 4 - 1), "what is left out is neither sent nor deleted");
    assert!(world.there().await.contains_key("part 1/file 001.txt"));

    // And down: what is not there goes here.
    let target = tempfile::tempdir().unwrap();
    world.files.download_dir(target.path()).from("s").sync().await.unwrap();
    fs::write(target.path().join("own.txt"), "mine").unwrap();
    assert_eq!(world.files.download_dir(target.path()).from("s").sync().await.unwrap().deleted, 0);
    assert!(target.path().join("own.txt").exists());
    let report = world.files.download_dir(target.path()).from("s").delete(true).sync().await.unwrap();
    assert_eq!(report.deleted, 1);
    assert!(!target.path().join("own.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_kept_and_applied_and_touches_nothing_that_changed_since() {
    let world = World::new(Options::default()).await;
    let folder = folder_of(4);
    let update = whimbrel::transfer::Existing::Update;
    let plan = world.up(folder.path()).existing(update).plan().await.unwrap();
    assert_eq!((plan.way, plan.count(Action::Add), world.writes()), (Way::Up, 4, 0));
    assert_eq!((plan.cost().requests, plan.cost().bytes, plan.cost().quota), (8, 4000, 4 * 256_000));
    let kept: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(kept, plan);
    fs::write(folder.path().join("part 0/file 000.txt"), "changed since").unwrap();
    let report = world.client.apply(kept).index(world.index.path()).send().await.unwrap();
    assert_eq!((report.done, report.failed.len()), (3, 1));
    assert_eq!(report.failed[0].1.kind(), Kind::Conflict);
    assert_eq!(world.there().await.len(), 3);
    assert_eq!(world.files.metadata().await.unwrap().len(), 3, "nor was its metadata sent");

    // Nor is what somebody changed there, or a step that says too little.
    fs::write(folder.path().join("part 1/file 001.txt"), "mine").unwrap();
    let plan = world.up(folder.path()).existing(update).plan().await.unwrap();
    let mine = plan.steps.iter().filter(|it| it.path == "part 1/file 001.txt").count();
    let theirs = folder.path().join("part 2/file 002.txt");
    world
        .files
        .upload(theirs)
        .to("s/part 1/file 001.txt")
        .existing(whimbrel::transfer::Existing::Overwrite)
        .send()
        .await
        .unwrap();
    let report = world.client.apply(plan.clone()).send().await.unwrap();
    let failed: Vec<_> = report.failed.iter().map(|(path, error)| (path.as_str(), error.kind())).collect();
    assert_eq!((mine, failed), (1, vec![("part 1/file 001.txt", Kind::Conflict)]));
    let mut says_little = plan;
    says_little.steps.iter_mut().for_each(|step| step.here = None);
    assert_eq!(world.client.apply(says_little).send().await.unwrap_err().kind(), Kind::Invalid);

    let target = tempfile::tempdir().unwrap();
    let mut down = world.files.download_dir(target.path()).from("s").plan().await.unwrap();
    down.steps[0].path = "../escaped".into();
    assert_eq!(world.client.apply(down.clone()).send().await.unwrap_err().kind(), Kind::Invalid);
    down.remote.url = "https://elsewhere.example".into();
    assert!(world.client.apply(down).send().await.unwrap_err().to_string().contains("was made for"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_by_a_table_is_checked_for_all_files_before_the_first_byte() {
    let world = World::new(Options::default()).await;
    let folder = folder_of(3);
    let table =
        |csv: &str| MetadataTable::new(Table::read(csv.as_bytes(), Format::Csv, "metadata.csv").unwrap()).unwrap();
    let up = |csv: &str| {
        let table = table(csv);
        world.files.upload_dir(folder.path()).index(world.index.path()).metadata(move |file| table.metadata(&file.name))
    };
    let head = "path,Title,Creator,Creation Date,State,Instrument\n";
    let wrong = format!("{head}*,T,Ada,2026-11-21,raw,Balance 2\npart 1/*,,,yesterday,odd,Balance 999\n");
    world.sandbox.reset();
    let error = up(&wrong).sync().await.unwrap_err();
    let told: Vec<_> = error.findings().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "metadata.csv, line 3 (part 1/file 001.txt): field \"Creation Date\": \"yesterday\" is no date; write it as 2026-11-21",
            "metadata.csv, line 3 (part 1/file 001.txt): field \"State\": \"odd\" is none of: raw, cleaned, derived",
            "metadata.csv, line 3 (part 1/file 001.txt): field \"Instrument\": \"Balance 999\" is no term of the vocabulary https://purl.org/coscine/vocabularies/whimbrel/instruments",
        ]
    );
    assert_eq!((error.kind(), world.writes()), (Kind::Invalid, 0));

    let good = format!("{head}*,T,Ada,2026-11-21,raw,Balance 2\n");
    assert_eq!(up(&good).sync().await.unwrap().done, 3);
    world.sandbox.reset();
    assert_eq!(up(&good).sync().await.unwrap().unchanged, 3);
    assert_eq!((world.writes(), world.count("GetResourceGraphContent")), (0, 1));

    // One field of one file changes: its metadata go, its content stays, and so does what the table does not speak of.
    let other = format!("{good}part 1/file 001.txt,Other,,,,\n");
    world.sandbox.reset();
    let report = up(&other).sync().await.unwrap();
    assert_eq!((report.done, report.unchanged), (1, 2));
    assert_eq!((world.count("CreateMetadataVersion"), world.writes()), (1, 1));
    let run =
        MetadataTable::new(Table::read(b"path,Run\npart 1/file 001.txt,A1\n", Format::Csv, "m").unwrap()).unwrap();
    let upload = world.files.upload_dir(folder.path()).metadata(move |file| run.metadata(&file.name));
    assert_eq!(upload.sync().await.unwrap().done, 1);
    let all = world.files.metadata().await.unwrap();
    let file = all.iter().find(|it| it.path == "part 1/file 001.txt").unwrap();
    let values: Vec<_> = file.pairs().into_iter().map(|(_, value)| value).collect();
    for value in ["Other", "Ada", "raw", "A1"] {
        assert!(values.iter().any(|it| it == value), "{values:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_content_that_fails_is_taken_back() {
    let world = World::new(Options::default()).await;
    let folder = folder_of(2);
    let faults = r#"{"faults": [{"on": "PostStorageRaw", "nth": [1], "fault": {"kind": "status", "status": 413}}]}"#;
    world.sandbox.set_faults(serde_json::from_str::<FaultPlan>(faults).unwrap());
    let report = world.up(folder.path()).jobs(1).sync().await.unwrap();
    assert_eq!(report.failed.len(), 2, "the second is not tried, as the quota is full: {report:?}");
    assert!(world.there_is_no_metadata().await);
    let again = world.up(folder.path()).sync().await.unwrap();
    assert_eq!((again.done, again.failed.len()), (2, 0), "{again:?}");
    assert_eq!(world.there().await, hashes(folder.path()));
}

impl World {
    async fn there_is_no_metadata(&self) -> bool {
        self.files.metadata().await.unwrap().is_empty()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_of_which_a_hundred_changed() {
    const FILES: u64 = 10_000;
    let world = World::new(Options { requests_per_minute: None, ..Options::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let name = |n: u64| format!("{}/{n}.txt", n / 500);
    for n in 0..FILES {
        let path = folder.path().join(name(n));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{n:05}")).unwrap();
    }
    world.seed(FILES, name).await;

    // Each run by another user, as a user's own quota would have the second wait for the first.
    let sync = async |user: &str, title: fn(&str) -> &'static str| {
        let token = world.sandbox.token(user).unwrap();
        let client = Client::builder().url(world.sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap();
        let resource = client.project("Demo").await.unwrap().resource("Measurements").await.unwrap();
        world.sandbox.reset();
        let upload = resource.upload_dir(folder.path()).metadata(move |file| measured(title(&file.name)));
        (upload.sync().await.unwrap(), world.sandbox.report())
    };
    // One request lists 50 files, one each the root, the profile and what it inherits, and all metadata.
    let listing = FILES / 50 + 4;
    let (same, seen) = sync("alice", |_| "T").await;
    assert_eq!((same.done, same.unchanged, same.failed.len()), (0, FILES, 0));
    assert!(seen.requests <= listing, "{seen:?}");

    for n in (0..FILES).step_by(100) {
        fs::write(folder.path().join(name(n)), format!("{n:05}!")).unwrap();
    }
    let (changed, seen) =
        sync("bob", |name| if name.ends_with("00.txt") || name == "0/0.txt" { "New" } else { "T" }).await;
    assert_eq!((changed.done, changed.unchanged, changed.failed.len()), (100, FILES - 100, 0));
    assert!(seen.requests <= listing + 2 * 100, "{seen:?}");
    assert_eq!((seen.by_operation["PutStorageRaw"], seen.by_operation["CreateMetadataVersion"]), (100, 100));
}

impl World {
    /// Files of five bytes with metadata, put there past the client and its quota.
    async fn seed(&self, files: u64, name: impl Fn(u64) -> String) {
        let base =
            format!("{}/api/v2/projects/{}/resources/{}", self.sandbox.url(), self.project().await, self.files.id());
        let (http, token) = (reqwest::Client::new(), self.sandbox.token("alice").unwrap());
        let turtle =
            "@prefix d: <http://purl.org/dc/terms/> . [] a <https://purl.org/coscine/ap/whimbrel/measurement/> ;
            d:title \"T\" ; d:creator \"A. Ott\" ; <https://purl.org/coscine/terms/whimbrel/state> \"raw\" ;
            d:created \"2026-11-21\"^^<http://www.w3.org/2001/XMLSchema#date> .";
        let put = |n: u64| {
            let path = name(n);
            let (http, base, token) = (&http, &base, &token);
            async move {
                let metadata = http.put(format!("{base}/graphs/{path}/metadata/content")).bearer_auth(token);
                let sent = metadata.header("content-type", "text/turtle").body(turtle).send().await.unwrap();
                assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
                let part = format!(
                    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{n:05}\r\n--b--\r\n"
                );
                let content = http.post(format!("{base}/storage/{path}/content")).bearer_auth(token);
                let sent =
                    content.header("content-type", "multipart/form-data; boundary=b").body(part).send().await.unwrap();
                assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
            }
        };
        futures::stream::iter((0..files).map(put)).buffer_unordered(32).collect::<Vec<_>>().await;
    }

    async fn project(&self) -> String {
        self.client.project("Demo").await.unwrap().id().to_owned()
    }
}
