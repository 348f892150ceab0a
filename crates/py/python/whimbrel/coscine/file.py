"""One file of a resource."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._handle import Inner
from .._progress import Progress, teller
from .._record import Listing, Record
from ._frame import absent
from .metadata import Metadata, metadata
from .transfer import Existing, Fields, Path, Report, report

if TYPE_CHECKING:
    from ._submit import SubmitFile


class Head(Record):
    """What the service tells of a file that is there: its size in bytes, and when it was changed."""

    __slots__ = ()
    _shown = ("size", "changed")

    size: int | None

    @property
    def changed(self) -> datetime | None:
        """When it was changed, where the service tells."""
        from email.utils import parsedate_to_datetime  # Not cheap to load.

        told = self.get("changed")
        return None if told is None else parsedate_to_datetime(told)


class MetadataVersion(Record):
    """A version of a file's metadata."""

    __slots__ = ()
    _shown = ("number", "generated_at_time")

    generated_at_time: datetime | None
    has_extracted: bool | None
    is_invalidated: bool | None

    @property
    def number(self) -> int | None:
        """Its number; `None` where the service does not number them."""
        told = self.get("version")
        return int(told) if isinstance(told, str) and told.isdecimal() else None


class Node(Record):
    """A place in the tree of a resource's metadata: whether there are data, metadata, and more below it."""

    __slots__ = ()
    _shown = ("path", "has_data", "has_metadata", "has_children")

    path: str
    name: str | None
    has_data: bool | None
    has_metadata: bool | None
    has_children: bool | None


class Provenance(Record):
    """Where a file's metadata come from: the versions before, the hash of the content, how like it is to the last
    one."""

    __slots__ = ()
    _shown = ("id", "generated_at")

    id: str
    generated_at: datetime | None
    similarity_to_last_version: float | None
    was_invalidated_by: str | None
    was_revision_of: list[str] | None


class File(Inner):
    """A file of a resource, or its metadata, or both: what a listing told of it, or, of `Resource.file(path)`, no
    more than its path.

    Its path comes from the service, and may be anything: `download` knows where it may go.

    >>> from whimbrel import coscine
    >>> resource = coscine.Client().project("Demo").resource("Files")
    >>> resource.file("readme.txt").read()
    b'readme.txt\\n'
    >>> [(file.path, file.size) for file in resource.files("2026/january")]
    [('2026/january/a.csv', 38), ('2026/january/b.csv', 57)]
    """

    __slots__ = ()
    _shown = ("path", "size")

    #: Its path in the resource, without a leading slash.
    path: str
    #: Bytes; `None` if no listing told of it.
    size: int | None
    name: str | None
    change_date: datetime | None
    creation_date: datetime | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitFile: ...

    @property
    def changed(self) -> datetime | None:
        """When it was changed last, as a listing told."""
        return self.change_date or self.creation_date

    def head(self) -> Head | None:
        """What the service tells of it now; `None` if there is no such file."""
        return self._call(self._native.head(self._within, self.path), _head)

    def read(self) -> bytes:
        """Its content. What is large is better fetched to a file: `download`."""
        return self._call(self._native.read(self._within, self.path))

    def download(self, target: Path = ".", *, existing: Existing = "refuse", progress: Progress = None) -> Report:
        """Fetches it to `target`: a file, or a folder that is there, in which it keeps its name.

        It has its final name only when it is whole.
        """
        tell = teller(progress, self.path)
        return self._call(self._native.download(self._within, self.path, target, existing, tell), report)

    def delete(self) -> None:
        """Deletes the file, its old versions and its metadata."""
        return self._call(self._native.delete_file(self._within, self.path))

    def metadata(self, version: int | None = None) -> Metadata:
        """Its metadata, in a version or the newest. `NotFoundError` if it has none.

        Of many files, `Resource.metadata` reads all in one request.
        """
        return self._call(self._native.metadata(self._within, self.path, version), metadata)

    def graph(self, version: int | None = None) -> str:
        """Its metadata, in a version or the newest, as RDF in Turtle."""
        return self._call(self._native.graph(self._within, self.path, version))

    def set_metadata(self, metadata: Fields | None = None, *, rdf: str | None = None) -> None:
        """Stores a new version of its metadata, checked against the resource's profile, and leaves its content.

        Fields that are not given stay as they are; if nothing changes, nothing is stored. `rdf` is Turtle, taken as
        it is. Also for a file that lies elsewhere, or is yet to come. `InvalidError` has what is wrong in its
        `findings`.
        """
        return self._call(self._native.set_metadata(self._within, self.path, absent(metadata), rdf))

    def versions(self) -> Listing[MetadataVersion]:
        """The versions of its metadata, the newest first."""
        return self._list(self._native.versions(self._within, self.path), MetadataVersion)

    def version(self, version: int | None = None) -> MetadataVersion:
        """What the service knows of one version of its metadata, or of the newest."""
        return self._call(self._native.version(self._within, self.path, version), MetadataVersion)

    def provenance(self, version: int | None = None) -> Provenance:
        """Where its metadata come from, in a version or the newest. `NotFoundError` if it has none."""
        return self._call(self._native.provenance(self._within, self.path, version), Provenance)

    def node(self) -> Node:
        """Its place in the tree of metadata. `NotFoundError` if there are neither data nor metadata."""
        return self._call(self._native.node(self._within, self.path), Node)

    def has_node(self) -> bool:
        """Whether the tree of metadata has this place."""
        return self._call(self._native.has_node(self._within, self.path))

    def has_metadata(self, version: int | None = None) -> bool:
        """Whether it has metadata, in a version or at all."""
        return self._call(self._native.has_metadata(self._within, self.path, version))


def _head(told: Any) -> Head | None:
    return None if told is None else Head(told)
