"""Calls from many threads, and what other threads do meanwhile."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import subprocess
import sys
import threading
import time
from typing import Any

from services import SlowServer
from whimbrel import aio, dserver


def client(slow: SlowServer, milliseconds: int = 0) -> dserver.Client:
    return dserver.Client(slow.url(milliseconds), token="t", cache="off", requests_at_once=1000)


def test_importing_starts_no_thread_and_a_plain_call_only_the_runtimes() -> None:
    script = """
import sys, threading, os
threads = lambda: len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
import whimbrel.dserver, whimbrel.aio, whimbrel.errors
client = whimbrel.dserver.Client("http://127.0.0.1:1", token="t", attempts=1)
assert threads() == 1, threads()
assert "asyncio" not in sys.modules and "concurrent.futures" not in sys.modules
try:
    client.versions()
except whimbrel.errors.UnavailableError:
    pass
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


def test_64_threads_make_calls_of_all_kinds(slow: SlowServer) -> None:
    plain = client(slow, 5)

    async def awaited() -> list[Any]:
        own = aio.dserver.Client(slow.url(5), token="t", cache="off")
        return await asyncio.gather(*[own.versions() for _ in range(5)])

    def work(number: int) -> int:
        if number % 3 == 0:
            return len([plain.versions() for _ in range(5)])
        if number % 3 == 1:
            return len([it.result(30) for it in [plain.submit.versions() for _ in range(5)]])
        return len(asyncio.run(awaited()))

    with cf.ThreadPoolExecutor(64) as pool:
        assert set(pool.map(work, range(192), timeout=50)) == {5}


def test_other_threads_go_on_during_a_call(slow: SlowServer) -> None:
    plain = client(slow, 300)
    plain.versions()
    steps, over = 0, False

    def count() -> None:
        nonlocal steps
        while not over:
            steps += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    begin = steps
    plain.versions()
    end, over = steps, True
    thread.join()
    assert end - begin > 50


def test_what_is_done_together_is_told_with_few_holdings_of_the_interpreter(slow: SlowServer) -> None:
    late, over = client(slow, 500), False
    told: list[float] = []

    def compute() -> None:
        while not over:
            sum(range(1000))

    futures = [late.submit.versions() for _ in range(500)]
    for future in futures:
        future.add_done_callback(lambda _: told.append(time.perf_counter()))
    thread = threading.Thread(target=compute)
    thread.start()
    try:
        cf.wait(futures, timeout=30)
    finally:
        over = True
        thread.join()
    # Who computes lets go of it after 5 ms, each time that somebody wants it.
    waits = sum(after - before > 0.004 for before, after in zip(told, told[1:]))
    assert waits < 125


def test_plain_calls_work_where_a_loop_runs(slow: SlowServer) -> None:
    plain = client(slow, 5)

    async def main() -> None:
        own = aio.dserver.Client(slow.url(5), token="t", cache="off")
        assert plain.versions() == await own.versions() == await plain.submit.versions()
        assert plain.submit.versions().result(5)

    asyncio.run(main())
    asyncio.run(main())
