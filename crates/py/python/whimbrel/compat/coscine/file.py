"""Files of a resource, and its folders."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

from ... import errors
from ._left_out import property_left_out
from .common import moment, text, time
from .exceptions import RequestRejected, asking
from .form import MetadataForm
from .metadata import FileMetadata, of_file

if TYPE_CHECKING:
    from ... import coscine
    from .client import ApiClient
    from .resource import Given, Resource

__all__ = ["FileObject"]

#: What of a content may be in memory whole, in bytes.
_SMALL = 1 << 20

_LINKS = (
    "whimbrel hands out no signed links, as who has one has the file:"
    " whimbrel.coscine.File.download(), .read() follow them by themselves"
)


class FileObject:
    """A file, or a folder."""

    def __init__(self, resource: Resource, data: Mapping[str, Any], metadata: FileMetadata | None = None) -> None:
        self.resource = resource
        self._data = dict(data)
        self._metadata = metadata

    def __str__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"FileObject({self.path!r})"

    path = text("path", "Its path in the resource; a folder's ends with a slash.")
    type = text("type", "`Leaf` for a file, `Tree` for a folder.")
    modified = time("changeDate", "When it was changed last.")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.path.rstrip("/"))

    @property
    def directory(self) -> str:
        """The path of the folder that it is in, with a slash at its end; empty at the top."""
        return str(self.path).rstrip("/")[: -len(self.name)] if self.name else ""

    @property
    def filetype(self) -> str:
        """How its name ends: `.csv`."""
        return posixpath.splitext(self.name)[1]

    @property
    def extension(self) -> str:
        """The same without the dot."""
        return str(self._data.get("extension") or self.filetype[1:])

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self._data.get("size") or 0)

    @property
    def created(self) -> datetime:
        """When it came there; asked for where `Resource.file` did not tell."""
        if not self._data.get("creationDate") and not self.is_folder:
            beside = self.resource._below(self.directory, False)
            self._data["creationDate"] = next((it._data.get("creationDate") for it in beside if it.path == self.path), None)
        return moment(self._data.get("creationDate"))

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return bool(self.type == "Tree")

    download_url = property_left_out(_LINKS)
    download_expires = property_left_out(_LINKS)

    @property
    def client(self) -> ApiClient:
        """The client."""
        return self.resource.client

    @property
    def _told(self) -> coscine.File:
        return self.resource._told.file(self.path)

    def delete(self) -> None:
        """Deletes it, with its old versions and its metadata."""
        with asking:
            self._told.delete()

    # Content

    def download(self, path: str = "./", recursive: bool = False) -> None:
        """Fetches it to `path`: a file; or a folder, there or with a slash at its end, in which it keeps its name.

        With `recursive` it has its folders in that folder, too. What is there is replaced. Of a folder, nothing comes but the
        folder: `Resource.download` fetches all.
        """
        folder = path if not os.path.basename(path) else None
        if folder is not None and recursive:
            parts = self.directory.split("/")
            if any(it in ("..", ".") or "\\" in it or os.path.splitdrive(it)[0] or not it.isprintable() for it in parts):
                raise RequestRejected(f"{self.path!r} can't be a path here")
            folder = os.path.join(folder, *parts)
        if folder is not None or os.path.dirname(path):
            os.makedirs(folder or os.path.dirname(path) or ".", exist_ok=True)
        if self.is_folder:
            return
        with asking:
            self._told.download(folder or path or ".", existing="overwrite", progress=self.client._progress)

    def stream(self, fp: BinaryIO) -> None:
        """Writes its content to an open file. What is large goes through a file on the disk and never through memory whole."""
        if 0 < self.size <= _SMALL:
            with asking:
                fp.write(self._told.read())
            return
        with TemporaryDirectory(prefix="whimbrel-") as folder:
            copy = Path(folder) / "content"
            with asking:
                self._told.download(copy, progress=self.client._progress)
            with copy.open("rb") as content:
                shutil.copyfileobj(content, fp, _SMALL)

    def stream_blob(self, fp: BinaryIO) -> None:
        """The same as `stream`, which finds the way by itself."""
        self.stream(fp)

    def stream_s3(self, handle: BinaryIO) -> None:
        """The same as `stream`, which finds the way by itself."""
        self.stream(handle)

    def update(self, handle: BinaryIO | bytes | str, progress: Callable[[int], None] | None = None) -> None:
        """Sends another content; the metadata stay."""
        self.resource._upload(self.path, handle, {}, progress, True)

    # Metadata

    def metadata(self, refresh: bool = True) -> FileMetadata | None:
        """Its metadata, if it has some: those that are known, or else, with `refresh`, those of the service."""
        if self._metadata is None and refresh:
            self._metadata = of_file(self._told)
        return self._metadata

    def metadata_form(self, refresh: bool = True) -> MetadataForm:
        """Its metadata as a form, or an empty one if it has none."""
        form = MetadataForm(self.resource.application_profile)
        if self._metadata is not None:
            form.parse(self._metadata)
        elif refresh:
            with asking:
                try:
                    form._take(self._told.metadata())
                except errors.NotFoundError:
                    pass
        return form

    def update_metadata(self, metadata: Given) -> None:
        """Stores its metadata: a form, fields and values by name, or an `rdflib.Graph`."""
        if metadata is None:
            raise ValueError("there are no metadata to store")
        sent = self.resource._sent(self.path, metadata)
        self._metadata = None
        with asking:
            self._told.set_metadata(sent.get("metadata"), rdf=sent.get("rdf"))

    def put_metadata(self, metadata: Given) -> None:
        """The same as `update_metadata`."""
        self.update_metadata(metadata)

    def post_metadata(self, metadata: Given) -> None:
        """Stores the metadata of a file that has none; else it is a `RequestRejected`."""
        with asking:
            known = self._told.has_metadata()
        if known:
            raise RequestRejected(f"{self.path!r} has metadata: put_metadata replaces them")
        self.update_metadata(metadata)

    def assign_metadata(self, metadata: list[FileMetadata]) -> None:
        """Takes its own of the metadata of many files, as those that are known."""
        self._metadata = next((it for it in metadata if it.path == self.path), self._metadata)


def of_head(resource: Resource, path: str, head: coscine.Head) -> FileObject:
    """A file of which no listing told."""
    return FileObject(resource, {"path": path, "type": "Leaf", "size": head.size, "changeDate": head.changed})
