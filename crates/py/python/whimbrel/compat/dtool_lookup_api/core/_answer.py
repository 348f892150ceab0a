"""What a server answered, read as the old package reads it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ....errors import AuthenticationError, Error


class LookupServerError(Exception):
    """The server says in one text what is wrong (`msg`), or something that is no JSON."""


class Answer(NamedTuple):
    """An answer, also one that tells of an error."""

    status: int
    headers: dict[str, str]
    body: Any
    error: Error | None

    def data(self) -> Any:
        """The body, also that of an error, if it is data and not a `msg`."""
        if isinstance(self.body, bytes):
            raise LookupServerError(f"the server answered {self.status}, and that not in JSON") from self.error
        if isinstance(self.body, dict) and "msg" in self.body:
            raise LookupServerError(self.body["msg"]) from self.error
        return self.body

    def field(self, name: str) -> Any:
        """A field of the body; `KeyError` if there is none, as in an error."""
        data = self.data()
        if not isinstance(data, dict) or name not in data:
            raise KeyError(name) from self.error
        return data[name]

    def is_done(self) -> bool:
        """Whether a change was made. Whoever may not make it is told so by `False`."""
        return self.status in (200, 201)

    def is_refused(self) -> bool:
        """Whether it is the token that the server does not take; an unknown user with a good token is another thing."""
        return isinstance(self.error, AuthenticationError) and isinstance(self.body, dict) and "msg" in self.body

    def tell(self, header: str, told: dict[str, Any]) -> None:
        """Puts what a header says into a caller's dict."""
        if header in self.headers:
            told.update(json.loads(self.headers[header]))
