"""Files into Coscine and back."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from coscine_world import AWKWARD, MEASURED, SIMPLE, contents, folder_of, new_project, new_resource
from services import Sandbox
from whimbrel import coscine, errors


@pytest.fixture(scope="module")
def _sandbox(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    # One of its own: a user of one server has 500 requests a minute.
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield sandbox


@pytest.fixture
def resource(sandbox: Sandbox) -> coscine.Resource:
    return new_resource(coscine.Client(), SIMPLE)


def test_awkward_names_go_there_and_come_back(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "there", AWKWARD)
    assert resource.upload_dir(folder, "up here").bytes == sum(len(it.encode()) for it in AWKWARD)
    files = {file.path: file for file in resource.files(recursive=True)}
    assert sorted(files) == sorted(f"up here/{name}" for name in AWKWARD)
    for name in AWKWARD:
        assert files[f"up here/{name}"].read().decode() == name
    assert resource.download_dir(tmp_path / "back", "up here").done == len(AWKWARD)
    assert contents(tmp_path / "back") == contents(folder)


@pytest.mark.parametrize("content", [b"12", bytearray(b"12"), memoryview(b"12"), io.BytesIO(b"12")])
def test_what_is_in_memory_is_sent_as_a_file(resource: coscine.Resource, content: coscine.resource.Content) -> None:
    assert resource.upload(content, "sub/a.bin").bytes == 2
    assert resource.read("sub/a.bin") == b"12"


def test_an_open_file_keeps_its_name(resource: coscine.Resource, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2")
    with open(tmp_path / "a.csv", "rb") as file:
        resource.upload(file, "sub/")
    assert resource.file("sub/a.csv").read() == b"1,2"
    with open(tmp_path / "a.csv") as text, pytest.raises(TypeError, match="mode 'rb'"):
        resource.upload(text)  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidError, match="needs a path"):
        resource.upload(b"12")


def test_a_file_goes_into_a_folder_under_its_own_name(resource: coscine.Resource, tmp_path: Path) -> None:
    resource.upload(b"12", "sub/a.bin")
    resource.file("sub/a.bin").download(tmp_path)
    resource.download("sub/a.bin", tmp_path / "b.bin")
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes() == b"12"


def test_what_is_there_is_left_unless_one_says_otherwise(resource: coscine.Resource, here: Path) -> None:
    resource.upload(b"old", "a")
    with pytest.raises(errors.ConflictError, match="there already"):
        resource.upload(b"new", "a")
    assert resource.upload(b"new", "a", existing="skip").skipped == 1
    assert resource.read("a") == b"old"
    resource.upload(b"new", "a", existing="overwrite")
    assert resource.read("a") == b"new"
    (here / "a").write_text("mine")
    with pytest.raises(errors.ConflictError):
        resource.download("a")
    assert (here / "a").read_text() == "mine"
    with pytest.raises(errors.InvalidError, match="say refuse, skip"):
        resource.upload(b"new", "a", existing="replace")  # type: ignore[arg-type]


def test_only_what_differs_is_sent_again(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "f", ["a", "b", "c"])
    index = tmp_path / "index"
    resource.upload_dir(folder, index=index)
    (folder / "a").write_text("other")
    (folder / "b").unlink()
    differs = resource.diff(folder, index=index)
    assert [(it.action, it.path) for it in differs.steps] == [("replace", "a"), ("delete", "b")]
    report = resource.upload_dir(folder, existing="update", delete=True, index=index)
    assert (report.done, report.deleted, report.unchanged) == (1, 1, 1)
    assert resource.diff(folder, index=index).is_empty
    back = tmp_path / "back"
    assert resource.download_dir(back, existing="update").done == 2
    assert resource.download_dir(back, existing="update").unchanged == 2


def test_patterns_choose_what_takes_part(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, ["a.csv", "b.tmp", "raw/c.csv"])
    resource.upload_dir(folder, include="*.csv")
    assert sorted(it.path for it in resource.files(recursive=True)) == ["a.csv", "raw/c.csv"]
    assert sorted(resource.level().folders) == ["raw/"]


def test_a_plan_is_kept_in_a_file_and_applied_later(resource: coscine.Resource, tmp_path: Path) -> None:
    client = coscine.Client()
    folder = folder_of(tmp_path / "f", ["a", "b"])
    plan = resource.plan_upload(folder, "up")
    assert [it.action for it in plan.steps] == ["add", "add"]
    assert (plan.cost.bytes, plan.cost.requests) == (2, 4)
    kept = json.dumps(plan.to_dict())
    assert len(resource.files(recursive=True).all()) == 0
    (folder / "b").write_text("has changed since")
    with pytest.raises(errors.PartialError) as raised:
        client.plan(json.loads(kept)).apply()
    [(name, why)] = raised.value.failed
    assert name.endswith("b") and isinstance(why, errors.ConflictError)
    assert raised.value.report is not None and raised.value.report["done"] == 1
    assert [it.path for it in resource.files(recursive=True)] == ["up/a"]


def test_one_file_that_fails_stops_no_other_and_is_named(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "there", ["a", "b"])
    resource.upload_dir(folder)
    back = tmp_path / "back"
    (back / "b").mkdir(parents=True)
    with pytest.raises(errors.PartialError) as raised:
        resource.download_dir(back, existing="overwrite")
    [(name, why)] = raised.value.failed
    assert name == "b" and isinstance(why, errors.Error)
    assert (back / "a").read_text() == "a"


def test_somebody_is_told_how_far_it_is(resource: coscine.Resource, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "there", ["a", "b"])
    told: list[tuple[int, int]] = []
    resource.upload_dir(folder, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)
    told.clear()
    resource.submit.download_dir(tmp_path / "back", progress=lambda done, total: told.append((done, total))).result()
    assert all(done <= 2 for done, _ in told)


@pytest.mark.parametrize("face", ["plain", "submit"])
def test_nobody_is_told_more_often_than_ten_times_a_second(face: str, sandbox: Sandbox, tmp_path: Path) -> None:
    resource = coscine.Client().project("Demo").resource("Files")
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(64 << 20))
    told: list[float] = []

    def tell(done: int, total: int) -> None:
        told.append(time.monotonic())

    if face == "plain":
        resource.upload(file, progress=tell)
    else:
        resource.submit.upload(file, progress=tell).result()
    resource.file("large.bin").delete()
    # The last time, when it is over, comes as soon as it is.
    pauses = [later - earlier for earlier, later in zip(told, told[1:-1])]
    assert len(pauses) >= 2, "it was over too soon to tell"
    assert sum(pauses) / len(pauses) > 0.09


def test_a_program_without_a_standard_error_transfers(
    resource: coscine.Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert resource.upload(b"12", "a", metadata={"Title": "T"}, progress=True).done == 1


def test_a_file_is_looked_at_and_deleted(resource: coscine.Resource) -> None:
    file = resource.file("a")
    assert file.head() is None
    resource.upload(b"12", "a", metadata={"Title": "T"})
    head = file.head()
    assert head is not None and head.size == 2 and head.changed is not None
    assert file.node().has_data and file.has_node() and file.has_metadata()
    assert [it.path for it in resource.nodes()] == ["a"]
    file.delete()
    assert file.head() is None
    with pytest.raises(errors.NotFoundError):
        file.delete()


@pytest.mark.parametrize("path", ["../up", "a//b", "/a", "a/../b", ""])
def test_a_path_that_leads_elsewhere_is_never_asked_for(resource: coscine.Resource, path: str) -> None:
    with pytest.raises(errors.InvalidError):
        resource.file(path).head()
    with pytest.raises(errors.InvalidError):
        resource.upload(b"12", path)


def test_a_resource_and_a_project_become_crates(resource: coscine.Resource, tmp_path: Path) -> None:
    resource.upload(b"12", "a.csv", metadata={"Title": "T"})
    assert resource.ro_crate(tmp_path / "one").done == 1
    crate = json.loads((tmp_path / "one" / "ro-crate-metadata.json").read_text())
    assert "a.csv" in {it["@id"] for it in crate["@graph"]}
    project = coscine.Client().project(resource.project_id)
    assert project.ro_crate(tmp_path / "all", version="1.1", content=False).done == 0
    with pytest.raises(errors.ConflictError):
        resource.ro_crate(tmp_path / "one")
    assert resource.id in project.graphs()


def test_a_resource_in_a_bucket_tells_its_keys_to_who_asks_and_to_nobody_else(sandbox: Sandbox) -> None:
    import pickle

    s3 = coscine.Client().project("Demo").resource("Bucket").s3()
    assert s3.bucket and s3.read.secret and s3.write.access
    assert s3.read.secret not in f"{s3!r} {s3.read!r}"
    with pytest.raises(TypeError, match="ask for them again"):
        pickle.dumps(s3)
    guest = coscine.Client(token=sandbox.tokens["COSCINE_API_TOKEN"]["carol"])
    with pytest.raises(errors.ForbiddenError):
        guest.project("Demo").resource("Bucket").s3()


def test_a_guest_may_not_write(sandbox: Sandbox) -> None:
    guest = coscine.Client(token=sandbox.tokens["COSCINE_API_TOKEN"]["carol"])
    resource = guest.project("Demo").resource("Files")
    with pytest.raises(errors.ForbiddenError) as raised:
        resource.upload(b"12", "of a guest", metadata={"Title": "T"})
    assert raised.value.status == 403 and isinstance(raised.value, PermissionError)
    assert new_project(coscine.Client()).resources().first() is None
    assert MEASURED
