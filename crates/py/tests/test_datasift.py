"""DataSift's calls, in the three ways."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, as_completed
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from services import Sandbox
from whimbrel import aio, datasift, errors

pytestmark = pytest.mark.usefixtures("sandbox")

CSDL = 'interaction.content contains "tribology"'
WRONG = "interaction.content contains"
START = datetime(2017, 7, 14, tzinfo=timezone.utc)


@pytest.fixture
def client() -> datasift.Client:
    return datasift.Client(cache="off")


@pytest.fixture
def identity(sandbox: Sandbox) -> datasift.Client:
    return datasift.Client(api_key=sandbox.identity_key, cache="off")


def test_a_call_is_made_in_three_ways(client: datasift.Client) -> None:
    hash = client.compile(CSDL).hash
    assert client.submit.compile(CSDL).result(timeout=10).hash == hash

    async def awaited() -> None:
        other = aio.datasift.Client()
        compiled, price = await asyncio.gather(other.compile(CSDL), other.dpu(hash))
        assert compiled.hash == hash and price.dpu is not None and price.dpu > 0
        assert [it.id async for it in other.push.list()] == [it.id for it in client.push.list()]
        with pytest.raises(errors.InvalidError, match="We are unable to parse this stream"):
            await other.validate(WRONG)

    asyncio.run(awaited())


def test_definitions_are_checked_compiled_and_priced(client: datasift.Client) -> None:
    assert client.is_valid(CSDL) and not client.is_valid(WRONG)
    with pytest.raises(errors.InvalidError, match="At line 1"):
        client.validate(WRONG)
    compiled = client.compile(CSDL)
    assert len(compiled.hash) == 32 and isinstance(compiled.dpu, float)
    assert compiled.created_at is not None and compiled.created_at.tzinfo is not None
    price = client.dpu(compiled.hash)
    assert isinstance(price.dpu, float) and isinstance(price.detail, dict)
    usage = client.usage("hour")
    assert usage.start and usage.end and usage.end - usage.start == timedelta(hours=1)
    with pytest.raises(errors.InvalidError):
        client.usage("month")
    assert isinstance(client.balance().balance, dict)
    for used in client.account_usage("month").usage:
        assert isinstance(used, datasift.Used)


def test_many_definitions_are_checked_at_once(client: datasift.Client) -> None:
    asked: dict[Future[bool], str] = {client.submit.is_valid(csdl): csdl for csdl in (CSDL, WRONG, 'interaction.type == "x"')}
    told = {asked[future]: future.result() for future in as_completed(asked, timeout=20)}
    assert told == {CSDL: True, WRONG: False, 'interaction.type == "x"': True}


def test_costs_are_known_before_a_call_and_credits_after_it(client: datasift.Client) -> None:
    assert (client.cost("compile"), client.cost("prepareHistorics"), client.credits) == (5, 25, None)
    client.compile(CSDL)
    assert client.credits is not None and client.credits.remaining < client.credits.limit
    assert client.credits.refilled is not None and client.credits.refilled > datetime.now(timezone.utc)
    assert client.ingestion_left == (None, None)
    with pytest.raises(errors.InvalidError):
        client.cost("no_such_operation")


def test_the_archive_is_queried(client: datasift.Client, sandbox: Sandbox) -> None:
    historics, end = client.historics, START + timedelta(days=1)
    prepared = historics.prepare(sandbox.stream, START, end, "wear", ["facebook"], sample=10)
    assert prepared.availability is not None and prepared.availability.start is not None
    id = prepared.id
    subscription = client.push.create("deliver", historics_id=id)
    historics.start(id)
    historics.update(id, "tear")
    historics.pause(id, reason="lunch")
    historics.resume(id)
    historics.stop(id, reason="enough")
    query = historics.get(id)
    assert (query.name, query.start, query.end, query.sample) == ("tear", START, end, 10)
    assert id in [it.id for it in historics.list()]
    assert isinstance(historics.status(START, end, ["facebook"]).first(), datasift.Availability)
    assert isinstance(client.historics_dpu(id), datasift.Price)
    assert subscription.id is not None
    client.push.delete(subscription.id)
    historics.delete(id)
    with pytest.raises(errors.NotFoundError):
        historics.get(id)
    preview = client.create_preview(sandbox.stream, START, ["facebook"], "interaction.author.gender,freqDist,5", end=end)
    assert client.preview(preview.id).id == preview.id


def test_a_time_without_a_zone_is_none(client: datasift.Client) -> None:
    with pytest.raises(errors.InvalidError, match="zone"):
        client.historics.status(datetime(2017, 7, 14), START)


def test_what_is_queued_is_pulled(client: datasift.Client) -> None:
    hash = client.compile('interaction.content contains "pulled"').hash
    subscription = client.push.create("keep", hash=hash)
    id = subscription.id
    assert id is not None and subscription.created_at is not None
    assert client.pull(id).interactions == []
    assert client.push.pause(id).status == "paused"
    assert client.push.resume(id).status == "active"
    assert client.push.update(id, {"format": "json_array"}, name="kept").name == "kept"
    assert [it.id for it in client.push.list(hash=hash)] == [id]
    assert client.push.validate("pull", {"format": "json_array"}).success is True
    assert {it.subscription_id for it in client.push.log(id)} == {id}
    # Only what is listened to is made up here.
    with client.live(hash, on_delete=print) as live:
        first = next(it for it in live if isinstance(it, datasift.Interaction))
        # Others may have been made up before.
        pulled = (it["interaction"]["id"] for it in client.pull_on(id))
        assert first.data["interaction"]["id"] in pulled
    with pytest.raises(TypeError, match="no end"):
        client.submit.pull_on(id)
    client.push.stop(id)
    client.push.delete(id)
    with pytest.raises(errors.NotFoundError):
        client.push.get(id)
    with pytest.raises(TypeError, match="hash= or historics_id="):
        client.push.create("nothing")


def test_lists_are_read_to_their_end(client: datasift.Client) -> None:
    hash = client.compile('interaction.content contains "many"').hash
    futures = [client.push.submit.create(f"n{n}", hash=hash) for n in range(120)]
    ids = {future.result(timeout=30).id for future in futures}
    listed = client.push.list(hash=hash)
    assert len(ids) == 120 and {it.id for it in listed} == ids
    assert {it.id for it in client.push.submit.list(hash=hash).result(timeout=30)} == ids


def test_sources_have_resources_and_tokens_that_nothing_shows(client: datasift.Client) -> None:
    sources, auth = client.managed_sources, {"parameters": {"value": "t0ken"}}
    made = sources.create("facebook_page", "bearings", [{"parameters": {"id": 1, "url": "http://x.example"}}], auth=[auth])
    id = made.id
    assert id is not None and made.auth is not None
    assert made.auth[0]["parameters"]["value"].reveal() == "t0ken"
    shown = repr(made) + repr(made.to_dict()) + str(made._repr_html_())
    assert "t0ken" not in shown and b"t0ken" not in pickle.dumps(made)
    assert len(sources.add_resources(id, [{"parameters": {"id": 2}}]).resources or []) == 2
    more = sources.add_auth(id, [{"parameters": {"value": "0ther"}}])
    assert more.auth is not None and len(more.auth) == 2
    # What was told can be said again.
    again = sources.update(id, "facebook_page", "wear", more.resources or [], auth=more.auth)
    assert again.name == "wear" and again.auth is not None
    assert [it["parameters"]["value"].reveal() for it in again.auth] == ["t0ken", "0ther"]
    assert len(sources.remove_auth(id, [again.auth[1]["identity_id"]]).auth or []) == 1
    assert sources.start(id).status == "active"
    sources.stop(id)
    assert id in [it.id for it in sources.list("facebook_page")]
    sources.log(id).all()
    sources.delete(id)


def test_keys_and_tokens_of_identities_are_shown_by_nothing(client: datasift.Client) -> None:
    identities = client.identities
    made = identities.create("grace", master=False)
    assert made.id is not None and made.api_key is not None
    key = made.api_key.reveal()
    assert key not in repr(made) + str(made.to_dict()) + str(made._repr_html_()) + repr([*made.values()])
    assert key.encode() not in pickle.dumps(made)
    assert pickle.loads(pickle.dumps(made)).label == "grace"
    with pytest.raises(errors.ConflictError):
        identities.create("grace")
    assert identities.update(made.id, label="eve").label == "eve"
    assert identities.get(made.id).label == "eve"
    assert made.id in [it.id for it in identities.list()]

    tokens = identities.tokens(made.id)
    assert "t0ken" not in repr(tokens.create("facebook", "t0ken"))
    tokens.update("facebook", "0ther")
    kept = tokens.get("facebook")
    assert kept.token is not None and kept.token.reveal() == "0ther"
    assert b"0ther" not in pickle.dumps(tokens.list().all())
    tokens.delete("facebook")

    limits = client.limits("facebook")
    limits.create(made.id, total_allowance=1_000)
    limits.update(made.id, total_allowance=2_000, analyze_queries=5)
    assert limits.get(made.id).total_allowance == 2_000
    assert made.id in [it.id for it in limits.list()]
    limits.delete(made.id)


def test_recordings_are_counted_and_tasks_queued(identity: datasift.Client, client: datasift.Client) -> None:
    pylon = identity.pylon("facebook")
    hash = pylon.compile('fb.content contains "tribology"').hash
    id = pylon.start(hash, "wear").id
    assert id is not None
    wanted = {"analysis_type": "freqDist", "parameters": {"threshold": 5, "target": "fb.author.age"}}
    assert pylon.analyze(id, wanted, start=START).interactions is not None
    assert isinstance(pylon.tags(id), list)
    assert pylon.sample(id, count=10).remaining is not None
    pylon.update(id, hash=hash, name="tear")
    assert pylon.get(id).name == "tear"
    assert id in [it.id for it in pylon.list()]
    slug = pylon.references().all()[0].slug
    assert slug is not None and pylon.reference(slug)[0].value is not None
    tasks = pylon.tasks("analysis")
    task = tasks.create(id, "ages", wanted).id
    assert tasks.get(task).name == "ages"
    assert task in [it.id for it in tasks.list()]
    pylon.stop(id)
    with pytest.raises(errors.ConflictError):
        pylon.stop(id)
    with pytest.raises(errors.ForbiddenError, match="account identity"):
        client.pylon("facebook").tasks("analysis").list().all()


def test_a_source_of_ones_own_is_fed(client: datasift.Client, sandbox: Sandbox) -> None:
    posts: Iterator[dict[str, Any]] = ({"id": n, "body": "wear"} for n in range(3))
    assert client.ingest(sandbox.source, posts).accepted == 3
    data, requests = client.ingestion_left
    assert data is not None and requests is not None and data.refilled is not None
    with pytest.raises(errors.InvalidError):
        client.ingest(sandbox.source, [])
    with pytest.raises(errors.NotFoundError):
        client.ingest("nobody", [{"id": 1}])


def test_any_operation_can_be_asked_for_by_its_id(client: datasift.Client) -> None:
    assert client.api("validate", {"csdl": CSDL})["dpu"] is not None


def test_a_client_pickles_without_its_key(client: datasift.Client, sandbox: Sandbox) -> None:
    key = sandbox.environment["DATASIFT_API_KEY"]
    given = datasift.Client("ada", key, sandbox.environment["DATASIFT_URL"])
    pickled = pickle.dumps([given, given.historics, given.pylon("facebook").tasks("analysis")])
    assert key.encode() not in pickled and key not in repr(given) + repr(given.historics)
    again, historics, tasks = pickle.loads(pickled)
    assert again.compile(CSDL).hash == client.compile(CSDL).hash
    assert historics.list().first() is not None and tasks._within == ("facebook", "analysis")
    # In another process the environment's takes its place; without that it says so.
    code = "import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1]))[0].compile(sys.argv[2]).hash)"
    command = [sys.executable, "-c", code, pickled.hex(), CSDL]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50)
    assert told.stdout.strip() == client.compile(CSDL).hash
    kept = {name: value for name, value in sandbox.variables().items() if name != "DATASIFT_API_KEY"}
    lost = subprocess.run(command, capture_output=True, text=True, env=kept, timeout=50)
    assert "AuthenticationError: this client was made in another process" in lost.stderr
    assert "api_key=" in lost.stderr


def test_who_is_nobody_is_told_what_to_do(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.AuthenticationError, match="by case") as wrong:
        datasift.Client(api_key="s3cret").balance()
    assert "s3cret" not in str(wrong.value)
    with pytest.raises(errors.AuthenticationError, match="DATASIFT_API_KEY is for"):
        datasift.Client(url="https://elsewhere.example")
    monkeypatch.delenv("DATASIFT_API_KEY")
    with pytest.raises(errors.AuthenticationError, match="set DATASIFT_API_KEY, or give api_key="):
        datasift.Client()
    monkeypatch.delenv("DATASIFT_USER")
    with pytest.raises(errors.AuthenticationError, match="set DATASIFT_USER, or give user="):
        datasift.Client(api_key="s3cret")


def test_records_are_what_was_told(client: datasift.Client) -> None:
    compiled = client.compile(CSDL)
    assert compiled["hash"] == compiled.hash == compiled.to_dict()["hash"]
    assert json.dumps(compiled.to_dict())
    assert pickle.loads(pickle.dumps(compiled)) == compiled


def test_what_is_no_moment_or_no_list_is_told_before_anything_is_sent(client: datasift.Client) -> None:
    hash = "0" * 32
    with pytest.raises(TypeError, match="1500000000 is no datetime: give datetime"):
        client.historics.prepare(hash, 1500000000, START, "mine", ["facebook"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"sources are several: give a list, such as \['facebook'\]"):
        client.historics.prepare(hash, START, START, "mine", "facebook")
    for one in ({"a": 1}, '{"a": 1}'):
        with pytest.raises(TypeError, match="interactions are several dicts"):
            client.ingest("source", one)  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidError, match="the third argument is the URL"):
        datasift.Client("ada", "key", "no URL")
