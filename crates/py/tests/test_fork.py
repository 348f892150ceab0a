"""Clients in other processes: forked, spawned, and from a server of forks."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import multiprocessing as mp
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from services import Sandbox, SlowServer
from whimbrel import aio, dserver, errors

ANSWER = {"slow": "1.0"}

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

# Python says since 3.12 that threads and fork don't go together; here they have to.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def client(slow: SlowServer, milliseconds: int = 0, **settings: Any) -> dserver.Client:
    return dserver.Client(slow.url(milliseconds), token="t", **({"cache": "off", "requests_at_once": 4} | settings))


async def awaited(slow: SlowServer) -> Any:
    return await aio.dserver.Client(slow.url(), token="t", cache="off").versions()


def in_child(work: Callable[[], Any], leave: Callable[[int], Any] = os._exit) -> None:
    """Does it in a forked child, and fails with it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            leave(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@forks
def test_a_forked_child_uses_its_parents_client(slow: SlowServer) -> None:
    plain, own = client(slow), aio.dserver.Client(slow.url(), token="t", cache="off")

    async def awaits() -> Any:
        return await own.versions()

    def all_ways() -> None:
        assert plain.versions() == ANSWER
        assert plain.submit.versions().result(5) == ANSWER
        assert asyncio.run(awaits()) == ANSWER

    all_ways()
    in_child(all_ways)
    all_ways()
    in_child(lambda: in_child(all_ways))


@forks
@pytest.mark.limit(180)
def test_a_fork_amid_requests_of_other_threads_goes_well(slow: SlowServer) -> None:
    plain, over = client(slow, 1), threading.Event()

    def busy(number: int) -> None:
        while not over.is_set():
            if number % 2:
                plain.versions()
            else:
                cf.wait([plain.submit.versions() for _ in range(4)])

    threads = [threading.Thread(target=busy, args=(it,)) for it in range(6)]
    for thread in threads:
        thread.start()

    def all_ways() -> None:
        # The parent's requests hold all that may be sent at once; a child has its own.
        assert plain.versions() == ANSWER
        assert plain.submit.versions().result(5) == ANSWER
        assert asyncio.run(awaited(slow)) == ANSWER

    try:
        for _ in range(25):
            in_child(all_ways)
    finally:
        over.set()
        for thread in threads:
            thread.join()


@forks
def test_permits_that_the_parents_requests_hold_are_not_missing_in_a_child(slow: SlowServer) -> None:
    late = client(slow, 60_000)
    held = [late.submit.versions() for _ in range(4)]
    slow.wait_for(wait=4)
    # Of the same server and user: one limit for all of them.
    in_child(lambda: client(slow).versions())
    assert [it.cancel() for it in held] == [True] * 4


@forks
def test_what_was_begun_before_a_fork_goes_on_in_its_process_only(slow: SlowServer, sandbox: Sandbox) -> None:
    future, items = client(slow, 400).submit.versions(), iter(dserver.Client().search())
    next(items)
    listing = dserver.Client().search()
    cursor = listing._native.cursor()
    assert cursor.next().wait(None) is not None

    def child() -> None:
        with pytest.raises(RuntimeError, match="forked from"):
            future.result(5)
        assert future.cancel()
        with pytest.raises(RuntimeError, match="begin it anew"):
            cursor.next().wait(None)
        assert next(iter(listing))

    in_child(child)
    assert future.result(5) == ANSWER, "the child's cancellation is the child's"
    assert list(items) is not None


@forks
def test_a_child_that_ends_like_any_interpreter_is_clean(slow: SlowServer) -> None:
    import subprocess

    script = f"""
import asyncio, os, signal, sys, threading
from whimbrel import dserver, aio
plain = dserver.Client({slow.url(5)!r}, token="t", cache="off")
own = aio.dserver.Client({slow.url(5)!r}, token="t", cache="off")
async def main(): return await own.versions()
def ways():
    plain.versions(); plain.submit.versions().result(); asyncio.run(main())
ways()
left = [plain.submit.versions() for _ in range(20)]
child = os.fork()
if child == 0:
    signal.alarm(20)
    if {{how}}: ways()
    mine = [plain.submit.versions() for _ in range(20)] if {{how}} else None
    sys.exit(5)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) - 5)
"""
    for how in ("True", "False"):
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", script.replace("{how}", how)],
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (0, "")


@forks
def test_a_cache_in_a_file_is_not_carried_into_a_child(sandbox: Sandbox, tmp_path: Path) -> None:
    cached = dserver.Client(cache=str(tmp_path / "cache"))
    assert cached.versions() == cached.versions()

    def child() -> None:
        for _ in range(3):
            cached.versions()
            asyncio.run(aio_versions())

    async def aio_versions() -> Any:
        return await aio.dserver.Client(cache=str(tmp_path / "cache")).versions()

    in_child(child)
    assert cached.versions()


@forks
def test_a_token_generator_is_asked_anew_in_a_child(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSERVER_TOKEN")
    for name, value in sandbox.login.items():
        monkeypatch.setenv(name, value)
    client = dserver.Client()
    uri = next(iter(client.search())).uri
    assert client.dataset(uri).uri == uri

    def child() -> None:
        assert client.dataset(uri).uri == uri
        assert client.submit.dataset(uri).result(10).uri == uri

    in_child(child)
    in_child(lambda: in_child(child))


def _asks(client: dserver.Client) -> Any:
    return [client.versions(), client.submit.versions().result(10), asyncio.run(_awaits(client.url))]


async def _awaits(url: str) -> Any:
    return await aio.dserver.Client(url, cache="off").versions()


def _into(queue: Any, client: dserver.Client) -> None:
    queue.put(_asks(client))


METHODS = [it for it in ("fork", "spawn", "forkserver") if it in mp.get_all_start_methods()]


@pytest.mark.limit(120)
@pytest.mark.parametrize("method", METHODS)
def test_processes_and_pools_of_them_make_calls(sandbox: Sandbox, method: str) -> None:
    client = dserver.Client(cache="off")
    expected = _asks(client)
    context: Any = mp.get_context(method)
    queue = context.Queue()
    process = context.Process(target=_into, args=(queue, client))
    process.start()
    assert queue.get(timeout=30) == expected
    process.join(30)
    assert process.exitcode == 0
    with cf.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(_asks, [client] * 6, timeout=60)) == [expected] * 6


def test_clients_records_and_errors_are_pickled(sandbox: Sandbox) -> None:
    client = dserver.Client()
    dataset = next(iter(client.search()))
    for pack in (pickle, cloudpickle):
        again = pack.loads(pack.dumps(client))
        assert again.versions() == client.versions() and again.url == client.url
        assert pack.loads(pack.dumps(dataset)) == dataset
        with pytest.raises(errors.Error) as raised:
            client.dataset("s3://no/such")
        same = pack.loads(pack.dumps(raised.value))
        assert (type(same), same.status, str(same)) == (type(raised.value), raised.value.status, str(raised.value))
    assert cloudpickle.loads(cloudpickle.dumps(lambda: client.dataset(dataset.uri).uri))() == dataset.uri


def test_a_fork_ends_no_call_of_its_parents(slow: SlowServer) -> None:
    late = client(slow, 500).submit.versions()
    time.sleep(0.05)
    if hasattr(os, "fork"):
        in_child(lambda: None)
    assert late.result(5) == ANSWER
