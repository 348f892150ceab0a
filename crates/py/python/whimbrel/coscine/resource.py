"""Resources: files, their metadata, and the profile that the metadata follow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Union

from .._client import Client, secret
from .._handle import Inner
from .._progress import Progress, teller
from .._record import Listing, Records
from ._frame import absent, given
from ._said import said, texts
from .file import File, Node
from .form import Form
from .metadata import Metadata, metadata
from .quota import ResourceQuota
from .secret import S3, s3
from .storage import Repository
from .transfer import JOBS, Existing, Fields, FieldsOfFiles, Path, Plan, Report, options, report

if TYPE_CHECKING:
    from ._submit import SubmitLevel, SubmitResource

#: A file here, or what is in one.
Content = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO]


class Level(Inner):
    """One level of a resource: its folders and files."""

    __slots__ = ()
    _shown = ("folders", "files")

    #: The paths of the folders, with a slash at the end.
    folders: list[str]

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitLevel: ...

    @property
    def files(self) -> Records[File]:
        """The files."""
        return Records(map(File.of(self._client, self._within), self["files"]))


class Resource(Inner):
    """A resource.

    >>> from whimbrel import coscine
    >>> resource = coscine.Client().project("Demo").resource("Measurements")
    >>> resource.upload(b"1,2,3", "doc/run 7.csv", existing="overwrite", metadata={
    ...     "Title": "Run 7", "Creator": "Ada", "Creation Date": "2026-11-21", "State": "raw",
    ... }).done
    1
    >>> file = resource.file("doc/run 7.csv")
    >>> file.metadata()["Title"]
    'Run 7'
    >>> file.delete()
    """

    __slots__ = ()
    _shown = ("display_name", "resource_type", "id")

    id: str
    pid: str
    name: str
    display_name: str
    description: str
    keywords: list[str] | None
    usage_rights: str | None
    date_created: datetime | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitResource: ...

    @property
    def _place(self) -> Any:
        """What the native part wants to know of it."""
        return (self._within, self._told)

    @property
    def project_id(self) -> str:
        """The id of the project that it is in."""
        return str(self._within)

    @property
    def resource_type(self) -> str:
        """Its specific type, such as `rdsrwth`."""
        return str(self["type"]["specificType"])

    @property
    def archived(self) -> bool:
        """Whether it can't be written to."""
        return bool(self.get("archived"))

    @property
    def profile(self) -> str:
        """The IRI of its application profile."""
        return str(self["applicationProfile"]["uri"])

    def file(self, path: str) -> File:
        """The file of this path, whether it is there or not. Nothing is asked yet."""
        return File.of(self._client, self._place)({"path": path})

    def files(self, folder: str = "", *, recursive: bool = False) -> Listing[File]:
        """Its files in a folder, or at any depth below it; in no particular order across folders."""
        return self._list(self._native.files(self._place, folder, recursive), File.of(self._client, self._place))

    def level(self, folder: str = "") -> Level:
        """One level: its folders and files."""
        return self._call(self._native.level(self._place, folder), Level.of(self._client, self._place))

    def nodes(self, folder: str = "") -> Listing[Node]:
        """One level of the tree of its metadata. Unlike `files` it also shows metadata whose data are gone or yet to
        come."""
        return self._list(self._native.nodes(self._place, folder), Node)

    def upload(
        self,
        file: Content,
        to: str = "",
        *,
        metadata: Fields | None = None,
        rdf: str | None = None,
        existing: Existing = "refuse",
        progress: Progress = None,
    ) -> Report:
        """Sends one file, or bytes.

        - `file`: a path; or `bytes` or an open binary file, which is read to its end into memory (of what is large
          give the path).
        - `to`: its path in the resource; with a slash at the end, the folder it goes to. Without, the file's own name.
        - `metadata`: fields of the resource's profile by label or IRI, as `{"Title": "Run 7"}`; they are checked
          before the first byte moves, and `InvalidError` has all that is wrong in its `findings`. What a file that
          is there already has in other fields stays. `rdf` is Turtle, taken as it is.
        - `existing`: what to do if it is there already.
        """
        path: Path | None = None
        content: bytes | None = None
        if isinstance(file, (bytes, bytearray, memoryview)):
            content = bytes(file)
        elif isinstance(file, (str, os.PathLike)):
            path = file
        else:
            content = _read(file)
            to = _named(file, to)
        tell = teller(progress, to or os.path.basename(path or ""))
        call = self._native.upload(self._place, path, content, to, absent(metadata), rdf, existing, tell)
        return self._call(call, report)

    def upload_dir(
        self,
        folder: Path,
        to: str = "",
        *,
        metadata: FieldsOfFiles | None = None,
        table: Path | None = None,
        existing: Existing = "refuse",
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        checksum: bool = False,
        delete: bool = False,
        jobs: int = JOBS,
        index: Path | None = None,
        progress: Progress = None,
    ) -> Report:
        """Sends a folder with all that is in it. With `existing="update"` only what is new or differs.

        - `to`: the folder in the resource.
        - `metadata`: by path or glob (`{"*.csv": {...}, "run 7.csv": {...}}`), as a list of fields with a `path`
          each, as a `pandas.DataFrame` with a column `path`, or fields for all files. `table` is a file of such
          (`.csv`, `.yaml`, `.json`, `.ttl`), which is not sent if it lies in the folder. Names and metadata of all
          files are checked before the first byte moves.
        - `include`, `exclude`: patterns as `.gitignore` has them.
        - With `existing="update"`: `checksum` tells files apart by their content, where the index knows it, and
          `delete` deletes there what is not here.
        - `index`: a folder for what is remembered of transferred files, by which an unchanged one is known again.
        - `jobs`: how many files are on their way at once.

        If a file fails, the others go on, and a `PartialError` comes in the end: its `failed` says which and why, its
        `report` what was done. If nothing arrived at all, the error is the file's own.
        """
        how = options(existing, include, exclude, checksum, delete, jobs, index)
        tell = teller(progress, os.path.basename(os.path.abspath(folder)))
        call = self._native.upload_dir(self._place, folder, to, how, given(metadata), table, tell)
        return self._call(call, report)

    def plan_upload(
        self,
        folder: Path,
        to: str = "",
        *,
        metadata: FieldsOfFiles | None = None,
        table: Path | None = None,
        existing: Existing = "update",
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        checksum: bool = False,
        delete: bool = False,
        index: Path | None = None,
    ) -> Plan:
        """What `upload_dir` would do. Nothing is sent, and names and metadata of all files are checked."""
        how = options(existing, include, exclude, checksum, delete, JOBS, index)
        return self._call(self._native.plan_upload(self._place, folder, to, how, given(metadata), table), self._client._of(Plan))

    def download(self, path: str, target: Path = ".", *, existing: Existing = "refuse", progress: Progress = None) -> Report:
        """Fetches one file to `target`: a file, or a folder that is there, in which it keeps its name."""
        tell = teller(progress, path)
        return self._call(self._native.download(self._place, path, target, existing, tell), report)

    def read(self, path: str) -> bytes:
        """The content of one file. What is large is better fetched to a file: `download`."""
        return self._call(self._native.read(self._place, path))

    def download_dir(
        self,
        target: Path,
        folder: str = "",
        *,
        existing: Existing = "refuse",
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        checksum: bool = False,
        delete: bool = False,
        jobs: int = JOBS,
        index: Path | None = None,
        progress: Progress = None,
    ) -> Report:
        """Fetches all files, or those below a folder, whose own path is left out of their names, into `target`.

        With `existing="update"` only what is new or differs; then `delete` deletes here what is not there. No file
        is begun before all names have been checked: one from the service never leads out of `target`. The rest is as
        for `upload_dir`.
        """
        how = options(existing, include, exclude, checksum, delete, jobs, index)
        tell = teller(progress, self.display_name)
        return self._call(self._native.download_dir(self._place, target, folder, how, tell), report)

    def plan_download(
        self,
        target: Path,
        folder: str = "",
        *,
        existing: Existing = "update",
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        checksum: bool = False,
        delete: bool = False,
        index: Path | None = None,
    ) -> Plan:
        """What `download_dir` would do. Nothing is fetched."""
        how = options(existing, include, exclude, checksum, delete, JOBS, index)
        return self._call(self._native.plan_download(self._place, target, folder, how), self._client._of(Plan))

    def diff(
        self,
        folder: Path,
        to: str = "",
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        checksum: bool = False,
        delete: bool = True,
        index: Path | None = None,
    ) -> Plan:
        """In what a folder here and one of the resource differ: what would be sent, and deleted there. Nothing is
        sent, and metadata are not looked at. With `checksum`, files are read and compared by their hash where the
        index knows it.
        """
        how = options("update", include, exclude, checksum, delete, JOBS, index)
        return self._call(self._native.diff(self._place, folder, to, how), self._client._of(Plan))

    def metadata(self, folder: str = "") -> Records[Metadata]:
        """The metadata of every file, or of those below a folder, by labels, sorted by path: the newest version of
        each, in one request. `.to_pandas()` makes a table of it.
        """
        return self._call(self._native.resource_metadata(self._place, folder), _all_metadata)

    def metadata_table(self, folder: str = "", format: str = "csv") -> str:
        """The same as a table (`csv`, `yaml`, `json`, `ttl`), as `upload_dir` takes it; files are named as they are
        below the folder."""
        return self._call(self._native.resource_table(self._place, folder, format))

    def graphs(self) -> dict[str, str]:
        """The metadata of every file, the newest version of each, as RDF in Turtle, by path."""
        return self._call(self._native.resource_graphs(self._place))

    def form(self) -> Form:
        """What the files' metadata have to say: the fields of the application profile, with which metadata can be
        checked before they are sent."""
        return self._call(self._native.form(self._place), Form.of(self._client, self._place))

    def quota(self, *, versions: bool = False) -> ResourceQuota:
        """The space it has and uses, in bytes; with `versions`, what old versions of files take, which the service
        has to count."""
        return self._call(self._native.resource_quota(self._place, versions), ResourceQuota)

    def s3(self) -> S3:
        """The bucket that its data lie in, with the keys: asked of the service each time, and kept nowhere.

        `InvalidError` if its type is none of S3; `ForbiddenError` if this user is given no keys, as guests are not.
        """
        return self._call(self._native.s3(self._place), s3)

    def update(
        self,
        *,
        name: str | None = None,
        display_name: str | None = None,
        description: str | None = None,
        keywords: Iterable[str] | None = None,
        disciplines: Iterable[str] | None = None,
        visibility: str | None = None,
        license: str | None = None,
        usage_rights: str | None = None,
        local_metadata_copy: bool | None = None,
        archived: bool | None = None,
        fixed_values: Mapping[str, Any] | None = None,
        quota: int | None = None,
        replication: str | None = None,
        abort_uploads_after_days: int | None = None,
        expire_versions_after_days: int | None = None,
        repository: Repository | None = None,
    ) -> Resource:
        """Changes what is said of it and leaves the rest; the resource as it is then. Lists are given whole.

        What can be said is as for `Project.create_resource`. The service takes a resource's settings only as a
        whole, so they are read first; what another changes in just that time is lost.
        """
        storage = said(
            quota=quota,
            replication=replication,
            abort_uploads_after_days=abort_uploads_after_days,
            expire_versions_after_days=expire_versions_after_days,
            repository=repository.told() if repository is not None else None,
        )
        settings = said(
            name=name,
            display_name=display_name,
            description=description,
            keywords=texts(keywords),
            disciplines=texts(disciplines),
            visibility=visibility,
            license=license,
            usage_rights=usage_rights,
            local_metadata_copy=local_metadata_copy,
            archived=archived,
            fixed_values=fixed(fixed_values),
        )
        token = secret(repository.access_token) if repository is not None else None
        return self._call(self._native.update_resource(self._place, storage, token, settings), resource(self._client))

    def archive(self) -> Resource:
        """Makes it read-only; the resource as it is then."""
        return self._call(self._native.update_resource(self._place, {}, None, {"archived": True}), resource(self._client))

    def unarchive(self) -> Resource:
        """Makes it writable again; the resource as it is then."""
        return self._call(self._native.update_resource(self._place, {}, None, {"archived": False}), resource(self._client))

    def delete(self) -> None:
        """Deletes it with all files and metadata."""
        return self._call(self._native.delete_resource(self._place))

    def ro_crate(
        self,
        target: Path,
        *,
        version: str = "1.2",
        content: bool = True,
        overwrite: bool = False,
        jobs: int = JOBS,
        progress: Progress = None,
    ) -> Report:
        """Makes an RO-Crate of the resource in a folder, as `Project.ro_crate` does of a project. Files keep their
        paths."""
        how = {"version": version, "content": content, "overwrite": overwrite, "jobs": jobs}
        tell = teller(progress, self.display_name)
        return self._call(self._native.export_resource(self._place, target, how, tell), report)


def resource(client: Client) -> Callable[[Any], Resource]:
    """Makes resources of the id of the project and of what was told."""
    return lambda told: Resource.of(client, told[0])(told[1])


def fixed(values: Mapping[str, Any] | None) -> list[tuple[str, Any]] | None:
    """Fixed values one by one."""
    if values is None:
        return None
    each = ((name, value if isinstance(value, (list, tuple)) else [value]) for name, value in values.items())
    return [(name, value) for name, several in each for value in several]


def _all_metadata(told: list[Any]) -> Records[Metadata]:
    return Records(map(metadata, told))


def _read(file: BinaryIO) -> bytes:
    content = file.read()
    if not isinstance(content, bytes):
        raise TypeError("the file is open for text: open it with mode 'rb'")
    return content


def _named(file: BinaryIO, to: str) -> str:
    """Where what is in an open file goes: by the file's own name, if nothing else is said."""
    name = getattr(file, "name", None)
    if (to and not to.endswith("/")) or not isinstance(name, str):
        return to
    return to + os.path.basename(name)
