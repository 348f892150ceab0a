"""Ctrl-C."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time

import pytest
from services import SlowServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")

WAYS = {
    "plain": "plain.versions()",
    "future": "plain.submit.versions().result()",
    "asyncio.run, plain": """
async def main():
    plain.versions()
asyncio.run(main())
""",
    "asyncio.run, awaited": """
async def main():
    await aio.dserver.Client(url, token="t").versions()
asyncio.run(main())
""",
    "list": "list(plain.search())",
}

SCRIPT = """
import asyncio, sys, time
from whimbrel import aio, dserver
url = {url!r}
plain = dserver.Client(url, token="t", cache="off")
print("begun", flush=True)
try:
    {way}
except KeyboardInterrupt:
    print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
"""


@pytest.mark.parametrize("way", WAYS)
def test_it_stops_what_the_main_thread_waits_for(
    slow: SlowServer, way: str, record_property: pytest.RecordProperty
) -> None:
    if sys.version_info < (3, 11) and way == "asyncio.run, plain":
        pytest.skip("asyncio tells of it since 3.11")
    script = SCRIPT.format(url=slow.url(60_000), way=WAYS[way].strip().replace("\n", "\n    "))
    took = []
    for _ in range(5):
        waiting = slow.counts()["wait"]
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        slow.wait_for(wait=waiting + 1)
        sent = time.clock_gettime(time.CLOCK_MONOTONIC)
        os.kill(process.pid, signal.SIGINT)
        took.append(float(process.stdout.readline()) - sent)
        assert process.wait(10) == 0
        process.stdout.close()
        # The request is over, too.
        slow.wait_for(wait=waiting)
    median = statistics.median(took)
    record_property("milliseconds", round(median * 1000))
    print(f"{way}: {median * 1000:.0f} ms, of {[round(it * 1000) for it in took]}")
    assert median < 0.15, took
