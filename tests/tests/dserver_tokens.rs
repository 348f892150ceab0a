//! Tokens of a real dserver: given by a generator, over after seconds, refused by the layer that reads them.

use std::time::Duration;

use futures::TryStreamExt as _;
use whimbrel::{
    CacheMode, Kind, Paged as _,
    dserver::{Client, Config, TokenGenerator},
};
use whimbrel_tests::dserver::Dserver;

fn client(dserver: &Dserver, generator: TokenGenerator) -> Client {
    Client::builder().url(dserver.url()).credentials(generator).cache(CacheMode::Off).build().unwrap()
}

fn generator(dserver: &Dserver, url: &str) -> TokenGenerator {
    TokenGenerator::new(url).unwrap().username(dserver.username()).password(dserver.password().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_last_for_seconds_carry_work_of_many() {
    let Some(dserver) = Dserver::shared() else { return };
    let short = generator(dserver, &format!("{}?seconds=2", dserver.token_generator_url()));
    let client = client(dserver, short.clone());
    let mut seen = vec![];
    for _ in 0..12 {
        assert_eq!(client.me().await.unwrap().username, dserver.username());
        seen.push(short.current().unwrap().expires().unwrap());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    seen.dedup();
    assert!((3..=6).contains(&seen.len()), "six seconds are some tokens: {seen:?}");
    assert_eq!(client.search().stream().try_collect::<Vec<_>>().await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_real_one_refuses_is_changed_for_a_token_that_it_takes() {
    let Some(dserver) = Dserver::shared() else { return };
    let real = dserver.token();
    let forged = format!("{}.{}", real.rsplit_once('.').unwrap().0, "c2lnbmF0dXJl");
    // It answers 422 to all of these and 401 to none.
    for refused in ["malformed", "a.b.c", forged.as_str()] {
        let with = generator(dserver, dserver.ldap_token_generator_url()).token(refused.to_owned()).unwrap();
        assert_eq!(client(dserver, with).me().await.unwrap().username, dserver.username(), "{refused}");
        let without = Client::builder().url(dserver.url()).token(refused.to_owned()).cache(CacheMode::Off).build();
        let error = without.unwrap().me().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unauthenticated, "{error}");
    }
    let wrong = generator(dserver, dserver.token_generator_url()).password("wrong");
    let error = client(dserver, wrong).me().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthenticated, "{error}");
    assert!(error.to_string().contains("refused the username"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_enough() {
    let Some(dserver) = Dserver::shared() else { return };
    let (url, generator) = (dserver.url(), dserver.token_generator_url());
    let file = format!(
        r#"{{"DSERVER_URL":"{url}/","DSERVER_TOKEN_GENERATOR_URL":"{generator}","DSERVER_USERNAME":"nobody-in-particular",
             "DSERVER_VERIFY_SSL":true}}"#
    );
    let (username, password) = (dserver.username().to_owned(), dserver.password().to_owned());
    let config = Config::new(&file, move |name| match name {
        "DSERVER_USERNAME" => Some(username.clone()),
        "DSERVER_PASSWORD" => Some(password.clone()),
        _ => None,
    });
    let client = Client::configured(&config.unwrap()).unwrap().cache(CacheMode::Off).build().unwrap();
    assert_eq!(client.me().await.unwrap().username, dserver.username());
}
