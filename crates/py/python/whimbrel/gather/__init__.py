"""Many calls at once, and what comes of each where it is wanted.

| | what came is read | and is |
|---|---|---|
| `KV` | by its key: a mapping | kept |
| `Ordered` | by its place: a sequence | kept |
| `FirstReply` | in the order in which calls are done; or the first that succeed win, and the others are cancelled | kept |
| `as_completed` | once, as calls are done | given away: any number of calls in bounded memory |
| `map` | once, in the order of the items | given away |

>>> from whimbrel import dserver, gather
>>> client = dserver.Client()
>>> readmes = gather.KV(limit=64)
>>> for dataset in client.search():
...     _ = readmes.put(dataset.uri, client.readme, dataset.uri)
>>> len(readmes) > 0 and all(isinstance(text, str) for text in readmes.values())
True

A call is
- **a method of a whimbrel client**, of any of the three faces, with its arguments: it is made at once in whimbrel's own
  runtime, with no thread for it and nothing of Python's until it is done;
- **a coroutine function** with its arguments, or a coroutine: it runs on the event loop that runs here, or else on one in
  a thread that all share (beside gevent's patches there can be none);
- **any other function** with its arguments: it runs in a thread, or under gevent's patches in a greenlet;
- **a future**: one of `concurrent.futures`, of asyncio's, or one of `client.submit`. It runs already, so no limit holds
  for it.

What holds for all of them:

- **A call begins when it is handed in.** With a `limit`, at most so many run at once, and those that wait begin in the order
  in which they came. Without one all begin at once, but for functions, which have 64 threads.
- **A failure is that call's alone.** It is raised where what came is read, each time, with the traceback that it has from
  where it happened; the others go on. `join()` waits for all of them, and raises all failures in one `Failed`.
- **Reading takes nothing away**, each iterator goes at its own pace, and a reader may bring its own `timeout`.
- **The `deadline`**, in seconds from when the gather was made, ends what is not done then with a
  `whimbrel.errors.TimeoutError`.
- **Who goes away cancels.** What is not done is cancelled at the end of a `with` (or `async with`) block, by `cancel()`, and
  when nobody holds the gather any more. Whimbrel's calls end their requests and coroutines are cancelled; a function that
  has begun runs on in its thread, for Python can't stop one, and nobody hears of what comes of it. A server that has a
  request may well finish what was asked: so race only what reads, or may be done twice.
- **Coroutines that run on the event loop that waits for them** would never be done: there, reading raises a `RuntimeError`,
  and `await` (of what `put` and `push` return, or of the whole gather) and `async for` are the way.
"""

from __future__ import annotations

from .failed import Failed
from .first_reply import FirstReply
from .kv import KV
from .ordered import Ordered
from .passing import as_completed, map

__all__ = ["KV", "Failed", "FirstReply", "Ordered", "as_completed", "map"]
