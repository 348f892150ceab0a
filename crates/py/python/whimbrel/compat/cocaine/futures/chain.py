"""`cocaine.futures.chain`, of 0.11: what comes of calls, handled bit by bit.

A generator that is marked with `source` runs on the event loop of its thread, whoever starts that, or while `get()` waits for
it. It can yield chains, futures of asyncio's, of tornado's and of `concurrent.futures`, coroutines, other generators, and
plain values; each `yield` gives what came, and raises what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .._errors import timed_out
from .._flow import Flow, Piped, Source, Started
from .._pending import Pending
from .._result import FutureResult
from ..exceptions import ChokeEvent
from . import ConcurrentWorker

__all__ = ["All", "Chain", "Deferred", "FutureResult", "PreparedFuture", "concurrent", "source"]


class Chain:
    """What comes over time, through functions one after another.

    - `get(timeout)` is the next of it; `ChokeEvent` when there is no more, again and again. It can be gone through, too.
    - `then(function)` has each pass through a function, which is given a `FutureResult`: its `get()` returns or raises. The
      end comes as a `ChokeEvent`.
    - In a generator that is a `source`, `yield chain` is the next of it, or `None` of one that ends without any, and a
      plain `yield` after that the one after it, with `ChokeEvent` at the end. `await chain` is the next of it, too.
    """

    def __init__(self, functions: Iterable[Callable[..., Any]] | None = None, ioLoop: Any = None) -> None:
        self._source: Source | None = None
        for function in functions or ():
            self.then(function)

    @classmethod
    def _of(cls, source: Source) -> Chain:
        chain = Chain()
        chain._source = source
        return chain

    def then(self, func: Callable[..., Any]) -> Chain:
        """Has what comes pass through a function; the first of an empty chain is called without anything."""
        self._source = Started(func) if self._source is None else Piped(self._source, func)
        return self

    def get(self, timeout: float | None = None) -> Any:
        """The next; raises what went wrong, `ChokeEvent` at the end, and `TimeoutError` after so many seconds."""
        return self._next(timeout).get()

    def wait(self, timeout: float | None = None) -> None:
        """Until there is something to get, or the time is over."""
        source = self._begun()
        if source.kept:
            return
        _checked(timeout)
        result = source.wait(timeout)
        if result is not None:
            source.keep(result)

    def hasPendingResult(self) -> bool:
        """Whether `get()` would not wait."""
        return bool(self._source is not None and self._source.kept)

    def run(self) -> None:
        """Nothing: a chain runs by itself."""

    def _begun(self) -> Source:
        if self._source is None:
            raise ValueError("a chain of no functions")
        return self._source

    def _next(self, timeout: float | None) -> FutureResult:
        source = self._begun()
        _checked(timeout)
        result = source.taken() or source.wait(timeout)
        if result is None:
            raise timed_out(timeout)
        return result

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self.get()
        except ChokeEvent:
            raise StopIteration from None

    next = __next__

    def _pending(self) -> Pending:
        pending, source = Pending(), self._begun()

        def hear(result: FutureResult) -> None:
            if pending.done():  # Whoever waited has gone: the next one has it.
                source.keep(result)
            else:
                pending._deliver(result.result if result.error is None else None, result.error)

        source.first(hear)
        return pending

    def __await__(self) -> Any:
        return self._pending().__await__()


def _checked(timeout: float | None) -> None:
    if timeout is not None and timeout < 0.001:
        raise ValueError("timeout can not be less then 1 ms")


class Deferred:
    """What somebody makes ready later, for a chain that yields it."""

    def __init__(self) -> None:
        self._ready = Pending()

    def ready(self, result: Any = None) -> None:
        """Gives it: a value, or an exception that is raised at the yield."""
        result = result if isinstance(result, FutureResult) else FutureResult(result)
        self._ready._deliver(result.result if result.error is None else None, result.error)

    def __await__(self) -> Any:
        return self._ready.__await__()


class PreparedFuture(Deferred):
    """What is ready."""

    def __init__(self, result: Any, ioLoop: Any = None) -> None:
        super().__init__()
        self.ready(result)


def source(func: Callable[..., Any]) -> Callable[..., Chain]:
    """Makes of a function or a generator one whose calls are chains. It runs when the event loop does."""

    def begin(*args: Any, **kwargs: Any) -> Chain:
        return Chain._of(Started(lambda: func(*args, **kwargs)))

    begin.__name__, begin.__doc__ = getattr(func, "__name__", "source"), func.__doc__
    return begin


def concurrent(func: Callable[..., Any]) -> Callable[..., ConcurrentWorker]:
    """Makes of a function one that runs in a thread when it is yielded."""
    return lambda *args, **kwargs: ConcurrentWorker(func, args=args, kwargs=kwargs)


def All(chains: Iterable[Chain]) -> Chain:
    """What came of all of these, as a list: of one that gave several, a list of these."""
    chains = list(chains)

    def gather() -> Any:
        every = []
        for chain in chains:
            came = []
            try:
                came.append((yield Flow.of_next(chain._begun())))
                while True:
                    came.append((yield Flow.of_next(chain._begun())))
            except ChokeEvent:
                pass
            every.append(came[0] if len(came) == 1 else came or None)
        return every

    return Chain._of(Started(gather))
