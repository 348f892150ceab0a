//! `whimbrel coscine`: projects, resources and their space; `du` and `open`.

mod common;

use common::{World, err, fails, out};

const PROFILE: &str = "https://purl.org/coscine/ap/whimbrel/simple/";

fn assert_prints(name: &str, text: String) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

fn assert_kept_to_the_document(world: &World) {
    assert!(world.sandbox.report().contract_violations.is_empty(), "{:?}", world.sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_from_its_making_to_its_end() {
    let world = World::new().await;
    let create = ["coscine", "project", "create", "Wear of turbine blades", "--display-name", "Turbine 7"];
    let said = ["--keyword", "wear", "--keyword", "steel", "--start", "2026-11-01", "--discipline", "Optics 308"];
    let made = world.json(&[&create[..], &said].concat());
    assert_eq!((&made["displayName"], &made["keywords"][1]), (&"Turbine 7".into(), &"steel".into()));

    let changed = world.json(&["coscine", "project", "update", "Turbine 7", "--slug", "t7", "--description", "Blades"]);
    assert_eq!((&changed["slug"], &changed["keywords"]), (&"t7".into(), &made["keywords"]), "what is not said stays");
    world.json(&["coscine", "project", "create", "Blade 1", "--below", "t7"]);
    let below = world.json(&["coscine", "projects", "ls", "--below", "t7"]);
    assert_eq!(below[0]["displayName"], "Blade 1");
    let tree = world.json(&["coscine", "project", "list", "--tree"]);
    let leaf = tree.as_array().unwrap().iter().find(|it| it["displayName"] == "Blade 1").unwrap();
    assert_eq!((&leaf["depth"], &leaf["parentId"]), (&1.into(), &made["id"]));
    assert!(world.text(&["coscine", "project", "list", "--tree"]).contains("\n   Blade 1 "), "indented for people");

    // Nobody can be asked here.
    let delete = ["coscine", "project", "delete", "Blade 1"];
    fails(&world.run(&delete), 2, "this would delete the project \"Blade 1\" for good; say --yes");
    assert!(world.told(&[&delete[..], &["--yes"]].concat()).contains("done"));
    fails(&world.run(&["coscine", "project", "show", "Blade 1"]), 3, "no such project");
    fails(&world.run(&["coscine", "project", "leave", "t7"]), 2, "--yes");
    fails(&world.run(&["coscine", "project", "update", "t7", "--end", "soon"]), 6, "write it as 2026-11-21");
    fails(&world.run_as("bob", &["coscine", "project", "rm", "Demo", "-y"]), 5, "403");
    assert!(world.run_as("bob", &["coscine", "project", "leave", "Demo", "-y"]).status.success());
    assert_kept_to_the_document(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_from_its_making_to_its_end() {
    let world = World::new().await;
    let create = ["coscine", "resource", "create", "Demo", "Raw", "--type", "rdsrwth", "--profile", PROFILE];
    fails(&world.run(&create), 2, "a resource of the type rdsrwth needs --quota");
    let fixed = "http://purl.org/dc/terms/creator=A. Ott";
    let made = world.json(&[&create[..], &["--quota", "5GiB", "--fixed-value", fixed]].concat());
    assert_eq!(made["type"]["specificType"], "rdsrwth");
    assert!(made["fixedValues"]["http://purl.org/dc/terms/creator"].to_string().contains("A. Ott"));
    let update = ["coscine", "resource", "update", "Demo", "Raw", "--license", "cc by 4.0", "--quota", "7g"];
    assert_eq!(world.json(&update)["license"]["displayName"], "CC BY 4.0");
    assert_eq!(world.json(&["coscine", "resource", "archive", "Demo", "Raw"])["archived"], true);
    assert_eq!(world.json(&["coscine", "resource", "unarchive", "Demo", "Raw"])["archived"], false);
    let by_id = world.json(&["coscine", "resource", "show", made["id"].as_str().unwrap()]);
    assert_eq!(by_id["displayName"], "Raw");
    assert_eq!(world.json(&["coscine", "resources", "ls", "Demo"]).as_array().unwrap().len(), 4);
    fails(&world.run(&["coscine", "resource", "rm", "Demo", "Raw"]), 2, "with all files and metadata; say --yes");
    assert!(world.run(&["coscine", "resource", "rm", "Demo", "Raw", "--yes"]).status.success());
    fails(&world.run(&["coscine", "resource", "show", "Demo", "Raw"]), 3, "no such resource");

    let some = world.run(&["coscine", "resource", "list", "Many Resources", "-L", "50"]);
    assert!(err(&some).contains("showing 50 of 53"), "{}", err(&some));
    assert!(world.text(&["coscine", "resource", "types"]).contains("rdss3rwth"));
    let one = world.json(&["coscine", "resource", "types", "rdsrwth", "--project", "Demo"]);
    assert_eq!(one["generalType"], "rds");
    fails(&world.run(&["coscine", "resource", "types", "floppy"]), 3, "floppy");
    assert_kept_to_the_document(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_printed_where_they_are_asked_for_and_nowhere_else() {
    let world = World::new().await;
    let keys = ["coscine", "resource", "keys", "Demo", "Bucket"];
    let read = world.run(&[&keys[..], &["-vvv"]].concat());
    assert!(out(&read).contains("sandbox-read-secret") && !err(&read).contains("sandbox-read-secret"));
    assert!(!out(&read).contains("write"), "as little as will do");
    assert_eq!(world.json(&[&keys[..], &["--write"]].concat())["accessKey"], "write");
    for other in [&["coscine", "resource", "show", "Demo", "Bucket", "-o", "json"][..], &["coscine", "quota", "-vvv"]] {
        let output = world.run(other);
        assert!(!(out(&output) + &err(&output)).contains("secret"), "{other:?}");
    }
    fails(&world.run(&["coscine", "resource", "keys", "Demo", "Files"]), 6, "has no bucket");
    fails(&world.run_as("carol", &keys), 5, "guests get none");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_of_output_of_a_few() {
    let world = World::new().await;
    assert_prints("project_list_table", world.text(&["coscine", "project", "list", "-L", "3"]));
    assert_prints("resource_list_csv", world.text(&["coscine", "resource", "list", "Demo", "-o", "csv"]));
    assert_prints("catalogue_roles_json", world.text(&["coscine", "catalogue", "roles", "-o", "json"]));
    assert_prints("quota_table", world.text(&["coscine", "quota", "--project", "Demo"]));
    assert_prints("quota_csv", world.text(&["coscine", "quota", "--project", "Demo", "-o", "csv"]));
    assert_prints("du_table", world.text(&["du", "coscine://Demo", "-d", "2"]));
    assert_prints("du_jsonl", world.text(&["du", "coscine://Demo/Files/2026", "-o", "jsonl"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_reaches_the_terminal_raw() {
    let world = World::new().await;
    let evil = "a\u{1b}[2J\u{9b}31m\u{202e}z";
    let made = world.json(&["coscine", "project", "create", evil, "--display-name", evil]);
    assert_eq!(made["displayName"], evil);
    let id = made["id"].as_str().unwrap();
    for arguments in [
        &["coscine", "project", "list"][..],
        &["coscine", "project", "list", "-o", "jsonl"],
        &["coscine", "project", "list", "--tree"],
        &["coscine", "project", "show", id],
        &["coscine", "project", "show", id, "-o", "json"],
        &["coscine", "project", "show", evil, "-v"],
        &["coscine", "quota", "--project", evil],
        &["coscine", "resource", "show", evil, evil],
        &["api", "coscine", "GetProject", "-F", &format!("projectId={id}")],
        &["coscine", "project", "delete", id],
        &["coscine", "project", "delete", id, "--yes"],
    ] {
        let output = world.run(arguments);
        let text = out(&output) + &err(&output);
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{arguments:?}: {text:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn space_is_shown_with_old_versions_apart() {
    let world = World::new().await;
    world.write("a.bin", &"x".repeat(100_000));
    for _ in 0..2 {
        assert!(world.run(&["cp", "--overwrite", "a.bin", "coscine://Demo/Files/", "-q"]).status.success());
    }
    let quota = world.json(&["coscine", "quota", "--project", "Demo", "--refresh"]);
    let files = quota.as_array().unwrap().iter().find(|it| it["resource"] == "Files").unwrap();
    assert_eq!((&files["versions"], &files["current"]), (&100_000.into(), &100_286.into()));
    let table = world.run(&["coscine", "quota", "--project", "Demo"]);
    assert!(out(&table).contains("▓▒░"), "{}", out(&table));
    assert!(err(&table).contains("what failed uploads take the service does not tell"));

    // All projects, in a few requests at once and no more than there are lists and resources.
    world.sandbox.reset();
    let all = world.json(&["coscine", "quota", "--cache", "off"]);
    assert_eq!(all.as_array().unwrap().len(), 56);
    assert_eq!(world.sandbox.report().requests, 2 + 57 + 1 + 56);

    assert_eq!(world.json(&["coscine", "quota", "list", "Demo"]).as_array().unwrap().len(), 7);
    assert!(world.told(&["coscine", "quota", "set", "Demo", "rdsrwth", "90GiB"]).contains("90.00 GiB"));
    assert_eq!(world.json(&["coscine", "quota", "show", "Demo", "rdsrwth"])["allocated"], 90_u64 << 30);
    fails(&world.run(&["coscine", "quota", "set", "Demo", "rdsrwth", "1GiB"]), 6, "400");
    assert!(out(&world.run(&["coscine", "quota", "-q", "list", "Demo"])).contains("rdsrwth"));
    fails(&world.run(&["coscine", "quota", "--project", "Demo", "list", "Demo"]), 2, "--project is for the overview");
    let wrong = world.run(&["coscine", "quota", "set", "Demo", "rdsrwth", "much"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("write a size such as 25GiB"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_resource_that_fails_is_said_and_hides_no_other() {
    let world = World::new().await;
    world.refuse("GetQuotaForResourceForProject", 2);
    let output = world.run(&["coscine", "quota", "--project", "Demo", "-o", "csv", "--cache", "off"]);
    assert_eq!(output.status.code(), Some(8), "{}", err(&output));
    assert_eq!(out(&output).lines().count(), 4);
    assert!(err(&output).contains("1 of 3 failed"), "{}", err(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_and_files_are_counted() {
    let world = World::new().await;
    let sum = |address: &str, depth: &str| {
        let rows = world.json(&["du", address, "-d", depth]);
        let last = rows.as_array().unwrap().last().unwrap().clone();
        (rows.as_array().unwrap().len(), last["bytes"].as_u64().unwrap(), last["files"].as_u64().unwrap())
    };
    assert_eq!(sum("coscine://Demo/Files", "0"), (1, 286, 5));
    assert_eq!(sum("coscine://Demo/Files/2026/", "1"), (3, 175, 3));
    assert_eq!(sum("coscine://Demo", "0"), (1, 572, 10));
    assert_eq!(sum("coscine://Demo", "1"), (4, 572, 10));
    fails(&world.run(&["du", "coscine://Demo/Files/nowhere"]), 3, "nowhere");
    fails(&world.run(&["du", "Demo"]), 6, "it does not begin with coscine://");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_opened_or_printed() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    let base = world.sandbox.url().strip_suffix("/coscine").unwrap();
    assert_eq!(world.text(&["open", "coscine://Demo", "--print"]), format!("{base}/p/demo\n"));
    let page = world.text(&["open", "coscine://Demo/Files", "--print"]);
    assert!(page.starts_with(&format!("{base}/p/demo/r/")) && page.ends_with("/\n"), "{page}");

    world.write("browser", "#!/bin/sh\necho \"$1\" > opened\n");
    let browser = world.folder.path().join("browser");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = world.watched(world.command(&["open", "coscine://Demo/Files"]).env("BROWSER", &browser));
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(std::fs::read_to_string(world.folder.path().join("opened")).unwrap(), page);
    let none = world.watched(world.command(&["open", "coscine://Demo"]).env("BROWSER", "/nowhere"));
    fails(&none, 1, &format!("the page is {base}/p/demo"));
    fails(&world.run(&["open", "coscine://Demo/Files/readme.txt"]), 2, "files have no page");
}
