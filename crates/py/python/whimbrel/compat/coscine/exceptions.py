"""What can go wrong, by the old package's names. The cause (`__cause__`) is whimbrel's own error, which tells more."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from ... import errors

__all__ = ["AuthenticationError", "CoscineException", "NotFoundError", "RequestRejected", "TooManyResults"]


class CoscineException(Exception):
    """What all others are."""


class AuthenticationError(CoscineException):
    """The API token is missing, wrong or expired."""


class TooManyResults(CoscineException):
    """Several things fit where one was asked for."""


class NotFoundError(CoscineException):
    """Nothing fits, or not for this user."""


class RequestRejected(CoscineException):
    """The service does not do what it was asked for."""


class Missing(NotFoundError, RequestRejected):
    """The service knows no such thing: the old package told some of these as the one, and some as the other."""


class Refused(RequestRejected, ValueError):
    """Metadata, a name or a setting that can't be right; what is wrong with metadata is in the cause's `findings`."""


class _Asking(AbstractContextManager[None]):
    """Tells errors of whimbrel's by their names here. What the file system says stays as it is."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, errors.Error) and not isinstance(error, errors.LocalError):
            raise _called(error) from error


def _called(error: errors.Error) -> Exception:
    text = str(error)
    if isinstance(error, errors.AuthenticationError):
        return AuthenticationError(text)
    if isinstance(error, errors.NotFoundError):
        return Missing(text)
    if isinstance(error, errors.InvalidError):
        return Refused("\n".join(map(str, error.findings)) or text)
    if isinstance(error, (errors.UnavailableError, errors.TimeoutError)) and error.status is None:
        return ConnectionError(text)
    return RequestRejected(text)


#: `with asking:` around calls of whimbrel's.
asking = _Asking()
