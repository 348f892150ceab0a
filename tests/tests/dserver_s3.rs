//! Datasets of the sandbox's dserver on a real S3 server: its presigned URLs, and what lies there for those who have keys.

use std::path::Path;

use object_store::{ObjectStoreExt as _, aws::AmazonS3Builder, path::Path as Key};
use reqwest::{Client, Method};
use sandbox::{DserverRelease, Options, S3, Sandbox};
use serde_json::{Value, json};
use whimbrel_tests::{
    dserver::{content, item, uuid},
    s3::{Keys, S3Server},
};

fn keys(name: &str) -> Keys {
    (format!("{name}-key"), format!("{name}-secret"))
}

async fn start(folder: &Path) -> (Sandbox, S3Server) {
    let (read, write) = (keys("read"), keys("write"));
    let server = S3Server::start(folder, read.clone(), write.clone()).await;
    let s3 = S3 { endpoint: server.endpoint().to_owned(), folder: folder.to_path_buf(), read, write };
    let options = Options { s3: Some(s3), dserver_release: DserverRelease::Next, ..Options::default() };
    (Sandbox::start(options).await.unwrap(), server)
}

async fn ask(sandbox: &Sandbox, method: Method, path: &str, body: &Value) -> Value {
    let dserver = sandbox.dserver();
    let request = Client::new().request(method, format!("{}{path}", dserver.url()));
    let request = request.bearer_auth(dserver.token("testuser").unwrap());
    let answer = if body.is_null() { request.send().await } else { request.json(body).send().await }.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn its_presigned_urls_are_good_at_a_real_s3_server() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, server) = start(folder.path()).await;
    let path = format!("/signed-urls/dataset/s3%3A%2F%2Fbase1%2F{}", uuid(7));
    let signed = ask(&sandbox, Method::GET, &path, &Value::Null).await;
    let manifest: Value = reqwest::get(signed["manifest_url"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    for (identifier, told) in manifest["items"].as_object().unwrap() {
        let url = signed["item_urls"][identifier].as_str().unwrap();
        assert!(url.starts_with(server.endpoint()), "{url}");
        let j = (0..3).find(|j| told["relpath"] == item(7, *j)).unwrap();
        let part = Client::new().get(url).header("range", "bytes=0-8").send().await.unwrap();
        assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().as_ref()), (206, &content(7, j)[..9]));
        assert_eq!(reqwest::get(url).await.unwrap().bytes().await.unwrap(), content(7, j));
        let other = url.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601");
        assert_eq!(reqwest::get(&other).await.unwrap().status(), 403, "the time is signed, too");
    }
}

#[tokio::test]
async fn who_has_keys_finds_the_datasets_in_dtools_layout() {
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, server) = start(folder.path()).await;
    let (key, secret) = keys("read");
    let store = AmazonS3Builder::new().with_endpoint(server.endpoint()).with_allow_http(true).with_bucket_name("base2");
    let store = store.with_region("us-east-1").with_access_key_id(key).with_secret_access_key(secret).build().unwrap();
    let get = async |key: String| store.get(&Key::from(key)).await.unwrap();
    // What holds the prefix of the rest: none here.
    assert!(get(format!("dtool-{}", uuid(8))).await.bytes().await.unwrap().is_empty());
    let admin = get(format!("{}/dtool", uuid(8))).await;
    let name = object_store::Attribute::Metadata("name".into());
    assert_eq!(admin.attributes.get(&name).map(AsRef::as_ref), Some("simulation-run-08"));
    let manifest = get(format!("{}/manifest.json", uuid(8))).await.bytes().await.unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let (identifier, _) =
        manifest["items"].as_object().unwrap().iter().find(|(_, it)| it["relpath"] == item(8, 0)).unwrap();
    let object = get(format!("{}/data/{identifier}", uuid(8))).await;
    // The path of the item, in base64.
    let handle = object_store::Attribute::Metadata("handle".into());
    assert_eq!(object.attributes.get(&handle).map(AsRef::as_ref), Some("ZGVlcC9lci9zdGlsbC9pdGVtXzAuYmlu"));
    assert_eq!(object.bytes().await.unwrap(), content(8, 0));
}

#[tokio::test]
async fn an_upload_goes_to_the_s3_server_and_only_what_it_was_signed_for() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, server) = start(folder.path()).await;
    // Of `hello`.
    let (hash, md5) = ("5d41402abc4b2a76b9719d911017c592", "XUFAKrxLKna5cZ2REBfFkg==");
    let upload = json!({
        "uuid": "00000065-0000-4000-8000-000000000065", "name": "new-run", "creator_username": "ada", "frozen_at": 1.5,
        "items": [{ "relpath": "ä/b.txt", "size_in_bytes": 5, "hash": hash, "utc_timestamp": 1.5 }],
    });
    let signed = ask(&sandbox, Method::POST, "/signed-urls/upload/s3%3A%2F%2Fbase1", &upload).await;
    let (identifier, item) = signed["upload_urls"]["items"].as_object().unwrap().iter().next().unwrap();
    let put = async |body: &'static str, md5: &'static str| {
        let request = Client::new().put(item["url"].as_str().unwrap()).header("content-md5", md5).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(put("hello", "AAAAAAAAAAAAAAAAAAAAAA==").await, 403);
    assert_eq!(put("hello", md5).await, 200);
    let readme = Client::new().put(signed["upload_urls"]["readme"].as_str().unwrap()).body("project: new\n");
    assert_eq!(readme.send().await.unwrap().status(), 200);
    let done = ask(&sandbox, Method::POST, "/signed-urls/upload-complete", &json!({ "uri": signed["uri"] })).await;
    assert_eq!(done["status"], "registered");
    let path = format!("/signed-urls/item/s3%3A%2F%2Fbase1%2F00000065-0000-4000-8000-000000000065/{identifier}");
    let signed = ask(&sandbox, Method::GET, &path, &Value::Null).await;
    assert_eq!(reqwest::get(signed["url"].as_str().unwrap()).await.unwrap().text().await.unwrap(), "hello");
    assert_eq!((server.tokens(), sandbox.dserver().report().storage_requests), (0, 0));
}
