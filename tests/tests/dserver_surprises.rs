//! What release 0.22 of dserver does that a client must survive, each on a real server, but for the page of HTML, which comes
//! from whatever stands before one; the table stands in `crates/sdk/src/dserver/README.md`. Tests here write: each to datasets and users of its own.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Value, json};
use whimbrel::{
    CacheMode, Kind, Paged as _,
    dserver::{Client, Dataset, Feature, Item, Manifest, Registration, Right},
};
use whimbrel_tests::dserver::{Dserver, name, uuid};

fn client(dserver: &Dserver, token: &str) -> Client {
    Client::builder().url(dserver.url()).token(token.to_owned()).cache(CacheMode::Off).build().unwrap()
}

/// A dataset that only one test knows.
fn registration(dserver: &Dserver, n: u32, name: &str) -> Registration {
    let base_uri = dserver.base_uris()[0].clone();
    let item = Item { relpath: "a b.txt".into(), size_in_bytes: 7, hash: "0".repeat(32), ..Item::default() };
    let items = [("fdf5c75e2f84ae497b6113db59048403d7d909c4".to_owned(), item)].into();
    let (hash_function, version) = (Some("md5sum_hexdigest".to_owned()), Some("3.19.0".to_owned()));
    Registration {
        uuid: format!("{n:08x}-1111-4000-8000-000000000000"),
        uri: format!("{base_uri}/{name}"),
        base_uri,
        name: name.chars().filter(char::is_ascii_alphanumeric).collect(),
        creator_username: "ada".to_owned(),
        created_at: None,
        frozen_at: "2026-11-21T10:34:57.626212Z".parse().unwrap(),
        readme: format!("project: {name}\n"),
        manifest: Manifest { items, hash_function, dtoolcore_version: version, other: Map::new() },
        annotations: Map::from_iter([("n".to_owned(), json!({ "deep": [1, null] }))]),
        tags: vec!["surprise".to_owned()],
    }
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

async fn names(found: impl futures::Stream<Item = whimbrel::Result<Dataset>>) -> BTreeSet<String> {
    found.map_ok(|it| it.name).try_collect().await.unwrap()
}

#[tokio::test]
async fn a_deleted_dataset_is_gone_where_it_is_looked_up_though_searches_find_its_ghost() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let dataset = registration(dserver, 1, "ghost");
    client.register(&dataset).await.unwrap();
    assert_eq!(client.dataset(&dataset.uri).await.unwrap().size_in_bytes, Some(7));
    client.delete(&dataset.uri).await.unwrap();
    assert_eq!(client.dataset(&dataset.uri).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(client.lookup(&dataset.uuid).await.unwrap_err().kind(), Kind::NotFound);
    client.delete(&dataset.uri).await.expect("what is gone may be deleted");
    // The day this fails, the server is mended: take the warning at `Client::delete` away.
    assert!(names(client.search().text("ghost").stream()).await.contains("ghost"));
    assert_eq!(client.readme(&dataset.uri).await.unwrap().text, "project: ghost\n");
}

#[tokio::test]
async fn a_uri_with_spaces_and_other_signs_is_found_again() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let dataset = registration(dserver, 2, "run 1 + ü & 50%25 #2?");
    client.register(&dataset).await.unwrap();
    let found = client.dataset(&dataset.uri).await.unwrap();
    assert_eq!((&found.uri, &found.uuid, found.frozen_at), (&dataset.uri, &dataset.uuid, Some(dataset.frozen_at)));
    assert_eq!(client.readme(&dataset.uri).await.unwrap().text, dataset.readme);
    assert_eq!(client.manifest(&dataset.uri).await.unwrap().items, dataset.manifest.items);
    assert_eq!(client.tags(&dataset.uri).await.unwrap(), ["surprise"]);
    let annotations = client.annotations(&dataset.uri).await.unwrap();
    assert_eq!(annotations["n"], json!("{'deep': [1, None]}"), "as the server gives it: text, and Python's");
    client.delete(&dataset.uri).await.unwrap();
}

#[tokio::test]
async fn past_the_end_and_without_rights_lists_are_empty() {
    let Some(dserver) = Dserver::shared() else { return };
    let (user, admin) = (client(dserver, dserver.token()), client(dserver, dserver.admin_token()));
    // By SQL, where the server answers 404; and by MongoDB, where it answers `[]`.
    assert!(admin.users().page(9).await.unwrap().items.is_empty());
    assert!(admin.base_uris().page(9).await.unwrap().items.is_empty());
    assert!(user.copies(uuid(0)).page(9).await.unwrap().items.is_empty());
    assert!(user.search().page(9).await.unwrap().items.is_empty());
    assert!(user.query(json!({})).unwrap().page(9).await.unwrap().items.is_empty());
    let nobody = client(dserver, dserver.nobody_token());
    let page = nobody.search().page(1).await.unwrap();
    assert!(page.items.is_empty() && !page.more, "{page:?}");
    assert!(nobody.query(json!({})).unwrap().stream().try_collect::<Vec<_>>().await.unwrap().is_empty());
}

#[tokio::test]
async fn errors_are_one_line_whatever_form_they_have() {
    let Some(dserver) = Dserver::shared() else { return };
    // The JWT layer: `{"msg": ...}` with 422, and with 401.
    let told = client(dserver, "no.such.token").me().await.unwrap_err();
    assert!(told.to_string().contains("422"), "{told}");
    let nobody = Client::builder().url(dserver.url()).cache(CacheMode::Off).build().unwrap();
    let told = nobody.me().await.unwrap_err();
    assert_eq!(told.kind(), Kind::Unauthenticated);
    assert!(told.to_string().contains("Missing Authorization Header"), "{told}");
    // flask-smorest: `{"code", "status"}`.
    let user = client(dserver, dserver.token());
    let told = user.users().page(1).await.unwrap_err();
    assert_eq!(told.kind(), Kind::Forbidden);
    assert!(!told.to_string().contains('{'), "{told}");
    let missing = format!("{}/none", dserver.base_uris()[0]);
    let told = user.dataset(&missing).await.unwrap_err();
    assert_eq!((told.kind(), told.object()), (Kind::NotFound, Some(missing.as_str())));
    let told = user.dataset("s3://nobody-registered-this/1").await.unwrap_err();
    assert_eq!(told.kind(), Kind::Forbidden, "a base URI that is not known is not distinguished from a foreign one");
}

#[tokio::test]
async fn a_page_of_html_is_told_by_its_title() {
    let mut proxy = mockito::Server::new_async().await;
    let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>";
    let answer = proxy.mock("GET", mockito::Matcher::Any).with_status(400).with_header("content-type", "text/html");
    answer.with_body(page).create_async().await;
    let client = Client::builder().url(proxy.url()).cache(CacheMode::Off).build().unwrap();
    let told = client.dataset("s3://b/1").await.unwrap_err().to_string();
    assert!(told.contains("502 Bad Gateway") && !told.contains('<'), "{told}");
    let answer = proxy.mock("GET", mockito::Matcher::Any).with_status(200).with_header("content-type", "text/html");
    answer.with_body(page).create_async().await;
    let told = client.dataset("s3://b/1").await.unwrap_err();
    assert_eq!(told.kind(), Kind::Unexpected, "a success that is no dataset: {told}");
}

#[tokio::test]
async fn what_the_server_takes_for_another_question_is_never_sent() {
    let mut server = mockito::Server::new_async().await;
    // Without this header the real one gives all datasets, whatever the body asks.
    let search = server.mock("POST", "/uris").match_query(mockito::Matcher::Any);
    let search = search.match_header("content-type", "application/json").match_body(r#"{"free_text":"x"}"#);
    let search = search.with_header("content-type", "application/json").with_body("[]").create_async().await;
    // And to a `POST` without keys it answers 500.
    let graph = server.mock("GET", "/graph/uuids/1").match_query(mockito::Matcher::Any);
    let graph = graph.with_header("content-type", "application/json").with_body("[]").create_async().await;
    let client = Client::builder().url(server.url()).cache(CacheMode::Off).build().unwrap();
    client.search().text("x").page(1).await.unwrap();
    assert!(client.graph_by::<String>("1", []).await.unwrap_err().is_not_found());
    search.assert_async().await;
    graph.assert_async().await;
}

#[tokio::test]
async fn a_dataset_without_a_size_fails_the_summary_and_the_error_says_why() {
    let Some(dserver) = Dserver::start(&whimbrel_tests::dserver::Options::default()) else { return };
    let client = client(&dserver, dserver.token());
    let summary = client.summary().await.unwrap();
    assert_eq!((summary.number_of_datasets, summary.datasets_per_tag["even"]), (20, 10));
    let dataset = registration(&dserver, 3, "sizeless");
    let body = json!({
        "uuid": dataset.uuid, "uri": dataset.uri, "base_uri": dataset.base_uri, "name": "sizeless", "type": "dataset",
        "readme": "", "manifest": { "dtoolcore_version": "3.19.0", "hash_function": "md5sum_hexdigest", "items": {} },
        "creator_username": "ada", "frozen_at": "1.5", "created_at": "1.5", "annotations": {}, "tags": [],
    });
    let operation = whimbrel::api::find(whimbrel::dserver::operations::ALL, "register_dataset").unwrap();
    let arguments = whimbrel::api::Arguments::new(operation, [("uri", dataset.uri.as_str())]).unwrap();
    whimbrel::api::send(client.connection(), operation, &arguments.input(body.to_string())).await.unwrap();
    let told = client.summary().await.unwrap_err();
    assert_eq!(told.status().unwrap(), 500);
    assert!(told.to_string().contains("without its size"), "{told}");
    client.register(&dataset).await.unwrap();
    assert_eq!(client.summary().await.unwrap().number_of_datasets, 21, "registered anew, with its size");
}

#[tokio::test]
async fn a_search_for_uuids_finds_what_the_server_would_not() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let wanted = BTreeSet::from([name(3), name(8)]);
    assert_eq!(names(client.search().uuid(uuid(3)).uuid(uuid(8)).stream()).await, wanted);
    let among = client.search().text("simulation tribology").uuid(uuid(3)).uuid(uuid(8)).uuid(uuid(1));
    assert_eq!(names(among.stream()).await, wanted);
}

#[tokio::test]
async fn searches_query_aggregations_and_graphs_tell_what_the_datasets_hold() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let (base2, all) = (&dserver.base_uris()[1], set((0..20).map(name)));
    let of = |wanted: &dyn Fn(usize) -> bool| set((0..20).filter(|i| wanted(*i)).map(name));
    assert_eq!(names(client.search().base_uri(base2).stream()).await, of(&|i| i % 4 == 0));
    assert_eq!(names(client.search().tag("even").tag("sequencing").stream()).await, of(&|i| i % 4 == 2));
    assert_eq!(names(client.search().creator("ada").creator("emmy").stream()).await.intersection(&all).count(), 13);
    assert_eq!(names(client.search().text("\"Grace Hopper\"").stream()).await, of(&|i| i % 3 == 1));
    let sorted = client.search().tag("even").sort("-frozen_at").page(1).await.unwrap().items;
    assert!(sorted.is_sorted_by(|a, b| a.frozen_at > b.frozen_at), "the newest first");

    let query = json!({ "readme.owners.name": "Ada Lovelace", "readme.temperature": { "$gte": 300 } });
    let found: Vec<_> = client.query(query).unwrap().stream().try_collect().await.unwrap();
    assert_eq!(set(found.iter().map(|it| it.name.clone())), of(&|i| i % 3 == 0 && i >= 10));
    assert!(found[0].other["tags"].is_array() && found[0].frozen_at.is_some(), "{:?}", found[0]);
    let told = client.query(json!({ "$nonsense": 1 })).unwrap().page(1).await.unwrap_err();
    assert!(told.to_string().contains("MongoDB most likely refused"), "{told}");
    assert_eq!(client.query(json!("name")).unwrap_err().kind(), Kind::Invalid);

    let stages = [
        json!({ "$match": { "tags": { "$ne": "surprise" } } }),
        json!({ "$group": { "_id": "$creator_username", "n": { "$sum": 1 } } }),
        json!({ "$project": { "who": "$_id", "n": 1 } }),
        json!({ "$sort": { "who": 1 } }),
    ];
    let rows: Vec<Value> = client.aggregate(stages).unwrap().stream().try_collect().await.unwrap();
    assert_eq!(
        rows.iter().map(|it| (it["who"].as_str().unwrap(), it["n"].as_u64().unwrap())).collect::<Vec<_>>(),
        [("ada", 7), ("emmy", 6), ("grace", 7)]
    );

    let graph = client.graph(&uuid(7)).await.unwrap();
    assert_eq!(graph.nodes.keys().cloned().collect::<Vec<_>>(), [1, 4, 7, 10, 13, 16, 19].map(uuid));
    assert!(graph.edges().any(|edge| edge == (&uuid(7), &uuid(4))));
    assert_eq!(graph.nodes[&uuid(7)].dataset.as_ref().unwrap().name, name(7));
    assert_eq!(client.graph_by(&uuid(7), ["readme.derived_from.uuid"]).await.unwrap(), graph);
    assert_eq!(client.graph_by(&uuid(7), ["readme.nothing"]).await.unwrap().nodes.len(), 1);
    assert_eq!(client.graph(&uuid(999)).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn many_readmes_come_by_uri_and_one_that_fails_fails_alone() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let missing = format!("{}/none", dserver.base_uris()[0]);
    let uris: Vec<String> = (0..20).map(|i| dserver.uri(i)).chain([missing.clone()]).collect();
    let answers: Vec<_> = client.readmes(uris.clone()).collect().await;
    assert_eq!(set(answers.iter().map(|(uri, _)| uri.clone())), set(uris.clone()));
    for (uri, readme) in answers {
        match readme {
            Ok(readme) => assert!(readme.yaml().unwrap()["project"].is_string(), "{uri}"),
            Err(error) => assert_eq!((&uri, error.kind()), (&missing, Kind::NotFound)),
        }
    }
    assert_eq!(client.manifests(uris.clone()).filter(|it| std::future::ready(it.1.is_ok())).count().await, 20);
    let annotations: Vec<_> = client.annotations_of_many(uris).collect().await;
    let of_five = annotations.iter().find(|(uri, _)| *uri == dserver.uri(5)).unwrap();
    assert_eq!(of_five.1.as_ref().unwrap()["nested"], json!("{'a': [1, 2], 'b': None}"));
}

#[tokio::test]
async fn users_and_rights_are_changed_without_losing_others() {
    let Some(dserver) = Dserver::shared() else { return };
    let admin = client(dserver, dserver.admin_token());
    let base_uri = "s3://rights-of-the-tests";
    admin.register_user("zoe", true).await.unwrap();
    assert!(admin.user("zoe").await.unwrap().is_admin);
    admin.register_base_uri(base_uri, ["admin", "testuser"], ["admin"]).await.unwrap();
    admin.grant("zoe", base_uri, Right::Search).await.unwrap();
    admin.grant("zoe", base_uri, Right::Search).await.unwrap();
    let rights = admin.base_uri(base_uri).await.unwrap();
    let sorted = |users: Option<Vec<String>>| set(users.unwrap());
    assert_eq!(
        sorted(rights.users_with_search_permissions),
        BTreeSet::from(["admin", "testuser", "zoe"].map(str::to_owned))
    );
    assert_eq!(rights.users_with_register_permissions.unwrap(), ["admin"]);
    admin.revoke("testuser", base_uri, Right::Search).await.unwrap();
    assert_eq!(admin.user("zoe").await.unwrap().search_permissions_on_base_uris.unwrap(), [base_uri]);
    let told = admin.grant("nobody-knows", base_uri, Right::Register).await.unwrap_err();
    assert!(told.is_not_found() && told.to_string().contains("nobody-knows"), "{told}");
    let all: Vec<_> = admin.users().stream().try_collect().await.unwrap();
    assert!(all.iter().any(|it| it.username == "zoe"));
    assert!(admin.base_uris().stream().try_collect::<Vec<_>>().await.unwrap().iter().any(|it| it.base_uri == base_uri));
    assert_eq!(admin.summary_of("zoe").await.unwrap().number_of_datasets, 0);
    admin.delete_base_uri(base_uri).await.unwrap();
    admin.delete_user("zoe").await.unwrap();
    assert_eq!(admin.user("zoe").await.unwrap_err().kind(), Kind::NotFound);
    let me = client(dserver, dserver.token()).me().await.unwrap();
    assert_eq!((me.username.as_str(), me.is_admin), ("testuser", false));
}

#[tokio::test]
async fn what_the_release_does_not_offer_is_known_and_said() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    let features = client.features().await.unwrap();
    assert_eq!(features.versions["dservercore"], "0.22.0");
    let offered: Vec<_> = Feature::ALL.into_iter().filter(|it| features.has(*it)).collect();
    use Feature::{Aggregation, Graph, Notification, OwnDependencyKeys, Query, Retrieve, Search};
    assert_eq!(offered, [Search, Retrieve, Query, Aggregation, Graph, OwnDependencyKeys, Notification]);
    let uri = dserver.uri(0);
    let before = client.readme(&uri).await.unwrap();
    for told in [
        client.replace_readme(&uri, "lost").await.unwrap_err(),
        client.add_tag(&uri, "x").await.unwrap_err(),
        client.set_annotation(&uri, "a", json!(1)).await.unwrap_err(),
        client.rename_me("Me").await.unwrap_err(),
        client.health().await.unwrap_err(),
    ] {
        assert!(told.to_string().contains("after 0.22, and it is 0.22.0"), "{told}");
    }
    assert_eq!(client.readme(&uri).await.unwrap(), before);
    assert!(!client.config().await.unwrap().is_empty());
}
