"""Things of a service that can be asked and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ._client import Caller, Client
from ._record import Record

H = TypeVar("H", bound="Handle")


class Handle(Record, Caller):
    """What a service told of one thing, and the client that asks it for more. It pickles as that: no connection, no token.

    Of two things that are in one another the inner one keeps, as plain data, what the service needs to know of the outer.
    """

    def __init__(self, told: Mapping[str, Any], client: Client, of: Any = None) -> None:
        super().__init__(told)
        self._client = client
        self._of = of

    @property
    def _native(self) -> Any:
        return self._client._native

    def _as(self, kind: type[H], of: Any = None) -> Callable[[Any], H]:
        return self._client._as(kind, of)

    def __reduce__(self) -> Any:
        return (type(self), (self._told, self._client, self._of))
