"""Answers to one question about many things, gone through by `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Generic, Union

from .._many import Answers, V
from .._native import List
from ..errors import Error


class AsyncMany(Generic[V]):
    """Answers as they arrive: pairs of what was asked about, and the answer or the error.

    One that fails does not fail the others. Nothing is asked before one goes through it, and going through it twice asks
    twice: `await all()` keeps the answers.
    """

    def __init__(self, native: List, names: Sequence[str], value: Callable[[Any], V]) -> None:
        self._native = native
        self._names = names
        self._value = value

    async def __aiter__(self) -> AsyncIterator[tuple[str, Union[V, Error]]]:
        cursor = self._native.cursor()
        while (batch := await cursor.next().spawn(None)) is not None:
            for name, answer, error in batch[0]:
                yield name, error if error is not None else self._value(answer)

    def __len__(self) -> int:
        return len(self._names)

    async def all(self) -> Answers[V]:
        """All of them, by what was asked about."""
        return Answers.of(self._names, self._value, await self._native.all().spawn(None))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}, not asked yet>"
