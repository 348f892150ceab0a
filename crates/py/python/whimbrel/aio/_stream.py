"""What comes over time, gone through by `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from .._native import List

V = TypeVar("V")


class AsyncStream(Generic[V]):
    """What a service sends over time. It is asked for when one begins to go through it, and anew each time."""

    def __init__(self, native: List, item: Callable[[Any], V]) -> None:
        self._native = native
        self._item = item

    async def __aiter__(self) -> AsyncIterator[V]:
        cursor = self._native.cursor()
        while (batch := await cursor.next().spawn(None)) is not None:
            for told in batch[0]:
                yield self._item(told)

    async def all(self) -> list[V]:
        """All of it, when it has ended."""
        return [it async for it in self]

    async def first(self) -> V | None:
        """The first that comes, if anything does."""
        async for it in self:
            return it
        return None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, not asked for yet: go through it by async for>"
