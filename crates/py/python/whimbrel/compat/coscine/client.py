"""The client."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ... import coscine, errors
from ..._native import Token, __version__
from ..._progress import Progress
from ._left_out import left_out, property_left_out
from .common import (
    ApiToken,
    Discipline,
    Language,
    License,
    MaintenanceNotice,
    Organization,
    SearchResult,
    User,
    Visibility,
    named,
    only,
)
from .exceptions import asking
from .profile import ApplicationProfile, ApplicationProfileInfo
from .project import Project, ProjectRole
from .resource import ResourceType
from .session import Session
from .vocabulary import Instance, Vocabulary

__all__ = ["ApiClient", "ApiResponse"]

T = TypeVar("T")

#: How many things a page of the service's has.
_PAGE = 50

_RAW = "requests of one's own are made by the program: `whimbrel api coscine`; each operation has its call in"


class ApiClient:
    """A client of Coscine, by the old package's name.

    - `token`: the API token. It is tried at once: `AuthenticationError` if it is no good.
    - `language`: `en` or `de`: the names of fields and terms.
    - `base_url`: with or without `/coscine` at its end.
    - `enable_caching`: whether answers that stay true for a while are kept in memory.
    - `verbose`: whether a line is printed now, and bars are shown on terminals and in notebooks later.
    - `verify_certificate`: whether the server's certificate is checked.
    - `timeout`: how long to wait for a connection, and for a byte, in seconds.
    - `retries`: how often a request that may be repeated is sent again.
    - `use_native`: taken for the sake of the name. Content in S3 always goes past the API where that is open.
    - `max_pages`: the most pages of a list that are read.

    >>> import os
    >>> from whimbrel.compat import coscine
    >>> client = coscine.ApiClient(os.environ["COSCINE_API_TOKEN"], base_url=os.environ["COSCINE_URL"], verbose=False)
    >>> client.project("Demo").resource("Files").file("readme.txt").size
    11
    """

    BANNER: str = f"whimbrel {__version__} in the place of the Coscine Python SDK"

    def __init__(
        self,
        token: str,
        language: str = "en",
        base_url: str = "https://coscine.rwth-aachen.de/coscine",
        enable_caching: bool = True,
        verbose: bool = True,
        verify_certificate: bool = True,
        timeout: float = 60.0,
        retries: int = 3,
        use_native: bool = True,
        max_pages: int = 65535,
    ) -> None:
        self._token = Token(token)
        del token  # Nobody sees it in a traceback.
        self.language = language
        #: The service's address without `/coscine`: where its web pages are.
        self.base_url = base_url.rstrip("/").removesuffix("/coscine")
        self.verbose = verbose
        self.verify = verify_certificate
        self.timeout = timeout
        self.native = use_native
        self.max_pages = max_pages
        seconds = max(1, math.ceil(timeout))
        self._settings: dict[str, Any] = {
            "cache": "memory" if enable_caching else "off",
            "attempts": max(0, retries) + 1,
            "connect_timeout": seconds,
            "idle_timeout": seconds,
            "verify_tls": verify_certificate,
        }
        self._url = base_url if urlsplit(base_url).path.strip("/") else self.base_url + "/coscine"
        self._client = self._connect()
        if verbose:
            print(self.BANNER)
        self.self()

    def _connect(self) -> coscine.Client:
        with asking:
            return coscine.Client(self._url, self._token, **self._settings)

    def __repr__(self) -> str:
        return f"ApiClient(base_url={self.base_url!r})"

    @property
    def language(self) -> str:
        """The language of fields and terms: `en` or `de`."""
        return self._language

    @language.setter
    def language(self, value: str) -> None:
        if value.lower() not in ("en", "de"):
            raise ValueError(f"there is no language {value!r}: say en or de")
        self._language = value.lower()

    @property
    def version(self) -> str:
        """The version of whimbrel."""
        return __version__

    @property
    def session(self) -> Session:
        """`session.cache.clear()` and `session.settings.disabled`; there is no more of a session."""
        return Session(self)

    def enable_caching(self, enable: bool) -> None:
        """Whether answers are kept, for all that this client gives from now on."""
        self._settings["cache"] = "memory" if enable else "off"
        self._client = self._connect()

    latest_version = left_out("nobody is asked behind your back: `pip index versions whimbrel` tells the newest version")
    paginate_and_convert = left_out("it had no use: lists are whole, as whimbrel.coscine.Client.projects() is")
    uri = left_out(f"{_RAW} whimbrel.coscine.Client")
    get = left_out(f"{_RAW} whimbrel.coscine.Client")
    post = left_out(f"{_RAW} whimbrel.coscine.Client")
    put = left_out(f"{_RAW} whimbrel.coscine.Client")
    delete = left_out(f"{_RAW} whimbrel.coscine.Client")
    options = left_out(f"{_RAW} whimbrel.coscine.Client")
    request = left_out(f"{_RAW} whimbrel.coscine.Client")
    send_request = left_out(f"{_RAW} whimbrel.coscine.Client")
    handle_request_exception = left_out("errors come as those of whimbrel.compat.coscine.exceptions by themselves")
    apiclient = property_left_out(f"there is no generated client: {_RAW} whimbrel.coscine.Client")

    def _all(self, listing: Iterable[T]) -> list[T]:
        with asking:
            return list(islice(listing, self.max_pages * _PAGE))

    @property
    def _progress(self) -> Progress:
        """A bar if somebody looks, or none."""
        return None if self.verbose else False

    # Projects

    def projects(self, toplevel: bool = True, include_org: bool = True) -> list[Project]:
        """The projects that the user can see: those at the top, or all. Organizations are asked for when they are looked at."""
        return [Project(self, it) for it in self._all(self._client.projects(top_level=toplevel))]

    def project(self, key: str, attribute: Any = Project.display_name, toplevel: bool = True) -> Project:
        """The project with this value of a property, as `client.project("21.11102/...", Project.pid)`.

        `NotFoundError` if there is none, `TooManyResults` if there are several.
        """
        if attribute is Project.id:
            with asking:
                return Project(self, self._client.project(str(key)))
        found = [it for it in self.projects(toplevel) if it.match(attribute, key)]
        if not found:
            # A list that is kept may not know it yet; this asks anew.
            new = Project.one(self, self._client.project, key)
            found = [it for it in new if it.match(attribute, key)]
        return only(found, "project", key)

    def create_project(
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
        parent_id: str = "",
    ) -> Project:
        """Makes a project, below another if its id is given."""
        settings: dict[str, Any] = {
            "display_name": display_name,
            "description": description,
            "start": start_date,
            "end": end_date,
            "principal_investigators": principal_investigators,
            "visibility": visibility.id,
            "disciplines": [it.id for it in disciplines],
            "organizations": [it.uri for it in [responsible_organization, *(additional_organizations or [])]],
            "keywords": keywords or [],
            "grant_id": grant_id or None,
        }
        with asking:
            if not parent_id:
                return Project(self, self._client.create_project(name, **settings))
            return Project(self, self._client.project(parent_id).create_subproject(name, **settings))

    def search(self, query: str, category: str | None = None) -> list[SearchResult]:
        """What a text is found in: all, or `metadata`, `project` or `resource`."""
        hits = self._client.search(query, category=category)  # type: ignore[arg-type]
        return [SearchResult({**it, "source": str(it.get("source", ""))}) for it in self._all(hits)]

    def maintenances(self) -> list[MaintenanceNotice]:
        """What the service's operators tell just now."""
        with asking:
            notices = self._client.active_notices(language=self.language)
        return [MaintenanceNotice(self._notice(it)) for it in notices]

    def _notice(self, it: coscine.Message) -> dict[str, Any]:
        body = it.get("body") or {}
        names = {"displayName": "title", "href": "href", "type": "type", "startsDate": "startDate", "endsDate": "endDate"}
        return {old: it.get(new) for old, new in names.items()} | {
            "body": body.get(self.language) or next(iter(body.values()), "")
        }

    # What there is to choose from

    def visibilities(self) -> list[Visibility]:
        """Who can see a project or a resource: all that can be said."""
        return named(Visibility, self._all(self._client.visibilities()))

    def visibility(self, name: str) -> Visibility:
        """The visibility of this name: `Project Members` or `Public`."""
        return only([it for it in self.visibilities() if it.name == name], "visibility", name)

    def disciplines(self) -> list[Discipline]:
        """All scientific disciplines."""
        return named(Discipline, self._all(self._client.disciplines()))

    def discipline(self, name: str) -> Discipline:
        """The discipline of this English name."""
        return only([it for it in self.disciplines() if it.name == name], "discipline", name)

    def licenses(self) -> list[License]:
        """All licences."""
        return named(License, self._all(self._client.licenses()))

    def license(self, name: str) -> License:
        """The licence of this name."""
        return only([it for it in self.licenses() if it.name == name], "license", name)

    def languages(self) -> list[Language]:
        """The languages of the user interface."""
        return named(Language, self._all(self._client.languages()))

    def organization(self, ror_uri: str) -> Organization:
        """The organization of this ROR URI."""
        with asking:
            return Organization(self._client.organization(ror_uri))

    def roles(self) -> list[ProjectRole]:
        """The roles that members of projects have."""
        return named(ProjectRole, self._all(self._client.roles()))

    def role(self, name: str) -> ProjectRole:
        """The role of this name: `Owner`, `Member` or `Guest`."""
        return only([it for it in self.roles() if it.name == name], "role", name)

    def resource_types(self) -> list[ResourceType]:
        """All types of resources."""
        with asking:
            return named(ResourceType, self._client.resource_types())

    def resource_type(self, name: str) -> ResourceType:
        """The type of this specific name, such as `rdsrwth`, in any case of letters."""
        return only([it for it in self.resource_types() if it.specific_type == name.lower()], "resource type", name)

    # Users

    def self(self) -> User:
        """The user whose token this is."""
        with asking:
            return User(self._client.me())

    def users(self, query: str) -> list[User]:
        """The users in whose name or e-mail address a text is."""
        with asking:
            return named(User, self._client.users(query))

    def api_tokens(self) -> list[ApiToken]:
        """The user's API tokens."""
        return named(ApiToken, self._all(self._client.tokens()))

    # Profiles and vocabularies

    def application_profile(self, profile_uri: str) -> ApplicationProfile:
        """The application profile of this IRI; a slash at its end is part of it."""
        with asking:
            return ApplicationProfile(self, self._client.form(profile_uri))

    def application_profiles(self) -> list[ApplicationProfileInfo]:
        """All application profiles."""
        return named(ApplicationProfileInfo, self._all(self._client.application_profiles()))

    def vocabulary(self, class_uri: str) -> Vocabulary:
        """The terms of a class, with their names in the client's language."""
        with asking:
            return Vocabulary(named(Instance, self._client.vocabulary(class_uri, language=self.language)))

    def validate_pid(self, pid: str) -> bool:
        """Whether a PID stands for something that is there."""
        try:
            return bool(self._client.pid(pid).resolve().is_entity_valid)
        except errors.Error:
            return False


class ApiResponse:
    """An answer as it came; there are none here."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError(f"{_RAW} whimbrel.coscine.Client")
