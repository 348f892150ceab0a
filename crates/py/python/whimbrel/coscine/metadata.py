"""What is known of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._record import Record


class Metadata(Record):
    """The metadata of one file: a mapping of fields and terms by their labels, as `metadata["Title"]`.

    A field that stands more than once is a list, a description within the description a dict. `path` is the file's, and
    `version` the number of the version where it is known.
    """

    __slots__ = ("path", "version")

    path: str
    version: int | None

    def __init__(self, told: Mapping[str, Any], path: str, version: int | None) -> None:
        super().__init__(told)
        self.path = path
        self.version = version

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"metadata have no attribute {name!r}; their fields are items, as metadata['Title']")

    def to_dict(self) -> dict[str, Any]:
        """The file's path as `path`, and its fields."""
        return {"path": self.path, **self._told}

    def _row(self) -> dict[str, Any]:
        return self.to_dict()

    def __repr__(self) -> str:
        return f"Metadata({self.path!r}, {dict(self)!r})"

    def __reduce__(self) -> Any:
        return (Metadata, (self._told, self.path, self.version))


def metadata(told: Any) -> Metadata:
    """Of what the native part gives."""
    path, version, fields = told
    return Metadata(fields, path, version)
