"""Going through what comes, one after another."""

from __future__ import annotations

import operator
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from .._future import Future
from . import _wait
from ._gathering import Gathering

T = TypeVar("T", covariant=True)


class Line(Gathering, Generic[T]):
    """Calls whose outcomes are in a line, which can be read by place and gone through, often."""

    _replies: list[Future[Any]]

    @abstractmethod
    def _arrival(self, nth: int) -> Future[Any] | None:
        """What is to be waited for before the reply in this place can be read, if anything is."""

    @abstractmethod
    def _nth(self, nth: int) -> Future[Any]:
        """The reply in this place, which has arrived."""

    def _read(self, nth: int, timeout: float | None = None) -> Any:
        arrival = self._arrival(nth)
        if arrival is not None:
            _wait.wait(arrival, timeout, self._tasks.pending)
        return _wait.read(self._nth(nth))

    def _place(self, index: int) -> int:
        place = operator.index(index)
        place += len(self._replies) if place < 0 else 0
        if not 0 <= place < len(self._replies):
            raise IndexError(f"there is no place {index}: {len(self._replies)} calls were handed in")
        return place

    @overload
    def __getitem__(self, index: int, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice, /) -> Any:
        if isinstance(index, slice):
            return [self._read(nth) for nth in range(len(self._replies))[index]]
        return self._read(self._place(index))

    def get(self, index: int, /, *, timeout: float | None = None) -> T:
        """The same as `[index]`, but waits no longer than `timeout` seconds, and then raises a `TimeoutError`."""
        value: T = self._read(self._place(index), timeout)
        return value

    def __iter__(self) -> Reading[T]:
        return Reading(self)

    def __aiter__(self) -> Reading[T]:
        return Reading(self)

    def __len__(self) -> int:
        return len(self._replies)

    def __repr__(self) -> str:
        return self._of(self._replies)


class Reading(Iterator[T], AsyncIterator[T], Generic[T]):
    """Goes through a line at its own pace. An error is raised in the place of its value, and the next comes after it: it is
    no generator, which would be over."""

    def __init__(self, line: Line[T]) -> None:
        self._line = line
        self._next = 0

    def __next__(self) -> T:
        if self._next >= len(self._line):
            raise StopIteration
        arrival = self._line._arrival(self._next)
        if arrival is not None:
            _wait.wait(arrival, None, self._line._tasks.pending)
        return self._step()

    async def __anext__(self) -> T:
        if self._next >= len(self._line):
            raise StopAsyncIteration
        arrival = self._line._arrival(self._next)
        if arrival is not None:
            await _wait.until(arrival)
        return self._step()

    def _step(self) -> T:
        nth = self._next
        self._next += 1
        value: T = _wait.read(self._line._nth(nth))
        return value

    def __iter__(self) -> Reading[T]:
        return self

    def __aiter__(self) -> Reading[T]:
        return self


def left(end: float | None) -> float | None:
    """How much time there still is."""
    return None if end is None else max(0.0, end - time.monotonic())
