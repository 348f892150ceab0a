"""Projects: people, and resources that hold their data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .._client import secret
from .._handle import Handle
from .._progress import Progress, teller
from .._record import Listing, Records
from ._said import said, texts
from .catalogue import ResourceType
from .member import Invitation, Member
from .publication import PublicationRequest
from .quota import ProjectQuota
from .resource import Resource, fixed, resource
from .storage import Repository
from .transfer import JOBS, Path, Report, report

if TYPE_CHECKING:
    from ._submit import SubmitBranch, SubmitProject


class Project(Handle):
    """A project.

    >>> from whimbrel import coscine
    >>> project = coscine.Client().project("Demo")
    >>> project.display_name, project.start_date.year
    ('Demo', 2026)
    >>> [resource.display_name for resource in project.resources()][:3]
    ['Files', 'Measurements', 'Bucket']
    >>> sorted(member.name for member in project.members())
    ['alice Sandbox', 'bob Sandbox', 'carol Sandbox']
    """

    __slots__ = ()
    _shown = ("display_name", "id")

    id: str
    pid: str
    name: str
    slug: str
    description: str
    principle_investigators: str | None
    start_date: datetime | None
    end_date: datetime | None
    creation_date: datetime | None
    keywords: list[str] | None
    grant_id: str | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitProject: ...

    @property
    def display_name(self) -> str:
        """The name that people read: the display name, else the full one."""
        return str(self.get("displayName") or self["name"])

    def resources(self) -> Listing[Resource]:
        """Its resources."""
        return self._list(self._native.resources(self._told), resource(self._client))

    def resource(self, name: str) -> Resource:
        """The resource of this display name, name or id.

        `NotFoundError` if there is none for this user; `InvalidError` if there are several: name it by its id then.
        """
        return self._call(self._native.resource(self._told, name), resource(self._client))

    def create_resource(
        self,
        name: str,
        resource_type: str,
        *,
        profile: str,
        quota: int | None = None,
        display_name: str | None = None,
        description: str | None = None,
        keywords: Iterable[str] | None = None,
        disciplines: Iterable[str] | None = None,
        visibility: str | None = None,
        license: str | None = None,
        usage_rights: str | None = None,
        local_metadata_copy: bool | None = None,
        fixed_values: Mapping[str, Any] | None = None,
        replication: str | None = None,
        abort_uploads_after_days: int | None = None,
        expire_versions_after_days: int | None = None,
        repository: Repository | None = None,
    ) -> Resource:
        """Makes a resource of this full name.

        - `resource_type`: the name (`rdsrwth`) or id of one of `resource_types()`.
        - `profile`: the IRI of the application profile that the files' metadata follow; it can't be changed later.
        - `quota`: its size in bytes, where the type has one.
        - `license`, `visibility`, `disciplines`: by name, URI or id; of the last the project's, if nothing is said.
        - `fixed_values`: what each file gets in its metadata, by the IRI of the field: a text, `{"iri": ...}`, or
          `{"value": ..., "datatype": ...}`; or a list of these.
        - `replication` and the days are for DataStorage.nrw, `repository` is for a GitLab.
        """
        storage = said(
            quota=quota,
            replication=replication,
            abort_uploads_after_days=abort_uploads_after_days,
            expire_versions_after_days=expire_versions_after_days,
            repository=repository.told() if repository is not None else None,
        )
        settings = said(
            display_name=display_name,
            description=description,
            keywords=texts(keywords),
            disciplines=texts(disciplines),
            visibility=visibility,
            license=license,
            usage_rights=usage_rights,
            local_metadata_copy=local_metadata_copy,
            fixed_values=fixed(fixed_values),
        )
        token = secret(repository.access_token) if repository is not None else None
        call = self._native.create_resource(self._told, (name, resource_type, profile), storage, token, settings)
        return self._call(call, resource(self._client))

    def resource_types(self) -> Records[ResourceType]:
        """The types of resources that this project may use."""
        return self._call(self._native.project_resource_types(self._told), _types)

    def resource_type(self, name: str) -> ResourceType:
        """The type of this name (`rdsrwth`) or id among those that this project may use."""
        return self._call(self._native.project_resource_type(self._told, name), ResourceType)

    def subprojects(self) -> Listing[Project]:
        """The projects below it, one level."""
        return self._list(self._native.subprojects(self._told), self._client._of(Project))

    def tree(self) -> Records[Branch]:
        """The projects below it at any depth, each below its parent."""
        return self._call(self._native.subproject_tree(self._told), self._client._records(Branch))

    def create_subproject(
        self,
        name: str,
        *,
        copy_owners: bool = False,
        display_name: str | None = None,
        description: str | None = None,
        principal_investigators: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        keywords: Iterable[str] | None = None,
        grant_id: str | None = None,
        visibility: str | None = None,
        disciplines: Iterable[str] | None = None,
        organizations: Iterable[str] | None = None,
    ) -> Project:
        """Makes a project below this one, as `Client.create_project` does; with `copy_owners`, its owners become
        owners."""
        settings = said(
            copy_owners=copy_owners,
            display_name=display_name,
            description=description,
            principal_investigators=principal_investigators,
            start=start,
            end=end,
            keywords=texts(keywords),
            grant_id=grant_id,
            visibility=visibility,
            disciplines=texts(disciplines),
            organizations=texts(organizations),
        )
        return self._call(self._native.create_project(self._told, name, settings), self._client._of(Project))

    def update(
        self,
        *,
        name: str | None = None,
        slug: str | None = None,
        display_name: str | None = None,
        description: str | None = None,
        principal_investigators: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        keywords: Iterable[str] | None = None,
        grant_id: str | None = None,
        visibility: str | None = None,
        disciplines: Iterable[str] | None = None,
        organizations: Iterable[str] | None = None,
    ) -> Project:
        """Changes what is said of it and leaves the rest; the project as it is then. Lists are given whole.

        The service takes a project's settings only as a whole, so they are read first; what another changes in just that
        time is lost. `slug` is its name in URLs: addresses with the old one lead nowhere then.
        """
        settings = said(
            name=name,
            slug=slug,
            display_name=display_name,
            description=description,
            principal_investigators=principal_investigators,
            start=start,
            end=end,
            keywords=texts(keywords),
            grant_id=grant_id,
            visibility=visibility,
            disciplines=texts(disciplines),
            organizations=texts(organizations),
        )
        return self._call(self._native.update_project(self._told, settings), self._client._of(Project))

    def delete(self) -> None:
        """Deletes it. `InvalidError` if something in it stands against that."""
        return self._call(self._native.delete_project(self._told))

    def members(self) -> Listing[Member]:
        """Who takes part in it."""
        return self._list(self._native.members(self._told), Member.of(self._client, self._told))

    def member(self, name: str) -> Member:
        """The member of this name or e-mail address, or of this id of the user or the membership."""
        return self._call(self._native.member(self._told, name), Member.of(self._client, self._told))

    def membership(self, id: str) -> Member:
        """The membership of this id, in one request."""
        return self._call(self._native.membership(self._told, id), Member.of(self._client, self._told))

    def my_membership(self) -> Member:
        """One's own membership. `NotFoundError` for one who is no member."""
        return self._call(self._native.my_membership(self._told), Member.of(self._client, self._told))

    def add_member(self, user: str, role: str = "Member") -> Member:
        """Takes a user in, named by id, e-mail address or full name, with a role (`Owner`, `Member`, `Guest`).

        `NotFoundError` if the service shows no such user: `invite` them then.
        """
        return self._call(self._native.add_member(self._told, user, role), Member.of(self._client, self._told))

    def leave(self) -> None:
        """Ends one's own membership."""
        return self._call(self._native.leave_project(self._told))

    def invitations(self) -> Listing[Invitation]:
        """The invitations that nobody has answered."""
        return self._list(self._native.invitations(self._told), Invitation.of(self._client, self._told))

    def invitation(self, name: str) -> Invitation:
        """The invitation of this id, or to this e-mail address."""
        return self._call(self._native.invitation(self._told, name), Invitation.of(self._client, self._told))

    def invite(self, email: str, role: str = "Member") -> Invitation:
        """Invites somebody by e-mail, to take a role (`Owner`, `Member`, `Guest`) in the project. The service sends
        the mail.

        `InvalidError` or `ConflictError` if this is no address or they are invited already.
        """
        return self._call(self._native.invite(self._told, email, role), Invitation.of(self._client, self._told))

    def quotas(self) -> Listing[ProjectQuota]:
        """What it may use, for each type of resource, in bytes."""
        return self._list(self._native.project_quotas(self._told), ProjectQuota)

    def quota(self, resource_type: str) -> ProjectQuota:
        """What it may use of the type of resource of this name (`rdsrwth`) or id, in bytes."""
        return self._call(self._native.project_quota(self._told, resource_type), ProjectQuota)

    def set_quota(self, resource_type: str, allocated: int, *, maximum: int | None = None) -> None:
        """Changes what its resources of a type may reserve together, in bytes: at most the quota's `maximum`, which
        only the service's own staff changes."""
        return self._call(self._native.set_project_quota(self._told, resource_type, allocated, maximum))

    def graphs(self) -> str:
        """The description of the project and of all that is in it, metadata included, as N-Quads: one request."""
        return self._call(self._native.project_graphs(self._told))

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
        """Makes an RO-Crate of the project in a folder: each resource is a folder in it, called by its display name.

        Without `content` no file is fetched, and the crate names them by their URLs. With `overwrite` the folder may
        hold something already, and files that are the same are not fetched again.
        """
        options = {"version": version, "content": content, "overwrite": overwrite, "jobs": jobs}
        tell = teller(progress, self.display_name)
        return self._call(self._native.export_project(self._told, target, options, tell), report)

    def request_publication(
        self, organization: str, resources: Iterable[Resource], message: str | None = None
    ) -> PublicationRequest:
        """Asks the publication advisory service of an organization (its ROR URI) to publish resources of this
        project."""
        places = [it._place for it in resources]
        call = self._native.request_publication(self._told, organization, places, message)
        return self._call(call, PublicationRequest)

    def publication_request(self, id: str) -> PublicationRequest:
        """The publication request of this id."""
        return self._call(self._native.publication_request(self._told, id), PublicationRequest)


class Branch(Handle):
    """A project, and those below it."""

    __slots__ = ()
    _shown = ("project", "below")

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitBranch: ...

    @property
    def project(self) -> Project:
        """The project."""
        return self._client._of(Project)(self["project"])

    @property
    def below(self) -> Records[Branch]:
        """Those below it."""
        return Records(map(self._client._of(Branch), self["below"]))


def _types(told: list[Any]) -> Records[ResourceType]:
    return Records(map(ResourceType, told))
