"""Calls as `concurrent.futures.Future`s."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import gc
import pickle
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from services import SlowServer
from whimbrel import aio, dserver, errors


def client(slow: SlowServer, milliseconds: int = 0, **settings: Any) -> dserver.Client:
    settings = {"cache": "off", "attempts": 1, "requests_at_once": 1000} | settings
    return dserver.Client(slow.url(milliseconds), token="t", **settings)


def test_futures_come_as_they_are_done(slow: SlowServer) -> None:
    futures = [client(slow, ms).submit.versions() for ms in (1200, 10, 600)]
    assert all(isinstance(it, cf.Future) for it in futures)
    assert [futures.index(it) for it in cf.as_completed(futures, timeout=20)] == [1, 2, 0]
    assert futures[0].result() == {"slow": "1.0"}
    assert futures[0].done() and not futures[0].running() and not futures[0].cancel()


def test_the_first_that_is_done_ends_a_wait(slow: SlowServer) -> None:
    quick, late = client(slow, 5).submit.versions(), client(slow, 5000).submit.versions()
    done, pending = cf.wait([quick, late], timeout=4, return_when=cf.FIRST_COMPLETED)
    assert (done, pending) == ({quick}, {late})
    assert late.cancel()


def test_cancelling_ends_the_request_on_the_wire(slow: SlowServer) -> None:
    closed = slow.counts()["closed"]
    futures = [client(slow, 60_000).submit.versions() for _ in range(5)]
    slow.wait_for(wait=5)
    told: list[Any] = []
    for future in futures:
        future.add_done_callback(told.append)
        assert future.running() and future.cancel() and future.cancelled()
        assert future.cancel(), "twice is once"
    slow.wait_for(wait=0, closed=closed + 5)
    assert told == futures
    for future in futures:
        with pytest.raises(cf.CancelledError):
            future.result()
    assert len(list(cf.as_completed(futures, timeout=1))) == 5


def test_who_waits_for_a_future_hears_that_it_is_cancelled(slow: SlowServer) -> None:
    future = client(slow, 60_000).submit.versions()
    threading.Timer(0.1, future.cancel).start()
    assert cf.wait([future], timeout=5).done == {future}


def test_a_callback_of_a_cancelled_future_may_wait_for_who_looks_at_it(slow: SlowServer) -> None:
    future = client(slow, 60_000).submit.versions()

    def look(cancelled: cf.Future[Any]) -> None:
        looker = threading.Thread(target=cancelled.done)
        looker.start()
        looker.join(5)
        stuck.append(looker.is_alive())

    stuck: list[bool] = []
    future.add_done_callback(look)
    assert future.cancel()
    assert stuck == [False]


def test_a_timeout_leaves_the_future_as_it_is(slow: SlowServer) -> None:
    future = client(slow, 300).submit.versions()
    with pytest.raises(TimeoutError if hasattr(asyncio, "timeout") else cf.TimeoutError):
        future.result(timeout=0.02)
    assert future.running() and not future.done()
    assert future.exception(timeout=5) is None


def test_what_fails_is_raised_where_it_is_asked_for(slow: SlowServer) -> None:
    future = client(slow).submit.readme("file://h/status-404")
    with pytest.raises(errors.NotFoundError) as raised:
        future.result(5)
    assert raised.value.status == 404
    assert future.exception() is raised.value
    assert isinstance(pickle.loads(pickle.dumps(raised.value)), errors.NotFoundError)


def test_a_callback_that_fails_stops_no_other_future(slow: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda it: told.append(it.exc_type))
    future = client(slow, 100).submit.versions()

    def exits(_: Any) -> None:
        raise SystemExit(3)

    future.add_done_callback(lambda _: made.append(1))
    future.add_done_callback(exits)
    future.result(5)
    assert client(slow).submit.versions().result(5), "the thread of the callbacks has not ended"
    assert (made, told) == ([1], [SystemExit])


def test_callbacks_may_wait_for_anything(slow: SlowServer) -> None:
    plain = client(slow, 10)
    told: list[Any] = []
    ended = threading.Event()

    async def awaited() -> Any:
        own = aio.dserver.Client(slow.url(10), token="t", cache="off")
        return [await own.versions(), await plain.submit.versions()]

    def callback(_: Any) -> None:
        try:
            told.append(plain.versions())
            told.append(plain.submit.versions().result(5))
            futures = [plain.submit.versions() for _ in range(5)]
            told.append(len(list(cf.as_completed(futures, timeout=5))))
            told.append(len(cf.wait([plain.submit.versions()], timeout=5).done))
            inner = threading.Event()
            plain.submit.versions().add_done_callback(lambda _: inner.set())
            told.append(inner.wait(5))
            told.extend(asyncio.run(awaited()))
        except BaseException as e:
            told.append(e)
        ended.set()

    plain.submit.versions().add_done_callback(callback)
    assert ended.wait(20)
    answer = {"slow": "1.0"}
    assert told == [answer, answer, 5, 1, True, answer, answer]


def test_callbacks_that_wait_for_each_other_do_not_block(slow: SlowServer) -> None:
    plain = client(slow)
    barrier = threading.Barrier(20)
    passed = [threading.Event() for _ in range(20)]

    def callback(event: threading.Event) -> None:
        barrier.wait(20)
        event.set()

    for event in passed:
        plain.submit.versions().add_done_callback(lambda _, event=event: callback(event))  # type: ignore[misc]
    assert all(event.wait(20) for event in passed)
    # They end when they are no longer needed.
    end = time.monotonic() + 5
    while sum(it.name == "whimbrel-futures" for it in threading.enumerate()) > 1:
        assert time.monotonic() < end
        plain.submit.versions().result(5)


def test_futures_are_awaited_like_any_other(slow: SlowServer) -> None:
    plain = client(slow, 10)

    async def main() -> list[Any]:
        wrapped = asyncio.wrap_future(plain.submit.versions())
        both = await asyncio.gather(wrapped, plain.submit.versions())
        late = client(slow, 60_000).submit.versions()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(late, 0.05)
        assert late.cancelled()
        return both

    assert asyncio.run(main()) == [{"slow": "1.0"}] * 2


def test_a_future_stays_in_its_process(slow: SlowServer) -> None:
    future = client(slow).submit.versions()
    with pytest.raises(TypeError, match="pickle the client"):
        pickle.dumps(future)
    future.result(5)


def resident() -> int:
    """The memory of this process, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it is read where Linux tells it")
@pytest.mark.limit(180)
def test_memory_does_not_grow_with_futures_that_are_done(slow: SlowServer) -> None:
    plain = client(slow)

    def consume(futures: int) -> None:
        for _ in range(futures // 100):
            batch = [plain.submit.versions() for _ in range(100)]
            for future in cf.as_completed(batch, timeout=30):
                assert future.result() == {"slow": "1.0"}

    consume(4_000)
    gc.collect()
    before = resident()
    consume(20_000)
    gc.collect()
    assert resident() - before < 4_096


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it is read where Linux tells it")
def test_cancelled_futures_free_what_they_hold(slow: SlowServer) -> None:
    class Held:
        pass

    late = client(slow, 600_000)

    def cancelled(futures: int) -> list[weakref.ref[Held]]:
        held = [Held() for _ in range(futures)]
        made = [late._native.versions().submit(lambda it, held=one: it) for one in held]
        for future in made:
            assert future.cancel()
        return [weakref.ref(it) for it in held]

    held = cancelled(2_000)
    end = time.monotonic() + 10
    while any(it() is not None for it in held):
        assert time.monotonic() < end, sum(it() is not None for it in held)
        # What the runtime lets go of goes when Python is next with us.
        assert late.url
        time.sleep(0.01)
    slow.wait_for(wait=0)
