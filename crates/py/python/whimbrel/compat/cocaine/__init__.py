"""`cocaine` 0.11 and 0.12, the framework's client side: change `from cocaine.` into `from whimbrel.compat.cocaine.`.

| cocaine | here |
|---|---|
| `services.Service`, `Locator`, `EmptyResponse`, `SecureServiceFabric` | the same, of both generations |
| 0.11: `node.list().get(timeout=1.0)`, `wait`, `then`, iteration, `perform_sync` | the same, without an event loop |
| 0.11: `futures.chain`: `source`, `Chain`, `All`, `concurrent`, `Deferred`, `FutureResult` | the same, on asyncio's loop or tornado's |
| 0.12: `channel = yield service.enqueue("ping")`, `channel.tx.write`, `channel.rx.get` | the same; `await` does it, too |
| `futures.threaded`, `ConcurrentWorker`, `logger.Logger`, `CocaineHandler`, `detail.trace.Trace` | the same |
| `exceptions`, `asio.exceptions` | the same; what went wrong in whimbrel's words is the `__cause__` |
| `worker`, `decorators.http` and the like | not there: this is the client's side |

What differs on purpose:

- **Nothing is lost silently.** What a chain raises is raised where it is read; if nobody reads it, it is logged by the logger
  `cocaine.errors` when the chain goes, or at the end.
- **A call is sent at once**, whether a loop runs or not, and a `Service` connects with its first call. What kept 0.11 from
  connecting is raised by that call.
- **No timer outlives its `get()`**: the `AssertionError` and the late `TimeoutError` of 0.11 are gone. A `source` ends with
  `ChokeEvent` after its value, and what it returns is that value.
- **A lost connection** fails all that is open on it once, with `DisconnectionError`, then there is `ChokeEvent`; 0.12 hung.
- **A channel keeps its connection**: the `Service` may go before it.
- A method that never answers (`logging.emit`) gives `ChokeEvent`; 0.12 waited for ever.
- Values are `bytes`, as 0.12 has them on Python 3 (`whimbrel.cocaine.text` makes text of them); texts of errors are `str`.
- `COCAINE_LOCATOR` counts, after `--locator` of the command line. A runtime of 0.11 has to be named:
  `Service("node", runtime="0.11")`, or for all of them `services.RUNTIME = "0.11"`.
- Resolving, connecting and sending have 60 seconds; `rx.get()` and `get()` wait for ever without a timeout, as they did.

>>> from whimbrel.compat.cocaine.services import Service
>>> node = Service("node")
>>> node.list().get(timeout=1.0)
[b'demo']
"""

from __future__ import annotations
