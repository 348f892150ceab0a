//! Many calls at once, as `whimbrel::gather` makes them, against the sandbox: it counts what it has to answer.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, future::BoxFuture};
use sandbox::{Fault, FaultPlan, Options, Sandbox, fault};
use whimbrel::{
    CacheMode, Error, Kind, Paged as _, Result,
    dserver::{Client, Readme},
    gather::{AsCompleted, Failure, FirstReply, Gather, Keyed, Ordered},
};

/// Longer than any of these tests waits.
const LONG: Duration = Duration::from_mins(1);

async fn world(options: Options) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(options).await.unwrap();
    let token = sandbox.dserver().token("testuser").unwrap();
    let client = Client::builder().url(sandbox.dserver().url()).token(token).cache(CacheMode::Off).build().unwrap();
    (sandbox, client)
}

async fn uris(client: &Client) -> Vec<String> {
    client.search().stream().map_ok(|it| it.uri).try_collect().await.unwrap()
}

/// The question for a readme, which has nothing of its own to borrow from.
fn readme(client: &Client, uri: &str) -> impl Future<Output = Result<Readme>> + Send + use<> {
    let (client, uri) = (client.clone(), uri.to_owned());
    async move { client.readme(&uri).await }
}

/// Waits until the sandbox answers exactly so many.
async fn in_flight(sandbox: &Sandbox, requests: usize) {
    let until = Instant::now() + Duration::from_secs(10);
    while sandbox.dserver().report().in_flight != requests {
        assert!(Instant::now() < until, "{:?}", sandbox.dserver().report());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn readmes_by_uri_are_asked_for_at_once_and_no_more_than_the_limit() {
    let latency = Duration::from_millis(30);
    let (sandbox, client) = world(Options { datasets: 60, latency, ..Options::default() }).await;
    let uris = uris(&client).await;
    sandbox.reset();
    let mut readmes = Gather::new().limit(6).keyed();
    readmes.extend(uris.iter().map(|uri| (uri.clone(), readme(&client, uri))));
    assert!(!readmes[&uris[7]].read().await.unwrap().text.is_empty());
    let asked = sandbox.dserver().report().requests;
    readmes[&uris[7]].read().await.unwrap();
    assert!(sandbox.dserver().report().requests <= asked + 6, "what is there is not asked for again");
    let readmes: HashMap<String, Readme> = readmes.join().await.unwrap();
    assert_eq!(readmes.len(), 60);
    let seen = sandbox.dserver().report();
    assert_eq!((seen.requests, seen.in_flight), (60, 0), "{seen:?}");
    assert!((3..=6).contains(&seen.peak_concurrency), "{seen:?}");
}

#[tokio::test]
async fn each_failure_is_found_with_its_uri_and_all_of_them_on_join() {
    let (_sandbox, client) = world(Options::default()).await;
    let mut all = uris(&client).await;
    all[3] += "-gone";
    all[5] += "-gone";
    let gather = || {
        let mut readmes = Keyed::new();
        readmes.extend(all.iter().map(|uri| (uri.clone(), readme(&client, uri))));
        readmes
    };
    let readmes = gather();
    assert!(readmes[&all[0]].read().await.is_ok());
    let failure = readmes[&all[3]].read().await.unwrap_err();
    let own = failure.error().unwrap();
    let lent = Error::from(failure);
    assert_eq!((lent.kind(), lent.operation(), lent.status()), (own.kind(), Some("get_readme"), own.status()));
    assert_eq!(lent.to_string(), failure.to_string());

    let failures = gather().join::<HashMap<_, _>>().await.unwrap_err();
    assert_eq!(failures.iter().map(|(uri, _)| uri).collect::<Vec<_>>(), [&all[3], &all[5]]);
    let error = Error::from(failures);
    assert_eq!(error.kind(), Kind::Partial);
    assert!(error.to_string().starts_with(&format!("2 of 20 tasks failed; the first: {}", all[3])), "{error}");
}

#[tokio::test]
async fn whatever_is_dropped_leaves_no_request_in_flight() {
    let (sandbox, client) = world(Options { latency: LONG, ..Options::default() }).await;
    let uris: Vec<String> = (0..20).map(|n| format!("s3://base1/{n}")).collect();
    let gather = Gather::new().limit(8);
    // Each kind by itself, then while it is being read, as a `select` or a timeout leaves it.
    type Read = fn(Gather, Client, Vec<String>) -> BoxFuture<'static, ()>;
    let kinds: [Read; 4] = [
        |gather, client, uris| {
            let mut all = gather.keyed();
            all.extend(uris.into_iter().map(|uri| (uri.clone(), readme(&client, &uri))));
            async move { drop(all.join::<HashMap<_, _>>().await) }.boxed()
        },
        |gather, client, uris| {
            let mut all: Ordered<Readme, Error> = gather.ordered();
            all.extend(uris.iter().map(|uri| readme(&client, uri)));
            async move {
                let _ = all[0].read().await;
            }
            .boxed()
        },
        |gather, client, uris| {
            let mut all: FirstReply<Readme, Error> = gather.first_reply();
            all.extend(uris.iter().map(|uri| readme(&client, uri)));
            async move { drop(all.first().await) }.boxed()
        },
        |gather, client, uris| {
            let all = uris.into_iter().map(move |uri| (uri.clone(), readme(&client, &uri)));
            let mut all: AsCompleted<'_, _, _, _> = gather.as_completed(all);
            async move { drop(all.next().await) }.boxed()
        },
    ];
    for kind in kinds {
        let reading = kind(gather, client.clone(), uris.clone());
        in_flight(&sandbox, 8).await;
        drop(reading);
        in_flight(&sandbox, 0).await;

        let mut reading = kind(gather, client.clone(), uris.clone());
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut reading).await.is_err());
        in_flight(&sandbox, 8).await;
        drop(reading);
        in_flight(&sandbox, 0).await;
    }
    assert_eq!(sandbox.dserver().report().requests, 64, "who waited in line has sent nothing");
}

#[tokio::test]
async fn the_first_of_many_mirrors_wins_and_the_others_are_let_go() {
    let (slow, of_slow) = world(Options { latency: LONG, ..Options::default() }).await;
    let (_quick, of_quick) = world(Options { latency: Duration::from_millis(50), ..Options::default() }).await;
    let (_empty, of_empty) = world(Options { datasets: 0, ..Options::default() }).await;
    let uri = uris(&of_quick).await.remove(0);
    let mut first = FirstReply::new();
    first.extend([&of_slow, &of_slow, &of_quick, &of_empty].map(|mirror| readme(mirror, &uri)));
    in_flight(&slow, 2).await;
    let (place, outcome) = first.nth(0).await.unwrap();
    assert_eq!((place, outcome.is_err()), (3, true), "the first to answer is not the first to succeed");
    assert!(!first.first().await.unwrap().text.is_empty());
    in_flight(&slow, 0).await;
}

#[tokio::test]
async fn at_the_deadline_requests_end_and_what_came_in_time_is_there() {
    let (sandbox, client) = world(Options::default()).await;
    let uris = uris(&client).await;
    let late = fault::Kind::Latency { ms: LONG.as_secs() * 1_000 };
    let late = Fault { on: "get_readme".to_owned(), nth: vec![], every: Some(2), first: None, fault: late };
    sandbox.set_faults(FaultPlan { faults: vec![late] });
    let mut readmes = Gather::new().deadline(Duration::from_secs(1)).ordered();
    readmes.extend(uris.iter().map(|uri| readme(&client, uri)));
    in_flight(&sandbox, 10).await;
    let outcomes = readmes.outcomes().await;
    assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 10);
    assert_eq!(outcomes.iter().filter(|it| matches!(it, Err(Failure::Deadline(_)))).count(), 10);
    in_flight(&sandbox, 0).await;
}

#[tokio::test]
async fn what_a_search_finds_is_asked_about_while_it_still_goes_on() {
    let (sandbox, client) = world(Options { datasets: 300, ..Options::default() }).await;
    let found = client.search().stream().map(|it| it.unwrap().uri);
    let readmes = found.map(|uri| (uri.clone(), readme(&client, &uri)));
    let mut readmes = Gather::new().limit(8).as_completed_from(readmes);
    let mut seen = HashSet::new();
    while let Some((uri, readme)) = readmes.next().await {
        assert!(!readme.unwrap().text.is_empty());
        assert!(seen.insert(uri));
        if seen.len() == 40 {
            let asked = sandbox.dserver().report().by_operation["get_readme"];
            assert!(asked <= 48, "nothing is asked for that nobody takes: {asked}");
        }
    }
    assert_eq!(seen.len(), 300);
}
