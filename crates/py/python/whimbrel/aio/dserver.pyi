"""Written by crates/py/faces.py from the sources of `whimbrel.dserver`; not to be edited."""

from __future__ import annotations
from collections.abc import Awaitable
from typing import Unpack
from whimbrel._client import Settings
from whimbrel._native import Token
from whimbrel.aio._listing import AsyncListing
from whimbrel.dserver._submit import SubmitClient
from whimbrel.dserver.dataset import Dataset as Dataset

class Client:
    """A client of a dserver.

    Without arguments it goes where dtool goes: `DSERVER_URL`, `DSERVER_TOKEN` and the others of the environment and of
    `~/.config/dtool/dtool.json`. A `token` is shown to `url` and to nobody else. All else is in `Settings`.

    >>> from whimbrel import dserver
    >>> client = dserver.Client()
    >>> "dserver" in " ".join(client.versions())
    True
    """
    def __init__(self, url: str | None=None, token: str | Token | None=None, **settings: Unpack[Settings]) -> None: ...
    def versions(self) -> Awaitable[dict[str, str]]:
        """The versions of the server and of its plugins."""
    def dataset(self, uri: str) -> Awaitable[Dataset]:
        """The dataset at this URI."""
    def readme(self, uri: str) -> Awaitable[str]:
        """The readme of a dataset, as it is written."""
    def search(self, text: str | None=None) -> AsyncListing[Dataset]:
        """Datasets that have these words."""
    @property
    def url(self) -> str: ...
    @property
    def submit(self) -> SubmitClient: ...
