//! Datasets, as users of the program meet them: fetched, sent, verified, registered, and killed at any moment.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use common::{World, err, fails, out, tree};
use sandbox::{DserverRelease, Fault, FaultPlan, Options, fault::Kind};
use serde_json::{Value, json};

const UUID: &str = "00000008-0000-4000-8000-000000000008";
const NEW: &str = "0a000000-0000-4000-8000-00000000000a";

async fn world(release: DserverRelease) -> World {
    World::with(Options { dserver_release: release, ..Options::default() }).await
}

/// The program as dserver's `testuser`.
fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    let dserver = world.sandbox.dserver();
    command.env("DSERVER_URL", dserver.url()).env("DSERVER_TOKEN", dserver.token("testuser").unwrap());
    command
}

fn run(world: &World, arguments: &[&str]) -> Output {
    let output = world.watched(&mut command(world, arguments));
    let token = world.sandbox.dserver().token("testuser").unwrap();
    let proof = token.rsplit('.').next().unwrap();
    assert!(!out(&output).contains(proof) && !err(&output).contains(proof));
    output
}

fn host(world: &World) -> String {
    world.sandbox.dserver().url().trim_start_matches("http://").to_owned()
}

/// What it says on the standard error, if all goes well.
fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}", err(output));
    err(output)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_fetched_verified_sent_and_seen_by_others() {
    let world = world(DserverRelease::Next).await;
    let (host, here) = (host(&world), "here/simulation-run-08");
    let there = format!("dserver://{host}/{UUID}");
    let said = told(&run(&world, &["cp", &there, "here"]));
    assert!(said.contains(&format!("s3://base2/{UUID} by signed URLs, to {here}")), "{said}");
    assert!(said.contains("4 files"), "{said}");
    let again = told(&run(&world, &["cp", &format!("dserver://{host}/s3/base2/{UUID}"), "here"]));
    assert!(again.contains("4 items were there already") && again.contains("0 files"), "{again}");
    for verify in [&["verify", here][..], &["verify", &there, here], &["verify", here, &there]] {
        assert!(told(&run(&world, verify)).contains("4 items are whole, 0 are not"));
    }

    // Another dataset, made of it.
    let admin = world.path(here).join(".dtool/dtool");
    fs::write(&admin, fs::read_to_string(&admin).unwrap().replace(UUID, NEW)).unwrap();
    let target = format!("dserver://{host}/s3/base1/");
    let said = told(&run(&world, &["cp", here, &target]));
    assert!(said.contains(&format!("{here} is registered as s3://base1/{NEW}")), "{said}");
    let shown = run(&world, &["dserver", "show", NEW, "-o", "json"]);
    let shown: Value = serde_json::from_str(&out(&shown)).unwrap();
    assert_eq!((&shown["name"], &shown["number_of_items"]), (&json!("simulation-run-08"), &json!(4)));
    told(&run(&world, &["cp", &format!("dserver://{host}/{NEW}"), "back"]));
    let data = |folder: &str| tree(&world.path(folder).join("data"));
    assert_eq!(data("back/simulation-run-08"), data(here));
    fails(&run(&world, &["cp", here, &target, "-q"]), 6, "is registered there already, and is never overwritten");
    assert!(world.sandbox.dserver().report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_listed_and_has_an_exit_code() {
    let world = world(DserverRelease::Next).await;
    let (there, here) = (format!("dserver://{}/{UUID}", host(&world)), "simulation-run-08");
    told(&run(&world, &["cp", &there, "."]));
    let data = world.path(here).join("data");
    fs::write(data.join("data/item_1.bin"), "x").unwrap();
    fs::remove_file(data.join("data/item_2.bin")).unwrap();
    fs::write(data.join("new"), "x").unwrap();
    for verify in [&["verify", here, "-o", "json"][..], &["verify", &there, here, "-o", "json"]] {
        let found = run(&world, verify);
        assert_eq!(found.status.code(), Some(8));
        let found: Value = serde_json::from_str(&out(&found)).unwrap();
        let found: BTreeMap<_, _> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["relpath"].as_str().unwrap(), it["what"].as_str().unwrap()))
            .collect();
        let expected = [("data/item_1.bin", "different"), ("data/item_2.bin", "missing"), ("new", "unknown")];
        assert_eq!(found, expected.into());
    }
    fails(&run(&world, &["cp", &there, ".", "-q"]), 6, "say that it may be overwritten");
    told(&run(&world, &["cp", &there, ".", "--overwrite"]));
    fs::remove_file(data.join("new")).unwrap();
    told(&run(&world, &["verify", here]));
    fails(&run(&world, &["verify", "."]), 3, "this folder is no dataset of dtool");
    fails(&run(&world, &["verify", here, "--checksum"]), 2, "by their hashes");
    let other = format!("dserver://{}/00000005-0000-4000-8000-000000000005", host(&world));
    fails(&run(&world, &["verify", &other, here]), 6, "not 00000005");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_to_the_server_that_the_user_named_and_to_no_other() {
    let world = world(DserverRelease::Next).await;
    let asked = mockito::Server::new_async().await;
    let elsewhere = asked.url().replace("http://", "dserver://");
    // Nothing is known of it but its name, so it is asked by https, which it does not speak.
    let output = run(&world, &["cp", &format!("{elsewhere}/{UUID}"), "here", "--deadline", "5"]);
    assert!(!output.status.success() && !world.path("here").exists(), "{}", err(&output));
    let there = format!("dserver://{}/{UUID}", host(&world));
    fails(&run(&world, &["cp", &there, "here", "--url", &asked.url()]), 2, "which --url names");
    let mut other = command(&world, &["cp", &there, "here", "--url", world.sandbox.dserver().url()]);
    other.env("DSERVER_URL", "https://elsewhere.example.org");
    fails(&world.watched(&mut other), 4, "is for https://elsewhere.example.org, which DSERVER_URL names");
    told(&world.watched(other.env_remove("DSERVER_URL")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_copied_says_what_could() {
    let world = world(DserverRelease::Next).await;
    let there = format!("dserver://{}/{UUID}", host(&world));
    fails(&run(&world, &["cp", &there, &there]), 2, "to a folder here");
    fails(&run(&world, &["cp", "coscine://Demo/Files/a", &there]), 2, "to a folder here");
    fails(&run(&world, &["cp", &there, "here", "-m", "a=b"]), 2, "a dataset has its own");
    fails(&run(&world, &["cp", "here", &there]), 2, "name a base URI");
    fails(&run(&world, &["cp", "dserver://h", "here"]), 6, "dserver://host/<uuid>");
    fails(&run(&world, &["cp", "no-such", &format!("dserver://{}/s3/base1", host(&world)), "-q"]), 3, "no dataset");
    let unknown = format!("dserver://{}/{NEW}", host(&world));
    fails(&run(&world, &["cp", &unknown, "here", "-q"]), 3, "no dataset of this UUID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_registered_where_it_lies() {
    let next = world(DserverRelease::Next).await;
    let here = "simulation-run-08";
    told(&run(&next, &["cp", &format!("dserver://{}/{UUID}", host(&next)), "."]));
    let world = world(DserverRelease::Released).await;
    let folder = next.path(here);
    let admin = folder.join(".dtool/dtool");
    fs::write(&admin, fs::read_to_string(&admin).unwrap().replace(UUID, NEW)).unwrap();
    let folder = folder.to_str().unwrap();
    // This machine's own base URI is none of that server's.
    assert_eq!(run(&world, &["dserver", "register", folder]).status.code(), Some(5));
    let base = "file://localhost/dtool/base1";
    let said = told(&run(&world, &["dserver", "register", folder, "--base-uri", base]));
    assert!(said.contains(&format!("registered as {base}/{here}")), "{said}");
    let manifest = run(&world, &["dserver", "manifest", NEW, "-o", "json"]);
    assert!(out(&manifest).contains("deep/er/still/item_0.bin"), "{}", err(&manifest));
    fails(&run(&world, &["dserver", "register", "s3://nowhere/1"]), 4, "DTOOL_S3_ENDPOINT_nowhere");
    fails(&run(&world, &["dserver", "register", "azure://nowhere/1"]), 6, "the scheme azure");
    fails(&run(&world, &["dserver", "register", "."]), 3, "no dataset of dtool");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, it| hex + &format!("{it:02x}"))
}

/// A dataset of so many items, one of them of some ranges.
fn made(world: &World, items: usize) {
    use sha1::Digest as _;
    let mut told = serde_json::Map::new();
    for n in 0..items {
        let relpath = format!("part {}/{n}.bin", n % 3);
        let content = format!("{n} ").repeat(if n == 7 { 9 << 20 } else { 100 + 37 * n });
        world.write(&format!("made/data/{relpath}"), &content);
        let hash = hex(&md5::Md5::digest(&content));
        let item = json!({ "relpath": relpath, "size_in_bytes": content.len(), "hash": hash, "utc_timestamp": 1.5 });
        told.insert(hex(&sha1::Sha1::digest(&relpath)), item);
    }
    let admin = json!({ "uuid": NEW, "name": "made", "type": "dataset", "creator_username": "ada", "frozen_at": 2.5 });
    let manifest = json!({ "items": told, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0" });
    world.write("made/.dtool/dtool", &admin.to_string());
    world.write("made/.dtool/manifest.json", &manifest.to_string());
    world.write("made/README.yml", "a: 1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_copied_is_said_before_anything_moves() {
    let world = world(DserverRelease::Next).await;
    let there = format!("dserver://{}/{}", host(&world), "00000001-0000-4000-8000-000000000001");
    for paths in [[&*there, ".", "here"], [&*there, &*there, "coscine://Demo/Files/"], [".", "s3://b", &*there]] {
        let output = run(&world, &["cp", paths[0], paths[1], paths[2]]);
        fails(&output, 2, "datasets are copied from dserver://host/uuid to a folder here");
    }
    assert_eq!(world.sandbox.dserver().report().requests, 0);
    assert!(!world.path("here").exists() && !world.path("coscine:").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_a_second_run_completes_it_and_fetches_nothing_twice() {
    const ITEMS: usize = 40;
    // The large one comes in three ranges.
    const REQUESTS: u64 = ITEMS as u64 + 2;
    // What describes the dataset, each time, and what was on its way.
    const AGAIN: u64 = 3 + 3 + 8 + 4;
    let world = world(DserverRelease::Next).await;
    made(&world, ITEMS);
    told(&run(&world, &["cp", "made", &format!("dserver://{}/s3/base1", host(&world))]));
    let slow =
        Fault { on: "storage".to_owned(), nth: vec![], every: None, first: None, fault: Kind::Latency { ms: 40 } };
    world.sandbox.set_faults(FaultPlan { faults: vec![slow] });
    let there = format!("dserver://{}/{NEW}", host(&world));
    // The quicker of two: on a busy machine one may take long, and then most would have ended before they are killed.
    let timed = |into: &str| {
        let start = Instant::now();
        told(&run(&world, &["cp", &there, into]));
        start.elapsed()
    };
    let whole = timed("whole").min(timed("another"));

    let mut dice = fastrand::Rng::with_seed(11);
    let mut cut = 0;
    for round in 0..20 {
        let here = format!("round {round}");
        world.sandbox.reset();
        let mut child =
            command(&world, &["cp", &there, &here]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::task::block_in_place(|| std::thread::sleep(whole.mul_f64(dice.f64())));
        let ended = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        child.wait().unwrap();
        let admin = world.path(&here).join("made/.dtool/dtool");
        if !ended && let Ok(admin) = fs::read_to_string(&admin) {
            cut += 1;
            let frozen = !admin.contains("protodataset");
            // All of it is there when it says so.
            assert!(
                !frozen || tree(&world.path(&here).join("made/data")) == tree(&world.path("made/data")),
                "round {round}"
            );
        }
        let again = run(&world, &["cp", &there, &here]);
        assert!(again.status.success(), "round {round}: {}", err(&again));
        let requests = world.sandbox.dserver().report().storage_requests;
        assert!(requests <= REQUESTS + AGAIN, "round {round}: {requests}");
        assert!(tree(&world.path(&here)) == tree(&world.path("whole")), "round {round}");
        fs::remove_dir_all(world.path(&here)).unwrap();
    }
    assert!(cut > 5, "{cut} runs were cut; a whole one takes {whole:?}");
    assert!(whole < Duration::from_secs(60));
}

/// The most memory that a process had, in MiB, and how it ended.
#[cfg(target_os = "linux")]
fn peak(command: &mut Command) -> (u64, Output) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut most = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let told = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            let Some(now) = told.and_then(|it| it.parse::<u64>().ok()) else { break };
            most = most.max(now);
            std::thread::sleep(Duration::from_millis(10));
        }
        most >> 10
    });
    let output = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
    (watch.join().unwrap(), output)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_item_of_300_megabytes_takes_little_memory_on_either_way() {
    use sha1::Digest as _;
    let world = world(DserverRelease::Next).await;
    made(&world, 0);
    fs::create_dir_all(world.path("made/data")).unwrap();
    // It takes no space here.
    fs::File::create(world.path("made/data/large")).unwrap().set_len(300_000_000).unwrap();
    let mut hash = md5::Md5::new();
    (0..300).for_each(|_| hash.update(vec![0; 1_000_000]));
    let item =
        json!({ "relpath": "large", "size_in_bytes": 300_000_000, "hash": hex(&hash.finalize()), "utc_timestamp": 1 });
    let items = json!({ hex(&sha1::Sha1::digest("large")): item });
    let manifest = json!({ "items": items, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0" });
    world.write("made/.dtool/manifest.json", &manifest.to_string());
    let at = host(&world);
    let (sent, output) = peak(&mut command(&world, &["cp", "made", &format!("dserver://{at}/s3/base1")]));
    told(&output);
    let (came, output) = peak(&mut command(&world, &["cp", &format!("dserver://{at}/{NEW}"), "here"]));
    told(&output);
    assert!(sent < 120 && came < 120, "{sent} MiB up, {came} MiB down");
    told(&run(&world, &["verify", "here/made"]));
}
