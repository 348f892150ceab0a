//! Each operation of both documents: the request that the typed client sends, and what it makes of an answer. One snapshot
//! an operation, in `snapshots/`.

use std::sync::{Arc, Mutex};

use middleware::{Body, Operation, Stack};
use mockito::{Matcher, Server, ServerGuard};
use raw::multipart::FilePart;
use whimbrel::Paged as _;
use whimbrel_tests::{coscine_calls, datasift_calls, dserver_calls};

/// What was last asked, as text.
type Asked = Arc<Mutex<String>>;

/// A server that writes down what it is asked and gives one answer to all.
async fn server(status: usize, media: &str, answer: &'static str) -> (ServerGuard, Asked) {
    let (mut server, asked) = (Server::new_async().await, Asked::default());
    let writes = asked.clone();
    for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"] {
        let writes = writes.clone();
        server
            .mock(method, Matcher::Any)
            .with_status(status)
            .with_header("content-type", media)
            .with_body_from_request(move |request| {
                *writes.lock().unwrap() = told(request);
                answer.as_bytes().to_vec()
            })
            .create_async()
            .await;
    }
    (server, asked)
}

fn told(request: &mockito::Request) -> String {
    let mut lines = vec![format!("{} {}", request.method(), request.path_and_query())];
    for name in ["accept", "accept-language", "api-version", "content-length", "content-type"] {
        for value in request.header(name) {
            lines.push(format!("{name}: {}", value.to_str().unwrap()));
        }
    }
    let body = String::from_utf8_lossy(request.body().unwrap()).into_owned();
    let mut text = lines.join("\n") + "\n";
    if !body.is_empty() {
        text += &format!("\n{body}\n");
    }
    // A boundary is another each time.
    let Some(at) = text.find("whimbrel-") else { return text };
    let boundary = text[at..at + 41].to_owned();
    text.replace(&boundary, "BOUNDARY")
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn snapshot(service: &str, operation: &Operation, asked: &Asked, result: &str) {
    let text = format!("{}\n{result}\n", asked.lock().unwrap());
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{service}__{}", operation.id), text);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn coscine() {
    let operations = raw::coscine::operations::ALL;
    assert_eq!(operations.len(), 148);
    let mut by_hand = 0;
    for operation in operations {
        let (server, asked) = server(200, "application/json", coscine_calls::answer(operation.id)).await;
        let client = raw::coscine::Client::new_with_client(&server.url(), http(), Stack::direct(http()));
        let result = match coscine_calls::call(&client, operation.id).await {
            Some(result) => result,
            None => {
                by_hand += 1;
                manual(&client, operation.id).await
            }
        };
        snapshot("coscine", operation, &asked, &result);
    }
    assert_eq!(by_hand, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn dserver() {
    let operations = raw::dserver::operations::ALL;
    assert_eq!(operations.len(), 29 + 18);
    for operation in operations {
        let (server, asked) = server(200, "application/json", dserver_calls::answer(operation.id)).await;
        let client = raw::dserver::Client::new_with_client(&server.url(), http(), Stack::direct(http()));
        let result = dserver_calls::call(&client, operation.id).await;
        snapshot("dserver", operation, &asked, &result.unwrap_or_else(|| panic!("{} has no call", operation.id)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn datasift() {
    let operations = raw::datasift::operations::ALL;
    // 70, two of which are one path: all recordings, and one by its id.
    assert_eq!(operations.len(), 69);
    for operation in operations {
        let (server, asked) = server(200, "application/json", datasift_calls::answer(operation.id)).await;
        let client = raw::datasift::Client::new_with_client(&server.url(), http(), Stack::direct(http()));
        let result = match datasift_calls::call(&client, operation.id).await {
            Some(result) => result,
            None => {
                let sent = match operation.id {
                    "pull" => client.pull("i d", Some(10), Some("a&b")).await,
                    "get_buffered_stream" => client.get_buffered_stream("hash", Some(3), None).await,
                    "ingest" => client.ingest("i/d", bytes("{}\r\n{}")).await,
                    other => panic!("{other} is neither generated nor written by hand"),
                };
                format!("{} as it is", sent.unwrap().status().as_u16())
            }
        };
        snapshot("datasift", operation, &asked, &result);
    }
}

/// The calls that are written by hand.
async fn manual(client: &raw::coscine::Client, operation: &str) -> String {
    let (project, resource, path, turtle) = ("p/1", "r 1", "a b/c%20ü.txt", "text/turtle");
    let file = || FilePart::new("c.txt", Body::from(bytes("content")));
    let sent = match operation {
        "get_raw_application_profile" => client.get_raw_application_profile("https://h/ap/", turtle).await,
        "get_raw_vocabulary" => client.get_raw_vocabulary("https://h/v/", "application/ld+json").await,
        "get_project_graph_content" => client.get_project_graph_content(project).await,
        "get_resource_graph_content" => client.get_resource_graph_content(project, resource).await,
        "get_metadata_content" => client.get_metadata_content(project, resource, path, turtle, Some(3)).await,
        "create_metadata_version" => {
            client.create_metadata_version(project, resource, path, turtle, "[] a <urn:x> .").await
        }
        "get_storage_raw" => client.get_storage_raw(project, resource, path).await,
        "post_storage_raw" => client.post_storage_raw(project, resource, path, file()).await,
        "put_storage_raw" => client.put_storage_raw(project, resource, path, file()).await,
        "get_blob" => client.get_blob(project, resource, path).await,
        "create_blob" => client.create_blob(project, resource, path, file()).await,
        "update_blob" => client.update_blob(project, resource, path, file()).await,
        other => panic!("{other} is neither generated nor written by hand"),
    };
    format!("{} as it is", sent.unwrap().status().as_u16())
}

fn bytes(text: &'static str) -> reqwest::Body {
    reqwest::Body::from(text)
}

/// Whatever a server or a proxy before it says of an error reaches the caller.
#[tokio::test(flavor = "multi_thread")]
async fn errors() {
    let problem =
        r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no such project","traceId":"00-1"}"#;
    let mut all = vec![];
    for (status, media, body) in [
        (404, "application/problem+json", problem),
        (400, "application/json", r#"{"data":null,"isSuccess":false,"statusCode":400,"traceId":"00-2"}"#),
        (401, "text/plain", ""),
        (403, "application/json", r#"{"code":403,"status":"Forbidden"}"#),
        (422, "application/json", r#"{"msg":"Not enough segments"}"#),
        (
            422,
            "application/json",
            r#"{"code":422,"status":"Unprocessable Entity","errors":{"query":{"page":["too small"]}}}"#,
        ),
        (500, "text/html", "<html><head><title>500 Internal Server Error</title></head></html>"),
        (200, "text/html", "<html><body>Maintenance</body></html>"),
        (200, "application/json", r#"{"data":[{"id":1}]}"#),
        (200, "application/json", ""),
    ] {
        let (server, _) = server(status, media, body).await;
        let client = whimbrel::coscine::Client::builder().url(server.url()).cache(whimbrel::CacheMode::Off);
        let settings = whimbrel::Settings {
            url: Some(server.url()),
            attempts: 1,
            cache: whimbrel::CacheMode::Off,
            ..Default::default()
        };
        let client = client.settings(settings).token("t".to_owned()).build().unwrap();
        let error = client.projects().page(1).await.unwrap_err();
        all.push(format!("{status} {media} {body:.40}\n  {:?}: {error}", error.kind()));
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("errors", all.join("\n"));
    });
}

/// What a settings file may hold is a contract too.
#[test]
fn settings() {
    let schema = schemars::schema_for!(whimbrel::Settings);
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("settings", serde_json::to_string_pretty(&schema).unwrap());
    });
}
