//! Any operation by its id, and what exactly the service answered.

use sandbox::{FaultPlan, Options, Sandbox};
use whimbrel::{
    CacheMode, Kind,
    api::{self, Arguments},
    dserver::{Client, operations as op},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_tells_of_an_error_is_given_as_it_is_once_no_attempt_helps() {
    // The first attempt meets a server that is not well, as any other call's could.
    let faults = r#"{ "faults": [{ "on": "get_readme", "nth": [1], "fault": { "kind": "status", "status": 503 } }] }"#;
    let faults: FaultPlan = serde_json::from_str(faults).unwrap();
    let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await.unwrap();
    let dserver = sandbox.dserver();
    let client = Client::builder().url(dserver.url()).token(dserver.token("testuser").unwrap()).cache(CacheMode::Off);
    let client = client.build().unwrap();

    let arguments = Arguments::parameters(&op::GET_README, [("uri", "s3://nowhere/none")]).unwrap();
    let answer = api::ask(client.connection(), &op::GET_README, &arguments).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), &json["code"]), (403, &403.into()));
    assert_eq!(client.connection().retries(), 1);
    let (told, sent) = (answer.error.unwrap(), api::send(client.connection(), &op::GET_README, &arguments).await);
    let sent = sent.unwrap_err();
    assert_eq!((told.kind(), told.operation()), (Kind::Forbidden, Some("get_readme")));
    assert_eq!(told.to_string(), sent.to_string());

    let search = Arguments::parameters(&op::SEARCH_DATASETS, [("page_size", "2")]).unwrap().input("{}");
    let answer = api::ask(client.connection(), &op::SEARCH_DATASETS, &search).await.unwrap();
    assert!(answer.error.is_none() && answer.headers.contains_key("x-pagination"));
}
