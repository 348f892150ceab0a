"""The client of DataSift."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .._client import Client as Base
from .._client import Settings, secret
from .._native import Datasift, Token
from ..errors import AuthenticationError
from .definition import Compiled, Validated

if TYPE_CHECKING:
    from typing import Unpack

    from ._submit import SubmitClient


def _made(url: str | None, api_key: Token | None, settings: dict[str, Any], user: str | None) -> Datasift:
    """The part of a client that is Rust. What was not given is looked for where the client is."""
    theirs = os.environ.get("DATASIFT_URL") or None
    user = user or os.environ.get("DATASIFT_USER") or None
    if api_key is not None and api_key.is_known:
        known = api_key
    else:
        lost = "" if api_key is None else "this client was made in another process, and an API key is never sent along with one; "
        key = os.environ.get("DATASIFT_API_KEY") or None
        if key is not None and url is not None and not _is_same(url, theirs):
            raise AuthenticationError(
                f"{lost}DATASIFT_API_KEY is for {theirs or 'the public service'} and goes nowhere else: "
                f"give api_key=, or set DATASIFT_URL to {url}, if it is for that"
            )
        if key is None:
            raise AuthenticationError(f"{lost}DataSift wants a user and an API key: give both, or set DATASIFT_USER and DATASIFT_API_KEY")
        known = Token(key)
    if user is None:
        raise AuthenticationError("DataSift wants a user with the API key: give user=, or set DATASIFT_USER")
    return Datasift(url or theirs, user, known, settings)


def _is_same(url: str, other: str | None) -> bool:
    from urllib.parse import urlsplit

    ports = {"http": 80, "https": 443}
    try:
        one, two = urlsplit(url), urlsplit(other or "https://api.datasift.com")
        return (one.scheme, one.hostname, one.port or ports.get(one.scheme)) == (
            two.scheme,
            two.hostname,
            two.port or ports.get(two.scheme),
        )
    except ValueError:
        return False


class Client(Base):
    """A client of DataSift.

    - `user`, `api_key`: of the account or of one of its identities; `DATASIFT_USER` and `DATASIFT_API_KEY` of the environment
      if they are not given. The key is shown to `url` and to nobody else.
    - `url`: where it is, if it is not the public service; `DATASIFT_URL` if it is not given.
    - All else is in `Settings`.

    >>> from whimbrel import datasift
    >>> client = datasift.Client()
    >>> client.is_valid('interaction.content contains "tribology"')
    True
    """

    _make = staticmethod(_made)

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitClient: ...

    def __init__(
        self,
        user: str | None = None,
        api_key: str | Token | None = None,
        url: str | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        api_key = secret(api_key)  # Nobody sees it in a traceback.
        super().__init__(url, api_key, dict(settings), user)

    def validate(self, csdl: str) -> Validated:
        """Checks a filter definition in CSDL. Raises `InvalidError`, which says what is wrong with it, and where."""
        return self._call(self._native.validate(csdl), Validated)

    def is_valid(self, csdl: str) -> bool:
        """Whether a filter definition is one."""
        return self._call(self._native.is_valid(csdl))

    def compile(self, csdl: str) -> Compiled:
        """Compiles a filter definition in CSDL. Its hash is what streams, queries and subscriptions name; the same text
        always gives the same hash."""
        return self._call(self._native.compile(csdl), Compiled)

    def cost(self, operation: str) -> int | None:
        """The credits that an operation costs, by its id, known before it is made: as the server told last, else as it was
        recorded to be; `None` where that is not known."""
        cost: int | None = self._native.cost(operation)
        return cost
