"""Many calls at once: functions, coroutines, futures, and whimbrel's own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
import traceback
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from services import SlowServer

from whimbrel import dserver, errors, gather
from whimbrel.gather import KV, Failed, FirstReply, Ordered

AGES = 60_000  # milliseconds: nobody waits so long


def failing(text: str = "so it is") -> None:
    raise ValueError(text)


async def later(seconds: float, value: Any) -> Any:
    await asyncio.sleep(seconds)
    return value


@pytest.fixture
def client(slow: SlowServer) -> dserver.Client:
    """One whose calls are answered at once."""
    return dserver.Client(slow.url(0), token="t", requests_at_once=64, cache="off")


@pytest.fixture
def never(slow: SlowServer) -> Iterator[dserver.Client]:
    """One whose calls are not answered while a test runs."""
    slow.wait_for(wait=0)
    yield dserver.Client(slow.url(AGES), token="t", requests_at_once=64, cache="off")
    slow.wait_for(wait=0)


class Meter:
    """How many are in it at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: Any) -> None:
        with self._lock:
            self.now -= 1


# By key


def test_a_gather_by_key_is_a_mapping_of_values() -> None:
    kv = KV[str, int]({"one": lambda: 1, "two": lambda: 2})
    kv["three"] = lambda: 3
    assert dict(kv) == {"one": 1, "two": 2, "three": 3}
    assert dict(**kv) == kv.join() == dict(kv.items()) == kv
    assert list(kv.values()) == [1, 2, 3]
    assert "{one} {three}".format_map(kv) == "1 3"
    assert not isinstance(kv, dict), "** would copy a dict's inside"


def test_arguments_reach_the_function_by_place_and_by_name() -> None:
    kv = KV[str, Any]()
    kv.put("both", lambda *args, **kwargs: (args, kwargs), 1, 2, limit=4, key="k", call="c")
    assert kv["both"] == ((1, 2), {"limit": 4, "key": "k", "call": "c"})


def test_who_asks_which_keys_there_are_waits_for_nothing() -> None:
    gate = threading.Event()
    kv = KV({"slow": gate.wait})
    assert "slow" in kv and list(kv) == ["slow"] and len(kv) == 1 and "0 of 1" in repr(kv)
    with pytest.raises(KeyError):
        kv["other"]
    assert kv.get("other", "default") == "default"
    gate.set()
    assert kv["slow"] is True and kv["slow"] is True and "1 of 1" in repr(kv)


def test_a_value_of_none_is_a_value() -> None:
    assert KV({"none": lambda: None})["none"] is None


def test_all_begin_when_they_are_handed_in() -> None:
    meeting = threading.Barrier(10)
    Ordered([partial(meeting.wait, 10)] * 10).join()


def test_an_error_is_raised_where_it_is_read_and_with_the_traceback_of_where_it_was() -> None:
    kv = KV({"bad": failing, "good": lambda: 1})
    lengths = set()
    for _ in range(3):
        with pytest.raises(ValueError, match="so it is") as caught:
            kv["bad"]
        names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert names[-1] == "failing"
        lengths.add(len(names))
    assert len(lengths) == 1, "it does not grow with each reading"
    assert kv["good"] == 1


def test_a_key_error_of_a_call_is_no_missing_key() -> None:
    kv = KV({"bad": partial({}.__getitem__, "inner")})
    with pytest.raises(KeyError, match="inner"):
        kv.get("bad", "default")


def test_a_reader_may_bring_a_time_limit_which_ends_nothing() -> None:
    gate = threading.Event()
    kv = KV({"slow": gate.wait})
    with pytest.raises(TimeoutError):
        kv.get("slow", timeout=0.01)
    with pytest.raises(TimeoutError):
        kv.join(timeout=0.01)
    gate.set()
    assert kv["slow"] is True


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions came with 3.11")
def test_a_part_of_what_failed_knows_whose_it_is() -> None:
    kv: KV[str, object] = KV({"a": failing, "b": lambda: {}["none"]})
    with pytest.raises(Failed) as caught:
        kv.join()
    part, rest = caught.value.split(KeyError)
    assert isinstance(part, Failed) and isinstance(rest, Failed)
    assert (list(part.failures), list(rest.failures)) == (["b"], ["a"])


def test_joining_waits_for_all_and_raises_all_that_failed() -> None:
    done = []
    kv = KV({"a": failing, "b": partial(failing, "b too"), "c": lambda: (time.sleep(0.05), done.append(1))})
    with pytest.raises(Failed, match="2 of 3 calls failed; 'a': ValueError: so it is") as caught:
        kv.join()
    assert done == [1]
    assert {key: str(e) for key, e in caught.value.failures.items()} == {"a": "so it is", "b": "b too"}
    assert sorted(map(str, caught.value.exceptions)) == ["b too", "so it is"]
    if sys.version_info >= (3, 11):
        assert isinstance(caught.value, ExceptionGroup)


def test_what_had_a_key_before_is_cancelled(never: dserver.Client, slow: SlowServer) -> None:
    kv = KV[str, Any]()
    former = kv.put("k", never.readme, "u")
    slow.wait_for(wait=1)
    kv["k"] = lambda: "new"
    assert former.cancelled() and kv["k"] == "new"
    slow.wait_for(wait=0)
    del kv["k"]
    assert "k" not in kv


def test_what_is_no_call_is_refused() -> None:
    with pytest.raises(TypeError, match="an object of int is no call"):
        KV({"five": 5})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="limit=0"):
        KV(limit=0)


# Whimbrel's own calls


@pytest.mark.parametrize("face", ["plain", "submit", "partial", "future"])
def test_calls_of_a_client_need_no_thread(client: dserver.Client, face: str) -> None:
    others, threads = set(threading.enumerate()), set()

    def call(uri: str) -> Any:
        if face == "future":
            return client.submit.readme(uri)
        method = client.submit.readme if face == "submit" else client.readme
        return partial(method, uri)

    kv = KV({n: call(f"u{n}") for n in range(200)}, limit=16)
    while not kv.reply(199).done():
        threads |= {thread.name for thread in threading.enumerate() if thread not in others}
        time.sleep(0.001)
    assert kv.join() == {n: f"readmes/u{n}" for n in range(200)}
    assert not any(name.startswith("whimbrel-gather") for name in threads)


def test_a_list_of_a_client_is_all_of_it(sandbox: Any) -> None:
    client = dserver.Client()
    found, again = Ordered([client.search, client.search], limit=1)
    assert [it.uri for it in found] == [it.uri for it in again] == [it.uri for it in client.search()]


def test_a_failed_call_of_a_client_raises_its_own_error(client: dserver.Client) -> None:
    kv = KV[str, str]()
    kv.put("gone", client.readme, "status-404")
    kv.put("here", client.readme, "here")
    kv.put("wrong", client.readme, no_such_argument=1)
    with pytest.raises(errors.NotFoundError):
        kv["gone"]
    with pytest.raises(TypeError, match="no_such_argument"):
        kv["wrong"]
    assert kv["here"] == "readmes/here"


def test_a_method_of_a_users_own_class_is_a_function(slow: SlowServer) -> None:
    class Shouting(dserver.Client):
        def readme(self, uri: str) -> str:
            return super().readme(uri).upper()

    assert Ordered([partial(Shouting(slow.url(0), token="t").readme, "u")])[0] == "READMES/U"


def test_no_more_requests_than_the_limit_are_on_their_way(slow: SlowServer) -> None:
    client = dserver.Client(slow.url(50), token="t", requests_at_once=64, cache="off")
    with Ordered[str](limit=4) as readmes:
        for n in range(40):
            readmes.push(client.readme, f"u{n}")
        most = 0
        while not readmes.reply(-1).done():
            most = max(most, slow.counts()["wait"])
        assert most == 4
        assert readmes.join() == [f"readmes/u{n}" for n in range(40)]


@pytest.mark.parametrize("kind", [KV, Ordered, FirstReply, "as_completed", "map"])
def test_who_goes_away_ends_the_requests(kind: Any, never: dserver.Client, slow: SlowServer) -> None:
    calls = {n: partial(never.readme, f"u{n}") for n in range(10)}
    closed = slow.counts()["closed"]
    if kind == "as_completed":
        made: Any = gather.as_completed(calls)
    elif kind == "map":
        made = gather.map(never.readme, map(str, range(10)))
    else:
        made = kind(calls if kind is KV else calls.values())
    slow.wait_for(wait=10)
    del made, calls
    gc.collect()
    slow.wait_for(wait=0, closed=closed + 10)


def test_the_end_of_a_block_ends_the_requests_and_those_in_line_are_never_sent(
    never: dserver.Client, slow: SlowServer
) -> None:
    came = slow.counts()["came"]
    with KV[int, str](limit=3) as kv:
        for n in range(500):
            kv.put(n, never.readme, f"u{n}")
        slow.wait_for(wait=3)
    slow.wait_for(wait=0)
    assert slow.counts()["came"] == came + 3
    with pytest.raises(concurrent.futures.CancelledError):
        kv[0]
    with pytest.raises(RuntimeError, match="the block of this gather is over"):
        kv["more"] = failing  # type: ignore[index]


def test_ten_thousand_calls_are_kept_in_line(client: dserver.Client) -> None:
    kv = KV({n: partial(client.readme, f"u{n}") for n in range(10_000)}, limit=64)
    assert sum(len(text) for text in kv.values()) == sum(len(f"readmes/u{n}") for n in range(10_000))


# Bounds


def test_a_limit_holds_for_functions_and_coroutines_together() -> None:
    meter = Meter()

    def function() -> str:
        with meter:
            time.sleep(0.005)
        return "function"

    async def coroutine() -> str:
        with meter:
            await asyncio.sleep(0.005)
        return "coroutine"

    both = Ordered([function, coroutine] * 30, limit=3)
    assert both.join() == ["function", "coroutine"] * 30
    assert meter.most == 3


def test_those_that_wait_begin_in_the_order_in_which_they_came() -> None:
    begun: list[int] = []
    Ordered([partial(begun.append, n) for n in range(500)], limit=1).join()
    assert begun == list(range(500))


def test_what_fails_or_is_cancelled_makes_room_for_the_next() -> None:
    gate = threading.Event()
    calls = Ordered[Any](limit=1)
    calls.push(gate.wait)
    calls.push(failing)
    dropped = calls.push(lambda: "never")
    calls.push(later, 0, "coroutine")
    calls.push(lambda: "last")
    assert dropped.cancel()
    gate.set()
    assert calls[-2:] == ["coroutine", "last"]


def test_the_deadline_is_the_error_of_what_is_not_done(never: dserver.Client, slow: SlowServer) -> None:
    gate = threading.Event()
    kv = KV[str, Any](deadline=0.2)
    kv.put("request", never.readme, "u")
    kv.put("function", gate.wait)
    kv.put("coroutine", later, 60, "late")
    kv.put("quick", lambda: "in time")
    slow.wait_for(wait=1)
    for key in ("request", "function", "coroutine"):
        with pytest.raises(errors.TimeoutError, match="not done within the gather's 0.2 s"):
            kv[key]
    assert kv["quick"] == "in time"
    slow.wait_for(wait=0)
    with pytest.raises(TimeoutError):
        kv.put("after it", lambda: "late").result(0)
    gate.set()


def test_a_deadline_that_nobody_needs_any_more_is_forgotten() -> None:
    kv = KV({"quick": lambda: 1}, deadline=3600)
    assert kv.join() == {"quick": 1}
    gone = weakref.ref(kv)
    del kv
    assert gone() is None


# Coroutines and futures


def test_coroutines_run_where_no_event_loop_does() -> None:
    kv = KV[str, Any]({"object": later(0.01, 1)})
    kv.put("function", later, 0.01, 2)
    kv.put("bad", later, "soon", 3)
    assert (kv["object"], kv["function"]) == (1, 2)
    with pytest.raises(TypeError):
        kv["bad"]


def test_coroutines_run_on_the_loop_that_runs_and_are_awaited_there() -> None:
    async def loop_of() -> Any:
        await asyncio.sleep(0.01)
        return asyncio.get_running_loop()

    async def main() -> None:
        kv = KV[str, Any]({"one": loop_of, "two": loop_of()}, limit=1)
        with pytest.raises(RuntimeError, match="await it"):
            kv["one"]
        here = asyncio.get_running_loop()
        assert await kv.reply("one") is here
        assert await kv == {"one": here, "two": here}
        assert kv["two"] is here
        with pytest.raises(Failed):
            await Ordered([failing])

    asyncio.run(main())


def test_native_calls_can_be_read_plainly_inside_a_running_loop(client: dserver.Client) -> None:
    async def main() -> dict[str, str]:
        return dict(KV({"u": partial(client.readme, "u")}))

    assert asyncio.run(main()) == {"u": "readmes/u"}


def test_calls_of_an_aio_client_are_calls(slow: SlowServer) -> None:
    from whimbrel.aio import dserver as aio

    client = aio.Client(slow.url(10), token="t")
    calls = [partial(client.readme, "a"), partial(client.readme, "b")]
    assert Ordered(calls, limit=1).join() == ["readmes/a", "readmes/b"]

    async def main() -> list[str]:
        return await Ordered([*calls, client.readme("c")])

    assert asyncio.run(main()) == ["readmes/a", "readmes/b", "readmes/c"]


def test_a_block_of_asyncio_leaves_no_task_behind(never: dserver.Client, slow: SlowServer) -> None:
    ended: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            ended.append("yes")

    async def main() -> None:
        async with FirstReply[Any]([stubborn, stubborn]) as replies:
            replies.push(never.readme, "u")
            while slow.counts()["wait"] != 1:
                await asyncio.sleep(0.01)
        assert ended == ["yes", "yes"]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    slow.wait_for(wait=0)


def test_what_ran_on_a_loop_that_is_closed_is_not_waited_for() -> None:
    kept = []

    async def main() -> None:
        kept.append(KV({"endless": partial(later, 60, 0)}))
        await asyncio.sleep(0)

    asyncio.run(main())
    with pytest.raises(concurrent.futures.CancelledError):
        kept[0]["endless"]
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    kv = KV({"endless": future})
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        kv["endless"]


def test_futures_of_others_are_followed() -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        good, bad, dropped = pool.submit(lambda: 1), pool.submit(failing), concurrent.futures.Future[int]()
        dropped.cancel()
        kv = KV({"good": good, "bad": bad, "dropped": dropped})
        assert kv["good"] == 1
        with pytest.raises(ValueError):
            kv["bad"]
        with pytest.raises(concurrent.futures.CancelledError):
            kv["dropped"]


def test_a_function_that_gives_a_future_or_a_coroutine_gives_what_comes_of_it(client: dserver.Client) -> None:
    calls = Ordered([lambda: client.submit.readme("u"), lambda: later(0, 2), partial(partial(later, 0), 3)], limit=2)
    assert list(calls) == ["readmes/u", 2, 3]


def test_the_futures_that_come_back_are_real_ones(client: dserver.Client) -> None:
    kv = KV[int, Any]()
    given = [kv.put(0, client.readme, "u"), kv.put(1, later, 0, 1), kv.put(2, lambda: 2)]
    done, waiting = concurrent.futures.wait(given, timeout=10)
    assert not waiting and {it.result() for it in done} == {"readmes/u", 1, 2}


def test_threads_are_as_many_as_are_needed_and_go_with_their_gather() -> None:
    def ours() -> int:
        return sum(thread.name.startswith("whimbrel-gather") for thread in threading.enumerate())

    gc.collect()
    time.sleep(0.05)
    others = ours()
    one_by_one = Ordered[int]()
    for n in range(20):
        assert one_by_one.push(int, n).result() == n
        time.sleep(0.001)
    assert ours() <= others + 2
    many = Ordered([partial(time.sleep, 0.02)] * 200)
    assert many.join() == [None] * 200
    assert ours() <= others + 2 + 64
    del one_by_one, many
    gc.collect()
    end = time.monotonic() + 10
    while ours() > others:
        assert time.monotonic() < end, f"{ours() - others} threads are left"
        time.sleep(0.01)


def test_a_function_that_gets_no_thread_fails_and_never_runs_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("no thread can be had")

    ran: list[int] = []
    kv = KV[int, Any](limit=1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError, match="no thread can be had"):
            kv.put(1, ran.append, 1).result(10)
    running = [0, 0]

    def work() -> None:
        running[0] += 1
        running[1] = max(running)
        time.sleep(0.02)
        running[0] -= 1

    for n in range(2, 5):
        kv.put(n, work)
    time.sleep(0.2)
    assert kv[4] is None and (ran, running) == ([], [0, 1]), "the limit holds as before"


# In order


def test_ordered_calls_are_a_sequence() -> None:
    squares = Ordered([partial(pow, n, 2) for n in range(6)], limit=2)
    assert len(squares) == 6 and squares[0] == 0 and squares[-1] == 25
    assert squares[1:3] == [1, 4] and squares[::-2] == [25, 9, 1] and squares[9:] == []
    assert list(reversed(squares)) == [25, 16, 9, 4, 1, 0] and 16 in squares and squares.index(9) == 3
    for place in (6, -7):
        with pytest.raises(IndexError):
            squares[place]


def test_each_iterator_goes_at_its_own_pace() -> None:
    letters = Ordered([partial(str, c) for c in "abc"])
    assert [x + y for x in letters for y in letters] == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"]
    assert list(letters) == ["a", "b", "c"]


@pytest.mark.parametrize("make", [Ordered, lambda calls: gather.map(lambda call: call(), calls, limit=1)])
def test_an_error_takes_the_place_of_its_value_and_the_next_comes_after_it(make: Any) -> None:
    reading = iter(make([lambda: 1, failing, lambda: 3]))
    assert next(reading) == 1
    with pytest.raises(ValueError):
        next(reading)
    assert list(reading) == [3]


def test_order_is_that_of_pushing_whoever_is_done_first() -> None:
    slept = Ordered([partial(later, 0.03 - n / 100, n) for n in range(3)])
    assert list(slept) == slept.join() == [0, 1, 2]


# As they come


def test_first_replies_come_in_the_order_in_which_they_are_done() -> None:
    gates = [threading.Event() for _ in range(3)]
    replies = FirstReply[int]()
    for n, gate in enumerate(gates):
        replies.push(lambda n=n, gate=gate: gate.wait(10) and n)
    reading = iter(replies)
    for n in (2, 0, 1):
        gates[n].set()
        assert next(reading) == n
    assert replies[0] == 2 and replies[-1] == 1 and replies[:2] == [2, 0]
    assert list(replies) == list(replies) == replies.join() == [2, 0, 1]


def test_the_first_value_wins_and_the_other_requests_end(
    client: dserver.Client, never: dserver.Client, slow: SlowServer
) -> None:
    replies = FirstReply[str]()
    for it in (never, never, client):
        replies.push(it.readme, "status-404" if it is client else "u")
    slow.wait_for(wait=2)
    replies.push(client.readme, "found")
    assert replies.first(timeout=10) == "readmes/found"
    slow.wait_for(wait=0)


def test_if_none_succeeds_all_that_failed_is_told() -> None:
    with pytest.raises(Failed, match="2 of 2 calls failed") as caught:
        FirstReply([failing, partial(failing, "so too")]).first()
    assert {place: str(error) for place, error in caught.value.failures.items()} == {0: "so it is", 1: "so too"}
    with pytest.raises(ValueError, match="1 values can't come of 0 calls"):
        FirstReply().first()


def test_as_many_as_are_wished_are_taken_and_no_hope_is_told_at_once(never: dserver.Client, slow: SlowServer) -> None:
    replies = FirstReply[Any]([lambda: 1, partial(later, 0.02, 2)])
    replies.push(never.readme, "u")
    assert replies.take(2) == [1, 2]
    slow.wait_for(wait=0)
    hopeless = FirstReply[Any]([failing, lambda: 1])
    hopeless.push(never.readme, "u")
    with pytest.raises(Failed, match="1 of 3 calls failed"):
        hopeless.take(3)
    slow.wait_for(wait=0)


def test_the_first_is_awaited_in_a_coroutine() -> None:
    async def main() -> None:
        async with FirstReply([partial(later, 60, "late"), partial(later, 0.01, "soon"), failing]) as replies:
            assert await replies.afirst() == "soon"
        async with FirstReply([partial(later, n / 100, n) for n in (3, 1, 2)]) as replies:
            assert await replies.atake(2) == [1, 2]
        async with FirstReply([partial(later, n / 100, n) for n in (3, 1, 2)]) as replies:
            assert [n async for n in replies] == [1, 2, 3] == await replies

    asyncio.run(main())


def test_calls_without_end_are_begun_as_they_are_taken() -> None:
    begun: list[int] = []

    def calls() -> Iterator[Any]:
        for n in itertools.count():
            begun.append(n)
            yield partial(int, n)

    taken = list(itertools.islice(gather.as_completed(calls(), limit=4), 100))
    assert len(taken) == 100 and all(future.result() == place for place, future in taken)
    assert 100 <= len(begun) <= 104
    assert list(itertools.islice(gather.map(str, itertools.count(), limit=3), 3)) == ["0", "1", "2"]


def test_what_was_taken_is_in_no_memory(client: dserver.Client) -> None:
    class Value(str):
        alive = 0

        def __init__(self, _: str) -> None:
            Value.alive += 1

        def __del__(self) -> None:
            Value.alive -= 1

    most = 0
    gc.disable()  # It must not need that.
    try:
        for _ in gather.map(Value, map(str, range(5_000)), limit=8):
            most = max(most, Value.alive)
        for _, future in gather.as_completed((partial(Value, str(n)) for n in range(5_000)), limit=8):
            most = max(most, Value.alive)
    finally:
        gc.enable()
    assert most <= 10


def test_completed_calls_have_their_keys() -> None:
    calls = {"slow": partial(later, 0.05, 1), "quick": partial(later, 0, 2), "bad": failing}
    found = {key: future.exception() or future.result() for key, future in gather.as_completed(calls)}
    assert found.pop("bad").args == ("so it is",)
    assert found == {"quick": 2, "slow": 1}


def test_completed_calls_come_to_coroutines(client: dserver.Client) -> None:
    async def main() -> None:
        readmes = gather.as_completed((partial(client.readme, str(n)) for n in range(300)), limit=16)
        assert {(n, it.result()) async for n, it in readmes} == {(n, f"readmes/{n}") for n in range(300)}
        assert [n async for n in gather.map(partial(later, 0), range(50), limit=5)] == list(range(50))

    asyncio.run(main())


# Processes


def run(program: str, *options: str) -> None:
    """A program that has to end well, in time, and without a word."""
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_program_ends_in_silence_with_work_pending(slow: SlowServer) -> None:
    run(
        f"""
        import asyncio, time
        from whimbrel import dserver, gather
        client = dserver.Client({slow.url(AGES)!r}, token="t")
        kv = gather.KV(limit=8, deadline=50)
        for n in range(50):
            kv.put(n, client.readme, str(n))
        others = gather.Ordered([lambda: asyncio.sleep(60), lambda: time.sleep(0.1)] * 50, limit=4)
        coroutines = gather.Ordered([asyncio.sleep(60) for _ in range(20)])
        waiting = gather.FirstReply([lambda: client.readme("u"), lambda: time.sleep(60)] * 5)
        time.sleep(0.05)
        """
    )
    slow.wait_for(wait=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_gathers_anew(slow: SlowServer) -> None:
    run(
        f"""
        import asyncio, os
        from functools import partial
        from whimbrel import dserver, gather
        client = dserver.Client({slow.url(0)!r}, token="t")
        calls = [partial(client.readme, "u"), partial(asyncio.sleep, 0, 1), partial(int, 2)]
        expected = ["readmes/u", 1, 2]
        assert gather.Ordered(calls, limit=1).join() == expected
        child = os.fork()
        assert gather.Ordered(calls, limit=1).join() == expected
        if child:
            assert os.waitpid(child, 0)[1] == 0
        """,
        "-W",
        "ignore",
    )


GEVENT = """
import time
from functools import partial
import gevent
from whimbrel import dserver, gather

client = dserver.Client({url!r}, token="t", requests_at_once=64)
ticks = []

def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.005)

gevent.spawn(tick)
kv = gather.KV({{n: partial(client.readme, str(n)) for n in range(200)}}, limit=16)
assert kv.join(timeout=20) == {{n: f"readmes/{{n}}" for n in range(200)}}
functions = gather.FirstReply([partial(time.sleep, 0.02)] * 20, limit=20)
begun = time.monotonic()
assert list(functions) == [None] * 20
assert time.monotonic() - begun < 0.3, "one after another"
assert len(ticks) > 3, "other greenlets waited"
try:
    gather.KV({{"slow": partial(time.sleep, 0.5)}}).get("slow", timeout=0.01)
except TimeoutError:
    pass
else:
    raise AssertionError("no timeout")
assert [it.result() for _, it in gather.as_completed([partial(int, n) for n in range(50)], limit=1)] == list(range(50))
assert gather.FirstReply([partial(time.sleep, 60), partial(int, 1)]).first() == 1
"""


def test_coroutines_beside_patches_of_gevent_are_refused() -> None:
    pytest.importorskip("gevent", reason="gevent is not installed: gathering under it is not tested")
    run(
        """
        from gevent import monkey; monkey.patch_all()
        from whimbrel.gather import KV
        async def main():
            return 1
        try:
            KV()["alone"] = main
        except RuntimeError as e:
            assert "beside gevent's patches" in str(e)
        else:
            raise AssertionError("not refused")
        """
    )


@pytest.mark.parametrize("is_patched", [False, True])
def test_reading_lets_other_greenlets_run(slow: SlowServer, is_patched: bool) -> None:
    pytest.importorskip("gevent", reason="gevent is not installed: gathering under it is not tested")
    patch = "from gevent import monkey; monkey.patch_all()\n" if is_patched else ""
    program = GEVENT.replace("time.sleep, 60", "gevent.sleep, 60") if is_patched else GEVENT
    if not is_patched:
        program = program.replace("partial(time.sleep, 60)", "partial(time.sleep, 1)")
    run(patch + program.format(url=slow.url(5)), "-W", "ignore")
