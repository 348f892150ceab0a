//! What lies behind signed URLs: parts of it, conditions, and how long.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use whimbrel_sandbox::{Options, Sandbox};

/// The content of the seeded `readme.txt`.
const CONTENT: &str = "readme.txt\n";

/// A signed URL of `readme.txt`, as the API redirects to it.
async fn signed(sandbox: &Sandbox) -> String {
    let api = Client::builder().redirect(Policy::none()).build().unwrap();
    let get = async |path: &str| {
        let url = format!("{}/api/v2/projects{path}", sandbox.url());
        api.get(url).bearer_auth(sandbox.token("alice").unwrap()).send().await.unwrap()
    };
    let id = async |path: &str, name: &str| {
        let list: Value = serde_json::from_str(&get(path).await.text().await.unwrap()).unwrap();
        let found = list["data"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let project = id("?PageSize=50", "Demo").await;
    let resource = id(&format!("/{project}/resources"), "Bucket").await;
    let answer = get(&format!("/{project}/resources/{resource}/storage/readme.txt/content")).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn ask(url: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers.iter().fold(Client::new().get(url), |request, (name, value)| request.header(*name, *value));
    request.send().await.unwrap()
}

fn header<'r>(answer: &'r Response, name: &str) -> &'r str {
    answer.headers().get(name).map_or("", |it| it.to_str().unwrap())
}

/// The status, the code and the message of a refusal.
async fn refusal(answer: Response) -> (u16, String, String) {
    assert_eq!(header(&answer, "content-type"), "application/xml");
    let status = answer.status().as_u16();
    let xml = answer.text().await.unwrap();
    let text = |tag: &str| {
        let (_, after) = xml.split_once(&format!("<{tag}>")).unwrap();
        after.split_once("</").unwrap().0.to_owned()
    };
    (status, text("Code"), text("Message"))
}

#[tokio::test]
async fn a_range_is_a_part_or_is_refused_or_ignored() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let url = signed(&sandbox).await;
    for (range, told, part) in [
        ("bytes=2-4", "bytes 2-4/11", "adm"),
        ("bytes=7-", "bytes 7-10/11", "txt\n"),
        ("bytes=7-99", "bytes 7-10/11", "txt\n"),
        ("bytes=-4", "bytes 7-10/11", "txt\n"),
        ("bytes=-99", "bytes 0-10/11", CONTENT),
    ] {
        let answer = ask(&url, &[("range", range)]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-range")), (206, told), "{range}");
        assert_eq!(answer.content_length(), Some(part.len() as u64), "{range}");
        assert_eq!(answer.text().await.unwrap(), part, "{range}");
    }
    for range in ["bytes=11-", "bytes=11-20", "bytes=-0"] {
        let answer = ask(&url, &[("range", range)]).await;
        assert_eq!(header(&answer, "content-range"), "bytes */11", "{range}");
        let (status, code, _) = refusal(answer).await;
        assert_eq!((status, code.as_str()), (416, "InvalidRange"), "{range}");
    }
    for range in ["bytes=4-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"] {
        let answer = ask(&url, &[("range", range)]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-range")), (200, ""), "{range}");
        assert_eq!(answer.text().await.unwrap(), CONTENT, "{range}");
    }
}

#[tokio::test]
async fn a_part_is_of_the_version_that_is_meant() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let url = signed(&sandbox).await;
    let whole = ask(&url, &[]).await;
    let tag = header(&whole, "etag");
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag} is strong");
    assert!(header(&whole, "last-modified").ends_with("GMT") && header(&whole, "accept-ranges") == "bytes");
    let weak = format!("W/{tag}");
    for (condition, tag, status) in [
        ("if-range", tag, 206),
        ("if-range", "\"old\"", 200),
        ("if-range", &weak, 200),
        ("if-match", tag, 206),
        ("if-match", "\"old\"", 412),
    ] {
        let answer = ask(&url, &[("range", "bytes=2-4"), (condition, tag)]).await;
        assert_eq!(answer.status(), status, "{condition}: {tag}");
    }
    // No part of another version can be told not to be there.
    assert_eq!(ask(&url, &[("range", "bytes=11-"), ("if-range", "\"old\"")]).await.status(), 200);
}

#[tokio::test]
async fn a_signed_url_says_how_long_it_is_good_and_is_refused_after() {
    let sandbox = Sandbox::start(Options { signed_for: Duration::from_secs(2), ..Options::default() }).await.unwrap();
    let url = signed(&sandbox).await;
    let query = |name: &str| {
        let (_, after) = url.split_once(&format!("{name}=")).unwrap();
        after.split('&').next().unwrap().to_owned()
    };
    let at = query("X-Amz-Date");
    assert!(at.len() == "20261121T080000Z".len() && at.ends_with('Z') && at.as_bytes()[8] == b'T', "{at}");
    assert_eq!(query("X-Amz-Expires"), "2");
    assert_eq!(ask(&url, &[]).await.status(), 200);

    let longer = url.replace("X-Amz-Expires=2", "X-Amz-Expires=3");
    assert_eq!(refusal(ask(&longer, &[]).await).await.1, "SignatureDoesNotMatch");
    let (bare, _) = url.split_once('?').unwrap();
    assert_eq!(ask(bare, &[]).await.status(), 403);

    tokio::time::sleep(Duration::from_secs(2)).await;
    let expired = (403, "AccessDenied".to_owned(), "Request has expired".to_owned());
    assert_eq!(refusal(ask(&url, &[]).await).await, expired);
    assert_eq!(ask(&signed(&sandbox).await, &[]).await.status(), 200, "a new one is good");
}
