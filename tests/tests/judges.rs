//! The official Coscine SDKs drive the sandbox; what they are told equals what we are told.

use std::path::PathBuf;

use futures::TryStreamExt as _;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use whimbrel::{CacheMode, Paged as _, coscine::Client};
use whimbrel_tests::run_judge;

/// Runs the judge, and gives what it was told.
fn judge(sdk: &'static str, python: PathBuf, sandbox: &Sandbox, demo: &str) -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, sandbox.token("alice").unwrap()).unwrap();
    std::fs::write(folder.path().join("demo-id"), demo).unwrap();
    let arguments = [sdk.as_ref(), sandbox.url().as_ref(), token.as_os_str(), folder.path().as_os_str()];
    let out = tokio::task::block_in_place(|| run_judge(&python, "coscine_sdk.py", &arguments));
    let told = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    (folder, told)
}

async fn run(sdk: &'static str) {
    let Some(python) = whimbrel_tests::judge(&format!("coscine-{sdk}")) else { return };
    let sandbox = Sandbox::start(Options { lenient: true, ..Options::default() }).await.unwrap();
    let token = sandbox.token("alice").unwrap();
    let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Off).build().unwrap();
    let demo = client.project("Demo").await.unwrap();
    let (folder, told) = judge(sdk, python, &sandbox, demo.id());

    let mut resources: Vec<_> = demo.resources().stream().map_ok(|it| it.id().to_owned()).try_collect().await.unwrap();
    resources.sort();
    assert_eq!(told["resources"], json!(resources));
    if sdk == "0.11.13" {
        let mut projects: Vec<_> =
            client.projects().stream().map_ok(|it| it.id().to_owned()).try_collect().await.unwrap();
        projects.sort();
        assert_eq!(told["projects"], json!(projects));
        assert_eq!(told["members"], json!(["alice Owner", "bob Member", "carol Guest"]));
        let types = ["dsnrws3", "dsnrws3worm", "rdsnrw", "rdsrwth", "rdss3nrw", "rdss3rwth", "rdss3wormrwth"];
        assert_eq!(told["quotas"], json!(types));
    }
    let raw = client.raw();
    let mut roles: Vec<_> = raw
        .get_roles()
        .send()
        .await
        .unwrap()
        .into_inner()
        .data
        .unwrap()
        .into_iter()
        .map(|it| it.display_name)
        .collect();
    roles.sort();
    assert_eq!(told["roles"], json!(roles));
    assert_eq!(told["disciplines"].as_array().unwrap().len(), 12);
    assert_eq!(told["instruments"], 200);
    assert_eq!(told["me"], raw.get_current_user().send().await.unwrap().into_inner().data.unwrap().id);
    assert_eq!(told["reserved_gib"], 25);

    // What it sent is what we find, metadata and all; what it fetched is what it sent.
    let measurements = demo.resource("Measurements").await.unwrap();
    let ours: Vec<_> = measurements.files().stream().try_collect().await.unwrap();
    let deleted = usize::from(sdk == "0.11.13");
    assert_eq!(ours.len(), 3 - deleted);
    for file in &ours {
        assert_eq!(told["files"][&file.path], file.size);
    }
    let metadata = measurements.metadata().await.unwrap();
    let titles: Vec<_> = metadata
        .iter()
        .flat_map(whimbrel::coscine::FileMetadata::pairs)
        .filter(|(name, _)| name.ends_with("terms/title"))
        .collect();
    assert_eq!(titles.len(), 3 - deleted);
    if sdk == "0.11.13" {
        let fetched = walk(folder.path());
        assert_eq!(fetched, ["content 0", "content 1", "content 2"]);
    }
    // The older one gives page sizes to what has no pages; nothing else may be wrong with what either sends.
    let violations = sandbox.report().contract_violations;
    assert!(violations.iter().all(|it| it.contains("unknown query parameter")), "{violations:?}");
}

/// The content of every file that it fetched, at any depth, sorted.
fn walk(folder: &std::path::Path) -> Vec<String> {
    let hashes = whimbrel_tests::hashes(folder);
    let names = hashes.keys().filter(|name| name.starts_with("from-"));
    let mut found: Vec<_> = names.map(|name| std::fs::read_to_string(folder.join(name)).unwrap()).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn coscine_0_11_13() {
    run("0.11.13").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coscine_0_12_2() {
    run("0.12.2").await;
}
