"""Projects, and who takes part in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ... import errors
from ._table import table, wrapped
from .common import (
    Changeable,
    Discipline,
    Organization,
    Serializable,
    Told,
    User,
    Visibility,
    matches,
    moment,
    named,
    only,
    settable,
    text,
    time,
)
from .exceptions import asking
from .resource import Resource, ResourceQuota, ResourceType, folder_of, plain

if TYPE_CHECKING:
    from ... import coscine
    from .client import ApiClient
    from .common import License
    from .profile import ApplicationProfileInfo

__all__ = ["Project", "ProjectInvitation", "ProjectMember", "ProjectQuota", "ProjectRole"]

_GIB = 1024**3


class ProjectQuota:
    """The space of a project on one type of resource, in bytes."""

    def __init__(self, project: Project, told: coscine.ProjectQuota) -> None:
        self._project = project
        self._told = told

    def __repr__(self) -> str:
        return f"ProjectQuota({self._told.resource_type!r}, allocated={self.allocated})"

    @property
    def project_id(self) -> str:
        """The id of the project."""
        return self._project.id

    @property
    def total_used(self) -> int:
        """What the files of all resources take."""
        return self._told.used or 0

    @property
    def total_reserved(self) -> int:
        """What is kept for all resources."""
        return self._told.reserved or 0

    @property
    def allocated(self) -> int:
        """What resources may reserve together."""
        return self._told.allocated or 0

    @property
    def maximum(self) -> int:
        """How far that can be raised."""
        return self._told.maximum or 0

    @property
    def resource_type(self) -> ResourceType:
        """The type of resource."""
        return ResourceType({"id": self._told.resource_type_id, "specificType": self._told.resource_type})

    @property
    def resource_quotas(self) -> list[ResourceQuota]:
        """Resource by resource."""
        return [ResourceQuota(it) for it in self._told.resources]


class ProjectRole(Serializable):
    """A role of members."""

    id = text("id", "Its id.")
    name = text("displayName", "Its name: `Owner`, `Member` or `Guest`.")
    description = text("description", "What it may do.")


class ProjectMember:
    """A user in a project."""

    def __init__(self, project: Project, told: coscine.Member) -> None:
        self.project = project
        self._told = told
        self._role = ProjectRole(told.get("role") or {})

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"

    def __repr__(self) -> str:
        return f"ProjectMember({str(self)!r})"

    @property
    def id(self) -> str:
        """The id of the membership."""
        return self._told.id

    @property
    def user(self) -> User:
        """The user."""
        return User(self._told["user"])

    @property
    def role(self) -> ProjectRole:
        """The role; who assigns another gives it at once."""
        return self._role

    @role.setter
    def role(self, role: ProjectRole) -> None:
        with asking:
            self._told.set_role(role.id)
        self._role = role


class ProjectInvitation(Told):
    """An invitation that waits for an answer."""

    def __init__(self, data: Mapping[str, Any], client: ApiClient | None = None) -> None:
        super().__init__(data)
        self._client = client

    id = text("id", "Its id.")
    expires = time("expirationDate", "How long it is good.")
    email = text("email", "Who is invited.")

    @property
    def issuer(self) -> User:
        """Who invited them."""
        return User(self._data.get("issuer") or {})

    @property
    def project_id(self) -> str:
        """The id of the project."""
        return str((self._data.get("project") or {}).get("id", ""))

    @property
    def role(self) -> ProjectRole:
        """The role that is offered. An invitation names it by its id: the rest is looked up."""
        told = self._data.get("role") or {}
        if self._client is not None and not told.get("displayName"):
            told = next((it._data for it in self._client.roles() if it.id == told.get("id")), told)
        return ProjectRole(told)

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"


class Project(Changeable):
    """A project. Properties that can be assigned are sent by `update()`."""

    def __init__(self, client: ApiClient, told: coscine.Project) -> None:
        super().__init__(told)
        self.client = client

    @classmethod
    def one(cls, client: ApiClient, ask: Callable[[str], coscine.Project], key: object) -> list[Project]:
        """The one of this name, if there is just one."""
        with asking:
            try:
                return [cls(client, ask(str(key)))]
            except (errors.NotFoundError, errors.InvalidError):
                return []

    def __repr__(self) -> str:
        return f"Project({self.display_name!r})"

    def __str__(self) -> str:
        return table(
            [
                ("ID", self.id),
                ("Name", self.name),
                ("Display Name", self.display_name),
                ("Description", wrapped(self.description)),
                ("Principal Investigators", wrapped(self.principal_investigators)),
                ("Disciplines", "\n".join(map(str, self.disciplines))),
                ("Organizations", "\n".join(map(str, self.organizations))),
                ("Start Date", self.start_date),
                ("End Date", self.end_date),
                ("Date created", self.created),
                ("Creator", self.creator),
                ("Grant ID", self.grant_id),
                ("PID", self.pid),
                ("Slug", self.slug),
                ("Keywords", ",".join(self.keywords)),
                ("Visibility", self.visibility),
            ]
        )

    slug = text("slug", "Its name in URLs.")
    created = time("creationDate", "When it was made.")
    grant_id = settable("grantId", "grant_id", "The number of the grant.")
    principal_investigators = settable("principleInvestigators", "principal_investigators", "Who leads it.")

    @property
    def start_date(self) -> date:
        """Its first day."""
        return moment(self._data.get("startDate"))

    @start_date.setter
    def start_date(self, value: date) -> None:
        self._change("startDate", value, "start", value)

    @property
    def end_date(self) -> date:
        """Its last day."""
        return moment(self._data.get("endDate"))

    @end_date.setter
    def end_date(self, value: date) -> None:
        self._change("endDate", value, "end", value)

    @property
    def organizations(self) -> list[Organization]:
        """The organizations that take part; asked for where a list did not tell them."""
        if not self._data.get("organizations"):
            with asking:
                self._data["organizations"] = self.client._client.project(self.id).get("organizations") or []
        return named(Organization, self._data["organizations"])

    @property
    def url(self) -> str:
        """Its page."""
        return f"{self.client.base_url}/p/{self.slug}"

    def serialize(self) -> dict[str, Any]:
        """Its settings, as the service writes them."""
        return {
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "startDate": self.start_date.isoformat(),
            "endDate": self.end_date.isoformat(),
            "principleInvestigators": self.principal_investigators,
            "disciplines": [it.serialize() for it in self.disciplines],
            "organizations": [it.serialize() for it in self.organizations],
            "visibility": self.visibility.serialize(),
            "keywords": self.keywords,
            "grantId": self.grant_id,
            "slug": self.slug,
            "pid": self.pid,
        }

    # Resources

    def resources(self) -> list[Resource]:
        """All its resources."""
        return [Resource(self, it) for it in self.client._all(self._told.resources())]

    def resource(self, key: str, attribute: Any = Resource.display_name) -> Resource:
        """The resource with this value of a property, as `project.resource("...", Resource.id)`.

        `NotFoundError` if there is none, `TooManyResults` if there are several.
        """
        if attribute is Resource.id:
            with asking:
                return Resource(self, self._told.resource(str(key)))
        found = [it for it in self.resources() if it.match(attribute, key)]
        if not found:
            # A list that is kept may not know it yet; this asks anew.
            found = [it for it in Resource.one(self, self._told.resource, key) if it.match(attribute, key)]
        return only(found, "resource", key)

    def create_resource(self, name: str, display_name: str, description: str, *given: Any, **named: Any) -> Resource:
        """Makes a resource.

        What follows is, as in version 0.12, `license`, `visibility`, `disciplines`, `resource_type`, `quota` (in GiB),
        `application_profile`, `usage_rights`, `keywords`; or, as in 0.11, with the `license` after `application_profile`,
        where it may be left out.
        """
        from .common import License

        rest = ["visibility", "disciplines", "resource_type", "quota", "application_profile", "usage_rights", "keywords"]
        at = 0 if given and isinstance(given[0], License) else 5
        if len(given) > len(rest) + 1:
            raise TypeError(f"create_resource takes at most {len(rest) + 4} arguments")
        told = dict(zip([*rest[:at], "license", *rest[at:]], given))
        if twice := told.keys() & named.keys():
            raise TypeError(f"create_resource is told twice: {', '.join(sorted(twice))}")
        return self._create(name, display_name, description, **told, **named)

    def _create(
        self,
        name: str,
        display_name: str,
        description: str,
        *,
        visibility: Visibility,
        disciplines: list[Discipline],
        resource_type: ResourceType,
        quota: int,
        application_profile: ApplicationProfileInfo,
        license: License | None = None,
        usage_rights: str = "",
        keywords: list[str] | None = None,
    ) -> Resource:
        with asking:
            made = self._told.create_resource(
                name,
                resource_type.id or resource_type.specific_type,
                profile=application_profile.uri,
                quota=None if resource_type.general_type in ("linked", "gitlab") else quota * _GIB,
                display_name=display_name,
                description=description,
                keywords=keywords or [],
                disciplines=[it.id for it in disciplines],
                visibility=visibility.id,
                license=license.id if license else None,
                usage_rights=usage_rights or None,
            )
        return Resource(self, made)

    def download(self, path: str = "./") -> None:
        """Fetches all files of all resources: a folder for the project in `path`, and one for each resource in it.

        Raises `ValueError` before anything is fetched if two resources would share a folder.
        """
        resources: dict[str, Resource] = {}
        for resource in self.resources():
            other = resources.setdefault(plain(resource.display_name).casefold(), resource)
            if other is not resource:
                raise ValueError(
                    f"the resources {other.display_name!r} and {resource.display_name!r} would share a folder: download "
                    "each by itself, with a path of its own"
                )
        folder = folder_of(path, self.display_name)
        for resource in resources.values():
            resource.download(folder)

    # People

    def members(self) -> list[ProjectMember]:
        """Who takes part."""
        return [ProjectMember(self, it) for it in self.client._all(self._told.members())]

    def member(self, key: str, attribute: Any = ProjectMember.user) -> ProjectMember:
        """The member with this value of `ProjectMember.id`, `User.display_name`, `User.email` or `User.id`; if nothing is
        said, by any of them."""
        if attribute is ProjectMember.user:
            with asking:
                return ProjectMember(self, self._told.member(str(key)))
        of_user = attribute is not ProjectMember.id
        return only([it for it in self.members() if matches(it.user if of_user else it, attribute, key)], "member", key)

    def add_member(self, user: User, role: ProjectRole) -> None:
        """Takes a user in."""
        with asking:
            self._told.add_member(user.id, role.id)

    def remove_member(self, member: ProjectMember) -> None:
        """Ends a membership."""
        with asking:
            member._told.remove()

    def invite(self, email: str, role: ProjectRole) -> None:
        """Invites somebody by e-mail."""
        with asking:
            self._told.invite(email, role.id)

    def invitations(self) -> list[ProjectInvitation]:
        """The invitations that nobody has answered."""
        return [ProjectInvitation(it, self.client) for it in self.client._all(self._told.invitations())]

    # Space

    def quotas(self) -> list[ProjectQuota]:
        """The space that it may use, for each type of resource."""
        return [ProjectQuota(self, it) for it in self.client._all(self._told.quotas())]

    def update_quota(self, resource_type: ResourceType, allocated: int, maximum: int) -> None:
        """Changes what its resources of a type may reserve together, in GiB; `maximum` is for the service's own staff."""
        kind = resource_type.id or resource_type.specific_type
        with asking:
            self._told.set_quota(kind, allocated * _GIB, maximum=maximum * _GIB)

    # Projects below it

    def subprojects(self) -> list[Project]:
        """The projects below it, one level."""
        return [Project(self.client, it) for it in self.client._all(self._told.subprojects())]

    def subproject(self, key: str, attribute: Any = Changeable.display_name) -> Project:
        """The project below it with this value of a property."""
        return only([it for it in self.subprojects() if it.match(attribute, key)], "subproject", key)

    def create_subproject(
        self,
        name: str,
        display_name: str,
        description: str,
        start_date: date,
        end_date: date,
        principal_investigators: str,
        visibility: Visibility,
        disciplines: list[Discipline],
        responsible_organization: Organization,
        additional_organizations: list[Organization] | None = None,
        keywords: list[str] | None = None,
        grant_id: str = "",
    ) -> Project:
        """Makes a project below it."""
        return self.client.create_project(
            name,
            display_name,
            description,
            start_date,
            end_date,
            principal_investigators,
            visibility,
            disciplines,
            responsible_organization,
            additional_organizations,
            keywords,
            grant_id,
            self.id,
        )
