//! DataSift, asked by a plain HTTP client: it must answer as the real service was recorded to answer, oddities among it.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use whimbrel_sandbox::{
    Datasift, FaultPlan, Options, Sandbox,
    datasift::{self, CreditsRefusal},
};

async fn started(options: datasift::Options) -> Sandbox {
    Sandbox::start(Options { datasift: options, ..Options::default() }).await.unwrap()
}

/// Who asks, in what way.
struct Asker<'s> {
    datasift: &'s Datasift,
    authorization: String,
    version: &'static str,
    http: Client,
}

impl<'s> Asker<'s> {
    fn new(sandbox: &'s Sandbox) -> Self {
        let datasift = sandbox.datasift();
        let authorization = format!("{}:{}", datasift.user(), datasift.key());
        Self { datasift, authorization, version: "v1.6", http: Client::new() }
    }

    fn by_identity(sandbox: &'s Sandbox) -> Self {
        let new = Self::new(sandbox);
        let authorization = format!("{}:{}", new.datasift.user(), new.datasift.identity_key());
        Self { authorization, ..new }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let url = format!("{}/{}/{path}", self.datasift.url(), self.version);
        let mut request = self.http.request(method, url).header("Authorization", &self.authorization);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        told(self.ask(Method::GET, path, None).await).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        told(self.ask(Method::POST, path, Some(body)).await).await
    }
}

async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("-", |it| it.to_str().unwrap())
}

const CSDL: &str = r#"interaction.content contains "mud""#;

#[tokio::test]
async fn who_is_not_known_by_the_very_name_and_key_is_refused() {
    let sandbox = started(datasift::Options::default()).await;
    let (datasift, http) = (sandbox.datasift(), Client::new());
    let url = format!("{}/v1/balance", datasift.url());
    let (user, key) = (datasift.user(), datasift.key());
    for (header, value, status) in [
        ("Authorization", format!("{user}:{key}"), 200),
        ("Auth", format!("{user}:{key}"), 200),
        ("Authorization", format!("{user}:{}", datasift.identity_key()), 200),
        ("Authorization", format!("{}:{key}", user.to_uppercase()), 401),
        ("Authorization", format!("{user}:{}", key.to_uppercase()), 401),
        ("Authorization", format!("Bearer {user}:{key}"), 401),
        ("Authorization", user.to_owned(), 401),
        ("X-Nothing", String::new(), 401),
    ] {
        let answer = http.get(&url).header(header, &value).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{header}: {value}");
        let is_envelope = answer.json::<Value>().await.unwrap()["error"].is_string();
        assert_eq!(is_envelope, status == 401);
    }
}

#[tokio::test]
async fn a_stream_is_called_by_the_same_hash_each_time_and_its_dpu_is_text() {
    let sandbox = started(datasift::Options::default()).await;
    let asker = Asker::new(&sandbox);
    let (status, compiled) = asker.post("compile", json!({ "csdl": CSDL })).await;
    assert_eq!(status, 200);
    let hash = compiled["hash"].as_str().unwrap();
    assert!(hash.len() == 32 && hash.bytes().all(|it| it.is_ascii_hexdigit()));
    assert_eq!(compiled["dpu"], "0.1");
    let date = compiled["created_at"].as_str().unwrap();
    assert!(date.len() == 19 && &date[4..5] == "-" && &date[10..11] == " ", "{date}");
    assert_eq!(asker.post("compile", json!({ "csdl": CSDL })).await.1, compiled);
    assert_eq!(sandbox.datasift().compile(CSDL).unwrap(), hash);

    let (status, refused) = asker.post("validate", json!({ "csdl": "interaction.content nasdaq \"x\"" })).await;
    let text = refused["error"].as_str().unwrap();
    assert_eq!(status, 400);
    let begins =
        "We are unable to parse this stream. At line 1 position 21 we were expecting one of: an operator that can act";
    assert!(text.starts_with(begins), "{text}");
    assert_eq!(asker.post("validate", json!({ "csdl": "" })).await.0, 400);
    assert_eq!(asker.post("validate", json!({})).await, (400, json!({ "error": "Missing param 'csdl'" })));
}

#[tokio::test]
async fn json_forms_and_queries_say_the_same() {
    let sandbox = started(datasift::Options::default()).await;
    let asker = Asker::new(&sandbox);
    let query = asker.get(&format!("validate?csdl={}", "interaction.content%20exists")).await;
    let form = asker.http.post(format!("{}/v1.6/validate", asker.datasift.url()));
    let form = form.header("Authorization", &asker.authorization);
    let form = form.header("Content-Type", "application/x-www-form-urlencoded").body("csdl=interaction.content+exists");
    assert_eq!((query.0, told(form.send().await.unwrap()).await.0), (200, 200));
    let nested = asker.http.post(format!("{}/v1.6/push/create", asker.datasift.url()));
    let nested = nested.header("Auth", &asker.authorization);
    let body = format!("name=n&hash={}&output_type=http&output_params.method=post", asker.datasift.stream());
    let nested = nested.header("Content-Type", "application/x-www-form-urlencoded").body(body);
    assert_eq!(told(nested.send().await.unwrap()).await.1["output_params"], json!({ "method": "post" }));
    let broken = asker.http.post(format!("{}/v1.6/validate", asker.datasift.url()));
    let broken = broken.header("Authorization", &asker.authorization).body("{csdl");
    assert_eq!(told(broken.send().await.unwrap()).await.0, 400);
}

#[tokio::test]
async fn each_operation_of_the_document_is_reached() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let document: Value = serde_json::from_str(openapi::DATASIFT).unwrap();
    let mut reached = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.trim_start_matches('/').replace("{service}", "facebook").replace("{type}", "analysis");
            let path = path.split('/').map(|it| if it.starts_with('{') { "nobody" } else { it }).collect::<Vec<_>>();
            let path = path.join("/");
            let answer = match path.as_str() {
                "nobody" => {
                    let url = format!("{}/{}", asker.datasift.url(), asker.datasift.source());
                    let request = asker.http.post(url).header("Authorization", &asker.authorization);
                    told(request.body("{}").send().await.unwrap()).await
                }
                path => told(asker.ask(method.clone(), path, None).await).await,
            };
            assert!(answer.0 != 405 && answer.1["error"] != "Endpoint not found", "{method} {path}: {answer:?}");
            reached += 1;
        }
    }
    assert_eq!(sandbox.datasift().report().by_operation.get("unknown"), None);
    assert_eq!(reached, sandbox.datasift().report().by_operation.len());
}

#[tokio::test]
async fn the_verbs_that_clients_were_seen_to_use_are_taken() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    for (verbs, path) in [
        ("GET POST", "usage"),
        ("GET POST", "dpu"),
        ("GET POST", "balance"),
        ("GET POST", "stream"),
        ("GET", "pull"),
        ("POST PUT", "historics/pause"),
        ("POST PUT", "historics/resume"),
        ("POST DELETE", "historics/delete"),
        ("GET POST", "preview/get"),
        ("POST PUT", "push/pause"),
        ("POST PUT", "push/resume"),
        ("POST PUT", "push/stop"),
        ("POST PUT", "push/update"),
        ("POST PUT DELETE", "push/delete"),
        ("GET POST DELETE", "source/delete"),
        ("GET POST", "source/log"),
        ("GET POST", "source/get"),
        ("POST PUT", "source/resource/add"),
        ("POST PUT", "source/resource/remove"),
        ("POST PUT", "source/auth/add"),
        ("POST PUT", "source/auth/remove"),
        ("POST PUT", "pylon/facebook/start"),
        ("POST PUT", "pylon/facebook/stop"),
        ("POST PUT", "pylon/start"),
        ("POST PUT", "pylon/stop"),
        ("GET POST", "pylon/facebook/sample"),
        ("POST", "pylon/facebook/compile"),
    ] {
        for verb in verbs.split(' ').filter(|verb| (*verb, path) != ("GET", "source/delete")) {
            let method = Method::from_bytes(verb.as_bytes()).unwrap();
            let (status, answer) = told(asker.ask(method, path, None).await).await;
            assert!(status != 405 && answer["error"] != "Endpoint not found", "{verb} {path}: {status} {answer}");
        }
    }
    assert_eq!(asker.ask(Method::PATCH, "usage", None).await.status(), 405);
    assert_eq!(asker.get("nowhere").await, (404, json!({ "error": "Endpoint not found" })));
    for version in ["v1", "v1.0", "v1.5", "v1.6"] {
        let asker = Asker { version, ..Asker::new(&sandbox) };
        assert_eq!(asker.get("balance").await.0, 200, "{version}");
    }
    assert_eq!(Asker { version: "v2", ..Asker::new(&sandbox) }.get("balance").await.0, 404);
}

#[tokio::test]
async fn calls_cost_credits_and_who_has_none_is_told_so_in_numbers() {
    let sandbox = started(datasift::Options { credits: 31, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let paid = asker.ask(Method::GET, "usage", None).await;
    let names = ["limit", "remaining", "cost"].map(|it| header(&paid, &format!("x-ratelimit-{it}")).to_owned());
    assert_eq!(names, ["31", "6", "25"]);
    let (reset, ttl): (i64, i64) =
        (header(&paid, "x-ratelimit-reset").parse().unwrap(), header(&paid, "x-ratelimit-reset-ttl").parse().unwrap());
    assert!(reset > 1_700_000_000 && (1..=3600).contains(&ttl));
    assert_eq!(asker.get("push/get").await.0, 200);
    let refused = asker.ask(Method::GET, "balance", None).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "x-ratelimit-cost")), (403, "25"));
    assert_eq!(header(&refused, "x-ratelimit-remaining"), "5", "less than it costs, and not taken");
    assert!(told(refused).await.1["error"].is_string());
    assert_eq!(sandbox.datasift().credits_left(), 5);

    // The same status, and another matter.
    sandbox.datasift().set_credits(31);
    let body = json!({ "subscription_id": "x", "name": "n", "parameters": {} });
    let forbidden = asker.ask(Method::POST, "pylon/facebook/task", Some(body)).await;
    assert_eq!((forbidden.status().as_u16(), header(&forbidden, "x-ratelimit-remaining")), (403, "6"));
    sandbox.datasift().set_credits(100);
    let (_, answer) = asker.get("pylon/facebook/task/analysis").await;
    assert_eq!(answer["error"], "You must use an account identity to access this endpoint");

    let options = datasift::Options { credits: 0, limited: CreditsRefusal::TooMany, ..Default::default() };
    let sandbox = started(options).await;
    assert_eq!(Asker::new(&sandbox).get("balance").await.0, 429);
}

#[tokio::test]
async fn names_of_headers_are_written_as_the_service_wrote_them() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let sandbox = started(datasift::Options::default()).await;
    let datasift = sandbox.datasift();
    let place = datasift.url().strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(place).await.unwrap();
    let request = format!(
        "GET /v1.6/balance HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {}:{}\r\n\r\n",
        datasift.user(),
        datasift.key()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    for name in ["X-Ratelimit-Limit:", "X-Ratelimit-Reset-Ttl:", "X-Api-Version:"] {
        assert!(answer.contains(name), "{answer}");
    }
}

#[tokio::test]
async fn types_change_as_they_were_seen_to_change() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let hash = asker.datasift.stream();
    // A number here, text where it was compiled, and nothing for a job.
    assert!(asker.get(&format!("dpu?hash={hash}")).await.1["dpu"].is_f64());
    let (_, jobs) = asker.get("historics/get?max=1").await;
    assert_eq!((&jobs["count"], jobs["data"].as_array().unwrap().len()), (&json!(2), 1));
    let job = jobs["data"][0]["id"].as_str().unwrap();
    assert_eq!(asker.get(&format!("dpu?historics_id={job}")).await.1["dpu"], Value::Null);
    let (status, refused) = asker.get("dpu?hash=ffff").await;
    assert_eq!((status, &refused["error"]), (400, &json!("Unable to get DPU [400]")));
    assert!(refused["original_error"].is_string());

    // Dates: RFC 2822, an epoch, digits, and the one of `compile`.
    let (_, usage) = asker.get("usage?period=day").await;
    assert!(usage["start"].as_str().unwrap().contains(", ") && usage["end"].as_str().unwrap().ends_with("+0000"));
    assert!(jobs["data"][0]["created_at"].is_i64());
    let first = Asker { version: "v1", ..Asker::new(&sandbox) };
    let (_, compiled) = first.post("pylon/compile", json!({ "csdl": CSDL })).await;
    assert!(compiled["created_at"].as_str().unwrap().parse::<i64>().is_ok());
    let (_, spans) = asker.get("historics/status?start=1&end=2&sources=a,b").await;
    assert_eq!((&spans[0]["start"], &spans[0]["end"]), (&json!("1"), &json!(2)));
    assert_eq!(spans[0]["sources"].as_object().unwrap().len(), 2);

    // An empty list where an object is expected.
    let licenses: Vec<&Value> = usage["streams"].as_object().unwrap().values().map(|it| &it["licenses"]).collect();
    assert!(licenses.contains(&&json!([])) && licenses.iter().any(|it| it.is_object()), "{licenses:?}");
    assert_eq!(asker.get("source/get").await.1["sources"][0]["parameters"], json!([]));

    // One object where a list is usual, and no envelope in the first version.
    let one = asker.get(&format!("historics/get?id={job}&with_estimate=1")).await.1;
    assert!(one["id"].as_str() == Some(job) && one["estimated_completion"].is_i64());
    let push = asker.get("push/get").await.1;
    assert!(push["subscriptions"].is_array() && push.get("pages").is_none());
    let id = push["subscriptions"][0]["id"].as_str().unwrap();
    assert_eq!(asker.get(&format!("push/get?id={id}")).await.1["id"], id);
    let recordings = asker.get("pylon/facebook/get").await.1;
    assert_eq!((&recordings["count"], &recordings["pages"]), (&json!(1), &json!(1)));
    assert!(first.get("pylon/get").await.1.is_array());
    // Numbers in text, and none.
    let queries = async |service| {
        let path = format!("account/identity/limit/{service}");
        asker.get(&path).await.1["limits"][0]["analyze_queries"].clone()
    };
    assert_eq!((queries("facebook").await, queries("linkedin").await), (json!("500"), Value::Null));
}

#[tokio::test]
async fn errors_are_told_in_the_recorded_words() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let (asker, identity) = (Asker::new(&sandbox), Asker::by_identity(&sandbox));
    let hash = asker.datasift.stream();
    let identities = asker.get("account/identity").await.1;
    let id = identities["identities"][0]["id"].as_str().unwrap();
    for (method, path, body, status, text) in [
        ("DELETE", "historics/delete?id=abc".to_owned(), json!({}), 404, "No historics found with the ID abc "),
        ("GET", "historics/get?id=abc".to_owned(), json!({}), 404, "No historic found with the ID abc "),
        ("DELETE", "source/delete?id=abc".to_owned(), json!({}), 404, "Source instance not found"),
        ("GET", "source/get?id=abc".to_owned(), json!({}), 404, "Could not find the specified source instance \"abc\""),
        (
            "GET",
            "account/usage?period=x".to_owned(),
            json!({}),
            400,
            "period is invalid; valid values are: hourly,daily,monthly",
        ),
        ("GET", "account/identity/abc".to_owned(), json!({}), 404, "Identity not found"),
        ("DELETE", format!("account/identity/{id}"), json!({}), 404, "Deletion of Identities is currently unavailable"),
        ("GET", "account/identity/abc/limit/facebook".to_owned(), json!({}), 400, "identity_id must be a valid hash"),
        (
            "POST",
            format!("account/identity/{id}/limit"),
            json!({ "service": "x" }),
            400,
            "service is invalid; valid values are: facebook,linkedin",
        ),
        ("PUT", "pylon/start".to_owned(), json!({ "hash": "x", "name": "n" }), 400, "hash must be a valid hash"),
        ("PUT", "pylon/start".to_owned(), json!({ "hash": hash }), 400, "Missing param 'name'"),
        ("GET", format!("pylon/facebook/get?id={}", "0".repeat(40)), json!({}), 404, "Subscription not found"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = told(asker.ask(method, &path, Some(body)).await).await;
        assert_eq!(answer, (status, json!({ "error": text })), "{path}");
    }
    let label = json!({ "label": "field station" });
    assert_eq!(asker.post("account/identity", label).await.0, 409);
    let recording = identity.get("pylon/facebook/get").await.1["subscriptions"][0]["id"].clone();
    let stop = json!({ "id": recording });
    assert_eq!(identity.post("pylon/facebook/stop", stop.clone()).await.0, 204);
    let twice = identity.post("pylon/facebook/stop", stop).await;
    assert_eq!(twice, (409, json!({ "error": "Subscription not running" })));
}

#[tokio::test]
async fn a_job_is_prepared_started_paused_resumed_and_stopped() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let hash = asker.datasift.stream();
    let body = json!({ "hash": hash, "start": 1000, "end": 2000, "name": "job", "sources": "a,b" });
    let (status, prepared) = asker.post("historics/prepare", body.clone()).await;
    assert_eq!((status, &prepared["dpus"], prepared["id"].as_str().unwrap().len()), (202, &Value::Null, 20));
    let id = json!({ "id": prepared["id"] });
    let path = format!("historics/get?id={}", prepared["id"].as_str().unwrap());
    let subscribed = json!({ "name": "p", "historics_id": prepared["id"], "output_type": "pull" });
    let (_, subscribed) = asker.post("push/create", subscribed).await;
    for (verb, turn, status) in
        [(Method::POST, "start", "running"), (Method::PUT, "pause", "paused"), (Method::PUT, "resume", "succeeded")]
    {
        let answer = asker.ask(verb, &format!("historics/{turn}"), Some(id.clone())).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (204, "text/html"), "{turn}");
        assert_eq!(answer.text().await.unwrap(), "");
        assert_eq!(asker.get(&path).await.1["status"], status, "{turn}");
    }
    let pulled = asker.get(&format!("pull?id={}", subscribed["id"].as_str().unwrap())).await;
    assert_eq!(pulled.1.as_str().unwrap().lines().count(), 3, "what the job found");
    let (_, other) = asker.post("historics/prepare", body).await;
    assert_eq!(asker.post("historics/stop", json!({ "id": other["id"], "reason": "" })).await.0, 204);
    assert_eq!(asker.post("historics/pause", json!({ "id": other["id"] })).await.0, 409);
    assert_eq!(asker.ask(Method::DELETE, "historics/delete", Some(json!({ "id": other["id"] }))).await.status(), 204);

    let parameters = "interaction.content,freqDist,5;interaction.id,targetVol,hour";
    let preview = json!({ "hash": hash, "start": 1000, "sources": "a", "parameters": parameters });
    let (status, preview) = asker.post("preview/create", preview).await;
    assert_eq!(status, 202);
    let path = format!("preview/get?id={}", preview["id"].as_str().unwrap());
    let (queued, done) = (asker.get(&path).await, asker.get(&path).await);
    assert_eq!((queued.0, &queued.1["status"], done.0), (202, &json!("queued"), 200));
    assert_eq!(done.1["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_queue_is_pulled_by_cursors_and_an_empty_one_is_204_without_costs() {
    let sandbox = started(datasift::Options::default()).await;
    let asker = Asker::new(&sandbox);
    let hash = asker.datasift.compile(CSDL).unwrap();
    let body = json!({ "name": "p", "hash": hash, "output_type": "pull", "output_params": { "format": "json_meta" } });
    let (_, created) = asker.post("push/create", body).await;
    assert_eq!((&created["status"], &created["hash_type"]), (&json!("active"), &json!("stream")));
    let path = format!("pull?id={}", created["id"].as_str().unwrap());
    let nothing = asker.ask(Method::GET, &path, None).await;
    assert_eq!((nothing.status().as_u16(), header(&nothing, "content-type")), (204, "application/json"));
    assert_ne!(header(&nothing, "x-datasift-cursor-current"), "-");
    assert_eq!((header(&nothing, "x-ratelimit-limit"), header(&nothing, "x-datasift-cursor-next")), ("-", "-"));

    for n in 0..5 {
        asker.datasift.interact(&hash, &json!({ "interaction": { "id": n, "content": "x".repeat(90) } }));
    }
    let first = asker.ask(Method::GET, &format!("{path}&size=300"), None).await;
    let (current, next) = (header(&first, "x-datasift-cursor-current"), header(&first, "x-datasift-cursor-next"));
    let (current, next) = (current.to_owned(), next.to_owned());
    assert!(header(&first, "x-datasift-bytes-remaining").parse::<u64>().unwrap() > 250);
    let ids = |answer: &Value| -> Vec<i64> {
        let list = answer["interactions"].as_array().unwrap();
        list.iter().map(|it| it["interaction"]["id"].as_i64().unwrap()).collect()
    };
    let first = told(first).await.1;
    assert_eq!((ids(&first), &first["count"]), (vec![0, 1], &json!(2)));
    assert_eq!(ids(&asker.get(&path).await.1), [2, 3, 4], "it goes on");
    assert_eq!(ids(&asker.get(&format!("{path}&cursor={next}")).await.1), [2, 3, 4]);
    assert_eq!(ids(&asker.get(&format!("{path}&cursor={current}&size=1")).await.1), [0]);
    assert_eq!(asker.get(&format!("{path}&cursor=abc")).await.0, 400);
    assert_eq!(asker.get("pull?id=nobody").await.0, 404);
    assert_eq!(sandbox.datasift().credits_left(), 10_000 - 5);
    let (_, log) = asker.get("push/log").await;
    assert!(log["success"] == true && log["log_entries"].is_array() && log["count"].is_i64());
}

#[tokio::test]
async fn sources_take_lists_as_json_and_as_text() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let resources = r#"[{"parameters":{"url":"http://example.org"}}]"#;
    let body = json!({ "source_type": "facebook_page", "name": "s", "resources": resources,
                       "auth": [{ "parameters": { "value": "t" } }] });
    let (status, source) = asker.post("source/create", body).await;
    assert_eq!((status, &source["auth"][0]["expires_at"]), (201, &Value::Null));
    let (id, resource) = (&source["id"], &source["resources"][0]["resource_id"]);
    let auth = &source["auth"][0]["identity_id"];
    let more = json!({ "id": id, "resources": [{ "parameters": {} }] });
    assert_eq!(asker.post("source/resource/add", more).await.1["resources"].as_array().unwrap().len(), 2);
    let less = asker.post("source/resource/remove", json!({ "id": id, "resource_ids": [resource] })).await.1;
    assert_eq!(less["resources"].as_array().unwrap().len(), 1);
    let none = asker.post("source/auth/remove", json!({ "id": id, "auth_ids": [auth] })).await.1;
    assert_eq!(none["auth"], json!([]));
    assert_eq!(asker.post("source/start", json!({ "id": id })).await.1["status"], "active");
    let renamed = json!({ "id": id, "source_type": "facebook_page", "name": "other", "parameters": { "likes": true } });
    assert_eq!(asker.post("source/update", renamed).await.0, 202);
    let one = asker.get(&format!("source/get?id={}", id.as_str().unwrap())).await.1;
    assert_eq!((&one["name"], &one["parameters"]), (&json!("other"), &json!({ "likes": true })));
    let path = format!("source/delete?id={}", id.as_str().unwrap());
    assert_eq!(asker.ask(Method::DELETE, &path, None).await.status(), 204);
}

#[tokio::test]
async fn identities_have_keys_tokens_and_limits() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let (status, identity) = asker.post("account/identity", json!({ "label": "x", "master": false })).await;
    let path = format!("account/identity/{}", identity["id"].as_str().unwrap());
    assert_eq!((status, &identity["status"], &identity["expires_at"]), (201, &json!("active"), &Value::Null));
    let put = async |path: &str, body| told(asker.ask(Method::PUT, path, Some(body)).await).await;
    let key = identity["api_key"].as_str().unwrap();
    let own = Asker { authorization: format!("ada:{key}"), ..Asker::new(&sandbox) };
    assert_eq!(own.get("balance").await.0, 200);
    assert_eq!(put(&path, json!({ "status": "disabled" })).await.1["status"], "disabled");
    assert_eq!(own.get("balance").await.0, 401);

    let token = json!({ "service": "facebook", "token": "t" });
    assert_eq!(asker.post(&format!("{path}/token"), token).await.0, 201);
    assert_eq!(put(&format!("{path}/token/facebook"), json!({ "token": "u" })).await.1["token"], "u");
    assert_eq!(asker.get(&format!("{path}/token")).await.1["tokens"][0]["token"], "u");
    assert_eq!(asker.ask(Method::DELETE, &format!("{path}/token/facebook"), None).await.status(), 204);
    assert_eq!(asker.get(&format!("{path}/token/facebook")).await.0, 404);

    let (status, limit) =
        asker.post(&format!("{path}/limit"), json!({ "service": "linkedin", "total_allowance": 0 })).await;
    assert_eq!((status, &limit["total_allowance"], &limit["id"]), (201, &json!(0), &identity["id"]));
    let (status, limit) = put(&format!("{path}/limit/linkedin"), json!({ "analyze_queries": 7 })).await;
    assert_eq!((status, &limit["analyze_queries"]), (200, &json!(7)));
    assert_eq!(asker.ask(Method::DELETE, &format!("{path}/limit/linkedin"), None).await.status(), 204);
    let (_, page) = asker.get("account/identity?per_page=1&page=2").await;
    assert_eq!((&page["count"], &page["pages"], &page["page"]), (&json!(2), &json!(2), &json!(2)));
    assert_eq!(page["identities"][0]["label"], "x");
}

#[tokio::test]
async fn recordings_are_analysed_and_tasks_tell_of_their_queue() {
    let sandbox = started(datasift::Options { credits: 1_000_000, ..Default::default() }).await;
    let asker = Asker::by_identity(&sandbox);
    let hash = asker.datasift.compile(CSDL).unwrap();
    let (status, started) = asker.post("pylon/facebook/start", json!({ "hash": hash, "name": "r" })).await;
    assert_eq!((status, started["id"].as_str().unwrap().len()), (200, 40));
    let older = Asker { version: "v1.2", ..Asker::by_identity(&sandbox) };
    let again = json!({ "hash": hash, "name": "r2" });
    assert_eq!(older.ask(Method::PUT, "pylon/start", Some(again)).await.status(), 204);
    asker.datasift.interact(&hash, &json!({ "interaction": { "id": "1" } }));
    let id = started["id"].as_str().unwrap();
    assert_eq!(asker.get(&format!("pylon/facebook/get?id={id}")).await.1["volume"], 1);
    let (_, sample) = asker.get(&format!("pylon/facebook/sample?id={id}")).await;
    assert!(sample["interactions"][0]["interaction"]["id"] == "1" && sample["reset_at"].is_i64());
    let analysis = json!({ "analysis_type": "freqDist", "parameters": { "threshold": 2, "target": "fb.type" },
                           "child": { "analysis_type": "timeSeries", "parameters": { "interval": "hour", "span": 1 } } });
    let (_, analysed) = asker.post("pylon/facebook/analyze", json!({ "id": id, "parameters": analysis })).await;
    let results = analysed["analysis"]["results"].as_array().unwrap();
    assert!(results.len() == 2 && results[0]["child"]["results"].is_array(), "{analysed}");
    assert!(asker.get(&format!("pylon/facebook/tags?id={id}")).await.1[0].is_string());
    assert_eq!(asker.get("pylon/linkedin/reference").await.1["data"][0]["slug"], "countries");
    assert_eq!(asker.get("pylon/linkedin/reference/countries").await.1["count"], 3);

    let body =
        json!({ "subscription_id": id, "name": "t", "type": "analysis", "parameters": { "parameters": analysis } });
    let created = asker.ask(Method::POST, "pylon/facebook/task", Some(body)).await;
    assert_eq!(created.status(), 202);
    assert_eq!(header(&created, "x-analysis-tasks-queued"), "1");
    assert_eq!(header(&created, "x-analysis-tasks-queue-limit"), "10");
    let path = format!("pylon/facebook/task/analysis/{}", told(created).await.1["id"].as_str().unwrap());
    let mut seen = vec![];
    for _ in 0..3 {
        seen.push(asker.get(&path).await.1);
    }
    let statuses: Vec<_> = seen.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["queued", "running", "completed"]);
    assert!(seen[0]["result"].is_null() && seen[2]["result"]["analysis"].is_object());
    let all = [asker.get("pylon/facebook/task").await, asker.get("pylon/facebook/task/analysis").await];
    assert!(all.iter().all(|(status, it)| *status == 200 && it["count"] == 2));
}

#[tokio::test]
async fn a_batch_is_counted_or_refused_and_the_hosts_headers_exchange_their_meanings() {
    let sandbox = started(datasift::Options { ingestions: 4, ..Default::default() }).await;
    let asker = Asker::new(&sandbox);
    let send = async |source: &str, body: &str| {
        let request = asker.http.post(format!("{}/{source}", asker.datasift.url())).body(body.to_owned());
        request.header("Authorization", &asker.authorization).send().await.unwrap()
    };
    let source = asker.datasift.source();
    let taken = send(source, "{\"a\":1}\r\n{\"a\":2}").await;
    assert_eq!(header(&taken, "x-ingestion-request-ratelimit-remaining"), "3");
    for kind in ["data", "request"] {
        let of = |name: &str| header(&taken, &format!("x-ingestion-{kind}-ratelimit-{name}")).parse::<i64>().unwrap();
        assert!((1..=3600).contains(&of("reset")) && of("reset-ttl") > 1_700_000_000, "{kind}");
    }
    assert_eq!(header(&taken, "x-ratelimit-limit"), "-");
    assert_eq!(told(taken).await, (200, json!({ "accepted": 2, "total_message_bytes": 16 })));
    assert_eq!(told(send("nobody", "{}").await).await, (404, json!({ "error": "Unknown user source" })));
    let refused = told(send(source, "{\"a\":1}\n{\"a\":\n").await).await;
    assert!(refused.0 == 422 && refused.1["error"].as_str().unwrap().contains("Line 2"));
    assert_eq!(send(source, "").await.status(), 422);
    assert_eq!(send(source, "{}").await.status(), 429);
}

#[tokio::test]
async fn a_proxy_that_fails_says_so_in_html() {
    let plan = json!({ "faults": [
        { "on": "get_balance", "nth": [1], "fault": { "kind": "status", "status": 502 } },
        { "on": "get_balance", "nth": [2], "fault": { "kind": "unauthorized" } },
        { "on": "get_balance", "nth": [3], "fault": { "kind": "status", "status": 429, "retry_after": "7" } },
    ] });
    let faults: FaultPlan = serde_json::from_value(plan).unwrap();
    let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await.unwrap();
    let asker = Asker::new(&sandbox);
    let failed = asker.ask(Method::GET, "balance", None).await;
    assert_eq!((failed.status().as_u16(), header(&failed, "content-type")), (502, "text/html"));
    assert!(failed.text().await.unwrap().contains("<h1>502 Bad Gateway</h1>"));
    assert_eq!(asker.get("balance").await.0, 401);
    let limited = asker.ask(Method::GET, "balance", None).await;
    assert_eq!((limited.status().as_u16(), header(&limited, "retry-after")), (429, "7"));
    assert!(told(limited).await.1["error"].is_string());
}
