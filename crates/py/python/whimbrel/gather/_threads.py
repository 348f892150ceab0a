"""Threads for functions."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Threads:
    """So many threads at most, each started when there is none to spare.

    No executor of `concurrent.futures`, for a program waits for the threads of those before it ends: what nobody reads any
    more holds nobody up.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._idle = 0
        self._is_closed = False
        self._deeds: deque[Callable[[], None]] = deque()
        self._more = threading.Condition()

    def run(self, deed: Callable[[], None]) -> None:
        """Does this in one of them. It raises nothing."""
        with self._more:
            self._deeds.append(deed)
            if self._idle >= len(self._deeds):
                self._more.notify()
                return
            if self._started == self._most:
                return
            self._started += 1
            name = f"whimbrel-gather-{self._started}"
        try:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        except BaseException:
            with self._more:
                self._started -= 1
                # Another thread may have it already, and then all is well.
                if deed not in self._deeds:
                    return
                self._deeds.remove(deed)
            raise

    def _work(self) -> None:
        while (deed := self._next()) is not None:
            deed()
            del deed

    def _next(self) -> Callable[[], None] | None:
        with self._more:
            while not self._deeds:
                if self._is_closed:
                    return None
                self._idle += 1
                self._more.wait()
                self._idle -= 1
            return self._deeds.popleft()

    def close(self) -> None:
        """They end when they have nothing to do."""
        with self._more:
            self._is_closed = True
            self._more.notify_all()
