"""What all gathers have in common."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar, Union

from .._future import Future
from ._tasks import THREADS, Tasks
from ._work import OnLoop

#: What can be handed in.
AnyCall = Union[Callable[..., Any], Awaitable[Any], "concurrent.futures.Future[Any]"]

G = TypeVar("G", bound="Gathering")


class Gathering:
    """Calls that are begun, bounded and cancelled together."""

    #: The threads for functions, where there is no limit.
    _threads = THREADS
    #: Whether functions are greenlets wherever gevent runs, and not only where threads are.
    _is_green = False

    def __init__(self, *, limit: int | None = None, deadline: float | None = None) -> None:
        self._tasks = Tasks(limit, deadline, threads=self._threads, is_green=self._is_green)

    def cancel(self) -> None:
        """Cancels what is not done: reading it raises `concurrent.futures.CancelledError`."""
        self._tasks.cancel()

    def __enter__(self: G) -> G:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tasks.close()

    async def __aenter__(self: G) -> G:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        here = asyncio.get_running_loop()
        works = [reply._task for reply in list(self._tasks.pending)]
        tasks = [work.task for work in works if isinstance(work, OnLoop) and work.task is not None]
        self._tasks.close()
        # No coroutine outlives the block.
        tasks = [task for task in tasks if task.get_loop() is here]
        if tasks:
            await asyncio.sleep(0)
            await asyncio.wait(tasks)

    def _of(self, replies: list[Future[Any]]) -> str:
        done = sum(reply.done() for reply in replies)
        return f"<{type(self).__name__}: {done} of {len(replies)} done>"
