"""`codap` 0.0.5, over `whimbrel.gather`: change `import codap` into `from whimbrel.compat import codap`.

| codap | here |
|---|---|
| `kv[k] = fn`, `kv.put(k, fn, *args, **kwargs)`, `kv.put(k)` | the same. `put` gives what has `get()`, and `put(value)` for the caller of `kv.put(k)` to fill |
| `kv[k]`, `in`, `len`, `keys()`, iteration | the same |
| `kv.get`, `.values()`, `.items()`, `dict(kv)`, `f(**kv)` | the values; codap gave its queues |
| `o.push(fn, ...)`, `o[i]`, `len`, repeated iteration | the same, without a line printed at each `o[i]` |
| `o.append`, `o + fn`, `o += fn`, slices, negative places | they work; `o + fn` is `o` |
| `fr.push(fn, ...)`, `len`, iteration in the order of replies | the same: each reply is given once, and those of later pushes after it |
| `fr[0]` | works, as codap's README has it |
| `Queue`, `spawn` | gevent's where gevent runs; else the standard library's, and a thread |

What differs on purpose:

- Arguments by name reach the function, also beside others; codap dropped them.
- What a function raises is raised where its value is read. codap waited for ever.
- Threads work: codap's never began.
- Greenlets are used where gevent has patched something or greenlets have run on this thread. Nothing is ever patched by an
  import, and eventlet is not looked for.
- `get()` of what `put` gives takes nothing away, and it can be filled once; what `fr.push` gives is of that one call.
- `KV` is a mapping and no `dict`. What a key had before is cancelled when it is put again; so is what is not done when nobody
  holds the `KV`, the `Ordered` or the `FirstReply` any more.
- `Ordered` is not its own iterator: loops inside of loops go each at its own pace. An index past the end is an `IndexError`.
- Whatever `whimbrel.gather` can begin can be put: coroutines, futures, and whimbrel's own calls.

>>> from whimbrel.compat import codap
>>> results = codap.KV()
>>> results["foo"] = lambda: "bar"
>>> _ = results.put("cats", lambda user, limit: [user] * limit, 7, limit=4)
>>> "{foo} {cats}".format(**results)
'bar [7, 7, 7, 7]'
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .. import gather
from .._future import Future
from ..gather import _wait
from ..gather._gathering import Gathering

__all__ = ["KV", "FirstReply", "Ordered", "Queue", "spawn"]

#: codap has no limit; this is for programs that have lost theirs.
_THREADS = 4096


def Queue(maxsize: int = 0) -> Any:
    """A queue for what `spawn` starts: gevent's, where gevent runs."""
    if _wait.green_hub(True) is None:
        return queue.Queue(maxsize)
    import gevent.queue

    return gevent.queue.Queue(maxsize or None)


def spawn(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Starts a function: in a greenlet, where gevent runs; else in a thread."""
    if _wait.green_hub(True) is None:
        thread = threading.Thread(target=function, args=args, kwargs=kwargs)
        thread.start()
        return thread
    import gevent

    return gevent.spawn(function, *args, **kwargs)


class Reply:
    """What will come of one call, as a queue that has room for one and keeps it."""

    def __init__(self, future: Future[Any], owner: object) -> None:
        self._future = future
        # Else what is begun would be cancelled with it.
        self._owner = owner

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The value; raises `queue.Empty` if it is not there in time."""
        try:
            _wait.wait(self._future, timeout if block else 0)
        except TimeoutError:
            raise queue.Empty from None
        return _wait.read(self._future)

    def get_nowait(self) -> Any:
        """The value, if it is there."""
        return self.get(block=False)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Gives the value, once; raises `queue.Full` if there is one."""
        if self._future.done():
            raise queue.Full
        self._future._deliver(item, None)

    put_nowait = put

    def empty(self) -> bool:
        """Whether `get` would wait."""
        return not self._future.done()

    def full(self) -> bool:
        """Whether there is a value."""
        return self._future.done()

    def qsize(self) -> int:
        """How many values there are."""
        return int(self._future.done())


class _Greenish(Gathering):
    _threads = _THREADS
    _is_green = True


class KV(_Greenish, gather.KV[Any, Any]):
    """Calls by key: a mapping of what they return."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        for key, call in dict(*args, **kwargs).items():
            self.put(key, call)

    def put(self, key: Any, call: Any = None, /, *args: Any, **kwargs: Any) -> Reply:  # type: ignore[override]
        """Begins `call` with these arguments; without a call, who puts something into what this gives is the one who
        answers."""
        if call is not None:
            return Reply(super().put(key, call, *args, **kwargs), self)
        future: Future[Any] = Future()
        self._tasks.add(future)
        return Reply(self._keep(key, future), self)


class Ordered(_Greenish, gather.Ordered[Any]):
    """Calls in order: a sequence of what they return."""

    def __init__(self) -> None:
        super().__init__()
        self._reading: Iterator[Any] | None = None

    def push(self, call: Any, /, *args: Any, **kwargs: Any) -> Reply:  # type: ignore[override]
        """Begins `call` with these arguments."""
        return Reply(super().push(call, *args, **kwargs), self)

    append = push  # type: ignore[assignment]

    def __add__(self, call: Any) -> Ordered:
        self.push(call)
        return self

    __iadd__ = __add__

    def __setitem__(self, index: int, call: Any) -> None:
        """Begins a call in the place of another, or after the last."""
        if index == len(self):
            self.push(call)
            return
        place = self._place(index)
        former, self._replies[place] = self._replies[place], self._tasks.begin(call, (), {})
        former.cancel()

    def __next__(self) -> Any:
        """The next, for who calls `next()` on it; after the end it begins again."""
        self._reading = self._reading or iter(self)
        try:
            return next(self._reading)
        except StopIteration:
            self._reading = None
            raise

    next = __next__


class FirstReply(_Greenish, gather.FirstReply[Any]):
    """Calls of which the first to answer count: what they return, each once, as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = super().__iter__()

    def push(self, call: Any, /, *args: Any, **kwargs: Any) -> Reply:  # type: ignore[override]
        """Begins `call` with these arguments."""
        return Reply(super().push(call, *args, **kwargs), self)

    append = push  # type: ignore[assignment]

    def __add__(self, call: Any) -> FirstReply:
        self.push(call)
        return self

    __iadd__ = __add__

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return next(self._reading)

    next = __next__
