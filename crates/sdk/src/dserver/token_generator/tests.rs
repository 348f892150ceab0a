use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::SystemTime,
};

use mockito::{Matcher, Mock, Server, ServerGuard};

use super::*;
use crate::dserver::{Client, Config, Login};

/// A JWT's form, of somebody, with these times; `n` tells one from another.
fn jwt(subject: &str, issued: i64, expires: i64, n: u32) -> String {
    use std::fmt::Write as _;
    let claims = format!(r#"{{"sub":"{subject}","iat":{issued},"exp":{expires}}}"#);
    // base64url of it, by hand: no crate for one line of the tests.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in claims.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        (0..=three.len()).for_each(|i| text.push(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize].into()));
    }
    let mut jwt = format!("e30.{text}.");
    write!(jwt, "signature{n}").unwrap();
    jwt
}

fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// One that is good for so many seconds.
fn lasting(seconds: i64, n: u32) -> String {
    jwt("ada", now(), now() + seconds, n)
}

fn token_answer(token: &str) -> String {
    format!(r#"{{"token":"{token}"}}"#)
}

async fn gives(server: &mut ServerGuard, path: &str, status: usize, body: &str) -> Mock {
    server.mock("POST", path).with_status(status).with_body(body).create_async().await
}

fn generator(server: &ServerGuard, path: &str) -> TokenGenerator {
    let settings = Settings { attempts: 1, ..Settings::default() };
    TokenGenerator::new(&(server.url() + path)).unwrap().username("ada").password("s3cret pass").settings(&settings)
}

async fn given(generator: &TokenGenerator) -> String {
    generator.secret().await.unwrap().expose_secret().to_owned()
}

/// What a failure says; nothing of it is secret.
async fn failure(generator: &TokenGenerator) -> (Kind, String) {
    let error = generator.secret().await.unwrap_err();
    let all = format!("{error} {error:?} {:?} {:?}", generator, generator.get().await.unwrap_err());
    assert!(!all.contains("s3cret") && !all.contains("signature"), "{all}");
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    (error.kind(), text)
}

#[tokio::test]
async fn username_and_password_become_a_token() {
    let mut server = Server::new_async().await;
    for (path, answer) in [
        ("/token", token_answer(&lasting(900, 1))),
        ("/auth/ldap/token", format!(r#"{{"token":"{}","username":"ada","token_type":"Bearer"}}"#, lasting(900, 2))),
        ("/odd?realm=x", token_answer("opaque")),
    ] {
        let mock = server
            .mock("POST", path)
            .match_header("content-type", "application/json")
            .match_header("authorization", Matcher::Missing)
            .match_body(Matcher::JsonString(r#"{"username":"ada","password":"s3cret pass"}"#.to_owned()))
            .with_body(&answer)
            .create_async()
            .await;
        let generator = generator(&server, path);
        assert!(answer.contains(&given(&generator).await));
        given(&generator).await;
        mock.expect(1).assert_async().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_are_one_request() {
    let mut server = Server::new_async().await;
    let mock = gives(&mut server, "/token", 200, &token_answer(&lasting(900, 1))).await.expect(1);
    let generator = generator(&server, "/token");
    let tasks = (0..50).map(|_| {
        let generator = generator.clone();
        tokio::spawn(async move { given(&generator).await })
    });
    let tokens = futures::future::join_all(tasks).await;
    assert!(tokens.into_iter().all(|token| token.unwrap().ends_with("signature1")));
    mock.assert_async().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_share_a_failure_too() {
    let mut server = Server::new_async().await;
    // Slow, so that all of them wait for it.
    let body = |writer: &mut dyn std::io::Write| {
        std::thread::sleep(Duration::from_millis(300));
        writer.write_all(br#"{"error":"Invalid credentials"}"#)
    };
    let mock = server.mock("POST", "/token").with_status(401).with_chunked_body(body).expect(1).create_async().await;
    let generator = generator(&server, "/token");
    let tasks = (0..50).map(|_| {
        let generator = generator.clone();
        tokio::spawn(async move { generator.secret().await.is_err() })
    });
    assert!(futures::future::join_all(tasks).await.into_iter().all(Result::unwrap));
    mock.assert_async().await;
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires_and_while_that_fails_the_old_one_is_used() {
    let mut server = Server::new_async().await;
    let first = gives(&mut server, "/token", 200, &token_answer(&lasting(2, 1))).await;
    let generator = generator(&server, "/token");
    let one = given(&generator).await;
    first.remove_async().await;
    // A tenth of its life before the end.
    tokio::time::sleep(Duration::from_millis(1850)).await;
    let fails = gives(&mut server, "/token", 500, "").await.expect(1);
    assert_eq!(given(&generator).await, one, "still good");
    assert_eq!(given(&generator).await, one, "and the generator is left alone for a while");
    fails.assert_async().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(generator.secret().await.unwrap_err().kind(), Kind::Unavailable, "over");
    fails.remove_async().await;
    gives(&mut server, "/token", 200, &token_answer(&lasting(900, 2))).await;
    assert!(given(&generator).await.ends_with("signature2"));
}

#[tokio::test]
async fn while_one_task_renews_the_others_go_on() {
    let mut server = Server::new_async().await;
    let generator = generator(&server, "/token").token(lasting(30, 1)).unwrap();
    let answer = token_answer(&lasting(900, 2));
    let slow = move |writer: &mut dyn std::io::Write| {
        std::thread::sleep(Duration::from_millis(400));
        writer.write_all(answer.as_bytes())
    };
    let mock = server.mock("POST", "/token").with_chunked_body(slow).expect(1).create_async().await;
    // Of ten minutes' life thirty seconds are left.
    let held = jwt("ada", now() - 570, now() + 30, 1);
    let generator = generator.token(held).unwrap();
    let renewing = tokio::spawn({
        let generator = generator.clone();
        async move { given(&generator).await }
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    let start = Instant::now();
    assert!(given(&generator).await.ends_with("signature1"));
    assert!(start.elapsed() < Duration::from_millis(150), "it did not wait");
    assert!(renewing.await.unwrap().ends_with("signature2"));
    assert!(given(&generator).await.ends_with("signature2"));
    mock.assert_async().await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_does_no_harm() {
    let mut server = Server::new_async().await;
    // The generator lives a day ago, and its tokens are as good as any.
    let past = jwt("ada", now() - 86_400, now() - 86_400 + 900, 1);
    let mock = gives(&mut server, "/token", 200, &token_answer(&past)).await.expect(1);
    let generator = generator(&server, "/token");
    for _ in 0..3 {
        assert!(given(&generator).await.ends_with("signature1"));
    }
    mock.assert_async().await;
    // A token that only our clock says is over, with nobody to give another: the server is to judge.
    let alone = TokenGenerator::renewing(past, &server.url()).unwrap();
    assert!(given(&alone).await.ends_with("signature1"));
}

#[tokio::test]
async fn the_plugin_for_oauth2_renews_by_the_token_before() {
    let mut server = Server::new_async().await;
    let held = jwt("ada", now() - 570, now() + 30, 1);
    let refresh = server
        .mock("POST", "/auth/refresh")
        .match_body(Matcher::JsonString(token_answer(&held)))
        .with_body(format!(r#"{{"token":"{}","token_type":"Bearer"}}"#, lasting(900, 2)))
        .expect(2)
        .create_async()
        .await;
    let by_base = TokenGenerator::renewing(held.clone(), &server.url()).unwrap();
    assert!(given(&by_base).await.ends_with("signature2"));
    let by_address = TokenGenerator::new(&(server.url() + "/auth/token")).unwrap().own_token(held).unwrap();
    assert!(given(&by_address).await.ends_with("signature2"));
    refresh.assert_async().await;
}

#[tokio::test]
async fn a_generator_is_not_shown_a_token_from_elsewhere() {
    let mut server = Server::new_async().await;
    let held = jwt("ada", now() - 570, now() + 30, 1);
    let refresh = gives(&mut server, "/auth/refresh", 200, &token_answer(&lasting(900, 2))).await.expect(0);
    let address = server.url() + "/auth/token";
    let begins = TokenGenerator::new(&address).unwrap().token(held.clone()).unwrap();
    assert!(given(&begins).await.ends_with("signature1"));

    let configured = |file: serde_json::Value, environment: Option<String>| {
        let environment = move |name: &str| environment.clone().filter(|_| name == "DSERVER_TOKEN_GENERATOR_URL");
        let Login::Token(it) = Config::new(&file.to_string(), environment).unwrap().login().unwrap() else {
            panic!("there is a token")
        };
        *it
    };
    let file = json!({ "DSERVER_URL": "http://mine", "DSERVER_TOKEN": held });
    assert!(given(&configured(file, Some(address.clone()))).await.ends_with("signature1"));
    refresh.assert_async().await;
    refresh.remove_async().await;

    let refresh = gives(&mut server, "/auth/refresh", 200, &token_answer(&lasting(900, 2))).await.expect(2);
    let both = json!({ "DSERVER_URL": "http://mine", "DSERVER_TOKEN": held, "DSERVER_TOKEN_GENERATOR_URL": address });
    assert!(given(&configured(both, None)).await.ends_with("signature2"), "the file names both");
    let of_server = json!({ "DSERVER_URL": server.url(), "DSERVER_TOKEN": held });
    assert!(given(&configured(of_server, Some(address))).await.ends_with("signature2"), "it is the server's");
    refresh.assert_async().await;
}

#[tokio::test]
async fn a_server_that_renews_nothing_is_asked_once() {
    let mut server = Server::new_async().await;
    let missing = gives(&mut server, "/auth/refresh", 404, "").await.expect(1);
    let alone = TokenGenerator::renewing(jwt("ada", now() - 570, now() + 30, 1), &server.url()).unwrap();
    assert!(given(&alone).await.ends_with("signature1"));
    alone.state().held.as_mut().unwrap().renew = Some(Instant::now());
    assert!(given(&alone).await.ends_with("signature1"));
    missing.assert_async().await;
}

#[test]
fn the_plugins_routes_lie_beside_the_address() {
    let route = |url: &str| beside(&Url::parse(url).unwrap(), "refresh").map(|url| url.to_string());
    assert_eq!(route("https://h/auth/token?x=1").unwrap(), "https://h/auth/refresh");
    assert_eq!(route("https://h/api/auth/oauth2/login").unwrap(), "https://h/api/auth/refresh");
    assert_eq!(route("https://h/auth").unwrap(), "https://h/auth/refresh");
    for none in ["https://h/token", "https://h", "https://h/auth/ldap/token", "https://auth/token"] {
        assert_eq!(route(none), None, "{none}");
    }
}

#[tokio::test]
async fn a_refused_token_is_changed_for_another_and_the_call_is_made_again() {
    let mut server = Server::new_async().await;
    let old = lasting(900, 1);
    for (answer, status) in [(r#"{"msg":"Token has been revoked"}"#, 401), (r#"{"msg":"Not enough segments"}"#, 422)] {
        server.reset();
        let generates = gives(&mut server, "/token", 200, &token_answer(&lasting(900, 2))).await.expect(1);
        let asked = |end: &str| Matcher::Regex(format!("{end}$"));
        let refuses = server.mock("GET", "/me").match_header("authorization", asked("signature1"));
        let refuses = refuses.with_status(status).with_body(answer).create_async().await;
        let takes = server.mock("GET", "/me").match_header("authorization", asked("signature2"));
        let takes = takes.with_header("content-type", "application/json").with_body(r#"{"username":"ada"}"#);
        let takes = takes.create_async().await;
        let generator = generator(&server, "/token").token(old.clone()).unwrap();
        let client = Client::builder().url(server.url()).cache(crate::CacheMode::Off).credentials(generator);
        assert_eq!(client.build().unwrap().me().await.unwrap().username, "ada");
        refuses.assert_async().await;
        takes.assert_async().await;
        generates.assert_async().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_one_sentence() {
    let mut server = Server::new_async().await;
    for (path, status, answer, kind, says) in [
        (
            "/token",
            401,
            r#"{"error":"Invalid credentials"}"#,
            Kind::Unauthenticated,
            "refused the username \"ada\" or its password (401); it says: Invalid credentials",
        ),
        ("/token", 401, r#"{"error":"s3cret pass is wrong"}"#, Kind::Unauthenticated, "or its password (401)"),
        ("/", 405, "", Kind::NotFound, "most have them at /token"),
        (
            "/tokens",
            404,
            "<html><title>Not here</title></html>",
            Kind::NotFound,
            "gives no tokens at this address (404)",
        ),
        ("/token", 200, "<!DOCTYPE html><title>Login</title>", Kind::Unexpected, "a page of HTML and no token"),
        ("/token", 200, r#"{"jwt":"e30.signature.x"}"#, Kind::Unexpected, "holds no \"token\""),
        ("/token", 200, r#"{"token":"bad\ntoken signature"}"#, Kind::Unexpected, "holds no \"token\""),
        ("/token", 302, "", Kind::Unexpected, "points elsewhere (302)"),
        ("/token", 503, "", Kind::Unavailable, "503"),
        ("/auth/token", 400, r#"{"error":"Missing api_key or username"}"#, Kind::Unauthenticated, "begin in a browser"),
    ] {
        server.reset();
        gives(&mut server, path, status, answer).await;
        let (met, text) = failure(&generator(&server, path)).await;
        assert!(
            met == kind && text.contains(says) && text.starts_with("the token generator http://"),
            "{met:?} {text}"
        );
    }
    drop(server);
    let settings = Settings { attempts: 1, ..Settings::default() };
    let nowhere = TokenGenerator::new("http://127.0.0.1:9/token").unwrap().username("ada").password("s3cret");
    let (kind, text) = failure(&nowhere.settings(&settings)).await;
    assert!(
        kind == Kind::Unavailable && text.contains("http://127.0.0.1:9/token: the server could not be reached"),
        "{text}"
    );
    let wrong = TokenGenerator::new("https://ada:s3cret@h/token").unwrap_err();
    assert!(!format!("{wrong} {wrong:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_client_tells_it_as_the_generator_did() {
    let mut server = Server::new_async().await;
    gives(&mut server, "/token", 401, "{}").await;
    let generator = generator(&server, "/token");
    let client = Client::builder().url("http://127.0.0.1:9").credentials(generator).build().unwrap();
    let error = client.me().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated);
    assert!(error.to_string().contains("refused the username \"ada\""), "{error}");
    assert_eq!(error.attempts(), 1, "its requests are not the call's");
}

#[tokio::test]
async fn who_can_tell_is_asked_and_what_was_told_is_kept_or_not() {
    let mut server = Server::new_async().await;
    gives(&mut server, "/token", 200, &token_answer(&lasting(900, 1))).await;
    for (keeps, questions) in [(true, 1), (false, 2)] {
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        let generator = TokenGenerator::new(&(server.url() + "/token")).unwrap().username("ada").cache(keeps);
        let generator = generator.ask(move |question| {
            count.fetch_add(1, Ordering::SeqCst);
            assert_eq!(question.username.as_deref(), Some("ada"));
            assert!(question.generator.ends_with("/token"));
            std::future::ready(Ok(Account { username: "ada".to_owned(), password: "p".into() }))
        });
        given(&generator).await;
        // As if it had expired.
        generator.state().held = None;
        given(&generator).await;
        assert_eq!(asked.load(Ordering::SeqCst), questions);
    }
    let alone = TokenGenerator::new(&(server.url() + "/token")).unwrap();
    let (kind, text) = failure(&alone.clone().username("ada")).await;
    assert!(kind == Kind::Unauthenticated && text.contains("no password: set DSERVER_PASSWORD"), "{text}");
    assert!(failure(&alone).await.1.contains("no username"));
    let forbidden = alone.ask(|_| async { unreachable!("nobody may be asked") }).interactive(false);
    assert!(failure(&forbidden).await.1.contains("no username"));
}

#[tokio::test]
async fn a_wrong_answer_is_forgotten() {
    let mut server = Server::new_async().await;
    let generator = TokenGenerator::new(&(server.url() + "/token")).unwrap();
    let tries = Arc::new(AtomicU32::new(0));
    let count = tries.clone();
    let generator = generator.ask(move |_| {
        let password = if count.fetch_add(1, Ordering::SeqCst) == 0 { "wrong" } else { "right" };
        std::future::ready(Ok(Account { username: "ada".to_owned(), password: password.into() }))
    });
    let refuses = server.mock("POST", "/token").match_body(Matcher::Regex("wrong".to_owned()));
    refuses.with_status(401).create_async().await;
    let takes = server.mock("POST", "/token").match_body(Matcher::Regex("right".to_owned()));
    takes.with_body(token_answer(&lasting(900, 1))).create_async().await;
    assert!(generator.secret().await.is_err());
    assert!(given(&generator).await.ends_with("signature1"));
    assert_eq!(tries.load(Ordering::SeqCst), 2);
}

#[test]
fn whose_it_is_does_not_change_with_the_token() {
    let named = TokenGenerator::new("https://h/token").unwrap().username("ada");
    let before = named.principal().unwrap();
    let after = named.token(lasting(900, 1)).unwrap().principal().unwrap();
    assert!(before == after);
    assert!(TokenGenerator::new("https://h/token").unwrap().principal().is_none(), "nobody yet");
    let mine = TokenGenerator::renewing(lasting(900, 1), "https://h").unwrap().principal();
    assert!(mine == TokenGenerator::renewing(lasting(900, 2), "https://h").unwrap().principal());
}

#[tokio::test]
async fn a_refusal_that_a_new_token_does_not_cure_is_the_answer() {
    let mut server = Server::new_async().await;
    let numbers = AtomicU32::new(0);
    let fresh =
        move |_: &mockito::Request| token_answer(&lasting(900, numbers.fetch_add(1, Ordering::SeqCst))).into_bytes();
    let generates = server.mock("POST", "/token").with_body_from_request(fresh).expect(2).create_async().await;
    let unknown = server.mock("GET", "/me").with_status(401).with_header("content-type", "application/json");
    let unknown = unknown.with_body(r#"{"code":401,"status":"Unauthorized"}"#).expect(21).create_async().await;
    let generator = generator(&server, "/token");
    let client = Client::builder().url(server.url()).cache(crate::CacheMode::Off).credentials(generator.clone());
    let client = client.build().unwrap();
    for _ in 0..20 {
        let error = client.me().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unauthenticated);
        assert!(error.to_string().contains("is this user registered at the server?"), "{error}");
    }
    generates.assert_async().await;
    unknown.assert_async().await;
    // But not for ever.
    generates.remove_async().await;
    gives(&mut server, "/token", 200, &token_answer(&lasting(900, 99))).await;
    generator.state().is_final = Some(Instant::now());
    assert!(client.me().await.is_err());
    assert!(given(&generator).await.ends_with("signature99"));
}

#[test]
fn one_apart_begins_with_the_same_token_and_shares_nothing_after() {
    let generator = TokenGenerator::new("https://t.example.org/token").unwrap().token("first".to_owned()).unwrap();
    let apart = generator.apart();
    assert_eq!(apart.current().is_some(), generator.current().is_some());
    assert!(apart.current().is_some());
    // As a thread has it that a forked child has not got.
    let _held = generator.shared.turn.try_lock().unwrap();
    assert!(apart.shared.turn.try_lock().is_ok() && generator.clone().shared.turn.try_lock().is_err());
    apart.state().asked += 1;
    assert_eq!(generator.state().asked, 0);
}
