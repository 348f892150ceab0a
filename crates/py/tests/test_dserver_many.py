"""The same question about many datasets."""

from __future__ import annotations

import asyncio
import gc
import pickle
import time
from collections.abc import Iterator

import pytest
from services import Sandbox, SlowServer

from whimbrel import aio, dserver, errors

NONE = "file://localhost/dtool/base1/none"


@pytest.fixture
def client(sandbox: Sandbox) -> dserver.Client:
    return dserver.Client(cache="off")


def test_answers_are_pairs_and_one_that_fails_fails_alone(client: dserver.Client) -> None:
    found = client.search("tag:simulation").all()
    readmes = client.readmes([found[0].uri, NONE, *(it.uri for it in found)])
    assert len(readmes) == 6, "each is asked for once"
    answers = dict(readmes)
    assert set(answers) == {NONE, *(it.uri for it in found)}
    for uri, readme in answers.items():
        if uri == NONE:
            assert isinstance(readme, errors.NotFoundError) and readme.object == NONE
        else:
            assert isinstance(readme, dserver.Readme) and readme.yaml()["project"] == "simulation campaign"


def test_all_of_them_are_a_mapping_in_the_order_asked_for(client: dserver.Client) -> None:
    uris = [it.uri for it in client.search("tag:tribology", sort="-name")]
    manifests = client.manifests([*uris, NONE], limit=2).all()
    assert list(manifests) == uris and len(manifests) == 5
    assert all(it.entries for it in manifests.values())
    assert NONE not in manifests and list(manifests.failed) == [NONE] and manifests.get(NONE) is None
    with pytest.raises(errors.NotFoundError):
        manifests[NONE]
    with pytest.raises(KeyError):
        manifests["never asked"]
    assert pickle.loads(pickle.dumps(manifests))[uris[0]] == manifests[uris[0]]


def test_tags_and_annotations_come_so_too_and_in_the_three_ways(client: dserver.Client) -> None:
    found = client.search("tag:even").all()
    tags = client.tags_of_many(found).all()
    assert all("even" in it for it in tags.values()) and len(tags) == 10
    annotations = client.submit.annotations_of_many(found).result()
    assert {it["campaign"] for it in annotations.values()} == {"sequencing", "simulation"}
    assert len(client.submit.readmes([*found, NONE]).result().failed) == 1

    async def main() -> None:
        client = aio.dserver.Client(cache="off")
        many = client.readmes(await client.search("tag:even").all(), limit=4)
        assert len(many) == 10
        pairs = {uri: readme async for uri, readme in many}
        assert pairs == dict(await many.all())

    asyncio.run(main())


def test_one_dataset_is_not_taken_for_its_letters(client: dserver.Client) -> None:
    for one in (NONE, client.search().first()):
        with pytest.raises(TypeError, match="give a list"):
            client.readmes(one)  # type: ignore[arg-type]
    assert dict(client.readmes([])) == {} == client.readmes([]).all()


@pytest.fixture
def never(slow: SlowServer) -> Iterator[dserver.Client]:
    slow.wait_for(wait=0)
    yield dserver.Client(slow.url(60_000), token="t", requests_at_once=64, cache="off")
    slow.wait_for(wait=0)


def test_as_many_are_on_their_way_as_it_says_and_none_when_nobody_wants_them(
    slow: SlowServer, never: dserver.Client
) -> None:
    uris = [f"s3://b/{n}" for n in range(100)]
    for limit in (3, 40):
        future = never.submit.readmes(uris, limit=limit)
        slow.wait_for(wait=limit)
        time.sleep(0.05)
        assert slow.counts()["wait"] == limit
        future.cancel()
        slow.wait_for(wait=0)


def test_who_stops_in_the_middle_leaves_nothing_on_its_way(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(20), token="t", cache="off")
    answers = iter(client.readmes([f"s3://b/{n}" for n in range(10_000)], limit=8))
    next(answers)
    del answers
    gc.collect()
    slow.wait_for(wait=0)
    came = slow.counts()["came"]
    time.sleep(0.1)
    assert slow.counts()["came"] == came


def test_who_reads_slowly_is_not_run_away_from(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(0), token="t", cache="off", requests_at_once=64)
    before = slow.counts()["came"]
    answers = iter(client.readmes([f"s3://b/{n}" for n in range(20_000)], limit=64))
    next(answers)
    time.sleep(1)
    assert slow.counts()["came"] - before < 4000
    answers.close()  # type: ignore[attr-defined]
