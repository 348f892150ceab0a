"""What Coscine offers to choose from."""

from __future__ import annotations

from .._record import Record


class Discipline(Record):
    """A discipline of the DFG, with its names in English and German."""

    __slots__ = ()
    _shown = ("display_name_en",)

    id: str
    display_name_en: str | None
    display_name_de: str | None
    uri: str | None


class Language(Record):
    """A language of the user interface."""

    __slots__ = ()
    _shown = ("display_name", "abbreviation")

    id: str
    display_name: str
    abbreviation: str


class License(Record):
    """A licence that a resource can have."""

    __slots__ = ()
    _shown = ("display_name",)

    id: str
    display_name: str
    url: str | None


class Organization(Record):
    """An organization of the research organization registry (ROR)."""

    __slots__ = ()
    _shown = ("display_name", "uri")

    uri: str
    display_name: str
    email: str | None


class Role(Record):
    """A role that a member of a project can have."""

    __slots__ = ()
    _shown = ("display_name",)

    id: str
    display_name: str
    description: str


class Title(Record):
    """An academic title."""

    __slots__ = ()
    _shown = ("display_name",)

    id: str
    display_name: str


class Visibility(Record):
    """Who can see a project or a resource."""

    __slots__ = ()
    _shown = ("display_name",)

    id: str
    display_name: str


class Notification(Record):
    """A kind of event that Coscine tells its users of."""

    __slots__ = ()
    _shown = ("category", "is_optional")

    id: str
    category: str
    is_optional: bool


class ResourceType(Record):
    """A type of resource: where its data lie, and what can be done with it."""

    __slots__ = ()
    _shown = ("name",)

    id: str
    general_type: str | None
    specific_type: str | None
    can_create: bool
    is_enabled: bool
    supports_versioning: bool
    is_quota_adjustable: bool

    @property
    def name(self) -> str:
        """Its name: the specific type, such as `rdss3rwth`."""
        return self.specific_type or ""

    @property
    def general(self) -> str:
        """What kind it is of: the general type, such as `rdss3`."""
        return self.general_type or ""


class GitLabProject(Record):
    """A project of a GitLab."""

    __slots__ = ()
    _shown = ("name_with_namespace", "id")

    id: int
    name: str
    name_with_namespace: str
    default_branch: str
    web_url: str


class GitLabBranch(Record):
    """A branch of a GitLab's project."""

    __slots__ = ()
    _shown = ("name",)

    name: str
    default: bool
    can_push: bool
