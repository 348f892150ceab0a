//! Each fault as it looks on the wire, and what is counted of it.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use whimbrel_sandbox::{Fault, FaultPlan, Options, Sandbox, fault::Kind};

async fn sandbox(on: &str, fault: Kind) -> Sandbox {
    let fault = Fault { on: on.to_owned(), nth: vec![1], every: None, first: None, fault };
    Sandbox::start(Options { faults: FaultPlan { faults: vec![fault] }, ..Options::default() }).await.unwrap()
}

/// What comes back over a connection of its own, and how that ends.
async fn ask(sandbox: &Sandbox, path: &str) -> (String, std::io::Result<usize>) {
    let host = sandbox.url().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let token = sandbox.token("alice").unwrap();
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let request = format!(
        "GET /coscine/api/v2{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![];
    let end = loop {
        let mut chunk = vec![0; 1 << 16];
        match tokio::time::timeout(Duration::from_secs(2), stream.read(&mut chunk)).await {
            Ok(Ok(0)) => break Ok(0),
            Ok(Ok(n)) => answer.extend_from_slice(&chunk[..n]),
            Ok(Err(error)) => break Err(error),
            Err(_) => break Err(std::io::ErrorKind::TimedOut.into()),
        }
    };
    (String::from_utf8_lossy(&answer).into_owned(), end)
}

/// The status line, the value of a header, the body.
fn parts(answer: &str) -> (u16, impl Fn(&str) -> Option<String> + '_, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or_default();
    let header = move |name: &str| {
        let find = |line: &str| line.to_ascii_lowercase().strip_prefix(&format!("{name}: ")).map(str::to_owned);
        head.lines().find_map(find)
    };
    (status, header, body)
}

fn status(status: u16, after: Option<&str>) -> Kind {
    Kind::Status { status, retry_after: after.map(str::to_owned) }
}

#[tokio::test]
async fn refusals() {
    for (code, after) in [(429, None), (429, Some("7")), (500, None), (502, None), (503, Some("1")), (504, None)] {
        let sandbox = sandbox("GetRoles", status(code, after)).await;
        let (answer, _) = ask(&sandbox, "/roles").await;
        let (seen, header, _) = parts(&answer);
        assert_eq!((seen, header("retry-after").as_deref()), (code, after));
        assert_eq!(parts(&ask(&sandbox, "/roles").await.0).0, 200, "only the first");
        assert_eq!(sandbox.report().faults_met[&code.to_string()], 1);
    }
    let (answer, _) = ask(&sandbox("GetRoles", status(429, Some("date:60"))).await, "/roles").await;
    assert!(parts(&answer).1("retry-after").unwrap().ends_with("gmt"));
    let (answer, _) = ask(&sandbox("GetRoles", Kind::Unauthorized).await, "/roles").await;
    assert_eq!(parts(&answer).0, 401);
}

#[tokio::test]
async fn answers_that_are_not_what_they_should_be() {
    let (answer, _) = ask(&sandbox("GetRoles", Kind::Html).await, "/roles").await;
    let (code, header, body) = parts(&answer);
    assert_eq!(
        (code, header("content-type").as_deref(), body.starts_with("<!DOCTYPE")),
        (200, Some("text/html"), true)
    );

    let (answer, _) = ask(&sandbox("GetRoles", Kind::EmptyBody).await, "/roles").await;
    let (code, _, body) = parts(&answer);
    assert_eq!((code, body), (200, ""));

    let (answer, end) = ask(&sandbox("GetRoles", Kind::TruncatedBody { at: 10 }).await, "/roles").await;
    let (_, header, body) = parts(&answer);
    assert!(header("content-length").unwrap().parse::<usize>().unwrap() > 10);
    assert_eq!((body.len(), end.is_ok()), (10, true), "cut, and closed");

    let whole = parts(&ask(&sandbox("GetRole", Kind::Html).await, "/roles").await.0).2.len();
    let (answer, _) = ask(&sandbox("GetRoles", Kind::ShortLength { by: 5 }).await, "/roles").await;
    assert_eq!(parts(&answer).2.len(), whole - 5);
}

#[tokio::test]
async fn resets() {
    for fault in [Kind::ResetBeforeProcessing, Kind::ResetAfterProcessing] {
        let (answer, end) = ask(&sandbox("GetRoles", fault).await, "/roles").await;
        assert_eq!(answer, "");
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    }
    let (answer, end) = ask(&sandbox("GetRoles", Kind::ResetBody { at: 3 }).await, "/roles").await;
    assert_eq!(parts(&answer).2.len(), 3);
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn slowness() {
    let (answer, end) = ask(&sandbox("GetRoles", Kind::Stall).await, "/roles").await;
    assert_eq!((answer.as_str(), end.unwrap_err().kind()), ("", std::io::ErrorKind::TimedOut));
    let (answer, end) = ask(&sandbox("GetRoles", Kind::StallBody { at: 3 }).await, "/roles").await;
    assert_eq!((parts(&answer).2.len(), end.unwrap_err().kind()), (3, std::io::ErrorKind::TimedOut));
    let start = Instant::now();
    let (answer, _) = ask(&sandbox("GetRoles", Kind::Drip { bytes: 50, every_ms: 10 }).await, "/roles").await;
    assert!(parts(&answer).2.ends_with('}') && start.elapsed() > Duration::from_millis(50));
    let start = Instant::now();
    let (answer, _) = ask(&sandbox("GetRoles", Kind::Latency { ms: 100 }).await, "/roles").await;
    assert_eq!(parts(&answer).0, 200);
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn lists_that_lie() {
    let pages = async |fault| {
        let sandbox = sandbox("GetDisciplines", fault).await;
        let (answer, _) = ask(&sandbox, "/disciplines?PageSize=5&PageNumber=2").await;
        let json: serde_json::Value = serde_json::from_str(parts(&answer).2).unwrap();
        let again = ask(&sandbox, "/disciplines?PageSize=5&PageNumber=1").await.0;
        let first: serde_json::Value = serde_json::from_str(parts(&again).2).unwrap();
        (json["data"].clone(), first["data"].clone(), json["pagination"]["totalCount"].clone())
    };
    let (second, first, _) = pages(Kind::DuplicatedPage).await;
    assert_eq!(second, first);
    let (second, _, total) = pages(Kind::ShrinkingPage).await;
    assert_eq!((second.as_array().unwrap().len(), total), (4, 12.into()));
}

#[tokio::test]
async fn a_tokens_minute_is_counted() {
    let options = Options { requests_per_minute: Some(3), ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push(parts(&ask(&sandbox, "/roles").await.0).0);
    }
    assert_eq!(seen, [200, 200, 200, 429]);
    let report = sandbox.report();
    assert_eq!((report.requests, report.largest_window_60s, report.by_operation["GetRoles"]), (4, 4, 4));
    assert_eq!(report.peak_concurrency, 1);
    let (answer, _) = ask(&sandbox, "/roles?Colour=red").await;
    assert_eq!(parts(&answer).0, 429);
    sandbox.reset();
    assert_eq!(sandbox.report().requests, 0);
    assert_eq!(parts(&ask(&sandbox, "/roles").await.0).0, 200, "the minute begins anew");
    assert_eq!(sandbox.report().largest_window_60s, 1);
}

#[tokio::test]
async fn what_the_limit_refuses_meets_no_fault() {
    let fault = Fault { on: "GetRoles".into(), nth: vec![2], every: None, first: None, fault: Kind::Html };
    let faults = FaultPlan { faults: vec![fault] };
    let options = Options { faults, requests_per_minute: Some(1), ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    for code in [200, 429] {
        assert_eq!(parts(&ask(&sandbox, "/roles").await.0).0, code);
    }
    assert!(sandbox.report().faults_met.is_empty());
    sandbox.reset();
    assert!(ask(&sandbox, "/roles").await.0.contains("<!DOCTYPE"), "the second that is let in");
    assert_eq!(sandbox.report().faults_met["html"], 1);
}

#[tokio::test]
async fn a_request_is_being_answered_until_its_body_ends_or_is_given_up() {
    for fault in [Kind::Drip { bytes: 50, every_ms: 20 }, Kind::StallBody { at: 3 }] {
        let sandbox = sandbox("GetRoles", fault).await;
        let slow = tokio::time::timeout(Duration::from_millis(600), ask(&sandbox, "/roles"));
        let other = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            ask(&sandbox, "/roles").await
        };
        let _ = tokio::join!(slow, other);
        assert_eq!(sandbox.report().peak_concurrency, 2);
        tokio::time::sleep(Duration::from_millis(100)).await;
        sandbox.reset();
        assert_eq!(parts(&ask(&sandbox, "/roles").await.0).0, 200);
        assert_eq!(sandbox.report().peak_concurrency, 1);
    }
}

#[tokio::test]
async fn a_plan_that_can_not_be_meant_is_refused_at_the_start() {
    let fault = Fault { on: "GetRoels".into(), nth: vec![], every: None, first: None, fault: Kind::Html };
    let options = Options { faults: FaultPlan { faults: vec![fault] }, ..Options::default() };
    let error = Sandbox::start(options).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("GetRoels"), "{error}");
}

#[tokio::test]
async fn what_breaks_the_document_is_refused_and_reported() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (answer, _) = ask(&sandbox, "/roles?Colour=red").await;
    assert_eq!(parts(&answer).0, 400);
    assert_eq!(sandbox.report().contract_violations, ["GetRoles: unknown query parameter Colour"]);
}

#[tokio::test]
async fn the_report_is_served() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let (answer, _) = ask(&sandbox, "/roles").await;
    assert_eq!(parts(&answer).0, 200);
    let root = sandbox.url().trim_end_matches("/coscine").to_owned();
    let http = reqwest::Client::new();
    let report = http.get(format!("{root}/_sandbox/report")).send().await.unwrap().text().await.unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["requests"], &report["largest_window_60s"]), (&1.into(), &1.into()));
    let plan = r#"{ "faults": [{ "on": "*", "fault": { "kind": "status", "status": 502 } }] }"#;
    assert!(http.put(format!("{root}/_sandbox/faults")).body(plan).send().await.unwrap().status().is_success());
    assert_eq!(parts(&ask(&sandbox, "/roles").await.0).0, 502);
    assert!(http.post(format!("{root}/_sandbox/reset")).send().await.unwrap().status().is_success());
    assert_eq!(sandbox.report().requests, 0);
}
