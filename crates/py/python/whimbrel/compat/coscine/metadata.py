"""The metadata of a file as they are stored; and, as in the old package's module, all that belongs to forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ... import errors
from ._graph import graph, rdflib
from .datatype import XSD_TYPES, FormType, xsd_to_python
from .exceptions import asking
from .form import FormField, MetadataForm
from .profile import ApplicationProfile, ApplicationProfileInfo
from .vocabulary import Instance, Vocabulary

if TYPE_CHECKING:
    from ... import coscine
    from .resource import Resource

__all__ = [
    "XSD_TYPES",
    "ApplicationProfile",
    "ApplicationProfileInfo",
    "FileMetadata",
    "FormField",
    "FormType",
    "Instance",
    "MetadataForm",
    "Vocabulary",
    "xsd_to_python",
]


class FileMetadata:
    """The newest metadata of a file. What a listing does not tell, as versions, is asked for when it is looked at."""

    def __init__(
        self, data: Mapping[str, Any], file: coscine.File, record: Callable[[], coscine.Metadata] | None = None
    ) -> None:
        self._data = dict(data)
        self._file = file
        self._listed = record

    def __str__(self) -> str:
        return self.definition

    def __repr__(self) -> str:
        return f"FileMetadata({self.path!r})"

    @property
    def path(self) -> str:
        """The file's path."""
        return str(self._data["path"])

    @property
    def type(self) -> str:
        """The syntax of `definition`."""
        return "text/turtle"

    @property
    def definition(self) -> str:
        """The metadata in Turtle."""
        return str(self._data["definition"]["content"])

    @property
    def version(self) -> str:
        """The number of this version; empty where the service does not number them."""
        if self._listed is not None:
            number = self._record().version
        else:
            with asking:
                number = self._file.version().number
        return "" if number is None else str(number)

    @property
    def versions(self) -> list[str]:
        """The numbers of all versions, the newest first."""
        with asking:
            return [str(it.number) for it in self._file.versions() if it.number is not None]

    @property
    def created(self) -> datetime:
        """When this version was made."""
        with asking:
            told = self._file.version().generated_at_time
        return told or datetime.fromtimestamp(float(self.version or 0), timezone.utc)

    @property
    def is_latest(self) -> bool:
        """Whether this is the newest version: always, when it was asked for."""
        return True

    def graph(self) -> Any:
        """The metadata as an `rdflib.Graph`."""
        return graph(self.definition)

    def fixed_graph(self, resource: Resource) -> Any:
        """The same, and what is described is no blank node but the IRI of the file's metadata in this version."""
        told = self.graph()
        name = rdflib().URIRef(f"{resource._base}{self.path}/@type=metadata&version={self.version}")
        described = set(told.subjects()) - set(told.objects())
        fixed = rdflib().Graph()
        for s, p, o in told:
            fixed.add((name if s in described else s, p, o))
        return fixed

    def items(self) -> list[dict[str, str]]:
        """Each value with its `path` (the IRI of the field), its `datatype`, and the node that it is of (`root`)."""
        package = rdflib()
        return [
            {"root": str(s), "path": str(p), "value": str(o), "datatype": str(getattr(o, "datatype", None))}
            for s, p, o in self.graph()
            if p != package.RDF.type
        ]

    def _record(self) -> coscine.Metadata:
        """Fields and values, by labels."""
        with asking:
            return self._file.metadata() if self._listed is None else self._listed()


def of_file(file: coscine.File) -> FileMetadata | None:
    """The metadata of one file, if it has some."""
    with asking:
        try:
            turtle = file.graph()
        except errors.NotFoundError:
            return None
    return FileMetadata({"path": file.path, "definition": {"content": turtle}}, file)


def of_resource(resource: coscine.Resource, path: str) -> list[FileMetadata]:
    """The metadata of all files, or of those at or below a path: one request, and one more for all records if they are asked
    for."""
    with asking:
        graphs = resource.graphs()
    records: dict[str, coscine.Metadata] = {}

    def record(of: str) -> coscine.Metadata:
        if not records:
            with asking:
                records.update({it.path: it for it in resource.metadata()})
        return records[of]

    below = path.rstrip("/") + "/"
    return [
        FileMetadata({"path": it, "definition": {"content": turtle}}, resource.file(it), lambda it=it: record(it))  # type: ignore[misc]
        for it, turtle in sorted(graphs.items())
        if not path or it == path or it.startswith(below)
    ]
