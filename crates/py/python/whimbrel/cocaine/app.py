"""Apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import channel
from .channel import Channel
from .service import Service
from .text import text

if TYPE_CHECKING:
    from ._submit import SubmitApp


class App(Service):
    """An app: events by their names, each with chunks both ways.

    >>> from whimbrel import cocaine
    >>> with cocaine.App("demo").enqueue("upper") as channel:
    ...     channel.write("steel")
    ...     channel.read(timeout=1)
    b'STEEL'
    """

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitApp: ...

    def enqueue(self, event: str, *arguments: Any, timeout: float | None = None) -> Channel:
        """Begins an event. Of runtime 0.11 the first chunk goes with it."""
        return self._call(self._native.open("enqueue", (event, *arguments), [], timeout), channel.opened(self._face))

    def info(self) -> dict[str, Any]:
        """How it is: its state, its load, its queue."""
        return self._call(self._told[3]._native.app_info(self.name), text)
