"""Calls that nobody waits for, and what becomes of them at the end of the process."""

from __future__ import annotations

import atexit
import concurrent.futures
import os
import time
import weakref
from typing import Protocol

from ._errors import log
from ._pending import Pending

#: How long the end of the process waits for them, in seconds.
_PATIENCE = 10.0

#: What is on its way, and nobody waits for, with what it is.
_left: dict[Pending, str] = {}


class Unasked(Protocol):
    """A call that nobody has asked about yet."""

    def let_go(self) -> None:
        """Has it looked after, as nobody will ask."""


_unasked: weakref.WeakSet[Unasked] = weakref.WeakSet()


def unasked(call: Unasked) -> None:
    """Remembers a call, to be let go at the end if it is still there."""
    _unasked.add(call)


def left(pending: Pending, what: str) -> None:
    """The process does not end before this is done, or for a while."""
    _left[pending] = what
    pending.add_done_callback(lambda _: _left.pop(pending, ""))


@atexit.register
def _finish() -> None:
    for call in list(_unasked):
        call.let_go()
    end = time.monotonic() + _PATIENCE
    while _left and (time_left := end - time.monotonic()) > 0:
        concurrent.futures.wait(set(_left), time_left, concurrent.futures.FIRST_COMPLETED)
        time.sleep(0.001)  # Its callbacks come after it.
    for what in list(_left.values()):
        log.error("the process ends before this was answered, and it may not have been sent: %s", what)


def _of_the_parent() -> None:
    _left.clear()
    _unasked.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_of_the_parent)
