"""Makes many small calls by Cocaine's own client of Python, to be timed: `cargo xtask bench cocaine`.

usage: python cocaine_calls.py ADDRESS COUNT, with cocaine 0.12.14.5, tornado 4.5.3 and msgpack 0.6.2
It prints JSON: `seconds` of all calls, AT_ONCE of them on their way together, over one connection that is made before.
"""

import collections
import collections.abc
import json
import sys
import time

# Where Python had it when these packages were written.
collections.MutableMapping = collections.abc.MutableMapping

from cocaine.detail.baseservice import BaseService  # noqa: E402
from tornado import gen, ioloop  # noqa: E402

AT_ONCE = 512
# The method as its locator would have told it.
API = {0: (b"get", {}, {0: (b"value", {}), 1: (b"error", {})})}

host, _, port = sys.argv[1].rpartition(":")
count = int(sys.argv[2])


@gen.coroutine
def work():
    service = BaseService("cache", [(host, int(port))])
    service.api = API
    yield ask(service, 100)
    start = time.perf_counter()
    for begun in range(0, count, AT_ONCE):
        yield ask(service, min(AT_ONCE, count - begun))
    raise gen.Return(time.perf_counter() - start)


@gen.coroutine
def ask(service, calls):
    channels = yield [service.get("key") for _ in range(calls)]
    answers = yield [channel.rx.get() for channel in channels]
    if any(answer != [True, b"value"] for answer in answers):
        raise SystemExit(f"another answer came: {answers}")


print(json.dumps({"seconds": ioloop.IOLoop.current().run_sync(work)}))
