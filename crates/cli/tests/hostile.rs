//! A server that gives files names meant to do harm: nothing is written outside of the target, and no name reaches the
//! terminal raw.

mod common;

use std::{fs, path::Path};

use common::{World, err, out, tree};
use mockito::{Matcher, Server, ServerGuard};
use serde_json::{Value, json};

/// Names from a server, and whether a file of that name may be written here.
fn names() -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = [
        ("good.txt", true),
        ("deep/also good.txt", true),
        ("../escaped", false),
        ("deep/../../escaped", false),
        ("..", false),
        ("/absolute", true),
        ("deep//empty", false),
        ("./dot", false),
        ("nul\0byte", false),
        ("C:\\windows", cfg!(unix)),
        ("C:drive", cfg!(unix)),
        ("back\\slash", cfg!(unix)),
        ("..\\escaped", cfg!(unix)),
        ("CON", cfg!(unix)),
        ("deep/nul.txt", cfg!(unix)),
        ("dots...", cfg!(unix)),
        ("space ", cfg!(unix)),
        ("red\u{1b}[31m.txt", true),
        ("bell\u{7}", true),
        ("two\nlines", true),
        ("gpj\u{202e}exe.txt", true),
        ("\u{2066}isolate", true),
        ("case.txt", true),
        ("CASE.txt", cfg!(target_os = "linux")),
        ("link/x", false),
        ("link", false),
        ("-rf", true),
        ("~", true),
        ("$(id)", true),
    ]
    .map(|(name, good)| (name.to_owned(), good))
    .to_vec();
    names.push(("n".repeat(255), true));
    names.push(("ü".repeat(200), false));
    names
}

async fn server() -> ServerGuard {
    let mut server = Server::new_async().await;
    let page = |items: Vec<Value>| {
        let n = items.len();
        let pagination = json!({ "currentPage": 1, "totalPages": 1, "pageSize": 50, "totalCount": n, "hasPrevious": false, "hasNext": false });
        json!({ "data": items, "isSuccess": true, "statusCode": 200, "pagination": pagination }).to_string()
    };
    let project = json!({
        "id": "3d3a3a70-0000-4000-8000-000000000001", "pid": "21.11102/p", "name": "P", "displayName": "P",
        "description": "", "startDate": "2026-01-01T00:00:00Z", "endDate": "2027-01-01T00:00:00Z", "slug": "p", "keywords": [],
        "projectQuota": [], "disciplines": [], "organizations": [], "visibility": {}, "creationDate": "2026-01-01T00:00:00Z",
    });
    let resource = json!({
        "id": "3d3a3a70-0000-4000-8000-000000000002", "pid": "21.11102/r", "name": "R", "displayName": "R", "description": "",
        "type": { "generalType": "rds", "specificType": "rdsrwth" }, "applicationProfile": { "uri": "urn:profile" },
        "fixedValues": {}, "disciplines": [], "visibility": {}, "archived": false, "keywords": [],
    });
    let file = |(name, _): (String, bool)| json!({ "path": name, "type": "Leaf", "name": name, "size": 4, "changeDate": "2026-01-01T00:00:00Z" });
    let ok = async |server: &mut ServerGuard, path: Matcher, body: String| {
        let mock = server.mock("GET", path).with_header("content-type", "application/json").with_body(body);
        mock.expect_at_least(0).create_async().await;
    };
    ok(&mut server, Matcher::Regex("/content$".into()), "evil".into()).await;
    ok(&mut server, Matcher::Regex("/projects\\?".into()), page(vec![project])).await;
    ok(&mut server, Matcher::Regex("/resources\\?".into()), page(vec![resource])).await;
    ok(&mut server, Matcher::Regex("/storage\\?".into()), page(names().into_iter().map(file).collect())).await;
    server
}

fn is_harmless(text: &str) {
    let harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(harmful), "{text:?}");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn no_name_escapes_or_reaches_the_terminal_raw() {
    let (world, server) = (World::new().await, server().await);
    write(&world.path("outside/precious"), "precious");
    let url = format!("{}/coscine", server.url());
    let run = |arguments: &[&str]| {
        let output = world.watched(world.command(arguments).env("COSCINE_URL", &url));
        is_harmless(&out(&output));
        is_harmless(&err(&output));
        output
    };
    for (round, command) in [&["cp", "-r", "coscine://P/R"][..], &["sync", "coscine://P/R"]].into_iter().enumerate() {
        let target = format!("work/target {round}");
        let folder = world.path(&target);
        fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink(world.path("outside"), folder.join("link")).unwrap();
        let extra: &[&str] = if round == 0 { &["--overwrite"] } else { &["--failed-to", "failed.txt"] };
        // Onto the folder itself, and not into it.
        let name = if round == 0 { format!("{target}/.") } else { target.clone() };
        let done = run(&[command, &[name.as_str()], extra].concat());
        assert_eq!(done.status.code(), Some(8), "{}", err(&done));
        let refused = names().into_iter().filter(|(_, good)| !good).count();
        assert!(err(&done).contains(&format!("{refused} failed")), "{}", err(&done));
        let written = tree(&folder);
        for (name, good) in names().into_iter().filter(|(_, good)| *good) {
            let name = name.trim_start_matches('/');
            assert!(good && written.keys().any(|it| it.ends_with(name)), "{name:?} is missing of {:?}", written.keys());
        }
        let outside = tree(&world.path("outside"));
        assert_eq!(outside.into_iter().collect::<Vec<_>>(), [("precious".to_owned(), b"precious".to_vec())]);
    }
    let mut top: Vec<_> = fs::read_dir(world.path("work")).unwrap().map(|it| it.unwrap().file_name()).collect();
    top.sort();
    assert_eq!(top, ["target 0", "target 1"], "nothing beside the targets");
    assert!(!Path::new("/absolute").exists() && !world.path("escaped").exists());
    run(&["ls", "-r", "coscine://P/R"]);
    run(&["sync", "-n", "coscine://P/R", "work/third"]);
    run(&["diff", "coscine://P/R", "work/target 1"]);
    run(&["rm", "-r", "-n", "coscine://P/R"]);
}
