"""`cocaine.asio.exceptions`, of 0.11."""

from __future__ import annotations

import builtins

__all__ = [
    "CommunicationError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResolveError",
    "ConnectionTimeoutError",
    "Error",
    "IllegalStateError",
    "LocatorResolveError",
    "TimeoutError",
]


class Error(Exception):
    """What all of these are."""


class CommunicationError(Error):
    """Something between here and the service."""


class ConnectionError(CommunicationError):
    """There is no connection."""


class ConnectionResolveError(ConnectionError):
    """A host's name has no address."""


class ConnectionRefusedError(ConnectionError):
    """Nobody listens there."""


class ConnectionTimeoutError(ConnectionError):
    """No connection in time."""


class LocatorResolveError(ConnectionError):
    """The locator does not know the service."""


class TimeoutError(CommunicationError, builtins.TimeoutError):
    """Nothing came in time; what comes later can still be read."""

    def __init__(self, timeout: float | str = "") -> None:
        super().__init__(timeout if isinstance(timeout, str) else f"timeout ({timeout:.3f}s)")


class IllegalStateError(CommunicationError):
    """It can't be done now."""
