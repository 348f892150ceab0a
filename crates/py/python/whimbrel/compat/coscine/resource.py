"""Resources; and, as in the old package's module, their files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, Union

from ... import errors
from ..._progress import Progress
from . import metadata as _metadata
from ._graph import rdflib
from ._left_out import left_out
from ._table import table, wrapped
from .common import Changeable, License, Told, settable, text, time
from .content import content_of
from .exceptions import Missing, Refused, asking
from .file import FileObject, of_head
from .form import MetadataForm
from .metadata import FileMetadata
from .profile import ApplicationProfile

if TYPE_CHECKING:
    from ... import coscine
    from .project import Project

__all__ = ["FileObject", "Resource", "ResourceQuota", "ResourceType", "ResourceTypeOptions"]

#: What metadata can be given as: a form; fields and values by name; what a form has serialized; an `rdflib.Graph`.
Given = Union[MetadataForm, Mapping[str, Any], Any]


class ResourceQuota:
    """The space of a resource, in bytes."""

    def __init__(self, told: coscine.ResourceQuota) -> None:
        self._told = told

    def __repr__(self) -> str:
        return f"ResourceQuota(used={self.used}, reserved={self.reserved})"

    @property
    def resource_id(self) -> str:
        """The id of the resource."""
        return self._told.resource_id

    @property
    def used(self) -> int:
        """What its files take."""
        return self._told.used or 0

    @property
    def reserved(self) -> int:
        """What is kept for it."""
        return self._told.reserved or 0

    @property
    def used_percentage(self) -> float:
        """How much of it is taken, in per cent."""
        return 100 * self.used / self.reserved if self.reserved else 0.0

    def serialize(self) -> dict[str, Any]:
        """As plain data."""
        return self._told.to_dict()


class ResourceTypeOptions:
    """Where a resource's data lie, and the keys to it: asked of the service when they are looked at."""

    def __init__(self, told: coscine.Resource | None = None) -> None:
        self._told = told

    def _s3(self, of: Callable[[coscine.S3], str]) -> str:
        if self._told is None:
            return ""
        with asking:
            try:
                return of(self._told.s3())
            except (errors.InvalidError, errors.ForbiddenError):
                return ""

    @property
    def bucket_name(self) -> str:
        """The bucket's name; this and what follows is empty where there is no bucket, or for who has no keys."""
        return self._s3(lambda it: it.bucket)

    @property
    def endpoint(self) -> str:
        """The URL of the S3 service."""
        return self._s3(lambda it: it.endpoint)

    @property
    def access_key_read(self) -> str:
        """The name of the key for reading."""
        return self._s3(lambda it: it.read.access)

    @property
    def secret_key_read(self) -> str:
        """The secret of the key for reading."""
        return self._s3(lambda it: it.read.secret)

    @property
    def access_key_write(self) -> str:
        """The name of the key for writing."""
        return self._s3(lambda it: it.write.access)

    @property
    def secret_key_write(self) -> str:
        """The secret of the key for writing."""
        return self._s3(lambda it: it.write.secret)

    @property
    def size(self) -> int:
        """The space that is kept for it, in GiB."""
        if self._told is None:
            return 0
        with asking:
            return (self._told.quota().reserved or 0) // 1024**3

    @size.setter
    def size(self, value: int) -> None:
        raise NotImplementedError("nothing was ever sent of this: whimbrel.coscine.Resource.update(quota=...), in bytes")


class ResourceType(Told):
    """A type of resources."""

    def __init__(self, data: Mapping[str, Any], told: coscine.Resource | None = None) -> None:
        super().__init__(data)
        self._told = told

    id = text("id", "Its id.")
    active = text("status", "Whether it is in use: `active` or `hidden`.")

    @property
    def general_type(self) -> str:
        """What kind it is of, as `rdss3`, in small letters."""
        return str(self._data.get("generalType") or "").lower()

    @property
    def specific_type(self) -> str:
        """Its name, as `rdss3rwth`, in small letters."""
        return str(self._data.get("specificType") or "").lower()

    @property
    def options(self) -> ResourceTypeOptions:
        """Of a resource's type: where the data lie."""
        return ResourceTypeOptions(self._told)

    def __str__(self) -> str:
        return self.specific_type

    def serialize(self) -> dict[str, Any]:
        """As the service told it."""
        return dict(self._data)


class Resource(Changeable):
    """A resource. Properties that can be assigned are sent by `update()`."""

    def __init__(self, project: Project, told: coscine.Resource) -> None:
        super().__init__(told)
        self.project = project
        self.client = project.client

    @classmethod
    def one(cls, project: Project, ask: Callable[[str], coscine.Resource], key: object) -> list[Resource]:
        """The one of this name, if there is just one."""
        with asking:
            try:
                return [cls(project, ask(str(key)))]
            except (errors.NotFoundError, errors.InvalidError):
                return []

    def __repr__(self) -> str:
        return f"Resource({self.display_name!r})"

    def __str__(self) -> str:
        return table(
            [
                ("ID", self.id),
                ("Name", self.name),
                ("Display Name", self.display_name),
                ("Description", wrapped(self.description)),
                ("Disciplines", "\n".join(map(str, self.disciplines))),
                ("Date created", self.created),
                ("Creator", self.creator),
                ("PID", self.pid),
                ("Keywords", ",".join(self.keywords)),
                ("Visibility", self.visibility),
                ("Application Profile", self._told.profile),
                ("Usage rights", self.usage_rights),
                ("License", self.license or ""),
                ("Archived", self.archived),
            ]
        )

    created = time("dateCreated", "When it was made.")
    usage_rights = settable("usageRights", "usage_rights", "What may be done with the data.")

    @property
    def license(self) -> License | None:
        """The licence of the data, if there is one."""
        value = self._data.get("license")
        return License(value) if value else None

    @license.setter
    def license(self, value: License) -> None:
        self._change("license", value.serialize(), "license", value.id)

    @property
    def archived(self) -> bool:
        """Whether it can't be written to."""
        return bool(self._data.get("archived"))

    @archived.setter
    def archived(self, value: bool) -> None:
        self._change("archived", bool(value), "archived", bool(value))

    @property
    def type(self) -> ResourceType:
        """Its type."""
        return ResourceType(self._data["type"], self._told)

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self.client.base_url}/p/{self.project.slug}/r/{self.id}/-/"

    @property
    def access_url(self) -> str:
        """The address of its persistent identifier."""
        return f"http://hdl.handle.net/{self.pid}"

    @property
    def application_profile(self) -> ApplicationProfile:
        """The profile that the files' metadata follow, and what the resource says of them."""
        with asking:
            return ApplicationProfile(self.client, self._told.form())

    @property
    def quota(self) -> ResourceQuota:
        """The space that it has and uses."""
        with asking:
            return ResourceQuota(self._told.quota())

    @property
    def fixed_values(self) -> dict[str, Any]:
        """What the resource gives to each file, by the IRI of the field."""
        return dict(self._data.get("fixedValues") or {})

    @property
    def _base(self) -> str:
        """What the IRIs of its files' metadata begin with."""
        return f"https://purl.org/coscine/resources/{self.id}/"

    def serialize(self) -> dict[str, Any]:
        """Its settings, as the service writes them, and its quota, for which it is asked."""
        told: dict[str, Any] = {
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "id": self.id,
            "pid": self.pid,
            "keywords": self.keywords,
            "visibility": self.visibility.serialize(),
            "disciplines": [it.serialize() for it in self.disciplines],
            "applicationProfile": {"uri": self._told.profile},
            "type": self.type.serialize(),
            "usageRights": self.usage_rights,
            "fixedValues": self.fixed_values,
            "archived": self.archived,
            "quota": self.quota.serialize(),
        }
        return told | ({"license": self.license.serialize()} if self.license else {})

    # Files

    def files(self, path: str = "", recursive: bool = False, with_metadata: bool = False) -> list[FileObject]:
        """What is in a folder: files and folders; or all files below it, at any depth. A path of a file gives that one.

        With `with_metadata` they have their metadata, all of which come in one request.
        """
        found = self._below(path, recursive)
        if not found and path and not path.endswith("/"):
            file = self._head(path)
            found = [] if file is None else [file]
        if with_metadata and found:
            known = {it.path: it for it in self.metadata(path)}
            for file in found:
                file._metadata = known.get(file.path)
        return found

    def _below(self, path: str, recursive: bool) -> list[FileObject]:
        with asking:
            try:
                if recursive:
                    return [FileObject(self, it) for it in self._told.files(path, recursive=True)]
                level = self._told.level(path)
            except errors.NotFoundError:
                return []
        folders = ({"path": it, "type": "Tree"} for it in level.folders)
        return [*(FileObject(self, it) for it in folders), *(FileObject(self, it) for it in level.files)]

    def file(self, path: str) -> FileObject:
        """The file of this path; with a slash at its end, the folder. `NotFoundError` if there is none."""
        if path.endswith("/"):
            found = FileObject(self, {"path": path, "type": "Tree"}) if self._below(path, False) else None
        else:
            found = self._head(path)
        if found is None:
            raise Missing(f"{path!r} is not in the resource {self.display_name!r}")
        return found

    def _head(self, path: str) -> FileObject | None:
        with asking:
            head = self._told.file(path).head()
        return None if head is None else of_head(self, path, head)

    def upload(
        self,
        path: str,
        handle: BinaryIO | bytes | str,
        metadata: Given = None,
        progress: Callable[[int], None] | None = None,
        overwrite: bool = False,
    ) -> None:
        """Sends a file: what is in an open binary file, bytes, or a text in UTF-8.

        - `path`: where it goes in the resource.
        - `metadata`: a form, fields and values by name, or an `rdflib.Graph`. They are checked before the first byte moves.
          Without, there is what the resource gives; a resource in S3 needs none.
        - `progress`: told now and then how many bytes went.
        - `overwrite`: whether a file that is there is replaced; without, it is a `RequestRejected`, and nothing changes.
        """
        self._upload(path, handle, self._sent(path, metadata), progress, overwrite)

    def _upload(
        self, path: str, handle: Any, sent: Mapping[str, Any], progress: Callable[[int], None] | None, overwrite: bool
    ) -> None:
        told: Progress = self.client._progress if progress is None else lambda done, _: progress(done)
        existing: Any = "overwrite" if overwrite else "refuse"
        with asking, content_of(handle) as content:
            self._told.upload(content, path, existing=existing, progress=told, **sent)

    def _sent(self, path: str, metadata: Given) -> dict[str, Any]:
        """Metadata as whimbrel takes them."""
        if metadata is None:
            return {}
        if isinstance(metadata, MetadataForm):
            try:
                metadata = metadata.serialize(path)
            except ValueError as e:
                raise Refused(str(e)) from e
        if isinstance(metadata, Mapping):
            definition = metadata.get("definition")
            if isinstance(definition, Mapping):
                return {"rdf": definition["content"]}
            return {"metadata": dict(metadata)}
        if callable(getattr(metadata, "serialize", None)):
            return {"rdf": metadata.serialize(format="turtle")}
        raise ValueError(f"metadata are a form, fields and values, or an rdflib.Graph, and no {type(metadata).__name__}")

    mkdir = left_out("a folder comes with its first file: whimbrel.coscine.Resource.upload(file, 'folder/name')")

    def download(self, path: str = "./") -> None:
        """Fetches all files, at any depth, into a folder of the resource's display name in `path`."""
        with asking:
            self._told.download_dir(folder_of(path, self.display_name), existing="overwrite", progress=self.client._progress)

    # Metadata

    def metadata_form(self, fixed_values: bool = True) -> MetadataForm:
        """A form for a file's metadata, with what the resource gives to each file, or empty."""
        return MetadataForm(self.application_profile, self.fixed_values if fixed_values else None)

    def metadata(self, path: str = "") -> list[FileMetadata]:
        """The newest metadata of all files, or of those at or below a path."""
        return _metadata.of_resource(self._told, path)

    def post_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Stores the metadata, `MetadataForm.serialize(path)`, of a file that has none; else it is a `RequestRejected`."""
        self.file_at(metadata).post_metadata(metadata)

    def put_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Stores the metadata, `MetadataForm.serialize(path)`, of a file."""
        self.file_at(metadata).put_metadata(metadata)

    def update_metadata(self, metadata: Mapping[str, Any], overwrite: bool = True) -> None:
        """Stores the metadata, `MetadataForm.serialize(path)`, of a file; without `overwrite`, of one that has none."""
        (self.put_metadata if overwrite else self.post_metadata)(metadata)

    def file_at(self, metadata: Mapping[str, Any]) -> FileObject:
        """The file that serialized metadata are of."""
        return FileObject(self, {"path": metadata["path"], "type": "Leaf"})

    def graph(self) -> Any:
        """The application profile and the newest metadata of all files, as one `rdflib.Graph`."""
        whole = rdflib().Graph()
        whole += self.application_profile.graph
        whole.bind("dcterms", "http://purl.org/dc/terms/")
        for it in self.metadata():
            whole += it.fixed_graph(self)
        return whole

    def query(self, sparql: str) -> list[FileObject]:
        """The files whose metadata a query in SPARQL finds, as `?path`."""
        with ApplicationProfile.lock:
            rows = self.graph().query(sparql)
            if "path" not in map(str, rows.vars or []):
                raise ValueError("the query must ask for ?path")
            found = {str(row["path"]) for row in rows}
        paths = {it[len(self._base) :].rsplit("/@type=", 1)[0] for it in found if it.startswith(self._base)}
        return [it for it in self.files(recursive=True, with_metadata=True) if it.path in paths]

    file_index = left_out(
        "whimbrel hands out no signed links, as who has one has the file:"
        " whimbrel.coscine.Resource.ro_crate(folder, content=False) describes all files with their addresses"
    )


def folder_of(path: str, name: str) -> str:
    """The folder of this name in a path, made if it is not there. A name that comes from the service stays in it."""
    folder = os.path.join(path, plain(name), "")
    os.makedirs(folder, exist_ok=True)
    return folder


def plain(name: str) -> str:
    """A name as that of a folder."""
    return "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in name).strip(". ") or "_"
