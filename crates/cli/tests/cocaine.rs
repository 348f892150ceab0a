//! `whimbrel cocaine` against the sandbox.

mod common;

use std::{fs, process::Output};

use common::{World, err, fails, out};

fn command(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = world.command(&[&["cocaine"], arguments].concat());
    command.env("COCAINE_LOCATOR", world.sandbox.cocaine().locator());
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

#[tokio::test(flavor = "multi_thread")]
async fn services_are_found_and_described() {
    let world = World::new().await;
    let place = world.sandbox.cocaine().service("storage").unwrap();
    let row = format!("{{\"host\":\"127.0.0.1\",\"port\":{}}}\n", place.port());
    assert_eq!(text(&world, &["locate", "storage", "-o", "jsonl"]), row);
    let methods = text(&world, &["info", "demo", "-o", "csv"]);
    let rows = "id,method,may be sent,comes back\n0,enqueue,\"write, error, close\",\"write, error, close\"\n\
                1,info,,\"value, error\"\n";
    assert_eq!(methods, rows);
    fails(&run(&world, &["locate", "nope"]), 3, "is it started, and is this its locator?");
    let nobody = command(&world, &["--locator", "127.0.0.1:1", "locate", "storage"]);
    fails(&world.watched(&mut { nobody }), 1, "127.0.0.1:1");
    for wrong in ["a b", "http://host:1", "http://host"] {
        fails(&run(&world, &["--locator", wrong, "locate", "storage"]), 6, "is no host:port");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_method_is_called_with_what_is_typed() {
    let world = World::new().await;
    assert_eq!(text(&world, &["call", "echo", "ping", "hello"]), "hello\n");
    assert_eq!(text(&world, &["call", "node", "list", "-o", "jsonl"]), "[\n  \"demo\"\n]\n");
    assert!(text(&world, &["call", "node", "info", "demo"]).contains("state    running"));
    fs::write(world.path("picture"), b"\xff\x00").unwrap();
    assert_eq!(text(&world, &["call", "cache", "put", "key", "@picture"]), "");
    assert!(text(&world, &["call", "cache", "get", "key"]).contains(r#""base64": "/wA=""#));
    text(&world, &["call", "logging", "emit", "1", "app/x", "hello"]);
    // It has gone out when the program ends; the service has it a moment later.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while world.sandbox.cocaine().logged().is_empty() {
        assert!(std::time::Instant::now() < until, "nothing was logged");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    fails(&run(&world, &["call", "storage", "nosuch"]), 6, "there are read, write, remove, find");
    fails(&run(&world, &["call", "storage", "read", "ns"]), 1, "hang up on arguments");
    fails(&run(&world, &["call", "cache", "put", "key", "@nosuch"]), 2, "nosuch: ");
    fails(&run(&world, &["call", "demo", "enqueue", "upper"]), 2, "whimbrel cocaine stream demo enqueue");
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_go_both_ways() {
    let world = World::new().await;
    let stream = ["stream", "demo", "enqueue"];
    let said = |more: &[&str]| text(&world, &[&stream, more].concat());
    assert_eq!(said(&["upper", "--send", "steel", "--send", "iron"]), "STEEL\nIRON\n");
    assert_eq!(said(&["chunks", "--send", "2", "-o", "jsonl"]), "{\"chunk\":\"chunk0\"}\n{\"chunk\":\"chunk1\"}\n");
    fails(&run(&world, &["stream", "demo", "enqueue", "fail", "--send", "x"]), 1, "custom failure [app 77]");
    let mut command = command(&world, &["stream", "demo", "enqueue", "upper", "--stdin"]);
    let lines = fs::write(world.path("lines"), "a\nb\n").map(|()| fs::File::open(world.path("lines")).unwrap());
    assert_eq!(out(&world.watched(command.stdin(lines.unwrap()))), "A\nB\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_and_apps_have_verbs_of_their_own() {
    let world = World::new().await;
    let content: Vec<u8> = (0..=255).collect();
    fs::write(world.path("content"), &content).unwrap();
    text(&world, &["storage", "write", "runs", "42", "content", "--tag", "steel", "--tag", "hot"]);
    assert_eq!(run(&world, &["storage", "read", "runs", "42"]).stdout, content);
    assert_eq!(text(&world, &["storage", "find", "runs", "hot", "steel", "-o", "jsonl"]), "{\"key\":\"42\"}\n");
    fails(&run(&world, &["storage", "rm", "runs", "42"]), 2, "this would remove runs/42; say --yes");
    text(&world, &["storage", "rm", "runs", "42", "--yes"]);
    fails(&run(&world, &["storage", "read", "runs", "42"]), 3, "No such file or directory [generic 2]");
    fails(&run(&world, &["storage", "write", "runs", "42", "nosuch"]), 3, "nosuch");

    assert_eq!(text(&world, &["apps", "list", "-o", "csv"]), "app\ndemo\n");
    fails(&run(&world, &["apps", "start", "demo"]), 6, "already been started [node 5]");
    text(&world, &["apps", "pause", "demo"]);
    assert_eq!(text(&world, &["apps", "list", "-o", "csv"]), "app\n");
    text(&world, &["apps", "start", "demo"]);
    assert!(text(&world, &["apps", "info", "demo", "-o", "json"]).contains("\"state\": \"running\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_runtime_has_the_same_verbs() {
    let world = World::new().await;
    let older = world.sandbox.cocaine().older_locator();
    let run = |arguments: &[&str]| text(&world, &[&["--runtime", "0.11", "--locator", &older], arguments].concat());
    fs::write(world.path("content"), "v").unwrap();
    run(&["storage", "write", "ns", "k", "content"]);
    assert_eq!(run(&["storage", "read", "ns", "k"]), "v");
    assert_eq!(run(&["apps", "list", "-o", "csv"]), "app\ndemo\n");
    assert_eq!(run(&["stream", "demo", "enqueue", "upper", "x"]), "X\n");
    let mistaken = self::run(&world, &["--locator", &older, "apps", "list"]);
    fails(&mistaken, 1, "is the runtime a 0.11, or a 0.12?");
}
