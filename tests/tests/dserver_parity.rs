//! The sandbox's dserver beside a real one with the same datasets: the same requests, the same answers.
//!
//! What is compared: the status, `X-Pagination`, `X-Sort` and the JSON of the body. What is not: times, as each server made its
//! datasets when it did; where the datasets lie, as this machine's name is in that; the order of lists that have none
//! (MongoDB's without `sort`, tags). What differs on purpose stands in [`differences`], each with its reason.

use std::collections::BTreeMap;

use reqwest::Method;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use whimbrel_tests::dserver::Dserver;

/// Who asks.
#[derive(Clone, Copy, Debug)]
enum User {
    Test,
    Admin,
    Nobody,
    /// With a good token, and not registered.
    Stranger,
    /// With this in the header `Authorization`, or without the header.
    Says(Option<&'static str>),
}

use User::{Admin, Nobody, Says, Stranger, Test};

/// A request. `{base1}`, `{base2}` and `{5}` stand for a base URI and a dataset's URI, percent-encoded in paths and queries;
/// `{5 as it is}` is not encoded, and `{5 as a path}` has a slash where there is `://`.
#[derive(Clone, Debug)]
struct Request {
    user: User,
    method: Method,
    path: &'static str,
    body: Option<Value>,
}

fn get(user: User, path: &'static str) -> Request {
    Request { user, method: Method::GET, path, body: None }
}

fn send(user: User, method: Method, path: &'static str, body: Value) -> Request {
    Request { user, method, path, body: Some(body) }
}

fn post(user: User, path: &'static str, body: Value) -> Request {
    send(user, Method::POST, path, body)
}

fn put(user: User, path: &'static str, body: Value) -> Request {
    send(user, Method::PUT, path, body)
}

fn delete(user: User, path: &'static str) -> Request {
    Request { user, method: Method::DELETE, path, body: None }
}

/// One of the two servers.
struct Server {
    url: String,
    /// What precedes `/base1`.
    root: String,
    tokens: BTreeMap<&'static str, String>,
    http: reqwest::Client,
}

/// What a server answers, as far as it can be compared.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    pagination: Value,
    sort: Value,
    body: Value,
}

impl Server {
    async fn new(url: &str, base1: &str, tokens: [(&'static str, String); 3], generator: &str, password: &str) -> Self {
        let http = reqwest::Client::new();
        let login = json!({ "username": "stranger", "password": password });
        let answer = http.post(generator).json(&login).send().await.unwrap();
        let stranger = answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
        let mut tokens = BTreeMap::from(tokens);
        tokens.insert("stranger", stranger);
        let root = base1.strip_suffix("/base1").unwrap().to_owned();
        Self { url: url.to_owned(), root, tokens, http }
    }

    async fn real(dserver: &Dserver) -> Self {
        let tokens = [
            ("test", dserver.token().to_owned()),
            ("admin", dserver.admin_token().to_owned()),
            ("nobody", dserver.nobody_token().to_owned()),
        ];
        let base1 = &dserver.base_uris()[0];
        Self::new(dserver.url(), base1, tokens, dserver.token_generator_url(), dserver.password()).await
    }

    async fn sandbox(sandbox: &Sandbox) -> Self {
        let dserver = sandbox.dserver();
        let token = |user| dserver.token(user).unwrap();
        let tokens = [("test", token("testuser")), ("admin", token("admin")), ("nobody", token("nobody"))];
        let base1 = "file://localhost/dtool/base1";
        Self::new(dserver.url(), base1, tokens, dserver.token_generator_url(), dserver.password()).await
    }

    /// The text with what stands in it for this server's places.
    fn filled(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        let mut filled = text.to_owned();
        for base in ["base1", "base2"] {
            filled = filled.replace(&format!("{{{base}}}"), &write(&format!("{}/{base}", self.root)));
        }
        for i in 0..20 {
            let base = if i % 4 == 0 { "base2" } else { "base1" };
            let uri = format!("{}/{base}/{}", self.root, whimbrel_tests::dserver::name(i));
            filled = filled.replace(&format!("{{{i}}}"), &write(&uri));
            filled = filled.replace(&format!("{{{i} as it is}}"), &uri);
            filled = filled.replace(&format!("{{{i} as a path}}"), &uri.replacen("://", "/", 1));
        }
        filled
    }

    async fn ask(&self, request: &Request) -> Answer {
        let escape =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        // Not by way of `Url`, which has its own opinion of what is to be encoded.
        let url = format!("{}{}", self.url, self.filled(request.path, escape));
        let mut asked = self.http.request(request.method.clone(), url);
        let token = |user| Some(format!("Bearer {}", self.tokens[user]));
        let says = match request.user {
            Test => token("test"),
            Admin => token("admin"),
            Nobody => token("nobody"),
            Stranger => token("stranger"),
            Says(text) => text.map(str::to_owned),
        };
        if let Some(says) = says {
            asked = asked.header("authorization", says);
        }
        if let Some(body) = &request.body {
            let body = match body {
                // Text is sent as it is: not all of it is JSON.
                Value::String(text) => text.clone(),
                body => self.filled(&body.to_string(), str::to_owned),
            };
            asked = asked.header("content-type", "application/json").body(body);
        }
        let answer = asked.send().await.unwrap();
        let header = |name: &str| {
            let text = answer.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
            text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
        };
        let (status, pagination, sort) = (answer.status().as_u16(), header("x-pagination"), header("x-sort"));
        let text = answer.text().await.unwrap();
        // Of both the places are written in one way.
        let text = text.replace(&self.root, "file://places");
        let mut body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{request:?}: no JSON: {text}"));
        plain(&mut body, sort.is_null());
        Answer { status, pagination, sort, body }
    }
}

/// Takes out what is never the same.
fn plain(value: &mut Value, is_unordered: bool) {
    match value {
        Value::Array(items) => {
            for it in items.iter_mut() {
                plain(it, is_unordered);
            }
            if is_unordered {
                items.sort_by_key(Value::to_string);
            }
        }
        Value::Object(fields) => {
            // So that what is put in order as text is so whatever the order of its fields.
            fields.sort_keys();
            for (name, value) in fields {
                let is_time = matches!(name.as_str(), "created_at" | "frozen_at" | "utc_timestamp");
                if (is_time && value.is_f64()) || name == "jwt_public_key" {
                    *value = "another".into();
                }
                plain(value, is_unordered || name == "tags");
                if name == "config_secrets_to_obfuscate"
                    && let Some(names) = value.as_array_mut()
                {
                    // Each time that an application is made in a process, its list of them grows by all of them.
                    names.dedup();
                }
            }
        }
        _ => {}
    }
}

/// A dataset to register, all of whose fields are told.
fn registration(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut dataset = json!({
        "uuid": "00000064-0000-4000-8000-000000000064", "base_uri": "{base1}", "uri": format!("{{base1}}/{name}"),
        "name": name, "type": "dataset", "readme": "project: parity\nowners: [{name: Ada}]\n",
        "manifest": { "dtoolcore_version": "3.19.0", "hash_function": "md5sum_hexdigest", "items": {
            "fdf5c75e2f84ae497b6113db59048403d7d909c4":
                { "hash": "00", "relpath": "a.txt", "size_in_bytes": 7, "utc_timestamp": 1_704_067_200.5 },
        } },
        "creator_username": "ada", "frozen_at": "1704067200.25", "created_at": "1704067200.125",
        "annotations": { "n": 1, "f": 1.5, "t": true, "none": null, "text": "it's \"it\"", "deep": [{ "a": "it's" }, null, false] },
        "tags": ["parity"], "number_of_items": 1, "size_in_bytes": 7,
    });
    change(&mut dataset);
    dataset
}

/// What both answer alike, in this order: some of it writes.
fn table() -> Vec<Request> {
    let mut table = vec![];
    // Who may ask.
    for path in ["/uris", "/me", "/config/info", "/mongo/query", "/readmes/{5}"] {
        let method = if path == "/mongo/query" { Method::POST } else { Method::GET };
        for says in [None, Some("Bearer"), Some("Bearer a b"), Some("Basic abc"), Some("Bearer abc"), Some("")] {
            table.push(Request { user: Says(says), method: method.clone(), path, body: None });
        }
        table.push(Request { user: Stranger, method, path, body: None });
    }
    table.extend([
        get(Says(None), "/config/versions"),
        get(Says(None), "/nothing"),
        get(Says(None), "/uris/"),
        get(Says(None), "/uris?page=0"),
        send(Test, Method::PATCH, "/uris", json!({})),
        delete(Test, "/me"),
        // Lists.
        get(Test, "/uris"),
        get(Test, "/uris?page=2&page_size=7"),
        get(Test, "/uris?page_size=100&sort=-name"),
        get(Test, "/uris?page_size=100&sort=creator_username,-uuid"),
        get(Test, "/uris?page_size=100&sort=base_uri,name,-base_uri"),
        get(Test, "/uris?sort=%2Bname,"),
        get(Test, "/uris?sort=+name"),
        get(Test, "/uris?sort=size_in_bytes,uri,x"),
        get(Test, "/uris?sort="),
        get(Test, "/uris?page=3"),
        get(Test, "/uris?page=99"),
        get(Test, "/uris?page=0"),
        get(Test, "/uris?page=a&page_size="),
        get(Test, "/uris?page_size=101&page=-1"),
        get(Test, "/uris?page=2&page=1"),
        get(Test, "/uris?unknown=1"),
        get(Nobody, "/uris"),
        get(Nobody, "/uris?page=2"),
        get(Nobody, "/uris?free_text=microscopy"),
        // Searches.
        get(Test, "/uris?free_text=microscopy&page=99"),
        get(Test, "/uris?free_text=microscopy&page_size=2&page=2&sort=-uri"),
        get(Test, "/uris?creator_usernames=ada&creator_usernames=grace&page_size=100"),
        get(Test, "/uris?creator_usernames=linus"),
        get(Test, "/uris?creator_usernames="),
        get(Test, "/uris?tags=even&tags=simulation"),
        get(Test, "/uris?tags=even&tags=odd"),
        get(Test, "/uris?base_uris={base2}"),
        get(Test, "/uris?base_uris={base2}&base_uris={base1}&page_size=100"),
        get(Test, "/uris?base_uris=s3://elsewhere"),
        get(Test, "/uris?uuids=x"),
        get(Test, "/uris?uuids=ffffffff-0000-4000-8000-000000000005"),
        post(Test, "/uris", json!({})),
        post(
            Test,
            "/uris?page_size=3",
            json!({ "free_text": "simulation", "tags": ["even"], "creator_usernames": ["ada", "emmy"] }),
        ),
        post(Test, "/uris", json!({ "foo": 1, "uuids": ["x"], "free_text": 5, "tags": [1, "a"], "base_uris": null })),
        post(Test, "/uris", json!({ "tags": "even" })),
        post(Test, "/uris", json!({ "tags": [], "free_text": "microscopy" })),
        post(Test, "/uris", json!([])),
        post(Test, "/uris", "{broken".into()),
        post(Test, "/uris", "null".into()),
        post(Test, "/uris", "".into()),
        post(Nobody, "/uris", json!({ "free_text": "microscopy" })),
        // One dataset, in all the ways that it can be written.
        get(Test, "/uris/{5}"),
        get(Admin, "/uris/{0}"),
        get(Test, "/uris/{5 as it is}"),
        get(Test, "/uris/{5 as a path}"),
        get(Test, "/readmes/{5 as a path}"),
        get(Test, "/uris/{5}/"),
        get(Test, "/uris/{5}?page=0"),
        get(Nobody, "/uris/{5}"),
        get(Test, "/uris/{base1}%2Fnone"),
        get(Test, "/uris/s3%3A%2F%2Felsewhere%2Fx"),
        get(Test, "/uris/x"),
        get(Test, "/uuids/00000005-0000-4000-8000-000000000005"),
        get(Test, "/uuids/00000005-0000-4000-8000-000000000005?page=2"),
        get(Test, "/uuids/x"),
        get(Test, "/uuids/x?sort=x"),
        get(Nobody, "/uuids/00000005-0000-4000-8000-000000000005"),
        // What describes it.
        get(Test, "/manifests/{7}"),
        get(Test, "/manifests/{base1}%2Fnone"),
        get(Test, "/manifests/s3%3A%2F%2Felsewhere%2Fx"),
        get(Test, "/annotations/{base1}%2Fnone"),
        get(Test, "/tags/{base1}%2Fnone"),
        get(Test, "/readmes/{base1}%2Fnone"),
        get(Nobody, "/annotations/{5}"),
    ]);
    for path in [
        "/readmes/{0}",
        "/readmes/{5}",
        "/readmes/{19}",
        "/manifests/{0}",
        "/manifests/{8}",
        "/manifests/{14}",
        "/tags/{0}",
        "/tags/{7}",
        "/annotations/{0}",
        "/annotations/{5}",
    ] {
        table.push(get(Test, path));
    }
    // Words.
    for path in [
        "/uris?free_text=micro",
        "/uris?free_text=simulate&page_size=100",
        "/uris?free_text=SIMULATIONS&page_size=100",
        "/uris?free_text=tribological&page_size=100",
        "/uris?free_text=sequence&page_size=100",
        "/uris?free_text=%22microscopy%20campaign%22&page_size=100",
        "/uris?free_text=%22microscopy%20campaign%22%20%22user5%40%22",
        "/uris?free_text=%22microscopy%20campaign&page_size=100",
        "/uris?free_text=microscopy%20-odd",
        "/uris?free_text=-odd",
        "/uris?free_text=microscopy%20-%22microscopy%20campaign%22",
        "/uris?free_text=even%20odd",
        "/uris?free_text=about",
        "/uris?free_text=",
        "/uris?free_text=%22",
        "/uris?free_text=Lovelace",
        "/uris?free_text=number%205&page_size=100",
        "/uris?free_text=item_0&page_size=100",
        "/uris?free_text=deep%20still",
        "/uris?free_text=creation",
        "/uris?free_text=run-05",
        "/uris?free_text=%22run-05%22",
        "/uris?free_text=user5%40example.org",
        "/uris?free_text=hexdigest",
        "/uris?free_text=00000005",
        "/uris?free_text=campaigns&page_size=100&sort=-frozen_at",
        "/uris?free_text=temperatures",
        "/uris?free_text=running&page_size=1",
        "/uris?free_text=%2B%20%26%20%3A",
        "/uris?free_text=Noether%20hopper&page_size=100",
        "/uris?free_text=%22Emmy%20Noether%22%20%22number%205%20about%22",
        "/uris?free_text=a%20the%20and",
        "/uris?free_text=still-deep",
        "/uris?free_text=still%20-%20deep",
    ] {
        table.push(get(Test, path));
    }
    // Summaries, users, base URIs.
    table.extend([
        get(Test, "/config/info"),
        get(Test, "/me"),
        get(Admin, "/me"),
        get(Nobody, "/me"),
        get(Test, "/me/summary"),
        get(Nobody, "/me/summary"),
        get(Admin, "/users"),
        get(Admin, "/users?sort=-is_admin,username&page_size=2"),
        get(Admin, "/users?sort=email"),
        get(Admin, "/users?page=2"),
        get(Test, "/users"),
        get(Test, "/users/testuser"),
        get(Test, "/users/nobody"),
        get(Admin, "/users/nobody"),
        get(Admin, "/users/none"),
        get(Test, "/users/none"),
        get(Admin, "/users/testuser/summary"),
        get(Test, "/users/admin/summary"),
        get(Admin, "/users/none/summary"),
        get(Admin, "/base-uris"),
        get(Admin, "/base-uris?sort=-base_uri&page_size=1"),
        get(Test, "/base-uris"),
        get(Admin, "/base-uris/{base1}"),
        get(Admin, "/base-uris/s3/none"),
        get(Test, "/base-uris/{base1}"),
    ]);
    // Direct queries.
    for query in [
        json!({}),
        json!({ "name": "microscopy-run-05" }),
        json!({ "readme.owners.name": "Ada Lovelace" }),
        json!({ "readme.temperature": { "$gt": 300, "$lte": 305 } }),
        json!({ "readme.creation_date": "2024-01-06" }),
        json!({ "readme.derived_from": { "$exists": false } }),
        json!({ "annotations.number": { "$in": [1, 2.0, "3"] } }),
        json!({ "annotations.nested.a": 2 }),
        json!({ "annotations.nested.b": null, "name": { "$lt": "microscopy-run-10" } }),
        json!({ "$or": [{ "tags": "even" }, { "creator_username": "ada" }] }),
        json!({ "$and": [{ "tags": { "$all": ["even", "simulation"] } }, { "size_in_bytes": { "$gte": 900 } }] }),
        json!({ "$nor": [{ "tags": "even" }, { "creator_username": "ada" }] }),
        json!({ "name": { "$regex": "^MICRO.*[13]$", "$options": "i" } }),
        json!({ "name": { "$not": { "$regex": "^micro" } }, "tags": "odd" }),
        json!({ "number_of_items": { "$ne": 1 }, "tags": { "$nin": ["odd"] } }),
        json!({ "tags": { "$size": 2 } }),
    ] {
        table.push(post(Test, "/mongo/query?page_size=100", json!({ "query": query })));
    }
    table.extend([
        post(Test, "/mongo/query?page_size=3&page=99", json!({})),
        post(Test, "/mongo/query?page=0", json!({})),
        post(
            Test,
            "/mongo/query?page_size=100",
            json!({ "tags": ["even"], "creator_usernames": ["ada"], "base_uris": ["{base1}"] }),
        ),
        post(Test, "/mongo/query", json!({ "base_uris": ["s3://elsewhere"] })),
        post(Test, "/mongo/query", json!({ "query": 5, "foo": 1, "uuids": ["x"], "tags": "a" })),
        post(Test, "/mongo/query", "{broken".into()),
        post(Nobody, "/mongo/query", json!({})),
        Request { user: Test, method: Method::GET, path: "/mongo/query", body: None },
        post(Nobody, "/mongo/aggregate", json!({})),
        post(Test, "/mongo/aggregate?page_size=100", json!({ "tags": ["odd"] })),
    ]);
    for pipeline in [
        json!([{ "$match": { "name": "microscopy-run-05" } }]),
        json!([{ "$group": { "_id": "$creator_username", "n": { "$sum": 1 }, "bytes": { "$sum": "$size_in_bytes" } } },
            { "$project": { "who": "$_id", "n": 1, "bytes": 1 } }, { "$sort": { "n": -1, "who": 1 } }]),
        json!([{ "$group": { "_id": null, "warmest": { "$max": "$readme.temperature" }, "mean": { "$avg": "$number_of_items" },
            "least": { "$min": "$name" } } }]),
        json!([{ "$unwind": "$tags" }, { "$group": { "_id": "$tags", "n": { "$sum": 1 } } }, { "$project": { "tag": "$_id", "n": 1 } }]),
        json!([{ "$match": { "tags": "even" } }, { "$count": "even" }]),
        json!([{ "$match": { "tags": "none" } }, { "$count": "none" }]),
        json!([{ "$sort": { "name": -1 } }, { "$skip": 2 }, { "$limit": 3 }, { "$project": { "name": 1, "readme.owners.name": 1 } }]),
        json!([{ "$sort": { "uuid": 1 } }, { "$limit": 2 }, { "$project": { "manifest": 0, "readme.owners.email": 0, "annotations": 0 } }]),
        json!([{ "$project": { "_id": 0, "owners": "$readme.owners.name", "half": "fixed", "of": { "kind": "$annotations.campaign" } } }]),
        json!([{ "$unset": ["readme", "manifest", "annotations", "tags"] }]),
    ] {
        table.push(post(Test, "/mongo/aggregate?page_size=100", json!({ "aggregation": pipeline })));
    }
    // Provenance.
    table.extend([
        get(Test, "/graph/uuids/00000005-0000-4000-8000-000000000005"),
        get(Test, "/graph/uuids/00000000-0000-4000-8000-000000000000?page=2&page_size=3"),
        get(Test, "/graph/uuids/00000005-0000-4000-8000-000000000005?page=99"),
        get(Test, "/graph/uuids/00000005-0000-4000-8000-000000000005?page=0"),
        get(Test, "/graph/uuids/x"),
        get(Test, "/graph/uuids/ffffffff-0000-4000-8000-000000000005"),
        get(Nobody, "/graph/uuids/00000005-0000-4000-8000-000000000005"),
        get(Stranger, "/graph/uuids/00000005-0000-4000-8000-000000000005"),
        post(
            Test,
            "/graph/uuids/00000005-0000-4000-8000-000000000005",
            json!({ "dependency_keys": ["readme.derived_from.uuid"] }),
        ),
        post(
            Test,
            "/graph/uuids/00000005-0000-4000-8000-000000000005",
            json!({ "dependency_keys": ["annotations.campaign"] }),
        ),
        post(
            Test,
            "/graph/uuids/00000005-0000-4000-8000-000000000005",
            json!({ "dependency_keys": ["annotations.none"] }),
        ),
        post(Test, "/graph/uuids/x", json!({ "dependency_keys": "a", "b": 1 })),
        // Notifications.
        post(Says(None), "/webhook/notify", json!({ "Records": [{ "eventName": "x", "s3": {} }] })),
        post(
            Says(None),
            "/webhook/notify/a/b",
            json!({ "Records": [{ "eventName": "s3:ObjectCreated:Put", "s3": {} }] }),
        ),
    ]);
    // What is written.
    table.extend([
        put(Test, "/uris/{base1}%2Fparity", registration("parity", |_| {})),
        get(Test, "/uris/{base1}%2Fparity"),
        get(Test, "/uris/{base1}%2Fparity?x=1"),
        get(Test, "/annotations/{base1}%2Fparity"),
        get(Test, "/manifests/{base1}%2Fparity"),
        get(Test, "/uris?free_text=parity"),
        post(Test, "/mongo/query", json!({ "query": { "readme.owners.name": "Ada", "name": "parity" } })),
        put(
            Test,
            "/uris/{base1}%2Fparity",
            registration("parity", |it| {
                it["tags"] = json!(["changed"]);
                it.as_object_mut().unwrap().remove("created_at");
            }),
        ),
        get(Test, "/uris/{base1}%2Fparity"),
        get(Test, "/tags/{base1}%2Fparity"),
        put(Nobody, "/uris/{base1}%2Fparity", registration("parity", |_| {})),
        put(Test, "/uris/{base1}%2Fother", registration("parity", |_| {})),
        put(Test, "/uris/{base1}%2Fparity", registration("parity", |it| it["type"] = "protodataset".into())),
        put(Test, "/uris/{base1}%2Fparity", registration("parity", |it| it["base_uri"] = "{base2}".into())),
        put(Test, "/uris/{base1}%2Fparity", registration("parity", |it| it["base_uri"] = "s3://elsewhere".into())),
        put(
            Test,
            "/uris/{base1}%2Fparity",
            registration("parity", |it| drop(it.as_object_mut().unwrap().remove("readme"))),
        ),
        put(Test, "/uris/{base1}%2Fparity", registration("parity", |it| it["frozen_at"] = 1.5.into())),
        put(
            Test,
            "/uris/{base1}%2Fparity",
            registration("parity", |it| {
                it["uuid"] = "x".into();
                it["size_in_bytes"] = "many".into();
                it["number_of_items"] = json!([]);
                it["annotations"] = json!([]);
                it["tags"] = json!([1, null]);
                it["manifest"] = json!({ "items": { "a": { "hash": 1, "x": 2 }, "b": [] }, "c": 1 });
                it["more"] = 1.into();
            }),
        ),
        delete(Nobody, "/uris/{base1}%2Fparity"),
        delete(Test, "/uris/{base2}%2Fparity"),
        delete(Test, "/uris/{base1}%2Fparity"),
        delete(Test, "/uris/{base1}%2Fparity"),
        get(Test, "/uris/{base1}%2Fparity"),
        put(Test, "/users/newcomer", json!({})),
        put(Admin, "/users/newcomer", json!({ "is_admin": "maybe", "username": 5, "email": "a@b" })),
        put(Admin, "/users/newcomer", json!({ "username": "x".repeat(65) })),
        put(Admin, "/users/newcomer", json!({ "is_admin": true })),
        get(Admin, "/users/newcomer"),
        put(Admin, "/users/newcomer", json!({ "is_admin": "no" })),
        get(Admin, "/users/newcomer"),
        put(Test, "/base-uris/s3/parity", json!({})),
        put(Admin, "/base-uris/s3/parity", json!({ "users_with_search_permissions": ["newcomer", "none"] })),
        put(Admin, "/base-uris/s3/parity", json!({ "users_with_search_permissions": "newcomer", "others": [] })),
        get(Admin, "/base-uris/s3%3A%2F%2Fparity"),
        get(Admin, "/users/newcomer"),
        put(Admin, "/base-uris/s3%3A%2F%2Fparity", json!({ "users_with_register_permissions": ["newcomer"] })),
        get(Admin, "/base-uris/s3/parity"),
        get(Admin, "/base-uris"),
        delete(Test, "/users/newcomer"),
        delete(Admin, "/users/newcomer"),
        delete(Admin, "/users/newcomer"),
        get(Admin, "/base-uris/s3/parity"),
        delete(Test, "/base-uris/s3/parity"),
        delete(Admin, "/base-uris/s3/parity"),
        delete(Admin, "/base-uris/s3/parity"),
        get(Admin, "/base-uris/s3/parity"),
    ]);
    table
}

#[tokio::test]
async fn the_sandbox_answers_as_a_real_dserver_does() {
    let Some(dserver) = Dserver::start(&whimbrel_tests::dserver::Options::default()) else { return };
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (real, ours) = (Server::real(&dserver).await, Server::sandbox(&sandbox).await);
    let table = table();
    let mut different = vec![];
    for request in &table {
        let (expected, got) = (real.ask(request).await, ours.ask(request).await);
        if expected != got {
            different.push(format!("{request:?}\n  real:    {expected:?}\n  sandbox: {got:?}"));
        }
    }
    assert!(different.is_empty(), "{} of {}:\n{}", different.len(), table.len(), different.join("\n"));
}

/// Where the sandbox does not do as the released server does.
struct Difference {
    why: &'static str,
    /// What both are asked before; it is not compared.
    first: Vec<Request>,
    asked: Request,
    /// Statuses: the real server's, and the sandbox's.
    answers: (u16, u16),
}

/// In this order: the last one breaks the real server.
fn differences() -> Vec<Difference> {
    let difference = |why, first: Vec<Request>, asked, answers| Difference { why, first, asked, answers };
    let graph = "/graph/uuids/00000005-0000-4000-8000-000000000005";
    let unsized_dataset = registration("unsized", |it| {
        it["uuid"] = "00000066-0000-4000-8000-000000000066".into();
        it.as_object_mut().unwrap().remove("size_in_bytes");
    });
    vec![
        // Mistakes there, which the sandbox does not repeat.
        difference(
            "a search by UUIDs compares them as MongoDB's own type with text, and finds nothing that was indexed at the server",
            vec![],
            get(Test, "/uris?uuids=00000005-0000-4000-8000-000000000005"),
            (200, 200),
        ),
        difference(
            "a dataset that is deleted lives on in MongoDB: readmes, manifests, tags, annotations and searches still have it",
            vec![
                put(Test, "/uris/{base1}%2Fghost", registration("ghost", |_| {})),
                delete(Test, "/uris/{base1}%2Fghost"),
            ],
            get(Test, "/readmes/{base1}%2Fghost"),
            (200, 404),
        ),
        difference("a search finds it, too", vec![], get(Test, "/uris?free_text=ghost"), (200, 200)),
        difference(
            "a user that is registered again is no administrator any more, unless that is told again",
            vec![put(Admin, "/users/second", json!({ "is_admin": true })), put(Admin, "/users/second", json!({}))],
            get(Admin, "/users/second"),
            (200, 200),
        ),
        difference("a graph by no keys of one's own fails", vec![], post(Test, graph, json!({})), (500, 200)),
        difference(
            "a graph by keys that can be none fails",
            vec![],
            post(Test, graph, json!({ "dependency_keys": ["a$"] })),
            (500, 400),
        ),
        difference(
            "a graph does not know a dataset that was registered over the API, whose UUID is of MongoDB's own type",
            vec![put(Test, "/uris/{base1}%2Fparity", registration("parity", |_| {}))],
            get(Test, "/graph/uuids/00000064-0000-4000-8000-000000000064"),
            (200, 200),
        ),
        difference(
            "a dataset without a base URI fails",
            vec![],
            put(
                Test,
                "/uris/{base1}%2Fparity",
                registration("parity", |it| drop(it.as_object_mut().unwrap().remove("base_uri"))),
            ),
            (500, 400),
        ),
        difference(
            "a dataset whose time is no number fails",
            vec![],
            put(Test, "/uris/{base1}%2Fparity", registration("parity", |it| it["frozen_at"] = "2026-11-21".into())),
            (500, 400),
        ),
        difference(
            "a base URI with datasets can't be deleted, and that fails",
            vec![],
            delete(Admin, "/base-uris/{base2}"),
            (500, 409),
        ),
        difference(
            "a notification of nothing fails",
            vec![],
            post(Says(None), "/webhook/notify", json!({})),
            (500, 400),
        ),
        // What the sandbox has no database for, and says so.
        difference(
            "an operator that there is none of fails; the sandbox knows but a few",
            vec![],
            post(Test, "/mongo/query", json!({ "query": { "name": { "$foo": 1 } } })),
            (500, 501),
        ),
        difference(
            "times are dates in MongoDB and numbers in the sandbox, so it does not compare them",
            vec![],
            post(Test, "/mongo/query", json!({ "query": { "frozen_at": { "$gt": 0 } } })),
            (200, 501),
        ),
        difference(
            "the sandbox knows the commonest stages of aggregations only",
            vec![],
            post(Test, "/mongo/aggregate", json!({ "aggregation": [{ "$sortByCount": "$creator_username" }] })),
            (200, 501),
        ),
        difference(
            "the collection of direct queries has no index of texts; the sandbox needs none",
            vec![],
            post(Test, "/mongo/query", json!({ "query": { "$text": { "$search": "microscopy" } } })),
            (500, 200),
        ),
        difference(
            "letters lose their accents in MongoDB's index, and keep them in the sandbox's",
            vec![put(
                Test,
                "/uris/{base1}%2Faccents",
                registration("accents", |it| it["readme"] = "made in Zürich".into()),
            )],
            get(Test, "/uris?free_text=zurich"),
            (200, 200),
        ),
        // The last: nobody who sees that dataset has a summary any more.
        difference(
            "one dataset without a size breaks all summaries",
            vec![put(Test, "/uris/{base1}%2Funsized", unsized_dataset)],
            get(Test, "/me/summary"),
            (500, 200),
        ),
    ]
}

/// The day that one of them fails, the server is mended: the sandbox is right without it then.
#[tokio::test]
async fn the_known_differences_are_still_there() {
    let Some(dserver) = Dserver::start(&whimbrel_tests::dserver::Options::default()) else { return };
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (real, ours) = (Server::real(&dserver).await, Server::sandbox(&sandbox).await);
    let mut wrong = vec![];
    for Difference { why, first, asked, answers } in differences() {
        for request in &first {
            let both = (real.ask(request).await, ours.ask(request).await);
            assert!(both.0.status < 300 && both.1.status < 300, "{request:?}: {both:?}");
        }
        let (theirs, got) = (real.ask(&asked).await, ours.ask(&asked).await);
        if theirs == got || (theirs.status, got.status) != answers {
            wrong.push(format!("{why}: {asked:?}\n  real:    {theirs:?}\n  sandbox: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
