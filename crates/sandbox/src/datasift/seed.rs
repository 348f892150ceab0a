//! What it holds at the start: a little of each, so that a trial without any network shows something.

use std::collections::{BTreeMap, VecDeque};

use chrono::{TimeDelta, Utc};
use serde_json::json;

use super::{
    account::Identity,
    historics::Historic,
    live::made_up,
    push::Subscription,
    pylon::Recording,
    setup::Options,
    sources::Source,
    state::{State, now},
    task::{Kind, Task},
};

/// A stream about birds.
pub(super) const CURLEWS: &str = r#"interaction.content contains_any "curlew, whimbrel" AND language.tag == "en""#;
/// A stream about mud.
const MUD: &str = r#"interaction.content contains "mud flats""#;
/// The identity's key.
pub(super) const IDENTITY_KEY: &str = "1de7171ca11a5eaca11a5eac0ffee000";
/// The source that takes what is ingested.
pub(super) const SOURCE: &str = "50cce000000000000000000000000001";
/// The subscription that waits to be pulled.
const PULLED: &str = "9054000000000000000000000000f001";
const IDENTITY: &str = "1de7171000000000000000000000f001";
const RECORDING: &str = "ec0de0000000000000000000000000000000f001";

pub(super) fn state(options: &Options) -> State {
    let mut state = State::new(options);
    let at = now();
    let birds = state.compile(CURLEWS).unwrap_or_default();
    let mud = state.compile(MUD).unwrap_or_default();
    state.identities.push(Identity {
        id: IDENTITY.to_owned(),
        label: "field station".to_owned(),
        status: "active".to_owned(),
        master: true,
        api_key: IDENTITY_KEY.to_owned(),
        created_at: at - 86_400,
        updated_at: at - 86_400,
        tokens: BTreeMap::from([(
            "facebook".to_owned(),
            json!({ "service": "facebook", "token": "sandbox", "created_at": at, "updated_at": at, "expires_at": null }),
        )]),
        // The amounts of queries came as numbers, in text, and not at all.
        limits: BTreeMap::from([
            ("facebook", json!("500")),
            ("linkedin", json!(null)),
        ].map(|(service, queries)| {
            let limit = json!({ "id": IDENTITY, "service": service, "total_allowance": 100_000, "analyze_queries": queries });
            (service.to_owned(), limit)
        })),
    });
    state.subscriptions.push(Subscription {
        id: PULLED.to_owned(),
        name: "curlews, to be pulled".to_owned(),
        hash: birds.clone(),
        is_historic: false,
        output_type: "pull".to_owned(),
        output_params: json!({ "format": "json_new_line" }),
        status: "active",
        created_at: at - 3600,
        start: at - 3600,
        end: None,
        last_request: None,
        queue: VecDeque::new(),
        next: 1,
        offered: 0,
        lost: false,
    });
    state.logged(PULLED, true, "The subscription was created");
    for (n, status, progress) in [(1, "succeeded", 100), (2, "init", 0)] {
        state.historics.push(Historic {
            id: format!("{n:020x}"),
            hash: birds.clone(),
            name: format!("curlews, week {n}"),
            start: at - 14 * 86_400,
            end: at - 7 * 86_400,
            sources: vec!["sandbox".into()],
            sample: 100,
            status,
            progress,
            created_at: at - 86_400,
            delivered: progress,
        });
    }
    state.sources.push(Source {
        id: SOURCE.to_owned(),
        name: "field notes".to_owned(),
        source_type: "custom".to_owned(),
        parameters: json!([]),
        resources: vec![],
        auth: vec![],
        status: "active",
        created_at: at - 86_400,
        log: vec![json!({ "event_time": at - 86_400, "success": true, "message": "The source is active" })],
    });
    let mut recording = Recording {
        id: RECORDING.to_owned(),
        service: "facebook".to_owned(),
        hash: mud.clone(),
        name: "mud flats".to_owned(),
        status: "running",
        start: at - 86_400,
        end: None,
        volume: 0,
        identity: Some(IDENTITY.to_owned()),
        kept: VecDeque::new(),
    };
    for n in 0..5 {
        let number = state.number();
        let when = Utc::now() - TimeDelta::minutes(5 - n);
        state.found(&birds, &made_up(number, "curlew", when));
        recording.offer(&made_up(number, "mud flats", when));
    }
    // A stream that has found something for nobody: its licences are an empty list.
    let number = state.number();
    state.found(&mud, &made_up(number, "mud flats", Utc::now()));
    state.recordings.push(recording);
    state.tasks.push(Task {
        id: format!("{:040x}", 0x7a5c),
        name: "what they say".to_owned(),
        kind: Kind::Analysis,
        recording: RECORDING.to_owned(),
        identity: IDENTITY.to_owned(),
        parameters: json!({ "analysis_type": "freqDist", "parameters": { "target": "fb.content", "threshold": 3 } }),
        created_at: at - 60,
        looks: 3,
    });
    state
}
