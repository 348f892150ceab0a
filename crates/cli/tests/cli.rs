//! The program as its users meet it: what it prints, what it leaves behind, how it ends.
//!
//! Every run is watched for the token: it may appear in no output, at no log level, and in no file of the cache.

mod common;

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use common::{World, err, fails, names, out};
use sandbox::{Fault, FaultPlan, fault::Kind};

const MEASURED: [&str; 8] = ["-m", "Title=T", "-m", "Creator=C", "-m", "Creation Date=2026-11-21", "-m", "State=raw"];

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_there_and_back() {
    let world = World::new().await;
    world.write("run 42/a%20b.txt", "one");
    world.write("run 42/deep/ü #1?.txt", "two");
    let up = [&["cp", "-r", "run 42", "coscine://Demo/Measurements/"], &MEASURED[..]].concat();
    let sent = world.run(&up);
    assert!(sent.status.success(), "{}", err(&sent));
    assert!(err(&sent).contains("2 files, 6 B"), "{}", err(&sent));
    let listed = out(&world.run(&["ls", "-r", "coscine://Demo/Measurements", "-o", "csv"]));
    assert!(listed.contains("run 42/a%20b.txt,3,"), "{listed}");
    let back = world.run(&["cp", "-r", "coscine://Demo/Measurements/run 42", "back", "-q"]);
    assert!(back.status.success() && err(&back).is_empty(), "{}", err(&back));
    assert_eq!(fs::read_to_string(world.folder.path().join("back/deep/ü #1?.txt")).unwrap(), "two");
    assert_eq!(fs::read_to_string(world.folder.path().join("back/a%20b.txt")).unwrap(), "one");

    // Neither way is anything overwritten unasked.
    fails(&world.run(&up), 6, "there already");
    // A folder that is there takes it under its own name, as `cp` does.
    let again = ["cp", "-r", "coscine://Demo/Measurements/run 42", "back", "-q"];
    assert!(world.run(&again).status.success() && world.folder.path().join("back/run 42/deep").is_dir());
    fails(&world.run(&again), 6, "is there already");
    assert!(
        world.run(&["cp", "-r", "--overwrite", "coscine://Demo/Measurements/run 42", "back/", "-q"]).status.success()
    );
    assert!(world.sandbox.report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_leaves_as_a_crate() {
    let world = World::new().await;
    let export = ["export", "ro-crate", "coscine://Demo/Files", "crate", "--version", "1.1"];
    let made = world.run(&export);
    assert!(made.status.success(), "{}", err(&made));
    assert!(err(&made).contains("5 files, "), "{}", err(&made));
    let there = world.folder.path().join("crate");
    assert_eq!(names(&there), ["2026", "readme.txt", "ro-crate-metadata.json", "ä ö"]);
    let metadata = || fs::read_to_string(there.join("ro-crate-metadata.json")).unwrap();
    assert!(metadata().contains("https://w3id.org/ro/crate/1.1"));

    fails(&world.run(&export), 6, "something is in it already");
    fails(&world.run(&["export", "ro-crate", "coscine://Demo/Files/2026", "x"]), 2, "whole resource or project");
    fails(&world.run(&["export", "ro-crate", "coscine://Demo/No", "x"]), 3, "no such resource");
    let whole = ["export", "ro-crate", "coscine://Demo", "crate", "--overwrite", "--metadata-only", "-q"];
    let made = world.run(&whole);
    assert!(made.status.success() && err(&made).is_empty(), "{}", err(&made));
    assert!(metadata().contains("https://w3id.org/ro/crate/1.2") && metadata().contains("readme.txt/content"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_one_line_and_the_documented_code() {
    let world = World::new().await;
    world.write("a.txt", "a");
    fails(&world.run(&["ls", "coscine://No such"]), 3, "project \"No such\": there is no such project");
    fails(&world.run(&["ls", "coscine://Demo/Nothing"]), 3, "no such resource");
    fails(&world.run(&["ls", "coscine://Demo/Files/nowhere"]), 3, "nowhere");
    fails(&world.run(&["cp", "-r", "missing", "coscine://Demo/Files/"]), 3, "missing: no such file or folder");
    fails(&world.run(&["cp", "coscine://Demo/Files/2026", "x"]), 3, "copy it with -r");
    fails(&world.run(&["cp", "a.txt", "coscine://Demo/Measurements/", "-m", "Title=T"]), 6, "is required");
    fails(
        &world.run(&["cp", "a.txt", "coscine://Demo/Measurements/", "-m", "Colour=red"]),
        6,
        "field \"Colour\": the profile has no such field",
    );
    fails(&world.run(&["cp", "a.txt", "b.txt"]), 2, "copy from here to coscine://");
    fails(&world.run(&["api", "coscine", "GetProject"]), 6, "its parameter projectId is missing");
    fails(&world.run(&["api", "coscine", "GetProjcts"]), 6, "did you mean get_projects");
    fails(&world.run(&["dserver", "search", "x"]), 2, "DSERVER_URL");
    fails(
        &world.watched(world.command(&["ls"]).env("COSCINE_API_TOKEN", "wrong")),
        4,
        "the token is missing, wrong or expired",
    );
    fails(&world.watched(world.command(&["ls"]).env_remove("COSCINE_API_TOKEN")), 4, "set COSCINE_API_TOKEN");
    fails(
        &world.watched(world.command(&["ls"]).env("COSCINE_URL", "http://127.0.0.1:9/coscine")),
        1,
        "could not be reached",
    );
    let guest = world.sandbox.token("carol").unwrap();
    fails(
        &world.watched(world.command(&["cp", "a.txt", "coscine://Demo/Files/"]).env("COSCINE_API_TOKEN", guest)),
        5,
        "403",
    );
    assert_eq!(names(world.folder.path()), [".cache", "a.txt"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    world.write("token", &world.token);
    let path = world.folder.path().join("token");
    let mut command = world.command(&["ls", "--token-file", "token", "-q"]);
    command.env_remove("COSCINE_API_TOKEN");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fails(&world.watched(&mut command), 4, "chmod 600");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(world.watched(&mut command).status.success());
}

/// A disk that takes no more: a limit on the size of files stands in for it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_nothing_behind() {
    let world = World::new().await;
    world.write("large.bin", &"x".repeat(3_000_000));
    assert!(world.run(&["cp", "large.bin", "coscine://Demo/Files/", "-q"]).status.success());
    let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" cp coscine://Demo/Files/large.bin back.bin --cache off";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_whimbrel")]).current_dir(world.folder.path()).env_clear();
    command.env("COSCINE_API_TOKEN", &world.token).env("COSCINE_URL", world.sandbox.url());
    let output = world.watched(&mut command);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert_eq!(err(&output).lines().count(), 1, "{}", err(&output));
    assert!(!names(world.folder.path()).iter().any(|name| name.contains("back") || name.contains("part")));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_nothing_half_written() {
    let world = World::new().await;
    world.write("large.bin", &"x".repeat(3_000_000));
    assert!(world.run(&["cp", "large.bin", "coscine://Demo/Files/", "-q"]).status.success());
    let drip = Kind::Drip { bytes: 1000, every_ms: 20 };
    let fault = Fault { on: "GetStorageRaw".into(), nth: vec![], every: None, first: None, fault: drip };
    world.sandbox.set_faults(FaultPlan { faults: vec![fault] });
    let mut command = world.command(&["cp", "coscine://Demo/Files/large.bin", "back.bin"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let is_part = |name: &String| name.contains(".part");
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if names(world.folder.path()).iter().any(is_part) {
            break;
        }
    }
    assert!(names(world.folder.path()).iter().any(is_part), "it has begun");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let status = tokio::task::block_in_place(|| child.wait()).unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(names(world.folder.path()), [".cache", "large.bin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_of_output() {
    let world = World::new().await;
    let ls = ["ls", "-r", "coscine://Demo/Files"];
    let json: serde_json::Value = serde_json::from_str(&out(&world.run(&[&ls[..], &["-o", "json"]].concat()))).unwrap();
    let files = json.as_array().unwrap();
    assert_eq!(files.len(), 5);
    assert!(files.iter().all(|it| it["path"].is_string() && it["size"].is_u64() && it.get("actions").is_none()));
    let lines = out(&world.run(&[&ls[..], &["-o", "jsonl"]].concat()));
    assert_eq!(lines.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(), 5);
    let csv = out(&world.run(&[&ls[..], &["-o", "csv"]].concat()));
    assert_eq!((csv.lines().next(), csv.lines().count()), (Some("path,size,changed"), 6));
    let table = out(&world.run(&["ls", "coscine://Demo/Files"]));
    assert!(table.contains("2026/") && table.contains("readme.txt") && !table.contains("january"), "{table}");
    let some = world.run(&["ls", "--limit", "2"]);
    assert_eq!(out(&some).lines().count(), 3);
    assert!(err(&some).contains("showing 2 of 57"), "{}", err(&some));
    let show = out(&world.run(&["coscine", "project", "show", "demo", "-o", "json"]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&show).unwrap()["displayName"], "Demo");
    let all = out(&world.run(&["api", "coscine", "GetProjects", "-F", "PageSize=50", "--paginate"]));
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&all).unwrap().len(), 57);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_comes_from_the_cache() {
    let world = World::new().await;
    let requests = |arguments: &[&str]| {
        world.sandbox.reset();
        assert!(world.run(arguments).status.success());
        world.sandbox.report().requests
    };
    assert_eq!(requests(&["ls"]), 2);
    assert_eq!(requests(&["ls"]), 0, "kept between runs");
    assert_eq!(requests(&["ls", "--refresh"]), 2);
    assert_eq!(requests(&["ls", "--cache", "off"]), 2);
    assert!(out(&world.run(&["cache", "stats"])).contains("entries  2"));
    assert!(world.run(&["cache", "clear"]).status.success());
    assert_eq!(requests(&["ls"]), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_say_much_and_no_secret() {
    let world = World::new().await;
    let output = world.run(&["ls", "-r", "coscine://Demo/Bucket", "-vvv"]);
    assert!(output.status.success());
    let log = err(&output);
    assert!(log.contains("otel.name=\"list_files_from_storage\"") && log.contains("url.template"), "{log}");
    assert!(!log.contains("Signature") && !log.contains("january"), "neither signed URLs nor names: {log}");
}

#[test]
fn help_says_what_there_is() {
    for arguments in [
        &["--help"][..],
        &["cp", "--help"],
        &["sandbox", "--help"],
        &["dserver", "--help"],
        &["dserver", "search", "--help"],
        &["dserver", "graph", "--help"],
        &["coscine", "--help"],
        &["coscine", "quota", "--help"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_whimbrel")).args(arguments).env_clear().output().unwrap();
        let name = arguments.join("_").replace("--", "");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("help_{name}"), out(&output).replace(".exe", ""));
        });
    }
}
