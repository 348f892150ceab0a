"""Things that a service told of, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._client import Client
from ._native import Call, List
from ._record import Record


class Handle(Record):
    """What a service told of one thing, and the client that it was told to.

    It makes its calls as that client does, and pickles with it, without a token.
    """

    __slots__ = ("_client",)

    def __init__(self, told: Mapping[str, Any], client: Client) -> None:
        super().__init__(told)
        self._client = client

    @property
    def _native(self) -> Any:
        return self._client._native

    def _call(self, call: Call, convert: Callable[[Any], Any] | None = None) -> Any:
        return self._client._call(call, convert)

    def _list(self, native: List, item: Callable[[Any], Any]) -> Any:
        return self._client._list(native, item)

    @property
    def submit(self) -> Any:
        """The same calls, each giving a `concurrent.futures.Future` at once."""
        return type(self)(self._told, self._client.submit)

    def __reduce__(self) -> Any:
        return (type(self), (self._told, self._client))
