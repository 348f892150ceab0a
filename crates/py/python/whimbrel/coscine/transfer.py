"""Transfers: what they did, and what they would do."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Union

from .._handle import Handle
from .._native import Coscine
from .._progress import Progress, teller
from .._record import Record, Records
from ._frame import Frame
from ._said import texts

if TYPE_CHECKING:
    from ._submit import SubmitPlan

#: What to do with a file that is there already: refuse the whole transfer before anything moves; leave it; put the
#: new one in its place; replace what differs and leave what is the same.
Existing = Literal["refuse", "skip", "overwrite", "update"]

#: A file or folder here.
Path = Union[str, "os.PathLike[str]"]

#: Fields of a profile, by label or IRI, and their values. A list gives several values, a mapping is a description
#: within the description, `None` (or pandas' `NA`) is not given.
Fields = Mapping[str, Any]

#: The metadata of several files: a mapping from path or glob to fields; a list of fields, each with its `path`, or
#: the same in a frame of pandas; or fields that go with all files.
FieldsOfFiles = Union[Mapping[str, Any], Sequence[Mapping[str, Any]], Frame]

#: How many files are on their way at once.
JOBS = 8


class Report(Record):
    """What a transfer did.

    - `done`, `bytes`: files that arrived whole, and their bytes.
    - `skipped`: files that were there already and were left, because you said so.
    - `unchanged`: files that are the same on both sides; `hashed` of them by the hash of their content.
    - `deleted`: files that were deleted.
    - `elapsed`: how long it took, in seconds.
    """

    __slots__ = ()
    _shown = ("done", "bytes", "skipped", "unchanged", "deleted")

    done: int
    bytes: int
    skipped: int
    unchanged: int
    hashed: int
    deleted: int
    elapsed: float


def report(told: dict[str, Any]) -> Report:
    """A report; rows of metadata for files that are not there are mistyped, most likely."""
    for row in told.pop("unused", ()):
        warnings.warn(f"{row}: there is no such file", stacklevel=4)
    return Report(told)


def options(
    existing: Existing,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    checksum: bool = False,
    delete: bool = False,
    jobs: int = JOBS,
    index: Path | None = None,
) -> dict[str, Any]:
    """How a folder is moved, as the native part takes it."""
    return {
        "existing": existing,
        "include": texts(include),
        "exclude": texts(exclude),
        "checksum": checksum,
        "delete": delete,
        "jobs": jobs,
        "index": None if index is None else os.fspath(index),
    }


class Cost(Record):
    """What a plan costs.

    - `requests` to the service, of which it answers 500 a minute.
    - `bytes` to be moved.
    - `quota`: bytes of quota, and `old`: those that old versions go on to hold for a while.
    """

    __slots__ = ()
    _shown = ("requests", "bytes", "quota", "old")

    requests: int
    bytes: int
    quota: int
    old: int


class Step(Record):
    """One thing to do with one file: `action` is `add`, `replace`, `metadata` or `delete`; `why` says why, in words."""

    __slots__ = ()
    _shown = ("action", "path", "bytes", "why")

    action: str
    path: str
    bytes: int
    requests: int
    quota: int
    why: str
    metadata: str | None


class Plan(Handle):
    """What a transfer would do, file by file: to be looked at, kept in a file as JSON, and applied later.

    Each step holds what both sides looked like; what has changed since is not touched but reported.

    >>> import tempfile, pathlib
    >>> from whimbrel import coscine
    >>> client = coscine.Client()
    >>> resource = client.project("Demo").resource("Files")
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> plan = resource.plan_download(folder)
    >>> plan.is_empty
    False
    >>> again = client.plan(plan.to_dict())
    >>> again.apply().done == len(plan.steps)
    True
    """

    __slots__ = ()
    _shown = ("way", "local", "steps")

    way: str
    local: str
    unchanged: int
    hashed: int
    skipped: int

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitPlan: ...

    @property
    def steps(self) -> Records[Step]:
        """What is to be done, sorted by path."""
        return Records(map(Step, self["steps"]))

    @property
    def is_empty(self) -> bool:
        """Nothing is to be done."""
        return not self["steps"]

    @property
    def cost(self) -> Cost:
        """What it costs."""
        return Cost(Coscine.cost(self._told))

    def apply(self, *, jobs: int = JOBS, index: Path | None = None, progress: Progress = None) -> Report:
        """Does it, and no more. A file that has changed since the plan was made is not touched; it is among the
        `failed` of the `PartialError` that comes then.
        """
        tell = teller(progress, self.local)
        return self._call(self._native.apply(self._told, jobs, index, tell), report)
