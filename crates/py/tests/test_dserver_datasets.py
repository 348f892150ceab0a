"""Datasets of a dserver: found, read, changed, in the three ways."""

from __future__ import annotations

import asyncio
import concurrent.futures
import pickle
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from services import Sandbox

from whimbrel import aio, dserver, errors

BASE = "file://localhost/dtool/base1"
FIVE = f"{BASE}/microscopy-run-05"


def uuid(i: int) -> str:
    return f"{i:08x}-0000-4000-8000-{i:012x}"


@pytest.fixture
def client(sandbox: Sandbox) -> dserver.Client:
    return dserver.Client(cache="off")


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """A dserver of 250 datasets."""
    with Sandbox("--datasets", "250") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def next_release() -> Iterator[Sandbox]:
    """A dserver of the coming release."""
    with Sandbox("--dserver-release", "next") as sandbox:
        yield sandbox


def at(sandbox: Sandbox, user: str = "testuser", **more: Any) -> dserver.Client:
    token = sandbox.tokens["DSERVER_TOKEN"].get(user) or sandbox.environment["DSERVER_TOKEN"]
    return dserver.Client(sandbox.dserver_url, token, cache="off", **more)


def test_words_filters_and_their_order_are_what_is_found(client: dserver.Client) -> None:
    def names(*words: str, **more: Any) -> list[str]:
        return [it.name for it in client.search(*words, **more)]

    assert len(client.search()) == 20
    assert names("tag:simulation creator:ada") == names(tags="simulation", creators=["ada"])
    assert names(tags=["simulation", "even"], sort="-name")[0] == "simulation-run-16"
    assert len(names(text="tag:simulation creator:ada")) > 2, "text is words and nothing else"
    assert names(uuids=[uuid(3), uuid(1)]) == ["tribology-run-03", "microscopy-run-01"]
    assert names(base_uris="file://localhost/dtool/base2", sort=["creator_username", "-name"])[0] == "simulation-run-12"
    assert names("simulate -sequencing") == names("simulation")


def test_a_filter_that_can_not_be_left_out_is_told_at_once(client: dserver.Client) -> None:
    with pytest.raises(errors.InvalidError, match="-tag:x") as told:
        client.search("wear -tag:x")
    assert isinstance(told.value, ValueError)


def test_a_long_list_is_read_a_page_at_a_time_and_knows_its_length(large: Sandbox) -> None:
    found = at(large).search()
    assert len(found) == 250
    uris = [it.uri for it in found]
    assert len(set(uris)) == 250 and uris == [it.uri for it in found.all()]
    assert at(large).search("tag:nothing").all() == [] and not at(large).search("tag:nothing")


async def first_of(sandbox: Sandbox) -> aio.dserver.Dataset | None:
    client = aio.dserver.Client(sandbox.dserver_url, sandbox.environment["DSERVER_TOKEN"])
    assert await client.search("tag:nothing").first() is None
    return await client.search().first()


def test_a_list_shows_its_first_page_in_a_notebook_and_keeps_none_of_it(large: Sandbox) -> None:
    found = at(large).search()
    page = found._repr_html_()
    assert page.count("<tr>") == 51 and "and 200 more" in page, "a head, and the first 50 of 250"
    assert len(found.all()) == 250
    assert (first := asyncio.run(first_of(large))) is not None and first.uri == found.all()[0].uri
    assert "Listing" in repr(found)


def test_a_uuid_in_the_place_of_a_uri_is_told_from_what_is_forbidden(client: dserver.Client) -> None:
    for attempt in (client.dataset, client.readme, client.manifest):
        with pytest.raises(errors.InvalidError, match=r"lookup\(\)"):
            attempt(uuid(5))


def test_what_is_mistyped_is_told_by_python(client: dserver.Client) -> None:
    five = client.dataset(FIVE)
    with pytest.raises(AttributeError) as raised:
        _ = five.naem
    assert raised.value.name == "naem" and raised.value.obj is five


def test_a_record_without_a_class_of_its_own_shows_all_of_it(client: dserver.Client) -> None:
    (counted,) = client.aggregate([{"$count": "n"}]).all()
    assert repr(counted) == "Record({'n': 20})"


def test_times_are_times_and_rows_of_tables_have_them(client: dserver.Client) -> None:
    five = client.dataset(FIVE)
    created = datetime(2024, 1, 1, 0, 0, 5, 123456, tzinfo=timezone.utc)
    assert five.created_at == created and five.frozen_at == created + timedelta(microseconds=5000)
    assert isinstance(five["created_at"], float), "what was told stays as it was told"
    # Searches tell milliseconds.
    assert client.search(uuids=uuid(5)).first() == five
    assert client.search(uuids=uuid(5), tags="microscopy").all()[0]["created_at"] == 1704067205.123
    item = client.manifest(five).entries[0]
    assert (item.relpath, item.size_in_bytes, item.utc_timestamp) == ("data/item_0.bin", 150, created)
    assert "2024-01-01 00:00:05" in (client.search(uuids=uuid(5)).all()._repr_html_() or "")


def test_a_dataset_tells_all_that_is_known_of_it(client: dserver.Client) -> None:
    for five in (client.dataset(FIVE), client.lookup(uuid(5))[0], client.find(uuid(5))[0], client.find(FIVE)[0]):
        assert (five.name, five.uuid, five.number_of_items, five.size_in_bytes) == ("microscopy-run-05", uuid(5), 1, 150)
        assert five.readme() == client.readme(five) == client.readme(FIVE)
        assert five.manifest() == client.manifest(FIVE) and five.manifest().size_in_bytes == 150
        assert five.tags() == client.tags(five) == ["microscopy", "odd"]
        assert five.annotations() == client.annotations({"uri": FIVE})
        assert [it.uri for it in five.copies()] == [FIVE]
    host = client.url.removeprefix("http://")
    assert client.find(f"dserver://{host}/{uuid(5)}") == client.lookup(uuid(5))
    with pytest.raises(errors.InvalidError, match="another dserver"):
        client.find(f"dserver://elsewhere/{uuid(5)}")


def test_a_readme_is_its_text_and_is_read_as_yaml(client: dserver.Client) -> None:
    readme = client.readme(FIVE)
    assert isinstance(readme, str) and readme.startswith("project: microscopy campaign\n")
    assert readme.yaml()["owners"] == [{"name": "Emmy Noether", "email": "user5@example.org"}]
    assert readme.yaml()["creation_date"] == "2024-01-06", "dates stay text"
    assert pickle.loads(pickle.dumps(readme)).yaml() == readme.yaml()
    assert dserver.Readme("").yaml() is None
    with pytest.raises(errors.InvalidError, match="line"):
        dserver.Readme("a: [1\nb: 2\n").yaml()
    assert dserver.Readme("a: <b>\n")._repr_html_() == "<pre>a: &lt;b&gt;</pre>"


def test_questions_to_the_database_find_what_they_say_and_are_refused_if_they_are_none(client: dserver.Client) -> None:
    found = client.query({"readme.temperature": {"$gt": 308}})
    assert [it.name for it in found] == ["tribology-run-19"]
    assert found.all()[0].tags() == client.tags(found.all()[0].uri) == found.all()[0]["tags"]
    late = {"created_at": {"$gte": datetime(2024, 1, 1, tzinfo=timezone.utc)}}
    with pytest.raises(errors.InvalidError, match=r"\$toDate"):
        client.query(late)
    with pytest.raises(errors.InvalidError, match=r"\$toDate"):
        client.aggregate([{"$match": late}])
    with pytest.raises(errors.InvalidError, match="JSON object"):
        client.query([1])  # type: ignore[arg-type]
    stages: list[dict[str, Any]] = [
        {"$group": {"_id": "$creator_username", "n": {"$sum": 1}}},
        {"$project": {"creator": "$_id", "n": 1}},
        {"$sort": {"creator": 1}},
    ]
    assert [(it["creator"], it.n) for it in client.aggregate(stages)] == [("ada", 7), ("emmy", 6), ("grace", 7)]


def test_a_dataset_that_is_not_there_or_not_for_this_user_is_an_error_of_its_kind(client: dserver.Client) -> None:
    with pytest.raises(errors.NotFoundError) as missing:
        client.readme(f"{BASE}/none")
    assert (missing.value.status, missing.value.operation, missing.value.object) == (404, "get_readme", f"{BASE}/none")
    assert isinstance(missing.value, LookupError)
    with pytest.raises(errors.ForbiddenError):
        client.dataset("s3://nowhere/x")
    with pytest.raises(errors.NotFoundError, match="no dataset of this UUID"):
        client.lookup(uuid(999))
    for nothing in ({}, {"uri": 1}):
        with pytest.raises((KeyError, TypeError)):
            client.readme(nothing)


def test_each_call_can_be_made_in_three_ways(client: dserver.Client) -> None:
    future = client.submit.dataset(FIVE)
    assert isinstance(future, concurrent.futures.Future) and future.result() == client.dataset(FIVE)
    found = client.submit.search("tag:simulation").result()
    assert found == client.search("tag:simulation").all() and len(found.to_dicts()) == 5
    # What a future gave waits, unless one says otherwise.
    five = future.result()
    assert five.tags() == ["microscopy", "odd"] == five.submit.tags().result()

    async def main() -> None:
        client = aio.dserver.Client(cache="off")
        five = await client.dataset(FIVE)
        assert await five.tags() == ["microscopy", "odd"]
        assert await asyncio.wrap_future(five.submit.tags()) == ["microscopy", "odd"]
        assert [it.name async for it in five.copies()] == ["microscopy-run-05"]
        names = [it.name async for it in client.search("tag:simulation", sort="name")]
        assert names[0] == "simulation-run-00" and await client.search("tag:simulation").total() == 5
        other = await asyncio.wrap_future(client.submit.dataset(FIVE))
        assert other.readme().yaml()["temperature"] == 295, "what a future gave waits"
        with pytest.raises(errors.NotFoundError):
            await client.readme(f"{BASE}/none")
        both = await asyncio.gather(client.readme(FIVE), five.manifest())
        assert both[0].startswith("project") and both[1].entries

    asyncio.run(main())


def test_what_is_known_of_a_dataset_is_changed_where_the_server_can(next_release: Sandbox) -> None:
    client = at(next_release)
    one = client.lookup(uuid(1))[0]
    assert client.features().missing == {} and client.health()["status"]
    one.replace_readme("project: another\n")
    assert one.readme().yaml() == {"project": "another"}
    one.replace_tags("one tag")
    assert one.tags() == ["one tag"]
    one.replace_tags(["a", "b c"])
    client.add_tag(one, "d")
    one.remove_tag("b c")
    assert client.tags(one) == ["a", "d"]
    one.replace_annotations({"n": 1})
    one.set_annotation("deep", {"a": [1, None]})
    client.set_annotation(one.uri, "gone", True)
    one.remove_annotation("gone")
    assert one.annotations() == {"n": 1, "deep": {"a": [1, None]}}
    assert client.rename_me("Test User").display_name == "Test User"
    assert at(next_release, "admin").rename_user("nobody", "No Body").display_name == "No Body"


def test_a_server_that_can_not_change_things_says_what_it_takes(client: dserver.Client) -> None:
    with pytest.raises(errors.NotFoundError, match="takes a release after 0.22"):
        client.add_tag(FIVE, "x")
    with pytest.raises(ValueError, match="there is no feature"):
        client.features().has("flying")  # type: ignore[arg-type]


def test_what_is_registered_is_found_and_what_is_deleted_is_gone_where_it_is_looked_up(sandbox: Sandbox) -> None:
    client = dserver.Client(cache="off")
    item = {"relpath": "a b.txt", "size_in_bytes": 7, "hash": "0" * 32, "utc_timestamp": 1.5}
    manifest = {"items": {"f": item}, "hash_function": "md5sum_hexdigest", "dtoolcore_version": "3.19.0"}
    dataset: dserver.Registration = {
        "uuid": uuid(0xABC),
        "uri": f"{BASE}/my run",
        "base_uri": BASE,
        "name": "myrun",
        "creator_username": "ada",
        "frozen_at": datetime(2026, 11, 21, 10, 34, 57, 626212, tzinfo=timezone.utc),
        "manifest": manifest,
        "readme": "project: mine\n",
        "annotations": {"deep": {"a": [1, None]}},
        "tags": ["mine"],
    }
    client.register(dataset)
    known = client.search(tags="mine").first()
    assert known is not None and (known.uri, known.size_in_bytes) == (f"{BASE}/my run", 7)
    assert client.dataset(known.uri).frozen_at == dataset["frozen_at"] == client.dataset(known.uri).created_at
    assert known.annotations() == {"deep": "{'a': [1, None]}"}, "0.22 makes text of all values"
    known.delete()
    client.delete(known)  # What is gone may be deleted.
    with pytest.raises(errors.NotFoundError):
        client.dataset(known.uri)
    for wrong in ({**dataset, "frozen_at": "soon"}, {**dataset, "sizes": 1}, {"uuid": "1"}):
        with pytest.raises(errors.InvalidError):
            client.register(wrong)  # type: ignore[arg-type]


def test_hostile_names_stay_text_in_a_notebook(client: dserver.Client) -> None:
    wild = {"uri": "x", "name": "<script>alert(1)</script>\x1b[31m\u202e", "created_at": 1e300, "frozen_at": "soon"}
    dataset = dserver.Dataset(wild, client)
    page = dataset._repr_html_() or ""
    assert "<script>" not in page and "\x1b" not in page and "\u202e" not in page
    assert dataset.created_at is None and dataset.frozen_at is None
    assert "\x1b" not in repr(dataset)


def test_handles_pickle_with_their_client_and_without_its_token(client: dserver.Client, sandbox: Sandbox) -> None:
    five = client.dataset(FIVE)
    pickled = pickle.dumps([five, five.graph(), client])
    assert sandbox.environment["DSERVER_TOKEN"].encode() not in pickled
    again, graph, _ = pickle.loads(pickled)
    assert again == five and again.readme() == five.readme() and graph.nodes[uuid(5)].tags() == five.tags()
