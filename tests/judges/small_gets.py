"""Gets many small answers in one way, to be watched from outside: `cargo xtask bench python`.

usage: python small_gets.py WAY URL COUNT, with DTOOL_CONFIG_DIR a folder without dtool.json
It prints JSON: `seconds` and `cpu` (of this process) of all, after some that warm up; for the ways that make one call after
another also `median`, a call's microseconds. Every way reads the JSON that comes, and looks at the readme in it.
"""

import asyncio
import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

AT_ONCE = 64
THREADS = 8
# An answer whose readme is another would show that one was mixed up.
READ = "temperature: 293.15"
HEADERS = {"Authorization": "Bearer token-of-nobody"}

way, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
warm = min(count, 500)


def uri(n):
    return f"s3://bucket/{n}"


def path(n):
    return f"{url}/readmes/s3%3A%2F%2Fbucket%2F{n}"


def check(text):
    if READ not in text:
        raise SystemExit(f"another answer came: {text!r}")


def timed(work):
    work(warm)
    start, cpu = time.perf_counter(), time.process_time()
    work(count)
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}


def in_turn(get):
    def work(n):
        for i in range(n):
            before = time.perf_counter()
            check(get(i))
            took.append(time.perf_counter() - before)

    took = []
    told = timed(work)
    return told | {"median": statistics.median(took[warm:]) * 1e6}


def on_threads(get):
    with ThreadPoolExecutor(THREADS) as pool:
        return timed(lambda n: [check(text) for text in pool.map(get, range(n))])


async def workers(get, n):
    """As many coroutines as are wanted at once, each with one call after another."""

    async def worker():
        for i in left:
            check(await get(i))

    left = iter(range(n))
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


def in_loop(work):
    """The same of a coroutine, all of it in one loop."""
    loop = asyncio.new_event_loop()
    try:
        return timed(lambda n: loop.run_until_complete(work(n)))
    finally:
        loop.close()


def with_requests():
    import requests

    session = requests.Session()
    session.headers.update(HEADERS)
    adapter = requests.adapters.HTTPAdapter(pool_connections=THREADS, pool_maxsize=THREADS)
    session.mount("http://", adapter)
    return lambda n: session.get(path(n)).json()["readme"]


def with_httpx():
    import httpx

    client = httpx.Client(headers=HEADERS)
    return lambda n: client.get(path(n)).json()["readme"]


def aiohttp_workers():
    import aiohttp

    async def all_of(n):
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

            async def get(i):
                async with session.get(path(i)) as answer:
                    return (await answer.json())["readme"]

            await workers(get, n)

    return in_loop(all_of)


def ours(module):
    return module.Client(url, token="token-of-nobody", requests_at_once=AT_ONCE)


def whimbrel_plain():
    from whimbrel import dserver

    return ours(dserver).readme


def whimbrel_workers():
    from whimbrel.aio import dserver

    client = ours(dserver)
    return in_loop(lambda n: workers(lambda i: client.readme(uri(i)), n))


def whimbrel_gather():
    from whimbrel.aio import dserver

    client = ours(dserver)

    async def all_of(n):
        for text in await asyncio.gather(*(client.readme(uri(i)) for i in range(n))):
            check(text)

    return in_loop(all_of)


def whimbrel_submit():
    from whimbrel import dserver

    client = ours(dserver).submit

    def work(n):
        for future in as_completed([client.readme(uri(i)) for i in range(n)]):
            check(future.result())

    return timed(work)


def whimbrel_map():
    from whimbrel import dserver, gather

    client = ours(dserver)

    def work(n):
        for text in gather.map(client.readme, map(uri, range(n)), limit=AT_ONCE):
            check(text)

    return timed(work)


def whimbrel_readmes():
    from whimbrel import dserver

    client = ours(dserver)

    def work(n):
        for _, text in client.readmes(map(uri, range(n)), limit=AT_ONCE):
            check(text)

    return timed(work)


WAYS = {
    "aiohttp": aiohttp_workers,
    "requests": lambda: on_threads(with_requests()),
    "await": whimbrel_workers,
    "gather": whimbrel_gather,
    "submit": whimbrel_submit,
    "map": whimbrel_map,
    "readmes": whimbrel_readmes,
    "requests-in-turn": lambda: in_turn(with_requests()),
    "httpx-in-turn": lambda: in_turn(with_httpx()),
    "plain-in-turn": lambda: in_turn(lambda n, get=whimbrel_plain(): get(uri(n))),
}

print(json.dumps(WAYS[way]()))
