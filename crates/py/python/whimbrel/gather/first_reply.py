"""Calls of which the first to answer count."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import Any, TypeVar

from .._future import Future
from . import _tasks, _wait
from ._finished import Finished
from ._gathering import AnyCall
from ._reading import Line, left
from .failed import Failed

T = TypeVar("T")


class FirstReply(Line[T]):
    """Calls of which the first to answer count: what comes of them, in the order in which they are done.

    `[0]` is the one that was done first, and it goes on from there; an error is raised in its place. `first()` is the first
    that succeeds.

    >>> from whimbrel import dserver
    >>> from whimbrel.gather import FirstReply
    >>> client = dserver.Client()
    >>> uri = client.search().first().uri
    >>> with FirstReply() as mirrors:
    ...     for it in ("s3://nowhere/8ecd8e05-558a-48e2-b563-0c9ea273e71e", uri):
    ...         _ = mirrors.push(client.readme, it)
    ...     isinstance(mirrors.first(), str)
    True

    - `calls`: calls that need no arguments.
    - `limit`: how many run at once.
    - `deadline`: when what is not done has failed, in seconds from now.
    """

    def __init__(
        self, calls: Iterable[AnyCall] = (), /, *, limit: int | None = None, deadline: float | None = None
    ) -> None:
        super().__init__(limit=limit, deadline=deadline)
        self._replies: list[Future[Any]] = []
        self._finished = Finished()
        for call in calls:
            self.push(call)

    def push(self, call: AnyCall, /, *args: Any, **kwargs: Any) -> Future[T]:
        """Begins a call, with these arguments, and gives its future."""
        reply = self._tasks.begin(call, args, kwargs)
        self._replies.append(reply)
        self._finished.watch(len(self._replies) - 1, reply)
        return reply

    append = push

    def first(self, timeout: float | None = None) -> T:
        """The first value; the other calls are cancelled.

        Raises `Failed` if none succeeds, and a `TimeoutError` after so many seconds, which cancels nothing.
        """
        return self.take(1, timeout)[0]

    def take(self, n: int, timeout: float | None = None) -> list[T]:
        """The first `n` values, in the order in which they came; the other calls are cancelled.

        Raises `Failed`, with the failures by the place in which they were pushed, as soon as there can't be so many any
        more, and a `TimeoutError` after so many seconds, which cancels nothing.
        """
        end = None if timeout is None else time.monotonic() + timeout
        steps = self._take(n)
        while True:
            try:
                bell = next(steps)
            except StopIteration as over:
                values: list[T] = over.value
                return values
            _wait.wait(bell, left(end), self._tasks.pending)

    async def afirst(self) -> T:
        """`first()` in a coroutine."""
        return (await self.atake(1))[0]

    async def atake(self, n: int) -> list[T]:
        """`take(n)` in a coroutine."""
        steps = self._take(n)
        while True:
            try:
                bell = next(steps)
            except StopIteration as over:
                values: list[T] = over.value
                return values
            await _wait.until(bell)

    def _take(self, n: int) -> Generator[Future[None], None, list[T]]:
        """Gives what is to be waited for, one after another, and then the values."""
        calls = len(self._replies)
        if not 0 <= n <= calls:
            raise ValueError(f"{n} values can't come of {calls} calls")
        values: list[T] = []
        failures: dict[int, BaseException] = {}
        for nth in range(calls):
            if len(values) == n or n > calls - len(failures):
                break
            bell = self._finished.bell(nth)
            if bell is not None:
                yield bell
            place, reply = self._finished.nth(nth)
            error = _tasks.error_of(reply)
            if error is None:
                values.append(reply.result())
            else:
                failures[place] = error
        self.cancel()
        if len(values) < n:
            raise Failed.of(failures, calls)
        return values

    def join(self, timeout: float | None = None) -> list[T]:
        """Waits for all of them, and gives all values in the order in which they came.

        Raises `Failed` with all that failed, by the place in which they were pushed, and a `TimeoutError` after so many
        seconds. `await first_reply` is the same in a coroutine.
        """
        _tasks.joined(enumerate(self._replies), timeout)
        return self._values()

    def __await__(self) -> Generator[Any, None, list[T]]:
        return self._joined().__await__()

    async def _joined(self) -> list[T]:
        await _tasks.joined_here(enumerate(self._replies))
        return self._values()

    def _values(self) -> list[T]:
        return [self._finished.nth(nth)[1].result() for nth in range(len(self._replies))]

    def _arrival(self, nth: int) -> Future[Any] | None:
        return self._finished.bell(nth)

    def _nth(self, nth: int) -> Future[Any]:
        return self._finished.nth(nth)[1]
