"""Datasets, as their server knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any

from .._handle import Handle
from .._progress import Progress
from .._record import Listing
from . import content
from ._asked import Texts, plain, texts
from .content import Downloaded, Existing
from .graph import Graph
from .manifest import Manifest
from .readme import Readme

if TYPE_CHECKING:
    from ._submit import SubmitDataset


class Dataset(Handle):
    """A dataset in the server's index. Two copies of one dataset have one UUID and two URIs.

    >>> from whimbrel import dserver
    >>> dataset = dserver.Client().search("tag:microscopy creator:emmy").first()
    >>> dataset.name, dataset.number_of_items, f"{dataset.created_at:%Y-%m-%d}"
    ('microscopy-run-05', 1, '2024-01-01')
    >>> dataset.readme().yaml()["temperature"]
    295
    """

    __slots__ = ()
    _shown = ("name", "uri")

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitDataset: ...

    #: Where it is: `s3://bucket/<uuid>`, `file://host/path/name`...
    uri: str
    #: What tells it from all others, wherever a copy of it lies.
    uuid: str
    name: str
    #: The base URI that it lies at, by which the server gives rights.
    base_uri: str | None
    creator_username: str
    #: When it was begun. Searches tell it to the millisecond, the other lists to the microsecond.
    created_at: datetime | None
    #: When it was frozen: what it holds has not changed since.
    frozen_at: datetime | None
    number_of_items: int | None
    size_in_bytes: int | None

    def readme(self) -> Readme:
        """Its descriptive metadata: a text, with `.yaml()`."""
        return self._call(self._native.readme(self.uri), Readme)

    def manifest(self) -> Manifest:
        """Its items."""
        return self._call(self._native.manifest(self.uri), Manifest)

    def tags(self) -> list[str]:
        """Its tags."""
        return self._call(self._native.tags(self.uri))

    def annotations(self) -> dict[str, Any]:
        """Its annotations, exactly as the server gives them: 0.22 makes text of every value."""
        return self._call(self._native.annotations(self.uri))

    def graph(self, *, keys: Texts = ()) -> Graph:
        """Where it comes from, and what was made of it: all datasets that are connected with it.

        `keys` say where the UUIDs of other datasets stand, such as `"annotations.source_dataset_uuid"`; without any, the
        server's do.
        """
        return self._call(self._native.graph(self.uuid, texts(keys)), self._client._of(Graph))

    def copies(self) -> Listing[Dataset]:
        """Every copy of it that the user can see, this one among them."""
        return self._list(self._native.copies(self.uuid), self._client._of(Dataset))

    def download(
        self,
        into: str | PathLike[str] = ".",
        *,
        existing: Existing = "refuse",
        jobs: int = 8,
        progress: Progress = None,
    ) -> Downloaded:
        """Fetches it into a folder of its own name below `into`; see `Client.download`."""
        return self._call(content.download(self._native, self, into, existing, jobs, progress), Downloaded)

    def delete(self) -> None:
        """Takes it out of the index; its content stays where it is. See `Client.delete`."""
        return self._call(self._native.delete(self.uri))

    def replace_readme(self, text: str) -> None:
        """Puts another text in place of its readme. For servers after 0.22."""
        return self._call(self._native.replace_readme(self.uri, text))

    def replace_tags(self, tags: Texts) -> None:
        """Puts other tags in place of all that it has. For servers after 0.22."""
        return self._call(self._native.replace_tags(self.uri, texts(tags)))

    def add_tag(self, tag: str) -> None:
        """Adds a tag. For servers after 0.22."""
        return self._call(self._native.add_tag(self.uri, tag))

    def remove_tag(self, tag: str) -> None:
        """Takes a tag away. For servers after 0.22."""
        return self._call(self._native.remove_tag(self.uri, tag))

    def replace_annotations(self, annotations: Mapping[str, Any]) -> None:
        """Puts other annotations in place of all that it has. For servers after 0.22."""
        return self._call(self._native.replace_annotations(self.uri, plain(annotations)))

    def set_annotation(self, name: str, value: Any) -> None:
        """Sets one annotation, to any JSON. For servers after 0.22."""
        return self._call(self._native.set_annotation(self.uri, name, plain(value)))

    def remove_annotation(self, name: str) -> None:
        """Takes one annotation away. For servers after 0.22."""
        return self._call(self._native.remove_annotation(self.uri, name))
