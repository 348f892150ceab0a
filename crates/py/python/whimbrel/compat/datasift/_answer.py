"""What the service answered, as it came."""

from __future__ import annotations

import sys
from typing import Any

from .exceptions import HTTPError


class Headers(dict[str, str]):
    """Headers by their names, in any case of letters; kept in lower case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class Answer:
    """An answer as it came: what `future.result()` gives; `future.process()` makes of it what users have.

    `status_code`, `headers`, `content` in bytes, `text`, `json()`, `ok` and `raise_for_status()` are as in `requests`.
    """

    def __init__(self, status: int, headers: dict[str, str], content: bytes, error: BaseException | None = None) -> None:
        self.status_code = status
        self.headers = Headers(headers)
        self.content = content
        #: What whimbrel would have raised for it.
        self.error = error

    @property
    def text(self) -> str:
        """The body, which is UTF-8."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body read as JSON."""
        import json

        return json.loads(self.content)

    @property
    def ok(self) -> bool:
        """Whether its status is none of an error."""
        return self.status_code < 400

    def raise_for_status(self) -> None:
        """Raises `HTTPError` for a status of an error."""
        if not self.ok:
            error = also_of_requests(HTTPError, "HTTPError")(f"{self.status_code}: {self.text[:200]!r}")
            error.response = self
            raise error from self.error

    def __repr__(self) -> str:
        return f"<Answer [{self.status_code}]>"


_made: dict[tuple[type, str], Any] = {}


def also_of_requests(kind: Any, name: str) -> Any:
    """The class, which is one of `requests.exceptions` as well, if that is imported: who catches one has imported it."""
    requests = sys.modules.get("requests.exceptions")
    if requests is None:
        return kind
    if (kind, name) not in _made:
        plain = {"__module__": kind.__module__, "__reduce__": lambda it: (kind, it.args, it.__dict__)}
        _made[kind, name] = type(kind.__name__, (kind, getattr(requests, name)), {**plain, "response": None, "request": None})
    return _made[kind, name]
