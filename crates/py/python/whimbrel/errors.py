"""What can go wrong. `except whimbrel.errors.Error` catches all of it.

Each class stands for one thing that a caller can do about it, and is one of Python's own where there is such a one: a
`TimeoutError` is a `builtins.TimeoutError`, an `InvalidError` a `ValueError`.
"""

from __future__ import annotations

import builtins
from typing import Any

__all__ = [
    "AuthenticationError",
    "ConflictError",
    "Error",
    "ForbiddenError",
    "InvalidError",
    "LocalError",
    "NotFoundError",
    "PartialError",
    "QuotaExceededError",
    "RateLimitedError",
    "TimeoutError",
    "UnavailableError",
    "UnexpectedError",
]


class Error(Exception):
    """Why a call did not do what was asked; as text one line for people.

    - `status`: the status of the server's answer, if it gave one.
    - `operation`: the operation by its id, as `whimbrel api` names it.
    - `request_id`: the server's own id of the request: what its operators ask for.
    - `retryable`: the same call may go better later; all tries that are made by themselves are used up.
    - `ambiguous`: the server may have done it although no answer came: look before asking again.
    - `retry_after`: when another try has a chance, in seconds, where the server or our quota said so.
    - `attempts`: how often the request was sent.
    - `object`: what it happened to: a project, a file, a dataset.
    - `service`: of Cocaine, the service.
    - `category`, `code`, `reason`: of an error that a service of Cocaine's answered with, its numbers and its own words.
    - `findings`: what is wrong with metadata, one text each.
    - `failed`: of a transfer of many files those that did not arrive, each with its own error.
    - `report`: what such a transfer did all the same: how many files and bytes.
    """

    status: int | None = None
    operation: str | None = None
    request_id: str | None = None
    retryable: bool = False
    ambiguous: bool = False
    retry_after: float | None = None
    attempts: int = 0
    object: str | None = None
    service: str | None = None
    category: int | None = None
    code: int | None = None
    reason: str | None = None
    findings: list[str] = []
    failed: list[tuple[str, Error]] = []
    report: dict[str, Any] | None = None

    def __init__(self, message: str = "", /, **told: Any) -> None:
        super().__init__(message)
        self.__dict__.update(told)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.args, self.__dict__))


def _again(kind: type[Error], args: tuple[Any, ...], told: dict[str, Any]) -> Error:
    return kind(*args, **told)


class NotFoundError(Error, LookupError):
    """There is no such thing, or not for this user."""


class AuthenticationError(Error):
    """The token is missing, wrong or expired."""


class ForbiddenError(Error, PermissionError):
    """The token is good, but its user may not do this."""


class InvalidError(Error, ValueError):
    """An argument, a name, a file's metadata: refused here before anything was sent, or by the server."""


class ConflictError(Error):
    """It is there already, or has changed in between."""


class RateLimitedError(Error):
    """Too many requests, past the call's deadline."""


class QuotaExceededError(Error):
    """The storage quota leaves no room."""


class UnavailableError(Error, ConnectionError):
    """The server could not be reached, broke off, or is not well."""


class TimeoutError(Error, builtins.TimeoutError):
    """The call's time was over."""


class PartialError(Error):
    """Some of many things failed; the others are done."""


class LocalError(Error, OSError):
    """The local file system."""


class UnexpectedError(Error):
    """An answer that the service's description does not know."""
