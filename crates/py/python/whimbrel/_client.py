"""What all clients have in common."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any, ClassVar, TypedDict, TypeVar

from ._face import PLAIN, SUBMIT, Face
from ._native import Call, List, Token
from ._record import Records
from .errors import InvalidError

C = TypeVar("C", bound="Client")
H = TypeVar("H")
K = TypeVar("K", bound="Caller")


class Settings(TypedDict, total=False):
    """What can be set of any client.

    - `cache`: where answers that stay true for a while are kept: `"memory"` (the default), `"disk"` (where the program keeps
      them), `"off"`, or a file's path.
      A process that is forked from one which has such a file open keeps them in memory; one that is spawned shares the file.
    - `requests_per_minute`: if it shall be fewer than the service allows. What the first client of a user says holds for all
      of that user's in the process.
    - `requests_at_once`: on their way at once; 32 by default, over all of a user's clients that say the same.
    - `attempts`: how often a request is sent in all, where it may be repeated; 5 by default.
    - `deadline`: the longest that one call may take, in seconds; the moving of content does not count. 180 by default.
    - `connect_timeout`, `idle_timeout`: how long to wait for a connection, and for a byte, in seconds; 10 and 60.
    - `verify_tls`: whether the certificates of servers are checked.
    """

    cache: str | os.PathLike[str]
    requests_per_minute: int
    requests_at_once: int
    attempts: int
    deadline: int
    connect_timeout: int
    idle_timeout: int
    verify_tls: bool


class Caller:
    """What makes calls, in one of the three ways."""

    __slots__ = ()

    _face: Face = PLAIN

    def _as(self: K, face: Face) -> K:
        """The same, which makes its calls in this way."""
        other = copy.copy(self)
        other._face = face
        return other

    def _call(self, call: Call, convert: Callable[[Any], Any] | None = None) -> Any:
        return self._face.call(call, convert)

    def _list(self, native: List, item: Callable[[Any], Any]) -> Any:
        return self._face.list(native, item)

    def _many(self, native: List, names: list[str], value: Callable[[Any], Any]) -> Any:
        return self._face.many(native, names, value)

    @property
    def submit(self) -> Any:
        """The same calls, each giving a `concurrent.futures.Future` at once."""
        return self._as(SUBMIT)


class Client(Caller):
    """A client of a service. It pickles as what it is set to, with a reference to its token and never the token."""

    #: Makes the part of it that is Rust.
    _make: ClassVar[Callable[..., Any]]

    def __init__(self, url: str | None, token: str | Token | None, settings: dict[str, Any], *more: Any) -> None:
        token = secret(token)  # Nobody sees it in a traceback.
        if url is not None and "://" not in url:
            # Not shown: it may well be a token, which other packages take first.
            raise InvalidError("the first argument is the URL of the server, with https://; a token is given as token=")
        self._told = (url, token, settings, *more)
        self._native = type(self)._make(*self._told)

    def __reduce__(self) -> Any:
        return (_again, (type(self), *self._told))

    def __copy__(self: C) -> C:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        return same

    def _of(self, kind: Callable[[Any, Any], H]) -> Callable[[Any], H]:
        """Makes handles of what is told: they make their calls as this client does, and wait where it gives futures."""
        client = self._as(PLAIN) if self._face.name == SUBMIT.name else self
        return lambda told: kind(told, client)

    def _records(self, kind: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
        """The same of several at once."""
        of = self._of(kind)
        return lambda told: Records(map(of, told))

    @property
    def url(self) -> str:
        """The base URL."""
        url: str = self._native.url
        return url

    def clear_cache(self) -> None:
        """Forgets all answers that are kept: for all clients of this process, or for all that use the same file.

        Writes of one's own make old what they change by themselves; this is for what others have changed just now.
        """
        return self._call(self._native.clear_cache())

    def api(self, operation_id: str, /, body: Any = None, **parameters: Any) -> Any:
        """Any operation of the service by its id, as `whimbrel api` names it.

        `parameters` are those of its path, its query and its headers under the service's own names; of a list each value is
        sent, and `None` is none. A `body` is sent as JSON, or as it is if it is bytes. What comes is objects, if it is JSON,
        and bytes if not; an error raises.

        >>> from whimbrel import dserver
        >>> client = dserver.Client()
        >>> len(client.api("search_datasets", {"free_text": "simulation"}, page_size=1))
        1
        """
        return self._call(self._native.api(operation_id, *written(body, parameters)), _read)

    def __repr__(self) -> str:
        # In the traceback of why it could not be made there is no more of it.
        url = repr(self.url) if "_native" in self.__dict__ else "..."
        return f"{type(self).__module__}.{type(self).__name__}({url})"


def secret(text: str | Token | None) -> Token | None:
    """What nobody sees: not in a `repr`, not in a pickle."""
    return text if text is None or isinstance(text, Token) else Token(text)


#: Clients that came out of pickles lately, and when each was made: on a cluster every task brings one with it, and would
#: look for its token and connect to the server anew.
_lately: dict[Any, tuple[float, Client]] = {}
_MOST_LATELY = 8

#: How long one stands for the next, in seconds: what is kept in files of tokens is looked up again after that.
_A_WHILE = 60.0


def _again(kind: type[C], *told: Any) -> C:
    import pickle
    import time

    key = (pickle.dumps((kind, told)), hash(frozenset(os.environ.items())))
    made, client = _lately.pop(key, (0.0, None))
    if client is None or time.monotonic() - made > _A_WHILE:
        made, client = time.monotonic(), object.__new__(kind)
        Client.__init__(client, *told)
    _lately[key] = (made, client)
    while len(_lately) > _MOST_LATELY:
        _lately.pop(next(iter(_lately)), None)
    # What a user changes of it is nobody else's.
    same: C = copy.copy(client)  # type: ignore[assignment]
    return same


def written(body: Any, parameters: dict[str, Any]) -> tuple[list[tuple[str, str]], bytes | None]:
    """Parameters and a body as they are sent."""
    pairs = []
    for name, value in parameters.items():
        values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        pairs += [(name, _text(it)) for it in values if it is not None]
    if body is None or isinstance(body, (bytes, bytearray, memoryview)):
        return pairs, None if body is None else bytes(body)
    import json

    return pairs, json.dumps(body).encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(told: tuple[int, dict[str, str], Any, BaseException | None]) -> Any:
    _, _, body, error = told
    if error is not None:
        raise error
    return body
