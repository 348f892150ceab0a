"""What can go wrong, by the old package's names. The cause (`__cause__`) is whimbrel's own error, which tells more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "AuthException",
    "BadRequest",
    "DataSiftApiException",
    "DataSiftApiFailure",
    "DataSiftException",
    "DeleteRequired",
    "HTTPError",
    "HistoricSourcesRequired",
    "NotFoundException",
    "RateLimitException",
    "StreamNotConnected",
    "StreamSubscriberNotStarted",
    "Unauthorized",
]


class DataSiftException(Exception):
    """What all others are, but for `HTTPError` and what the network does."""


class _Told(DataSiftException):
    """An error that the service tells of: `response` is its answer, `message` its words."""

    response: Any

    def __init__(self, response: Mapping[str, Any]) -> None:
        # A terminal may be where it is shown; `response` has it as it came.
        text = str(response["error"])
        super().__init__("".join(it if it.isprintable() or it in "\n\t" else "\N{REPLACEMENT CHARACTER}" for it in text))
        self.response = response

    @property
    def message(self) -> str:
        """The service's words."""
        return str(self.args[0])

    def __reduce__(self) -> Any:
        return (type(self), (self.response,))


class AuthException(DataSiftException):
    """The user or the API key is wrong. `args[0]` is what the service said, as a dict."""

    @property
    def message(self) -> str:
        """The service's words."""
        told = self.args[0] if self.args else ""
        return str(told["error"]) if isinstance(told, Mapping) else str(told)


class HistoricSourcesRequired(DataSiftException):
    """A query of the archive, or a preview of one, is of at least one source."""


class NotFoundException(DataSiftException):
    """Never raised; it was not before, either."""


class BadRequest(DataSiftException):
    """What is to be ingested is not a list of dicts."""


class Unauthorized(DataSiftException):
    """Never raised; it was not before, either."""


class StreamNotConnected(DataSiftException):
    """There is no live connection that a stream could come on."""


class DeleteRequired(DataSiftException):
    """No stream comes before there is a function for what is deleted: see `Client.on_delete`."""


class StreamSubscriberNotStarted(DataSiftException):
    """`Client.start_stream_subscriber` comes first."""


class DataSiftApiFailure(DataSiftException):
    """An answer that can't be understood: a page of HTML in place of JSON, for one."""


class DataSiftApiException(_Told):
    """The service says no. `response` has its status, its headers and its words."""


class RateLimitException(_Told):
    """The call costs more credits than are left. `response.ratelimits` says how many there are, and when there are more."""


class HTTPError(OSError):
    """A status of an error in an answer that tells of none. Where `requests` is imported, it is its `HTTPError`, too."""

    #: The answer.
    response: Any = None
    request: Any = None
