"""What went wrong, by the old names; and what nobody looked at."""

from __future__ import annotations

import atexit
import logging
import re
import sys
import weakref
from typing import Any

from ... import errors
from .asio.exceptions import TimeoutError
from .exceptions import (
    ChokeEvent,
    DisconnectionError,
    InvalidApiVersion,
    InvalidMessageType,
    ServiceConnectionError,
    ServiceError,
    UnknownService,
    again,
)

log = logging.getLogger("cocaine.errors")

#: As the protocol's errors tell it.
_VERSIONS = re.compile(r"version (\d+) is wanted, and it is of version (\d+)")
_LOCATOR = 10


def named(error: BaseException, service: str, method: str = "", timeout: float | None = None) -> BaseException:
    """An error of whimbrel's by its old name; any other as it is."""
    if not isinstance(error, errors.Error):
        return error
    made = _named(error, getattr(error, "_went", ""), service, method, timeout)
    made.__cause__ = error
    return made


def _named(error: errors.Error, went: str, service: str, method: str, timeout: float | None) -> BaseException:
    name = error.service or service
    if went == "service":
        told = (name, error.reason or "", error.code or 0, error.category or 0)
        is_unknown = error.category == _LOCATOR and error.code == 1
        return UnknownService(*told) if is_unknown or (name == "locator" and service != name) else ServiceError(*told)
    if went == "method":
        versions = _VERSIONS.search(str(error))
        return InvalidApiVersion(name, int(versions[1]), int(versions[2])) if versions else AttributeError(method)
    if went == "disconnected":
        return DisconnectionError(name)
    if went == "connect":
        return ServiceConnectionError(str(error))
    if went == "protocol":
        return InvalidMessageType(name, str(error), 240)
    if isinstance(error, errors.TimeoutError):
        return timed_out(timeout)
    return ValueError(str(error)) if isinstance(error, errors.InvalidError) else ServiceError(name, str(error), 0)


def timed_out(timeout: float | None) -> BaseException:
    """A `TimeoutError`, which is tornado's too where that is in use."""
    return _also(TimeoutError, "tornado.util", "TimeoutError")("" if timeout is None else timeout)


def stream_closed(name: str) -> BaseException:
    """A `DisconnectionError`, which is a `StreamClosedError` of tornado's too where that is in use."""
    return _also(DisconnectionError, "tornado.iostream", "StreamClosedError")(name)


def _also(kind: type[Any], module: str, name: str) -> Any:
    there = sys.modules.get(module)
    return kind if there is None else _both(kind, getattr(there, name))


_made: dict[tuple[type, type], Any] = {}


def _both(kind: type[Any], other: type[Any]) -> Any:
    def init(self: Any, *told: Any) -> None:
        kind.__init__(self, *told)

    def reduce(self: Any) -> Any:
        # Elsewhere it is of our kind alone.
        return (again, (kind, self.args, self.__dict__))

    members = {"__init__": init, "__reduce__": reduce, "__module__": kind.__module__, "real_error": None}
    return _made.setdefault((kind, other), type(kind.__name__, (kind, other), members))


class Reported:
    """What may fail, and is told of if nobody has looked at that when it goes, or at the end of the process."""

    _failure: BaseException | None = None

    def _failed(self, error: BaseException) -> None:
        # The end of a stream is no failure.
        if not isinstance(error, ChokeEvent):
            self._failure = error
            _unseen.add(self)

    def _looked(self) -> None:
        if self._failure is not None:
            self._failure = None
            _unseen.discard(self)

    def __del__(self) -> None:
        if self._failure is not None:
            _report(self._failure)


_unseen: weakref.WeakSet[Reported] = weakref.WeakSet()


def _report(error: BaseException) -> None:
    log.error("nobody has looked at this: %s", error, exc_info=(type(error), error, error.__traceback__))


@atexit.register
def _report_all() -> None:
    for it in list(_unseen):
        error = it._failure
        it._looked()
        if error is not None:
            _report(error)
