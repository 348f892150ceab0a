"""Which of many are done, in the order in which they were."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from .._future import Future


class Finished:
    """Those that are done. It holds no gather, so that theirs can go."""

    def __init__(self) -> None:
        # The end of a gather that nobody holds comes at any moment, in any thread: also while this is held.
        self._lock = threading.RLock()
        self._done: deque[tuple[Any, Future[Any]]] = deque()
        self._forgotten = 0
        self._bells: list[tuple[int, Future[None]]] = []

    def watch(self, key: Any, reply: Future[Any]) -> None:
        """It will be one of them."""
        reply.add_done_callback(lambda reply: self._add(key, reply))

    def _add(self, key: Any, reply: Any) -> None:
        with self._lock:
            self._done.append((key, reply))
            count = self._forgotten + len(self._done)
            ringing = [bell for nth, bell in self._bells if nth < count]
            if ringing:
                self._bells = [it for it in self._bells if it[0] >= count]
        for bell in ringing:
            bell._deliver(None, None)

    def bell(self, nth: int) -> Future[None] | None:
        """What is done when the `nth`, from 0, is; `None` if it is."""
        with self._lock:
            if nth < self._forgotten + len(self._done):
                return None
            bell: Future[None] = Future()
            self._bells.append((nth, bell))
            return bell

    def nth(self, nth: int) -> tuple[Any, Future[Any]]:
        """The `nth`, with its key. It has to be done."""
        with self._lock:
            return self._done[nth - self._forgotten]

    def forget(self) -> tuple[Any, Future[Any]]:
        """The first, which counts on, but is let go of."""
        with self._lock:
            self._forgotten += 1
            return self._done.popleft()
