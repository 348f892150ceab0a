//! A folder with metadata into Coscine and back, through the whole stack, counted by the server.

use std::time::{Duration, Instant};

use futures::TryStreamExt as _;
use sandbox::{FaultPlan, Options, Sandbox};
use whimbrel::{
    CacheMode, Kind, Paged as _,
    coscine::{Client, Metadata, Resource},
    transfer::Existing,
};
use whimbrel_tests::{folder_of, hashes};

async fn start(options: Options) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = client(&sandbox, "alice");
    (sandbox, client)
}

fn client(sandbox: &Sandbox, user: &str) -> Client {
    let token = sandbox.token(user).unwrap();
    Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap()
}

async fn resource(client: &Client, name: &str) -> Resource {
    client.project("Demo").await.unwrap().resource(name).await.unwrap()
}

fn measured(name: &str) -> Metadata {
    let pairs = [
        ("Title", name),
        ("Creator", "A. Ott"),
        ("Creation Date", "2026-11-21"),
        ("State", "raw"),
        ("Instrument", "Balance 2"),
    ];
    Metadata::Record(pairs.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_files_with_metadata_are_two_hundred_requests_and_come_back_whole() {
    let (sandbox, client) = start(Options { latency: Duration::from_millis(50), ..Options::default() }).await;
    let (measurements, folder) = (resource(&client, "Measurements").await, folder_of(100));

    // Resolves the profile and the vocabulary, which the cache would hold.
    let warm = tempfile::NamedTempFile::new().unwrap();
    let warm = measurements.upload(warm.path()).to("warm").metadata(measured("warm")).existing(Existing::None);
    warm.send().await.unwrap();
    sandbox.reset();

    let upload = measurements.upload_dir(folder.path()).metadata(|file| measured(&file.name)).existing(Existing::None);
    let report = upload.send().await.unwrap().into_result().unwrap();
    assert_eq!((report.done, report.failed.len()), (100, 0));
    let seen = sandbox.report();
    let of = |operation: &str| seen.by_operation.get(operation).copied().unwrap_or_default();
    assert_eq!((of("PostStorageRaw"), of("CreateMetadataVersion")), (100, 100), "{seen:?}");
    assert!(seen.peak_concurrency <= 8, "{seen:?}");

    sandbox.reset();
    assert_eq!(measurements.metadata().await.unwrap().len(), 101);
    assert_eq!(sandbox.report().requests, 1, "one request for all metadata");

    let there = tempfile::tempdir().unwrap();
    measurements.download_dir(there.path()).send().await.unwrap().into_result().unwrap();
    let mut back = hashes(there.path());
    assert!(back.remove("warm").is_some());
    assert_eq!(back, hashes(folder.path()));
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_twenty_files_are_listed_in_three_requests() {
    let (sandbox, client) = start(Options::default()).await;
    let (files, folder) = (resource(&client, "Files").await, tempfile::tempdir().unwrap());
    for n in 0..120 {
        std::fs::write(folder.path().join(format!("{n}")), "x").unwrap();
    }
    files.upload_dir(folder.path()).to("flat").send().await.unwrap().into_result().unwrap();
    sandbox.reset();
    let listed: Vec<_> = files.files().under("flat").stream().try_collect().await.unwrap();
    assert_eq!((listed.len(), sandbox.report().requests), (120, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_longer_than_a_page_are_complete() {
    let (_sandbox, client) = start(Options::default()).await;
    let projects: Vec<_> = client.projects().stream().try_collect().await.unwrap();
    assert_eq!(projects.len(), 57);
    let many = client.project("many resources").await.unwrap();
    let resources: Vec<_> = many.resources().stream().try_collect().await.unwrap();
    assert_eq!(resources.len(), 53);
    let files = resource(&client, "Files").await;
    let mut all: Vec<_> = files.files().recursive().stream().map_ok(|file| file.path).try_collect().await.unwrap();
    all.sort();
    let seeded = ["2026/february/c.csv", "2026/january/a.csv", "2026/january/b.csv", "readme.txt", "ä ö/100%20#1?.txt"];
    assert_eq!(all, seeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_faults_nothing_is_lost_and_nothing_is_doubled() {
    let (sandbox, client) = start(Options { faults: FaultPlan::demo(), ..Options::default() }).await;
    let (measurements, folder) = (resource(&client, "Measurements").await, folder_of(60));
    let upload = measurements.upload_dir(folder.path()).metadata(|file| measured(&file.name));
    upload.send().await.unwrap().into_result().unwrap();
    let versions = measurements.metadata().await.unwrap();
    assert_eq!(versions.iter().filter(|it| it.version == Some(1)).count(), 60, "each once");
    let there = tempfile::tempdir().unwrap();
    measurements.download_dir(there.path()).send().await.unwrap().into_result().unwrap();
    assert_eq!(hashes(there.path()), hashes(folder.path()));
    let seen = sandbox.report();
    assert!(seen.faults_met.values().sum::<u64>() >= 15, "{seen:?}");
    assert!(seen.largest_window_60s <= 500 && seen.contract_violations.is_empty(), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_lies_elsewhere_is_fetched_without_the_token() {
    let (sandbox, client) = start(Options::default()).await;
    let there = tempfile::tempdir().unwrap();
    let bucket = resource(&client, "Bucket").await;
    let report = bucket.download_dir(there.path()).send().await.unwrap().into_result().unwrap();
    assert_eq!((report.done, sandbox.report().storage_requests), (5, 5));
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_before_anything_is_sent() {
    let (sandbox, client) = start(Options::default()).await;
    let (measurements, folder) = (resource(&client, "Measurements").await, folder_of(3));
    sandbox.reset();
    let wrong = |_: &whimbrel::transfer::LocalFile| Metadata::Record([("Title", "T")].into_iter().collect());
    let error = measurements.upload_dir(folder.path()).metadata(wrong).send().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.to_string().contains("is required"), "{error}");
    let writes = ["PostStorageRaw", "CreateMetadataVersion"];
    assert!(!writes.iter().any(|it| sandbox.report().by_operation.contains_key(*it)));

    let good = measurements.upload_dir(folder.path()).metadata(|file| measured(&file.name));
    good.send().await.unwrap().into_result().unwrap();
    sandbox.reset();
    let again = measurements.upload_dir(folder.path()).metadata(|file| measured(&file.name));
    assert_eq!(again.send().await.unwrap_err().kind(), Kind::Conflict);
    assert!(!writes.iter().any(|it| sandbox.report().by_operation.contains_key(*it)));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_told_apart() {
    let (sandbox, alice) = start(Options::default()).await;
    let missing = alice.project("No such").await.unwrap_err();
    assert!(missing.is_not_found() && missing.to_string().contains("you see: "), "{missing}");
    let stranger = Client::builder().url(sandbox.url()).token("x".to_owned()).cache(CacheMode::Off).build().unwrap();
    assert_eq!(stranger.project("Demo").await.unwrap_err().kind(), Kind::Unauthenticated);
    let carol = resource(&client(&sandbox, "carol"), "Files").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let refused = carol.upload(file.path()).to("x").send().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden, "{refused}");
    drop(sandbox);
    let start = Instant::now();
    let gone = alice.project("Demo").await.unwrap_err();
    assert!(gone.is_retryable() && gone.to_string().contains("could not be reached"), "{gone}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_memory_goes_up_and_comes_back() {
    let (_sandbox, client) = start(Options::default()).await;
    let files = resource(&client, "Files").await;
    let content: Vec<u8> = (0..=255).collect();
    let report = files.upload_content(content.clone(), "memory/a%20b.bin").send().await.unwrap();
    assert_eq!((report.done, report.bytes), (1, 256));
    assert_eq!(files.read("memory/a%20b.bin").await.unwrap(), content);
    files.upload_content("", "memory/nothing").send().await.unwrap();
    assert!(files.read("memory/nothing").await.unwrap().is_empty());
    assert_eq!(files.upload_content("x", "").send().await.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(files.upload_content("x", "memory/nothing").send().await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(files.read("memory/none").await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_into_a_folder_under_its_own_name() {
    let (_sandbox, client) = start(Options::default()).await;
    let (files, folder) = (resource(&client, "Files").await, tempfile::tempdir().unwrap());
    for existing in [Existing::Refuse, Existing::Overwrite] {
        files.download("2026/january/a.csv", folder.path()).existing(existing).send().await.unwrap();
    }
    assert!(folder.path().join("a.csv").is_file());
    let again = files.download("2026/january/a.csv", folder.path()).send().await.unwrap_err();
    assert_eq!(again.kind(), Kind::Conflict);
    assert!(files.download("2026/..", folder.path()).existing(Existing::Overwrite).send().await.is_err());
}
