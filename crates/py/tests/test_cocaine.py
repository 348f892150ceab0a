"""Services of Cocaine, in the three ways."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from services import Sandbox
from unicorn import FakeUnicorn
from whimbrel import aio, cocaine, errors, gather

pytestmark = pytest.mark.usefixtures("sandbox")

VALUES: list[Any] = [
    None,
    True,
    -1,
    2**64 - 1,
    -(2**63),
    0.5,
    b"\xff\x00",
    b"x" * 70_000,
    [],
    [1, [b"two", None]],
    {b"a": {1: [b"b"]}},
]


@pytest.fixture
def unicorn() -> Iterator[FakeUnicorn]:
    with FakeUnicorn() as fake:
        yield fake


def test_a_call_is_made_in_three_ways() -> None:
    assert cocaine.Service("node").call("list", timeout=1.0) == [b"demo"]
    future: Future[Any] = cocaine.Service("node").submit.call("list")
    assert future.result(timeout=5) == [b"demo"]

    async def awaited() -> Any:
        return await aio.cocaine.Service("node").call("list", timeout=1.0)

    assert asyncio.run(awaited()) == [b"demo"]


def test_what_a_client_gives_makes_its_calls_as_the_client_does() -> None:
    async def awaited() -> None:
        client = aio.cocaine.Cocaine()
        assert await client.service("node").call("list") == [b"demo"]
        assert await client.node().list() == ["demo"]
        await client.storage().write("three", "ways", b"x", ["tag"])
        assert await client.storage().find("three", ["tag"]) == ["ways"]
        async with await client.app("demo").enqueue("upper") as channel:
            await channel.write("a")
            assert await channel.read(timeout=1) == b"A"
            await channel.close()
            assert [it async for it in channel] == []

    asyncio.run(awaited())
    storage = cocaine.Cocaine().storage()
    assert storage.submit.read("three", "ways").result(timeout=5) == b"x"
    channel = cocaine.App("demo").submit.enqueue("ping").result(timeout=5)
    channel.submit.write("x").result(timeout=5)
    assert list(channel) == [b"x"]


@pytest.mark.parametrize("value", VALUES, ids=lambda it: repr(it)[:20])
def test_values_go_out_and_come_back(unicorn: FakeUnicorn, value: Any) -> None:
    # Only a unicorn's values are of any kind; it gives back what it was given.
    service = cocaine.Unicorn(locator=unicorn.locator)
    assert service.create("/v", value)
    assert service.get("/v") == (value, 0)


def test_text_goes_out_as_utf_8_and_comes_back_as_bytes() -> None:
    storage = cocaine.Service("storage")
    assert storage.call("write", "text", "schlüssel", "Größe", ["tag"]) is None
    came = storage.call("read", "text", b"schl\xc3\xbcssel")
    assert came == "Größe".encode() and cocaine.text(came) == "Größe"
    assert cocaine.text({b"a": [b"b", (b"\xff", 1)]}) == {"a": ["b", (b"\xff", 1)]}


def test_what_cocaine_has_no_word_for_is_refused_before_it_is_sent() -> None:
    ring: list[Any] = []
    ring.append(ring)
    refused = [(object(), TypeError), ({1, 2}, TypeError), (2**64, OverflowError), (ring, ValueError), ("\ud800", ValueError)]
    for value, kind in refused:
        with pytest.raises(kind):
            cocaine.Service("storage").call("write", "ns", "key", value)


def test_an_error_has_the_service_s_numbers_and_words() -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        cocaine.Storage().read("ns", "no such key")
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.service, error.category, error.code) == ("storage", 12, 2)
    assert error.reason is not None and "No such file" in error.reason
    with pytest.raises(errors.NotFoundError, match="is it started") as caught:
        cocaine.Service("none").call("anything")
    assert (caught.value.service, caught.value.category, caught.value.code) == ("locator", 10, 1)
    with pytest.raises(errors.ConflictError):
        cocaine.Node().start_app("demo", "default")


def test_a_method_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(errors.InvalidError, match="there are read, write, remove, find") as caught:
        cocaine.Service("storage").call("red")
    assert caught.value.category is None


def test_arguments_that_a_server_does_not_take_cost_one_call_only() -> None:
    storage = cocaine.Service("storage")
    with pytest.raises(errors.UnavailableError, match="hang up on arguments"):
        storage.call("read", 1)
    assert storage.call("find", "none", ["none"]) == []


def test_a_locator_that_is_not_there_is_told_with_its_address() -> None:
    with pytest.raises(errors.UnavailableError, match="127.0.0.1:9"):
        cocaine.Service("node", locator="127.0.0.1:9").call("list", timeout=5)
    with pytest.raises(errors.InvalidError, match="port"):
        cocaine.Cocaine("no port")
    with pytest.raises(errors.InvalidError, match="0.13"):
        cocaine.Cocaine(runtime="0.13")  # type: ignore[arg-type]


def test_the_locator_is_the_argument_s_then_the_environment_s(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = sandbox.environment["COCAINE_LOCATOR"]
    monkeypatch.setenv("COCAINE_LOCATOR", "127.0.0.1:9")
    assert cocaine.Service("node", locator=f"127.0.0.1:9,{good}").call("list") == [b"demo"]
    with pytest.raises(errors.UnavailableError):
        cocaine.Service("node").call("list")


def test_a_call_has_a_time_and_a_client_too() -> None:
    for late in (
        lambda: cocaine.App("demo").call("enqueue", "never", timeout=0.2),
        lambda: cocaine.Cocaine(deadline=0.2).app("demo").call("enqueue", "never"),
    ):
        start = time.monotonic()
        with pytest.raises(errors.TimeoutError) as caught:
            late()
        assert 0.2 <= time.monotonic() - start < 2
        assert isinstance(caught.value, TimeoutError) and caught.value.service == "demo"
    with pytest.raises(errors.InvalidError):
        cocaine.Service("node").call("list", timeout=-1)


def test_a_channel_can_be_read_after_a_time_that_was_over() -> None:
    with cocaine.App("demo").enqueue("upper") as channel:
        with pytest.raises(errors.TimeoutError, match="can be read later"):
            channel.read(timeout=0.05)
        channel.write("a")
        assert channel.read(timeout=1) == b"A"
        channel.close()
        for _ in range(2):
            with pytest.raises(EOFError):
                channel.read(timeout=1)
        with pytest.raises(errors.InvalidError, match="closed"):
            channel.write("late")
    with pytest.raises(errors.InvalidError, match="closed here"):
        channel.read()


def test_chunks_go_out_in_the_order_in_which_they_are_handed_in() -> None:
    channel = cocaine.App("demo").enqueue("upper")
    sent = [channel.submit.write(f"chunk {n}") for n in range(500)]
    assert [channel.read(timeout=5) for _ in sent] == [f"CHUNK {n}".encode() for n in range(500)]
    assert [it.result() for it in sent] == [None] * 500


def test_an_error_ends_a_channel() -> None:
    with cocaine.App("demo").enqueue("fail") as channel:
        channel.write("x")
        with pytest.raises(errors.Error, match="custom failure") as caught:
            list(channel)
        assert (caught.value.category, caught.value.code, caught.value.reason) == (42, 77, "custom failure")
        assert list(channel) == []
    with cocaine.App("demo").enqueue("upper") as channel:
        channel.fail(7, "no more")
        with pytest.raises(errors.Error, match="app 100"):
            channel.read(timeout=1)


def test_a_channel_that_waits_does_not_hold_up_the_loop() -> None:
    async def talk() -> None:
        channel = await aio.cocaine.App("demo").enqueue("upper")
        reading = asyncio.ensure_future(channel.read())
        await asyncio.sleep(0.05)
        assert not reading.done()
        await channel.write("a")
        assert await asyncio.wait_for(reading, 1) == b"A"
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(channel.read(), 0.05)
        await channel.write("b")
        assert await channel.read() == b"B"
        with pytest.raises(TypeError, match="async for"):
            iter(channel)

    asyncio.run(talk())


def test_a_stream_is_read_as_it_comes_and_anew_each_time(sandbox: Sandbox, unicorn: FakeUnicorn) -> None:
    older = cocaine.Service("demo", locator=sandbox.older_locator, runtime="0.11")
    chunks = older.stream("enqueue", "chunks", "700")
    assert list(chunks) == [f"chunk{n}".encode() for n in range(700)]
    assert chunks.first() == b"chunk0" and len(chunks.all()) == 700
    assert len(older.submit.stream("enqueue", "chunks", "3").result(timeout=5)) == 3

    async def awaited() -> list[Any]:
        older = aio.cocaine.Service("demo", locator=sandbox.older_locator, runtime="0.11")
        return [it async for it in older.stream("enqueue", "chunks", "3")]

    assert asyncio.run(awaited()) == [b"chunk0", b"chunk1", b"chunk2"]
    service = cocaine.Unicorn(locator=unicorn.locator)
    service.create("/watched", 1)
    changes = iter(service.subscribe("/watched"))
    assert next(changes) == (1, 0)
    assert service.put("/watched", 2, 0) == (True, (2, 1))
    assert next(changes) == (2, 1)
    assert service.put("/watched", 3, 0) == (False, (2, 1))


def test_what_came_before_a_failure_is_given_before_it_is_raised(unicorn: FakeUnicorn) -> None:
    service = cocaine.Unicorn(locator=unicorn.locator)
    seen = []
    with pytest.raises(errors.Error, match="cut"):
        for value in service.stream("subscribe", "/fails"):
            seen.append(value)
    assert seen == [[b"a", 0], [b"b", 1]]


def test_a_unicorn_has_types(unicorn: FakeUnicorn) -> None:
    service = cocaine.Unicorn(locator=unicorn.locator)
    assert service.create("/n", 1)
    assert service.increment("/n", 4) == cocaine.Versioned(5, 1)
    assert service.children("/").first() == ["n"]
    service.remove("/n", 1)
    with pytest.raises(errors.NotFoundError):
        service.get("/n")
    with service.lock("/lock") as lock:
        assert lock.is_held
        unicorn.wait_for(held=1)
    assert not lock.is_held
    unicorn.wait_for(held=0)
    lock = service.submit.lock("/lock").result(timeout=5)
    unicorn.wait_for(held=1)
    del lock
    gc.collect()
    unicorn.wait_for(held=0)


def test_typed_services_say_what_they_are() -> None:
    client = cocaine.Cocaine()
    cache = client.cache()
    assert cache.get("no such key") is None
    cache.put("key", b"value")
    assert cache.get("key") == b"value"
    client.logging().emit(1, "app/test", "hello", {"a": 1})
    assert client.logging().verbosity() == 1
    assert client.node().info("demo")["state"] == client.app("demo").info()["state"] == "running"
    resolved = client.locator().resolve("storage")
    assert resolved.version == 1 and resolved.methods == ["read", "write", "remove", "find"]
    assert resolved.endpoints[0][0] == "127.0.0.1"
    assert client.locator().uuid() and client.locator().cluster() == {}
    assert client.locator().call("uuid") == client.locator().uuid().encode()
    client.locator().refresh(["group"])
    client.storage().write("typed", "k", b"v")
    client.storage().remove("typed", "k")
    client.node().pause_app("demo")
    assert client.node().list() == []
    client.node().start_app("demo", "default")


def test_a_service_tells_of_itself() -> None:
    service = cocaine.Service("storage", version=1, seed="x")
    assert service.name == "storage" and service.resolved().version == 1
    assert 0 < service.ping() < 5
    service.disconnect()
    assert 0 < service.submit.ping().result(timeout=5) < 5
    assert repr(service) == "whimbrel.cocaine.service.Service('storage')"
    with pytest.raises(errors.InvalidError, match="version 9 is wanted"):
        cocaine.Service("storage", version=9).ping()


def test_services_and_clients_pickle_as_what_they_are_set_to() -> None:
    client = cocaine.Cocaine(deadline=7, tvm_client=3, tvm_secret="so secret")
    pickled = pickle.dumps(client)
    assert b"so secret" not in pickled and "so secret" not in repr(client) + repr(vars(client))
    again = pickle.loads(pickled)
    assert again._told["deadline"] == 7
    for service in (cocaine.Service("node"), cocaine.Node(), cocaine.Cocaine().node()):
        same = pickle.loads(pickle.dumps(service))
        assert type(same) is type(service) and same.call("list") == [b"demo"]
    app = pickle.loads(pickle.dumps(cocaine.App("demo")))
    assert app.info()["state"] == "running"

    async def awaited() -> Any:
        own, given = aio.cocaine.Service("node"), aio.cocaine.Cocaine().service("node")
        return [await pickle.loads(pickle.dumps(it)).call("list") for it in (own, given)]

    assert asyncio.run(awaited()) == [[b"demo"]] * 2
    with pytest.raises(TypeError, match="belongs to its process"):
        pickle.dumps(app.enqueue("never"))


def _in_child(service: cocaine.Service, told: Any) -> None:
    told.put(service.call("list", timeout=5))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_uses_its_parents_service() -> None:
    service, channel = cocaine.Service("node"), cocaine.App("demo").enqueue("upper")
    assert service.call("list") == [b"demo"]
    fork = multiprocessing.get_context("fork")
    told = fork.Queue()
    child = fork.Process(target=_in_child, args=(service, told))
    child.start()
    assert told.get(timeout=20) == [b"demo"]
    child.join()
    # What the child has of the channel does not end it.
    channel.write("a")
    assert channel.read(timeout=1) == b"A"


def test_many_threads_share_a_service() -> None:
    service, wrong = cocaine.Service("cache"), []
    service.call("put", "key", "value")

    def work() -> None:
        for _ in range(50):
            if service.call("get", "key") != [True, b"value"]:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_calls_can_be_gathered() -> None:
    storage = cocaine.Storage()
    for n in range(20):
        storage.write("gathered", str(n), str(n).encode())
    contents: gather.KV[int, bytes] = gather.KV(limit=4)
    for n in range(20):
        contents.put(n, storage.read, "gathered", str(n))
    assert contents.join() == {n: str(n).encode() for n in range(20)}


def test_nothing_of_it_is_loaded_before_it_is_used() -> None:
    import subprocess

    code = "import sys, whimbrel.cocaine; print('asyncio' in sys.modules, 'concurrent.futures' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_content_may_be_text_and_tags_are_no_text() -> None:
    storage = cocaine.Storage()
    storage.write("texts", "1", "stähl", ["metal"])
    assert storage.read("texts", "1") == "stähl".encode() and storage.find("texts", ["metal"]) == ["1"]
    with pytest.raises(TypeError, match=r"tags are several: give a list, such as \['metal'\]"):
        storage.write("texts", "2", b"", "metal")
    with pytest.raises(TypeError, match="tags are several"):
        storage.find("texts", "metal")
    with pytest.raises(TypeError, match="dict is neither bytes nor text"):
        storage.write("texts", "2", {})  # type: ignore[arg-type]


def test_who_looks_for_a_method_as_an_attribute_is_told_how_it_is_called() -> None:
    with pytest.raises(AttributeError, match=r"a method of the service is called by \.call\('list', \.\.\.\)"):
        cocaine.Service("node").list  # type: ignore[attr-defined]
