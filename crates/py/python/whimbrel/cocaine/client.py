"""The services that a locator knows."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

from .._client import secret
from .._native import Cocaine as Native
from .._native import Token
from .._stream import Caller
from .app import App
from .service import Runtime, Service, made
from .typed import Cache, Locator, Logging, Node, Storage
from .unicorn import Unicorn


class Cocaine(Caller):
    """The services that a locator knows. All services of one client that have one name share a connection.

    - `locator`: where a locator is, as `host:port`, or several with commas, which are tried in turn. Without it
      `COCAINE_LOCATOR` of the environment counts, and then `localhost:10053`.
    - `runtime`: `"0.12"`, or `"0.11"`, whose protocol is another.
    - `deadline`: how long a call may take, resolving and connecting included, in seconds.
    - `tvm_client`, `tvm_secret`: who asks the service `tvm` for tickets, which then go with each call. A ticket is asked
      for again after `ticket_seconds`.

    A client pickles as what it is set to, without the secret; where no locator was given, the environment counts there.

    >>> from whimbrel import cocaine
    >>> client = cocaine.Cocaine(deadline=10)
    >>> client.storage().write("runs", "42", b"content", ["steel"])
    >>> client.service("storage").call("find", "runs", ["steel"])
    [b'42']
    """

    def __init__(
        self,
        locator: str | None = None,
        *,
        runtime: Runtime = "0.12",
        deadline: float = 60,
        tvm_client: int | None = None,
        tvm_secret: str | Token | None = None,
        ticket_seconds: float = 600,
    ) -> None:
        tvm_secret = secret(tvm_secret)  # Nobody sees it in a traceback.
        if (tvm_client is None) != (tvm_secret is None):
            raise TypeError("a ticket needs tvm_client and tvm_secret")
        self._told = {
            "locator": locator,
            "runtime": runtime,
            "deadline": deadline,
            "tvm_client": tvm_client,
            "tvm_secret": tvm_secret,
            "ticket_seconds": ticket_seconds,
        }
        ticket = None if tvm_client is None or tvm_secret is None else (tvm_client, tvm_secret, ticket_seconds)
        self._native = Native(locator or os.environ.get("COCAINE_LOCATOR") or None, runtime, deadline, ticket)

    def service(self, name: str, *, version: int | None = None, seed: str | None = None) -> Service:
        """Any service by its name; of this version only, or of a group always the same one for the same seed."""
        return made(Service, self, name, version, seed)

    def app(self, name: str) -> App:
        """An app by its name."""
        return made(App, self, name)

    def storage(self) -> Storage:
        """Content by namespace and key."""
        return made(Storage, self, "storage")

    def logging(self) -> Logging:
        """Where services and apps log."""
        return made(Logging, self, "logging")

    def cache(self) -> Cache:
        """Values in the memory of a machine."""
        return made(Cache, self, "cache")

    def node(self) -> Node:
        """The apps of a machine."""
        return made(Node, self, "node")

    def locator(self) -> Locator:
        """The service that knows all others."""
        return made(Locator, self, "locator")

    def unicorn(self) -> Unicorn:
        """Settings and locks that all machines share."""
        return made(Unicorn, self, "unicorn")

    def __copy__(self) -> Cocaine:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        return same

    def __reduce__(self) -> Any:
        return (_again, (type(self), self._told))

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}({self._told['locator'] or ''})"


def _again(kind: type[Cocaine], told: dict[str, Any]) -> Cocaine:
    return kind(**told)
