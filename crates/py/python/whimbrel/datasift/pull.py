"""What a subscription has queued."""

from __future__ import annotations

from typing import Any

from .._record import Record


class Pulled(Record):
    """A part of a queue."""

    __slots__ = ()

    #: The oldest first; none if nothing was queued.
    interactions: list[dict[str, Any]]
    #: Where this part of the queue begins: pulled again with it, it comes again, for an hour.
    cursor: str | None
    #: Where the next part begins, if something was queued.
    next: str | None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.interactions)} interactions>"
