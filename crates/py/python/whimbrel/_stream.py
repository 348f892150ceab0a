"""What comes over time, and what makes calls that give it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from ._client import Caller as _Caller
from ._native import List

V = TypeVar("V")


class Stream(Generic[V]):
    """What a service sends over time. It is asked for when one begins to go through it, and anew each time.

    Who stops before the end leaves it, and the service is told so. A failure is raised after all that came before it.
    """

    def __init__(self, native: List, item: Callable[[Any], V]) -> None:
        self._native = native
        self._item = item

    def __iter__(self) -> Iterator[V]:
        cursor = self._native.cursor()
        while (batch := cursor.next().wait(None)) is not None:
            for told in batch[0]:
                yield self._item(told)

    def all(self) -> list[V]:
        """All of it, when it has ended."""
        return list(self)

    def first(self) -> V | None:
        """The first that comes, if anything does."""
        return next(iter(self), None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, not asked for yet: go through it>"


class Caller(_Caller):
    """What makes calls; some give what comes over time."""

    __slots__ = ()

    def _stream(self, native: List, item: Callable[[Any], Any]) -> Any:
        if self._face.name == "plain":
            return Stream(native, item)
        if self._face.name == "aio":
            from .aio._stream import AsyncStream

            return AsyncStream(native, item)
        return self._call(native.all(), lambda told: [item(it) for it in told])


def same(told: Any) -> Any:
    """As it came."""
    return told
