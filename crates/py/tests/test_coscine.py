"""`whimbrel.coscine`, noun by noun, against the sandbox."""

from __future__ import annotations

import datetime
import pickle
from collections.abc import Iterator

import pytest
from coscine_world import MEASUREMENT, SIMPLE, new_project
from services import Sandbox
from whimbrel import coscine, errors


@pytest.fixture(scope="module")
def _sandbox(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    # One of its own: a user of one server has 500 requests a minute.
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> coscine.Client:
    return coscine.Client()


def test_a_client_goes_where_the_environment_says(sandbox: Sandbox) -> None:
    assert coscine.Client().url == sandbox.coscine_url


def test_a_client_without_a_token_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COSCINE_API_TOKEN", raising=False)
    with pytest.raises(errors.AuthenticationError, match="whimbrel auth login coscine.*token="):
        coscine.Client("https://coscine.example.org")


def test_projects_are_counted_by_the_server_and_read_page_by_page(client: coscine.Client) -> None:
    projects = client.projects()
    assert len(projects) > 50
    assert len({project.id for project in projects}) == len(projects)
    first = projects.first()
    assert first is not None and first.display_name == "Demo"


def test_a_project_that_is_not_there_is_told_with_those_that_are(client: coscine.Client) -> None:
    with pytest.raises(errors.NotFoundError, match="you see: ") as raised:
        client.project("No such thing")
    assert isinstance(raised.value, LookupError)


def test_a_project_is_made_changed_and_deleted(client: coscine.Client) -> None:
    project = client.create_project(
        "Wear of turbine blades",
        display_name="Turbine",
        start=datetime.date(2026, 1, 2),
        end="2029-10-31",
        keywords=["wear"],
        disciplines=["Materials Science 406"],
        organizations=["https://ror.org/04xfq0f34"],
    )
    assert (project.display_name, project.name, project.keywords) == ("Turbine", "Wear of turbine blades", ["wear"])
    assert project.start_date == datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    assert project.update(keywords="one word is one").keywords == ["one word is one"]
    changed = project.update(description="Blades after 1,000 hours", keywords=["wear", "turbine"])
    assert (changed.description, changed.keywords) == ("Blades after 1,000 hours", ["wear", "turbine"])
    assert changed.display_name == "Turbine", "what is not said stays"
    project.delete()
    with pytest.raises(errors.NotFoundError):
        client.project(project.id)


def test_projects_below_one_are_its_tree(client: coscine.Client) -> None:
    project = new_project(client)
    below = project.create_subproject("Below", copy_owners=True)
    deeper = below.create_subproject("Deeper")
    assert [it.id for it in project.subprojects()] == [below.id]
    [branch] = project.tree()
    assert branch.project == below and [it.project for it in branch.below] == [deeper]
    [of_all] = [it for it in client.project_tree() if it.project.id == project.id]
    assert of_all.below[0].below[0].project.display_name == "Deeper"


def test_a_resource_is_made_changed_archived_and_deleted(client: coscine.Client) -> None:
    project = new_project(client)
    creator = {"http://purl.org/dc/terms/creator": "Ada"}
    resource = project.create_resource(
        "Data", "rdsrwth", profile=MEASUREMENT, quota=5 << 30, license="CC0 1.0", fixed_values=creator
    )
    assert (resource.resource_type, resource.profile, resource.project_id) == ("rdsrwth", MEASUREMENT, project.id)
    assert resource.quota().reserved == 5 << 30
    changed = resource.update(description="As the balance wrote it", quota=6 << 30)
    assert (changed.description, changed.quota().reserved) == ("As the balance wrote it", 6 << 30)
    assert changed.license["displayName"] == "CC0 1.0", "what is not said stays"
    assert resource.archive().archived and not resource.unarchive().archived
    assert client.resource(resource.id) == changed.update()
    resource.delete()
    assert len(project.resources()) == 0


def test_what_a_type_of_resource_needs_is_said_before_anything_is_sent(client: coscine.Client) -> None:
    project = new_project(client)
    with pytest.raises(errors.InvalidError, match="needs a quota"):
        project.create_resource("Data", "rdsrwth", profile=SIMPLE)
    with pytest.raises(errors.InvalidError, match="knows nothing of lifecycle"):
        project.create_resource("Data", "rdsrwth", profile=SIMPLE, quota=1, replication="RWTH-UDE")
    assert len(project.resources()) == 0


def test_members_come_get_a_role_and_go(client: coscine.Client) -> None:
    project = new_project(client)
    bob = project.add_member("bob@example.org", "Guest")
    assert (bob.name, bob.email, bob.role) == ("bob Sandbox", "bob@example.org", "Guest")
    bob.set_role("Member")
    assert project.member("bob Sandbox").role == "Member"
    assert project.membership(bob.id).user.id == client.users("bob")[0].id
    bob.remove()
    assert [it.role for it in project.members()] == ["Owner"]
    page = project.members()._repr_html_()
    assert "<th>email</th>" in page and "<td>Owner</td>" in page, "names in place of what the service nests"
    assert project.my_membership().name == client.me().display_name


def test_one_who_leaves_is_no_member(client: coscine.Client, sandbox: Sandbox) -> None:
    project = new_project(client)
    project.add_member("bob@example.org")
    his = coscine.Client(token=sandbox.tokens["COSCINE_API_TOKEN"]["bob"])
    his.project(project.id).leave()
    assert len(project.members()) == 1


def test_an_invitation_waits_until_it_is_revoked(client: coscine.Client) -> None:
    project = new_project(client)
    invitation = project.invite("new@example.org", "Guest")
    assert invitation.expiration_date is not None
    assert [it.email for it in project.invitations()] == ["new@example.org"]
    assert project.invitation("new@example.org") == project.invitation(invitation.id)
    invitation.revoke()
    assert len(project.invitations()) == 0
    with pytest.raises(errors.NotFoundError):
        client.accept_invitation("00000000-0000-4000-8000-000000000000")


def test_quotas_are_bytes(client: coscine.Client) -> None:
    project = new_project(client)
    project.set_quota("rdsrwth", 50 << 30)
    quota = project.quota("rdsrwth")
    assert (quota.allocated, quota.reserved, quota.used) == (50 << 30, 0, 0)
    resource = project.create_resource("Data", "rdsrwth", profile=SIMPLE, quota=3 << 30)
    resource.upload(b"12345", "five")
    quota = project.quota("rdsrwth")
    assert quota.reserved == 3 << 30 and [it.resource_id for it in quota.resources] == [resource.id]
    assert resource.quota(versions=True).used == 5
    assert "rdsrwth" in {it.resource_type for it in project.quotas()}


def test_what_there_is_to_choose_from_is_found_by_name_or_id(client: coscine.Client) -> None:
    for several, one, name in (
        (client.disciplines, client.discipline, "Informatik 409"),
        (client.languages, client.language, "de"),
        (client.licenses, client.license, "CC0 1.0"),
        (client.roles, client.role, "Guest"),
        (client.titles, client.title, "Dr."),
        (client.visibilities, client.visibility, "Public"),
        (client.notifications, client.notification, "Quota"),
    ):
        found = one(name)
        assert found in several().all() and one(found.id) == found
    ror = "https://ror.org/04xfq0f34"
    assert client.organization(ror) in client.organizations(matching="Aachen").all()
    assert client.resource_type("rdsrwth") in client.resource_types()
    assert client.project("Demo").resource_type("rdss3rwth").general == "rdss3"


def test_a_form_can_be_had_of_a_profile_alone(client: coscine.Client) -> None:
    assert MEASUREMENT in [it.uri for it in client.application_profiles(modules=True)]
    assert client.application_profile(SIMPLE).definition["content"] == client.application_profile_document(SIMPLE)
    form = client.form(MEASUREMENT)
    assert form.field("Instrument").vocabulary in {it.class_uri for it in client.vocabularies()}
    assert [str(it) for it in form.check({"Title": "x", "Creator": "y", "Creation Date": "2026-01-01", "State": "odd"})]
    filled = form.fill({"Title": "Run 7"})
    assert '"Run 7"' in filled and form.target_class in filled


def test_a_vocabulary_of_several_pages_comes_whole(client: coscine.Client) -> None:
    vocabulary = client.vocabularies().first()
    assert vocabulary is not None
    terms = client.vocabulary(vocabulary.class_uri)
    assert len(terms) == len(terms.all()) == 200
    balance = client.vocabulary(vocabulary.class_uri, matching="Balance").first()
    assert balance is not None and balance.instance_uri is not None
    assert client.term(balance.instance_uri).display_name == balance.display_name
    assert balance.instance_uri in client.vocabulary_document(vocabulary.graph_uri)


def test_the_user_changes_what_is_said_and_nothing_else(client: coscine.Client) -> None:
    me = client.me()
    changed = me.update(language="de", disciplines=["Informatik 409"])
    assert (changed["language"]["abbreviation"], changed.given_name) == ("de", me.given_name)
    assert changed.update(language="en", disciplines=[])["language"]["abbreviation"] == "en"
    terms = client.terms_of_service()
    me.accept_terms(terms.version)
    me.consent()
    assert me.role_count() >= 0
    with pytest.raises(errors.NotFoundError):
        me.update(title="Emperor")


def test_one_can_be_spared_notifications(client: coscine.Client) -> None:
    kind = client.notification("Quota")
    client.opt_out(kind.id)
    assert kind.id in [it.notification_id for it in client.opt_outs()]
    client.opt_out_of(kind.id).undo()
    assert kind.id not in [it.notification_id for it in client.opt_outs()]


def test_a_search_finds_what_it_is_narrowed_down_to(client: coscine.Client) -> None:
    hits = client.search("Many Resources", category="project").all()
    assert hits and {it.category for it in hits} == {"project"}
    assert hits[0].source["displayName"] == "Many Resources"
    assert sum(client.search_counts("Many Resources").values()) >= len(hits)
    with pytest.raises(errors.InvalidError, match="no category"):
        client.search("x", category="file").all()  # type: ignore[arg-type]


def test_a_pid_leads_to_what_it_stands_for(client: coscine.Client) -> None:
    project = client.project("Demo")
    pid = client.pid(f"https://hdl.handle.net/{project.pid}")
    assert str(pid) == project.pid
    assert pid.resolve().identifier == project.pid
    assert pid.handle()["values"]
    pid.ask_owner("A. Ott", "a@example.org", "May I see it?")
    with pytest.raises(errors.InvalidError, match="no PID"):
        client.pid("turbine")


def test_pids_are_listed_for_administrators(client: coscine.Client, sandbox: Sandbox) -> None:
    with pytest.raises(errors.ForbiddenError):
        client.pids().all()
    admin = coscine.Client(token=sandbox.tokens["COSCINE_API_TOKEN"]["admin"])
    assert client.project("Demo").pid in [f"{it.prefix}/{it.suffix}" for it in admin.pids(projects=True)]


def test_the_platform_tells_of_itself(client: coscine.Client) -> None:
    now = {it.id for it in client.active_notices()}
    assert now < {it.id for it in client.notices()}
    planned = client.status_messages(starts_after=datetime.datetime.now(datetime.timezone.utc)).all()
    assert planned and all(it.start_date is not None for it in planned)
    assert client.kpi("created-projects").value
    assert client.storage_of_type(client.resource_type("rdsrwth").id) is not None
    assert client.users_per_organization() == []
    client.report("project")


def test_publication_is_asked_of_an_advisory_service(client: coscine.Client) -> None:
    service = client.publication_services("Aachen").first()
    assert service is not None and service.organization_ror is not None
    project = client.project("Demo")
    request = project.request_publication(service.organization_ror, project.resources(), "For the paper")
    assert request.id is not None
    assert project.publication_request(request.id).message == "For the paper"


def test_a_gitlab_is_asked_with_its_own_token(client: coscine.Client) -> None:
    gitlab = client.gitlab("https://git.example.org", "glpat-canary")
    assert gitlab.projects() == []
    assert "canary" not in f"{gitlab!r} {gitlab._repr_html_()}" and b"canary" not in pickle.dumps(gitlab)


def test_any_operation_is_called_by_its_id(client: coscine.Client) -> None:
    roles = client.api("get_roles", PageSize=1)
    assert len(roles["data"]) == 1 and roles["pagination"]["totalCount"] == 3


def test_lists_become_tables(client: coscine.Client) -> None:
    rows = client.licenses().to_dicts()
    assert rows and set(rows[0]) >= {"id", "displayName"}
    assert "<td>CC0 1.0</td>" in client.licenses().all()._repr_html_()
