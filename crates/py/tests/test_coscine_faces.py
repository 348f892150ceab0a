"""The three ways in which Coscine's calls are made, and what of them can be sent elsewhere."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pytest
from coscine_world import AWKWARD, MEASURED, contents, folder_of, new_project, new_resource
from services import Sandbox
from whimbrel import coscine, errors
from whimbrel.aio import coscine as aio


@pytest.fixture(scope="module")
def _sandbox(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    # One of its own: a user of one server has 500 requests a minute.
    with Sandbox("--requests-per-minute", "0") as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> coscine.Client:
    return coscine.Client()


def test_invitations_are_sent_at_once_as_futures(client: coscine.Client) -> None:
    project = new_project(client)
    addresses = [f"{n}@example.org" for n in range(10)]
    futures = [project.submit.invite(address, "Guest") for address in addresses]
    sent = [future.result() for future in as_completed(futures)]
    assert sorted(it.email or "" for it in sent) == sorted(addresses)
    assert len(project.invitations()) == 10
    # What a future gives waits again.
    sent[0].revoke()
    assert len(project.submit.invitations().result()) == 9


def test_a_future_fails_as_the_call_would(client: coscine.Client) -> None:
    future = client.submit.project("No such thing")
    assert isinstance(future.exception(), errors.NotFoundError)


def test_handles_of_an_awaitable_client_are_awaited(sandbox: Sandbox, tmp_path: Path) -> None:
    async def work() -> dict[str, str]:
        client = aio.Client()
        project = await client.create_project("Awaited")
        resource = await project.create_resource(
            "Data", "rdsrwth", profile="https://purl.org/coscine/ap/whimbrel/simple/", quota=1 << 30
        )
        folder = folder_of(tmp_path / "there", AWKWARD)
        report = await resource.upload_dir(folder)
        assert report.done == len(AWKWARD)
        files = [file async for file in resource.files(recursive=True)]
        read = await asyncio.gather(*(file.read() for file in files))
        form = await resource.form()
        findings = await form.check({"Title": "x"})
        assert findings == []
        level = await resource.level()
        head = await level.files[0].head()
        assert head is not None and level.folders == ["sub/"]
        assert (await project.my_membership()).role == "Owner"
        future = resource.submit.quota()
        assert (await future).used == sum(len(it) for it in read)
        return {file.path: content.decode() for file, content in zip(files, read)}

    assert asyncio.run(work()) == {name: name for name in AWKWARD}


def test_a_plain_call_works_inside_of_a_running_loop(client: coscine.Client) -> None:
    async def work() -> str:
        return client.project("Demo").display_name

    assert asyncio.run(work()) == "Demo"


@pytest.mark.parametrize("at", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_is_pickled_asks_again_and_holds_no_token(client: coscine.Client, sandbox: Sandbox, at: int) -> None:
    token = sandbox.environment["COSCINE_API_TOKEN"]
    given = coscine.Client(sandbox.coscine_url, token)
    project = given.project("Demo")
    resource = project.resource("Files")
    file = resource.file("readme.txt")
    member = project.my_membership()
    form = resource.form()
    plan = resource.plan_download("nowhere")
    things = [given, project, resource, file, member, form, plan]
    pickled = pickle.dumps(things, protocol=at)
    assert token.encode() not in pickled
    same_client, *same = pickle.loads(pickled)
    assert same == things[1:]
    assert same_client.project("Demo") == project
    assert same[1].file("readme.txt").read() == same[2].read() == file.read()
    assert same[0].members().all() == project.members().all()


def _length_of(file: coscine.File) -> int:
    return len(file.read())


def test_a_file_is_read_in_another_process(client: coscine.Client) -> None:
    files = client.project("Demo").resource("Files").files(recursive=True).all()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(_length_of, files)) == [file.size for file in files]


def test_an_awaitable_handle_pickles_as_one(sandbox: Sandbox) -> None:
    async def work() -> str:
        project = await aio.Client().project("Demo")
        same = pickle.loads(pickle.dumps(project))
        return (await same.resource("Files")).display_name

    assert asyncio.run(work()) == "Files"


def test_a_folder_goes_up_as_a_future_and_comes_back_as_another(client: coscine.Client, tmp_path: Path) -> None:
    resource = new_resource(client)
    folder = folder_of(tmp_path / "there", AWKWARD)
    assert resource.submit.upload_dir(folder, metadata=MEASURED).result().done == len(AWKWARD)
    assert resource.submit.download_dir(tmp_path / "back").result().done == len(AWKWARD)
    assert contents(tmp_path / "back") == contents(folder)
    assert {it["Title"] for it in resource.submit.metadata().result()} == {"Run 7"}
