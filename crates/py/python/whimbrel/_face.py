"""The ways to make a call: waiting for it, as a future, as an awaitable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ._native import Call, List
from ._record import Listing


class Face(NamedTuple):
    """One of the ways."""

    name: str
    #: Makes a call; what it gives goes through a function, if there is one.
    call: Callable[[Call, Callable[[Any], Any] | None], Any]
    #: Makes of a list and of what its items become what users have.
    list: Callable[[List, Callable[[Any], Any]], Any]


def _future_of_list(native: List, item: Callable[[Any], Any]) -> Any:
    return native.all().submit(lambda items: [item(it) for it in items])


def _aio_listing(native: List, item: Callable[[Any], Any]) -> Any:
    from .aio._listing import AsyncListing

    return AsyncListing(native, item)


PLAIN = Face("plain", Call.wait, Listing)
SUBMIT = Face("submit", Call.submit, _future_of_list)
AIO = Face("aio", Call.spawn, _aio_listing)
