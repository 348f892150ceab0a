//! What is around the projects: the user, tokens, catalogues, vocabularies, search, status, PIDs; against the sandbox.

use futures::TryStreamExt as _;
use sandbox::{Options, Sandbox};
use whimbrel::{
    CacheMode, Kind, Paged as _,
    coscine::{Category, Client, Kpi, Rdf, UserSettings, types::PidRequestDto},
    secrecy::ExposeSecret as _,
};

async fn start() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let client = client(&sandbox, &sandbox.token("alice").unwrap());
    (sandbox, client)
}

fn client(sandbox: &Sandbox, token: &str) -> Client {
    Client::builder().url(sandbox.url()).token(token.to_owned()).cache(CacheMode::Off).build().unwrap()
}

fn keeps_the_contract(sandbox: &Sandbox) {
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_changes_the_own_profile() {
    let (sandbox, client) = start().await;
    let me = client.me().await.unwrap();
    assert_eq!(me.display_name(), "alice Sandbox");
    let mut profile = me.profile();
    profile.family_name = "Ott".to_owned();
    profile.language.id = client.languages().find("de").await.unwrap().id;
    me.update(profile).await.unwrap();
    let me = client.me().await.unwrap();
    assert_eq!(me.display_name(), "alice Ott");
    assert_eq!(me.details().language.as_ref().unwrap().abbreviation, "de");
    assert_eq!(client.users("alice").await.unwrap()[0].id, me.id());

    let said =
        UserSettings { given_name: Some("Alice".to_owned()), language: Some("en".to_owned()), ..Default::default() };
    me.change(said).await.unwrap();
    let me = client.me().await.unwrap();
    assert_eq!(me.display_name(), "Alice Ott", "what is not said stays");
    assert_eq!(me.details().language.as_ref().unwrap().abbreviation, "en");
    let said = UserSettings { title: Some("Emperor".to_owned()), ..UserSettings::default() };
    assert!(me.change(said).await.unwrap_err().is_not_found());

    let terms = client.terms_of_service().await.unwrap();
    me.accept_terms(&terms.version).await.unwrap();
    assert!(me.accept_terms("0.1").await.unwrap_err().is_not_found());
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_used_found_by_name_and_revoked() {
    let (sandbox, alice) = start().await;
    let (token, secret) = alice.create_token("laptop", 370).await.unwrap();
    assert_eq!(token.name(), "laptop");
    let other = client(&sandbox, secret.expose_secret());
    assert_eq!(other.me().await.unwrap().id(), alice.me().await.unwrap().id());

    let found = alice.tokens().find("laptop").await.unwrap();
    assert_eq!((found.id(), &found.details().token), (token.id(), &None));
    assert_eq!(alice.tokens().get(token.id()).await.unwrap().name(), "laptop");
    found.revoke().await.unwrap();
    assert_eq!(other.me().await.unwrap_err().kind(), Kind::Unauthenticated);
    assert!(token.revoke().await.unwrap_err().is_not_found());
    assert_eq!(alice.tokens().stream().try_collect::<Vec<_>>().await.unwrap().len(), 1);
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_refused_and_wished_again() {
    let (sandbox, client) = start().await;
    let quota = client.notifications().find("quota").await.unwrap();
    client.opt_out(&quota.id).await.unwrap();
    let opt_out = client.opt_outs().get(&quota.id).await.unwrap();
    assert_eq!(opt_out.details().notification_id, quota.id);
    assert_eq!(client.opt_outs().find(&quota.id).await.unwrap().details().id, opt_out.details().id);
    opt_out.undo().await.unwrap();
    assert!(client.opt_outs().page(1).await.unwrap().items.is_empty());

    let needed = client.notifications().find("TermsOfService").await.unwrap();
    assert_eq!(client.opt_out(&needed.id).await.unwrap_err().kind(), Kind::Invalid);
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_catalogue_is_listed_searched_by_name_and_asked_by_id() {
    let (sandbox, client) = start().await;
    macro_rules! catalogue {
        ($($list:ident, $name:literal, $count:literal;)*) => {$(
            let all = client.$list().stream().try_collect::<Vec<_>>().await.unwrap();
            assert_eq!(all.len(), $count);
            let found = client.$list().find($name).await.unwrap();
            assert!(all.contains(&found));
            let id = whimbrel::coscine::Listed::id(&found);
            assert_eq!(client.$list().get(id).await.unwrap(), found);
            assert!(client.$list().find("nothing is called so").await.unwrap_err().is_not_found());
        )*};
    }
    catalogue! {
        disciplines, "Informatik 409", 12;
        languages, "Deutsch", 2;
        licenses, "CC BY 4.0", 7;
        notifications, "Quota", 3;
        roles, "Owner", 3;
        titles, "Dr.", 2;
        visibilities, "Public", 2;
    }
    let found = client.organizations().matching("dortmund").language("de").page(1).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert_eq!(client.organization(&found[0].uri).await.unwrap(), found[0]);
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vocabulary_of_two_hundred_terms_is_two_requests_or_one_document() {
    let (sandbox, client) = start().await;
    let found = client.vocabularies().matching("instruments").stream().try_collect::<Vec<_>>().await.unwrap();
    let [vocabulary] = &found[..] else { panic!("{found:?}") };
    sandbox.reset();
    let terms: Vec<_> = client.vocabulary(&vocabulary.class_uri).stream().try_collect().await.unwrap();
    assert_eq!((terms.len(), sandbox.report().requests), (200, 2));
    let balances = client.vocabulary(&vocabulary.class_uri).matching("balance 2").page(1).await.unwrap();
    let iri = balances.items[0].instance_uri.as_deref().unwrap();
    assert_eq!(client.term(iri, "en").await.unwrap(), balances.items[0]);
    let document = client.vocabulary_document(&vocabulary.graph_uri, Rdf::Turtle).await.unwrap();
    assert_eq!(document.lines().count(), 200);
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn application_profiles_come_with_and_without_an_envelope() {
    let (sandbox, client) = start().await;
    let all: Vec<_> = client.application_profiles().stream().try_collect().await.unwrap();
    for profile in &all {
        let document = client.application_profile_document(&profile.uri, Rdf::Turtle).await.unwrap();
        let told = client.application_profile(&profile.uri, Rdf::Turtle, "en").await.unwrap();
        assert_eq!(told.definition.and_then(|it| it.content), Some(document));
    }
    assert!(!all.is_empty());
    assert!(client.application_profile_document("urn:none", Rdf::Turtle).await.unwrap_err().is_not_found());
    let turtle = "<urn:p> a <http://www.w3.org/ns/shacl#NodeShape> .".to_owned();
    client.request_application_profile("P", "urn:p", turtle, Rdf::Turtle).await.unwrap();
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_counted_and_narrowed_by_category() {
    let (sandbox, client) = start().await;
    let search = client.search("re").language("en");
    let counts = search.counts().await.unwrap();
    let hits: Vec<_> = search.clone().stream().try_collect().await.unwrap();
    assert_eq!(hits.len() as u64, counts.values().sum::<u64>());
    assert!(hits.len() > 50);
    let projects: Vec<_> = search.category(Category::Project).stream().try_collect().await.unwrap();
    assert!(!projects.is_empty() && projects.len() < hits.len());
    assert!(projects.iter().all(|hit| hit.category() == Some(Category::Project)));
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_come_in_the_language_that_is_asked_for() {
    let (sandbox, client) = start().await;
    for (language, title) in [("en", "The storage is slow"), ("de", "Der Speicher ist langsam")] {
        let active = client.notices(language).active().await.unwrap();
        assert_eq!(active.iter().map(|it| it.title.as_deref().unwrap()).collect::<Vec<_>>(), [title]);
    }
    assert_eq!(client.notices("en").stream().try_collect::<Vec<_>>().await.unwrap().len(), 2);
    let planned = client.status_messages("en").kind("Maintenance").starts_after("2020-01-01T00:00:00Z");
    assert_eq!(planned.page(1).await.unwrap().items[0].id, "1");
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pid_is_resolved_gone_or_unknown() {
    let (sandbox, alice) = start().await;
    let project = alice.project("Demo").await.unwrap();
    let pid = alice.pid(&format!("https://hdl.handle.net/21.11102/{}", project.id())).unwrap();
    assert_eq!(pid.resolve().await.unwrap().type_.as_deref().map(String::as_str), Some("project"));
    assert_eq!(pid.handle().await.unwrap().values.unwrap()[0].type_.as_deref(), Some("URL"));
    let message = |email: &str| PidRequestDto {
        name: "Bo".to_owned(),
        email: email.to_owned(),
        message: "May I?".to_owned(),
        send_confirmation_email: Some(true),
    };
    pid.ask_owner(message("bo@example.org")).await.unwrap();
    assert_eq!(pid.ask_owner(message("bo")).await.unwrap_err().kind(), Kind::Invalid);

    let gone = alice.pid("21.11102/00000000-0000-4000-8000-000000000410").unwrap().resolve().await.unwrap_err();
    assert!(gone.is_gone() && gone.is_not_found());
    let never = alice.pid("21.11102/00000000-0000-4000-8000-000000000404").unwrap().resolve().await.unwrap_err();
    assert!(never.is_not_found() && !never.is_gone());

    assert_eq!(alice.pids().page(1).await.unwrap_err().kind(), Kind::Forbidden);
    let admin = client(&sandbox, &sandbox.token("admin").unwrap());
    let count = async |pids: whimbrel::coscine::Pids| pids.stream().try_collect::<Vec<_>>().await.unwrap().len();
    assert_eq!(count(admin.pids().of_projects()).await, 57);
    assert_eq!(count(admin.pids().of_projects().with_deleted()).await, 58);
    assert_eq!(admin.kpi(Kpi::CreatedProjects).await.unwrap().value, Some(57.0));
    keeps_the_contract(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogues_are_cached_and_tokens_are_not() {
    let (sandbox, _) = start().await;
    let token = sandbox.token("bob").unwrap();
    let client = Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Memory).build().unwrap();
    for expected in [4, 6] {
        client.licenses().page(1).await.unwrap();
        client.application_profiles().page(1).await.unwrap();
        client.tokens().page(1).await.unwrap();
        client.me().await.unwrap();
        assert_eq!(sandbox.report().requests, expected);
    }
}
