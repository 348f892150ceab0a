"""Futures of event loops that whimbrel completes."""

from __future__ import annotations

import asyncio
import sys
import weakref
from typing import Any, TypeVar

from ._native import Task

T = TypeVar("T")

#: What wakes an event loop, by the loop.
ports: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = weakref.WeakKeyDictionary()


def raise_if_cancelled() -> None:
    """For a plain call inside of a coroutine whose task was cancelled, as `asyncio.run` does on the first Ctrl-C."""
    if asyncio._get_running_loop() is None:
        return
    task = asyncio.current_task()
    # Before 3.11 a task doesn't tell: there the second Ctrl-C is heard.
    if task is not None and sys.version_info >= (3, 11) and task.cancelling():
        raise asyncio.CancelledError


class Future(asyncio.Future[T]):
    """A future of an event loop. `cancel()` ends its request."""

    _task: Task | None = None

    def cancel(self, msg: Any | None = None) -> bool:
        if self._task is not None:
            self._task.abort()
        return super().cancel(msg)
