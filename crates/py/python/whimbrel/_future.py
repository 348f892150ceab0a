"""Futures that whimbrel completes."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import sys
import threading
import time
import weakref
from typing import Any, Generator, Protocol, TypeVar

from ._native import Task, pump, shut_down

T = TypeVar("T")

#: The thread that completes futures, by its ident; it says so itself.
dispatcher: int | None = None

#: What wakes an event loop, by the loop.
ports: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = weakref.WeakKeyDictionary()

atexit.register(shut_down)


def raise_if_cancelled() -> None:
    """For a plain call inside of a coroutine whose task was cancelled, as `asyncio.run` does on the first Ctrl-C."""
    if asyncio._get_running_loop() is None:
        return
    task = asyncio.current_task()
    # Before 3.11 a task doesn't tell: there the second Ctrl-C is heard.
    if task is not None and sys.version_info >= (3, 11) and task.cancelling():
        raise asyncio.CancelledError


class Abortable(Protocol):
    """What runs for a future, and can be told that nobody wants it any more."""

    def abort(self) -> None: ...


class Future(concurrent.futures.Future[T]):
    """A `concurrent.futures.Future` of a call that has been sent. It can be awaited, and `cancel()` ends its request."""

    _task: Abortable | None = None

    def _deliver(self, value: T, error: BaseException | None) -> None:
        try:
            if error is None:
                self.set_result(value)
            else:
                self.set_exception(error)
        except concurrent.futures.InvalidStateError:
            pass  # It was cancelled meanwhile.

    def running(self) -> bool:
        return not self.done()

    def cancel(self) -> bool:
        """Ends the request, if it is still on its way."""
        with self._condition:
            is_first = not self.done()
            cancelled = super().cancel()
        if cancelled and is_first:
            task = self._task  # Once it has ended it may be gone.
            if task is not None:
                task.abort()
            # `as_completed` and `wait` hear of it by this.
            self.set_running_or_notify_cancel()
        return cancelled

    def _wait_in_callback(self, timeout: float | None) -> None:
        # Nobody else would complete it: this is the thread that does.
        if threading.get_ident() != dispatcher or self.done():
            return
        end = None if timeout is None else time.monotonic() + timeout
        while not self.done() and (end is None or time.monotonic() < end):
            pump(0.05)

    def result(self, timeout: float | None = None) -> T:
        self._wait_in_callback(timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._wait_in_callback(timeout)
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, None, T]:
        return asyncio.wrap_future(self).__await__()

    def __reduce__(self) -> Any:
        raise TypeError("a Future belongs to its process: pickle the client, or the result")


class AioFuture(asyncio.Future[T]):
    """A future of an event loop. `cancel()` ends its request."""

    _task: Task | None = None

    def cancel(self, msg: Any | None = None) -> bool:
        if self._task is not None:
            self._task.abort()
        return super().cancel(msg)
