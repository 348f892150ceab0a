//! The SDK's calls against a real dserver.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use whimbrel::{CacheMode, Kind, Paged as _, dserver::Client};
use whimbrel_tests::{
    dserver::{Dserver, Options, content, item, name, uuid},
    judge_dataset,
};

fn client(dserver: &Dserver, token: &str) -> Client {
    Client::builder().url(dserver.url()).token(token.to_owned()).cache(CacheMode::Off).build().unwrap()
}

async fn uris(client: &Client) -> Vec<String> {
    let found: Vec<_> = client.search().stream().try_collect().await.unwrap();
    found.into_iter().map(|it| it.uri).collect()
}

#[tokio::test]
async fn a_listing_has_every_dataset_once() {
    let Some(dserver) = Dserver::shared() else { return };
    let found = uris(&client(dserver, dserver.token())).await;
    assert_eq!(found.len(), 20);
    assert_eq!(BTreeSet::from_iter(found), (0..20).map(|i| dserver.uri(i)).collect());
}

#[tokio::test]
async fn two_thousand_datasets_are_listed_in_twenty_requests() {
    let Some(dserver) = Dserver::start(&Options { datasets: 2_000, ..Options::default() }) else { return };
    let found = uris(&client(&dserver, dserver.token())).await;
    assert_eq!(found.len(), 2_000);
    assert_eq!(BTreeSet::from_iter(found), (0..2_000).map(|i| dserver.uri(i)).collect());
    let requests = dserver.requests();
    assert_eq!(requests.len(), 20, "{requests:?}");

    let client = client(&dserver, dserver.token());
    let queried: Vec<_> = client.query(json!({})).unwrap().stream().try_collect().await.unwrap();
    assert_eq!((queried.len(), dserver.requests().len()), (2_000, 40));
    assert_eq!(client.summary().await.unwrap().number_of_datasets, 2_000);
    let readmes: BTreeMap<_, _> = client.readmes(queried.into_iter().map(|it| it.uri)).collect().await;
    assert_eq!(readmes.len(), 2_000);
    for (uri, readme) in readmes {
        let i: usize = uri.rsplit('-').next().unwrap().parse().unwrap();
        assert!(readme.unwrap().text.contains(&format!("dataset number {i} about")), "{uri}");
    }
    assert_eq!(dserver.requests().len(), 2_041);
}

#[tokio::test]
async fn a_dataset_is_found_by_uuid_and_by_uri() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    for i in [0, 7, 19] {
        let found = client.lookup(&uuid(i)).await.unwrap();
        assert_eq!(found.iter().map(|it| &*it.uri).collect::<Vec<_>>(), [dserver.uri(i)]);
        let dataset = client.dataset(&dserver.uri(i)).await.unwrap();
        assert_eq!((dataset.uuid, dataset.name), (uuid(i), name(i)));
    }
}

#[tokio::test]
async fn a_readme_comes_as_it_was_written() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    for i in 0..20 {
        let written = std::fs::read_to_string(dserver.dataset_folder(i).join("README.yml")).unwrap();
        assert_eq!(client.readme(&dserver.uri(i)).await.unwrap().text, written);
    }
}

#[tokio::test]
async fn a_manifest_has_each_item_by_its_relative_path() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    for i in 0..20 {
        let manifest = client.manifest(&dserver.uri(i)).await.unwrap();
        let found: BTreeSet<_> = manifest.items.values().map(|it| (it.relpath.clone(), it.size_in_bytes)).collect();
        let written = (0..=i % 5).map(|j| (item(i, j), content(i, j).len() as u64)).collect();
        assert_eq!(found, written);
    }
}

#[tokio::test]
async fn a_user_who_may_search_nowhere_finds_nothing() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.nobody_token());
    assert!(uris(&client).await.is_empty());
    assert_eq!(client.readme(&dserver.uri(0)).await.unwrap_err().kind(), Kind::Forbidden);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    assert_eq!(client.lookup(&uuid(20)).await.unwrap_err().kind(), Kind::NotFound);
    let uri = format!("{}/no-such-run", dserver.base_uris()[0]);
    assert_eq!(client.readme(&uri).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn dtoolcore_finds_in_the_folder_what_the_server_tells() {
    let Some(dserver) = Dserver::shared() else { return };
    let client = client(dserver, dserver.token());
    // 5 has an annotation of lists, 7 a path with a space, 8 folders in folders.
    for i in [5, 7, 8] {
        let Some(read) = judge_dataset(&dserver.dataset_folder(i)) else { return };
        assert_eq!(read["uuid"], uuid(i));
        assert_eq!(read["unlisted"], json!([]));
        let manifest = client.manifest(&dserver.uri(i)).await.unwrap();
        for (identifier, item) in &manifest.items {
            let read = &read["items"][identifier];
            assert_eq!([&read["hash"], &read["found_hash"]], [&item.hash, &item.hash], "{}", item.relpath);
            assert_eq!(read["found_size"], item.size_in_bytes);
            assert_eq!(read["relpath"], item.relpath);
        }
        assert_eq!(read["items"].as_object().unwrap().len(), manifest.items.len());
    }
}
