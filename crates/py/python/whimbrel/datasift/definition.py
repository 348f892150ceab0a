"""Filter definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


class Price(Record):
    """What a stream or a query costs."""

    __slots__ = ()

    #: In all, in data processing units an hour.
    dpu: float | None
    #: Of each part of it: how often it is there, and what it costs.
    detail: dict[str, Any] | None
