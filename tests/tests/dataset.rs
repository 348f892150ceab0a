//! Datasets fetched from where they lie, sent where they shall lie, and read back by dtool.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sandbox::{DserverRelease, Fault, FaultPlan, Options, S3, Sandbox, fault};
use serde_json::{Value, json};
use whimbrel::{
    CacheMode, Kind,
    dserver::{Client, Dataset, Feature, Route},
    dtool::{Finding, Folder, What},
    transfer::{Existing, Progress},
};
use whimbrel_tests::{
    dserver::{Dserver, content, item, name, uuid},
    hashes, judge, judge_dataset, run_judge,
    s3::S3Server,
};

/// A sandbox of the coming release.
struct World {
    sandbox: Sandbox,
    client: Client,
    here: tempfile::TempDir,
}

impl World {
    async fn new(options: Options) -> Self {
        let options = Options { dserver_release: DserverRelease::Next, ..options };
        let sandbox = Sandbox::start(options).await.unwrap();
        let client = client(sandbox.dserver().url(), &sandbox.dserver().token("testuser").unwrap());
        Self { sandbox, client, here: tempfile::tempdir().unwrap() }
    }

    fn fails(&self, on: &str, nth: &[u64], fault: fault::Kind) {
        self.sandbox.set_faults(FaultPlan { faults: vec![meets(on, nth, fault)] });
    }

    fn count(&self, operation: &str) -> u64 {
        self.sandbox.dserver().report().by_operation.get(operation).copied().unwrap_or_default()
    }

    fn folder(&self, i: usize) -> Folder {
        Folder::at(self.here.path().join(name(i)))
    }
}

/// What the `nth` requests to an operation meet; without any, all of them.
fn meets(on: &str, nth: &[u64], fault: fault::Kind) -> Fault {
    Fault { on: on.to_owned(), nth: nth.to_vec(), every: None, first: None, fault }
}

fn client(url: &str, token: &str) -> Client {
    Client::builder().url(url).token(token.to_owned()).cache(CacheMode::Off).build().unwrap()
}

/// What a dataset of the seed must have become.
fn is_whole(folder: &Path, i: usize) {
    for j in 0..=i % 5 {
        assert_eq!(fs::read(folder.join("data").join(item(i, j))).unwrap(), content(i, j));
    }
    let Some(read) = judge_dataset(folder) else { return };
    assert_eq!((&read["uuid"], &read["name"], &read["unlisted"]), (&json!(uuid(i)), &json!(name(i)), &json!([])));
    assert_eq!(read["items"].as_object().unwrap().len(), i % 5 + 1);
    for it in read["items"].as_object().unwrap().values() {
        assert_eq!((&it["hash"], &it["size_in_bytes"]), (&it["found_hash"], &it["found_size"]), "{it}");
    }
    assert!(read["readme"].as_str().unwrap().contains("owners"), "{read}");
    assert_eq!(read["tags"].as_array().unwrap().len(), 2);
    assert_eq!(read["annotations"]["number"], i);
}

#[tokio::test]
async fn signed_urls_bring_a_dataset_that_dtool_reads() {
    let world = World::new(Options::default()).await;
    for i in [5, 7, 8] {
        let copies = world.client.lookup(&uuid(i)).await.unwrap();
        let fetched = world.client.download(copies, world.here.path()).send().await.unwrap();
        assert_eq!((fetched.route, fetched.folder.path()), (Route::SignedUrls, world.folder(i).path()));
        assert_eq!(fetched.report.into_result().unwrap().done, i as u64 % 5 + 1);
        is_whole(world.folder(i).path(), i);
    }
    let again = world.client.download(world.client.lookup(&uuid(8)).await.unwrap(), world.here.path());
    let again = again.send().await.unwrap().report;
    assert_eq!((again.done, again.unchanged), (0, 4));
    assert!(world.sandbox.dserver().report().contract_violations.is_empty(), "no token went to the storage");
}

#[tokio::test]
async fn an_item_that_breaks_off_is_fetched_again_and_one_that_is_wrong_is_not_kept() {
    let world = World::new(Options::default()).await;
    let fetch = async || {
        let copies = world.client.lookup(&uuid(9)).await.unwrap();
        world.client.download(copies, world.here.path()).jobs(1).send().await.unwrap()
    };
    // What describes it comes first: three files, and its annotations.
    world.fails("storage", &[6, 8], fault::Kind::TruncatedBody { at: 7 });
    fetch().await.report.into_result().unwrap();
    is_whole(world.folder(9).path(), 9);
    fs::remove_dir_all(world.folder(9).path()).unwrap();

    world.fails("storage", &[7], fault::Kind::Status { status: 400, retry_after: None });
    let report = fetch().await.report;
    assert_eq!((report.done, report.failed.len()), (4, 1));
    let (failed, error) = &report.failed[0];
    assert!(!world.folder(9).path().join("data").join(failed).exists(), "{error}");
    assert!(!world.folder(9).read().unwrap().admin.is_frozen());
    assert!(judge_dataset_fails(world.folder(9).path()));
    let again = fetch().await.report;
    assert_eq!((again.done, again.unchanged), (1, 4), "only what is missing is fetched");
    is_whole(world.folder(9).path(), 9);
}

/// dtool takes it for no dataset, and says so; true without dtool.
fn judge_dataset_fails(folder: &Path) -> bool {
    let told = std::panic::catch_unwind(|| judge_dataset(folder));
    let said = |why: Box<dyn std::any::Any + Send>| why.downcast::<String>().map(|it| *it).unwrap_or_default();
    told.map_or_else(|why| said(why).contains("DtoolCoreTypeError"), |told| told.is_none())
}

#[tokio::test]
async fn links_that_are_refused_are_renewed_once_for_all_that_wait() {
    // Links of the same second are the same, so each answer takes longer than one.
    let world = World::new(Options { latency: Duration::from_millis(1100), ..Options::default() }).await;
    let copies = world.client.lookup(&uuid(9)).await.unwrap();
    let fetch = async |into: &str| {
        let into = world.here.path().join(into);
        let fetched = world.client.download(copies.clone(), into).jobs(5).send().await.unwrap();
        fetched.report.into_result().unwrap();
        (world.count("sign_dataset"), world.sandbox.dserver().report().storage_requests)
    };
    let (signed, asked) = fetch("before").await;
    // Each of the five items, which are asked for after all else.
    world.fails("storage", &[asked - 4, asked - 3, asked - 2, asked - 1, asked], REFUSED);
    assert_eq!(fetch("after").await, (signed + 2, 2 * asked + 5), "once to begin, once for all five");
}

const REFUSED: fault::Kind = fault::Kind::Status { status: 403, retry_after: None };

#[tokio::test]
async fn links_that_are_over_are_renewed() {
    let world = World::new(Options { signed_for: Duration::from_secs(2), ..Options::default() }).await;
    world.fails("storage", &[], fault::Kind::Latency { ms: 400 });
    let copies = world.client.lookup(&uuid(9)).await.unwrap();
    let fetched = world.client.download(copies, world.here.path()).jobs(1).send().await.unwrap();
    fetched.report.into_result().unwrap();
    is_whole(world.folder(9).path(), 9);
    let signed = world.count("sign_dataset");
    assert!((2..=4).contains(&signed), "{signed}");
}

/// The sandbox's datasets on a real S3 server, in dtool-s3's layout.
async fn in_s3() -> (World, S3Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for bucket in ["base1", "base2"] {
        fs::create_dir(folder.path().join(bucket)).unwrap();
    }
    let keys = |name: &str| (format!("{name}-id"), format!("{name}-secret"));
    let server = S3Server::start(folder.path(), keys("read"), keys("write")).await;
    let s3 = S3 {
        endpoint: server.endpoint().to_owned(),
        folder: folder.path().to_owned(),
        read: keys("read"),
        write: keys("write"),
    };
    let world = World::new(Options { s3: Some(s3), ..Options::default() }).await;
    (world, server, folder)
}

/// The keys of the buckets, as dtool's configuration has them.
fn keys(endpoint: &str, family: &'static str) -> impl Fn(&str) -> Option<String> + Send + Sync + 'static {
    let endpoint = endpoint.to_owned();
    move |name| {
        let (what, bucket) = name.strip_prefix(&format!("DTOOL_{family}_"))?.rsplit_once('_')?;
        assert!(["base1", "base2"].contains(&bucket), "{name}");
        match what {
            "ENDPOINT" => Some(endpoint.clone()),
            "ACCESS_KEY_ID" => Some("read-id".to_owned()),
            "SECRET_ACCESS_KEY" => Some("read-secret".to_owned()),
            _ => None,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_read_with_signed_urls_or_with_keys() {
    let (world, server, _folder) = in_s3().await;
    let fetch = async |copies: Vec<Dataset>, into: &str| {
        let into = world.here.path().join(into);
        let fetched = world.client.download(copies, &into).keys(keys(server.endpoint(), "S3")).send().await.unwrap();
        fetched.report.into_result().unwrap();
        is_whole(&into.join(name(8)), 8);
        fetched.route
    };
    let copies = world.client.lookup(&uuid(8)).await.unwrap();
    assert_eq!(fetch(copies.clone(), "signed").await, Route::SignedUrls);
    let broken = fault::Kind::Status { status: 501, retry_after: None };
    world.fails("sign_dataset", &[], broken);
    assert_eq!(fetch(copies, "keys").await, Route::Bucket);
    assert_eq!(hashes(&world.here.path().join("signed")), hashes(&world.here.path().join("keys")));
    assert_eq!(server.tokens(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_ecs_has_keys_of_its_own_and_a_prefix_is_found() {
    let (world, server, folder) = in_s3().await;
    let mut known = world.client.lookup(&uuid(5)).await.unwrap().remove(0);
    known.uri = known.uri.replace("s3://", "ecs://");
    let bucket = folder.path().join("base1");
    fs::create_dir_all(bucket.join("u/ada")).unwrap();
    fs::rename(bucket.join(uuid(5)), bucket.join("u/ada").join(uuid(5))).unwrap();
    fs::write(bucket.join(format!("dtool-{}", uuid(5))), "u/ada/").unwrap();
    let fetch = |lookup| world.client.download([known.clone()], world.here.path()).keys(lookup).send();
    let refused = world.client.download([known.clone()], world.here.path()).send().await.unwrap_err();
    assert!(refused.to_string().contains("DTOOL_ECS_ENDPOINT_base1"), "{refused}");
    let fetched = fetch(keys(server.endpoint(), "ECS")).await.unwrap();
    assert_eq!(fetched.route, Route::Bucket);
    is_whole(world.folder(5).path(), 5);
}

/// dtool's own software writes it, below a prefix, and publishes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_dtool_put_into_a_bucket_is_read_from_there_and_from_the_web() {
    let Some(python) = judge("dtool-s3-0.14.1") else { return };
    let (world, server, _folder) = in_s3().await;
    let source =
        made(&world.here.path().join("source"), 0, &[("a.txt", "one"), ("deep/ü b.txt", "two"), ("empty", "")]);
    let arguments = [source.path().as_os_str(), "base2".as_ref(), server.endpoint().as_ref(), "write-id".as_ref()];
    let arguments = [&arguments[..], &["write-secret".as_ref(), "u/ada/".as_ref()]].concat();
    let put = tokio::task::block_in_place(|| run_judge(&python, "dtool_bucket.py", &arguments));
    let put: Value = serde_json::from_str(&put).unwrap();
    let there = format!("s3://base2/{}", uuid(1000));
    assert_eq!(put["uri"], json!(there));
    for (uri, route) in [(&*there, Route::Bucket), (put["published"].as_str().unwrap(), Route::Web)] {
        let known = Dataset { uri: uri.to_owned(), uuid: uuid(1000), ..Dataset::default() };
        let into = world.here.path().join(format!("{route:?}"));
        let download = world.client.download([known], &into).keys(keys(server.endpoint(), "S3"));
        let fetched = download.send().await.unwrap();
        assert_eq!((fetched.route, fetched.report.into_result().unwrap().done), (route, 3));
        let (sent, came) = (source.read().unwrap(), fetched.folder.read().unwrap());
        assert_eq!((sent.readme, sent.tags, sent.annotations), (came.readme, came.tags, came.annotations));
        assert_eq!((sent.overlays, came.admin.name), (came.overlays, sent.admin.name));
        assert_eq!(hashes(&source.path().join("data")), hashes(&fetched.folder.path().join("data")));
        let Some(read) = judge_dataset(fetched.folder.path()) else { return };
        assert_eq!((&read["unlisted"], read["items"].as_object().unwrap().len()), (&json!([]), 3));
    }
}

#[tokio::test]
async fn what_cannot_be_read_here_says_why() {
    let world = World::new(Options::default()).await;
    let known = world.client.lookup(&uuid(5)).await.unwrap().remove(0);
    let told = async |uri: &str| {
        let known = Dataset { uri: uri.to_owned(), ..known.clone() };
        world.client.download([known], world.here.path()).send().await.unwrap_err().to_string()
    };
    assert!(told("azure://account/1").await.contains("the scheme azure"));
    assert!(told("file://elsewhere/no/such/folder").await.contains("file system of elsewhere"));
    assert!(told("s3://nowhere/1").await.contains("DTOOL_S3_ENDPOINT_nowhere"));
    let several = ["azure://a/1", "irods://b/1"].map(|uri| Dataset { uri: uri.to_owned(), ..known.clone() });
    let told = world.client.download(several, world.here.path()).send().await.unwrap_err().to_string();
    assert!(told.contains("azure://a/1") && told.contains("irods://b/1"), "{told}");
    assert_eq!(fs::read_dir(world.here.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_first_copy_that_can_be_read_is_taken() {
    let world = World::new(Options::default()).await;
    let known = world.client.lookup(&uuid(5)).await.unwrap().remove(0);
    let other = Dataset { uri: "azure://a/1".to_owned(), ..known.clone() };
    let fetched = world.client.download([other, known.clone()], world.here.path()).send().await.unwrap();
    assert_eq!(fetched.uri, known.uri);
    is_whole(world.folder(5).path(), 5);
}

#[tokio::test]
async fn a_real_dservers_datasets_are_fetched_from_their_folders() {
    let Some(dserver) = Dserver::shared() else { return };
    let (client, here) = (client(dserver.url(), dserver.token()), tempfile::tempdir().unwrap());
    for i in [5, 7] {
        let copies = client.lookup(&uuid(i)).await.unwrap();
        let fetched = client.download(copies, here.path()).send().await.unwrap();
        assert_eq!(fetched.route, Route::Folder);
        fetched.report.into_result().unwrap();
        is_whole(&here.path().join(name(i)), i);
        let manifest = client.manifest(&dserver.uri(i)).await.unwrap();
        assert_eq!(fetched.folder.verify().against(manifest).send().await.unwrap().findings, []);
    }
}

#[tokio::test]
async fn a_published_dataset_comes_from_the_web() {
    let world = World::new(Options::default()).await;
    let copies = world.client.lookup(&uuid(6)).await.unwrap();
    let source = tempfile::tempdir().unwrap();
    world.client.download(copies.clone(), source.path()).send().await.unwrap().report.into_result().unwrap();
    let folder = Folder::at(source.path().join(name(6)));
    let dataset = folder.read().unwrap();
    let mut web = mockito::Server::new_async().await;
    let mut items = serde_json::Map::new();
    for (identifier, item) in &dataset.manifest.items {
        // Relative, and pointed on to where it is.
        items.insert(identifier.clone(), json!(format!("items/{identifier}")));
        let to = format!("/content/{identifier}");
        web.mock("GET", &*format!("/set/items/{identifier}")).with_status(302).with_header("location", &to).create();
        web.mock("GET", &*to).with_body_from_file(folder.path().join("data").join(&item.relpath)).create();
    }
    for (path, file) in [("/m", ".dtool/manifest.json"), ("/r", "README.yml"), ("/n", ".dtool/annotations/number.json")]
    {
        web.mock("GET", path).with_body_from_file(folder.path().join(file)).create();
    }
    let published = json!({
        "admin_metadata": dataset.admin, "manifest_url": format!("{}/m", web.url()), "readme_url": "/r",
        "item_urls": items, "overlays": {}, "annotations": { "number": "/n" }, "tags": dataset.tags,
    });
    web.mock("GET", "/set/http_manifest.json?sig=1").with_body(published.to_string()).create();
    let known = Dataset { uri: format!("{}/set?sig=1", web.url()), ..copies[0].clone() };
    let fetched = world.client.download([known], world.here.path()).send().await.unwrap();
    assert_eq!(fetched.route, Route::Web);
    fetched.report.into_result().unwrap();
    is_whole(world.folder(6).path(), 6);
}

/// A dataset in a folder, of these items.
fn made(place: &Path, i: usize, items: &[(&str, &str)]) -> Folder {
    let items: serde_json::Map<String, Value> = items
        .iter()
        .map(|(relpath, content)| {
            let hash = md5(content.as_bytes());
            let item =
                json!({ "relpath": relpath, "size_in_bytes": content.len(), "hash": hash, "utc_timestamp": 1.5 });
            fs::create_dir_all(place.join("data").join(relpath).parent().unwrap()).unwrap();
            fs::write(place.join("data").join(relpath), content).unwrap();
            (sha1(relpath.as_bytes()), item)
        })
        .collect();
    let overlay: serde_json::Map<_, _> = items.keys().map(|it| (it.clone(), json!("good"))).collect();
    for (file, content) in [
        (
            "dtool",
            json!({ "uuid": uuid(1000 + i), "name": format!("made-{i}"), "type": "dataset", "dtoolcore_version": "3.19.0",
            "creator_username": "ada", "created_at": 1.25, "frozen_at": 2.5 }),
        ),
        (
            "manifest.json",
            json!({ "items": items, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0" }),
        ),
        ("annotations/campaign.json", json!({ "a": [1, null] })),
        ("overlays/quality.json", json!(overlay)),
        ("tags/red", json!("")),
    ] {
        let path = place.join(".dtool").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.to_string()).unwrap();
    }
    fs::write(place.join("README.yml"), "owners:\n  - name: Ada Löv\n").unwrap();
    Folder::at(place)
}

fn md5(content: &[u8]) -> String {
    hex(&<md5::Md5 as md5::Digest>::digest(content))
}

fn sha1(content: &[u8]) -> String {
    hex(&<sha1::Sha1 as sha1::Digest>::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, it| hex + &format!("{it:02x}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_is_sent_by_signed_urls_is_the_same_when_it_is_fetched() {
    for s3 in [false, true] {
        let (world, _server) = if s3 {
            let (world, server, folder) = in_s3().await;
            (world, Some((server, folder)))
        } else {
            (World::new(Options::default()).await, None)
        };
        let source =
            made(&world.here.path().join("source"), 0, &[("a.txt", "one"), ("deep/ü b.txt", "two"), ("empty", "")]);
        let progress = Progress::new();
        let upload = world.client.upload(source.path(), "s3://base1/").progress(progress.clone()).send().await.unwrap();
        assert!(upload.registered && upload.uri == format!("s3://base1/{}", uuid(1000)));
        assert_eq!((upload.report.done, progress.snapshot().files_done), (4, 4), "its readme is one of them");
        let copies = world.client.lookup(&uuid(1000)).await.unwrap();
        assert_eq!(world.client.readme(&upload.uri).await.unwrap().text, "owners:\n  - name: Ada Löv\n");
        let into = world.here.path().join("back");
        let fetched = world.client.download(copies, &into).send().await.unwrap();
        fetched.report.into_result().unwrap();
        let (sent, came) = (source.read().unwrap(), fetched.folder.read().unwrap());
        assert_eq!((&sent.manifest.items, &sent.readme, &sent.tags), (&came.manifest.items, &came.readme, &came.tags));
        assert_eq!((sent.annotations, sent.overlays), (came.annotations, came.overlays));
        assert_eq!(fetched.folder.verify().against(sent.manifest).send().await.unwrap().whole, 3);

        let twice = world.client.upload(source.path(), "s3://base1").send().await.unwrap_err();
        assert_eq!(twice.kind(), Kind::Conflict);
        assert!(twice.to_string().contains("is registered there already"), "{twice}");
        assert!(world.sandbox.dserver().report().contract_violations.is_empty());
    }
}

#[tokio::test]
async fn nothing_is_registered_before_all_of_it_is_there() {
    let world = World::new(Options::default()).await;
    let source = made(&world.here.path().join("source"), 0, &[("a", "1"), ("b", "2"), ("c", "3")]);
    // Its manifest is right in size alone.
    fs::write(source.path().join("data/b"), "x").unwrap();
    let upload = world.client.upload(source.path(), "s3://base1").send().await.unwrap();
    assert!(!upload.registered);
    assert_eq!((upload.report.done, &*upload.report.failed[0].0), (3, "b"));
    assert_eq!(world.count("complete_upload"), 0);
    assert!(world.client.lookup(&uuid(1000)).await.unwrap_err().is_not_found());
    fs::write(source.path().join("data/b"), "2").unwrap();
    assert!(world.client.upload(source.path(), "s3://base1").send().await.unwrap().registered);

    let short = made(&world.here.path().join("short"), 1, &[("a", "1")]);
    fs::write(short.path().join("data/a"), "").unwrap();
    let signed = world.count("sign_upload");
    assert!(
        world
            .client
            .upload(short.path(), "s3://base1")
            .send()
            .await
            .unwrap_err()
            .to_string()
            .contains("nothing was sent")
    );
    fs::remove_file(short.path().join("data/a")).unwrap();
    assert!(world.client.upload(short.path(), "s3://base1").send().await.unwrap_err().is_not_found());
    assert_eq!(world.count("sign_upload"), signed);
}

#[tokio::test]
async fn an_upload_outlives_a_busy_storage_and_links_that_are_over() {
    // Those to which something is put are good for four times as long.
    let world = World::new(Options { signed_for: Duration::from_secs(1), ..Options::default() }).await;
    let items: Vec<_> = (0..20).map(|i| (format!("item {i}"), format!("content {i}"))).collect();
    let items: Vec<_> = items.iter().map(|(name, content)| (&**name, &**content)).collect();
    let source = made(&world.here.path().join("source"), 0, &items);
    let busy = meets("storage", &[2, 5], fault::Kind::Status { status: 503, retry_after: None });
    let slow = meets("storage", &[], fault::Kind::Latency { ms: 400 });
    world.sandbox.set_faults(FaultPlan { faults: vec![busy, slow] });
    let upload = world.client.upload(source.path(), "s3://base1").jobs(1).send().await.unwrap();
    assert!(upload.registered, "{:?}", upload.report.failed);
    let signed = world.count("sign_upload");
    assert!((2..=5).contains(&signed), "{signed}");
}

#[tokio::test]
async fn an_upload_whose_last_answer_is_lost_is_settled_by_asking() {
    let world = World::new(Options::default()).await;
    for (n, fault) in [fault::Kind::ResetBeforeProcessing, fault::Kind::ResetAfterProcessing].into_iter().enumerate() {
        let source = made(&world.here.path().join(format!("source {n}")), n, &[("a", "1")]);
        let before = world.count("complete_upload");
        world.sandbox.set_faults(FaultPlan {
            faults: vec![
                meets("complete_upload", &[1], fault),
                meets("sign_upload", &[1], fault::Kind::ResetBody { at: 1 }),
            ],
        });
        let upload = world.client.upload(source.path(), "s3://base1").send().await.unwrap();
        assert!(upload.registered);
        assert_eq!(world.client.lookup(&uuid(1000 + n)).await.unwrap().len(), 1, "once");
        let again = 1 - n as u64;
        assert_eq!(world.count("complete_upload") - before, 1 + again, "sent again only if it was not heard");
    }
}

#[tokio::test]
async fn a_server_without_the_plugin_says_so_and_a_storage_that_cannot_sign_too() {
    let world = World::new(Options::default()).await;
    let source = made(&world.here.path().join("source"), 0, &[("a", "1")]);
    world.fails("sign_upload", &[], fault::Kind::Status { status: 501, retry_after: None });
    let refused = world.client.upload(source.path(), "s3://base1").send().await.unwrap_err();
    assert!(refused.to_string().contains("can't sign URLs"), "{refused}");
    let released = Sandbox::start(Options::default()).await.unwrap();
    let client = client(released.dserver().url(), &released.dserver().token("testuser").unwrap());
    assert!(!client.features().await.unwrap().has(Feature::SignedUrls));
    let refused = client.upload(source.path(), "s3://base1").send().await.unwrap_err();
    assert!(refused.to_string().contains("dserver_signed_url_plugin is not installed"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_items_arrive_and_all_of_them_are_right() {
    let world = World::new(Options::default()).await;
    let items: Vec<_> = (0..5000).map(|i| (format!("{}/item {i}", i % 7), format!("content {i}"))).collect();
    let items: Vec<_> = items.iter().map(|(name, content)| (&**name, &**content)).collect();
    let source = made(&world.here.path().join("source"), 0, &items);
    let sent = world.client.upload(source.path(), "s3://base1").jobs(16).send().await.unwrap();
    assert!(sent.registered && sent.report.done == 5001);
    let copies = world.client.lookup(&uuid(1000)).await.unwrap();
    let fetched = world.client.download(copies, world.here.path()).jobs(16).send().await.unwrap();
    assert_eq!(fetched.report.into_result().unwrap().done, 5000);
    assert_eq!(hashes(&source.path().join("data")), hashes(&fetched.folder.path().join("data")));
    assert_eq!(world.count("sign_dataset"), 1);
    assert_eq!(fetched.folder.verify().jobs(16).send().await.unwrap().whole, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_item_comes_in_ranges_and_is_hashed_meanwhile() {
    let (world, server, _folder) = in_s3().await;
    // Some ranges of 8 MiB, and the last not whole.
    let large = "0123456 ".repeat(4_500_000) + "end";
    let source = made(&world.here.path().join("source"), 0, &[("large", &large), ("small", "1")]);
    assert!(world.client.upload(source.path(), "s3://base1").send().await.unwrap().registered);
    server.reset();
    let fetch = async || {
        let copies = world.client.lookup(&uuid(1000)).await.unwrap();
        world.client.download(copies, world.here.path()).existing(Existing::Overwrite).send().await.unwrap()
    };
    fetch().await.report.into_result().unwrap();
    let gets = server.requests()["GET"];
    // Administrative metadata, manifest, readme, an annotation, an overlay, the small one, and five ranges.
    assert_eq!(gets, 11);
    let folder = Folder::at(world.here.path().join("made-0"));
    assert_eq!(hashes(&source.path().join("data")), hashes(&folder.path().join("data")));
    fs::write(folder.path().join("data/small"), "2").unwrap();
    let found = folder.verify().send().await.unwrap();
    let [Finding { what: What::Different, relpath, .. }] = &found.findings[..] else { panic!("{found:?}") };
    assert_eq!((found.whole, &**relpath), (1, "small"));
    assert_eq!(fetch().await.report.into_result().unwrap().done, 1, "only that one");
    assert!(folder.verify().send().await.unwrap().findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_byte_in_a_storage_is_found() {
    let (world, _server, folder) = in_s3().await;
    let data: PathBuf = folder.path().join("base1").join(uuid(9)).join("data");
    let wrong = fs::read_dir(&data).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&wrong).unwrap();
    bytes[3] ^= 1;
    fs::write(&wrong, bytes).unwrap();
    let copies = world.client.lookup(&uuid(9)).await.unwrap();
    let report = world.client.download(copies, world.here.path()).send().await.unwrap().report;
    assert_eq!((report.done, report.failed.len()), (4, 1));
    let (relpath, error) = &report.failed[0];
    assert!(error.kind() == Kind::Conflict && error.to_string().contains("MD5"), "{error}");
    assert!(!world.folder(9).path().join("data").join(relpath).exists());
    assert!(!world.folder(9).read().unwrap().admin.is_frozen());
}
