"""The content of datasets: fetched, sent, compared."""

from __future__ import annotations

import os
from typing import Any, Literal

from .._native import Call
from .._progress import Progress, teller
from .._record import Record, Records
from ._asked import Named

#: What to do with a dataset that is there already.
Existing = Literal["refuse", "skip", "overwrite", "update"]


class Downloaded(Record):
    """A dataset that was fetched."""

    __slots__ = ()
    _shown = ("folder", "uri", "route", "done", "bytes")

    #: The folder that the dataset is now.
    folder: str
    #: The copy that it came from.
    uri: str
    #: The way it came: `signed-urls`, `folder`, `bucket` or `web`.
    route: str
    #: Items that were fetched, and their bytes.
    done: int
    bytes: int
    #: Items that were there already and have the right hash.
    unchanged: int
    #: How long it took, in seconds.
    elapsed: float


class Uploaded(Record):
    """A dataset that was sent, and is registered."""

    __slots__ = ()
    _shown = ("uri", "done", "bytes")

    #: Where it is now.
    uri: str
    #: Items that were sent, the readme among them, and their bytes.
    done: int
    bytes: int
    #: How long it took, in seconds.
    elapsed: float


class Finding(Record):
    """An item that is not what the manifest says."""

    __slots__ = ()
    _shown = ("what", "relpath", "why")

    #: `missing`, `unknown` or `different`.
    what: str
    relpath: str
    #: Expected and found, in words.
    why: str


class Verified(Record):
    """What a look at a dataset's folder found. It is true if all is whole."""

    __slots__ = ()
    _shown = ("whole", "findings")

    #: Items whose size and hash are right.
    whole: int

    @property
    def findings(self) -> Records[Finding]:
        """The others, by path."""
        return Records(map(Finding, self["findings"]))

    def __bool__(self) -> bool:
        return not self["findings"]


def download(
    native: Any, dataset: Named, into: str | os.PathLike[str], existing: Existing, jobs: int, progress: Progress
) -> Call:
    """The call that fetches a dataset."""
    told = dataset if isinstance(dataset, str) else dict(dataset)
    name = told if isinstance(told, str) else told.get("name", "dataset")
    return native.download(told, os.fspath(into), existing, jobs, teller(progress, name))


def upload(native: Any, folder: str | os.PathLike[str], base_uri: str, jobs: int, progress: Progress) -> Call:
    """The call that sends a dataset."""
    path = os.fspath(folder)
    return native.upload(path, base_uri, jobs, teller(progress, os.path.basename(path.rstrip("/\\"))))
