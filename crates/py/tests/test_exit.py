"""The end of the interpreter, whatever is still on its way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from services import Sandbox, SlowServer

BEGIN = """
import asyncio, atexit, functools, sys, threading, time
import whimbrel.dserver, whimbrel.aio
@functools.cache
def client(ms, dserver=whimbrel.dserver):
    return dserver.Client({slow!r} + str(ms), token="t", cache="off", requests_at_once=1000)
"""

CASES = {
    "plain calls alone": "client(0).versions()",
    "futures that nobody waits for": "fs = [client(0).submit.versions() for i in range(60)]; client(0).versions()",
    "futures on their way": "fs = [client(i % 7 * 100).submit.versions() for i in range(60)]; time.sleep(0.01)",
    "futures that are forgotten": "for i in range(60): client(i % 7).submit.versions()",
    "awaitables on their way, the loop closed": """
def own(i): return client(i % 9, whimbrel.aio.dserver)
loop = asyncio.new_event_loop()
async def begin():
    global fs
    fs = [own(i).versions() for i in range(100)]
    await asyncio.sleep(0.004)
loop.run_until_complete(begin())
loop.close()
""",
    "asyncio.run with tasks left": """
async def main():
    own = client(50, whimbrel.aio.dserver)
    async def one(): await own.versions()
    tasks = [asyncio.create_task(one()) for _ in range(50)]
    await asyncio.sleep(0.01)
asyncio.run(main())
""",
    "daemon threads in plain calls": """
plain = client(2)
def work():
    while True: plain.versions()
for _ in range(8): threading.Thread(target=work, daemon=True).start()
time.sleep(0.03)
""",
    "daemon threads that submit": """
plain = client(1)
def work():
    while True: plain.submit.versions().result()
for _ in range(8): threading.Thread(target=work, daemon=True).start()
time.sleep(0.03)
""",
    "daemon threads with loops": """
async def main():
    own = client(1, whimbrel.aio.dserver)
    while True: await own.versions()
for _ in range(4): threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
time.sleep(0.1)
""",
    "callbacks that are due": """
plain = client(0)
for _ in range(200): plain.submit.versions().add_done_callback(lambda f: time.sleep(0.001))
time.sleep(0.02)
""",
    "a callback that makes calls": """
plain = client(5)
def callback(_):
    for _ in range(3): plain.versions()
for _ in range(20): plain.submit.versions().add_done_callback(callback)
time.sleep(0.02)
""",
    "an unfinished list": """
import os
os.environ["DSERVER_URL"], os.environ["DSERVER_TOKEN"] = {url!r}, {token!r}
items = iter(whimbrel.dserver.Client().search())
next(items)
async def main():
    async for it in whimbrel.aio.dserver.Client().search(): return
asyncio.run(main())
""",
}


@pytest.fixture(scope="module")
def crawling(_no_settings_of_the_user: None) -> Iterator[Sandbox]:
    """A sandbox whose lists have pages, and which takes its time."""
    with Sandbox("--latency", "30", "--datasets", "300") as sandbox:
        yield sandbox


def end(script: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.limit(300)
@pytest.mark.parametrize("case", CASES)
def test_the_end_is_silent_and_clean(slow: SlowServer, crawling: Sandbox, case: str) -> None:
    # `WHIMBREL_TEST_EXITS=40` for all that is asked for; each takes a process.
    runs = int(os.environ.get("WHIMBREL_TEST_EXITS", "5"))
    url, token = crawling.dserver_url, crawling.environment["DSERVER_TOKEN"]
    script = BEGIN.format(slow=slow.url()[:-1]) + CASES[case].replace("{url!r}", repr(url)).replace(
        "{token!r}", repr(token)
    )
    ends = [end(script) for _ in range(runs)]
    assert ends == [(0, "")] * runs


def test_the_exit_code_is_the_scripts(slow: SlowServer) -> None:
    begin = BEGIN.format(slow=slow.url()[:-1]) + "f = client(60000).submit.versions()\n"
    assert end(begin + "sys.exit(7)") == (7, "")
    code, text = end(begin + "raise ValueError('so')")
    assert code == 1 and text.rstrip().endswith("ValueError: so")


def test_the_end_waits_for_no_request(slow: SlowServer) -> None:
    begin = time.monotonic()
    assert end(BEGIN.format(slow=slow.url()[:-1]) + "f = client(60000).submit.versions(); time.sleep(0.1)") == (0, "")
    assert time.monotonic() - begin < 4


def test_what_users_register_for_the_end_may_still_make_calls(slow: SlowServer) -> None:
    script = "plain = client(0); atexit.register(lambda: print(plain.versions(), plain.submit.versions().result()))"
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.format(slow=slow.url()[:-1]) + script], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("slow") == 2


def test_a_callback_under_way_is_waited_for(slow: SlowServer) -> None:
    script = """
def callback(_):
    plain.versions()
    time.sleep(0.2)
    print("ended")
plain = client(20)
plain.submit.versions().add_done_callback(callback)
time.sleep(0.1)
"""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN.format(slow=slow.url()[:-1]) + script], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "ended\n")
