"""Things that a service told of, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ._client import Caller, Client
from ._face import Face
from ._record import Record

H = TypeVar("H", bound="Handle")
I = TypeVar("I", bound="Inner")


class Handle(Record, Caller):
    """What a service told of one thing, and the client that it was told to.

    It makes its calls as that client does, and pickles with it, without a token.
    """

    __slots__ = ("_client", "_face")

    def __init__(self, told: Mapping[str, Any], client: Client) -> None:
        super().__init__(told)
        self._client = client
        self._face = client._face

    @property
    def _native(self) -> Any:
        return self._client._native

    def _as(self: H, face: Face) -> H:
        return type(self)(self._told, self._client._as(face))

    def __reduce__(self) -> Any:
        return (type(self), (self._told, self._client))


class Inner(Handle):
    """A thing in another one, of which the service has to be told too; what it is told of that is plain data."""

    __slots__ = ("_within",)

    def __init__(self, told: Mapping[str, Any], client: Client, within: Any) -> None:
        super().__init__(told, client)
        self._within = within

    @classmethod
    def of(cls: type[I], client: Client, within: Any) -> Callable[[Any], I]:
        """Makes handles of what is told, in one thing."""
        return client._of(lambda told, client: cls(told, client, within))

    def _as(self: I, face: Face) -> I:
        return type(self)(self._told, self._client._as(face), self._within)

    def __reduce__(self) -> Any:
        return (type(self), (self._told, self._client, self._within))
