"""What an account has, and what it has used."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from .._record import Record

#: The pieces of time that usage is counted by. That of streams knows no month.
Period = Literal["hour", "day", "month"]


class Usage(Record):
    """What live streams have used."""

    __slots__ = ()
    _shown = ("start", "end")

    start: datetime | None
    end: datetime | None
    #: By the hash of each: seconds, and interactions by their sources.
    streams: dict[str, Any] | None


class Used(Record):
    """What was used of one kind in one piece of time."""

    __slots__ = ()

    timestamp: datetime | None
    category: str | None
    source: str | None
    unit: str | None
    quantity: float | None
    cost: float | None


class AccountUsage(Record):
    """What the account has used."""

    __slots__ = ()

    @property
    def usage(self) -> list[Used]:
        """By kind and piece of time."""
        return [Used(it) for it in self._told.get("usage") or []]


class Balance(Record):
    """What the account's plan has left."""

    __slots__ = ()

    #: The plan and what is left of it, as the service writes it.
    balance: dict[str, Any] | None


class Allowance(Record):
    """How much of something there is, until when."""

    __slots__ = ()
    _shown = ("limit", "remaining", "refilled")

    #: How much there is in all: credits an hour, bytes, requests.
    limit: int
    #: How much of it is left.
    remaining: int
    #: When all of it is there again.
    refilled: datetime | None


class Ingested(Record):
    """What a source has taken."""

    __slots__ = ()

    #: How many interactions.
    accepted: int | None
    #: How many bytes.
    total_message_bytes: int | None
