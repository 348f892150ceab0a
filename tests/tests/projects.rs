//! Projects and resources from their making to their end, with the people, quotas and publications in between.

use futures::TryStreamExt as _;
use sandbox::{FaultPlan, Options, Sandbox};
use whimbrel::{
    CacheMode, Kind, Paged as _,
    coscine::{Branch, Client, FixedValue, Metadata, MetadataVersion, NrwStorage, Project, Resource, Storage},
};

/// The profile of two fields that the sandbox has.
const PROFILE: &str = "https://purl.org/coscine/ap/whimbrel/simple/";
const GIB: u64 = 1 << 30;

async fn start() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let client = client(&sandbox, "alice");
    (sandbox, client)
}

/// With a cache of its own for each sandbox, as each has an origin of its own: so what is written must make it old.
fn client(sandbox: &Sandbox, user: &str) -> Client {
    let token = sandbox.token(user).unwrap();
    Client::builder().url(sandbox.url()).token(token).cache(CacheMode::Memory).build().unwrap()
}

async fn made(client: &Client, name: &str) -> (Project, Resource) {
    let project = client.create_project(name).disciplines(["Optics 308"]).send().await.unwrap();
    let resource = project.create_resource("Data", "rdsrwth", Storage::Rds { quota: 5 * GIB }).profile(PROFILE);
    let resource = resource.send().await.unwrap();
    (project, resource)
}

fn assert_kept_to_the_document(sandbox: &Sandbox) {
    assert!(sandbox.report().contract_violations.is_empty(), "{:?}", sandbox.report().contract_violations);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_changed_and_deleted() {
    let (_sandbox, client) = start().await;
    let before: Vec<_> = client.projects().stream().try_collect().await.unwrap();
    let form = client.create_project("Wear of turbine blades").display_name("Turbine 7").description("Blades");
    let form = form.principal_investigators("A. Ott").start("2026-11-01").end("2029-10-31").grant_id("G 1");
    let form = form.keywords(["wear"]).disciplines(["optics 308"]).organizations(["https://ror.org/04xfq0f34"]);
    let made = form.visibility("Public").send().await.unwrap();
    assert_eq!((made.name(), made.display_name()), ("Wear of turbine blades", "Turbine 7"));
    assert!(made.pid().ends_with(made.id()));
    let after: Vec<_> = client.projects().stream().try_collect().await.unwrap();
    assert_eq!(after.len(), before.len() + 1, "the list in the cache is old now");

    let changed = made.update().display_name("Turbine 8").keywords(["wear", "blade"]).send().await.unwrap();
    let (old, new) = (made.details(), changed.details());
    assert_eq!(new.display_name.as_deref(), Some("Turbine 8"));
    assert_eq!(new.keywords.as_deref().unwrap(), ["wear", "blade"]);
    // All else stays, though it was sent again.
    assert_eq!((&new.name, &new.description, &new.slug), (&old.name, &old.description, &old.slug));
    assert_eq!((&new.start_date, &new.end_date, &new.grant_id), (&old.start_date, &old.end_date, &old.grant_id));
    assert_eq!(new.start_date, "2026-11-01T00:00:00Z");
    assert_eq!((&new.visibility, &new.disciplines), (&old.visibility, &old.disciplines));
    assert_eq!((new.disciplines.len(), new.visibility.display_name.as_deref()), (1, Some("Public")));
    assert_eq!((&new.organizations, new.organizations.len()), (&old.organizations, 1));
    assert_eq!(new.principle_investigators.as_deref(), Some("A. Ott"));
    assert_eq!(client.project("Turbine 8").await.unwrap().id(), made.id());

    assert_eq!(made.update().slug("turbine-8").send().await.unwrap().slug(), "turbine-8");
    assert_eq!(client.project("turbine-8").await.unwrap().id(), made.id());

    let wrong = made.update().disciplines(["Alchemy"]).send().await.unwrap_err();
    assert!(wrong.is_not_found() && wrong.to_string().contains("Alchemy"), "{wrong}");
    assert_eq!(made.update().end("soon").send().await.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(made.update().display_name("x".repeat(26)).send().await.unwrap_err().kind(), Kind::Invalid);

    made.delete().await.unwrap();
    assert!(client.project(made.id()).await.unwrap_err().is_not_found());
    assert!(made.delete().await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_below_projects_make_a_tree() {
    let (sandbox, client) = start().await;
    let client_of_bob = self::client(&sandbox, "bob");
    let root = client_of_bob.create_project("Root").send().await.unwrap();
    let left = root.create_subproject("Left").copy_owners(true).send().await.unwrap();
    root.create_subproject("Right").send().await.unwrap();
    left.create_subproject("Leaf").send().await.unwrap();

    fn drawn(branches: &[Branch]) -> String {
        let one = |it: &Branch| format!("{}({})", it.project.name(), drawn(&it.below));
        branches.iter().map(one).collect::<Vec<_>>().join(" ")
    }
    let all = client_of_bob.projects().tree().await.unwrap();
    assert_eq!(drawn(&all), "Demo() Root(Left(Leaf()) Right())");
    assert_eq!(drawn(&root.subprojects().tree().await.unwrap()), "Left(Leaf()) Right()");
    let top: Vec<_> = client_of_bob.projects().top_level().stream().try_collect().await.unwrap();
    assert_eq!(top.iter().map(Project::name).collect::<Vec<_>>(), ["Demo", "Root"]);
    assert_eq!(client.projects().tree().await.unwrap().len(), 57, "more than a page");
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_change_and_go() {
    let (sandbox, alice) = start().await;
    let (project, _) = made(&alice, "People").await;
    let added = project.add_member("bob@example.org", "Guest").await.unwrap();
    assert_eq!((added.name(), added.role()), ("bob Sandbox", "Guest"));
    let twice = project.add_member("bob Sandbox", "Guest").await.unwrap_err();
    assert_eq!(twice.kind(), Kind::Invalid, "{twice}");
    let nobody = project.add_member("nobody@example.org", "Guest").await.unwrap_err();
    assert!(nobody.is_not_found() && nobody.to_string().contains("invited"), "{nobody}");
    assert!(project.add_member("bob@example.org", "King").await.unwrap_err().is_not_found());

    project.member("bob@example.org").await.unwrap().set_role("Member").await.unwrap();
    assert_eq!(project.membership(added.id()).await.unwrap().role(), "Member");
    let all: Vec<_> = project.members().stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(project.my_membership().await.unwrap().role(), "Owner");

    let seen_by_bob = client(&sandbox, "bob").project("People").await.unwrap();
    let alice_there = seen_by_bob.member("alice Sandbox").await.unwrap();
    assert_eq!(alice_there.remove().await.unwrap_err().kind(), Kind::Forbidden);
    seen_by_bob.leave().await.unwrap();
    assert!(project.member("bob@example.org").await.unwrap_err().is_not_found());
    let carol = project.add_member(&user_id(&alice, "carol").await, "Guest").await.unwrap();
    carol.remove().await.unwrap();
    assert_kept_to_the_document(&sandbox);
}

async fn user_id(client: &Client, name: &str) -> String {
    let found = client.raw().get_users().search_term(name).send().await.unwrap().into_inner();
    found.data.unwrap().remove(0).id
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_sent_revoked_and_accepted() {
    let (sandbox, alice) = start().await;
    let (project, _) = made(&alice, "Party").await;
    let first = project.invite("one@example.org", "Guest").await.unwrap();
    let second = project.invite("two@example.org", "Member").await.unwrap();
    assert_eq!(first.email(), "one@example.org");
    let waiting: Vec<_> = project.invitations().stream().try_collect().await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(project.invitation("two@example.org").await.unwrap().id(), second.id());
    project.invitation(first.id()).await.unwrap().revoke().await.unwrap();
    assert!(project.invitation(first.id()).await.unwrap_err().is_not_found());

    let bob = client(&sandbox, "bob");
    assert!(bob.project("Party").await.unwrap_err().is_not_found());
    bob.accept_invitation(&second.id().to_owned().into()).await.unwrap();
    assert_eq!(bob.project("Party").await.unwrap().my_membership().await.unwrap().role(), "Member");
    assert!(bob.accept_invitation(&second.id().to_owned().into()).await.unwrap_err().is_not_found(), "once only");
    assert_eq!(project.invitations().page(1).await.unwrap().items.len(), 0);
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_are_bytes() {
    let (sandbox, client) = start().await;
    let (project, resource) = made(&client, "Space").await;
    let all: Vec<_> = project.quotas().stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 7);
    let quota = project.quota("rdsrwth").await.unwrap();
    assert_eq!((quota.reserved, quota.allocated), (Some(5 * GIB), Some(100 * GIB)));
    assert_eq!(quota.resources.iter().map(|it| it.resource_id.as_str()).collect::<Vec<_>>(), [resource.id()]);
    project.set_quota("rdsrwth", 10 * GIB, None).await.unwrap();
    assert_eq!(project.quota("RDSRWTH").await.unwrap().allocated, Some(10 * GIB));
    let too_little = project.set_quota("rdsrwth", GIB, None).await.unwrap_err();
    assert_eq!(too_little.kind(), Kind::Invalid);
    assert!(project.quota("floppy").await.unwrap_err().is_not_found());

    let demo = client.project("Demo").await.unwrap().resource("Files").await.unwrap();
    let quota = demo.quota_with_versions().await.unwrap();
    assert_eq!((quota.reserved, quota.versions), (Some(25 * GIB), Some(0)));
    assert!((1..1000).contains(&quota.used.unwrap()));
    assert_eq!(demo.quota().await.unwrap().reserved, Some(25 * GIB));
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_is_asked_for() {
    let (sandbox, client) = start().await;
    let (project, resource) = made(&client, "Paper").await;
    let services: Vec<_> = client.publication_services().search("Aachen").stream().try_collect().await.unwrap();
    assert_eq!(services.len(), 1);
    let organization = services[0].organization().unwrap();
    let request = project.request_publication(organization, [&resource], Some("Soon")).await.unwrap();
    let again = project.publication_request(request.id.as_deref().unwrap()).await.unwrap();
    assert_eq!(again.resources.unwrap()[0].id, resource.id());
    let elsewhere = client.project("Demo").await.unwrap().request_publication(organization, [&resource], None).await;
    assert_eq!(elsewhere.unwrap_err().kind(), Kind::Invalid);
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_made_changed_archived_and_deleted() {
    let (sandbox, client) = start().await;
    let project = client.create_project("Things").disciplines(["Optics 308"]).send().await.unwrap();
    let storage = || Storage::Rds { quota: 5 * GIB };
    let form = project.create_resource("Raw data of all runs", "rdsrwth", storage()).profile(PROFILE);
    let form = form.display_name("Raw").license("cc by 4.0").keywords(["raw"]).usage_rights("Ask first");
    let resource = form.fixed_value("http://purl.org/dc/terms/creator", "A. Ott").send().await.unwrap();
    assert_eq!(
        (resource.name(), resource.display_name(), resource.resource_type()),
        ("Raw data of all runs", "Raw", "rdsrwth")
    );
    assert_eq!(resource.details().disciplines, project.details().disciplines, "as the project's");
    assert_eq!(project.resource("Raw").await.unwrap().id(), resource.id());
    assert_eq!(client.resource(resource.id()).await.unwrap().name(), resource.name());

    let changed = resource.update().description("Weekly").quota(7 * GIB).send().await.unwrap();
    let (old, new) = (resource.details(), changed.details());
    assert_eq!(new.description, "Weekly");
    assert_eq!((&new.name, &new.display_name, &new.keywords), (&old.name, &old.display_name, &old.keywords));
    assert_eq!((&new.license, &new.usage_rights, &new.visibility), (&old.license, &old.usage_rights, &old.visibility));
    assert_eq!((&new.disciplines, &new.fixed_values), (&old.disciplines, &old.fixed_values));
    assert_eq!(new.license.as_ref().unwrap().display_name.as_deref(), Some("CC BY 4.0"));
    assert_eq!(changed.quota().await.unwrap().reserved, Some(7 * GIB));
    let iri = FixedValue::iri("https://orcid.org/0000-0000-0000-0000");
    let changed = changed.update().fixed_value("http://purl.org/dc/terms/creator", iri).send().await.unwrap();
    assert_eq!(changed.details().fixed_values.values().flat_map(|kinds| kinds.values()).flatten().count(), 1);

    let archived = resource.archive().await.unwrap();
    assert!(archived.is_archived() && project.resource("Raw").await.unwrap().is_archived());
    let file = tempfile::NamedTempFile::new().unwrap();
    let metadata = Metadata::Turtle("[] <urn:p> 1 .".to_owned());
    let refused = archived.upload(file.path()).to("x").metadata(metadata).send().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Forbidden, "{refused}");
    assert!(!archived.unarchive().await.unwrap().is_archived());
    resource.delete().await.unwrap();
    assert!(project.resource("Raw").await.unwrap_err().is_not_found());
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_takes_only_what_its_type_wants() {
    let (sandbox, client) = start().await;
    let project = client.create_project("Types").send().await.unwrap();
    sandbox.reset();
    let make = |kind: &str, storage: Storage| project.create_resource("R", kind, storage).profile(PROFILE).send();
    for wrong in [Storage::Linked, Storage::RdsS3 { quota: GIB }, Storage::NrwWeb(NrwStorage::default())] {
        assert_eq!(make("rdsrwth", wrong).await.unwrap_err().kind(), Kind::Invalid);
    }
    let unknown = make("floppy", Storage::Linked).await.unwrap_err();
    assert!(unknown.is_not_found() && unknown.to_string().contains("rdsnrw"), "{unknown}");
    assert!(!sandbox.report().by_operation.contains_key("CreateResourceForProject"));

    let types = client.resource_types().await.unwrap();
    assert!(types.iter().all(|it| it.can_create() && it.has_versions() && it.has_adjustable_quota()));
    let bucket = project.resource_type("rdss3nrw").await.unwrap();
    assert_eq!((client.resource_type(bucket.id()).await.unwrap().name(), bucket.general()), ("rdss3nrw", "rdss3"));
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_given_to_members_and_shown_to_nobody() {
    let (sandbox, alice) = start().await;
    let bucket = async |client: &Client| client.project("Demo").await.unwrap().resource("Bucket").await.unwrap();
    let of_alice = bucket(&alice).await;
    let s3 = of_alice.s3().await.unwrap();
    assert_eq!(s3.bucket, of_alice.id());
    let changed = of_alice.update().description("A bucket").send().await.unwrap();
    for shown in [format!("{s3:?}"), format!("{of_alice:?}"), format!("{changed:?}")] {
        assert!(!shown.contains("sandbox-write-secret"), "{shown}");
    }
    let of_carol = bucket(&client(&sandbox, "carol")).await.s3().await.unwrap_err();
    assert_eq!(of_carol.kind(), Kind::Forbidden, "{of_carol}");
    let files = alice.project("Demo").await.unwrap().resource("Files").await.unwrap();
    assert_eq!(files.s3().await.unwrap_err().kind(), Kind::Invalid);
    sandbox.reset();
    of_alice.s3().await.unwrap();
    assert_eq!(sandbox.report().requests, 1, "never from the cache");
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_come_in_versions_and_files_go() {
    let (sandbox, client) = start().await;
    let (project, resource) = made(&client, "Versions").await;
    let local = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(local.path(), "three").unwrap();
    let titled = |title: &str| {
        let pairs = [("Title", title), ("Creator", "A. Ott"), ("Creation Date", "2026-11-21")];
        Metadata::Record(pairs.into_iter().collect())
    };
    resource.upload(local.path()).to("a/b.txt").metadata(titled("first")).send().await.unwrap();
    let file = resource.file("a/b.txt");
    let head = file.head().await.unwrap().unwrap();
    assert_eq!(head.size, Some(5));
    assert!(head.changed.is_some());

    file.set_metadata(titled("second")).await.unwrap();
    let no_field = Metadata::Record([("Colour", "red")].into_iter().collect());
    assert_eq!(file.set_metadata(no_field).await.unwrap_err().kind(), Kind::Invalid);
    let versions: Vec<_> = file.versions().stream().try_collect().await.unwrap();
    assert_eq!(versions.iter().map(MetadataVersion::number).collect::<Vec<_>>(), [Some(2), Some(1)]);
    assert!(file.metadata(Some(1)).await.unwrap().to_string().contains("first"));
    assert!(file.metadata(None).await.unwrap().to_string().contains("second"));
    assert!(file.metadata(Some(3)).await.unwrap_err().is_not_found());
    assert_eq!(file.version(None).await.unwrap().number(), Some(2));
    assert!(file.has_metadata(Some(2)).await.unwrap() && !file.has_metadata(Some(3)).await.unwrap());
    assert!(file.has_node().await.unwrap());
    assert_eq!(file.node().await.unwrap().has_data, Some(true));
    let nodes: Vec<_> = resource.nodes("a").stream().try_collect().await.unwrap();
    assert_eq!(nodes.len(), 1);
    file.provenance(Some(1)).await.unwrap();
    let graphs = project.graphs().await.unwrap();
    assert_eq!(graphs.iter().map(|it| it.graph_name.to_string()).collect::<std::collections::HashSet<_>>().len(), 2);

    sandbox.reset();
    for elsewhere in ["..", "a/../../..", "", "/", "a//b"] {
        assert_eq!(resource.file(elsewhere).delete().await.unwrap_err().kind(), Kind::Invalid, "{elsewhere:?}");
    }
    assert_eq!(sandbox.report().requests, 0);
    file.delete().await.unwrap();
    assert_eq!(file.head().await.unwrap(), None);
    assert!(!file.has_node().await.unwrap());
    assert!(file.delete().await.unwrap_err().is_not_found());
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_changes_nothing() {
    let (sandbox, alice) = start().await;
    let carol = client(&sandbox, "carol");
    let project = carol.project("Demo").await.unwrap();
    let resource = project.resource("Files").await.unwrap();
    let storage = Storage::Rds { quota: GIB };
    let refused = [
        project.update().name("Mine").send().await.map(drop).unwrap_err(),
        project.delete().await.unwrap_err(),
        project.invite("x@example.org", "Owner").await.map(drop).unwrap_err(),
        project.set_quota("rdsrwth", 99 * GIB, None).await.unwrap_err(),
        project.create_resource("R", "rdsrwth", storage).profile(PROFILE).send().await.map(drop).unwrap_err(),
        resource.archive().await.map(drop).unwrap_err(),
        resource.delete().await.unwrap_err(),
        resource.file("readme.txt").delete().await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), Kind::Forbidden, "{error}");
    }
    assert_eq!(alice.project("Demo").await.unwrap().resources().page(1).await.unwrap().items.len(), 3);
    assert_kept_to_the_document(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_was_lost_is_done() {
    let lost = |on: &str| serde_json::json!({ "on": on, "nth": [1], "fault": { "kind": "reset_after_processing" } });
    let faults = ["DeleteProject", "DeleteResourceForProject", "DeleteStorageRaw"].map(lost);
    let plan = serde_json::json!({ "faults": faults });
    let faults: FaultPlan = serde_json::from_value(plan).unwrap();
    let sandbox = Sandbox::start(Options { faults, ..Options::default() }).await.unwrap();
    let client = client(&sandbox, "alice");
    client.project("Demo").await.unwrap().resource("Files").await.unwrap().file("readme.txt").delete().await.unwrap();
    let (project, resource) = made(&client, "Short-lived").await;
    resource.delete().await.unwrap();
    project.delete().await.unwrap();
    assert_eq!(sandbox.report().faults_met.values().sum::<u64>(), 3);
    assert!(project.delete().await.unwrap_err().is_not_found(), "of another call it is missing");
}
