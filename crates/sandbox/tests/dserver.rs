//! dserver's coming release, its tokens and its faults: what no real server is there to be compared with.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use whimbrel_sandbox::{DserverRelease, Fault, FaultPlan, Options, Sandbox, fault::Kind};

async fn next() -> Sandbox {
    Sandbox::start(Options { dserver_release: DserverRelease::Next, ..Options::default() }).await.unwrap()
}

async fn send(sandbox: &Sandbox, user: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
    let dserver = sandbox.dserver();
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", dserver.url()));
    request = request.bearer_auth(dserver.token(user).unwrap());
    if !body.is_null() {
        request = request.json(&body);
    }
    told(request.send().await.unwrap()).await
}

async fn get(sandbox: &Sandbox, user: &str, path: &str) -> (u16, Value) {
    send(sandbox, user, Method::GET, path, Value::Null).await
}

async fn told(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn content(url: &Value) -> Response {
    reqwest::get(url.as_str().unwrap()).await.unwrap()
}

/// Dataset 7 of the seed, which has an item with signs in its name.
const SEVEN: &str = "s3%3A%2F%2Fbase1%2F00000007-0000-4000-8000-000000000007";

#[tokio::test]
async fn the_content_of_a_dataset_is_behind_signed_urls_whole_and_as_its_manifest_says() {
    let sandbox = next().await;
    let (status, signed) = get(&sandbox, "testuser", &format!("/signed-urls/dataset/{SEVEN}")).await;
    assert_eq!((status, signed["expiry_seconds"].as_u64()), (200, Some(3600)), "{signed}");
    let admin: Value = content(&signed["admin_metadata_url"]).await.json().await.unwrap();
    assert_eq!((admin["name"].as_str(), admin["type"].as_str()), (Some("tribology-run-07"), Some("dataset")));
    let manifest: Value = content(&signed["manifest_url"]).await.json().await.unwrap();
    assert_eq!(manifest, get(&sandbox, "testuser", &format!("/manifests/{SEVEN}")).await.1);
    assert_eq!(manifest["items"].as_object().unwrap().len(), 3);
    let readme = content(&signed["readme_url"]).await.text().await.unwrap();
    assert_eq!(readme, get(&sandbox, "testuser", &format!("/readmes/{SEVEN}")).await.1["readme"]);
    let campaign: Value = content(&signed["annotation_urls"]["campaign"]).await.json().await.unwrap();
    assert_eq!((campaign, &signed["tags"]), (json!("tribology"), &json!(["odd", "tribology"])));
    for (identifier, item) in manifest["items"].as_object().unwrap() {
        let bytes = content(&signed["item_urls"][identifier]).await.bytes().await.unwrap();
        assert_eq!(bytes.len() as u64, item["size_in_bytes"].as_u64().unwrap());
        assert!(bytes.starts_with(b"tribology-run-07 item "));
        let (status, one) = get(&sandbox, "testuser", &format!("/signed-urls/item/{SEVEN}/{identifier}")).await;
        assert_eq!((status, content(&one["url"]).await.bytes().await.unwrap()), (200, bytes));
    }
    let report = sandbox.dserver().report();
    assert!(report.contract_violations.is_empty(), "{report:?}");
    assert_eq!((report.by_operation["sign_item"], report.storage_requests), (3, 4 + 2 * 3));
}

#[tokio::test]
async fn signed_urls_take_ranges_and_no_token_and_are_over_after_their_time() {
    let signed_for = Duration::from_secs(2);
    let options = Options { dserver_release: DserverRelease::Next, signed_for, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let (_, signed) = get(&sandbox, "testuser", &format!("/signed-urls/dataset/{SEVEN}")).await;
    let url = signed["readme_url"].as_str().unwrap();
    let http = reqwest::Client::new();
    let part = http.get(url).header("range", "bytes=0-6").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, "project"));
    let with_token = http.get(url).bearer_auth("t").send().await.unwrap();
    assert_eq!(with_token.status(), 400);
    assert!(sandbox.dserver().report().contract_violations[0].contains("a token was sent to the storage"));
    assert_eq!(http.put(url).body("x").send().await.unwrap().status(), 403, "it is good for reading only");
    tokio::time::sleep(signed_for).await;
    let over = http.get(url).send().await.unwrap();
    assert_eq!(over.status(), 403);
    assert!(over.text().await.unwrap().contains("<Message>Request has expired</Message>"));
}

#[tokio::test]
async fn what_may_not_or_cannot_be_signed_for_is_told_apart() {
    let sandbox = next().await;
    let sign = |uri: &str| format!("/signed-urls/dataset/{}", uri.replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(get(&sandbox, "nobody", &format!("/signed-urls/dataset/{SEVEN}")).await.0, 403);
    assert_eq!(get(&sandbox, "testuser", &sign("s3://base1/none")).await.0, 404);
    assert_eq!(get(&sandbox, "testuser", &format!("/signed-urls/item/{SEVEN}/none")).await.0, 404);
    let base_uri = "file://localhost/dtool/base3";
    let dataset = json!({
        "uuid": "00000064-0000-4000-8000-000000000064", "base_uri": base_uri, "uri": format!("{base_uri}/x"), "name": "x",
        "type": "dataset", "readme": "", "manifest": {}, "creator_username": "ada", "frozen_at": "1.5",
        "annotations": {}, "tags": [],
    });
    let path = "/uris/file%3A%2F%2Flocalhost%2Fdtool%2Fbase3%2Fx";
    assert_eq!(send(&sandbox, "testuser", Method::PUT, path, dataset).await.0, 201);
    assert_eq!(get(&sandbox, "testuser", &sign(&format!("{base_uri}/x"))).await.0, 501);
    let upload = json!({ "uuid": "00000065-0000-4000-8000-000000000065", "name": "y", "creator_username": "ada", "frozen_at": 1.5 });
    let path = "/signed-urls/upload/file%3A%2F%2Flocalhost%2Fdtool%2Fbase3";
    assert_eq!(send(&sandbox, "testuser", Method::POST, path, upload).await.0, 501);
    let released = Sandbox::start(Options::default()).await.unwrap();
    assert_eq!(get(&released, "testuser", &format!("/signed-urls/dataset/{SEVEN}")).await.0, 404);
}

#[tokio::test]
async fn a_dataset_is_uploaded_item_by_item_and_is_there_when_it_is_complete() {
    let sandbox = next().await;
    let http = reqwest::Client::new();
    // Of `hello`, in hexadecimal digits and in base64.
    let (hash, md5) = ("5d41402abc4b2a76b9719d911017c592", "XUFAKrxLKna5cZ2REBfFkg==");
    let upload = json!({
        "uuid": "00000065-0000-4000-8000-000000000065", "name": "new-run", "creator_username": "ada",
        "frozen_at": 1_704_067_200.5, "hash_function": "md5sum_hexdigest",
        "items": [{ "relpath": "a b.txt", "size_in_bytes": 5, "hash": hash, "utc_timestamp": 1.5 }],
        "tags": ["new"], "annotations": { "n": { "deep": [1, null] } }, "overlays": { "seen": { "x": true } },
    });
    let path = "/signed-urls/upload/s3%3A%2F%2Fbase1";
    for user in ["nobody", "testuser"] {
        let (status, _) = send(&sandbox, user, Method::POST, path, upload.clone()).await;
        assert_eq!(status, if user == "nobody" { 403 } else { 200 });
    }
    // Who asks again gets new URLs.
    let (_, signed) = send(&sandbox, "testuser", Method::POST, path, upload.clone()).await;
    assert_eq!(signed["expiry_seconds"], 14_400);
    let (_, item) = signed["upload_urls"]["items"].as_object().unwrap().iter().next().unwrap();
    assert_eq!((item["relpath"].as_str(), item["headers"]["Content-MD5"].as_str()), (Some("a b.txt"), Some(md5)));
    let put = |body: &'static str, pinned: Option<&'static str>| {
        let request = http.put(item["url"].as_str().unwrap()).body(body);
        let request = pinned.into_iter().fold(request, |request, md5| request.header("content-md5", md5));
        async { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(put("hello", None).await, 403, "the header is signed");
    assert_eq!(put("hello", Some("AAAAAAAAAAAAAAAAAAAAAA==")).await, 403, "and what it says");
    assert_eq!(put("hallo", Some(md5)).await, 400, "and the body must be that one");

    let uri = signed["uri"].as_str().unwrap();
    let complete = json!({ "uri": uri });
    let path = "/signed-urls/upload-complete";
    let (status, why) = send(&sandbox, "testuser", Method::POST, path, complete.clone()).await;
    assert_eq!((status, why["message"].as_str()), (400, Some("The item a b.txt is not there, or not whole.")));
    assert_eq!(put("hello", Some(md5)).await, 200);
    let readme = http.put(signed["upload_urls"]["readme"].as_str().unwrap()).body("project: ü\n");
    assert_eq!(readme.send().await.unwrap().status(), 200);
    let encoded = "s3%3A%2F%2Fbase1%2F00000065-0000-4000-8000-000000000065";
    assert_eq!(get(&sandbox, "testuser", &format!("/uris/{encoded}")).await.0, 404, "not yet");
    let (status, done) = send(&sandbox, "testuser", Method::POST, path, complete.clone()).await;
    assert_eq!((status, done["status"].as_str(), done["name"].as_str()), (200, Some("registered"), Some("new-run")));

    let (_, dataset) = get(&sandbox, "testuser", &format!("/uris/{encoded}")).await;
    assert_eq!((&dataset["uploaded_by"], &dataset["size_in_bytes"]), (&json!("testuser"), &json!(5)));
    assert_eq!(get(&sandbox, "testuser", &format!("/readmes/{encoded}")).await.1["readme"], "project: ü\n");
    let (_, manifest) = get(&sandbox, "testuser", &format!("/manifests/{encoded}")).await;
    assert_eq!(manifest["items"].as_object().unwrap().values().next().unwrap()["hash"], hash);
    let (_, annotations) = get(&sandbox, "testuser", &format!("/annotations/{encoded}")).await;
    assert_eq!(annotations["annotations"]["n"], json!({ "deep": [1, null] }), "no longer as text");
    let (_, signed) = get(&sandbox, "testuser", &format!("/signed-urls/dataset/{encoded}")).await;
    let item = signed["item_urls"].as_object().unwrap().values().next().unwrap();
    assert_eq!(content(item).await.text().await.unwrap(), "hello");
    let overlay: Value = content(&signed["overlay_urls"]["seen"]).await.json().await.unwrap();
    assert_eq!(overlay, json!({ "x": true }));

    assert_eq!(send(&sandbox, "testuser", Method::POST, path, complete).await.0, 400, "there is nothing to complete");
    let path = "/signed-urls/upload/s3%3A%2F%2Fbase1";
    assert_eq!(send(&sandbox, "testuser", Method::POST, path, upload).await.0, 409);
    assert!(sandbox.dserver().report().contract_violations.is_empty());
}

#[tokio::test]
async fn the_coming_release_writes_what_describes_a_dataset_and_finds_it_by_that() {
    let sandbox = next().await;
    let put = |path: String, body: Value| {
        let sandbox = &sandbox;
        async move { send(sandbox, "testuser", Method::PUT, &path, body).await }
    };
    let readme = json!({ "readme": "project: zirconium\n" });
    assert_eq!(put(format!("/readmes/{SEVEN}"), readme.clone()).await, (200, readme));
    let (_, found) = get(&sandbox, "testuser", "/uris?free_text=zirconium").await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(put(format!("/tags/{SEVEN}"), json!({ "tags": ["a"] })).await.1, json!({ "tags": ["a"] }));
    let tag = |method, tag: &str| {
        let (sandbox, path) = (&sandbox, format!("/tags/{SEVEN}/{tag}"));
        async move { send(sandbox, "testuser", method, &path, Value::Null).await }
    };
    assert_eq!(tag(Method::POST, "b").await, (200, json!({ "tags": ["a", "b"] })));
    assert_eq!(tag(Method::POST, "b").await, (200, json!({ "tags": ["a", "b"] })));
    assert_eq!(tag(Method::DELETE, "a").await, (200, json!({ "tags": ["b"] })));
    assert_eq!(tag(Method::DELETE, "a").await.0, 404);
    let all = json!({ "annotations": { "x": 1 } });
    assert_eq!(put(format!("/annotations/{SEVEN}"), all.clone()).await, (200, all));
    let (_, both) = put(format!("/annotations/{SEVEN}/y"), json!({ "value": [true, null] })).await;
    assert_eq!(both, json!({ "annotations": { "x": 1, "y": [true, null] } }));
    let path = format!("/annotations/{SEVEN}/x");
    let (_, one) = send(&sandbox, "testuser", Method::DELETE, &path, Value::Null).await;
    assert_eq!(one, json!({ "annotations": { "y": [true, null] } }));
    assert_eq!(send(&sandbox, "testuser", Method::DELETE, &path, Value::Null).await.0, 404);
    // Where one may read and not write.
    let path = "/tags/s3%3A%2F%2Fbase2%2F00000004-0000-4000-8000-000000000004/x";
    assert_eq!(send(&sandbox, "testuser", Method::POST, path, Value::Null).await.0, 403);
    // What is signed for afterwards is what was written.
    let (_, signed) = get(&sandbox, "testuser", &format!("/signed-urls/dataset/{SEVEN}")).await;
    assert_eq!(content(&signed["readme_url"]).await.text().await.unwrap(), "project: zirconium\n");
    assert_eq!(signed["tags"], json!(["b"]));
}

#[tokio::test]
async fn the_coming_release_changes_single_fields_and_permissions_of_users() {
    let sandbox = next().await;
    let ask = |user: &'static str, method, path: &'static str, body| {
        let sandbox = &sandbox;
        async move { send(sandbox, user, method, path, body).await }
    };
    let (status, me) = ask("nobody", Method::PATCH, "/me", json!({ "display_name": "Nobody at all" })).await;
    assert_eq!((status, me["display_name"].as_str()), (200, Some("Nobody at all")));
    let (_, user) = ask("admin", Method::PATCH, "/users/nobody", json!({ "is_admin": true })).await;
    assert_eq!((&user["is_admin"], &user["display_name"]), (&json!(true), &json!("Nobody at all")));
    let (_, user) =
        ask("admin", Method::PATCH, "/users/nobody", json!({ "is_admin": false, "display_name": null })).await;
    assert_eq!((&user["is_admin"], &user["display_name"]), (&json!(false), &Value::Null));
    assert_eq!(ask("admin", Method::PATCH, "/users/none", json!({})).await.0, 404);
    assert_eq!(ask("nobody", Method::PATCH, "/users/nobody", json!({})).await.0, 403);

    let path = "/users/nobody/search/s3%3A%2F%2Fbase1";
    let (status, user) = ask("admin", Method::POST, path, Value::Null).await;
    assert_eq!((status, &user["search_permissions_on_base_uris"]), (200, &json!(["s3://base1"])));
    assert_eq!(ask("admin", Method::POST, path, Value::Null).await.0, 409);
    assert_eq!(get(&sandbox, "nobody", "/uris?page_size=1").await.1.as_array().unwrap().len(), 1);
    for _ in 0..2 {
        let (status, user) = ask("admin", Method::DELETE, path, Value::Null).await;
        assert_eq!((status, &user["search_permissions_on_base_uris"]), (200, &json!([])));
    }
    assert_eq!(ask("admin", Method::POST, "/users/nobody/register/s3/none", Value::Null).await.0, 404);
    assert_eq!(ask("testuser", Method::POST, path, Value::Null).await.0, 403);

    assert_eq!(get(&sandbox, "nobody", "/config/health").await, (200, json!({ "status": "ok" })));
    assert_eq!(get(&sandbox, "nobody", "/config/versions").await.1["versions"]["dserver_signed_url_plugin"], "0.1.0");
}

#[tokio::test]
async fn tokens_come_from_a_generator_and_are_over_after_their_time() {
    let token_life = Duration::from_secs(1);
    let sandbox = Sandbox::start(Options { token_life, ..Options::default() }).await.unwrap();
    let (dserver, http) = (sandbox.dserver(), reqwest::Client::new());
    let url = dserver.token_generator_url();
    let origin = url.strip_suffix("/token").unwrap();
    let login = |url: String, password: &str| {
        let body = json!({ "username": "testuser", "password": password });
        let request = http.post(url).json(&body);
        async { told(request.send().await.unwrap()).await }
    };
    let (status, classic) = login(url.to_owned(), dserver.password()).await;
    assert_eq!((status, classic.as_object().unwrap().len()), (200, 1));
    let (_, ldap) = login(format!("{origin}/auth/ldap/token"), dserver.password()).await;
    assert_eq!((ldap["username"].as_str(), ldap["token_type"].as_str()), (Some("testuser"), Some("bearer")));
    for url in [url.to_owned(), format!("{origin}/auth/ldap/token")] {
        assert_eq!(login(url.clone(), "wrong").await.0, 401);
        assert_eq!(http.get(url).send().await.unwrap().status(), 405);
    }
    let token = classic["token"].as_str().unwrap();
    let with = |method: Method, url: String, token: &str| {
        let request = http.request(method, url).bearer_auth(token);
        async { told(request.send().await.unwrap()).await }
    };
    assert_eq!(with(Method::GET, format!("{}/me", dserver.url()), token).await.1["username"], "testuser");
    let oauth = |route: &str, token: &str| {
        let request = http.post(format!("{origin}/auth/{route}")).json(&json!({ "token": token }));
        async { told(request.send().await.unwrap()).await }
    };
    assert_eq!(oauth("verify", token).await.1["claims"]["sub"], "testuser");
    let (_, again) = oauth("refresh", token).await;
    assert_ne!(again["token"], classic["token"]);
    let (_, longer) = login(format!("{url}?seconds=60"), dserver.password()).await;
    tokio::time::sleep(token_life).await;
    let head = http.head(format!("{}/me", dserver.url())).bearer_auth(longer["token"].as_str().unwrap());
    assert_eq!(head.send().await.unwrap().status(), 200);
    let expired = with(Method::GET, format!("{}/me", dserver.url()), token).await;
    assert_eq!(expired, (401, json!({ "msg": "Token has expired" })));
    for route in ["verify", "refresh"] {
        assert_eq!(oauth(route, token).await, (401, json!({ "error": "Invalid or expired token" })));
    }
    let report = dserver.report();
    assert_eq!((report.requests, report.token_requests, report.by_operation["generate_token"]), (3, 11, 3));
    assert_eq!(sandbox.report().requests, 0, "they are no requests to Coscine");
}

#[tokio::test]
async fn faults_meet_dserver_as_they_meet_coscine() {
    let fault = |on: &str, fault| Fault { on: on.to_owned(), nth: vec![1], every: None, first: None, fault };
    let status = Kind::Status { status: 503, retry_after: Some("1".to_owned()) };
    let faults = vec![
        fault("get_me", status.clone()),
        fault("get_my_summary", Kind::Unauthorized),
        fault("list_users", Kind::Html),
        fault("list_datasets", Kind::ShrinkingPage),
        fault("lookup_dataset", Kind::DuplicatedPage),
        fault("generate_token", status),
    ];
    let sandbox = Sandbox::start(Options { faults: FaultPlan { faults }, ..Options::default() }).await.unwrap();
    assert_eq!(get(&sandbox, "testuser", "/me").await.0, 503);
    assert_eq!(get(&sandbox, "testuser", "/me").await.0, 200, "once only");
    assert_eq!(get(&sandbox, "testuser", "/me/summary").await, (401, json!({ "msg": "Token has expired" })));
    assert_eq!(get(&sandbox, "admin", "/users").await, (200, Value::Null), "no JSON");
    assert_eq!(get(&sandbox, "testuser", "/uris").await.1.as_array().unwrap().len(), 9);
    let past = "/uuids/00000005-0000-4000-8000-000000000005?page=2";
    assert_eq!(get(&sandbox, "testuser", past).await.1.as_array().unwrap().len(), 1, "the page before");
    let generator = reqwest::Client::new().post(sandbox.dserver().token_generator_url());
    assert_eq!(generator.send().await.unwrap().status(), 503);
    let report = sandbox.dserver().report();
    assert_eq!((report.faults_met["503"], report.faults_met["shrinking_page"]), (2, 1));
}

#[tokio::test]
async fn what_breaks_the_document_is_told_and_answered_all_the_same() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    assert_eq!(get(&sandbox, "testuser", "/uris?free-text=x").await.0, 200);
    assert_eq!(send(&sandbox, "testuser", Method::POST, "/uris", json!({ "tags": "x" })).await.0, 422);
    assert_eq!(
        get(&sandbox, "testuser", "/uris?sort=-name,%2Buri&page=1").await.0,
        200,
        "a list in one parameter is good"
    );
    let told = sandbox.dserver().report().contract_violations;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], "list_datasets: unknown query parameter free-text");
    assert!(told[1].starts_with("search_datasets: body.tags must be of type"), "{told:?}");
}

#[tokio::test]
async fn two_thousand_datasets_are_there_at_once() {
    let sandbox = Sandbox::start(Options { datasets: 2000, ..Options::default() }).await.unwrap();
    let (_, summary) = get(&sandbox, "testuser", "/me/summary").await;
    assert_eq!(summary["number_of_datasets"], 2000);
    let (_, found) = get(&sandbox, "testuser", "/uris?free_text=user1999").await;
    assert_eq!(found[0]["name"], "tribology-run-1999");
}
