"""Filter definitions."""

from __future__ import annotations

from datetime import datetime

from .._record import Record


class Validated(Record):
    """A definition that is one."""

    __slots__ = ()

    #: Its price in data processing units an hour.
    dpu: float | None
    created_at: datetime | None


class Compiled(Record):
    """A definition that the service knows."""

    __slots__ = ()
    _shown = ("hash", "dpu")

    #: What streams, queries and subscriptions name: 32 hexadecimal digits.
    hash: str
    #: Its price in data processing units an hour.
    dpu: float | None
    created_at: datetime | None
