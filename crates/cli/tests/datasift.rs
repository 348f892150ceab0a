//! `whimbrel datasift` against the sandbox.

mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

use common::{World, err, fails, out};
use serde_json::{Value, json};

fn command(world: &World, arguments: &[&str]) -> Command {
    let datasift = world.sandbox.datasift();
    let mut command = world.command(&[&["datasift"], arguments].concat());
    command.envs([
        ("DATASIFT_URL", datasift.url()),
        ("DATASIFT_USER", datasift.user()),
        ("DATASIFT_API_KEY", datasift.key()),
    ]);
    command
}

fn run(world: &World, arguments: &[&str]) -> Output {
    world.watched(&mut command(world, arguments))
}

fn text(world: &World, arguments: &[&str]) -> String {
    let output = run(world, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn json(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&text(world, &[arguments, &["-o", "json"]].concat())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_checked_compiled_and_priced() {
    let world = World::new().await;
    let csdl = r#"interaction.content contains "tribology""#;
    let hash = json(&world, &["compile", csdl])["hash"].as_str().unwrap().to_owned();
    fs::write(world.path("filter.csdl"), csdl).unwrap();
    let path = format!("@{}", world.path("filter.csdl").display());
    assert_eq!(json(&world, &["compile", &path])["hash"], hash.as_str());
    assert!(json(&world, &["dpu", &hash])["dpu"].is_number());
    text(&world, &["validate", csdl]);
    fails(&run(&world, &["validate", "interaction.content contains"]), 6, "At line 1 position 29");
    assert!(json(&world, &["balance"])["credits"]["remaining"].as_u64() > Some(0));
    text(&world, &["usage", "--period", "day"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_filters_find_is_printed_as_it_comes_and_deletions_too() {
    for way in [&[][..], &["--http"]] {
        let world = World::new().await;
        let datasift = world.sandbox.datasift();
        let hash = datasift.stream();
        let mut stream = command(&world, &[&["stream", &hash, "-o", "jsonl", "-L", "3"], way].concat());
        let mut stream = stream.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(stream.stdout.take().unwrap()).lines();
        let found = |id: &str| json!({ "interaction": { "id": id } });
        for _ in 0..1_000 {
            if datasift.interact(&hash, &found("a")) > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(next(), json!({ "hash": hash, "data": found("a"), "repeated": false }));
        datasift.delete(&hash, "a");
        assert_eq!(next(), json!({ "hash": hash, "deleted": "a" }), "without waiting for what comes next");
        datasift.interact(&hash, &found("b"));
        assert_eq!(next()["data"], found("b"));
        assert!(stream.wait().unwrap().success(), "no fourth is waited for");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_can_never_come_is_not_waited_for() {
    let world = World::new().await;
    for way in [&[][..], &["--http"]] {
        let unknown = "0123456789abcdef0123456789abcdef";
        fails(&run(&world, &[&["stream", unknown], way].concat()), 3, "doesn't exist");
        // Whatever is told of the connection, its address is not: it holds the key.
        assert!(!run(&world, &[&["-vvv", "stream", unknown], way].concat()).status.success());
    }
    fails(&run(&world, &["stream", "nonsense"]), 6, "32 hexadecimal digits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_made_pulled_from_and_forgotten() {
    let world = World::new().await;
    let datasift = world.sandbox.datasift();
    let hash = datasift.stream();
    let id = json(&world, &["push", "create", "mine", &hash])["id"].as_str().unwrap().to_owned();
    datasift.interact(&hash, &json!({ "interaction": { "id": "a" } }));
    assert_eq!(text(&world, &["pull", &id, "-o", "jsonl"]), "{\"interaction\":{\"id\":\"a\"}}\n");
    assert!(text(&world, &["push", "list"]).contains("mine"));
    assert_eq!(json(&world, &["push", "pause", &id])["status"], "paused");
    assert_eq!(json(&world, &["push", "resume", &id])["status"], "active");
    assert!(text(&world, &["push", "log", &id]).contains(&id));
    fails(&run(&world, &["push", "stop", &id]), 2, "say --yes");
    assert_eq!(json(&world, &["push", "show", &id])["status"], "active", "nobody said so");
    text(&world, &["push", "stop", &id, "--yes"]);
    fails(&run(&world, &["push", "rm", &id]), 2, "say --yes");
    text(&world, &["push", "rm", &id, "-y"]);
    fails(&run(&world, &["push", "show", &id]), 3, &id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_whole_in_a_table_of_commas_and_none_is_waited_for_past_the_limit() {
    let world = World::new().await;
    let datasift = world.sandbox.datasift();
    let hash = datasift.stream();
    let id = json(&world, &["push", "create", "mine", &hash])["id"].as_str().unwrap().to_owned();
    datasift.interact(&hash, &json!({ "interaction": { "id": "a" } }));
    assert_eq!(text(&world, &["pull", &id, "-o", "csv"]), "data\n\"{\"\"interaction\"\":{\"\"id\"\":\"\"a\"\"}}\"\n");
    let mut stream =
        command(&world, &["stream", &hash, "-o", "csv", "--limit", "2"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(stream.stdout.take().unwrap()).lines().map(Result::unwrap);
    while datasift.interact(&hash, &json!({})) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    datasift.delete(&hash, "a");
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines, ["hash,data,repeated,deleted".to_owned(), format!("{hash},{{}},false,"), format!("{hash},,,a")]);
    assert!(stream.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_the_archive_is_prepared_delivered_and_started() {
    let world = World::new().await;
    let hash = world.sandbox.datasift().stream();
    let prepare = ["historics", "prepare", "week", &hash, "--source", "facebook", "--from", "2017-07-10", "--until"];
    let id = json(&world, &[&prepare[..], &["2017-07-17T00:00:00Z"]].concat())["id"].as_str().unwrap().to_owned();
    let query = json(&world, &["historics", "show", &id]);
    assert_eq!(
        (query["start"].clone(), query["end"].clone()),
        (json!("2017-07-10T00:00:00Z"), json!("2017-07-17T00:00:00Z"))
    );
    let subscription = json(&world, &["push", "create", "week", "--historics", &id]);
    assert_eq!((subscription["hash"].clone(), subscription["hash_type"].clone()), (json!(id), json!("historic")));
    text(&world, &["historics", "start", &id]);
    for no_moment in ["tomorrow", "2017-07-17T00:00:00"] {
        let mistaken = run(&world, &[&prepare[..], &[no_moment]].concat());
        assert!(mistaken.status.code() == Some(2) && err(&mistaken).contains("a day, such as"), "{mistaken:?}");
    }
    assert_eq!(run(&world, &["push", "create", "neither"]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_sources_identities_and_recordings_are_listed() {
    let world = World::new().await;
    let first = |arguments: &[&str]| json(&world, arguments)[0].clone();
    let historics = first(&["historics", "list"]);
    let id = historics["id"].as_str().unwrap();
    assert_eq!(json(&world, &["historics", "show", id])["name"], historics["name"]);
    let source = first(&["sources", "list"]);
    let id = source["id"].as_str().unwrap();
    assert_eq!(json(&world, &["sources", "show", id])["name"], source["name"]);
    assert_eq!(json(&world, &["sources", "stop", id])["id"], id);
    assert_eq!(json(&world, &["sources", "start", id])["status"], "active");
    text(&world, &["sources", "log", id]);
    let identity = first(&["identities"]);
    assert!(identity["label"].is_string() && identity.get("api_key").is_none(), "no key is shown: {identity}");
    assert!(first(&["pylon", "facebook"])["id"].is_string());
    let lines = format!("{}\n{}\n", json!({ "id": 1 }), json!({ "id": 2 }));
    fs::write(world.path("posts.jsonl"), lines).unwrap();
    let source = world.sandbox.datasift().source();
    assert_eq!(json(&world, &["ingest", source, world.path("posts.jsonl").to_str().unwrap()])["accepted"], 2);
    let mut api = command(&world, &[]);
    api = {
        let mut other = world.command(&["api", "datasift", "list_identities", "--paginate"]);
        other.envs(api.get_envs().filter_map(|(name, value)| Some((name, value?))));
        other
    };
    assert!(out(&world.watched(&mut api)).contains("label"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_to_its_own_server_alone() {
    let world = World::new().await;
    let elsewhere = "http://127.0.0.1:1";
    let refused = run(&world, &["--url", elsewhere, "balance"]);
    fails(&refused, 4, "goes nowhere else");
    assert!(!err(&refused).contains(world.sandbox.datasift().key()));
    let mut nobody = command(&world, &["balance"]);
    nobody.env_remove("DATASIFT_API_KEY");
    fails(&world.watched(&mut nobody), 4, "set DATASIFT_API_KEY");
    let mut stranger = command(&world, &["balance"]);
    stranger.env("DATASIFT_API_KEY", "wr0ng");
    let refused = world.watched(&mut stranger);
    fails(&refused, 4, "tells both apart by case");
    assert!(!err(&refused).contains("wr0ng"));
}
