"""How many requests the jobs of old scripts cost, where the old package's waste made them slow."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from services import Sandbox
from whimbrel import coscine as native
from whimbrel.compat import coscine

SIMPLE = "https://purl.org/coscine/ap/whimbrel/simple/"
MEASUREMENT = "https://purl.org/coscine/ap/whimbrel/measurement/"
INSTRUMENTS = "https://purl.org/coscine/vocabularies/whimbrel/instruments"

FILES = 120
#: All together stay below the 500 requests a minute that whimbrel sends: nothing waits.
NEW = 5


class Counted:
    """A sandbox with a resource of 120 files, and how many requests things cost there."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        client = native.Client(sandbox.coscine_url, sandbox.environment["COSCINE_API_TOKEN"])
        project = client.create_project("Counted", display_name="Counted")
        self.made = project.create_resource("Many", "rdsrwth", profile=SIMPLE, quota=1 << 30, display_name="Many")
        project.create_resource("New", "rdsrwth", profile=MEASUREMENT, quota=1 << 30, display_name="New")
        for n in range(FILES):
            (folder / f"{n:03}.txt").write_text(f"content {n}")
        self.made.upload_dir(folder, metadata={"Title": "One of many"})
        self.client()

    def client(self) -> coscine.ApiClient:
        token = self.sandbox.environment["COSCINE_API_TOKEN"]
        self.now = coscine.ApiClient(token, base_url=self.sandbox.coscine_url, verbose=False)
        return self.now

    def count(self) -> int:
        with urllib.request.urlopen(self.sandbox.coscine_url.removesuffix("/coscine") + "/_sandbox/report") as answer:
            told = json.load(answer)
        requests: int = told["requests"]
        return requests

    def cost(self, job: Callable[[], Any], fresh: bool = True) -> int:
        """The requests to the service; with nothing known of before, if it shall be fresh."""
        if fresh:
            self.now.session.cache.clear()
        before = self.count()
        job()
        return self.count() - before


@pytest.fixture(scope="module")
def counted(_no_settings_of_the_user: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield Counted(sandbox, tmp_path_factory.mktemp("many"))


@pytest.fixture
def resource(counted: Counted) -> coscine.Resource:
    return counted.client().project("Counted", toplevel=False).resource("Many")


def test_a_client_and_what_it_finds(counted: Counted) -> None:
    assert counted.cost(counted.client) == 1
    client = counted.client()
    listed = counted.cost(client.projects)
    # Two pages, of more than fifty projects; the old package asks for the project again, and for the resource.
    assert listed == 2
    assert counted.cost(lambda: client.project("Counted").resource("Many")) == listed + 1
    assert counted.cost(lambda: client.project("Counted").resource("Many"), fresh=False) == 0


def test_files_and_a_file(counted: Counted, resource: coscine.Resource) -> None:
    assert counted.cost(resource.files) == 3
    assert counted.cost(lambda: resource.files(recursive=True)) == 3
    assert counted.cost(lambda: resource.file("007.txt")) == 1
    assert len(resource.files()) == len({it.path for it in resource.files()}) == FILES


def test_metadata_of_all_files_and_of_one(counted: Counted, resource: coscine.Resource) -> None:
    assert counted.cost(resource.metadata) == 1
    assert counted.cost(lambda: resource.files(with_metadata=True)) == 4
    file = resource.file("007.txt")
    assert counted.cost(file.metadata) == 1
    forms = counted.cost(lambda: [it.metadata_form() for it in resource.files(with_metadata=True)])
    # The pages, the metadata, the records of all, and the profile.
    assert forms <= 3 + 1 + 1 + 1


def test_forms_and_vocabularies(counted: Counted, resource: coscine.Resource) -> None:
    new = resource.project.resource("New")
    profiles = counted.cost(new.metadata_form)
    assert profiles <= 2, "the profile, and what it inherits"
    assert counted.cost(new.metadata_form, fresh=False) == 0
    assert counted.cost(lambda: resource.client.vocabulary(INSTRUMENTS)) == 2
    assert counted.cost(lambda: resource.client.vocabulary(INSTRUMENTS), fresh=False) == 0
    assert counted.cost(lambda: resource.client.application_profiles()) == 1


def test_looking_at_things(counted: Counted, resource: coscine.Resource) -> None:
    assert counted.cost(lambda: str(resource)) == 0
    assert counted.cost(lambda: (str(resource.project), resource.serialize())) <= 2


def test_downloads(counted: Counted, resource: coscine.Resource, here: Path) -> None:
    assert counted.cost(resource.download) == 3 + FILES
    assert len(list(Path("Many").iterdir())) == FILES
    few = resource.files()[:10]

    def each() -> None:
        for file in few:
            file.download("each/")

    assert counted.cost(each) == 10


def test_uploads(counted: Counted, resource: coscine.Resource) -> None:
    new = resource.project.resource("New")

    def upload() -> None:
        for n in range(NEW):
            form = new.metadata_form()
            form["Title"], form["Creator"], form["State"] = f"Run {n}", "Ada", "raw"
            form.field("Creation Date").serial = "2026-11-21"
            new.upload(f"{n}.txt", b"content", form)

    profile = counted.cost(new.metadata_form)
    # Whether it is there, metadata, content.
    assert counted.cost(upload) <= profile + NEW * 3
