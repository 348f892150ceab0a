//! DataSift as the SDK has it, against the sandbox, which answers as the real service was recorded to answer.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use sandbox::{Datasift, Options, Sandbox};
use serde_json::{Map, Value, json};
use whimbrel::{
    CacheMode, Kind, Paged as _, Settings,
    datasift::{Analysis, Client, Deleted, Event, Feed, Period, Prepare, SourceForm, Subscribe, Way, operations as op},
    jiff::Timestamp,
};

async fn started() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let client = client(sandbox.datasift(), sandbox.datasift().key());
    (sandbox, client)
}

fn client(datasift: &Datasift, key: &str) -> Client {
    let settings = Settings { attempts: 1, cache: CacheMode::Off, ..Settings::default() };
    let builder = Client::builder().settings(settings).url(datasift.url()).api_key(datasift.user(), key.to_owned());
    builder.build().unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn definitions_are_checked_compiled_and_priced() {
    let (_sandbox, datasift) = started().await;
    let csdl = r#"interaction.content contains "tribology""#;
    assert!(datasift.is_valid(csdl).await.unwrap());
    assert!(!datasift.is_valid("interaction.content contains").await.unwrap());
    let wrong = datasift.validate("interaction.content contains").await.unwrap_err();
    assert_eq!(wrong.kind(), Kind::Invalid);
    assert!(wrong.to_string().contains("We are unable to parse this stream. At line 1"), "{wrong}");

    let one = datasift.compile(csdl).await.unwrap();
    assert_eq!((one.hash.len(), &one.hash), (32, &datasift.compile(csdl).await.unwrap().hash));
    assert!(one.created_at.unwrap().at().is_some(), "a moment in UTC, whichever form it came in");
    assert!(one.dpu.unwrap().0.unwrap() > 0.0, "a number, though it came as text");
    assert!(datasift.dpu(&one.hash).await.unwrap().dpu.unwrap().0.is_some());
    let usage = datasift.usage(Period::Hour).await.unwrap();
    assert!(usage.start.unwrap().at() < usage.end.unwrap().at());
    assert_eq!(datasift.usage(Period::Month).await.unwrap_err().kind(), Kind::Invalid);
    datasift.balance().await.unwrap();
    datasift.account_usage(Period::Month, None, None).await.unwrap();
}

#[tokio::test]
async fn credits_are_told_costs_are_known_before_and_what_cannot_be_paid_is_not_sent() {
    let (sandbox, datasift) = started().await;
    assert_eq!((datasift.cost(&op::COMPILE), datasift.credits()), (Some(5), None));
    datasift.compile("interaction.content exists").await.unwrap();
    let credits = datasift.credits().unwrap();
    assert_eq!(credits.remaining, sandbox.datasift().credits_left());
    assert!(credits.refilled.unwrap() > Timestamp::now());

    // The first one is refused by the service, in its two ways; the second not even sent.
    sandbox.datasift().set_credits(3);
    let refused = datasift.balance().await.unwrap_err();
    assert!(refused.is_rate_limited() && refused.retry_after().is_some(), "{refused}");
    let sent = sandbox.datasift().report().requests;
    let refused = datasift.balance().await.unwrap_err();
    assert!(refused.is_rate_limited(), "{refused}");
    assert!(refused.to_string().contains("25 credits, and 3 of"), "{refused}");
    assert_eq!(sandbox.datasift().report().requests, sent);
    let other = client(sandbox.datasift(), sandbox.datasift().key());
    assert_eq!(other.credits(), None, "clients share nothing");
}

#[tokio::test]
async fn a_403_of_rights_is_no_rate_limit_and_a_wrong_key_is_told() {
    let (sandbox, account) = started().await;
    let tasks = |client: &Client| client.pylon("facebook").tasks("analysis").list(None);
    let forbidden = tasks(&account).page(1).await.unwrap_err();
    assert_eq!(forbidden.kind(), Kind::Forbidden);
    assert!(forbidden.to_string().contains("You must use an account identity"), "{forbidden}");
    let identity = client(sandbox.datasift(), sandbox.datasift().identity_key());
    tasks(&identity).page(1).await.unwrap();
    let stranger = client(sandbox.datasift(), "wr0ng").balance().await.unwrap_err();
    assert_eq!(stranger.kind(), Kind::Unauthenticated);
    assert!(stranger.to_string().contains("tells both apart by case") && !stranger.to_string().contains("wr0ng"));
}

#[tokio::test]
async fn the_archive_is_queried_from_its_preparation_to_its_end() {
    let (sandbox, datasift) = started().await;
    let (historics, hash) = (datasift.historics(), sandbox.datasift().stream());
    let (start, end) = (Timestamp::from_second(1_500_000_000).unwrap(), Timestamp::from_second(1_500_086_400).unwrap());
    let query = Prepare {
        hash: hash.clone(),
        start,
        end,
        name: "wear".to_owned(),
        sources: vec!["facebook".to_owned()],
        sample: Some(10),
    };
    let id = historics.prepare(&query).await.unwrap().id;
    assert_eq!(historics.get(&id).await.unwrap().name.as_deref(), Some("wear"));
    historics.update(&id, "tear").await.unwrap();
    let wanted = Subscribe::pull("deliver", Feed::Historics(id.clone()));
    let subscription = datasift.push().create(&wanted).await.unwrap();
    historics.start(&id).await.unwrap();
    historics.pause(&id, Some("lunch")).await.unwrap();
    historics.resume(&id).await.unwrap();
    historics.stop(&id, None).await.unwrap();
    let listed: Vec<_> = historics.list().stream().try_collect().await.unwrap();
    let one = listed.iter().find(|it| it.id.as_deref() == Some(&id)).unwrap();
    assert_eq!((one.name.as_deref(), one.start.as_ref().unwrap().at()), (Some("tear"), Some(start)));
    assert!(!historics.status(start, end, &["facebook"]).await.unwrap().is_empty());
    historics.status(start, end, &[]).await.unwrap();
    datasift.historics_dpu(&id).await.unwrap();
    datasift.push().delete(subscription.id.as_deref().unwrap()).await.unwrap();
    historics.delete(&id).await.unwrap();
    assert!(historics.get(&id).await.unwrap_err().is_not_found());

    let preview =
        datasift.create_preview(&hash, start, Some(end), &["facebook"], "interaction.author.gender,freqDist,5");
    let preview = preview.await.unwrap().id;
    assert_eq!(datasift.preview(&preview).await.unwrap().id, Some(preview));
}

#[tokio::test]
async fn what_a_subscription_queues_is_pulled_once_and_on_and_on() {
    let (sandbox, datasift) = started().await;
    let (push, hash) = (datasift.push(), sandbox.datasift().stream());
    let wanted = Subscribe::pull("keep", Feed::Stream(hash.clone()));
    let id = push.create(&wanted).await.unwrap().id.unwrap();
    assert!(datasift.pull(&id).once().await.unwrap().interactions.is_empty(), "204, and no rate limit");
    let found = |n: u32| json!({ "interaction": { "id": n.to_string() } });
    for n in 0..3 {
        sandbox.datasift().interact(&hash, &found(n));
    }
    let first = datasift.pull(&id).once().await.unwrap();
    assert_eq!(first.interactions.len(), 3);
    assert_eq!(datasift.recent(&hash, Some(2), None).await.unwrap(), [found(1), found(2)]);
    let again = datasift.pull(&id).cursor(first.cursor.unwrap()).once().await.unwrap();
    assert_eq!(again.interactions, first.interactions, "a cursor goes back");

    sandbox.datasift().interact(&hash, &found(3));
    let mut all = std::pin::pin!(datasift.pull(&id).cursor(first.next.unwrap()).stream());
    assert_eq!(all.try_next().await.unwrap().unwrap()["interaction"]["id"], "3");
    sandbox.datasift().interact(&hash, &found(4));
    assert_eq!(all.try_next().await.unwrap().unwrap()["interaction"]["id"], "4");

    assert_eq!(push.pause(&id).await.unwrap().status.as_deref(), Some("paused"));
    push.resume(&id).await.unwrap();
    push.update(&id, &object(json!({ "format": "json_array" })), Some("kept")).await.unwrap();
    assert_eq!(push.get(&id).await.unwrap().name.as_deref(), Some("kept"));
    let listed: Vec<_> = push.list(Some(Feed::Stream(hash))).stream().try_collect().await.unwrap();
    assert!(listed.iter().any(|it| it.id.as_ref() == Some(&id)));
    push.log(None).page(1).await.unwrap();
    push.log(Some(&id)).page(1).await.unwrap();
    assert_eq!(push.validate("pull", &object(json!({ "format": "json_array" }))).await.unwrap().success, Some(true));
    push.stop(&id).await.unwrap();
    push.delete(&id).await.unwrap();
    assert!(push.get(&id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn sources_have_resources_and_tokens() {
    let (_sandbox, datasift) = started().await;
    let sources = datasift.managed_sources();
    let form = SourceForm {
        source_type: "facebook_page".to_owned(),
        name: "bearings".to_owned(),
        resources: vec![json!({ "parameters": { "id": 1, "url": "http://facebook.example/bearings" } })],
        auth: vec![json!({ "parameters": { "value": "t0ken" } })],
        ..SourceForm::default()
    };
    let made = sources.create(&form).await.unwrap();
    let id = made.id.unwrap();
    let resource = json!({ "parameters": { "id": 2 } });
    assert_eq!(sources.add_resources(&id, vec![resource], None).await.unwrap().resources.unwrap().len(), 2);
    let tokens =
        sources.add_auth(&id, vec![json!({ "parameters": { "value": "0ther" } })], None).await.unwrap().auth.unwrap();
    assert_eq!(tokens.len(), 2);
    let now = sources.get(&id).await.unwrap();
    let ids = |of: &[Value], key: &str| of[1][key].as_str().unwrap().to_owned();
    let resource = ids(now.resources.as_ref().unwrap(), "resource_id");
    assert_eq!(sources.remove_resources(&id, &[&resource]).await.unwrap().resources.unwrap().len(), 1);
    let token = ids(now.auth.as_ref().unwrap(), "identity_id");
    assert_eq!(sources.remove_auth(&id, &[&token]).await.unwrap().auth.unwrap().len(), 1);
    assert_eq!(sources.start(&id).await.unwrap().status.as_deref(), Some("active"));
    sources.stop(&id).await.unwrap();
    let renamed = SourceForm { name: "wear".to_owned(), ..form };
    assert_eq!(sources.update(&id, &renamed).await.unwrap().name.as_deref(), Some("wear"));
    let listed: Vec<_> = sources.list(Some("facebook_page")).stream().try_collect().await.unwrap();
    assert!(listed.iter().any(|it| it.id.as_ref() == Some(&id)));
    sources.log(&id).page(1).await.unwrap();
    sources.delete(&id).await.unwrap();
    assert!(sources.get(&id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn identities_have_tokens_and_limits() {
    let (_sandbox, datasift) = started().await;
    let identities = datasift.identities();
    let made = identities.create("ada", None, Some(false)).await.unwrap();
    assert!(!format!("{made:?}").contains(made.api_key.as_ref().unwrap().reveal()), "no Debug shows a key");
    let id = made.id.unwrap();
    assert_eq!(identities.create("ada", None, None).await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(identities.update(&id, Some("eve"), None, None).await.unwrap().label.as_deref(), Some("eve"));
    assert_eq!(identities.get(&id).await.unwrap().label.as_deref(), Some("eve"));
    let listed: Vec<_> = identities.list(None).stream().try_collect().await.unwrap();
    assert!(listed.iter().any(|it| it.id.as_ref() == Some(&id)));

    let tokens = identities.tokens(&id);
    assert!(!format!("{:?}", tokens.create("facebook", "t0ken").await.unwrap()).contains("t0ken"));
    tokens.update("facebook", "0ther").await.unwrap();
    assert_eq!(tokens.get("facebook").await.unwrap().token.unwrap().reveal(), "0ther");
    assert_eq!(tokens.list().stream().count().await, 1);
    tokens.delete("facebook").await.unwrap();

    let limits = datasift.limits("facebook");
    limits.create(&id, Some(1_000), None).await.unwrap();
    limits.update(&id, Some(2_000), Some(5)).await.unwrap();
    assert_eq!(limits.get(&id).await.unwrap().total_allowance, Some(2_000));
    let listed: Vec<_> = limits.list().stream().try_collect().await.unwrap();
    assert!(listed.iter().any(|it| it.id.as_ref() == Some(&id)));
    limits.delete(&id).await.unwrap();
    let refused = identities.delete(&id).await.unwrap_err();
    assert!(refused.to_string().contains("Deletion of Identities is currently unavailable"), "{refused}");
}

#[tokio::test]
async fn recordings_are_counted_and_tasks_queued() {
    let (sandbox, _) = started().await;
    let datasift = client(sandbox.datasift(), sandbox.datasift().identity_key());
    let pylon = datasift.pylon("facebook");
    let csdl = r#"fb.content contains "tribology""#;
    pylon.validate(csdl).await.unwrap();
    let hash = pylon.compile(csdl).await.unwrap().hash;
    let id = pylon.start(&hash, "wear").await.unwrap().id.unwrap();
    let wanted = Analysis {
        parameters: object(
            json!({ "analysis_type": "freqDist", "parameters": { "threshold": 5, "target": "fb.author.age" } }),
        ),
        ..Analysis::default()
    };
    assert!(pylon.analyze(&id, &wanted).await.unwrap().interactions.is_some());
    pylon.tags(&id).await.unwrap();
    pylon.sample(&id, Some(10), None).await.unwrap();
    pylon.update(&id, Some(&hash), Some("tear")).await.unwrap();
    assert_eq!(pylon.get(&id).await.unwrap().name.as_deref(), Some("tear"));
    let listed: Vec<_> = pylon.list().stream().try_collect().await.unwrap();
    assert!(listed.iter().any(|it| it.id.as_ref() == Some(&id)));
    let slug = pylon.references().page(1).await.unwrap().items.remove(0).slug.unwrap();
    assert!(!pylon.reference(&slug).await.unwrap().values.unwrap().is_empty());

    let tasks = pylon.tasks("analysis");
    let task = tasks.create(&id, "ages", &wanted.parameters).await.unwrap().id;
    assert_eq!(tasks.get(&task).await.unwrap().name.as_deref(), Some("ages"));
    assert!(tasks.list(None).stream().any(|it| std::future::ready(it.unwrap().id.as_ref() == Some(&task))).await);

    pylon.stop(&id).await.unwrap();
    assert_eq!(pylon.stop(&id).await.unwrap_err().kind(), Kind::Conflict, "it does not run");
    pylon.restart(&id).await.unwrap();
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    let (sandbox, datasift) = started().await;
    let hash = sandbox.datasift().stream();
    let before = datasift.push().list(None).stream().count().await;
    for n in 0..120 {
        let wanted = Subscribe::pull(format!("n{n}"), Feed::Stream(hash.clone()));
        datasift.push().create(&wanted).await.unwrap();
    }
    let all: Vec<_> = datasift.push().list(None).stream().try_collect().await.unwrap();
    let ids: HashSet<_> = all.iter().map(|it| it.id.clone()).collect();
    assert_eq!((all.len(), ids.len()), (before + 120, before + 120));
}

#[tokio::test]
async fn a_source_of_ones_own_is_fed_and_its_host_tells_what_it_allows() {
    let (sandbox, datasift) = started().await;
    let posts: Vec<_> = (0..3).map(|n| json!({ "id": n, "body": "wear" })).collect();
    let source = sandbox.datasift().source();
    assert_eq!(datasift.ingest(source, &posts).await.unwrap().accepted, Some(3));
    let left = datasift.ingestion_left().unwrap();
    assert!(left.data.unwrap().remaining > 0 && left.requests.unwrap().refilled.unwrap() > Timestamp::now());
    let sent = sandbox.datasift().report().requests;
    assert_eq!(datasift.ingest::<Value>(source, &[]).await.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(sandbox.datasift().report().requests, sent, "nothing is not sent");
    let unknown = datasift.ingest("nobody", &posts).await.unwrap_err();
    assert!(unknown.is_not_found() && unknown.to_string().contains("Unknown user source"), "{unknown}");
}

/// The next event of a kind; all before it are given to `others`.
async fn until<T>(
    live: &mut (impl Stream<Item = whimbrel::Result<Event>> + Unpin),
    mut wanted: impl FnMut(&Event) -> Option<T>,
) -> T {
    let found = async {
        loop {
            let event = live.next().await.expect("it ended").unwrap();
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("it never came")
}

fn found(stream: &str, n: usize) -> Value {
    json!({ "interaction": { "id": format!("{stream}-{n}"), "content": "wear" } })
}

/// Ten streams, and a connection that is cut twenty times: each time all ten come again, nothing is lost but what nobody
/// could get, and what comes twice is marked.
async fn ten_streams_and_twenty_cuts(way: Way) {
    let (sandbox, client) = started().await;
    let datasift = sandbox.datasift();
    let hashes: Vec<_> =
        (0..10).map(|n| datasift.compile(&format!(r#"interaction.content contains "w{n}""#)).unwrap()).collect();
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let wanted = hashes.iter().fold(client.live(|_| ()).over(way), whimbrel::datasift::Listen::stream);
    let mut live = wanted.open().unwrap();
    let mut came: HashMap<String, u32> = HashMap::new();
    for round in 0..=20 {
        let mut subscribed = HashSet::new();
        until(&mut live, |event| {
            if let Event::Subscribed { hash } = event {
                subscribed.insert(hash.clone());
            }
            (subscribed.len() == 10).then_some(())
        })
        .await;
        for hash in &hashes {
            assert_eq!(datasift.interact(hash, &found(hash, round)), 1, "round {round}");
            // The service may send again what it sent before the connection broke.
            if round > 0 {
                datasift.interact(hash, &found(hash, round - 1));
            }
        }
        let mut fresh = 0;
        let mut left = if round > 0 { 20 } else { 10 };
        until(&mut live, |event| {
            if let Event::Interaction(it) = event {
                left -= 1;
                let id = it.read::<Value>().unwrap()["interaction"]["id"].as_str().unwrap().to_owned();
                let times = came.entry(id).or_default();
                assert_eq!(it.repeated, *times > 0, "what comes twice is marked");
                *times += 1;
                fresh += u32::from(!it.repeated);
            }
            (left == 0).then_some(())
        })
        .await;
        assert_eq!(fresh, 10, "round {round}");
        if round < 20 {
            assert_eq!(datasift.cut(), 1);
            until(&mut live, |event| matches!(event, Event::Lost { .. }).then_some(())).await;
            until(&mut live, |event| matches!(event, Event::Connected { missed: Some(_) }).then_some(())).await;
        }
    }
    assert_eq!((datasift.connections(), came.len()), (21, 210));
    live.close().await;
    tokio::time::timeout(Duration::from_secs(5), async {
        while !datasift.subscriptions().is_empty()
            || tokio::runtime::Handle::current().metrics().num_alive_tasks() > tasks + 2
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("no connection and no task is left behind");
}

#[tokio::test]
async fn ten_streams_come_back_after_each_of_twenty_cuts() {
    ten_streams_and_twenty_cuts(Way::WebSocket).await;
}

#[tokio::test]
async fn ten_streams_in_lines_come_back_after_each_of_twenty_cuts() {
    ten_streams_and_twenty_cuts(Way::Http).await;
}

#[tokio::test]
async fn a_deletion_comes_to_its_handler_after_what_it_deletes() {
    for way in [Way::WebSocket, Way::Http] {
        let (sandbox, client) = started().await;
        let datasift = sandbox.datasift();
        let hash = datasift.stream();
        let deleted = Arc::new(Mutex::new(vec![]));
        let kept = deleted.clone();
        let on_delete = move |gone: Deleted| kept.lock().unwrap().push(gone.id.unwrap());
        let mut live = client.live(on_delete).over(way).stream(&hash).open().unwrap();
        until(&mut live, |event| matches!(event, Event::Subscribed { .. }).then_some(())).await;
        datasift.interact(&hash, &found("a", 1));
        datasift.delete(&hash, "a-1");
        datasift.interact(&hash, &found("a", 2));
        until(&mut live, |event| matches!(event, Event::Interaction(_)).then_some(())).await;
        assert!(deleted.lock().unwrap().is_empty(), "it has not been read yet");
        until(&mut live, |event| matches!(event, Event::Interaction(_)).then_some(())).await;
        assert_eq!(*deleted.lock().unwrap(), ["a-1"]);
    }
}

#[tokio::test]
async fn streams_are_added_taken_away_and_refused_while_it_listens() {
    for way in [Way::WebSocket, Way::Http] {
        let (sandbox, client) = started().await;
        let datasift = sandbox.datasift();
        let (one, other) = (datasift.stream(), datasift.compile("interaction.content exists").unwrap());
        let mut live = client.live(|_| ()).over(way).stream(&one).open().unwrap();
        until(&mut live, |event| matches!(event, Event::Subscribed { hash } if *hash == one).then_some(())).await;
        live.subscribe(&other).unwrap();
        until(&mut live, |event| matches!(event, Event::Subscribed { hash } if *hash == other).then_some(())).await;
        live.unsubscribe(&one);
        tokio::time::timeout(Duration::from_secs(5), async {
            // A connection of another set has to be made over HTTP.
            while datasift.interact(&one, &found("a", 1)) > 0 || datasift.interact(&other, &found("b", 1)) == 0 {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(5)) => {}
                    _ = live.next() => {}
                }
            }
        })
        .await
        .unwrap();
        assert_eq!(live.subscribe("nonsense").unwrap_err().kind(), Kind::Invalid);
        let unknown = "0123456789abcdef0123456789abcdef";
        live.subscribe(unknown).unwrap();
        until(&mut live, |event| matches!(event, Event::Refused { .. }).then_some(())).await;
    }
}

#[tokio::test]
async fn ticks_warnings_and_pings_are_what_they_are() {
    let (sandbox, client) = started().await;
    let datasift = sandbox.datasift();
    let mut live = client.live(|_| ()).stream(datasift.stream()).open().unwrap();
    until(&mut live, |event| matches!(event, Event::Subscribed { .. }).then_some(())).await;
    datasift.tick();
    assert!(
        until(&mut live, |event| match event {
            Event::Tick { at } => Some(*at),
            _ => None,
        })
        .await
        .is_some()
    );
    datasift.warn_slow();
    let warned = until(&mut live, |event| match event {
        Event::Warning { message } => Some(message.clone()),
        _ => None,
    });
    assert!(warned.await.contains("too slowly"));
    datasift.ping();
    tokio::time::timeout(Duration::from_secs(5), async {
        while datasift.pongs() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("a ping is answered, also while nobody reads");
    datasift.tell_reconnect();
    until(&mut live, |event| matches!(event, Event::Connected { missed: Some(_) }).then_some(())).await;
    until(&mut live, |event| matches!(event, Event::Subscribed { .. }).then_some(())).await;
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_at_once_and_loses_nothing_that_came() {
    let (sandbox, client) = started().await;
    let (datasift, hash) = (sandbox.datasift(), sandbox.datasift().stream());
    let mut live = client.live(|_| ()).buffer(16 << 10).stream(&hash).open().unwrap();
    until(&mut live, |event| matches!(event, Event::Subscribed { .. }).then_some(())).await;
    for n in 0..100 {
        datasift.interact(&hash, &found("a", n));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let first = live.next().await.unwrap().unwrap();
    assert!(matches!(first, Event::Behind), "before all that waits: {first:?}");
    let mut came = 0;
    until(&mut live, |event| {
        came += u32::from(matches!(event, Event::Interaction(_)));
        (came == 100).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_ends_it_and_is_never_shown() {
    let (sandbox, _) = started().await;
    for way in [Way::WebSocket, Way::Http] {
        let stranger = client(sandbox.datasift(), "s3cret");
        let mut live = stranger.live(|_| ()).over(way).stream(sandbox.datasift().stream()).open().unwrap();
        let error = loop {
            match live.next().await.expect("an error") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), Kind::Unauthenticated, "{error}");
        assert!(!format!("{error} {error:?} {live:?} {stranger:?}").contains("s3cret"));
        assert!(live.next().await.is_none());
    }
    let nobody = Client::builder().url(sandbox.datasift().url()).build().unwrap();
    assert_eq!(nobody.live(|_| ()).open().unwrap_err().kind(), Kind::Unauthenticated);
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_told_and_holds_no_secret() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client =
        Client::builder().url(format!("http://127.0.0.1:{port}")).api_key("ada", "s3cret".to_owned()).build().unwrap();
    for way in [Way::WebSocket, Way::Http] {
        let mut live = client.live(|_| ()).over(way).stream("0123456789abcdef0123456789abcdef").open().unwrap();
        let event = live.next().await.unwrap().unwrap();
        assert!(matches!(event, Event::Lost { .. }) && !format!("{event:?}").contains("s3cret"), "{event:?}");
    }
}

#[tokio::test]
async fn as_many_streams_as_the_service_allows_come_over_one_connection() {
    let (sandbox, client) = started().await;
    let datasift = sandbox.datasift();
    let hashes: Vec<_> =
        (0..5_000).map(|n| datasift.compile(&format!(r#"interaction.content contains "w{n}""#)).unwrap()).collect();
    let mut live = hashes.iter().fold(client.live(|_| ()), whimbrel::datasift::Listen::stream).open().unwrap();
    let mut left: HashSet<_> = hashes.into_iter().collect();
    until(&mut live, |event| {
        if let Event::Subscribed { hash } = event {
            left.remove(hash);
        }
        left.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn lines_may_be_silent_for_longer_than_an_answer_may() {
    let (sandbox, _) = started().await;
    let datasift = sandbox.datasift();
    let settings = Settings { attempts: 1, cache: CacheMode::Off, idle_seconds: 1, ..Settings::default() };
    let builder = Client::builder().settings(settings).url(datasift.url());
    let client = builder.api_key(datasift.user(), datasift.key().to_owned()).build().unwrap();
    let hash = datasift.stream();
    let mut live = client.live(|_| ()).over(Way::Http).stream(&hash).open().unwrap();
    until(&mut live, |event| matches!(event, Event::Subscribed { .. }).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(datasift.interact(&hash, &found("a", 1)), 1);
    until(&mut live, |event| {
        assert!(!matches!(event, Event::Lost { .. }), "{event:?}");
        matches!(event, Event::Interaction(_)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_refused_before_anything_is_sent() {
    let (sandbox, datasift) = started().await;
    let identities = datasift.identities();
    let id = identities.create("ada", None, None).await.unwrap().id.unwrap();
    let sent = sandbox.datasift().report().requests;
    for odd in ["", ".", ".."] {
        let refused = [
            identities.get(odd).await.map(drop),
            identities.delete(odd).await,
            identities.tokens(&id).delete(odd).await,
            identities.tokens(odd).delete("facebook").await,
            datasift.limits(odd).delete(&id).await,
            datasift.pylon(odd).stop("x").await,
            datasift.ingest(odd, &[1]).await.map(drop),
        ];
        for refused in refused {
            assert_eq!(refused.unwrap_err().kind(), Kind::Invalid, "{odd:?}");
        }
    }
    assert_eq!(datasift.push().get("").await.unwrap_err().kind(), Kind::Invalid, "not the one that there is");
    assert_eq!(sandbox.datasift().report().requests, sent);
    assert!(identities.get("a/b").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn what_was_pulled_is_not_pulled_again_where_no_next_cursor_is_told() {
    let mut server = mockito::Server::new_async().await;
    let first = server
        .mock("GET", "/v1.6/pull?id=s")
        .with_header("x-datasift-cursor-current", "c1")
        .with_body("{\"n\":1}\n{\"n\":2}\n")
        .expect_at_least(1)
        .create_async()
        .await;
    let again = server.mock("GET", "/v1.6/pull?id=s&cursor=c1").with_body("{\"n\":1}\n").expect(0).create_async().await;
    let client = Client::builder().url(server.url()).api_key("ada", "k".to_owned()).build().unwrap();
    let found: Vec<_> = client.pull("s").stream().take(3).try_collect().await.unwrap();
    assert_eq!(found.len(), 3);
    first.assert_async().await;
    again.assert_async().await;
}
