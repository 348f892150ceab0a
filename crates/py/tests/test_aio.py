"""Calls as futures of event loops."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from services import Sandbox, SlowServer
from whimbrel import errors
from whimbrel.aio import dserver

ANSWER = {"slow": "1.0"}


def client(slow: SlowServer, milliseconds: int = 0) -> dserver.Client:
    return dserver.Client(slow.url(milliseconds), token="t", cache="off", attempts=1, requests_at_once=1000)


class Blind(asyncio.SelectorEventLoop):
    """A loop that watches no sockets of others', like Windows' own."""

    def add_reader(self, *_: Any) -> Any:
        raise NotImplementedError


def loops() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    made: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "usual": asyncio.new_event_loop,
        "blind": Blind,
    }
    try:
        import uvloop

        made["uvloop"] = uvloop.new_event_loop
    except ImportError:
        pass
    return made


@pytest.fixture(params=["usual", "blind", "uvloop"])
def new_loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    made = loops()
    if request.param not in made:
        pytest.skip("uvloop is not installed")
    return made[request.param]


def run(new_loop: Callable[[], asyncio.AbstractEventLoop], main: Any) -> Any:
    """As `asyncio.run`, on this kind of loop."""
    loop = new_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_many_are_gathered(slow: SlowServer, new_loop: Any) -> None:
    async def main() -> None:
        own = client(slow, 5)
        assert await asyncio.gather(*[own.versions() for _ in range(300)]) == [ANSWER] * 300
        with pytest.raises(errors.NotFoundError):
            await own.readme("file://h/status-404")

    run(new_loop, main())


def test_one_that_is_cancelled_ends_its_request(slow: SlowServer, new_loop: Any) -> None:
    closed = slow.counts()["closed"]

    async def main() -> None:
        late = client(slow, 60_000)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(late.versions(), 0.2)
        task = asyncio.ensure_future(late.versions())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await client(slow).versions() == ANSWER

    run(new_loop, main())
    slow.wait_for(wait=0, closed=closed + 2)


def test_two_loops_in_two_threads_do_not_meet(slow: SlowServer, new_loop: Any) -> None:
    told: list[Any] = []

    async def main() -> None:
        own = client(slow, 3)
        for _ in range(30):
            told.extend(await asyncio.gather(own.versions(), own.versions()))

    threads = [threading.Thread(target=lambda: run(new_loop, main())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == [ANSWER] * 120


def test_two_loops_may_take_turns_on_one_thread(slow: SlowServer, new_loop: Any) -> None:
    own, both = client(slow, 3), [new_loop(), new_loop()]

    async def main() -> Any:
        return await own.versions()

    for loop in both * 5:
        assert loop.run_until_complete(main()) == ANSWER
    for loop in both:
        loop.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors are counted where Linux tells them")
def test_200_loops_leave_no_descriptors(slow: SlowServer, new_loop: Any) -> None:
    own, late = client(slow), client(slow, 30_000)
    ended = []

    async def main() -> None:
        await own.versions()
        pending = late.versions()
        await asyncio.sleep(0)
        pending.cancel()

    def turns(loops: int) -> int:
        for _ in range(loops):
            loop = new_loop()
            loop.run_until_complete(main())
            ended.append(weakref.ref(loop))
            loop.close()
            del loop
        gc.collect()
        slow.wait_for(wait=0)
        return len(os.listdir("/proc/self/fd"))

    before = turns(5)
    after = turns(200)
    # A connection that was given up is closed by a thread of the runtime, when that has its turn.
    for _ in range(100):
        if after <= before + 2 and sum(it() is not None for it in ended) <= 1:
            break
        time.sleep(0.05)
        after = turns(0)
    assert after <= before + 2
    assert sum(it() is not None for it in ended) <= 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors are counted where Linux tells them")
def test_a_loop_that_ends_before_its_calls_is_freed(slow: SlowServer, new_loop: Any) -> None:
    own = client(slow, 400)
    loop = new_loop()

    async def main() -> None:
        for _ in range(3):
            own.versions()
        await client(slow).versions()

    loop.run_until_complete(main())
    loop.close()
    ended = weakref.ref(loop)
    del loop
    slow.wait_for(wait=0)
    end = time.monotonic() + 5
    while ended() is not None and time.monotonic() < end:
        # What the runtime lets go of goes when Python is next with us.
        assert own.url
        gc.collect()
        time.sleep(0.02)
    assert ended() is None


def test_an_answer_that_can_not_be_told_keeps_no_other_back(
    slow: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unraisable: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    def refuse(_: Any) -> Any:
        raise StopIteration  # No future takes it.

    async def main() -> Any:
        own = client(slow, 20)
        odd = [own._native.versions().spawn(refuse) for _ in range(5)]
        good = [own.versions() for _ in range(5)]
        told = await asyncio.gather(*good)
        del odd
        return told

    assert asyncio.run(main()) == [ANSWER] * 5


def test_lists_are_gone_through(sandbox: Sandbox, new_loop: Any) -> None:
    async def main() -> None:
        own = dserver.Client()
        found = [it.uri async for it in own.search()]
        assert found and found == [it.uri for it in await own.search().all()]

    run(new_loop, main())
