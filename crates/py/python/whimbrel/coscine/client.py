"""The client of Coscine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .._client import Client as Base
from .._client import Settings, secret
from .._native import Coscine, Token
from .._record import Listing, Records
from . import _said
from ._said import said, texts
from .catalogue import (
    Discipline,
    Language,
    License,
    Notification,
    Organization,
    ResourceType,
    Role,
    Title,
    Visibility,
)
from .form import Form
from .pid import Pid, PidTarget
from .platform import Category, Hit, Kpi, KpiName, Message, ReportName, StorageKpi
from .project import Branch, Project
from .publication import PublicationService
from .resource import Resource, resource
from .secret import Secret
from .storage import GitLab
from .transfer import Plan
from .user import ApiToken, Me, OptOut, Terms, User
from .vocabulary import ApplicationProfile, Term, Vocabulary

if TYPE_CHECKING:
    from typing import Unpack

    from ._submit import SubmitClient


class Client(Base):
    """A client of Coscine.

    Without arguments it goes where the program goes: `COSCINE_URL` and `COSCINE_API_TOKEN` of the environment, or what
    `whimbrel auth login coscine` has stored. A `token` is shown to `url` and to nobody else. All else is in `Settings`.

    >>> from whimbrel import coscine
    >>> client = coscine.Client()
    >>> client.project("Demo").resource("Files").files(recursive=True).to_dicts()[0]["path"]
    'readme.txt'
    >>> len(client.projects()) > 50
    True
    """

    _make = Coscine

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitClient: ...

    def __init__(self, url: str | None = None, token: str | Token | None = None, **settings: Unpack[Settings]) -> None:
        # Nobody sees it in a traceback.
        token = secret(token)
        super().__init__(url, token, dict(settings))

    # Projects and resources

    def projects(self, *, top_level: bool = False) -> Listing[Project]:
        """All projects that the user can see, at any depth; or without those that are below another."""
        return self._list(self._native.projects(top_level), self._of(Project))

    def project_tree(self) -> Records[Branch]:
        """All projects that the user can see, each below its parent. Costs one request a project."""
        return self._call(self._native.project_tree(), self._records(Branch))

    def project(self, name: str) -> Project:
        """The project of this display name, name, slug or id.

        `NotFoundError` if there is none for this user; `InvalidError` if there are several: name it by its id then.
        """
        return self._call(self._native.project(name), self._of(Project))

    def create_project(
        self,
        name: str,
        *,
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
        """Makes a project, whose owner is the user.

        - `name`: the full name, up to 200 characters; `display_name`: what people read, up to 25.
        - `start`, `end`: its first and last day, or times with their offset from UTC.
        - `visibility`: who sees that it exists, by name (`Project Members`, `Public`) or id.
        - `disciplines`: by English or German name, URI or id.
        - `organizations`: by their ROR URIs; the first one is responsible for it.
        """
        settings = said(
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
        return self._call(self._native.create_project(None, name, settings), self._of(Project))

    def resource(self, id: str) -> Resource:
        """The resource of this id, of whichever project it is. By its name: `Project.resource`."""
        return self._call(self._native.resource_by_id(id), resource(self))

    def plan(self, told: Mapping[str, Any]) -> Plan:
        """A plan that was kept, as `json.load` gives it; `Plan.apply` does it. Nothing is asked yet."""
        return self._of(Plan)(dict(told))

    def search(
        self, text: str = "", *, category: Category | None = None, languages: Iterable[str] = (), advanced: bool = False
    ) -> Listing[Hit]:
        """Projects, resources and metadata of files that a text is found in; an empty one finds everything.

        `advanced` reads the text as Elasticsearch's query syntax: `AND`, `OR`, `-`, `"a phrase"`, `wor*`.
        """
        return self._list(self._native.search(text, category, texts(languages), advanced), Hit)

    def search_counts(
        self, text: str = "", *, category: Category | None = None, languages: Iterable[str] = (), advanced: bool = False
    ) -> dict[str, int]:
        """How many hits each category has, as the service names the categories."""
        return self._call(self._native.search_counts(text, category, texts(languages), advanced))

    # The user

    def me(self) -> Me:
        """The user whose token this is: the cheapest way to check a token."""
        return self._call(self._native.me(), self._of(Me))

    def users(self, text: str) -> Records[User]:
        """Users whose name or e-mail address holds a text, to be made members of projects."""
        return self._call(self._native.users(text), _users)

    def accept_invitation(self, token: str | Token) -> None:
        """Accepts an invitation by the token (a UUID) in its mail: the user is then a member of the project."""
        return self._call(self._native.accept_invitation(secret(token)))

    def terms_of_service(self) -> Terms:
        """The terms of service that are in force; `Me.accept_terms` accepts them."""
        return self._call(self._native.terms_of_service(), Terms)

    def tokens(self) -> Listing[ApiToken]:
        """The user's API tokens."""
        return self._list(self._native.tokens(), self._of(ApiToken))

    def token(self, name: str) -> ApiToken:
        """The user's API token of this name or id."""
        return self._call(self._native.token(name), self._of(ApiToken))

    def create_token(self, name: str, days: int) -> tuple[ApiToken, Secret]:
        """Makes an API token that is good for 1 to 370 days, and tells its secret: keep it, the service never tells
        it again.

        If the error that comes is `ambiguous` there may be a token whose secret nobody knows: revoke it.
        """
        return self._call(self._native.create_token(name, days), self._new_token)

    def _new_token(self, told: Any) -> tuple[ApiToken, Secret]:
        return self._of(ApiToken)(told[0]), Secret(told[1])

    def notifications(self) -> Listing[Notification]:
        """The kinds of events that Coscine tells its users of."""
        return self._list(self._native.notifications(), Notification)

    def notification(self, name: str) -> Notification:
        """The kind of event of this category or id."""
        return self._call(self._native.notification(name), Notification)

    def opt_outs(self) -> Listing[OptOut]:
        """Of which kinds of events the user does not want to be told."""
        return self._list(self._native.opt_outs(), self._of(OptOut))

    def opt_out_of(self, notification: str) -> OptOut:
        """The opt-out of the notification of this id. `NotFoundError` if there is none."""
        return self._call(self._native.opt_out_of(notification), self._of(OptOut))

    def opt_out(self, notification: str) -> OptOut:
        """Asks not to be told of a kind of event any more, by the id of the notification."""
        return self._call(self._native.opt_out(notification), self._of(OptOut))

    # Profiles and vocabularies

    def application_profiles(
        self, *, matching: str | None = None, language: str | None = None, modules: bool | None = None
    ) -> Listing[ApplicationProfile]:
        """The application profiles that Coscine offers: those that a text is found in, with names in `en` or `de`;
        whether modules, which others are made of, are among them."""
        return self._list(self._native.application_profiles(matching, language, modules), ApplicationProfile)

    def application_profile(self, uri: str, *, format: str = "turtle", language: str = "en") -> ApplicationProfile:
        """The application profile of this URI: its names, and its definition in `turtle` or `json-ld`."""
        return self._call(self._native.application_profile(uri, format, language), ApplicationProfile)

    def application_profile_document(self, uri: str, *, format: str = "turtle") -> str:
        """The application profile of this URI as a bare RDF document; what it inherits is in documents of their own."""
        return self._call(self._native.application_profile_document(uri, format))

    def form(self, uri: str) -> Form:
        """The application profile of this URI with all that it inherits, as fields to be filled in. That of a
        resource, with what it fixes: `Resource.form`."""
        return self._call(self._native.profile_form(uri), Form.of(self, None))

    def request_application_profile(self, name: str, uri: str, rdf: str, *, format: str = "turtle") -> None:
        """Hands in a new application profile, to be reviewed by people before Coscine offers it."""
        return self._call(self._native.request_application_profile(name, uri, rdf, format))

    def vocabularies(self, *, matching: str | None = None, language: str | None = None) -> Listing[Vocabulary]:
        """The vocabularies that Coscine offers."""
        return self._list(self._native.vocabularies(matching, language), Vocabulary)

    def vocabulary(
        self, class_uri: str, *, matching: str | None = None, language: str | None = None
    ) -> Listing[Term]:
        """The terms of a vocabulary, by the class that a field or `Vocabulary.class_uri` names."""
        return self._list(self._native.vocabulary(class_uri, matching, language), Term)

    def term(self, iri: str, *, language: str = "en") -> Term:
        """The term of this IRI, named in `en` or `de`."""
        return self._call(self._native.term(iri, language), Term)

    def vocabulary_document(self, graph_uri: str, *, format: str = "turtle") -> str:
        """A whole vocabulary as an RDF document, in one request, by `Vocabulary.graph_uri`."""
        return self._call(self._native.vocabulary_document(graph_uri, format))

    # What there is to choose from

    def disciplines(self) -> Listing[Discipline]:
        """The disciplines of the DFG."""
        return self._list(self._native.disciplines(), Discipline)

    def discipline(self, name: str) -> Discipline:
        """The discipline of this English or German name, or id."""
        return self._call(self._native.discipline(name), Discipline)

    def languages(self) -> Listing[Language]:
        """The languages of the user interface."""
        return self._list(self._native.languages(), Language)

    def language(self, name: str) -> Language:
        """The language of this name, abbreviation (`de`) or id."""
        return self._call(self._native.language(name), Language)

    def licenses(self) -> Listing[License]:
        """The licences that a resource can have."""
        return self._list(self._native.licenses(), License)

    def license(self, name: str) -> License:
        """The licence of this name or id."""
        return self._call(self._native.license(name), License)

    def organizations(
        self, *, matching: str | None = None, language: str | None = None, advising: bool = False
    ) -> Listing[Organization]:
        """The organizations of the research organization registry (ROR); there are very many. `advising`: those that
        advise on publications."""
        return self._list(self._native.organizations(matching, language, advising), Organization)

    def organization(self, ror: str) -> Organization:
        """The organization of this ROR URI, such as `https://ror.org/04xfq0f34`."""
        return self._call(self._native.organization(ror), Organization)

    def roles(self) -> Listing[Role]:
        """The roles that a member of a project can have."""
        return self._list(self._native.roles(), Role)

    def role(self, name: str) -> Role:
        """The role of this name or id."""
        return self._call(self._native.role(name), Role)

    def titles(self) -> Listing[Title]:
        """Academic titles."""
        return self._list(self._native.titles(), Title)

    def title(self, name: str) -> Title:
        """The academic title of this name or id."""
        return self._call(self._native.title(name), Title)

    def visibilities(self) -> Listing[Visibility]:
        """Who can see a project or a resource."""
        return self._list(self._native.visibilities(), Visibility)

    def visibility(self, name: str) -> Visibility:
        """The visibility of this name or id."""
        return self._call(self._native.visibility(name), Visibility)

    def resource_types(self) -> Records[ResourceType]:
        """All types of resources."""
        return self._call(self._native.resource_types(), _types)

    def resource_type(self, name: str) -> ResourceType:
        """The type of resource of this name (`rdsrwth`) or id."""
        return self._call(self._native.resource_type(name), ResourceType)

    def gitlab(self, domain: str, access_token: str | Token) -> GitLab:
        """A GitLab, whose projects a resource can be: `domain` is its URL, `access_token` one of its tokens. Nothing
        is asked yet."""
        return GitLab.of(self, secret(access_token))({"domain": domain})

    # Persistent identifiers

    def pid(self, text: str) -> Pid:
        """A PID: `21.11102/5e7a...`, also with `hdl:` or `https://hdl.handle.net/` before it. Nothing is asked yet."""
        return self._of(Pid)({"identifier": self._native.pid(text)})

    def pids(self, *, projects: bool = False, resources: bool = False, deleted: bool = False) -> Listing[PidTarget]:
        """All PIDs, or those of projects or of resources only, with those of what is `deleted`; for administrators."""
        return self._list(self._native.pids(projects, resources, deleted), PidTarget)

    # The platform

    def publication_services(self, words: str = "") -> Listing[PublicationService]:
        """The publication advisory services that have these words in their name or organization."""
        return self._list(self._native.publication_services(words), PublicationService)

    def notices(self, *, language: str = "en") -> Listing[Message]:
        """What the network operation centre tells of Coscine, past and planned events among it."""
        return self._list(self._native.notices(language), Message)

    def active_notices(self, *, language: str = "en") -> Records[Message]:
        """What of it holds now."""
        return self._call(self._native.active_notices(language), _messages)

    def status_messages(
        self,
        *,
        language: str = "en",
        kind: str | None = None,
        matching: str | None = None,
        starts_after: datetime | str | None = None,
        starts_before: datetime | str | None = None,
        ends_after: datetime | str | None = None,
        ends_before: datetime | str | None = None,
    ) -> Listing[Message]:
        """What Coscine's own operators tell; `kind` is `Disturbance`, `Maintenance`, `Hint`, `Warning` and the like."""
        times = map(_said.date, (starts_after, starts_before, ends_after, ends_before))
        return self._list(self._native.status_messages(language, kind, matching, *times), Message)

    def report(self, name: ReportName) -> Any:
        """A report on the whole of Coscine, in a form that is not described; for administrators."""
        return self._call(self._native.report(name))

    def kpi(self, name: KpiName) -> Kpi:
        """A key figure of the whole of Coscine."""
        return self._call(self._native.kpi(name), Kpi)

    def users_per_organization(self) -> Records[Kpi]:
        """The key figure of users, one for each organization, of which `additional_info` tells."""
        return self._call(self._native.users_per_organization(), _kpis)

    def storage_of_type(self, resource_type: str) -> StorageKpi:
        """The key figures of storage of a type of resources, by its id."""
        return self._call(self._native.storage_of_type(resource_type), StorageKpi)


def _users(told: list[Any]) -> Records[User]:
    return Records(map(User, told))


def _types(told: list[Any]) -> Records[ResourceType]:
    return Records(map(ResourceType, told))


def _messages(told: list[Any]) -> Records[Message]:
    return Records(map(Message, told))


def _kpis(told: list[Any]) -> Records[Kpi]:
    return Records(map(Kpi, told))
