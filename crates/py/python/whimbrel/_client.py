"""What all clients have in common."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar, TypedDict, TypeVar

from ._face import PLAIN, SUBMIT, Face
from ._native import Call, List, Token

C = TypeVar("C", bound="Client")


class Settings(TypedDict, total=False):
    """What can be set of any client.

    - `cache`: where answers that stay true for a while are kept: `"memory"` (the default), `"off"`, or a file's path.
    - `requests_per_minute`: if it shall be fewer than the service allows.
    - `requests_at_once`: on their way at once; 32 by default.
    - `attempts`: how often a request is sent in all, where it may be repeated; 5 by default.
    - `deadline`: the longest that one call may take, in seconds; the moving of content does not count. 180 by default.
    - `connect_timeout`, `idle_timeout`: how long to wait for a connection, and for a byte, in seconds; 10 and 60.
    - `verify_tls`: whether the certificates of servers are checked.
    """

    cache: str
    requests_per_minute: int
    requests_at_once: int
    attempts: int
    deadline: int
    connect_timeout: int
    idle_timeout: int
    verify_tls: bool


class Caller:
    """What makes calls, in one of the three ways."""

    _face: Face = PLAIN

    def _call(self, call: Call, convert: Callable[[Any], Any] | None = None) -> Any:
        return self._face.call(call, convert)

    def _list(self, native: List, item: Callable[[Any], Any]) -> Any:
        return self._face.list(native, item)

    @property
    def submit(self) -> Any:
        """The same calls, each giving a `concurrent.futures.Future` at once."""
        other = copy.copy(self)
        other._face = SUBMIT
        return other


def given(token: str | Token | None) -> Token | None:
    """A token as it may be kept: nothing shows it.

    Whoever is given one puts this in its place first of all, so that no traceback shows it among a frame's variables.
    """
    return token if token is None or isinstance(token, Token) else Token(token)


class Client(Caller):
    """A client of a service. It pickles as what it is set to, with a reference to its token and never the token."""

    #: Makes the part of it that is Rust.
    _make: ClassVar[Callable[[str | None, Token | None, dict[str, Any]], Any]]

    def __init__(self, url: str | None, token: str | Token | None, settings: dict[str, Any]) -> None:
        token = given(token)
        self._told = (url, token, settings)
        self._native = type(self)._make(*self._told)

    def __reduce__(self) -> Any:
        return (_again, (type(self), *self._told))

    def __copy__(self: C) -> C:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        return same

    @property
    def url(self) -> str:
        """The base URL."""
        url: str = self._native.url
        return url

    def __repr__(self) -> str:
        # In the traceback of why it could not be made there is no more of it.
        url = repr(self.url) if "_native" in self.__dict__ else "..."
        return f"{type(self).__module__}.{type(self).__name__}({url})"


def _again(kind: type[C], url: str | None, token: Token | None, settings: dict[str, Any]) -> C:
    client = object.__new__(kind)
    Client.__init__(client, url, token, settings)
    return client
