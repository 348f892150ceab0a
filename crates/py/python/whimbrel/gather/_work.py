"""How that which is handed in is begun and ended: in a thread, in a greenlet, on an event loop, elsewhere."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from .._future import Future
from . import _loop
from ._threads import Threads


class Work:
    """One call that is no native one, and the reply that it is for.

    It is called when it is its turn, maybe on the thread that completes futures, where nothing may wait. It says so once when
    it has ended, or will never begin.
    """

    def __init__(self, reply: Future[Any], leave: Callable[[], object]) -> None:
        self.reply = reply
        self._leave = leave
        reply._task = self

    def __call__(self) -> None:
        raise NotImplementedError

    def abort(self) -> None:
        """Ends it, if it can be ended: its reply is wanted no more."""

    def end(self) -> None:
        """Makes room for the next."""
        self.reply._task = None
        self._leave()

    def fail(self, error: BaseException) -> None:
        """It has ended with this."""
        self.reply._deliver(None, error)
        self.end()

    def take_over(self, done: concurrent.futures.Future[Any] | asyncio.Future[Any]) -> None:
        """It has ended as this has."""
        if done.cancelled():
            self.reply.cancel()
        else:
            error = done.exception()
            self.reply._deliver(None if error is not None else done.result(), error)
        self.end()

    def give(self, value: Any) -> None:
        """It has ended with this; a future or a coroutine is followed to what comes of it."""
        if isinstance(value, concurrent.futures.Future):
            Following(self.reply, self._leave, value)()
        elif inspect.iscoroutine(value):
            OnLoop(self.reply, self._leave, lambda: value, _loop.current_or_own())()
        elif asyncio.isfuture(value):
            OnLoop(self.reply, self._leave, lambda: value, value.get_loop())()
        else:
            self.reply._deliver(value, None)
            self.end()


class InThread(Work):
    """A function in a thread."""

    def __init__(
        self,
        reply: Future[Any],
        leave: Callable[[], object],
        function: Callable[[], Any],
        threads: Threads,
    ) -> None:
        super().__init__(reply, leave)
        self._function = function
        self._threads = threads
        self._context = contextvars.copy_context()

    def __call__(self) -> None:
        if self.reply.done():
            self.end()
            return
        try:
            self._threads.run(self._run)
        except RuntimeError as e:  # No thread can be had, or the interpreter is ending.
            self.fail(e)

    def _run(self) -> None:
        if self.reply.done():  # It was cancelled.
            self.end()
            return
        try:
            value = self._context.run(self._function)
        except BaseException as e:
            self.fail(e)
            return
        self.give(value)


class InGreenlet(Work):
    """A function in a greenlet of the hub in which it is handed in."""

    def __init__(
        self, reply: Future[Any], leave: Callable[[], object], function: Callable[[], Any], hub: Any
    ) -> None:
        super().__init__(reply, leave)
        self._function = function
        self._hub = hub
        self._greenlet: Any = None

    def __call__(self) -> None:
        self._hub.loop.run_callback_threadsafe(self._start)

    def _start(self) -> None:
        import gevent

        if self.reply.done():
            self.end()
            return
        self._greenlet = gevent.Greenlet(self._run)
        self._greenlet.link(self._ended)
        self._greenlet.start()

    def _run(self) -> tuple[Any, BaseException | None]:
        from gevent import GreenletExit

        try:
            return self._function(), None
        except GreenletExit:
            raise
        except BaseException as e:  # gevent would print it.
            return None, e

    def _ended(self, greenlet: Any) -> None:
        if not isinstance(greenlet.value, tuple):  # It was killed.
            self.reply.cancel()
            self.end()
            return
        value, error = greenlet.value
        if error is not None:
            self.fail(error)
        else:
            self.give(value)

    def abort(self) -> None:
        self._hub.loop.run_callback_threadsafe(self._kill)

    def _kill(self) -> None:
        if self._greenlet is not None:
            self._greenlet.kill(block=False)


class OnLoop(Work):
    """A coroutine, or anything to be awaited, on an event loop."""

    def __init__(
        self,
        reply: Future[Any],
        leave: Callable[[], object],
        make: Callable[[], Awaitable[Any]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(reply, leave)
        self._make = make
        self._loop = loop
        self._task: asyncio.Future[Any] | None = None
        reply._loop = loop  # type: ignore[attr-defined]

    def __call__(self) -> None:
        if asyncio._get_running_loop() is self._loop:
            self._start()
        else:
            self._on_loop(self._start)

    def _on_loop(self, deed: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(deed)
        except RuntimeError as e:  # It is closed.
            if deed == self._start:
                self.fail(e)

    def _start(self) -> None:
        try:
            awaitable = self._make()
            if self.reply.done():
                if inspect.iscoroutine(awaitable):
                    awaitable.close()
                self.end()
                return
            self._task = asyncio.ensure_future(awaitable)
            self._task.add_done_callback(self.take_over)
        except BaseException as e:
            self.fail(e)

    def abort(self) -> None:
        self._on_loop(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @property
    def task(self) -> asyncio.Future[Any] | None:
        """What runs on the loop."""
        return self._task


class Following(Work):
    """A future of somebody else's."""

    def __init__(
        self, reply: Future[Any], leave: Callable[[], object], future: concurrent.futures.Future[Any]
    ) -> None:
        super().__init__(reply, leave)
        self._future = future

    def __call__(self) -> None:
        self._future.add_done_callback(self.take_over)

    def abort(self) -> None:
        self._future.cancel()
