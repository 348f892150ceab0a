"""Parts of the API: what a client has under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .._client import Caller
from .._face import Face
from .._record import Record
from .._secret import Secret

if TYPE_CHECKING:
    from .client import Client

P = TypeVar("P", bound="Part")


class Part(Caller):
    """A part of the API, which makes its calls as its client does."""

    def __init__(self, client: Client, *within: str) -> None:
        self._client = client
        self._face = client._face
        #: What all its calls are about.
        self._within = within

    @property
    def _native(self) -> Any:
        return self._client._native

    def _as(self: P, face: Face) -> P:
        return type(self)(self._client._as(face), *self._within)

    def __reduce__(self) -> Any:
        return (type(self), (self._client, *self._within))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {', '.join([repr(self._client), *map(repr, self._within)])}>"


class Proof(Record):
    """What holds a secret that nothing shows but `reveal()`. A pickle does without it."""

    __slots__ = ()

    #: The name of the secret.
    _secret: ClassVar[str]

    def __init__(self, told: Any) -> None:
        text = told.get(self._secret)
        super().__init__({**told, self._secret: Secret(text)} if isinstance(text, str) else told)

    def __reduce__(self) -> Any:
        told = {name: value for name, value in self._told.items() if not isinstance(value, Secret)}
        return (type(self), (told,))
