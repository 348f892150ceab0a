"""Any number of calls, whose outcomes are given away as they come."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

from .._future import Future
from . import _wait
from ._finished import Finished
from ._gathering import AnyCall, Gathering

T = TypeVar("T")
R = TypeVar("R")


class _Passing(Gathering, Iterator[T], AsyncIterator[T], Generic[T]):
    """Begins the next call when an outcome is taken, so that there are never more than the limit in memory."""

    def __init__(self, calls: Iterable[tuple[Any, AnyCall]], limit: int | None, deadline: float | None) -> None:
        super().__init__(limit=limit, deadline=deadline)
        self._calls = iter(calls)
        self._limit = limit
        #: Begun, and not yet taken.
        self._here = 0
        self._fill()

    def _fill(self) -> None:
        room = None if self._limit is None else self._limit - self._here
        for key, call in itertools.islice(self._calls, room):
            reply = self._tasks.begin(call, (), {})
            self._here += 1
            self._begun(key, reply)

    @abstractmethod
    def _begun(self, key: Any, reply: Future[Any]) -> None:
        """Keeps it in its place."""

    @abstractmethod
    def _arrival(self) -> Future[Any] | None:
        """What is to be waited for before the next can be taken, if anything is."""

    @abstractmethod
    def _take(self) -> T:
        """The next, which has arrived."""

    def __next__(self) -> T:
        if self._here == 0:
            raise StopIteration
        arrival = self._arrival()
        if arrival is not None:
            _wait.wait(arrival, None, self._tasks.pending)
        return self._pass()

    async def __anext__(self) -> T:
        if self._here == 0:
            raise StopAsyncIteration
        arrival = self._arrival()
        if arrival is not None:
            await _wait.until(arrival)
        return self._pass()

    def _pass(self) -> T:
        self._here -= 1
        try:
            return self._take()
        finally:
            self._fill()


class AsCompleted(_Passing[tuple[Any, "Future[Any]"]]):
    """What `as_completed` gives."""

    def __init__(self, calls: Iterable[tuple[Any, AnyCall]], limit: int | None, deadline: float | None) -> None:
        self._finished = Finished()
        self._taken = 0
        super().__init__(calls, limit, deadline)

    def _begun(self, key: Any, reply: Future[Any]) -> None:
        self._finished.watch(key, reply)

    def _arrival(self) -> Future[Any] | None:
        return self._finished.bell(self._taken)

    def _take(self) -> tuple[Any, Future[Any]]:
        self._taken += 1
        return self._finished.forget()


class Map(_Passing[T]):
    """What `map` gives."""

    def __init__(self, calls: Iterable[tuple[Any, AnyCall]], limit: int | None, deadline: float | None) -> None:
        self._replies: deque[Future[T]] = deque()
        super().__init__(calls, limit, deadline)

    def _begun(self, key: Any, reply: Future[Any]) -> None:
        self._replies.append(reply)

    def _arrival(self) -> Future[Any] | None:
        return self._replies[0]

    def _take(self) -> T:
        return _wait.read(self._replies.popleft())


def as_completed(
    calls: Mapping[Any, AnyCall] | Iterable[AnyCall], /, *, limit: int | None = None, deadline: float | None = None
) -> AsCompleted:
    """What comes of these calls, as they are done: pairs of the call's key, or its place from 0, and its future, which is
    done. It can be gone through with `for` and with `async for`, once.

    As many as the limit says are begun now, and one more for each that is taken: `calls` may go on for ever, and what was
    taken and let go of is in no memory any more. Without a limit all are begun now.

    >>> from functools import partial
    >>> from whimbrel import dserver, gather
    >>> client = dserver.Client()
    >>> uris = [dataset.uri for dataset in client.search()]
    >>> readmes = gather.as_completed((partial(client.readme, uri) for uri in uris), limit=64)
    >>> {uris[place] for place, future in readmes if future.exception() is None} == set(uris)
    True
    """
    keyed = calls.items() if isinstance(calls, Mapping) else enumerate(calls)
    return AsCompleted(keyed, limit, deadline)


def map(
    call: Callable[..., Any], items: Iterable[Any], /, *, limit: int | None = None, deadline: float | None = None
) -> Map[Any]:
    """What comes of a call for each of these items, in their order. An error is raised in the place of its value, and the next
    comes after it. It can be gone through with `for` and with `async for`, once.

    As many as the limit says are begun now, and one more for each that is taken; without a limit all are begun now.

    >>> from whimbrel import gather
    >>> list(gather.map(str.upper, ["a", "b", "c"], limit=2))
    ['A', 'B', 'C']
    """
    return Map(((None, partial(call, item)) for item in items), limit, deadline)
