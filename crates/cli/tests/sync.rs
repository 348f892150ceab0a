//! `whimbrel sync` and its kin, as their users meet them, and killed at any moment.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use common::{World, err, fails, out, tree};

const TABLE: &str = "path,Title,Creator,Creation Date,State\n*,T,A. Ott,2026-11-21,raw\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_resource_are_kept_in_step() {
    let world = World::new().await;
    for name in ["a.csv", "deep/b c.csv", "deep/x.tmp"] {
        world.write(&format!("run/{name}"), name);
    }
    world.write("table.csv", TABLE);
    let there = "coscine://Demo/Measurements/run";
    let sync = ["sync", "run", there, "--metadata", "table.csv", "--exclude", "*.tmp"];
    let dry = world.run(&[&sync[..], &["-n"]].concat());
    assert!(dry.status.success(), "{}", err(&dry));
    insta::assert_snapshot!(out(&dry), @"
     ACTION  PATH          BYTES  WHY
     add     a.csv         5      new
     add     deep/b c.csv  12     new
    ");
    insta::assert_snapshot!(err(&dry), @"
    whimbrel: 2 to add, 0 to replace, 0 with other metadata, 0 to delete, 0 unchanged
    whimbrel: 4 requests, at 500 a minute less than a minute; 17 B to move
    whimbrel: 500.00 KiB of quota, as a file takes 256 kB at least
    ");
    assert!(world.run(&[&sync[..], &["--plan", "plan.json"]].concat()).status.success());
    let done = world.run(&["sync", "--apply", "plan.json"]);
    assert!(err(&done).contains("2 files, 17 B") && err(&done).contains("0 unchanged"), "{}", err(&done));
    assert!(err(&world.run(&sync)).contains("0 files, 0 B"));

    // A look asks for no metadata.
    world.write("run/new.csv", "new");
    let differs = world.run(&["diff", "run", there, "-o", "csv", "--exclude", "*.tmp"]);
    assert_eq!((differs.status.code(), err(&differs).as_str()), (Some(1), ""));
    assert!(out(&differs).contains("add,new.csv,3,new"), "{}", out(&differs));
    fs::remove_file(world.path("run/new.csv")).unwrap();

    world.write("run/a.csv", "longer now");
    let differs = world.run(&["diff", "run", there, "-o", "jsonl", "--exclude", "*.tmp"]);
    assert_eq!(differs.status.code(), Some(1));
    let line: serde_json::Value = serde_json::from_str(&out(&differs)).unwrap();
    assert_eq!(
        (&line["action"], &line["path"], &line["why"]),
        (&"replace".into(), &"a.csv".into(), &"another size".into())
    );
    let verified = world.run(&["verify", "run", there, "--exclude", "*.tmp"]);
    assert_eq!(verified.status.code(), Some(8));
    assert!(err(&verified).contains("1 files are whole: 1 by their hash"), "{}", err(&verified));
    assert!(world.run(&sync).status.success());
    assert!(world.run(&["verify", "run", there, "--exclude", "*.tmp"]).status.success());

    fs::remove_file(world.path("run/a.csv")).unwrap();
    assert!(world.run(&[&sync[..], &["--delete"]].concat()).status.success());
    let back = world.run(&["sync", there, "back"]);
    assert!(back.status.success(), "{}", err(&back));
    assert_eq!(tree(&world.path("back")).keys().collect::<Vec<_>>(), ["deep/b c.csv"]);
    assert!(world.sandbox.report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_are_checked_before_the_first_byte() {
    let world = World::new().await;
    world.write("run/a.csv", "a");
    world.write("run/b.csv", "b");
    world.write("table.csv", "path,Title,Creator,Creation Date,State\n*,T,Ada,today,raw\nb.csv,,,,odd\nc.csv,,,,\n");
    let there = "coscine://Demo/Measurements/run";
    world.sandbox.reset();
    let refused = world.run(&["sync", "run", there, "--metadata", "table.csv"]);
    assert_eq!(refused.status.code(), Some(6));
    insta::assert_snapshot!(err(&refused), @r#"
    whimbrel: table.csv, line 4 (c.csv): there is no such file
    table.csv, line 2 (a.csv): field "Creation Date": "today" is no date; write it as 2026-11-21
    table.csv, line 3 (b.csv): field "Creation Date": "today" is no date; write it as 2026-11-21
    table.csv, line 3 (b.csv): field "State": "odd" is none of: raw, cleaned, derived
    whimbrel: nothing was sent, as 3 values do not follow the profile
    "#);
    let report = world.sandbox.report();
    assert!(!report.by_operation.keys().any(|it| it.contains("Post") || it.contains("Create")), "{report:?}");

    let check = ["metadata", "check", "run", "--profile", there, "--metadata", "table.csv"];
    let checked = world.run(&[&check[..], &["--html", "report.html"]].concat());
    assert_eq!(checked.status.code(), Some(6));
    insta::assert_snapshot!(out(&checked), @"
          ┌ Title
          │ ┌ Creator
          │ │ ┌ Creation Date
          │ │ │ ┌ State
    a.csv ✓ ✓ ! ✓
    b.csv ✓ ✓ ! !
    ");
    let page = fs::read_to_string(world.path("report.html")).unwrap();
    assert!(page.contains("<td class=\"wrong\"") && !page.contains("://") && !page.contains("<script"), "{page}");
    world.write("good.csv", TABLE);
    let good = world.run(&["metadata", "check", "run", "--profile", "Measurement", "--metadata", "good.csv"]);
    assert!(good.status.success(), "{}", err(&good));

    assert!(world.run(&["sync", "run", there, "--metadata", "good.csv"]).status.success());
    let set = world.run(&["metadata", "set", "coscine://Demo/Measurements/run/a.csv", "State=clean"]);
    fails(&set, 6, "\"clean\" is none of: raw, cleaned, derived");
    assert!(world.run(&["metadata", "set", "coscine://Demo/Measurements/run/a.csv", "State=cleaned"]).status.success());
    let table = out(&world.run(&["metadata", "export", there]));
    insta::assert_snapshot!(table, @"
    path,Title,Creator,Creation Date,State
    a.csv,T,A. Ott,2026-11-21,cleaned
    b.csv,T,A. Ott,2026-11-21,raw
    ");
    // What was exported is a table to be sent.
    world.write("again.csv", &table);
    let again = world.run(&["sync", "run", there, "--metadata", "again.csv"]);
    assert!(err(&again).contains("2 unchanged"), "{}", err(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_command_lines_are_told() {
    let world = World::new().await;
    world.write("run/a.csv", "a");
    let there = "coscine://Demo/Files/run";
    fails(&world.run(&["sync", "run", "elsewhere"]), 2, "one of the two must be a folder here");
    fails(&world.run(&["sync", "nowhere", there]), 3, "nowhere: no such file or folder");
    fails(&world.run(&["sync", "run/a.csv", there]), 2, "send it with cp");
    fails(&world.run(&["sync", "run", "coscine://Demo"]), 2, "name a resource too");
    fails(&world.run(&["sync", "run", there, "--exclude", "a{b"]), 6, "a{b");
    fails(&world.run(&["sync", "run", there, "--metadata", "m.xlsx"]), 6, ".csv");
    world.write("plan.json", "{}");
    fails(&world.run(&["sync", "--apply", "plan.json"]), 6, "this is no plan of sync");
    fails(&world.run(&["rm", "coscine://Demo/Files/nothing"]), 3, "there is no such file or folder");
    fails(&world.run(&["rm", "coscine://Demo/Files/2026"]), 2, "delete it with -r");
    fails(&world.run(&["rm", "-r", "coscine://Demo/Files/2026"]), 2, "say --yes if that is what you want");
    fails(&world.run(&["profile", "show", "No such"]), 3, "whimbrel profile list shows all");
}

/// Runs a command and kills it after a while; tells whether it had ended by then.
fn killed(world: &World, arguments: &[&str], after: Duration) -> bool {
    let mut command = world.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tokio::task::block_in_place(|| std::thread::sleep(after));
    let ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_a_second_run_completes_it_and_sends_nothing_twice() {
    const FILES: u64 = 40;
    const JOBS: u64 = 8;
    let world = World::with(sandbox::Options {
        latency: Duration::from_millis(10),
        requests_per_minute: None,
        ..sandbox::Options::default()
    })
    .await;
    for n in 0..FILES {
        let size = if n == 7 { 4 << 20 } else { 100 + 37 * n as usize };
        world.write(&format!("run/part {}/{n}.bin", n % 3), &"x".repeat(size));
    }
    world.write("table.csv", TABLE);
    let sync = |there: &str| ["sync", "run", there, "--metadata", "table.csv", "-q"].map(str::to_owned);
    fn strs(it: &[String; 6]) -> [&str; 6] {
        it.each_ref().map(String::as_str)
    }
    let content = |world: &World| {
        let seen = world.sandbox.report().by_operation;
        ["PostStorageRaw", "PutStorageRaw"].iter().filter_map(|it| seen.get(*it)).sum::<u64>()
    };
    // How long a whole run takes.
    let (whole, start) = (sync("coscine://Demo/Measurements/whole"), Instant::now());
    let first = world.run(&strs(&whole));
    assert!(first.status.success(), "{}", err(&first));
    let whole = start.elapsed();

    let mut dice = fastrand::Rng::with_seed(7);
    let mut cut = 0;
    for round in 0..50 {
        let there = format!("coscine://Demo/Measurements/round {round}");
        let arguments = sync(&there);
        world.sandbox.reset();
        cut += u64::from(!killed(&world, &strs(&arguments), whole.mul_f64(dice.f64())));
        let again = world.run(&strs(&arguments));
        assert!(again.status.success(), "round {round}: {}", err(&again));
        let sent = content(&world);
        assert!((FILES..=FILES + JOBS).contains(&sent), "round {round}: {sent} contents were sent");
        let back = world.run(&["cp", "-r", &format!("{there}/"), "back", "-q"]);
        assert!(back.status.success(), "round {round}: {}", err(&back));
        assert!(tree(&world.path("back")) == tree(&world.path("run")), "round {round}: the trees differ");
        fs::remove_dir_all(world.path("back")).unwrap();
        assert!(world.run(&["diff", "run", &there]).status.success());
    }
    assert!(cut > 25, "only {cut} of 50 runs were cut");

    // The other way: nothing partial under a final name, and nothing left lying about.
    let there = "coscine://Demo/Measurements/whole";
    for round in 0..15 {
        killed(&world, &["sync", there, "down", "-q"], whole.mul_f64(dice.f64()));
        let (local, source) = (tree(&world.path("run")), world.path("down"));
        let there_now = if source.exists() { tree(&source) } else { BTreeMap::new() };
        for (name, content) in there_now.iter().filter(|(name, _)| !name.contains(".whimbrel-")) {
            assert!(local.get(name) == Some(content), "round {round}: {name} is not whole");
        }
        let again = world.run(&["sync", there, "down", "-q"]);
        assert!(again.status.success(), "round {round}: {}", err(&again));
        assert!(tree(&source) == local, "round {round}: {:?}", tree(&source).keys());
        fs::remove_dir_all(source).unwrap();
    }
}
