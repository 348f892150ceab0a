"""Datasets, as folders: fetched, looked at, sent, registered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from services import Sandbox

from whimbrel import aio, dserver, errors

EIGHT = "00000008-0000-4000-8000-000000000008"
NEW = "0a000000-0000-4000-8000-00000000000a"


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    """A dserver that signs links."""
    with Sandbox("--dserver-release", "next") as sandbox:
        yield sandbox


@pytest.fixture
def client(world: Sandbox) -> dserver.Client:
    return dserver.Client(world.dserver_url, world.environment["DSERVER_TOKEN"], cache="off")


def test_a_dataset_is_fetched_looked_at_sent_and_fetched_again(client: dserver.Client, here: Path) -> None:
    told: list[tuple[int, int]] = []
    eight = client.lookup(EIGHT)[0]
    fetched = eight.download("here", progress=lambda done, total: told.append((done, total)))
    folder = Path(fetched.folder)
    assert folder == Path("here/simulation-run-08") and fetched.route == "signed-urls"
    assert (fetched.done, fetched.bytes, fetched.unchanged) == (4, eight.size_in_bytes, 0)
    assert told[-1] == (eight.size_in_bytes, eight.size_in_bytes)
    assert client.download(EIGHT, "here").unchanged == 4, "again, by its UUID"
    assert client.verify(folder) and client.verify(folder, against=EIGHT).whole == 4
    # Another dataset, made of it.
    admin = folder / ".dtool" / "dtool"
    admin.write_text(admin.read_text().replace(EIGHT, NEW))
    sent = client.upload(folder, "s3://base1/", progress=False)
    assert sent.uri == f"s3://base1/{NEW}" and sent.done == 5
    assert client.dataset(sent.uri).name == "simulation-run-08"
    with pytest.raises(errors.ConflictError, match="registered there already"):
        client.upload(folder, "s3://base1")
    back = client.submit.download(sent.uri, here / "back").result()
    assert sorted(os.listdir(f"{back.folder}/data/data")) == sorted(os.listdir(folder / "data/data"))

    async def main() -> None:
        other = aio.dserver.Client(client.url, client._told[1])
        assert (await other.verify(folder)).whole == 4
        assert (await (await other.dataset(sent.uri)).download("here", existing="skip")).done == 0

    asyncio.run(main())


def test_what_is_not_whole_is_listed(client: dserver.Client, here: Path) -> None:
    folder = client.download(EIGHT).folder
    data = Path(folder, "data")
    (data / "data/item_1.bin").write_text("x")
    (data / "data/item_2.bin").unlink()
    (data / "new").write_text("x")
    verified = client.verify(folder, against=EIGHT)
    assert not verified and verified.whole == 2
    found = [(it.what, it.relpath) for it in verified.findings]
    assert found == [("different", "data/item_1.bin"), ("missing", "data/item_2.bin"), ("unknown", "new")]
    with pytest.raises(errors.ConflictError, match="may be overwritten"):
        client.download(EIGHT)
    assert client.download(EIGHT, existing="overwrite").done == 2
    with pytest.raises(errors.InvalidError, match="not 00000005"):
        client.verify(folder, against="00000005-0000-4000-8000-000000000005")
    with pytest.raises(errors.NotFoundError, match="no dataset of dtool"):
        client.verify(".")
    with pytest.raises(ValueError, match="say refuse, skip"):
        client.download(EIGHT, existing="perhaps")  # type: ignore[arg-type]


def test_a_folder_is_registered_with_what_stands_in_it(client: dserver.Client, world: Sandbox, here: Path) -> None:
    folder = client.download("00000007-0000-4000-8000-000000000007").folder
    admin = dserver.Client(world.dserver_url, world.tokens["DSERVER_TOKEN"]["admin"])
    base = f"file://{os.uname().nodename}{here}"
    admin.register_base_uri(base, may_search=["admin", "testuser"], may_register="testuser")
    uri = client.register_from(folder)
    assert uri == f"{base}/tribology-run-07"
    paths = [item.relpath for item in client.dataset(uri).manifest().entries]
    assert "data/with space & ü.txt" in paths
    # What lies in a folder is fetched from there.
    assert client.download(uri, here / "copy").route == "folder"
    admin.register_base_uri("file://elsewhere/x", may_search="testuser", may_register="testuser")
    assert client.register_from(uri, base_uri="file://elsewhere/x") == "file://elsewhere/x/tribology-run-07"
    with pytest.raises(errors.Error, match="file system of elsewhere"):
        client.download("file://elsewhere/x/tribology-run-07", here / "other")


def test_content_that_no_way_leads_to_says_so(sandbox: Sandbox, here: Path) -> None:
    with pytest.raises(errors.NotFoundError, match="file system of localhost"):
        dserver.Client().download(EIGHT)
    assert os.listdir(here) == []
