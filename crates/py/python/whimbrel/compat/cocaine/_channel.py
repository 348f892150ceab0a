"""Channels of 0.12: what comes and what is sent."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from . import _errors
from ._pending import Pending, begin, refused
from .exceptions import ChokeEvent, CocaineError, DisconnectionError


class EmptyResponse(CocaineError):
    """The end of a stream, which 0.12 gives as a value, once."""


class Shape:
    """How a method answers, by what may come."""

    def __init__(self, comes: list[str]) -> None:
        self.is_mute = not comes
        self.is_stream = "write" in comes or "chunk" in comes
        self.name = (comes[0] if comes else "").encode()


class Rx:
    """What comes."""

    def __init__(self, native: Any, service: str) -> None:
        self._native = native
        self._shape = Shape(native.comes)
        self.service_name = service
        #: The end was told, or an error, which is one.
        self._is_over = self._shape.is_mute
        self._is_cut = False
        self._reading: weakref.WeakSet[Pending] = weakref.WeakSet()

    def get(self, timeout: float = 0, protocol: Callable[[bytes, list[Any]], Any] | None = None) -> Pending:
        """What comes next: a value, a list of several or of none; at the end of a stream an `EmptyResponse`, once.

        Without a timeout above 0 it waits for as long as it takes. When the time is over what comes later can still be read.
        """
        if self._is_cut:
            self._is_cut = False
            return refused(DisconnectionError(self.service_name))
        if self._is_over:
            return refused(ChokeEvent())
        time = timeout if timeout > 0 else None

        def came(values: list[Any] | None) -> Any:
            if values is None:
                is_first, self._is_over = not self._is_over, True
                if is_first and self._shape.is_stream:
                    return EmptyResponse()
                raise ChokeEvent
            if protocol is not None:
                return protocol(self._shape.name, values)
            return values[0] if len(values) == 1 else values

        def failed(error: BaseException) -> BaseException:
            error = _errors.named(error, self.service_name, timeout=time)
            self._is_over = self._is_over or isinstance(error, CocaineError)
            return error

        pending = begin(self._native.read(time), came, failed)
        self._reading.add(pending)
        return pending

    def closed(self) -> bool:
        """Whether the end was read."""
        return self._is_over

    def _cut(self) -> None:
        waiting = [it for it in self._reading if not it.done()]
        self._is_cut = not self._is_over and not waiting
        self._is_over = True
        for it in waiting:
            it._deliver(None, DisconnectionError(self.service_name))


class Tx:
    """What is sent: `write`, `close`, `error`, or whatever the service takes."""

    def __init__(self, native: Any, service: str) -> None:
        self._native = native
        self._ends = dict(native.sent)
        self._is_over = not self._ends
        self._is_cut = False
        self.service_name = service

    def __getattr__(self, name: str) -> Callable[..., Pending]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **headers: self._invoke(name, args, headers)

    def _invoke(self, name: str, args: tuple[Any, ...], headers: dict[str, Any]) -> Pending:
        if headers:
            return refused(TypeError(f"headers go with the call that opens a channel, and not with {name}"))
        if self._is_cut:
            return refused(_errors.stream_closed(self.service_name))
        if self._is_over:
            return refused(ChokeEvent())
        if name not in self._ends:
            return refused(AttributeError(name))
        try:
            sending = self._native.send(name, args)
        except Exception as e:
            return refused(e)
        # What is handed in goes out in this order, whoever waits for it.
        self._is_over = self._ends[name]

        def failed(error: BaseException) -> BaseException:
            if getattr(error, "_went", "") == "disconnected":
                closed = _errors.stream_closed(self.service_name)
                closed.__cause__ = error
                return closed
            return _errors.named(error, self.service_name, name)

        return begin(sending, lambda _: None, failed)

    def done(self) -> bool:
        """Whether nothing more can be sent."""
        return self._is_over


class Channel:
    """What follows a call, both ways. It keeps its connection, whoever else lets go of that."""

    def __init__(self, native: Any, service: str) -> None:
        self._native = native
        self.rx = Rx(native, service)
        self.tx = Tx(native, service)

    def _cut(self) -> None:
        self.rx._cut()
        self.tx._is_cut = True
        self._native.end()

    def __repr__(self) -> str:
        return f"<Channel of {self.rx.service_name}>"
