//! `whimbrel dserver` against the sandbox's, and against one that gives names meant to do harm.
//!
//! As everywhere, each run is watched for tokens.

mod common;

use std::{fs, process::Output};

use common::{World, err, fails, out};
use mockito::{Matcher, Server};
use sandbox::{DserverRelease, Options};
use serde_json::{Value, json};

const UUID: &str = "0000000c-0000-4000-8000-00000000000c";
const URI: &str = "file://localhost/dtool/base2/simulation-run-12";

fn run_as(world: &World, user: &str, arguments: &[&str]) -> Output {
    let dserver = world.sandbox.dserver();
    let token = dserver.token(user).unwrap();
    let mut command = world.command(&[&["dserver"], arguments].concat());
    let output = world.watched(command.env("DSERVER_URL", dserver.url()).env("DSERVER_TOKEN", &token));
    let proof = token.rsplit('.').next().unwrap();
    assert!(!out(&output).contains(proof) && !err(&output).contains(proof), "{arguments:?}");
    output
}

fn run(world: &World, arguments: &[&str]) -> Output {
    run_as(world, "testuser", arguments)
}

/// What it prints, if all goes well and nothing else is to be said.
fn text(world: &World, arguments: &[&str]) -> String {
    let output = run(world, arguments);
    assert!(output.status.success() && err(&output).is_empty(), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn json(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&text(world, &[&["-o", "json"], arguments].concat())).unwrap()
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_words_and_filters() {
    let world = World::new().await;
    let found = |words: &[&str]| json(&world, &[&["search"], words].concat());
    assert_eq!(found(&[]).as_array().unwrap().len(), 20);
    let by_filter = found(&["tag:odd", "creator:ada", "--sort", "-name"]);
    assert_eq!(names(&by_filter), ["tribology-run-15", "tribology-run-03", "microscopy-run-09"]);
    assert_eq!(by_filter, found(&["--tag", "odd", "--creator", "ada", "--sort=-name"]), "options say the same");
    assert_eq!(by_filter, found(&["tag:odd creator:\"ada\"", "--sort", "-name"]), "however the shell splits them");
    assert_eq!(found(&["base:file://localhost/dtool/base2"]).as_array().unwrap().len(), 5);
    assert_eq!(names(&found(&[&format!("uuid:{UUID}")])), ["simulation-run-12"]);
    assert!(found(&["\"tag:odd\""]).as_array().unwrap().is_empty(), "quoted it is text");
    // What was derived from a simulation names it in its readme.
    let (all, without) = (found(&["simulation"]), found(&["--", "simulation", "-tribology"]));
    assert!(without.as_array().unwrap().len() < all.as_array().unwrap().len());
    fails(&run(&world, &["search", "--", "-tag:odd"]), 6, "-tag:odd: a server can leave out words");
    let refused = run(&world, &["search", "--sort", "size"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("the server sorts by name, created_at"), "{}", err(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_units_and_programs_numbers() {
    let world = World::new().await;
    let some = run(&world, &["search", "--limit", "2", "--sort", "name"]);
    assert!(err(&some).contains("showing 2 of 20"), "{}", err(&some));
    let table = out(&some);
    for word in ["NAME", "CREATOR", "FROZEN", "ITEMS", "2024-01-0", " B "] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let rows = json(&world, &["search", "--sort", "name"]);
    assert!(rows[0]["size_in_bytes"].is_u64() && rows[0]["frozen_at"].is_f64(), "{rows}");
    let csv = text(&world, &["search", "--sort", "name", "-o", "csv"]);
    assert_eq!(csv.lines().count(), 21);
    assert!(csv.starts_with("name,uuid,creator,size,items,frozen,uri\nmicroscopy-run-01,"), "{csv}");
    let shown = text(&world, &["show", UUID]);
    assert!(shown.contains("simulation-run-12") && shown.contains("2024-01-01 00:00:12 UTC"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_one_request() {
    let world = World::new().await;
    let requests = |arguments: &[&str]| {
        world.sandbox.reset();
        assert!(run(&world, &[arguments, &["--cache", "off"]].concat()).status.success());
        world.sandbox.dserver().report().requests
    };
    assert_eq!(requests(&["show", UUID]), 1);
    assert_eq!(requests(&["show", URI]), 1);
    assert_eq!(requests(&["lookup", UUID]), 1);
    assert_eq!(requests(&["readme", URI]), 1);
    assert_eq!(requests(&["graph", UUID]), 1);
    assert_eq!(requests(&["search", "--limit", "3"]), 1, "the page tells how many there are");
    fails(&run(&world, &["show", "no-such"]), 3, "no-such: no dataset of this UUID is registered");
    fails(&run(&world, &["lookup", "no-such"]), 3, "no-such: no dataset");
    fails(&run(&world, &["show", "file://localhost/elsewhere/x"]), 5, "elsewhere");
    fails(&run_as(&world, "nobody", &["show", UUID]), 3, "none that you can see");
    assert!(world.sandbox.dserver().report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_beyond_a_page_asks_for_no_page_twice() {
    let world = World::with(Options { datasets: 250, ..Options::default() }).await;
    let some = run(&world, &["search", "--limit", "150", "-o", "csv", "--cache", "off"]);
    assert_eq!((out(&some).lines().count(), world.sandbox.dserver().report().requests), (151, 2));
    assert!(err(&some).contains("showing 150 of 250"), "{}", err(&some));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_one() {
    let world = World::new().await;
    let readme = text(&world, &["readme", UUID]);
    assert!(readme.starts_with("project: simulation campaign\n") && readme.ends_with('\n'), "{readme}");
    let told = json(&world, &["readme", UUID]);
    assert_eq!((&told["uri"], &told["readme"]), (&json!(URI), &json!(readme)));
    assert_eq!(told["data"]["temperature"], 302);
    let items = json(&world, &["manifest", URI]);
    assert_eq!((items["uri"].as_str(), items["items"].as_object().unwrap().len()), (Some(URI), 3));
    assert!(text(&world, &["manifest", URI]).contains("data/item_0.bin"));
    assert_eq!(text(&world, &["tags", UUID, "-o", "csv"]), "tag\neven\nsimulation\n");
    let annotations = json(&world, &["annotations", UUID]);
    assert_eq!(annotations["annotations"]["number"], "12", "as the server tells it");
    assert!(text(&world, &["annotations", UUID]).contains("NAME"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_many_comes_by_uri() {
    let world = World::new().await;
    let all = json(&world, &["search"]);
    let uris: Vec<&str> = all.as_array().unwrap().iter().map(|row| row["uri"].as_str().unwrap()).collect();
    world.write("uris", &format!("{}\n\n{UUID}\n", uris.join("\r\n")));
    let lines = text(&world, &["readme", "--from", "uris", "-o", "jsonl"]);
    let mut told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    told.sort_by_key(|it| uris.iter().position(|uri| it["uri"] == *uri));
    assert_eq!(told.iter().map(|it| it["uri"].as_str().unwrap()).collect::<Vec<_>>(), uris, "each once");
    assert!(told.iter().all(|it| it["data"]["owners"][0]["name"].is_string()));
    assert_eq!(json(&world, &["readme", "--from", "uris"]), json!(told), "in the order asked for");
    let stream = text(&world, &["readme", uris[0], uris[1]]);
    assert!(stream.starts_with(&format!("--- # {}\nproject: ", uris[0])), "{stream}");
    assert!(text(&world, &["manifest", uris[0], uris[1], "-o", "csv"]).starts_with("uri,path,size,hash,id\nfile://"));
    assert_eq!(json(&world, &["tags", uris[0], uris[1]]).as_array().unwrap().len(), 2);

    let both = world
        .run_with(&["dserver", "tags", "--from", "-", "--token-stdin", "--url", world.sandbox.dserver().url()], "x");
    fails(&both, 2, "the standard input holds the token already");

    // One that fails takes none with it.
    let some = run(&world, &["annotations", uris[0], "nowhere", "file://localhost/dtool/base1/no", "-o", "jsonl"]);
    assert_eq!((some.status.code(), out(&some).lines().count()), (Some(8), 1), "{}", err(&some));
    assert!(err(&some).contains("nowhere: no dataset") && err(&some).contains("2 of 3 failed"), "{}", err(&some));
}

#[tokio::test(flavor = "multi_thread")]
async fn mongo_is_asked_in_json() {
    let world = World::new().await;
    let found = json(&world, &["query", r#"{"readme.owners.name": "Ada Lovelace", "tags": "odd"}"#]);
    assert_eq!(found.as_array().unwrap().len(), 3);
    assert_eq!(found[0]["type"], "dataset", "fields that only a query tells");
    world.write("query.json", r#"{"name": "simulation-run-12"}"#);
    assert_eq!(names(&json(&world, &["query", "@query.json"])), ["simulation-run-12"]);
    let stages = r#"[{"$group": {"_id": "$creator_username", "n": {"$sum": 1}}}, {"$project": {"creator": "$_id", "n": 1}},
        {"$sort": {"creator": 1}}]"#;
    let csv = text(&world, &["aggregate", stages, "-o", "csv"]);
    let mut columns: Vec<_> = csv.lines().next().unwrap().split(',').collect();
    columns.sort_unstable();
    assert_eq!((columns, csv.lines().count()), (vec!["creator", "n"], 4));
    assert!(text(&world, &["aggregate", stages]).contains("ada"));

    fails(
        &run(&world, &["query", "{name: x}"]),
        6,
        "query: it is no JSON: key must be a string at line 1 column 2; put",
    );
    fails(&run(&world, &["query", "[1]"]), 6, "query is a JSON object");
    fails(&run(&world, &["query", "@no.json"]), 3, "no.json: no such file");
    fails(&run(&world, &["aggregate", "[1]"]), 6, "stage is a JSON object");
    world.write("bad.json", "{\n  \"a\": }");
    fails(&run(&world, &["query", "@bad.json"]), 6, "query in bad.json: it is no JSON: expected value at line 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_dataset_comes_from_is_drawn() {
    let world = World::new().await;
    let tree = text(&world, &["graph", UUID]);
    assert!(tree.contains("└─ tribology-run-03") && tree.contains("simulation-run-12 *"), "{tree}");
    let rows = json(&world, &["graph", UUID]);
    let own = rows.as_array().unwrap().iter().find(|row| row["uuid"] == UUID).unwrap();
    assert_eq!(
        (&own["name"], &own["derived_from"]),
        (&json!("simulation-run-12"), &json!(["00000009-0000-4000-8000-000000000009"]))
    );
    assert_eq!(text(&world, &["graph", URI, "-o", "csv"]), text(&world, &["-o", "csv", "graph", UUID]));
    assert!(text(&world, &["graph", UUID, "-o", "dot"]).starts_with("digraph"));
    assert!(text(&world, &["graph", UUID, "-o", "mermaid"]).starts_with("flowchart"));
    assert!(text(&world, &["graph", UUID, "-o", "svg"]).starts_with("<svg"));
    assert!(text(&world, &["graph", UUID, "--keys", "annotations.source", "-o", "svg"]).contains("simulation-run-12"));

    let made = run(&world, &["graph", UUID, "-o", "html", "--out", "graph.html"]);
    assert!(made.status.success() && out(&made).is_empty(), "{}", err(&made));
    assert!(err(&made).contains("graph.html: 7 datasets"), "{}", err(&made));
    assert!(fs::read_to_string(world.path("graph.html")).unwrap().contains("<h1>Provenance of simulation-run-12</h1>"));

    fails(&run(&world, &["graph", UUID, "--out", "x"]), 2, "--out is for drawings");
    fails(&run(&world, &["graph", "no-such", "-o", "svg"]), 3, "no-such: no dataset");
    for other in [&["search", "-o", "svg"][..], &["show", UUID, "-o", "html"]] {
        let refused = run(&world, other);
        assert_eq!(refused.status.code(), Some(2));
        assert!(err(&refused).contains("[possible values: table, json, jsonl, csv]"), "{}", err(&refused));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_and_its_people() {
    let world = World::new().await;
    assert!(text(&world, &["versions"]).contains("dservercore"));
    assert_eq!(json(&world, &["versions"])["dservercore"], "0.22.0");
    assert!(json(&world, &["config"]).is_object());
    let features = json(&world, &["features"]);
    let offered =
        |name: &str| features.as_array().unwrap().iter().find(|it| it["feature"] == name).unwrap()["offered"].clone();
    assert_eq!((offered("graph"), offered("signed-urls")), (json!(true), json!(false)));
    fails(&run(&world, &["health"]), 3, "this dserver has no health report: for that it takes a release after 0.22");
    let summary = text(&world, &["summary"]);
    assert!(summary.contains("all") && summary.contains("tag") && summary.contains("KiB"), "{summary}");
    assert_eq!(json(&world, &["summary"])["number_of_datasets"], 20);
    assert_eq!(json(&world, &["users", "testuser"])["is_admin"], false);
    fails(&run(&world, &["users"]), 5, "403");
    fails(&run(&world, &["base-uris"]), 5, "403");

    let admin = |arguments: &[&str]| run_as(&world, "admin", arguments);
    assert!(out(&admin(&["users"])).contains("nobody"));
    assert_eq!(out(&admin(&["base-uris", "-o", "jsonl"])).lines().count(), 2);
    assert!(out(&admin(&["summary", "nobody", "-o", "json"])).contains("\"number_of_datasets\": 0"));
    let base = "file://localhost/dtool/base2";
    let right = |verb: &str| admin(&["base-uris", verb, base, "--user", "nobody", "--right", "search"]);
    let told = right("grant");
    assert!(told.status.success() && err(&told).contains("nobody may now search at file://"), "{}", err(&told));
    assert_eq!(out(&run_as(&world, "nobody", &["search", "-o", "jsonl"])).lines().count(), 5);
    assert!(out(&admin(&["base-uris", base])).contains("nobody"));
    assert!(right("revoke").status.success());
    assert!(out(&run_as(&world, "nobody", &["search", "--refresh"])).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_release_can_more() {
    let options = Options { dserver_release: DserverRelease::Next, ..Options::default() };
    let world = World::with(options).await;
    assert!(json(&world, &["features"]).as_array().unwrap().iter().all(|it| it["offered"] == true));
    assert!(json(&world, &["health"]).get("status").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_server_acts_on_the_terminal() {
    let (world, mut server) = (World::new().await, Server::new_async().await);
    let evil = "\u{1b}[31mred\u{202e}\u{7}\r\n</script>\"';";
    let dataset = json!({
        "uri": format!("s3://b/{evil}"), "uuid": format!("1{evil}"), "name": evil, "creator_username": evil, "frozen_at": 1.5,
        "base_uri": evil, evil: evil, "derived_from": [evil], "tags": [evil],
    });
    for (method, path, body) in [
        ("POST", "/uris", json!([dataset])),
        ("POST", "/mongo/query", json!([dataset])),
        ("POST", "/mongo/aggregate", json!([{ evil: evil }])),
        ("GET", "/uuids/", json!([dataset])),
        ("GET", "/graph/uuids/", json!([dataset])),
        ("GET", "/readmes/", json!({ "readme": evil })),
        ("GET", "/manifests/", json!({ "items": { evil: { "relpath": evil, "hash": evil } }, "hash_function": evil })),
        ("GET", "/tags/", json!({ "tags": [evil] })),
        ("GET", "/annotations/", json!({ "annotations": { evil: evil } })),
        ("GET", "/me/summary", json!({ "number_of_datasets": 1, "datasets_per_tag": { evil: 1 } })),
        ("GET", "/users", json!([{ "username": evil, "display_name": evil }])),
        ("GET", "/base-uris", json!([{ "base_uri": evil }])),
        ("GET", "/config/versions", json!({ "versions": { evil: evil } })),
        ("GET", "/config/info", json!({ "config": { evil: evil } })),
    ] {
        let answer =
            server.mock(method, Matcher::Regex(format!("^{path}"))).with_header("content-type", "application/json");
        answer.with_body(body.to_string()).expect_at_least(0).create_async().await;
    }
    let graph = |form: &'static str| ["graph", "1", "-o", form];
    let commands: Vec<Vec<&str>> = [
        &["search"][..],
        &["show", "1"],
        &["lookup", "1"],
        &["readme", "1", "-o", "json"],
        &["readme", "s3://x", "s3://y", "-o", "jsonl"],
        &["manifest", "1"],
        &["tags", "1"],
        &["annotations", "1"],
        &["tags", "s3://x", "s3://y"],
        &["query", "{}"],
        &["aggregate", "[]"],
        &["graph", "1"],
        &graph("dot"),
        &graph("mermaid"),
        &graph("svg"),
        &graph("html"),
        &graph("json"),
        &["summary"],
        &["users"],
        &["base-uris"],
        &["versions"],
        &["config"],
        &["features"],
    ]
    .into_iter()
    .map(<[&str]>::to_vec)
    .collect();
    for arguments in commands {
        let mut command = world.command(&[&["dserver"], &arguments[..]].concat());
        let output = world.watched(command.env("DSERVER_URL", server.url()).env("DSERVER_TOKEN", "d-token"));
        assert!(output.status.success(), "{arguments:?} {}", err(&output));
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!out(&output).contains(acts) && !err(&output).contains(acts), "{arguments:?} {:?}", out(&output));
        assert!(!out(&output).is_empty(), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_at_once_share_the_configuration_and_the_cache() {
    let world = World::with(Options { datasets: 100, ..Options::default() }).await;
    let dserver = world.sandbox.dserver();
    let config =
        json!({ "DSERVER_URL": dserver.url(), "DSERVER_TOKEN": dserver.token("testuser").unwrap() }).to_string();
    let file = world.path(".config/dtool/dtool.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &config).unwrap();
    let call = |n: usize| {
        // A manifest is kept, a dataset is not.
        let (base, kind) = [("base2", "simulation"), ("base1", "microscopy")][n % 2];
        let uri = format!("file://localhost/dtool/{base}/{kind}-run-{:02}", n / 4 * 4 + n % 2);
        let output = world.command(&["dserver", ["show", "manifest"][n % 3 % 2], &uri, "-o", "json"]).output().unwrap();
        match serde_json::from_slice::<Value>(&output.stdout) {
            Ok(told) if output.status.success() && told.is_object() => None,
            _ => Some(format!("{uri}: {}", err(&output))),
        }
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let processes: Vec<_> = (0..8).map(|_| scope.spawn(|| (0..100).filter_map(call).collect::<Vec<_>>())).collect();
        processes.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(fs::read_to_string(&file).unwrap(), config, "it is read, and no more");
}
