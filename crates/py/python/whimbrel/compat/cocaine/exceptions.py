"""`cocaine.exceptions`: those of 0.12 and of 0.11."""

from __future__ import annotations

import builtins
from typing import Any

from .asio.exceptions import CommunicationError, LocatorResolveError
from .asio.exceptions import ConnectionError as _AsioConnectionError
from .common import CocaineErrno as CocaineErrno

__all__ = [
    "AsyncConnectionError",
    "AsyncConnectionTimeoutError",
    "ChokeEvent",
    "CocaineError",
    "ConnectionError",
    "DisconnectionError",
    "InvalidApiVersion",
    "InvalidChunk",
    "InvalidMessageType",
    "RequestError",
    "ServiceCallError",
    "ServiceConnectionError",
    "ServiceError",
    "ToolsError",
    "UploadError",
]

#: Of errors that are found here, and not by a service.
DEFAULT_FRAMEWORK_CATEGORY = 999


class CocaineError(Exception):
    """What all of these are."""

    def __reduce__(self) -> Any:
        return (again, (type(self), self.args, self.__dict__))


def again(kind: type[Exception], args: tuple[Any, ...], told: dict[str, Any]) -> Exception:
    """Makes an error of what it was."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(told)
    return error


class InvalidChunk(CocaineError):
    """A chunk is text or bytes."""


class ServiceError(CocaineError):
    """What a service answered with."""

    def __init__(
        self, servicename: str, reason: str, code: int, category: int = DEFAULT_FRAMEWORK_CATEGORY
    ) -> None:
        Exception.__init__(self, f'error in service "{servicename}" - {reason} [{code}]')
        self.servicename = servicename
        self.reason = reason
        self.code = code
        self.category = category

    @property
    def msg(self) -> str:
        """The reason, by its name of 0.11."""
        return self.reason


class UnknownService(ServiceError, LocatorResolveError):
    """The locator knows no such service: in 0.12 this was an error of the service `locator`, in 0.11 one of its own."""


class InvalidApiVersion(ServiceError):
    """The service has another version than the one that was asked for."""

    def __init__(self, servicename: str, expected_version: int, got_version: int) -> None:
        message = f"invalid API version: expected `{expected_version}`, got `{got_version}`"
        super().__init__(servicename, message, CocaineErrno.INVALIDAPIVERSION)


class InvalidMessageType(ServiceError):
    """A message that may not come."""


class ChokeEvent(CocaineError):
    """Nothing more comes, or may be sent."""

    def __str__(self) -> str:
        return "ChokeEvent"


class ServiceConnectionError(CocaineError, _AsioConnectionError, builtins.ConnectionError):
    """There is no connection to the service, or to the locator."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)


class DisconnectionError(ServiceConnectionError):
    """The connection was lost with this open on it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Service {name} has been disconnected")


class RequestError(CocaineError, CommunicationError):
    """0.11: a request that is closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"request error - {reason}")


#: 0.11's name.
ConnectionError = ServiceConnectionError


class AsyncConnectionTimeoutError(ServiceConnectionError):
    """0.11: no connection in time."""


class AsyncConnectionError(ServiceConnectionError):
    """0.11: no connection."""


class ToolsError(CocaineError):
    """Of cocaine-tools."""


class UploadError(ToolsError):
    """Of cocaine-tools."""


class ServiceCallError(ToolsError):
    """Of cocaine-tools."""
