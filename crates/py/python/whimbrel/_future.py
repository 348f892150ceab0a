"""Futures that whimbrel completes."""

from __future__ import annotations

import concurrent.futures
import sys
import threading
from typing import Any, Generator, Protocol, TypeVar

from ._native import Server, Task

T = TypeVar("T")

_CANCELLED = "CANCELLED"  # A state of `concurrent.futures`: cancelled, and those who wait were not told yet.


def start(server: Server) -> None:
    """Starts a thread that completes futures and makes their callbacks."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        # There a thread is a greenlet, and this one would hold up all others.
        monkey.get_original("_thread", "start_new_thread")(_serve, (server,))
        return
    # A thread of Python's own: the end of the interpreter may find it in a user's callback, and ends it there.
    threading.Thread(target=_serve, args=(server,), name="whimbrel-futures", daemon=True).start()


def _serve(server: Server) -> None:
    while (told := server.next()) is not None:
        call, arguments = told
        try:
            call(*arguments)
        except BaseException:
            # Whatever a callback raises (`SystemExit`, too), the next one is made.
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
        # The next may be long in coming, and what they hold is not ours.
        del told, call, arguments


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
        if not super().cancel():
            return False
        task = self._task  # Once it has ended it may be gone.
        if task is not None:
            task.abort()
        with self._condition:
            # `as_completed` and `wait` hear of it by this, once.
            if self._state == _CANCELLED:
                self.set_running_or_notify_cancel()
        return True

    def _refuse_elsewhere(self) -> None:
        task = self._task
        if isinstance(task, Task) and not task.is_here and not self.done():
            raise RuntimeError(
                "this future is completed in the process that this one was forked from; make the call anew here"
            )

    def result(self, timeout: float | None = None) -> T:
        self._refuse_elsewhere()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._refuse_elsewhere()
        return super().exception(timeout)

    def __await__(self) -> Generator[Any, None, T]:
        import asyncio

        self._refuse_elsewhere()
        return asyncio.wrap_future(self).__await__()

    def __reduce__(self) -> Any:
        raise TypeError("a Future belongs to its process: pickle the client, or the result")
