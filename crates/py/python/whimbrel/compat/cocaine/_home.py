"""Where generators and functions of chains run: in the thread that made them, on its event loop.

That is the loop that runs there, or the one that the thread has (tornado's `IOLoop` is the same one), whoever starts it:
`IOLoop.current().start()`, `run_forever()`, or `get()` of a chain. A `get()` inside of the loop runs what chains have to do by
itself, as the loop can't.
"""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from ._errors import log

#: After how many seconds who waits for a loop of another thread looks whether it still runs.
_GLANCE = 0.02

_homes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Home] = weakref.WeakKeyDictionary()


class Home:
    """One thread's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Weakly: else none would ever go.
        self._loop = weakref.ref(loop)
        self._deeds: deque[Callable[[], None]] = deque()
        self._bell = threading.Condition()
        self._at_work = threading.RLock()
        #: Held by the thread whose `get()` runs the loop.
        self._turn = threading.Lock()
        self._watching: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop."""
        loop = self._loop()
        if loop is None:
            raise RuntimeError("the event loop is gone")
        return loop

    def soon(self, deed: Callable[..., None], *args: Any) -> None:
        """Does it, in its turn; from any thread."""
        with self._bell:
            self._deeds.append(lambda: deed(*args))
            self._bell.notify_all()
        try:
            self.loop.call_soon_threadsafe(self._work)
        except RuntimeError:
            log.warning("the event loop of a chain was closed before the chain was done; get() goes on with it")

    def _work(self) -> None:
        with self._at_work:
            while True:
                with self._bell:
                    if not self._deeds:
                        break
                    deed = self._deeds.popleft()
                deed()
        for ready, told in list(self._watching):
            if ready():
                # This may be another thread than the loop's.
                told.get_loop().call_soon_threadsafe(_tell, told)

    def wait(self, ready: Callable[[], bool], needs_loop: Callable[[], bool], timeout: float | None) -> None:
        """Until this is so, or the time is over."""
        end = None if timeout is None else time.monotonic() + timeout
        running = asyncio._get_running_loop()
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            loop = self._loop()
            can_run = running is None and loop is not None and not loop.is_running() and not loop.is_closed()
            if can_run and self._turn.acquire(blocking=False):
                try:
                    if self._run(ready, left):
                        return
                finally:
                    self._turn.release()
                    self.ring()
            # Another thread runs it, or has just now.
            is_elsewhere = loop is not None and running is not loop and (loop.is_running() or can_run or self._turn.locked())
            if not is_elsewhere:
                self._work()
            if ready():
                return
            if not is_elsewhere and needs_loop():
                raise RuntimeError("the chain waits for something of this event loop, which would wait for itself: yield it")
            if left is not None and left <= 0:
                return
            with self._bell:
                # Whoever runs the loop elsewhere may stop it, and does not say so.
                patience = left if not is_elsewhere else _GLANCE if left is None else min(left, _GLANCE)
                self._bell.wait_for(lambda: bool(self._deeds and not is_elsewhere) or ready(), patience)

    def _run(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Runs the loop until then. Whether it was not run by somebody else meanwhile."""
        told: asyncio.Future[None] = self.loop.create_future()
        watch = (ready, told)
        self._watching.append(watch)
        handle = None
        if timeout is not None:
            handle = self.loop.call_later(timeout, told.cancel)
        try:
            self.loop.call_soon(self._work)
            self.loop.run_until_complete(told)
        except asyncio.CancelledError:
            if not told.cancelled():
                raise
        except RuntimeError:
            if told.done() or not self.loop.is_running():
                raise
            return False
        finally:
            self._watching.remove(watch)
            if handle is not None:
                handle.cancel()
        return True

    def ring(self) -> None:
        """Whoever waits looks again."""
        with self._bell:
            self._bell.notify_all()


def _tell(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)


def here() -> Home:
    """That of this thread."""
    loop = asyncio._get_running_loop() or _of_thread()
    home = _homes.get(loop)
    if home is None:
        home = _homes[loop] = Home(loop)
    return home


def _of_thread() -> asyncio.AbstractEventLoop:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError:  # There is none.
            loop = None
        if loop is None or loop.is_closed():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
    return loop
