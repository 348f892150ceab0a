//! Resources whose content lies in S3, reached through the API and past it.

use std::{fs, path::Path, time::Duration};

use object_store::{
    GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use sandbox::{Fault, FaultPlan, Options, S3, Sandbox, fault};
use serde_json::{Value, json};
use whimbrel::{
    CacheMode, Kind,
    coscine::{Client, Metadata, Resource},
    transfer::{Existing, Progress},
};
use whimbrel_tests::{
    hashes,
    s3::{Keys, S3Server},
};

fn keys(name: &str) -> Keys {
    (format!("{name}-key"), format!("{name}-secret"))
}

async fn start(folder: &Path) -> (Sandbox, S3Server) {
    start_with(folder, Options::default()).await
}

async fn start_with(folder: &Path, options: Options) -> (Sandbox, S3Server) {
    let (read, write) = (keys("read"), keys("write"));
    let server = S3Server::start(folder, read.clone(), write.clone()).await;
    let s3 = S3 { endpoint: server.endpoint().to_owned(), folder: folder.to_path_buf(), read, write };
    (Sandbox::start(Options { s3: Some(s3), ..options }).await.unwrap(), server)
}

/// The API, as a user, without our client.
struct Api<'s>(&'s Sandbox, &'static str);

impl Api<'_> {
    fn request(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v2{path}", self.0.url());
        reqwest::Client::new().request(method, url).bearer_auth(self.0.token(self.1).unwrap())
    }

    async fn ask(&self, method: http::Method, path: &str, form: Option<&str>) -> reqwest::Response {
        let mut request = self.request(method, path);
        if let Some(content) = form {
            let form = format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n{content}\r\n--b--\r\n"
            );
            request = request.header("content-type", "multipart/form-data; boundary=b").body(form);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let text = self.ask(http::Method::GET, path, None).await.text().await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["data"].take()
    }

    async fn bucket(&self) -> (String, Value) {
        let projects = self.get("/projects?PageSize=50").await;
        let demo = projects.as_array().unwrap().iter().find(|it| it["name"] == "Demo").unwrap();
        let resources = format!("/projects/{}/resources", demo["id"].as_str().unwrap());
        let listed = self.get(&resources).await;
        let bucket = listed.as_array().unwrap().iter().find(|it| it["name"] == "Bucket").unwrap();
        assert_eq!(bucket["type"]["options"], json!({}), "no keys in lists");
        let resource = format!("{resources}/{}", bucket["id"].as_str().unwrap());
        let options = self.get(&resource).await["type"]["options"].take();
        (resource, options)
    }
}

fn store(options: &Value, keys: &str) -> AmazonS3 {
    let text = |name: &str| options["rdsS3"][name].as_str().unwrap();
    AmazonS3Builder::new()
        .with_endpoint(text("endpoint"))
        .with_bucket_name(text("bucketName"))
        .with_access_key_id(text(&format!("accessKey{keys}")))
        .with_secret_access_key(text(&format!("secretKey{keys}")))
        .with_allow_http(true)
        .with_retry(RetryConfig { max_retries: 3, ..RetryConfig::default() })
        .build()
        .unwrap()
}

#[tokio::test]
async fn what_comes_into_a_bucket_is_in_its_resource_and_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, server) = start(folder.path()).await;
    let alice = Api(&sandbox, "alice");
    let (resource, options) = alice.bucket().await;
    let (reader, writer) = (store(&options, "Read"), store(&options, "Write"));
    let quota = async || alice.get(&format!("{resource}/quota")).await["usedPercentage"].as_f64().unwrap();
    let seeded = quota().await;

    // `from` would escape what S3 takes as it is.
    let key = Key::parse("new/ä 100%.txt").unwrap();
    let content = PutPayload::from("content");
    writer.put(&key, content.clone()).await.unwrap();
    let listed = alice.get(&format!("{resource}/storage?Prefix=new%2F")).await;
    assert_eq!((&listed[0]["path"], &listed[0]["size"]), (&"new/ä 100%.txt".into(), &7.into()), "{listed}");
    let changed = chrono::DateTime::parse_from_rfc3339(listed[0]["changeDate"].as_str().unwrap()).unwrap();
    assert_eq!(changed.timestamp(), reader.head(&key).await.unwrap().last_modified.timestamp());
    assert!(quota().await > seeded);
    let through = reqwest::get(listed[0]["actions"]["download"]["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(through.text().await.unwrap(), "content");
    assert_eq!(reader.get(&key).await.unwrap().bytes().await.unwrap(), "content");

    let refused = reader.put(&key, content.clone()).await.unwrap_err();
    assert!(matches!(refused, object_store::Error::PermissionDenied { .. }), "{refused}");
    let refused = reader.delete(&key).await.unwrap_err();
    assert!(matches!(refused, object_store::Error::PermissionDenied { .. }), "{refused}");

    // Over what S3 knew: its notes are not of the new content.
    let at = format!("{resource}/storage/new%2F%C3%A4%20100%25.txt");
    let before = reader.head(&key).await.unwrap().e_tag;
    let put = alice.ask(http::Method::PUT, &format!("{at}/content"), Some("other content")).await;
    assert_eq!(put.status(), 201);
    let after = reader.get(&key).await.unwrap();
    assert_ne!(after.meta.e_tag, before);
    assert_eq!(after.bytes().await.unwrap(), "other content");
    assert_eq!(alice.ask(http::Method::DELETE, &at, None).await.status(), 204);
    assert!(matches!(reader.head(&key).await.unwrap_err(), object_store::Error::NotFound { .. }));
    assert!(matches!(reader.head(&Key::from("2026")).await.unwrap_err(), object_store::Error::NotFound { .. }));

    writer.delete(&Key::from("readme.txt")).await.unwrap();
    assert_eq!(alice.ask(http::Method::HEAD, &format!("{resource}/storage/readme.txt"), None).await.status(), 404);
    assert!(quota().await < seeded);
    assert_eq!(server.requests()["PUT"], 2, "one of them refused");
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test]
async fn only_who_may_write_gets_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, server) = start(folder.path()).await;
    let (_, options) = Api(&sandbox, "bob").bucket().await;
    assert_eq!(options["rdsS3"]["endpoint"], server.endpoint());
    assert_eq!(Api(&sandbox, "carol").bucket().await.1, json!({}));
}

#[tokio::test]
async fn each_s3_type_has_its_options_and_its_bucket_until_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, _server) = start(folder.path()).await;
    let alice = Api(&sandbox, "alice");
    let (demo, _) = alice.bucket().await;
    let resources = demo.rsplit_once('/').unwrap().0;
    let types = alice.get("/resource-types/types").await;
    let id = |list: &Value| list[0]["id"].clone();
    let (visibility, discipline) = (id(&alice.get("/visibilities").await), id(&alice.get("/disciplines").await));
    let profile = alice.get("/application-profiles/profiles").await[0]["uri"].clone();
    for (name, options) in [
        ("rdss3rwth", "rdsS3"),
        ("rdss3wormrwth", "rdsS3Worm"),
        ("dsnrws3", "dataStorageNrwS3"),
        ("dsnrws3worm", "dataStorageNrwS3Worm"),
    ] {
        let kind = types.as_array().unwrap().iter().find(|it| it["specificType"] == name).unwrap();
        let quota = json!({ "quota": { "value": 1, "unit": "https://qudt.org/vocab/unit/GibiBYTE" } });
        let new = json!({
            "name": name, "description": name, "visibility": { "id": visibility }, "resourceTypeId": kind["id"],
            "disciplines": [{ "id": discipline, "displayNameDe": "", "displayNameEn": "", "uri": "" }],
            "applicationProfile": { "uri": profile },
            "resourceTypeOptions": { format!("{options}ResourceTypeOptions"): quota },
        });
        let made = alice.request(http::Method::POST, resources).json(&new).send().await.unwrap();
        assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
        let made: Value = serde_json::from_str(&made.text().await.unwrap()).unwrap();
        assert_eq!(made["data"]["type"]["options"], json!({}), "no keys here");
        let id = made["data"]["id"].as_str().unwrap();
        let resource = format!("{resources}/{id}");
        assert_eq!(alice.get(&resource).await["type"]["options"][options]["bucketName"], id);
        assert!(folder.path().join(id).is_dir());
        assert_eq!(alice.ask(http::Method::DELETE, &resource, None).await.status(), 204);
        assert!(!folder.path().join(id).exists());
    }
}

#[tokio::test]
async fn the_server_keeps_conditions_and_fails_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, server) = start(folder.path()).await;
    let store = store(&Api(&sandbox, "alice").bucket().await.1, "Read");
    let key = Key::from("readme.txt");
    let tag = store.head(&key).await.unwrap().e_tag;
    let range = Some(GetRange::Bounded(4..6));
    let part =
        store.get_opts(&key, GetOptions { range: range.clone(), if_match: tag.clone(), ..GetOptions::default() });
    assert_eq!(part.await.unwrap().bytes().await.unwrap(), "me");
    let old = Some("\"old\"".to_owned());
    let changed = store.get_opts(&key, GetOptions { range, if_match: old, ..GetOptions::default() }).await.unwrap_err();
    assert!(matches!(changed, object_store::Error::Precondition { .. }), "{changed}");
    let same = store.get_opts(&key, GetOptions { if_none_match: tag.clone(), ..GetOptions::default() });
    assert!(matches!(same.await.unwrap_err(), object_store::Error::NotModified { .. }));

    let signer: &dyn object_store::signer::Signer = &store;
    let url = signer.signed_url(http::Method::GET, &key, std::time::Duration::from_mins(1)).await.unwrap();
    for (tag, part) in [(tag.unwrap().as_str(), "me"), ("\"old\"", "readme.txt\n")] {
        let request = reqwest::Client::new().get(url.clone()).header("range", "bytes=4-5").header("if-range", tag);
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), part);
    }

    server.reset();
    server.fail_next(2);
    store.head(&key).await.unwrap();
    assert_eq!(server.requests(), [("HEAD".to_owned(), 3)].into());
}

const MIB: usize = 1 << 20;

async fn bucket(sandbox: &Sandbox, user: &str) -> Resource {
    let token = sandbox.token(user).unwrap();
    let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap();
    client.project("Demo").await.unwrap().resource("Bucket").await.unwrap()
}

/// So many bytes, no two stretches of them alike.
fn noise(length: usize) -> Vec<u8> {
    let mut content = vec![0; length];
    blake3::Hasher::new().update(&length.to_le_bytes()).finalize_xof().fill(&mut content);
    content
}

fn write(folder: &Path, name: &str, content: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn on_storage(nth: &[u64], kind: fault::Kind) -> Fault {
    Fault { on: "storage".to_owned(), nth: nth.to_vec(), every: None, first: None, fault: kind }
}

/// What the server keeps of uploads in parts that are not complete.
fn left_open(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    names.filter(|it| it.starts_with(".upload")).collect()
}

fn content_requests(sandbox: &Sandbox) -> u64 {
    let seen = sandbox.report().by_operation;
    ["GetStorageRaw", "PostStorageRaw", "PutStorageRaw"].iter().filter_map(|it| seen.get(*it)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_any_size_and_name_goes_past_the_api_and_back() {
    let (folder, here, there) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    for (name, size) in [
        ("empty", 0),
        ("one byte", 1),
        ("ä ö/100%20#1?&+=.bin", 16 * MIB - 1),
        ("a|b/{c}~'!().bin", 16 * MIB),
        ("deep/er/%2F;@$,[large].bin", 40 * MIB),
    ] {
        write(here.path(), name, &noise(size));
    }
    let alice = bucket(&sandbox, "alice").await;
    sandbox.reset();
    let index = tempfile::tempdir().unwrap();
    let progress = Progress::new();
    let upload = alice.upload_dir(here.path()).to("up").index(index.path()).progress(progress.clone());
    let report = upload.send().await.unwrap().into_result().unwrap();
    assert_eq!((report.done, report.bytes, progress.snapshot().bytes_done), (5, report.bytes, report.bytes));
    // Three whole; two and five parts.
    assert_eq!((server.requests()["PUT"], server.requests()["POST"]), (3 + 2 + 5, 2 * 2));
    assert_eq!(sandbox.report().by_operation["GetResourceForProject"], 1, "keys are asked for once");
    assert!(left_open(folder.path()).is_empty());

    server.reset();
    let download = alice.download_dir(there.path()).from("up").index(index.path());
    let report = download.send().await.unwrap().into_result().unwrap();
    assert_eq!((report.done, hashes(there.path())), (5, hashes(here.path())));
    assert_eq!(server.requests()["GET"], 2 + 2 + 2 + 5, "a request for each 8 MiB");
    assert_eq!((content_requests(&sandbox), sandbox.report().storage_requests), (0, 0));

    // What was moved is known by its hash, whichever way it went.
    for name in hashes(here.path()).keys() {
        fs::File::options()
            .write(true)
            .open(here.path().join(name))
            .unwrap()
            .set_modified(std::time::SystemTime::now())
            .unwrap();
    }
    let again = alice.upload_dir(here.path()).to("up").index(index.path()).checksum(true);
    assert_eq!(again.sync().await.unwrap().unchanged, 5);

    // One file, of which no listing told.
    let one = there.path().join("one");
    alice.download("up/deep/er/%2F;@$,[large].bin", &one).send().await.unwrap();
    assert_eq!(fs::read(one).unwrap(), noise(40 * MIB));
    let missing = alice.download("up/none", there.path().join("none")).send().await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    assert_eq!(server.tokens(), 0);
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_not_overwritten_unasked_and_errors_name_file_and_bucket() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, _server) = start(folder.path()).await;
    let alice = bucket(&sandbox, "alice").await;
    for (name, size) in [("small", 10), ("large", 17 * MIB)] {
        let (file, there) = (here.path().join(name), folder.path().join(alice.id()).join(name));
        fs::write(&file, noise(size)).unwrap();
        fs::write(&there, "old").unwrap();
        let refused = alice.upload(&file).existing(Existing::None).send().await.unwrap_err();
        assert_eq!((refused.kind(), fs::read(&there).unwrap()), (Kind::Conflict, b"old".to_vec()), "{refused}");
        assert!(refused.to_string().contains(&format!("{name} in bucket {}", alice.id())), "{refused}");
        assert!(!format!("{refused} {refused:?}").contains("write-"), "{refused:?}");
        alice.upload(&file).existing(Existing::Overwrite).send().await.unwrap();
        assert_eq!(fs::read(&there).unwrap(), noise(size));
    }
    assert!(left_open(folder.path()).is_empty());
    fs::write(here.path().join("x"), "x").unwrap();
    let long = "x/".repeat(600) + "x";
    let refused = alice.upload(here.path().join("x")).to(long).existing(Existing::None).send().await.unwrap_err();
    assert!(refused.kind() == Kind::Invalid && refused.to_string().contains("1024 bytes"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_slow_for_a_while_is_asked_again() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    let alice = bucket(&sandbox, "alice").await;
    for (name, size) in [("small", 5), ("large", 40 * MIB)] {
        let file = here.path().join(name);
        fs::write(&file, noise(size)).unwrap();
        server.fail_next(4);
        let progress = Progress::new();
        alice.upload(&file).progress(progress.clone()).send().await.unwrap();
        assert_eq!(progress.snapshot().bytes_done, size as u64);
        assert_eq!(fs::read(folder.path().join(alice.id()).join(name)).unwrap(), noise(size));
        server.fail_next(3);
        let back = here.path().join("back");
        alice.download(name, &back).existing(Existing::Overwrite).send().await.unwrap();
        assert_eq!(fs::read(back).unwrap(), noise(size));
    }
    server.fail_next(1000);
    let failed = alice.upload(here.path().join("large")).to("other").send().await.unwrap_err();
    assert!(failed.is_retryable() && failed.to_string().contains("SlowDown"), "{failed}");
    server.fail_next(0);
    assert!(left_open(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_dropped_leaves_no_parts() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    let alice = bucket(&sandbox, "alice").await;
    let file = here.path().join("large");
    fs::write(&file, noise(64 * MIB)).unwrap();
    for parts in [0, 1, 3] {
        server.reset();
        let progress = Progress::new();
        let upload = tokio::spawn(alice.upload(&file).existing(Existing::None).progress(progress.clone()).send());
        while !server.requests().contains_key("POST") || progress.snapshot().bytes_done < parts * 8 * MIB as u64 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        upload.abort();
        assert!(upload.await.unwrap_err().is_cancelled());
        // It may wait for uploads of other tests, too.
        tokio::time::timeout(Duration::from_mins(1), whimbrel::transfer::settled()).await.unwrap();
        assert_eq!((&server.requests()["DELETE"], left_open(folder.path())), (&1, vec![]));
        assert_eq!(progress.snapshot().bytes_done, 0, "taken back");
    }
    assert!(!folder.path().join(alice.id()).join("large").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_large_files_share_the_room_of_eight_parts() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    for n in 0..4 {
        write(here.path(), &n.to_string(), &noise(40 * MIB + n));
    }
    bucket(&sandbox, "alice").await.upload_dir(here.path()).send().await.unwrap().into_result().unwrap();
    assert!((4..=8).contains(&server.most_writes()), "{}", server.most_writes());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket_content_comes_before_its_metadata() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    let alice = bucket(&sandbox, "alice").await;
    write(here.path(), "a", b"a");
    let fields = [("Title", "a"), ("Creator", "A. Ott"), ("Creation Date", "2026-11-21")];
    let metadata = || Metadata::Record(fields.into_iter().collect());
    sandbox.reset();
    server.fail_next(1000);
    let failed = alice.upload(here.path().join("a")).metadata(metadata()).send().await.unwrap_err();
    assert_eq!(failed.kind(), Kind::Unavailable, "{failed}");
    assert!(!sandbox.report().by_operation.contains_key("CreateMetadataVersion"), "{:?}", sandbox.report());
    server.fail_next(0);
    alice.upload(here.path().join("a")).metadata(metadata()).send().await.unwrap();
    assert_eq!(sandbox.report().by_operation["CreateMetadataVersion"], 1);
    assert_eq!(alice.metadata().await.unwrap().iter().filter(|it| it.path == "a").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_keys_reads_by_links_in_ranges_that_survive_cuts() {
    let (folder, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    let carol = bucket(&sandbox, "carol").await;
    write(&folder.path().join(carol.id()), "large", &noise(40 * MIB + 1));
    write(there.path(), "small", b"x");
    let refused = carol.upload(there.path().join("small")).send().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden, "{refused}");

    sandbox.reset();
    let download = carol.download_dir(there.path().join("whole"));
    download.send().await.unwrap().into_result().unwrap();
    assert_eq!(fs::read(there.path().join("whole/large")).unwrap(), noise(40 * MIB + 1));
    assert_eq!(sandbox.report().storage_requests, 6 + 5, "five small files lie beside it");
    assert_eq!(content_requests(&sandbox), 0, "the listing's links are good");

    for cut in [
        fault::Kind::ResetBody { at: 3_000_000 },
        fault::Kind::TruncatedBody { at: 1 },
        fault::Kind::Status { status: 503, retry_after: None },
        fault::Kind::ResetBeforeProcessing,
    ] {
        sandbox.set_faults(FaultPlan { faults: vec![on_storage(&[1, 2, 5, 7, 9], cut)] });
        let (target, progress) = (there.path().join("cut"), Progress::new());
        let download = carol.download("large", &target).existing(Existing::Overwrite).progress(progress.clone());
        download.send().await.unwrap();
        assert_eq!(fs::read(target).unwrap(), noise(40 * MIB + 1));
        assert_eq!(progress.snapshot().bytes_done, 40 * MIB as u64 + 1);
    }
    assert_eq!(server.requests().get("GET"), None);
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_over_is_asked_for_anew() {
    let (folder, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let options = Options { signed_for: Duration::from_secs(2), ..Options::default() };
    let (sandbox, _server) = start_with(folder.path(), options).await;
    let carol = bucket(&sandbox, "carol").await;
    write(&folder.path().join(carol.id()), "large", &noise(64 * MIB));
    // Each request takes about a second, so that links end in the midst of it.
    let slow = Fault {
        on: "storage".to_owned(),
        nth: vec![],
        every: Some(1),
        first: None,
        fault: fault::Kind::Drip { bytes: 256 << 10, every_ms: 30 },
    };
    sandbox.set_faults(FaultPlan { faults: vec![slow] });
    sandbox.reset();
    let download = carol.download_dir(there.path());
    download.send().await.unwrap().into_result().unwrap();
    assert_eq!(fs::read(there.path().join("large")).unwrap(), noise(64 * MIB));
    let links = content_requests(&sandbox) - 5;
    assert!((2..=4).contains(&links), "{links} links: that of the listing ends too soon, and each one is shared");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_fetched_is_one_of_both_and_no_mixture() {
    let (folder, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, _server) = start(folder.path()).await;
    let carol = bucket(&sandbox, "carol").await;
    write(&folder.path().join(carol.id()), "large", &noise(40 * MIB));
    let slow = fault::Kind::Drip { bytes: 256 << 10, every_ms: 20 };
    sandbox.set_faults(FaultPlan { faults: vec![on_storage(&[1, 2, 3, 4], slow)] });
    let (target, progress) = (there.path().join("large"), Progress::new());
    let download = tokio::spawn(carol.download("large", &target).progress(progress.clone()).send());
    while progress.snapshot().bytes_done < MIB as u64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let other = noise(39 * MIB);
    write(folder.path(), "other", &other);
    fs::rename(folder.path().join("other"), folder.path().join(carol.id()).join("large")).unwrap();
    download.await.unwrap().unwrap();
    assert!(fs::read(target).unwrap() == other);
    assert_eq!(progress.snapshot().bytes_done, other.len() as u64);
    assert_eq!(fs::read_dir(there.path()).unwrap().count(), 1, "nothing half-written is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_new_object_is_settled_and_anothers_object_is_not_taken_for_ours() {
    let (folder, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, server) = start(folder.path()).await;
    let alice = bucket(&sandbox, "alice").await;
    for (name, size) in [("small", 9), ("large", 17 * MIB)] {
        let (file, there) = (here.path().join(name), folder.path().join(alice.id()).join(name));
        fs::write(&file, noise(size)).unwrap();
        // Stored, and nobody hears of it; an object is begun with one PUT, or ended with the second POST.
        server.lose(if name == "small" { "PUT" } else { "POST" }, if name == "small" { 1 } else { 2 });
        alice.upload(&file).existing(Existing::None).send().await.unwrap();
        assert_eq!(fs::read(&there).unwrap(), noise(size));
        // As large as ours, and older.
        let other = vec![7; size];
        fs::write(&there, &other).unwrap();
        let old = std::time::SystemTime::now() - Duration::from_mins(1);
        fs::File::options().write(true).open(&there).unwrap().set_modified(old).unwrap();
        server.fail_next(2);
        let refused = alice.upload(&file).existing(Existing::None).send().await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict, "{refused}");
        assert!(fs::read(&there).unwrap() == other);
    }
}
