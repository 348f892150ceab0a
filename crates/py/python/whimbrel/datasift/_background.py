"""Callbacks of a live connection where nobody waits for them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future as Done
from typing import Any

from .._future import Future
from .._native import after
from .live import Live


class Background:
    """Calls functions with events, on the thread that completes futures. No more is asked for before they come back."""

    def __init__(self, live: Live, handlers: dict[str, Callable[[Any], object]]) -> None:
        self._live = live
        self._handlers = handlers
        self._future: Future[None] = Future()
        self._asked: Future[bool] | None = None
        self._is_left = False

    def begin(self) -> Future[None]:
        """A future that is done when the connection is closed, or one of the functions has raised."""
        self._future._task = self
        self._ask()
        return self._future

    def abort(self) -> None:
        """Nobody wants it any more: the functions are no longer called. The connection is its owner's to close."""
        self._is_left = True
        if self._asked is not None:
            self._asked.cancel()

    def _ask(self) -> None:
        live = self._live
        # What came before and was left is no reason to wait; but its functions are not called here.
        self._asked = after(0).submit(_goes_on) if live._came else live._native.next().submit(live._take)
        if self._is_left:
            self._asked.cancel()
        self._asked.add_done_callback(self._came)

    def _came(self, asked: Done[bool]) -> None:
        if self._is_left or asked.cancelled():
            return
        try:
            ended = asked.result()
            while not self._is_left and (it := self._live._kept()) is not None:
                self._live._handle(it, self._handlers)
            if not ended:
                return self._ask()
        except BaseException as error:
            return self._future._deliver(None, error)
        self._future._deliver(None, None)


def _goes_on(_: object) -> bool:
    """It has not ended."""
    return False
