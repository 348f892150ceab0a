"""Lists that are gone through by `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Generic

from .._native import List
from .._record import R, Records


class AsyncListing(Generic[R]):
    """A list of a server's, read a page at a time while one goes through it, and anew each time."""

    def __init__(self, native: List, item: Callable[[Any], R]) -> None:
        self._native = native
        self._item = item

    async def __aiter__(self) -> AsyncIterator[R]:
        cursor = self._native.cursor()
        while (batch := await cursor.next().spawn(None)) is not None:
            for told in batch[0]:
                yield self._item(told)

    async def all(self) -> Records[R]:
        """All of them."""
        return Records([item async for item in self])

    async def first(self) -> R | None:
        """The first one, if there is one."""
        cursor = self._native.cursor()
        # A page of a list that changes may be empty and have others behind it.
        while (batch := await cursor.next().spawn(None)) is not None:
            if batch[0]:
                return self._item(batch[0][0])
        return None

    async def total(self) -> int | None:
        """How many there are, where the server tells."""
        batch = await self._native.cursor().next().spawn(None)
        return 0 if batch is None else batch[1]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, not read yet: go through it by async for, or await .all()>"
