"""Calls in order."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any, TypeVar

from .._future import Future
from . import _tasks
from ._gathering import AnyCall
from ._reading import Line

T = TypeVar("T")


class Ordered(Line[T], Sequence[T]):
    """Calls in order: a sequence of what comes of them. Reading waits for the one that is read; its own error is raised
    there.

    >>> from whimbrel.gather import Ordered
    >>> squares = Ordered(limit=2)
    >>> for n in range(5):
    ...     _ = squares.push(pow, n, 2)
    >>> squares[-1], squares[1:3], list(squares)
    (16, [1, 4], [0, 1, 4, 9, 16])

    - `calls`: calls that need no arguments.
    - `limit`: how many run at once.
    - `deadline`: when what is not done has failed, in seconds from now.
    """

    def __init__(
        self, calls: Iterable[AnyCall] = (), /, *, limit: int | None = None, deadline: float | None = None
    ) -> None:
        super().__init__(limit=limit, deadline=deadline)
        self._replies: list[Future[Any]] = []
        for call in calls:
            self.push(call)

    def push(self, call: AnyCall, /, *args: Any, **kwargs: Any) -> Future[T]:
        """Begins a call, with these arguments, and gives its future."""
        reply = self._tasks.begin(call, args, kwargs)
        self._replies.append(reply)
        return reply

    append = push

    def reply(self, index: int) -> Future[T]:
        """The future of the call in this place, to be awaited or cancelled."""
        return self._replies[index]

    def join(self, timeout: float | None = None) -> list[T]:
        """Waits for all of them, and gives all values.

        Raises `Failed` with all that failed, by place, and a `TimeoutError` after so many seconds. `await ordered` is the
        same in a coroutine.
        """
        return list(_tasks.joined(enumerate(self._replies), timeout).values())

    def __await__(self) -> Generator[Any, None, list[T]]:
        return self._joined().__await__()

    async def _joined(self) -> list[T]:
        return list((await _tasks.joined_here(enumerate(self._replies))).values())

    def _arrival(self, nth: int) -> Future[Any] | None:
        return self._replies[nth]

    def _nth(self, nth: int) -> Future[Any]:
        return self._replies[nth]
