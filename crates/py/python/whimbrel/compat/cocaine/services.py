"""`cocaine.services`."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ... import cocaine
from ..._client import secret
from ..._native import Token
from ._channel import Channel, EmptyResponse
from ._errors import named
from ._flow import Asked
from ._pending import Pending, begin
from .detail.trace import Trace
from .futures.chain import Chain

__all__ = ["LOCATOR_DEFAULT_ENDPOINTS", "EmptyResponse", "Locator", "SecureServiceFabric", "Service"]

#: Where a locator is if nobody says otherwise: `--locator` of the command line and `COCAINE_LOCATOR` do.
LOCATOR_DEFAULT_ENDPOINTS = (("127.0.0.1", 10053),)

#: Which runtime services are of unless they say so: `"0.12"` or `"0.11"`.
RUNTIME: cocaine.Runtime = "0.12"

Endpoints = Sequence[Sequence[Any]]

_clients: dict[tuple[Any, ...], cocaine.Cocaine] = {}
_making = threading.Lock()


def _client(locator: str, runtime: cocaine.Runtime, ticket: tuple[int, Token, float] | None) -> cocaine.Cocaine:
    # A pickled secret is a reference to it.
    told = (locator, runtime, pickle.dumps(ticket))
    with _making:
        client = _clients.get(told)
        if client is None:
            tvm: dict[str, Any] = {}
            if ticket is not None:
                tvm = dict(zip(("tvm_client", "tvm_secret", "ticket_seconds"), ticket))
            client = _clients[told] = cocaine.Cocaine(locator, runtime=runtime, **tvm)
        return client


def _locators(endpoints: Endpoints | None) -> str:
    if endpoints is not None and tuple(map(tuple, endpoints)) != LOCATOR_DEFAULT_ENDPOINTS:
        return ",".join(f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}" for host, port in endpoints)
    arguments = sys.argv
    if "--locator" in arguments[:-1]:
        return arguments[arguments.index("--locator") + 1]
    host, port = LOCATOR_DEFAULT_ENDPOINTS[0]
    return os.environ.get("COCAINE_LOCATOR") or f"{host}:{port}"


class Call(Chain):
    """A call of a service's, which is on its way.

    Awaited, or yielded in a coroutine of tornado's, it is the `Channel` of 0.12: `channel.rx.get(timeout=1)`. Everything else
    is as 0.11 has it: `get(timeout=1)`, `wait`, `then`, iteration, and `yield` in a generator that is a `chain.source`,
    which gives the first chunk, or the channel of a method that takes chunks.
    """

    def __init__(self, opened: Pending, service: str, method: str) -> None:
        super().__init__()
        self._source = self._asked = Asked(opened, service, method)

    def __await__(self) -> Any:
        return self._asked.channel().__await__() if self._source is self._asked else super().__await__()


class Service:
    """A service by its name; its methods are those that the runtime tells.

    Nothing happens before the first call. `endpoints` (or `host` and `port`) are those of the locator.
    """

    def __init__(
        self,
        name: str,
        endpoints: Endpoints | bool | None = None,
        seed: str | None = None,
        version: int = 0,
        locator: Locator | None = None,
        io_loop: Any = None,
        timeout: float = 0,
        *,
        host: str | None = None,
        port: int | None = None,
        runtime: cocaine.Runtime | None = None,
        **_of_older: Any,
    ) -> None:
        # 0.11 has there whether to connect at once.
        told = None if endpoints is None or isinstance(endpoints, bool) else endpoints
        if host is not None or port is not None:
            default = LOCATOR_DEFAULT_ENDPOINTS[0]
            told = [(host or default[0], port or default[1])]
        where = locator._where if locator is not None and told is None else _locators(told)
        self._set(name, where, runtime or RUNTIME, None, (version or None, seed), timeout)

    def _set(
        self,
        name: str,
        where: str,
        runtime: cocaine.Runtime,
        ticket: tuple[int, Token, float] | None,
        which: tuple[int | None, str | None],
        timeout: float,
    ) -> None:
        self.name = name
        self.servicename = name
        self.timeout = timeout
        self._where, self._runtime, self._which = where, runtime, which
        self._headers: list[tuple[bytes, bytes]] = []
        self._channels: weakref.WeakSet[Channel] = weakref.WeakSet()
        self._native = self._found(_client(where, runtime, ticket))

    def _found(self, client: cocaine.Cocaine) -> Any:
        # A connection of its own, which it can let go of.
        return client._native.service(self.name, *self._which, True)

    def connect(self, traceid: Any = None) -> Pending:
        """Resolves and connects, which the first call does by itself."""
        return begin(self._native.resolved(), lambda _: None, lambda error: named(error, self.name))

    def disconnect(self) -> None:
        """Lets go of the connection; what is open on it fails with a `DisconnectionError`. The next call makes another."""
        self._native.disconnect()
        for channel in list(self._channels):
            channel._cut()

    def perform_sync(self, method: str, *args: Any, timeout: float | None = None, **headers: Any) -> Iterator[Any]:
        """All chunks of a call, one after another; each is waited for."""
        call = self._invoke(method, args, headers)
        while True:
            result = call._next(timeout)
            if result.is_choke:
                return
            yield result.get()

    def __getattr__(self, name: str) -> Callable[..., Call]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **headers: self._invoke(name, args, headers)

    def _invoke(self, method: str, args: tuple[Any, ...], told: dict[str, Any]) -> Call:
        headers, trace = list(self._headers), told.pop("trace", None)
        if trace is not None:
            headers += Trace(*trace)._headers()
        headers += [(name.encode(), it if isinstance(it, bytes) else str(it).encode()) for name, it in told.items()]
        opening = self._native.open(method, args, headers, self.timeout or None)

        def opened(native: Any) -> Channel:
            channel = Channel(native, self.name)
            self._channels.add(channel)
            return channel

        return Call(begin(opening, opened, lambda error: named(error, self.name, method)), self.name, method)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Locator(Service):
    """The service that knows all others, whose methods are known before it is asked."""

    def __init__(
        self, endpoints: Endpoints | None = None, io_loop: Any = None, *, runtime: cocaine.Runtime | None = None
    ) -> None:
        self._set("locator", _locators(endpoints), runtime or RUNTIME, None, (None, None), 0)

    def _found(self, client: cocaine.Cocaine) -> Any:
        return client._native.locator()


class SecureServiceFabric:
    """Makes services whose calls prove who makes them."""

    @staticmethod
    def make_secure_adaptor(
        service: Service, mod: str, client_id: int, client_secret: str | Token, tok_update_sec: float | None = None
    ) -> Service:
        """The same service with a ticket of the service `tvm` in each call, which is asked for anew after `tok_update_sec`,
        or with each call. Of any other kind than `"TVM"` calls go with an empty one."""
        hidden = secret(client_secret)
        del client_secret  # Nobody sees it in a traceback.
        secure = object.__new__(Service)
        is_tvm = mod == "TVM"
        ticket = (client_id, hidden, float(tok_update_sec or 0)) if is_tvm and hidden is not None else None
        secure._set(service.name, service._where, service._runtime, ticket, service._which, service.timeout)
        if not is_tvm:
            secure._headers = [(b"authorization", b"")]
        return secure
