//! Resources and projects as RO-Crates: what is in them, and what other people's validator says of them.

use std::{collections::BTreeSet, fs, path::Path};

use sandbox::{Fault, FaultPlan, Options, Sandbox, fault};
use serde_json::{Value as Json, json};
use whimbrel::{
    CacheMode, Kind,
    coscine::{Client, Metadata, Project, Resource},
    ro_crate::{FILE_NAME, Version},
};
use whimbrel_tests::{hashes, judge_ro_crate};

const NAMES: [&str; 5] = ["ä ö/100%20#1?.csv", "a/b.TXT", "a/plus+&=;.json", "[x] {y}", "~$tmp.md"];

const VERSIONS: [(Version, &str); 2] = [(Version::V1_1, "1.1"), (Version::V1_2, "1.2")];

async fn start() -> (Sandbox, Project) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let client = client(sandbox.url(), &sandbox.token("alice").unwrap());
    let project = client.project("Demo").await.unwrap();
    (sandbox, project)
}

fn client(url: &str, token: &str) -> Client {
    Client::builder().url(url).token(token.to_owned()).cache(CacheMode::Off).build().unwrap()
}

/// Files of awkward names, with metadata by the profile `Measurement`.
async fn measurements(project: &Project) -> (Resource, tempfile::TempDir) {
    let (resource, folder) = (project.resource("Measurements").await.unwrap(), tempfile::tempdir().unwrap());
    for name in NAMES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    let metadata = |file: &whimbrel::transfer::LocalFile| {
        let pairs = [
            ("Title", file.name.as_str()),
            ("Creator", "Bo Ek"),
            ("Creation Date", "2026-11-21"),
            ("State", "raw"),
            ("Instrument", "Balance 2"),
            ("Temperature", "20.50"),
        ];
        Metadata::Record(pairs.into_iter().collect())
    };
    resource.upload_dir(folder.path()).metadata(metadata).send().await.unwrap().into_result().unwrap();
    let form = resource.update().license("CC BY 4.0").keywords(["wear, dry", "steel"]);
    form.disciplines(["Optics 308"]).send().await.unwrap();
    (project.resource("Measurements").await.unwrap(), folder)
}

fn read(folder: &Path) -> Json {
    serde_json::from_slice(&fs::read(folder.join(FILE_NAME)).unwrap()).unwrap()
}

fn entity<'j>(json: &'j Json, id: &str) -> &'j Json {
    let found = json["@graph"].as_array().unwrap().iter().find(|it| it["@id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {json:#}"))
}

fn files(json: &Json) -> BTreeSet<&str> {
    let all = json["@graph"].as_array().unwrap().iter();
    all.filter(|it| it["@type"] == "File").map(|it| it["@id"].as_str().unwrap()).collect()
}

#[track_caller]
fn passes(version: &str, folder: &Path) {
    if let Some((found, checks)) = judge_ro_crate(version, "required", folder) {
        assert_eq!(found, [""; 0]);
        // It would find nothing either if it had looked at nothing.
        assert!(checks > 40, "{checks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_with_all_that_is_known_of_it() {
    let (sandbox, project) = start().await;
    let (resource, sent) = measurements(&project).await;
    for (version, number) in VERSIONS {
        let out = tempfile::tempdir().unwrap();
        sandbox.reset();
        let report = resource.export().version(version).ro_crate(out.path()).await.unwrap();
        assert_eq!(report.into_result().unwrap().done, 5);
        let seen = sandbox.report();
        assert_eq!(seen.by_operation["GetResourceGraphContent"], 1, "one request for all metadata");
        assert!(seen.contract_violations.is_empty(), "{seen:?}");
        let mut there = hashes(out.path());
        assert!(there.remove(FILE_NAME).is_some());
        assert_eq!(there, hashes(sent.path()));

        let json = read(out.path());
        assert_eq!(files(&json).len(), 5);
        let root = entity(&json, "./");
        assert_eq!(root["name"], "Measurements");
        assert_eq!(root["keywords"], json!(["wear, dry", "steel"]));
        let handle = format!("https://hdl.handle.net/{}", resource.pid());
        assert_eq!(root["url"], handle);
        let is = if number == "1.1" { json!(handle) } else { json!({ "@id": handle }) };
        assert_eq!(root["identifier"], is);
        assert_eq!(entity(&json, root["license"]["@id"].as_str().unwrap())["name"], "CC BY 4.0");
        assert_eq!(entity(&json, root["about"]["@id"].as_str().unwrap())["name"], "Optics 308");
        let authors =
            root["author"].as_array().unwrap().iter().map(|it| &entity(&json, it["@id"].as_str().unwrap())["name"]);
        assert_eq!(authors.collect::<Vec<_>>(), ["A. Ott", "alice Sandbox", "Bo Ek"]);

        let file = entity(&json, "ä%20ö/100%2520%231%3F.csv");
        assert_eq!((&file["name"], &file["encodingFormat"]), (&json!(NAMES[0]), &json!("text/csv")));
        assert_eq!(
            (&file["dateCreated"], &file["contentSize"]),
            (&json!("2026-11-21"), &json!(NAMES[0].len().to_string()))
        );
        let more: Vec<_> = file["additionalProperty"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| entity(&json, it["@id"].as_str().unwrap()))
            .collect();
        assert_eq!(more.iter().map(|it| &it["name"]).collect::<Vec<_>>(), ["State", "Instrument", "Temperature"]);
        assert_eq!(entity(&json, more[1]["value"]["@id"].as_str().unwrap())["name"], "Balance 2");
        assert_eq!(more[2]["value"]["@value"], "20.50");
        passes(number, out.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_has_a_folder_for_each_resource() {
    let (_sandbox, project) = start().await;
    measurements(&project).await;
    // Names that no folder can have, or that one has already.
    let names = project.resource("Bucket").await.unwrap();
    names.update().display_name("../files").send().await.unwrap();
    let storage = whimbrel::coscine::Storage::Rds { quota: 1 << 30 };
    let profile = "https://purl.org/coscine/ap/whimbrel/simple/";
    let empty = project.create_resource("FILES", "rdsrwth", storage).profile(profile).description("Nothing yet");
    empty.send().await.unwrap();
    for (version, number) in VERSIONS {
        let out = tempfile::tempdir().unwrap();
        let report = project.export().version(version).ro_crate(out.path().join("crate")).await.unwrap();
        assert_eq!(report.into_result().unwrap().done, 15);
        let (out, beside) = (out.path().join("crate"), fs::read_dir(out.path()).unwrap().count());
        assert_eq!(beside, 1);
        let there: BTreeSet<_> =
            fs::read_dir(&out).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(there, [".._files", "FILES (2)", "Files", "Measurements", FILE_NAME].map(str::to_owned).into());
        let json = read(&out);
        assert_eq!((files(&json).len(), &entity(&json, "./")["name"]), (15, &json!("Demo")));
        assert!(files(&json).contains("Measurements/a/b.TXT"));
        let folder = entity(&json, "Measurements/");
        assert_eq!(folder["description"], "Measurements of the sandbox");
        assert_eq!(entity(&json, folder["license"]["@id"].as_str().unwrap())["name"], "CC BY 4.0");
        assert_eq!(entity(&json, "FILES%20(2)/")["description"], "Nothing yet");
        passes(number, &out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_only_names_files_by_their_urls() {
    let (sandbox, project) = start().await;
    measurements(&project).await;
    for (version, number) in VERSIONS {
        let out = tempfile::tempdir().unwrap();
        sandbox.reset();
        project.export().without_content().version(version).ro_crate(out.path()).await.unwrap().into_result().unwrap();
        assert!(!sandbox.report().by_operation.contains_key("GetStorageRaw"));
        assert_eq!(hashes(out.path()).keys().collect::<Vec<_>>(), [FILE_NAME]);
        let json = read(out.path());
        assert!(files(&json).len() == 15 && files(&json).iter().all(|it| it.starts_with(sandbox.url())));
        let token = sandbox.token("alice").unwrap();
        let url = *files(&json).iter().find(|it| it.ends_with("100%2520%231%3F.csv/content")).unwrap();
        let content = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(content.text().await.unwrap(), NAMES[0]);
        passes(number, out.path());
        let resource = project.resource("Measurements").await.unwrap();
        resource.export().without_content().version(version).overwrite(true).ro_crate(out.path()).await.unwrap();
        assert_eq!(files(&read(out.path())).len(), 5);
        passes(number, out.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crate_claims_only_what_has_arrived() {
    let missing = fault::Kind::Status { status: 404, retry_after: None };
    let fault = Fault { on: "GetStorageRaw".into(), nth: vec![3], every: None, first: None, fault: missing };
    let faults = FaultPlan { faults: vec![fault] };
    let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await.unwrap();
    let client = client(sandbox.url(), &sandbox.token("alice").unwrap());
    let resource = client.project("Demo").await.unwrap().resource("Files").await.unwrap();
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join(FILE_NAME), "of another crate").unwrap();
    let refused = resource.export().ro_crate(out.path()).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Conflict);
    assert_eq!(fs::read(out.path().join(FILE_NAME)).unwrap(), b"of another crate");

    let report = resource.export().overwrite(true).ro_crate(out.path()).await.unwrap();
    assert_eq!((report.done, report.failed.len()), (4, 1));
    assert_eq!(report.into_result().unwrap_err().kind(), Kind::Partial);
    assert!(!out.path().join(FILE_NAME).exists());

    let again = resource.export().overwrite(true).ro_crate(out.path()).await.unwrap();
    assert_eq!((again.done, again.unchanged, again.failed.len()), (1, 4, 0));
    assert_eq!(files(&read(out.path())).len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crate_in_a_resource_is_not_overwritten_by_its_own() {
    let (_sandbox, project) = start().await;
    let (files_of, out) = (project.resource("Files").await.unwrap(), tempfile::tempdir().unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "theirs").unwrap();
    files_of.upload(file.path()).to(FILE_NAME).send().await.unwrap();
    let report = files_of.export().ro_crate(out.path()).await.unwrap().into_result().unwrap();
    assert_eq!(report.done, 6);
    assert_eq!(fs::read(out.path().join("Files").join(FILE_NAME)).unwrap(), b"theirs");
    assert!(files(&read(out.path())).contains(format!("Files/{FILE_NAME}").as_str()));
    passes("1.2", out.path());
}

/// A server that gives files any name.
async fn hostile(names: &[&str]) -> mockito::ServerGuard {
    let mut server = mockito::Server::new_async().await;
    let id = "00000000-0000-4000-8000-000000000001";
    let page = |data: Json| {
        let count = data.as_array().unwrap().len();
        let pagination = json!({ "currentPage": 1, "totalPages": 1, "pageSize": 50, "totalCount": count, "hasPrevious": false, "hasNext": false });
        json!({ "data": data, "isSuccess": true, "statusCode": 200, "pagination": pagination })
    };
    let visibility = json!({ "id": id, "displayName": "Public" });
    let project = json!({
        "id": id, "pid": "21.11102/p", "name": "P", "description": "P", "slug": "p", "startDate": "2026-01-01", "endDate": "2026-01-01",
        "disciplines": [], "organizations": [], "visibility": visibility, "displayName": "P",
    });
    let resource = json!({
        "id": id, "pid": "21.11102/r", "name": "R", "displayName": "R", "description": "R", "disciplines": [], "visibility": visibility,
        "type": { "id": id, "generalType": "rds", "specificType": "rdsrwth" }, "applicationProfile": { "uri": "urn:profile" }, "fixedValues": {},
    });
    let file = |name: &&str| json!({ "path": name, "type": "Leaf", "size": 1 });
    let answers = [
        (format!("/api/v2/projects/{id}"), json!({ "data": project, "isSuccess": true, "statusCode": 200 })),
        (format!("/api/v2/projects/{id}/members"), page(json!([]))),
        (format!("/api/v2/projects/{id}/resources"), page(json!([resource]))),
        (format!("/api/v2/projects/{id}/resources/{id}/storage"), page(names.iter().map(file).collect())),
    ];
    for (path, answer) in answers {
        let mock = server.mock("GET", mockito::Matcher::Regex(format!(r"^{path}(\?.*)?$")));
        mock.with_header("content-type", "application/json").with_body(answer.to_string()).create_async().await;
    }
    let graphs = format!("/api/v2/projects/{id}/resources/{id}/graphs/metadata/content");
    server.mock("GET", graphs.as_str()).with_header("content-type", "application/n-quads").create_async().await;
    let content = mockito::Matcher::Regex("/storage/.*/content$".to_owned());
    server.mock("GET", content).with_body("x").create_async().await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_out_of_the_crate() {
    let names = ["../up", "/../../abs", "a/../../b", "good", "C:/x//y", "https://example.org/x"];
    let server = hostile(&names).await;
    let project = client(&server.url(), "t").project("00000000-0000-4000-8000-000000000001").await.unwrap();
    let around = tempfile::tempdir().unwrap();
    let out = around.path().join("deep/crate");
    let report = project.resource("R").await.unwrap().export().ro_crate(&out).await.unwrap();
    assert_eq!((report.done, report.failed.len()), (1, 5), "{report:?}");
    assert_eq!(hashes(around.path()).keys().collect::<Vec<_>>(), ["deep/crate/good"]);

    let out = around.path().join("web");
    project.export().without_content().ro_crate(&out).await.unwrap().into_result().unwrap();
    let json = read(&out);
    assert_eq!(files(&json).len(), names.len());
    let leads_nowhere = |it: &&str| it.starts_with('#') || it.starts_with(&server.url()) && !it.contains("/../");
    assert!(files(&json).iter().all(leads_nowhere), "{json:#}");
    passes("1.2", &out);
}
