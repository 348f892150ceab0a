//! What comes after release 0.22 of dserver, where a server offers it: the sandbox's does, as there is no real one yet.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use sandbox::{DserverRelease, Options, Sandbox};
use serde_json::{Map, json};
use whimbrel::{
    CacheMode, Kind, Paged as _,
    dserver::{Client, Feature, Right},
};
use whimbrel_tests::dserver::uuid;

async fn world(options: Options) -> Sandbox {
    Sandbox::start(Options { dserver_release: DserverRelease::Next, ..options }).await.unwrap()
}

fn client(sandbox: &Sandbox, user: &str) -> Client {
    let token = sandbox.dserver().token(user).unwrap();
    Client::builder().url(sandbox.dserver().url()).token(token).cache(CacheMode::Off).build().unwrap()
}

async fn uri(client: &Client, i: usize) -> String {
    client.lookup(&uuid(i)).await.unwrap().remove(0).uri
}

#[tokio::test]
async fn what_is_known_of_a_dataset_is_changed_and_found_again() {
    let world = world(Options::default()).await;
    let client = client(&world, "testuser");
    let features = client.features().await.unwrap();
    assert_eq!(Feature::ALL.into_iter().filter(|it| !features.has(*it)).collect::<Vec<_>>(), [], "all is offered");
    let uri = uri(&client, 1).await;

    client.replace_readme(&uri, "project: another\n").await.unwrap();
    assert_eq!(client.readme(&uri).await.unwrap().yaml().unwrap(), json!({ "project": "another" }));

    client.replace_tags(&uri, ["a".to_owned(), "b c".to_owned()]).await.unwrap();
    client.add_tag(&uri, "d").await.unwrap();
    client.remove_tag(&uri, "b c").await.unwrap();
    assert_eq!(client.tags(&uri).await.unwrap(), ["a", "d"]);

    client.replace_annotations(&uri, Map::from_iter([("n".to_owned(), json!(1))])).await.unwrap();
    client.set_annotation(&uri, "deep", json!({ "a": [1, null] })).await.unwrap();
    client.set_annotation(&uri, "gone", json!(true)).await.unwrap();
    client.remove_annotation(&uri, "gone").await.unwrap();
    let annotations = client.annotations(&uri).await.unwrap();
    assert_eq!((&annotations["n"], &annotations["deep"]), (&json!(1), &json!({ "a": [1, null] })));
    assert_eq!(annotations.len(), 2);
    assert!(world.dserver().report().contract_violations.is_empty());
}

#[tokio::test]
async fn single_rights_are_given_by_one_request_each() {
    let world = world(Options::default()).await;
    let admin = client(&world, "admin");
    let base_uri = "s3://base1";
    admin.features().await.unwrap();
    for (right, operation) in [(Right::Search, "grant_search"), (Right::Register, "grant_register")] {
        admin.grant("nobody", base_uri, right).await.unwrap();
        assert_eq!(world.dserver().report().by_operation[operation], 1);
    }
    let nobody = admin.user("nobody").await.unwrap();
    assert_eq!(nobody.search_permissions_on_base_uris.unwrap(), [base_uri]);
    assert_eq!(nobody.register_permissions_on_base_uris.unwrap(), [base_uri]);
    admin.revoke("nobody", base_uri, Right::Search).await.unwrap();
    admin.revoke("nobody", base_uri, Right::Register).await.unwrap();
    assert!(admin.user("nobody").await.unwrap().search_permissions_on_base_uris.unwrap_or_default().is_empty());
    assert!(!world.dserver().report().by_operation.contains_key("register_base_uri"), "no other right was touched");
}

#[tokio::test]
async fn users_have_names_for_people_and_a_server_tells_how_it_is() {
    let world = world(Options::default()).await;
    let (user, admin) = (client(&world, "testuser"), client(&world, "admin"));
    assert_eq!(user.rename_me("Test User").await.unwrap().other["display_name"], "Test User");
    assert_eq!(user.me().await.unwrap().other["display_name"], "Test User");
    let renamed = admin.rename_user("nobody", "No Body").await.unwrap();
    assert_eq!((renamed.other["display_name"].as_str(), renamed.is_admin), (Some("No Body"), false));
    assert_eq!(user.rename_user("nobody", "x").await.unwrap_err().kind(), Kind::Forbidden);
    assert!(user.health().await.unwrap().contains_key("status"));
}

#[tokio::test]
async fn many_questions_are_five_times_as_fast_at_once_and_no_more_than_sixteen_are_asked() {
    let latency = Duration::from_millis(30);
    let world = world(Options { datasets: 200, latency, ..Options::default() }).await;
    let client = client(&world, "testuser");
    let uris: Vec<String> = client.search().stream().map(|it| it.unwrap().uri).collect().await;
    assert_eq!(uris.len(), 200);
    let start = Instant::now();
    for uri in &uris[..40] {
        client.readme(uri).await.unwrap();
    }
    let (in_turn, start) = (start.elapsed() * 5, Instant::now());
    let answers: Vec<_> = client.readmes(uris.clone()).collect().await;
    let at_once = start.elapsed();
    assert!(at_once * 5 <= in_turn, "{at_once:?} at once, {in_turn:?} in turn");
    assert_eq!(answers.iter().filter(|(_, answer)| answer.is_ok()).count(), 200);
    let at_once = world.dserver().report().peak_concurrency;
    assert!((12..=16).contains(&at_once), "{at_once}");
    let asked = world.dserver().report().requests;
    drop(client.manifests(uris).next().await);
    let more = world.dserver().report().requests - asked;
    assert!(more <= 32, "who goes away leaves nothing running: {more}");
}
