"""The ways to make a call: waiting for it, as a future, as an awaitable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ._many import Answers, Many
from ._native import Call, List
from ._record import Listing, Records


class Face(NamedTuple):
    """One of the ways."""

    name: str
    #: Makes a call; what it gives goes through a function, if there is one.
    call: Callable[[Call, Callable[[Any], Any] | None], Any]
    #: Makes of a list and of what its items become what users have.
    list: Callable[[List, Callable[[Any], Any]], Any]
    #: The same of a list of answers, each of which may be an error; with the names of what was asked about.
    many: Callable[[List, Sequence[str], Callable[[Any], Any]], Any]


def futures(submit: Callable[[Call, Callable[[Any], Any] | None], Any]) -> Face:
    """The way of who makes calls by this, and has futures of them."""

    def all_of_list(native: List, item: Callable[[Any], Any]) -> Any:
        return submit(native.all(), lambda items: Records(map(item, items)))

    def all_of_many(native: List, names: Sequence[str], value: Callable[[Any], Any]) -> Any:
        return submit(native.all(), lambda told: Answers.of(names, value, told))

    return Face("submit", submit, all_of_list, all_of_many)


def _aio_many(native: List, names: Sequence[str], value: Callable[[Any], Any]) -> Any:
    from .aio._many import AsyncMany

    return AsyncMany(native, names, value)


def _aio_listing(native: List, item: Callable[[Any], Any]) -> Any:
    from .aio._listing import AsyncListing

    return AsyncListing(native, item)


PLAIN = Face("plain", Call.wait, Listing, Many)
SUBMIT = futures(Call.submit)
AIO = Face("aio", Call.spawn, _aio_listing, _aio_many)
