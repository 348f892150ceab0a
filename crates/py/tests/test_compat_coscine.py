"""Scripts of the package `coscine` go on with another import: what its documentation shows, and what people's scripts do."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import logging
import pickle
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from services import Sandbox
from whimbrel import errors
from whimbrel.compat import coscine

MEASUREMENT = "https://purl.org/coscine/ap/whimbrel/measurement/"
SIMPLE = "https://purl.org/coscine/ap/whimbrel/simple/"
INSTRUMENTS = "https://purl.org/coscine/vocabularies/whimbrel/instruments"

_numbers = itertools.count(1)


def client_of(sandbox: Sandbox, **settings: Any) -> coscine.ApiClient:
    settings = dict[str, Any]({"base_url": sandbox.coscine_url, "verbose": False}) | settings
    return coscine.ApiClient(sandbox.environment["COSCINE_API_TOKEN"], **settings)


@pytest.fixture
def client(sandbox: Sandbox) -> coscine.ApiClient:
    return client_of(sandbox)


@pytest.fixture
def project(client: coscine.ApiClient) -> Iterator[coscine.Project]:
    name = f"Old script {next(_numbers)}"
    project = client.create_project(
        name,
        name,
        "Made by a script",
        date(2026, 1, 1),
        date(2027, 1, 1),
        "Ada",
        client.visibility("Project Members"),
        [client.discipline("Computer Science 409")],
        client.organization("https://ror.org/04xfq0f34"),
        keywords=["one", "two"],
    )
    yield project


def resource_of(project: coscine.Project, profile: str = MEASUREMENT, kind: str = "rdsrwth") -> coscine.Resource:
    client = project.client
    return project.create_resource(
        "Raw data of the script",
        "Raw data",
        "What it measured",
        client.license("MIT License"),
        client.visibility("Project Members"),
        [client.discipline("Computer Science 409")],
        client.resource_type(kind),
        1,
        client.application_profile(profile),
    )


@pytest.fixture
def resource(project: coscine.Project) -> coscine.Resource:
    return resource_of(project)


def filled(resource: coscine.Resource, title: str = "Run 7") -> coscine.MetadataForm:
    form = resource.metadata_form()
    form["Title"] = title
    form["Creator"] = "Ada"
    form["Creation Date"] = date(2026, 11, 21)
    form["State"] = "raw"
    return form


def asked(sandbox: Sandbox) -> dict[str, int]:
    """The requests of each operation so far."""
    origin = sandbox.coscine_url.removesuffix("/coscine")
    with urllib.request.urlopen(f"{origin}/_sandbox/report") as answer:
        counts: dict[str, int] = json.load(answer)["by_operation"]
    return counts


# The client


@pytest.mark.parametrize("token", ["no-such-token", "Bearer no-such-token"])
def test_a_token_that_is_no_good_is_told_at_once(sandbox: Sandbox, token: str) -> None:
    with pytest.raises(coscine.AuthenticationError) as caught:
        coscine.ApiClient(token, base_url=sandbox.coscine_url, verbose=False)
    assert isinstance(caught.value, coscine.CoscineException)
    assert isinstance(caught.value.__cause__, errors.AuthenticationError)


def test_a_server_that_is_not_there_is_a_connection_error() -> None:
    with pytest.raises(ConnectionError):
        coscine.ApiClient("t", base_url="http://127.0.0.1:9", verbose=False, retries=0, timeout=2)


@pytest.mark.parametrize("end", ["", "/", "/coscine", "/coscine/"])
def test_the_base_url_may_be_that_of_either_version(sandbox: Sandbox, end: str) -> None:
    client = client_of(sandbox, base_url=sandbox.coscine_url.removesuffix("/coscine") + end)
    assert client.self().display_name == "alice Sandbox" and client.self().email == ["alice@example.org"]
    assert client.project("Demo").url == sandbox.coscine_url.removesuffix("/coscine") + "/p/demo"


def test_only_who_wants_it_is_told_something_on_the_standard_output(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    client_of(sandbox)
    assert capsys.readouterr().out == ""
    client_of(sandbox, verbose=True)
    assert coscine.ApiClient.BANNER in capsys.readouterr().out


def test_the_language_is_that_of_fields_and_can_be_changed(client: coscine.ApiClient) -> None:
    resource = client.project("Demo").resource("Measurements")
    client.language = "DE"
    assert client.language == "de" and resource.metadata_form().keys()[:2] == ["Titel", "Ersteller"]
    with pytest.raises(ValueError, match="fr"):
        client.language = "fr"


def test_the_cache_can_be_emptied_and_turned_off(sandbox: Sandbox, client: coscine.ApiClient) -> None:
    def disciplines() -> int:
        before = asked(sandbox).get("GetDisciplines", 0)
        client.disciplines()
        return asked(sandbox)["GetDisciplines"] - before

    client.session.cache.clear()
    assert disciplines() > 0
    assert disciplines() == 0
    client.session.cache.clear()
    assert disciplines() > 0
    client.enable_caching(False)
    assert client.session.settings.disabled and disciplines() > 0 and disciplines() > 0
    client.session.settings.disabled = False
    assert disciplines() == 0
    with pytest.raises(AttributeError, match="no session"):
        client.session.headers


def test_a_logger_of_ones_own_disturbs_nothing(client: coscine.ApiClient) -> None:
    logging.getLogger("coscine").addHandler(logging.NullHandler())
    assert client.version


# Projects and resources


def test_things_are_found_by_any_property_and_must_be_one(client: coscine.ApiClient) -> None:
    demo = client.project("Demo")
    for key, attribute in [(demo.id, "id"), (demo.pid, "pid"), (demo.name, "name"), (demo.url, "url"), (demo.slug, "slug")]:
        assert client.project(key, getattr(coscine.Project, attribute)).id == demo.id
    files = demo.resource("Files")
    for key, attribute in [(files.id, "id"), (files.pid, "pid"), (files.name, "name"), (files.url, "url")]:
        assert demo.resource(key, getattr(coscine.Resource, attribute)).id == files.id
    assert demo.match(coscine.Project.name, "Demo") and not demo.match(coscine.Project.name, "demo")
    for wrong in (lambda: client.project("demo"), lambda: demo.resource("files"), lambda: client.role("King")):
        with pytest.raises(coscine.NotFoundError):
            wrong()
    with pytest.raises(coscine.TooManyResults):
        client.project("A. Ott", coscine.Project.principal_investigators, toplevel=False)
    with pytest.raises(coscine.NotFoundError):
        client.project("00000000-0000-4000-8000-000000000000", coscine.Project.id)


def test_what_another_has_just_made_is_found(client: coscine.ApiClient, sandbox: Sandbox) -> None:
    client.projects()
    other = client_of(sandbox, enable_caching=False)
    name = f"Just made {next(_numbers)}"
    other._client.create_project(name)
    assert client.project(name).name == name


def test_lists_of_more_than_a_page_end(client: coscine.ApiClient, sandbox: Sandbox) -> None:
    projects = client.projects(toplevel=False)
    assert len(projects) > 50 and len({it.id for it in projects}) == len(projects)
    assert len(client_of(sandbox, max_pages=1).projects(toplevel=False)) == 50


def test_a_project_is_made_changed_shown_and_deleted(client: coscine.ApiClient, project: coscine.Project) -> None:
    assert [it.name for it in project.organizations] == ["RWTH Aachen University"]
    assert project.start_date.isoformat()[:10] == "2026-01-01" and project.keywords == ["one", "two"]
    project.description = "Something else"
    project.visibility = client.visibility("Public")
    project.end_date = date(2028, 2, 29)
    assert client.project(project.id, coscine.Project.id).description == "Made by a script"
    project.update()
    project.update()
    read = client.project(project.id, coscine.Project.id)
    assert read.description == "Something else" and str(read.visibility) == "Public"
    assert read.end_date.isoformat()[:10] == "2028-02-29" and read.keywords == ["one", "two"]
    assert "Something else" in str(read) and read.pid in str(read) and read.serialize()["visibility"]["displayName"] == "Public"
    below = project.create_subproject(
        "Below", "Below", "d", date(2026, 1, 1), date(2027, 1, 1), "Ada", read.visibility, read.disciplines, read.organizations[0]
    )
    assert [it.display_name for it in project.subprojects()] == ["Below"]
    assert project.subproject("Below").id == below.id
    below.delete()
    assert project.subprojects() == []


def test_a_resource_is_made_in_the_order_of_either_version(client: coscine.ApiClient, project: coscine.Project) -> None:
    members, disciplines = client.visibility("Project Members"), [client.discipline("Computer Science 409")]
    kind, profile = client.resource_type("rdsrwth"), client.application_profile(SIMPLE)
    license = client.license("MIT License")
    old = project.create_resource("Old", "Old", "d", members, disciplines, kind, 2, profile, usage_rights="all", keywords=["k"])
    new = project.create_resource("New", "New", "d", license, members, disciplines, kind, 2, profile, "all", ["k"])
    for it, expected in [(old, None), (new, license)]:
        assert it.license == expected and it.usage_rights == "all" and it.keywords == ["k"]
        assert it.quota.reserved == 2 << 30 and it.type.options.size == 2
    with pytest.raises(TypeError, match="twice"):
        project.create_resource("X", "X", "d", license, members, visibility=members)


def test_a_resource_is_changed_shown_and_deleted(resource: coscine.Resource) -> None:
    assert str(resource.license) == "MIT License" and resource.creator and resource.access_url.endswith(resource.pid)
    resource.display_name = "Other data"
    resource.archived = True
    resource.update()
    read = resource.project.resource("Other data")
    assert read.archived and "Other data" in str(read) and MEASUREMENT in str(read)
    assert read.serialize()["applicationProfile"] == {"uri": MEASUREMENT} and read.serialize()["quota"]["reserved"] == 1 << 30
    read.archived = False
    read.update()
    read.delete()
    assert read.project.resources() == []


def test_the_keys_of_a_bucket_are_told_and_shown_by_nothing(client: coscine.ApiClient) -> None:
    options = client.project("Demo").resource("Bucket").type.options
    assert options.bucket_name and options.access_key_read == "read" and options.secret_key_write
    assert options.secret_key_write not in repr(options) + repr(client.project("Demo").resource("Bucket"))
    assert client.project("Demo").resource("Files").type.options.bucket_name == ""


# People and space


def test_a_pool_of_threads_invites_everybody(client: coscine.ApiClient, project: coscine.Project) -> None:
    role = client.role("Member")
    people = [f"someone{n}@example.org" for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda email: project.invite(email, role), people))
    invitations = project.invitations()
    assert sorted(it.email for it in invitations) == sorted(people)
    one = invitations[0]
    assert one.role.name == "Member" and one.project_id == project.id and one.expires > datetime.now(timezone.utc)
    assert one.issuer.display_name == "alice Sandbox" and str(one) == f"{one.email} as Member"


def test_members_come_and_go_and_get_roles(client: coscine.ApiClient, project: coscine.Project) -> None:
    (bob,) = client.users("bob")
    project.add_member(bob, client.role("Guest"))
    member = project.member("bob Sandbox", coscine.User.display_name)
    assert member.role.name == "Guest" and str(member) == "bob Sandbox as Guest" and member.user.first_name == "bob"
    member.role = client.role("Member")
    assert member.role.name == "Member"
    assert project.member(member.id, coscine.ProjectMember.id).role.name == "Member"
    assert project.member("bob Sandbox").id == member.id
    project.remove_member(member)
    assert [it.user.display_name for it in project.members()] == ["alice Sandbox"]
    with pytest.raises(coscine.NotFoundError):
        project.member("bob@example.org", coscine.User.email)


def test_quotas_are_in_bytes_and_are_set_in_gib(client: coscine.ApiClient, resource: coscine.Resource) -> None:
    project, kind = resource.project, client.resource_type("rdsrwth")

    def quota() -> coscine.ProjectQuota:
        return next(it for it in project.quotas() if it.resource_type.specific_type == "rdsrwth")

    before = quota()
    assert before.total_reserved == 1 << 30 and before.project_id == project.id
    assert [it.resource_id for it in before.resource_quotas] == [resource.id]
    project.update_quota(kind, 40, before.maximum >> 30)
    assert quota().allocated == 40 << 30


# Files


def test_two_resources_never_share_a_folder(
    resource: coscine.Resource, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [SimpleNamespace(display_name=name) for name in ("a/b", "A?b")]
    monkeypatch.setattr(coscine.Project, "resources", lambda _: named)
    with pytest.raises(ValueError, match="'a/b' and 'A[?]b' would share a folder"):
        resource.project.download("whole")
    assert not list(here.iterdir())


def test_what_goes_up_comes_down_with_its_metadata(resource: coscine.Resource, here: Path) -> None:
    contents = {"a.csv": b"1,2,3", "b/c/d.txt": "ä".encode(), "b/empty": b""}
    for path, content in contents.items():
        resource.upload(path, content, filled(resource, path))
    assert {it.path: it.is_folder for it in resource.files()} == {"b/": True, "a.csv": False}
    files = resource.files(recursive=True, with_metadata=True)
    assert {it.path: it.size for it in files} == {path: len(content) for path, content in contents.items()}
    for file in files:
        known = file.metadata(refresh=False)
        assert known is not None and file.path in known.definition
        assert file.metadata_form()["Title"] == [file.path]
    for file in resource.files(recursive=True):
        file.download("each/")
        file.download("all/", recursive=True)
        stream = io.BytesIO()
        file.stream(stream)
        assert stream.getvalue() == contents[file.path]
    assert sorted(it.name for it in Path("each").iterdir()) == ["a.csv", "d.txt", "empty"]
    resource.project.client.project(resource.project.id, coscine.Project.id).resource("Raw data").download("./")
    resource.project.download("whole")
    for folder in (Path("all"), Path("Raw data"), Path("whole", resource.project.display_name, "Raw data")):
        assert {it.relative_to(folder).as_posix(): it.read_bytes() for it in folder.rglob("*") if it.is_file()} == contents


def test_a_download_replaces_what_is_there(resource: coscine.Resource, here: Path) -> None:
    resource.upload("a.csv", "new", filled(resource))
    Path("a.csv").write_text("old")
    resource.file("a.csv").download()
    assert Path("a.csv").read_text() == "new"
    resource.file("a.csv").download("other/name.csv")
    Path("folder").mkdir()
    resource.file("a.csv").download("folder")
    assert Path("other/name.csv").read_text() == Path("folder/a.csv").read_text() == "new"
    Path("Raw data").mkdir()
    Path("Raw data/a.csv").write_text("old")
    resource.download()
    assert Path("Raw data/a.csv").read_text() == "new"


def test_a_name_from_the_service_stays_where_it_shall_be(resource: coscine.Resource, here: Path) -> None:
    resource.display_name = "../../else/\x1b[2Jwhere"
    (here / "down").mkdir()
    resource.upload("a.csv", "x", filled(resource))
    resource.download("down")
    (folder,) = (here / "down").iterdir()
    assert folder.is_dir() and (folder / "a.csv").exists() and "\x1b" not in folder.name
    outside = coscine.FileObject(resource, {"path": "../../x/a.csv", "type": "Leaf"})
    with pytest.raises(coscine.RequestRejected):
        outside.download("down/", recursive=True)
    assert "\x1b" not in str(resource)


def test_content_is_whatever_can_be_read(resource: coscine.Resource, here: Path) -> None:
    class Stream(io.RawIOBase):
        """It has no name and can't seek."""

        left = [b"12", b"34"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            part = self.left.pop(0) if self.left else b""
            buffer[: len(part)] = part
            return len(part)

    Path("plain.csv").write_bytes(b"from a file")
    with gzip.open("packed.gz", "wb") as packed:
        packed.write(b"unpacked")
    contents: dict[str, tuple[Any, bytes]] = {
        "text": ("ü", "ü".encode()),
        "bytes": (b"b", b"b"),
        "memory": (io.BytesIO(b"in memory"), b"in memory"),
        "file": (open("plain.csv", "rb"), b"from a file"),
        "middle": (open("plain.csv", "rb"), b"a file"),
        "packed": (gzip.open("packed.gz", "rb"), b"unpacked"),
        "stream": (Stream(), b"1234"),
    }
    contents["middle"][0].seek(5)
    for path, (handle, content) in contents.items():
        resource.upload(path, handle, filled(resource))
        stream = io.BytesIO()
        resource.file(path).stream(stream)
        assert stream.getvalue() == content, path
        if hasattr(handle, "read"):
            assert handle.read() == b"", "it is at its end"
            handle.close()
    with pytest.raises(TypeError, match="rb"), open("plain.csv") as text:
        resource.upload("x", cast(Any, text), filled(resource))


def test_an_upload_is_told_of_and_large_content_streams(resource: coscine.Resource, here: Path) -> None:
    content = bytes(range(256)) * (20 << 10)
    told: list[int] = []
    resource.upload("large", io.BytesIO(content), filled(resource), progress=told.append)
    assert told and told == sorted(told) and told[-1] == len(content)
    stream = io.BytesIO()
    resource.file("large").stream(stream)
    assert stream.getvalue() == content


def test_a_file_that_is_there_is_replaced_only_if_one_says_so(resource: coscine.Resource) -> None:
    resource.upload("a.csv", b"first", filled(resource, "First"))
    with pytest.raises(coscine.RequestRejected):
        resource.upload("a.csv", b"second", filled(resource, "Second"))
    file = resource.file("a.csv")
    assert file.size == 5 and file.metadata_form()["Title"] == ["First"]
    resource.upload("a.csv", b"second", filled(resource, "Second"), overwrite=True)
    assert resource.file("a.csv").size == 6 and resource.file("a.csv").metadata_form()["Title"] == ["Second"]
    file.update(b"the third")
    assert resource.file("a.csv").size == 9 and resource.file("a.csv").metadata_form()["Title"] == ["Second"]
    file.delete()
    with pytest.raises(coscine.NotFoundError):
        resource.file("a.csv")
    assert resource.files() == []


def test_a_file_tells_of_itself(resource: coscine.Resource) -> None:
    begun = datetime.now(timezone.utc) - timedelta(seconds=2)
    resource.upload("b/a.tar.gz", b"x", filled(resource))
    for file in (resource.file("b/a.tar.gz"), *resource.files("b"), *resource.files("b/"), *resource.files("b/a.tar.gz")):
        assert (file.path, file.name, file.directory, file.filetype, file.size) == ("b/a.tar.gz", "a.tar.gz", "b/", ".gz", 1)
        assert file.type == "Leaf" and not file.is_folder and str(file) == file.path
        assert file.created >= begun and file.modified >= begun
    assert resource.file("b/").is_folder and resource.files("nothing") == resource.files("nothing/") == []
    with pytest.raises(NotImplementedError, match="whimbrel.coscine"):
        resource.file("b/a.tar.gz").download_url
    with pytest.raises(NotImplementedError, match="whimbrel.coscine"):
        resource.mkdir("c")


def test_a_resource_in_s3_takes_files_without_metadata(project: coscine.Project) -> None:
    resource = resource_of(project, kind="rdss3rwth")
    resource.upload("a.csv", b"1")
    assert resource.file("a.csv").metadata() is None and resource.metadata() == []
    (file,) = resource.files(with_metadata=True)
    assert file.metadata(refresh=False) is None and file.metadata_form()["Title"] == []


# Metadata


def test_metadata_are_checked_before_a_byte_moves(resource: coscine.Resource) -> None:
    form = resource.metadata_form()
    form["Title"] = "Only a title"
    with pytest.raises(ValueError, match="Creator"):
        form.validate()
    for metadata in (form, {"Title": "Only a title"}, None):
        with pytest.raises(coscine.RequestRejected, match="Creator") as caught:
            resource.upload("a.csv", b"1", metadata)
        assert isinstance(caught.value, ValueError)
    assert resource.files() == [] and resource.metadata() == []
    with pytest.raises(NotImplementedError, match="made up"):
        form.test()


def test_a_form_is_a_mapping_of_fields_that_check_their_values(resource: coscine.Resource) -> None:
    form = resource.metadata_form()
    assert list(form) == form.keys() and form.keys()[:3] == ["Title", "Creator", "Creation Date"] and "State" in form
    wrong: list[tuple[str, Any, type[Exception]]] = [
        ("Title", 7, TypeError),
        ("Creation Date", "2026-11-21", TypeError),
        ("State", "uncooked", ValueError),
        ("Instrument", "A hammer", ValueError),
        ("Nothing", "x", KeyError),
    ]
    for name, value, error in wrong:
        with pytest.raises(error):
            form[name] = value
    form["Creator"] = ["Ada", "Grace"]
    form.field("Creator").append("Alan")
    form["Temperature"] = Decimal("12.5")
    form["Samples"] = 5
    form["Instrument"] = "Balance 2"
    assert form["Creator"] == ["Ada", "Grace", "Alan"] and dict(form.items())["Samples"] == [5]
    instrument = form.field("Instrument")
    assert instrument.has_vocabulary and instrument.is_controlled and not instrument.is_required
    assert instrument.serial == [instrument.vocabulary["Balance 2"]]
    instrument.serial = instrument.vocabulary["Balance 3"]
    assert instrument.values == ["Balance 3"] and form.path(instrument.path) is instrument
    assert form.field("State").selection == ["raw", "cleaned", "derived"] and form.field("Title").max_length == 200
    assert [it.name for it in form.fields() if it.is_required] == ["Title", "Creator", "Creation Date", "State"]
    assert form.field("Creation Date").datatype is date and form.field("Samples").datatype is int
    del form["Creator"]
    assert form["Creator"] == [] and "Balance 3" in str(form) and "Required" in str(form)
    form.clear()
    assert not any(form.values())


def test_stored_metadata_become_a_form_again_and_fields_can_be_taken_away(resource: coscine.Resource) -> None:
    form = filled(resource)
    form["Creator"] = ["Ada", "Grace"]
    form["Temperature"] = Decimal("12.5")
    form["Instrument"] = "Balance 2"
    resource.upload("a.csv", b"1", form)
    file = resource.file("a.csv")
    again = file.metadata_form()
    assert {name: sorted(map(str, values)) for name, values in again.items()} == {
        name: sorted(map(str, values)) for name, values in form.items()
    }
    assert again["Creation Date"] == [date(2026, 11, 21)] and again["Temperature"] == [Decimal("12.5")]
    again["Title"] = "Run 8"
    del again["Temperature"]
    file.update_metadata(again)
    changed = resource.file("a.csv").metadata_form()
    assert changed["Title"] == ["Run 8"] and changed["Temperature"] == []
    metadata = file.metadata()
    assert metadata is not None and metadata.versions[:2] == ["2", "1"] and metadata.version == "2" and metadata.is_latest
    assert abs(metadata.created - datetime.now(timezone.utc)) < timedelta(minutes=1)
    with pytest.raises(coscine.RequestRejected, match="put_metadata"):
        file.post_metadata(again)
    (listed,) = resource.metadata()
    parsed = resource.metadata_form()
    parsed.parse(listed)
    assert parsed["Title"] == ["Run 8"] and listed.version == "2" and listed.path == "a.csv"


def test_serialized_metadata_are_stored(resource: coscine.Resource) -> None:
    resource.upload("a.csv", b"1", filled(resource))
    resource.put_metadata(filled(resource, "Run 9").serialize("a.csv"))
    assert resource.file("a.csv").metadata_form()["Title"] == ["Run 9"]
    resource.update_metadata(filled(resource, "Run 10").serialize("a.csv"))
    assert resource.file("a.csv").metadata_form()["Title"] == ["Run 10"]
    resource.file("a.csv").put_metadata({"Title": "Run 11"})
    form = resource.file("a.csv").metadata_form()
    assert form["Title"] == ["Run 11"] and form["State"] == ["raw"]


def test_what_a_resource_gives_stands_in_the_form(client: coscine.ApiClient, project: coscine.Project) -> None:
    made = project._told.create_resource(
        "Fixed", "rdsrwth", profile=MEASUREMENT, quota=1 << 30, fixed_values={"http://purl.org/dc/terms/creator": "Ada"}
    )
    resource = project.resource(made.id, coscine.Resource.id)
    assert resource.metadata_form()["Creator"] == ["Ada"]
    assert resource.metadata_form(fixed_values=False)["Creator"] == []


def test_a_form_of_a_profile_alone_is_one_too(client: coscine.ApiClient) -> None:
    profile = client.application_profile(MEASUREMENT)
    assert profile.name == "Measurement" and profile.uri == MEASUREMENT and "sh:NodeShape" in profile.definition
    form = coscine.MetadataForm(profile)
    form["Title"] = "x"
    with pytest.raises(ValueError, match="Creator"):
        form.serialize("a.csv")
    simple = coscine.MetadataForm(client.application_profile(SIMPLE))
    simple["Title"] = "x"
    assert '"x"' in simple.serialize("a.csv")["definition"]["content"]


def test_a_vocabulary_goes_both_ways(client: coscine.ApiClient) -> None:
    vocabulary = client.vocabulary(INSTRUMENTS)
    assert len(vocabulary.keys()) == len(set(vocabulary)) > 150
    for name in vocabulary.keys()[:3]:
        assert name in vocabulary and vocabulary.resolve(vocabulary[name]) == name
    with pytest.raises(KeyError):
        vocabulary["Nothing"]
    with pytest.raises(KeyError):
        vocabulary.resolve("urn:nothing")


# The rest


def test_what_the_newer_version_has_lost_works(client: coscine.ApiClient) -> None:
    assert any(it.type and it.uri for it in client.search("Demo"))
    assert isinstance(client.maintenances(), list)
    assert client.validate_pid(client.project("Demo").pid) and client.validate_pid("http://hdl.handle.net/x") is False


def test_tokens_tell_when_they_end(client: coscine.ApiClient) -> None:
    tokens = client.api_tokens()
    assert all(it.created <= it.expires and not it.expired for it in tokens)


def test_no_token_is_in_what_is_shown_or_kept(sandbox: Sandbox, client: coscine.ApiClient) -> None:
    token = sandbox.environment["COSCINE_API_TOKEN"]
    project = client.project("Demo")
    resource = project.resource("Files")
    things = [client, client.session, project, resource, resource.files()[0], resource.metadata_form(), client.self()]
    for it in things:
        assert token not in repr(it) + str(it)
        kept = pickle.dumps(it)
        assert token.encode() not in kept
        pickle.loads(kept)
    assert pickle.loads(pickle.dumps(resource)).files()[0].path == resource.files()[0].path


def test_rdf_as_objects_says_what_it_needs(resource: coscine.Resource) -> None:
    try:
        import rdflib  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"whimbrel\[graph\]"):
            filled(resource).graph()
        return
    resource.upload("b/a.csv", b"1", filled(resource))
    assert len(filled(resource).graph()) == 5
    (metadata,) = resource.metadata()
    assert {it["value"] for it in metadata.items()} >= {"Run 7", "Ada", "raw"}
    found = resource.query('SELECT ?path WHERE { ?path dcterms:title "Run 7" }')
    assert [it.path for it in found] == ["b/a.csv"]
    assert len(resource.application_profile.graph) > 20 and len(resource.project.client.vocabulary(INSTRUMENTS).graph()) > 150
    assert resource.application_profile.query("SELECT ?path WHERE { ?it sh:path ?path }")
