"""The client of a dserver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._client import Client as Base
from .._client import Settings, given
from .._native import Dserver, Token
from .._record import Listing
from .dataset import Dataset

if TYPE_CHECKING:
    from typing import Unpack

    from ._submit import SubmitClient


class Client(Base):
    """A client of a dserver.

    Without arguments it goes where dtool goes: `DSERVER_URL`, `DSERVER_TOKEN` and the others of the environment and of
    `~/.config/dtool/dtool.json`. A `token` is shown to `url` and to nobody else. All else is in `Settings`.

    >>> from whimbrel import dserver
    >>> client = dserver.Client()
    >>> "dserver" in " ".join(client.versions())
    True
    """

    _make = Dserver

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitClient: ...

    def __init__(self, url: str | None = None, token: str | Token | None = None, **settings: Unpack[Settings]) -> None:
        token = given(token)
        super().__init__(url, token, dict(settings))

    def versions(self) -> dict[str, str]:
        """The versions of the server and of its plugins."""
        return self._call(self._native.versions())

    def dataset(self, uri: str) -> Dataset:
        """The dataset at this URI."""
        return self._call(self._native.dataset(uri), Dataset)

    def readme(self, uri: str) -> str:
        """The readme of a dataset, as it is written."""
        return self._call(self._native.readme(uri), _text)

    def search(self, text: str | None = None) -> Listing[Dataset]:
        """Datasets that have these words."""
        return self._list(self._native.search(text), Dataset)


def _text(told: dict[str, str]) -> str:
    return told["readme"]
