//! `whimbrel coscine`: what Coscine offers to all, and tells of itself.

mod common;

use common::{World, err, fails, out};

fn count(value: &serde_json::Value) -> usize {
    value.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_catalogue_is_listed_and_searched() {
    let world = World::new().await;
    for (catalogue, items, name) in [
        ("disciplines", 12, "Informatik 409"),
        ("languages", 2, "de"),
        ("licenses", 7, "cc by 4.0"),
        ("roles", 3, "owner"),
        ("titles", 2, "Dr."),
        ("visibilities", 2, "Public"),
    ] {
        let all = world.json(&["coscine", "catalogue", catalogue]);
        assert_eq!(count(&all), items, "{catalogue}");
        let one = world.json(&["coscine", "catalogue", catalogue, name]);
        assert!(all.as_array().unwrap().contains(&one));
        fails(&world.run(&["coscine", "catalogue", catalogue, "no such thing"]), 3, "no such thing");
    }
    let found = world.json(&["coscine", "catalogue", "organizations", "dortmund"]);
    assert_eq!(count(&found), 1);
    let ror = found[0]["uri"].as_str().unwrap();
    assert_eq!(world.json(&["coscine", "catalogue", "organizations", ror])["uri"], ror);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_and_vocabularies_are_listed_and_printed_whole() {
    let world = World::new().await;
    let profiles = world.json(&["coscine", "profiles", "ls"]);
    let iri = profiles[1]["uri"].as_str().unwrap();
    assert!(world.text(&["coscine", "profile", "show", iri, "--rdf"]).contains("sh:NodeShape"));
    assert_eq!(world.json(&["coscine", "profile", "show", iri])["uri"], iri);
    fails(&world.run(&["coscine", "profile", "show", "urn:none", "--rdf"]), 3, "urn:none");
    let request = ["coscine", "profile", "request", "urn:p", "-", "--name", "P"];
    let handed_in = world.run_with(&request, "<urn:p> a <http://www.w3.org/ns/shacl#NodeShape> .");
    assert!(handed_in.status.success(), "{}", err(&handed_in));

    let some = world.run(&["coscine", "vocabulary", "terms", "instruments", "-L", "3"]);
    assert_eq!((out(&some).lines().count(), err(&some).contains("showing 3 of 200")), (4, true), "{}", err(&some));
    let found = world.json(&["coscine", "vocabulary", "terms", "Instruments", "balance 2"]);
    let term = found[0]["instanceUri"].as_str().unwrap();
    assert_eq!(world.json(&["coscine", "vocabulary", "term", term]), found[0]);
    assert_eq!(world.text(&["coscine", "vocabulary", "show", "Instruments"]).lines().count(), 200);
    let class = world.json(&["coscine", "vocabulary", "list", "instr"])[0]["classUri"].clone();
    assert_eq!(
        count(&world.json(&["coscine", "vocabulary", "terms", class.as_str().unwrap(), "balance 2"])),
        count(&found)
    );
    fails(&world.run(&["coscine", "vocabulary", "terms", "Colours"]), 3, "no such vocabulary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_narrowed_and_counted() {
    let world = World::new().await;
    let projects = world.json(&["coscine", "search", "re", "--category", "project"]);
    assert_eq!(count(&projects), 1);
    let table = world.run(&["coscine", "search", "re", "-L", "2"]);
    assert!(out(&table).contains("project") && err(&table).contains("showing 2 of 55"), "{}", err(&table));
    let counts = world.json(&["coscine", "search", "re", "--count"]);
    assert_eq!(counts["https://purl.org/coscine/terms/structure#Project"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_whether_it_works() {
    let world = World::new().await;
    let titles = |arguments: &[&str]| {
        let all = world.json(&[&["coscine", "status"], arguments].concat());
        all.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&["--language", "de"]), ["Der Speicher ist langsam"]);
    assert_eq!(titles(&["--all"]).len(), 2);
    assert_eq!(titles(&["--internal", "--kind", "Maintenance"]), ["The network is maintained"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pids_and_reports() {
    let world = World::new().await;
    let pid = world.json(&["coscine", "project", "show", "Demo"])["pid"].as_str().unwrap().to_owned();
    assert_eq!(world.json(&["coscine", "pid", "show", &pid])["type"], "project");
    assert!(world.text(&["coscine", "pid", "handle", &pid]).contains("URL"));
    let ask = ["coscine", "pid", "ask", &pid, "--name", "Bo", "--message", "May I?", "--email"];
    assert!(world.told(&[&ask[..], &["bo@example.org"]].concat()).contains("the owner is asked"));
    fails(&world.run(&[&ask[..], &["bo"]].concat()), 6, "owner of PID");
    fails(&world.run(&["coscine", "pid", "show", "21.11102/00000000-0000-4000-8000-000000000410"]), 3, "was deleted");
    fails(&world.run(&["coscine", "pid", "show", "none"]), 6, "it is no PID");
    fails(&world.run(&["coscine", "pid", "list"]), 5, "403");
    let some = world.run_as("admin", &["coscine", "pid", "list", "--projects", "-L", "1"]);
    assert!(err(&some).contains("showing 1 of 57"), "{}", err(&some));

    let figures = world.json(&["coscine", "report", "kpi"]);
    assert_eq!((count(&figures), &figures[0]["value"]), (4, &57.0.into()));
    assert!(world.run_as("admin", &["coscine", "report", "project"]).status.success());
    assert!(world.run(&["coscine", "report", "kpi", "--storage", "rdsrwth"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_is_asked_for() {
    let world = World::new().await;
    let services = world.json(&["coscine", "publication", "services", "Aachen"]);
    let ror = services[0]["organizationRor"].as_str().unwrap();
    let request = ["coscine", "publication", "request", "Demo", "Files", "Bucket", "--organization", ror];
    let id = world.json(&request)["id"].as_str().unwrap().to_owned();
    let made = world.json(&["coscine", "publication", "show", "Demo", &id]);
    assert_eq!(made["resources"].as_array().unwrap().len(), 2);
    fails(&world.run(&["coscine", "publication", "request", "Demo", "Nothing", "--organization", ror]), 3, "Nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_gitlab_is_never_shown() {
    let world = World::new().await;
    for verb in [&["projects"][..], &["projects", "7"], &["branches", "7"]] {
        let command = [&["coscine", "gitlab"], verb, &["--domain", "https://git.example.org", "-vvv"]].concat();
        let output = world.run_with(&command, "hush-hush\n");
        assert!(!(out(&output) + &err(&output)).contains("hush"), "{}", err(&output));
        assert!(output.status.success(), "{}", err(&output));
        fails(&world.run_with(&command[..command.len() - 1], ""), 4, "the GitLab token is empty");
    }
}
