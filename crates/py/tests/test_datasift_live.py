"""DataSift's live streams: gone through, awaited, and called back."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from lines import HASH, Lines
from services import Sandbox
from whimbrel import aio, datasift, errors
from whimbrel._face import AIO
from whimbrel.datasift import Deleted, Event, Interaction

OTHER = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def lines() -> Iterator[Lines]:
    with Lines() as lines:
        yield lines


def listen(lines: Lines, on_delete: Any = print, **more: Any) -> datasift.Live:
    return datasift.Client("ada", "key", lines.url).live(HASH, on_delete=on_delete, over="http", **more)


def id_of(event: Event) -> str:
    assert isinstance(event, Interaction)
    id: str = event.data["interaction"]["id"]
    return id


def found(live: Any, count: int) -> list[str]:
    """The ids of the next interactions."""
    ids: list[str] = []
    while len(ids) < count:
        event = next(live)
        ids += [id_of(event)] if event.event == "interaction" else []
    return ids


def test_trouble_is_logged_for_who_looks_at_interactions_alone(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with datasift.Client().live(OTHER, on_delete=print) as live:
        while next(live).event != "refused":
            pass
    assert [it.getMessage() for it in caplog.records] == [f"the service refuses: The hash {OTHER} doesn't exist"]
    caplog.clear()
    live = datasift.Client().live(OTHER, on_delete=print)
    live.run(on_refused=lambda _: live.close())
    assert not caplog.records, "a function was told"


@pytest.mark.parametrize("over", ["websocket", "http"])
def test_what_is_found_comes_in_each_way(sandbox: Sandbox, over: Literal["websocket", "http"]) -> None:
    client = datasift.Client()
    hash = client.compile('interaction.content contains "ways"').hash

    def check(event: Event) -> None:
        if isinstance(event, Interaction):
            assert event.hash == hash and not event.repeated and event.data["interaction"]["id"]

    with client.live(hash, on_delete=print, over=over) as live:
        kinds = []
        for event in live:
            check(event)
            kinds.append(event.event)
            if kinds.count("interaction") == 2:
                break
        assert kinds[:2] == ["connected", "subscribed"]
    assert live.is_closed and list(live) == []

    async def awaited() -> None:
        async with aio.datasift.Client().live(hash, on_delete=print, over=over) as live:
            count = 0
            async for event in live:
                check(event)
                count += event.event == "interaction"
                if count == 2:
                    break
            # It goes on where it was left.
            async for event in live:
                if event.event == "interaction":
                    break
        assert [event async for event in live] == []

    asyncio.run(awaited())

    came: list[Event] = []

    def take(event: Event) -> None:
        check(event)
        came.append(event)
        if len(came) % 2 == 0:
            live.close()

    live = client.live(hash, on_delete=print, over=over)
    live.run(on_interaction=take)
    assert len(came) == 2 and live.is_closed
    live = client.live(hash, on_delete=print, over=over)
    future = live.submit.run(on_interaction=take)
    assert future.result(timeout=20) is None and len(came) == 4

    async def called_back() -> None:
        live = aio.datasift.Client().live(hash, on_delete=print, over=over)

        async def take(event: Event) -> None:
            await asyncio.sleep(0)
            check(event)
            came.append(event)
            if len(came) == 6:
                await live.close()

        await live.run(on_interaction=take)

    asyncio.run(called_back())
    assert len(came) == 6


def test_nobody_listens_without_a_handler_of_deletions(lines: Lines) -> None:
    client: Any = datasift.Client("ada", "key", lines.url)
    for more in ({}, {"on_delete": None}):
        with pytest.raises(TypeError, match="on_delete=, a function: interactions are deleted by their authors"):
            client.live(HASH, **more)
    assert lines.came == 0


def test_a_deletion_comes_to_its_handler_after_what_it_deletes_and_before_what_comes_next(lines: Lines) -> None:
    gone: list[Deleted] = []
    with listen(lines, gone.append) as live:
        lines.found(1)
        lines.deleted(1)
        lines.found(2)
        assert found(live, 1) == ["1"] and gone == []
        assert found(live, 1) == ["2"]
        assert [(it.hash, it.id, it.data["deleted"]) for it in gone] == [(HASH, "1", True)]
        # Also where nothing else comes.
        reading = threading.Thread(target=lambda: next(live, None))
        reading.start()
        lines.deleted(2)
        end = time.monotonic() + 10
        while len(gone) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        assert gone[1].id == "2"
        live.submit.close().result(timeout=10)
        reading.join(10)
        assert not reading.is_alive()


def test_events_say_what_they_are(lines: Lines) -> None:
    with listen(lines) as live:
        assert next(live).missed is None
        subscribed = next(live)
        assert (subscribed.event, subscribed.hash) == ("subscribed", HASH)
        lines.send(tick=1_500_000_000, status="connected")
        tick = next(live)
        assert tick.event == "tick" and tick.at is not None and tick.at.timestamp() == 1_500_000_000
        lines.send(status="warning", message="You are consuming too slowly")
        assert next(live).message == "You are consuming too slowly"
        lines.cut()
        lost = next(live)
        assert lost.event == "lost" and lost.why and lost.again_in is not None and 0 <= lost.again_in < 1
        again = next(live)
        assert again.event == "connected" and again.missed is not None and again.missed >= 0
        assert next(live).event == "subscribed"
        lines.found(1)
        lines.found(1)
        first, second = next(live), next(live)
        assert isinstance(first, Interaction) and isinstance(second, Interaction)
        assert (first.repeated, second.repeated) == (False, True)
        # A record, whose interaction is read when it is looked at.
        assert first["data"] == first.data == {"interaction": {"id": "1"}}
        assert first.to_dict() == {"event": "interaction", "hash": HASH, "data": first.data, "repeated": False}
        assert pickle.loads(pickle.dumps(first)) == first and '"id"' in first.text
        lines.send(status="failure", message=f"The hash {HASH} does not exist")
        refused = next(live)
        assert (refused.event, refused.hash) == ("refused", HASH)


def test_streams_are_added_and_taken_away(lines: Lines) -> None:
    with listen(lines) as live:
        live.subscribe(OTHER)
        until = (event for event in live if event.event == "subscribed" and event.hash == OTHER)
        next(until)
        live.unsubscribe(HASH)
        while lines.hashes != [OTHER]:
            next(live)
        with pytest.raises(errors.InvalidError, match="32 hexadecimal digits"):
            live.subscribe("nonsense")
    with pytest.raises(errors.InvalidError):
        datasift.Client("ada", "key", lines.url).live("nonsense", on_delete=print)


def test_what_a_function_raises_is_raised_where_it_is_run_and_nothing_is_lost(lines: Lines) -> None:
    def stumble(event: Event) -> None:
        raise KeyError(id_of(event))

    def forget(event: Deleted) -> None:
        raise LookupError(event.id)

    def close(event: Event) -> None:
        came.append(id_of(event))
        live.close()

    came: list[str] = []
    with listen(lines, forget) as live:
        for n in range(5):
            lines.found(n)
        lines.deleted("x")
        lines.found(5)
        while not lines._told.empty():
            time.sleep(0.01)
        time.sleep(0.1)  # All of it comes at once.
        with pytest.raises(KeyError, match="0"):
            live.run(on_interaction=stumble)
        with pytest.raises(KeyError, match="1"):
            live.submit.run(on_interaction=stumble).result(timeout=10)
        with pytest.raises(KeyError, match="2"):
            asyncio.run(live._as(AIO).run(on_interaction=stumble))  # type: ignore[arg-type, func-returns-value]
        assert found(live, 2) == ["3", "4"]
        with pytest.raises(LookupError, match="x"):
            live.run(on_interaction=stumble)
        live.run(on_interaction=close)
        assert came == ["5"]


def test_a_function_that_nobody_would_await_is_told(lines: Lines) -> None:
    async def take(event: Event) -> None:
        pass

    with listen(lines) as live:
        with pytest.raises(TypeError, match="take whimbrel.aio"):
            live.run(on_connected=take)
        with pytest.raises(TypeError, match="take whimbrel.aio"):
            live.submit.run(on_subscribed=take).result(timeout=10)


def test_a_future_that_is_cancelled_calls_nobody_any_more(lines: Lines) -> None:
    came: list[str] = []
    with listen(lines) as live:
        future = live.submit.run(on_interaction=lambda it: came.append(id_of(it)))
        lines.found(1)
        end = time.monotonic() + 10
        while not came and time.monotonic() < end:
            time.sleep(0.01)
        assert future.cancel()
        lines.found(2)
        # Whoever reads now has what came meanwhile.
        assert found(live, 1) == ["2"] and came == ["1"]


def test_what_comes_while_an_awaiting_task_is_cancelled_is_not_lost(lines: Lines) -> None:
    async def awaited() -> list[str]:
        ids: list[str] = []
        client = aio.datasift.Client("ada", "key", lines.url)
        async with client.live(HASH, on_delete=print, over="http") as live:
            for n in range(200):
                lines.found(n)

            async def read() -> None:
                async for event in live:
                    if event.event == "interaction":
                        ids.append(id_of(event))

            while len(ids) < 200:
                task = asyncio.ensure_future(read())
                await asyncio.sleep(0.002)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return ids

    assert asyncio.run(awaited()) == [str(n) for n in range(200)]


def test_who_reads_too_slowly_is_told_and_memory_is_bounded(lines: Lines) -> None:
    with listen(lines, buffer=16 << 10) as live:
        assert next(live).event == "connected"
        for n in range(2000):
            lines.found(n, content="x" * 100)
        time.sleep(1)
        # A few came with what was read before; all else waits in the buffer, or at the server.
        assert lines._told.qsize() > 0 or len(live._came) < 100
        kinds: list[str] = []
        while kinds.count("interaction") < 2000:
            assert len(live._came) <= 64
            kinds.append(next(live).event)
        assert "behind" in kinds


def test_closing_ends_the_connection_and_the_task_and_so_does_letting_go(lines: Lines) -> None:
    live = listen(lines)
    lines.wait_for(open=1)
    live.close()
    lines.wait_for(open=0)
    live = listen(lines)
    lines.wait_for(open=1)
    del live
    gc.collect()
    lines.wait_for(open=0)

    async def left() -> None:
        client = aio.datasift.Client("ada", "key", lines.url)
        async with client.live(HASH, on_delete=print, over="http") as live:
            async for event in live:
                return

    asyncio.run(left())
    lines.wait_for(open=0)
    with pytest.raises(RuntimeError, match="on its own"):
        with listen(lines) as live:
            lines.wait_for(open=1)
            raise RuntimeError("on its own")
    lines.wait_for(open=0)


def test_others_run_while_one_waits(lines: Lines) -> None:
    with listen(lines) as live:
        assert [next(live).event for _ in range(2)] == ["connected", "subscribed"]
        waiting = threading.Thread(target=lambda: next(live))
        waiting.start()
        begun, turns = time.monotonic(), 0
        while time.monotonic() < begun + 0.3:
            turns += 1
        assert waiting.is_alive() and turns > 10_000
        lines.found(1)
        waiting.join(10)
        assert not waiting.is_alive()


def test_a_key_that_is_wrong_ends_it_and_is_never_shown(sandbox: Sandbox) -> None:
    for over in ("websocket", "http"):
        client: Any = datasift.Client(api_key="s3cret")
        with client.live(sandbox.stream, on_delete=print, over=over) as live:
            with pytest.raises(errors.AuthenticationError) as wrong:
                list(live)
            assert "s3cret" not in str(wrong.value) + repr(live) + repr(client)
            assert list(live) == []
    with pytest.raises(errors.InvalidError, match='"websocket" or "http"'):
        client.live(sandbox.stream, on_delete=print, over="pigeon")


def test_it_belongs_to_its_process(lines: Lines) -> None:
    with listen(lines) as live:
        with pytest.raises(TypeError, match="belongs to its process"):
            pickle.dumps(live)
        with pytest.raises(TypeError, match="async for"):
            iter(live._as(AIO))


LEFT = """
import sys, threading, time
from whimbrel import datasift
live = datasift.Client("ada", "key", {url!r}).live({hash!r}, on_delete=print, over="http")
future = live.submit.run(on_interaction=print)
threading.Thread(target=lambda: list(live), daemon=True).start()
time.sleep(0.2)
print("end", flush=True)
"""


def test_a_program_ends_whoever_listens(lines: Lines) -> None:
    script = LEFT.format(url=lines.url, hash=HASH)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
    lines.wait_for(open=0)


FORKED = """
import os
from whimbrel import datasift
client = datasift.Client("ada", "key", {url!r})
live = client.live({hash!r}, on_delete=print, over="http")
assert [next(live).event for _ in range(2)] == ["connected", "subscribed"]
if os.fork() == 0:
    for call in (lambda: next(live), live.close):
        try:
            call()
        except RuntimeError as error:
            print("forked" in str(error), flush=True)
    del live, call
    with client.live({hash!r}, on_delete=print, over="http") as own:
        print(next(own).event, flush=True)
    os._exit(0)
assert os.wait()[1] == 0
# The other one was in its place; it comes back.
print(next(live).event, flush=True)
live.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_leaves_it_alone_and_listens_by_itself(lines: Lines) -> None:
    script = FORKED.format(url=lines.url, hash=HASH)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout.split()) == (0, ["True", "True", "connected", "lost"]), done.stderr


SCRIPT = """
import sys, time
from whimbrel import datasift
with datasift.Client("ada", "key", {url!r}).live({hash!r}, on_delete=print, over="http") as live:
    assert [next(live).event for _ in range(2)] == ["connected", "subscribed"]
    print("begun", flush=True)
    try:
        {way}
    except KeyboardInterrupt:
        print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
@pytest.mark.parametrize("way", ["list(live)", "live.run()", "live.submit.run().result()"])
def test_it_is_stopped_within_100_milliseconds(lines: Lines, way: str) -> None:
    took = []
    for turn in range(5):
        script = SCRIPT.format(url=lines.url, hash=HASH, way=way)
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        time.sleep(0.1 + 0.005 * turn)  # At any time between two looks.
        sent = time.clock_gettime(time.CLOCK_MONOTONIC)
        os.kill(process.pid, signal.SIGINT)
        took.append(float(process.stdout.readline()) - sent)
        assert process.wait(10) == 0
        process.stdout.close()
    print(f"{way}: {[round(it * 1000) for it in took]} ms")
    assert statistics.median(took) < 0.1, took
