//! Resources whose content lies in S3, reached through the API and past it.

use std::path::Path;

use object_store::{
    GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
};
use sandbox::{Options, S3, Sandbox};
use serde_json::{Value, json};
use whimbrel_tests::s3::{Keys, S3Server};

fn keys(name: &str) -> Keys {
    (format!("{name}-key"), format!("{name}-secret"))
}

async fn start(folder: &Path) -> (Sandbox, S3Server) {
    let (read, write) = (keys("read"), keys("write"));
    let server = S3Server::start(folder, read.clone(), write.clone()).await;
    let s3 = S3 { endpoint: server.endpoint().to_owned(), folder: folder.to_path_buf(), read, write };
    (Sandbox::start(Options { s3: Some(s3), ..Options::default() }).await.unwrap(), server)
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
