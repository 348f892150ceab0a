"""Written by crates/py/faces.py from the sources of `whimbrel.coscine`; not to be edited."""

from __future__ import annotations
from collections.abc import Awaitable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from typing import Any
from typing import Unpack
from whimbrel._client import Settings
from whimbrel._native import Token
from whimbrel._progress import Progress
from whimbrel._record import Record
from whimbrel._record import Records
from whimbrel.aio._listing import AsyncListing
from whimbrel.coscine._submit import SubmitApiToken
from whimbrel.coscine._submit import SubmitBranch
from whimbrel.coscine._submit import SubmitClient
from whimbrel.coscine._submit import SubmitFile
from whimbrel.coscine._submit import SubmitForm
from whimbrel.coscine._submit import SubmitGitLab
from whimbrel.coscine._submit import SubmitInvitation
from whimbrel.coscine._submit import SubmitLevel
from whimbrel.coscine._submit import SubmitMe
from whimbrel.coscine._submit import SubmitMember
from whimbrel.coscine._submit import SubmitOptOut
from whimbrel.coscine._submit import SubmitPid
from whimbrel.coscine._submit import SubmitPlan
from whimbrel.coscine._submit import SubmitProject
from whimbrel.coscine._submit import SubmitResource
from whimbrel.coscine.catalogue import Discipline as Discipline
from whimbrel.coscine.catalogue import GitLabBranch as GitLabBranch
from whimbrel.coscine.catalogue import GitLabProject as GitLabProject
from whimbrel.coscine.catalogue import Language as Language
from whimbrel.coscine.catalogue import License as License
from whimbrel.coscine.catalogue import Notification as Notification
from whimbrel.coscine.catalogue import Organization as Organization
from whimbrel.coscine.catalogue import ResourceType as ResourceType
from whimbrel.coscine.catalogue import Role as Role
from whimbrel.coscine.catalogue import Title as Title
from whimbrel.coscine.catalogue import Visibility as Visibility
from whimbrel.coscine.file import Head as Head
from whimbrel.coscine.file import MetadataVersion as MetadataVersion
from whimbrel.coscine.file import Node as Node
from whimbrel.coscine.file import Provenance as Provenance
from whimbrel.coscine.form import Field as Field
from whimbrel.coscine.form import Finding as Finding
from whimbrel.coscine.metadata import Metadata as Metadata
from whimbrel.coscine.pid import PidTarget as PidTarget
from whimbrel.coscine.platform import Category
from whimbrel.coscine.platform import Hit as Hit
from whimbrel.coscine.platform import Kpi as Kpi
from whimbrel.coscine.platform import KpiName
from whimbrel.coscine.platform import Message as Message
from whimbrel.coscine.platform import ReportName
from whimbrel.coscine.platform import StorageKpi as StorageKpi
from whimbrel.coscine.publication import PublicationRequest as PublicationRequest
from whimbrel.coscine.publication import PublicationService as PublicationService
from whimbrel.coscine.quota import ProjectQuota as ProjectQuota
from whimbrel.coscine.quota import ResourceQuota as ResourceQuota
from whimbrel.coscine.resource import Content
from whimbrel.coscine.secret import Keys as Keys
from whimbrel.coscine.secret import S3 as S3
from whimbrel.coscine.secret import Secret as Secret
from whimbrel.coscine.storage import Repository as Repository
from whimbrel.coscine.transfer import Cost as Cost
from whimbrel.coscine.transfer import Existing
from whimbrel.coscine.transfer import Fields
from whimbrel.coscine.transfer import FieldsOfFiles
from whimbrel.coscine.transfer import JOBS
from whimbrel.coscine.transfer import Path
from whimbrel.coscine.transfer import Report as Report
from whimbrel.coscine.transfer import Step as Step
from whimbrel.coscine.user import Terms as Terms
from whimbrel.coscine.user import User as User
from whimbrel.coscine.vocabulary import ApplicationProfile as ApplicationProfile
from whimbrel.coscine.vocabulary import Term as Term
from whimbrel.coscine.vocabulary import Vocabulary as Vocabulary

class Client:
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
    def __init__(self, url: str | None=None, token: str | Token | None=None, **settings: Unpack[Settings]) -> None: ...
    def projects(self, *, top_level: bool=False) -> AsyncListing[Project]:
        """All projects that the user can see, at any depth; or without those that are below another."""
    def project_tree(self) -> Awaitable[Records[Branch]]:
        """All projects that the user can see, each below its parent. Costs one request a project."""
    def project(self, name: str) -> Awaitable[Project]:
        """The project of this display name, name, slug or id.
    
        `NotFoundError` if there is none for this user; `InvalidError` if there are several: name it by its id then.
        """
    def create_project(self, name: str, *, display_name: str | None=None, description: str | None=None, principal_investigators: str | None=None, start: date | str | None=None, end: date | str | None=None, keywords: Iterable[str] | None=None, grant_id: str | None=None, visibility: str | None=None, disciplines: Iterable[str] | None=None, organizations: Iterable[str] | None=None) -> Awaitable[Project]:
        """Makes a project, whose owner is the user.
    
        - `name`: the full name, up to 200 characters; `display_name`: what people read, up to 25.
        - `start`, `end`: its first and last day, or times with their offset from UTC.
        - `visibility`: who sees that it exists, by name (`Project Members`, `Public`) or id.
        - `disciplines`: by English or German name, URI or id.
        - `organizations`: by their ROR URIs; the first one is responsible for it.
        """
    def resource(self, id: str) -> Awaitable[Resource]:
        """The resource of this id, of whichever project it is. By its name: `Project.resource`."""
    def plan(self, told: Mapping[str, Any]) -> Plan:
        """A plan that was kept, as `json.load` gives it; `Plan.apply` does it. Nothing is asked yet."""
    def search(self, text: str='', *, category: Category | None=None, languages: Iterable[str]=(), advanced: bool=False) -> AsyncListing[Hit]:
        """Projects, resources and metadata of files that a text is found in; an empty one finds everything.
    
        `advanced` reads the text as Elasticsearch's query syntax: `AND`, `OR`, `-`, `"a phrase"`, `wor*`.
        """
    def search_counts(self, text: str='', *, category: Category | None=None, languages: Iterable[str]=(), advanced: bool=False) -> Awaitable[dict[str, int]]:
        """How many hits each category has, as the service names the categories."""
    def me(self) -> Awaitable[Me]:
        """The user whose token this is: the cheapest way to check a token."""
    def users(self, text: str) -> Awaitable[Records[User]]:
        """Users whose name or e-mail address holds a text, to be made members of projects."""
    def accept_invitation(self, token: str | Token) -> Awaitable[None]:
        """Accepts an invitation by the token (a UUID) in its mail: the user is then a member of the project."""
    def terms_of_service(self) -> Awaitable[Terms]:
        """The terms of service that are in force; `Me.accept_terms` accepts them."""
    def tokens(self) -> AsyncListing[ApiToken]:
        """The user's API tokens."""
    def token(self, name: str) -> Awaitable[ApiToken]:
        """The user's API token of this name or id."""
    def create_token(self, name: str, days: int) -> Awaitable[tuple[ApiToken, Secret]]:
        """Makes an API token that is good for 1 to 370 days, and tells its secret: keep it, the service never tells
        it again.
    
        If the error that comes is `ambiguous` there may be a token whose secret nobody knows: revoke it.
        """
    def notifications(self) -> AsyncListing[Notification]:
        """The kinds of events that Coscine tells its users of."""
    def notification(self, name: str) -> Awaitable[Notification]:
        """The kind of event of this category or id."""
    def opt_outs(self) -> AsyncListing[OptOut]:
        """Of which kinds of events the user does not want to be told."""
    def opt_out_of(self, notification: str) -> Awaitable[OptOut]:
        """The opt-out of the notification of this id. `NotFoundError` if there is none."""
    def opt_out(self, notification: str) -> Awaitable[OptOut]:
        """Asks not to be told of a kind of event any more, by the id of the notification."""
    def application_profiles(self, *, matching: str | None=None, language: str | None=None, modules: bool | None=None) -> AsyncListing[ApplicationProfile]:
        """The application profiles that Coscine offers: those that a text is found in, with names in `en` or `de`;
        whether modules, which others are made of, are among them.
        """
    def application_profile(self, uri: str, *, format: str='turtle', language: str='en') -> Awaitable[ApplicationProfile]:
        """The application profile of this URI: its names, and its definition in `turtle` or `json-ld`."""
    def application_profile_document(self, uri: str, *, format: str='turtle') -> Awaitable[str]:
        """The application profile of this URI as a bare RDF document; what it inherits is in documents of their own."""
    def form(self, uri: str) -> Awaitable[Form]:
        """The application profile of this URI with all that it inherits, as fields to be filled in. That of a
        resource, with what it fixes: `Resource.form`.
        """
    def request_application_profile(self, name: str, uri: str, rdf: str, *, format: str='turtle') -> Awaitable[None]:
        """Hands in a new application profile, to be reviewed by people before Coscine offers it."""
    def vocabularies(self, *, matching: str | None=None, language: str | None=None) -> AsyncListing[Vocabulary]:
        """The vocabularies that Coscine offers."""
    def vocabulary(self, class_uri: str, *, matching: str | None=None, language: str | None=None) -> AsyncListing[Term]:
        """The terms of a vocabulary, by the class that a field or `Vocabulary.class_uri` names."""
    def term(self, iri: str, *, language: str='en') -> Awaitable[Term]:
        """The term of this IRI, named in `en` or `de`."""
    def vocabulary_document(self, graph_uri: str, *, format: str='turtle') -> Awaitable[str]:
        """A whole vocabulary as an RDF document, in one request, by `Vocabulary.graph_uri`."""
    def disciplines(self) -> AsyncListing[Discipline]:
        """The disciplines of the DFG."""
    def discipline(self, name: str) -> Awaitable[Discipline]:
        """The discipline of this English or German name, or id."""
    def languages(self) -> AsyncListing[Language]:
        """The languages of the user interface."""
    def language(self, name: str) -> Awaitable[Language]:
        """The language of this name, abbreviation (`de`) or id."""
    def licenses(self) -> AsyncListing[License]:
        """The licences that a resource can have."""
    def license(self, name: str) -> Awaitable[License]:
        """The licence of this name or id."""
    def organizations(self, *, matching: str | None=None, language: str | None=None, advising: bool=False) -> AsyncListing[Organization]:
        """The organizations of the research organization registry (ROR); there are very many. `advising`: those that
        advise on publications.
        """
    def organization(self, ror: str) -> Awaitable[Organization]:
        """The organization of this ROR URI, such as `https://ror.org/04xfq0f34`."""
    def roles(self) -> AsyncListing[Role]:
        """The roles that a member of a project can have."""
    def role(self, name: str) -> Awaitable[Role]:
        """The role of this name or id."""
    def titles(self) -> AsyncListing[Title]:
        """Academic titles."""
    def title(self, name: str) -> Awaitable[Title]:
        """The academic title of this name or id."""
    def visibilities(self) -> AsyncListing[Visibility]:
        """Who can see a project or a resource."""
    def visibility(self, name: str) -> Awaitable[Visibility]:
        """The visibility of this name or id."""
    def resource_types(self) -> Awaitable[Records[ResourceType]]:
        """All types of resources."""
    def resource_type(self, name: str) -> Awaitable[ResourceType]:
        """The type of resource of this name (`rdsrwth`) or id."""
    def gitlab(self, domain: str, access_token: str | Token) -> GitLab:
        """A GitLab, whose projects a resource can be: `domain` is its URL, `access_token` one of its tokens. Nothing
        is asked yet.
        """
    def pid(self, text: str) -> Pid:
        """A PID: `21.11102/5e7a...`, also with `hdl:` or `https://hdl.handle.net/` before it. Nothing is asked yet."""
    def pids(self, *, projects: bool=False, resources: bool=False, deleted: bool=False) -> AsyncListing[PidTarget]:
        """All PIDs, or those of projects or of resources only, with those of what is `deleted`; for administrators."""
    def publication_services(self, words: str='') -> AsyncListing[PublicationService]:
        """The publication advisory services that have these words in their name or organization."""
    def notices(self, *, language: str='en') -> AsyncListing[Message]:
        """What the network operation centre tells of Coscine, past and planned events among it."""
    def active_notices(self, *, language: str='en') -> Awaitable[Records[Message]]:
        """What of it holds now."""
    def status_messages(self, *, language: str='en', kind: str | None=None, matching: str | None=None, starts_after: datetime | str | None=None, starts_before: datetime | str | None=None, ends_after: datetime | str | None=None, ends_before: datetime | str | None=None) -> AsyncListing[Message]:
        """What Coscine's own operators tell; `kind` is `Disturbance`, `Maintenance`, `Hint`, `Warning` and the like."""
    def report(self, name: ReportName) -> Awaitable[Any]:
        """A report on the whole of Coscine, in a form that is not described; for administrators."""
    def kpi(self, name: KpiName) -> Awaitable[Kpi]:
        """A key figure of the whole of Coscine."""
    def users_per_organization(self) -> Awaitable[Records[Kpi]]:
        """The key figure of users, one for each organization, of which `additional_info` tells."""
    def storage_of_type(self, resource_type: str) -> Awaitable[StorageKpi]:
        """The key figures of storage of a type of resources, by its id."""
    def clear_cache(self) -> Awaitable[None]:
        """Forgets all answers that are kept: for all clients of this process, or for all that use the same file.
    
        Writes of one's own make old what they change by themselves; this is for what others have changed just now.
        """
    def api(self, operation_id: str, /, body: Any=None, **parameters: Any) -> Awaitable[Any]:
        """Any operation of the service by its id, as `whimbrel api` names it.
    
        `parameters` are those of its path, its query and its headers under the service's own names; of a list each value is
        sent, and `None` is none. A `body` is sent as JSON, or as it is if it is bytes. What comes is objects, if it is JSON,
        and bytes if not; an error raises.
    
        >>> from whimbrel import dserver
        >>> client = dserver.Client()
        >>> len(client.api("search_datasets", {"free_text": "simulation"}, page_size=1))
        1
        """
    @property
    def url(self) -> str: ...
    @property
    def submit(self) -> SubmitClient: ...

class File(Record):
    r"""A file of a resource, or its metadata, or both: what a listing told of it, or, of `Resource.file(path)`, no
    more than its path.

    Its path comes from the service, and may be anything: `download` knows where it may go.

    >>> from whimbrel import coscine
    >>> resource = coscine.Client().project("Demo").resource("Files")
    >>> resource.file("readme.txt").read()
    b'readme.txt\n'
    >>> [(file.path, file.size) for file in resource.files("2026/january")]
    [('2026/january/a.csv', 38), ('2026/january/b.csv', 57)]
    """
    path: str
    size: int | None
    name: str | None
    change_date: datetime | None
    creation_date: datetime | None
    @property
    def changed(self) -> datetime | None:
        """When it was changed last, as a listing told."""
    def head(self) -> Awaitable[Head | None]:
        """What the service tells of it now; `None` if there is no such file."""
    def read(self) -> Awaitable[bytes]:
        """Its content. What is large is better fetched to a file: `download`."""
    def download(self, target: Path='.', *, existing: Existing='refuse', progress: Progress=None) -> Awaitable[Report]:
        """Fetches it to `target`: a file, or a folder that is there, in which it keeps its name.
    
        It has its final name only when it is whole.
        """
    def delete(self) -> Awaitable[None]:
        """Deletes the file, its old versions and its metadata."""
    def metadata(self, version: int | None=None) -> Awaitable[Metadata]:
        """Its metadata, in a version or the newest. `NotFoundError` if it has none.
    
        Of many files, `Resource.metadata` reads all in one request.
        """
    def graph(self, version: int | None=None) -> Awaitable[str]:
        """Its metadata, in a version or the newest, as RDF in Turtle."""
    def set_metadata(self, metadata: Fields | None=None, *, rdf: str | None=None) -> Awaitable[None]:
        """Stores a new version of its metadata, checked against the resource's profile, and leaves its content.
    
        Fields that are not given stay as they are; if nothing changes, nothing is stored. `rdf` is Turtle, taken as
        it is. Also for a file that lies elsewhere, or is yet to come. `InvalidError` has what is wrong in its
        `findings`.
        """
    def versions(self) -> AsyncListing[MetadataVersion]:
        """The versions of its metadata, the newest first."""
    def version(self, version: int | None=None) -> Awaitable[MetadataVersion]:
        """What the service knows of one version of its metadata, or of the newest."""
    def provenance(self, version: int | None=None) -> Awaitable[Provenance]:
        """Where its metadata come from, in a version or the newest. `NotFoundError` if it has none."""
    def node(self) -> Awaitable[Node]:
        """Its place in the tree of metadata. `NotFoundError` if there are neither data nor metadata."""
    def has_node(self) -> Awaitable[bool]:
        """Whether the tree of metadata has this place."""
    def has_metadata(self, version: int | None=None) -> Awaitable[bool]:
        """Whether it has metadata, in a version or at all."""
    @property
    def submit(self) -> SubmitFile: ...

class Form(Record):
    """The form of a file's metadata: an application profile, and what the resource gives by itself.

    >>> from whimbrel import coscine
    >>> form = coscine.Client().project("Demo").resource("Measurements").form()
    >>> [field.label for field in form.fields if field.required]
    ['Title', 'Creator', 'Creation Date', 'State']
    >>> for finding in form.check({"Title": "Run 7", "Creator": "Ada", "State": "raw", "Creation Date": "yesterday"}):
    ...     print(finding)
    field "Creation Date": "yesterday" is no date; write it as 2026-11-21
    """
    uri: str
    labels: dict[str, str]
    target_class: str
    left: list[str]
    @property
    def fields(self) -> Records[Field]:
        """The fields and those that are inherited, in their order."""
    def field(self, name: str) -> Field:
        """The field of this label, in any language and case of letters, or of this IRI; `KeyError` if there is none."""
    def check(self, metadata: Fields) -> Awaitable[Records[Finding]]:
        """What is wrong with these metadata, as they would be sent; nothing is sent. Empty if nothing is.
    
        What the resource fixes, and the profile's defaults, stand in for what is not given.
        """
    def fill(self, metadata: Fields) -> Awaitable[str]:
        """These metadata as RDF in Turtle, as they would be sent."""
    def template(self, language: str='en') -> Awaitable[str]:
        """An empty table as CSV: a column a field, its rules below in a line of comment."""
    @property
    def submit(self) -> SubmitForm: ...

class Member(Record):
    """A user in a project, with a role."""
    id: str
    @property
    def user(self) -> User:
        """The user: id, names, and the e-mail address where it may be seen."""
    @property
    def name(self) -> str:
        """The user's name."""
    @property
    def email(self) -> str | None:
        """The user's e-mail address, where it may be seen."""
    @property
    def role(self) -> str:
        """The role's name: `Owner`, `Member` or `Guest`."""
    def set_role(self, role: str) -> Awaitable[None]:
        """Gives another role, by name or id. This record still tells the old one."""
    def remove(self) -> Awaitable[None]:
        """Ends the membership; of one's own, leaves the project."""
    @property
    def submit(self) -> SubmitMember: ...

class Invitation(Record):
    """An invitation that waits for an answer."""
    id: str
    email: str | None
    expiration_date: datetime | None
    @property
    def role(self) -> str:
        """The role that is offered: its name, or its id where the service tells no more."""
    def revoke(self) -> Awaitable[None]:
        """Takes it back."""
    @property
    def submit(self) -> SubmitInvitation: ...

class Pid(Record):
    """A persistent identifier: a handle such as `21.11102/5e7a...`, of a project or a resource."""
    identifier: str
    def resolve(self) -> Awaitable[PidTarget]:
        """What it stands for. `NotFoundError` if there is no such thing; its `status` is 410 if there was."""
    def ask_owner(self, name: str, email: str, message: str, *, send_confirmation_email: bool=True) -> Awaitable[None]:
        """Sends a message, of up to 5000 characters, to the owner of what it stands for, by mail. Name and address are
        yours, for the answer.
        """
    def handle(self) -> Awaitable[dict[str, Any]]:
        """The values of its handle record."""
    def update_handle(self, values: Iterable[Mapping[str, Any]]) -> Awaitable[None]:
        """Replaces the values of its handle record; for administrators."""
    @property
    def submit(self) -> SubmitPid: ...

class Project(Record):
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
    @property
    def display_name(self) -> str:
        """The name that people read: the display name, else the full one."""
    def resources(self) -> AsyncListing[Resource]:
        """Its resources."""
    def resource(self, name: str) -> Awaitable[Resource]:
        """The resource of this display name, name or id.
    
        `NotFoundError` if there is none for this user; `InvalidError` if there are several: name it by its id then.
        """
    def create_resource(self, name: str, resource_type: str, *, profile: str, quota: int | None=None, display_name: str | None=None, description: str | None=None, keywords: Iterable[str] | None=None, disciplines: Iterable[str] | None=None, visibility: str | None=None, license: str | None=None, usage_rights: str | None=None, local_metadata_copy: bool | None=None, fixed_values: Mapping[str, Any] | None=None, replication: str | None=None, abort_uploads_after_days: int | None=None, expire_versions_after_days: int | None=None, repository: Repository | None=None) -> Awaitable[Resource]:
        """Makes a resource of this full name.
    
        - `resource_type`: the name (`rdsrwth`) or id of one of `resource_types()`.
        - `profile`: the IRI of the application profile that the files' metadata follow; it can't be changed later.
        - `quota`: its size in bytes, where the type has one.
        - `license`, `visibility`, `disciplines`: by name, URI or id; of the last the project's, if nothing is said.
        - `fixed_values`: what each file gets in its metadata, by the IRI of the field: a text, `{"iri": ...}`, or
          `{"value": ..., "datatype": ...}`; or a list of these.
        - `replication` and the days are for DataStorage.nrw, `repository` is for a GitLab.
        """
    def resource_types(self) -> Awaitable[Records[ResourceType]]:
        """The types of resources that this project may use."""
    def resource_type(self, name: str) -> Awaitable[ResourceType]:
        """The type of this name (`rdsrwth`) or id among those that this project may use."""
    def subprojects(self) -> AsyncListing[Project]:
        """The projects below it, one level."""
    def tree(self) -> Awaitable[Records[Branch]]:
        """The projects below it at any depth, each below its parent."""
    def create_subproject(self, name: str, *, copy_owners: bool=False, display_name: str | None=None, description: str | None=None, principal_investigators: str | None=None, start: date | str | None=None, end: date | str | None=None, keywords: Iterable[str] | None=None, grant_id: str | None=None, visibility: str | None=None, disciplines: Iterable[str] | None=None, organizations: Iterable[str] | None=None) -> Awaitable[Project]:
        """Makes a project below this one, as `Client.create_project` does; with `copy_owners`, its owners become
        owners.
        """
    def update(self, *, name: str | None=None, slug: str | None=None, display_name: str | None=None, description: str | None=None, principal_investigators: str | None=None, start: date | str | None=None, end: date | str | None=None, keywords: Iterable[str] | None=None, grant_id: str | None=None, visibility: str | None=None, disciplines: Iterable[str] | None=None, organizations: Iterable[str] | None=None) -> Awaitable[Project]:
        """Changes what is said of it and leaves the rest; the project as it is then. Lists are given whole.
    
        The service takes a project's settings only as a whole, so they are read first; what another changes in just that
        time is lost. `slug` is its name in URLs: addresses with the old one lead nowhere then.
        """
    def delete(self) -> Awaitable[None]:
        """Deletes it. `InvalidError` if something in it stands against that."""
    def members(self) -> AsyncListing[Member]:
        """Who takes part in it."""
    def member(self, name: str) -> Awaitable[Member]:
        """The member of this name or e-mail address, or of this id of the user or the membership."""
    def membership(self, id: str) -> Awaitable[Member]:
        """The membership of this id, in one request."""
    def my_membership(self) -> Awaitable[Member]:
        """One's own membership. `NotFoundError` for one who is no member."""
    def add_member(self, user: str, role: str='Member') -> Awaitable[Member]:
        """Takes a user in, named by id, e-mail address or full name, with a role (`Owner`, `Member`, `Guest`).
    
        `NotFoundError` if the service shows no such user: `invite` them then.
        """
    def leave(self) -> Awaitable[None]:
        """Ends one's own membership."""
    def invitations(self) -> AsyncListing[Invitation]:
        """The invitations that nobody has answered."""
    def invitation(self, name: str) -> Awaitable[Invitation]:
        """The invitation of this id, or to this e-mail address."""
    def invite(self, email: str, role: str='Member') -> Awaitable[Invitation]:
        """Invites somebody by e-mail, to take a role (`Owner`, `Member`, `Guest`) in the project. The service sends
        the mail.
    
        `InvalidError` or `ConflictError` if this is no address or they are invited already.
        """
    def quotas(self) -> AsyncListing[ProjectQuota]:
        """What it may use, for each type of resource, in bytes."""
    def quota(self, resource_type: str) -> Awaitable[ProjectQuota]:
        """What it may use of the type of resource of this name (`rdsrwth`) or id, in bytes."""
    def set_quota(self, resource_type: str, allocated: int, *, maximum: int | None=None) -> Awaitable[None]:
        """Changes what its resources of a type may reserve together, in bytes: at most the quota's `maximum`, which
        only the service's own staff changes.
        """
    def graphs(self) -> Awaitable[str]:
        """The description of the project and of all that is in it, metadata included, as N-Quads: one request."""
    def ro_crate(self, target: Path, *, version: str='1.2', content: bool=True, overwrite: bool=False, jobs: int=JOBS, progress: Progress=None) -> Awaitable[Report]:
        """Makes an RO-Crate of the project in a folder: each resource is a folder in it, called by its display name.
    
        Without `content` no file is fetched, and the crate names them by their URLs. With `overwrite` the folder may
        hold something already, and files that are the same are not fetched again.
        """
    def request_publication(self, organization: str, resources: Iterable[Resource], message: str | None=None) -> Awaitable[PublicationRequest]:
        """Asks the publication advisory service of an organization (its ROR URI) to publish resources of this
        project.
        """
    def publication_request(self, id: str) -> Awaitable[PublicationRequest]:
        """The publication request of this id."""
    @property
    def submit(self) -> SubmitProject: ...

class Branch(Record):
    """A project, and those below it."""
    @property
    def project(self) -> Project:
        """The project."""
    @property
    def below(self) -> Records[Branch]:
        """Those below it."""
    @property
    def submit(self) -> SubmitBranch: ...

class Level(Record):
    """One level of a resource: its folders and files."""
    folders: list[str]
    @property
    def files(self) -> Records[File]:
        """The files."""
    @property
    def submit(self) -> SubmitLevel: ...

class Resource(Record):
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
    id: str
    pid: str
    name: str
    display_name: str
    description: str
    keywords: list[str] | None
    usage_rights: str | None
    date_created: datetime | None
    @property
    def project_id(self) -> str:
        """The id of the project that it is in."""
    @property
    def resource_type(self) -> str:
        """Its specific type, such as `rdsrwth`."""
    @property
    def archived(self) -> bool:
        """Whether it can't be written to."""
    @property
    def profile(self) -> str:
        """The IRI of its application profile."""
    def file(self, path: str) -> File:
        """The file of this path, whether it is there or not. Nothing is asked yet."""
    def files(self, folder: str='', *, recursive: bool=False) -> AsyncListing[File]:
        """Its files in a folder, or at any depth below it; in no particular order across folders."""
    def level(self, folder: str='') -> Awaitable[Level]:
        """One level: its folders and files."""
    def nodes(self, folder: str='') -> AsyncListing[Node]:
        """One level of the tree of its metadata. Unlike `files` it also shows metadata whose data are gone or yet to
        come.
        """
    def upload(self, file: Content, to: str='', *, metadata: Fields | None=None, rdf: str | None=None, existing: Existing='refuse', progress: Progress=None) -> Awaitable[Report]:
        """Sends one file, or bytes.
    
        - `file`: a path; or `bytes` or an open binary file, which is read to its end into memory (of what is large
          give the path).
        - `to`: its path in the resource; with a slash at the end, the folder it goes to. Without, the file's own name.
        - `metadata`: fields of the resource's profile by label or IRI, as `{"Title": "Run 7"}`; they are checked
          before the first byte moves, and `InvalidError` has all that is wrong in its `findings`. What a file that
          is there already has in other fields stays. `rdf` is Turtle, taken as it is.
        - `existing`: what to do if it is there already.
        """
    def upload_dir(self, folder: Path, to: str='', *, metadata: FieldsOfFiles | None=None, table: Path | None=None, existing: Existing='refuse', include: Iterable[str]=(), exclude: Iterable[str]=(), checksum: bool=False, delete: bool=False, jobs: int=JOBS, index: Path | None=None, progress: Progress=None) -> Awaitable[Report]:
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
    def plan_upload(self, folder: Path, to: str='', *, metadata: FieldsOfFiles | None=None, table: Path | None=None, existing: Existing='update', include: Iterable[str]=(), exclude: Iterable[str]=(), checksum: bool=False, delete: bool=False, index: Path | None=None) -> Awaitable[Plan]:
        """What `upload_dir` would do. Nothing is sent, and names and metadata of all files are checked."""
    def download(self, path: str, target: Path='.', *, existing: Existing='refuse', progress: Progress=None) -> Awaitable[Report]:
        """Fetches one file to `target`: a file, or a folder that is there, in which it keeps its name."""
    def read(self, path: str) -> Awaitable[bytes]:
        """The content of one file. What is large is better fetched to a file: `download`."""
    def download_dir(self, target: Path, folder: str='', *, existing: Existing='refuse', include: Iterable[str]=(), exclude: Iterable[str]=(), checksum: bool=False, delete: bool=False, jobs: int=JOBS, index: Path | None=None, progress: Progress=None) -> Awaitable[Report]:
        """Fetches all files, or those below a folder, whose own path is left out of their names, into `target`.
    
        With `existing="update"` only what is new or differs; then `delete` deletes here what is not there. No file
        is begun before all names have been checked: one from the service never leads out of `target`. The rest is as
        for `upload_dir`.
        """
    def plan_download(self, target: Path, folder: str='', *, existing: Existing='update', include: Iterable[str]=(), exclude: Iterable[str]=(), checksum: bool=False, delete: bool=False, index: Path | None=None) -> Awaitable[Plan]:
        """What `download_dir` would do. Nothing is fetched."""
    def diff(self, folder: Path, to: str='', *, include: Iterable[str]=(), exclude: Iterable[str]=(), checksum: bool=False, delete: bool=True, index: Path | None=None) -> Awaitable[Plan]:
        """In what a folder here and one of the resource differ: what would be sent, and deleted there. Nothing is
        sent, and metadata are not looked at. With `checksum`, files are read and compared by their hash where the
        index knows it.
        """
    def metadata(self, folder: str='') -> Awaitable[Records[Metadata]]:
        """The metadata of every file, or of those below a folder, by labels, sorted by path: the newest version of
        each, in one request. `.to_pandas()` makes a table of it.
        """
    def metadata_table(self, folder: str='', format: str='csv') -> Awaitable[str]:
        """The same as a table (`csv`, `yaml`, `json`, `ttl`), as `upload_dir` takes it; files are named as they are
        below the folder.
        """
    def graphs(self) -> Awaitable[dict[str, str]]:
        """The metadata of every file, the newest version of each, as RDF in Turtle, by path."""
    def form(self) -> Awaitable[Form]:
        """What the files' metadata have to say: the fields of the application profile, with which metadata can be
        checked before they are sent.
        """
    def quota(self, *, versions: bool=False) -> Awaitable[ResourceQuota]:
        """The space it has and uses, in bytes; with `versions`, what old versions of files take, which the service
        has to count.
        """
    def s3(self) -> Awaitable[S3]:
        """The bucket that its data lie in, with the keys: asked of the service each time, and kept nowhere.
    
        `InvalidError` if its type is none of S3; `ForbiddenError` if this user is given no keys, as guests are not.
        """
    def update(self, *, name: str | None=None, display_name: str | None=None, description: str | None=None, keywords: Iterable[str] | None=None, disciplines: Iterable[str] | None=None, visibility: str | None=None, license: str | None=None, usage_rights: str | None=None, local_metadata_copy: bool | None=None, archived: bool | None=None, fixed_values: Mapping[str, Any] | None=None, quota: int | None=None, replication: str | None=None, abort_uploads_after_days: int | None=None, expire_versions_after_days: int | None=None, repository: Repository | None=None) -> Awaitable[Resource]:
        """Changes what is said of it and leaves the rest; the resource as it is then. Lists are given whole.
    
        What can be said is as for `Project.create_resource`. The service takes a resource's settings only as a
        whole, so they are read first; what another changes in just that time is lost.
        """
    def archive(self) -> Awaitable[Resource]:
        """Makes it read-only; the resource as it is then."""
    def unarchive(self) -> Awaitable[Resource]:
        """Makes it writable again; the resource as it is then."""
    def delete(self) -> Awaitable[None]:
        """Deletes it with all files and metadata."""
    def ro_crate(self, target: Path, *, version: str='1.2', content: bool=True, overwrite: bool=False, jobs: int=JOBS, progress: Progress=None) -> Awaitable[Report]:
        """Makes an RO-Crate of the resource in a folder, as `Project.ro_crate` does of a project. Files keep their
        paths.
        """
    @property
    def submit(self) -> SubmitResource: ...

class GitLab(Record):
    """A GitLab as Coscine sees it; see `Client.gitlab`. Coscine asks it on your behalf, so it gets to know the token."""
    domain: str
    def projects(self) -> Awaitable[Records[GitLabProject]]:
        """The projects that the token opens."""
    def project(self, id: int) -> Awaitable[GitLabProject]:
        """One project, by its number."""
    def branches(self, id: int) -> Awaitable[Records[GitLabBranch]]:
        """The branches of a project, by its number."""
    @property
    def submit(self) -> SubmitGitLab: ...

class Plan(Record):
    """What a transfer would do, file by file: to be looked at, kept in a file as JSON, and applied later.

    Each step holds what both sides looked like; what has changed since is not touched but reported.

    >>> import tempfile, pathlib
    >>> from whimbrel import coscine
    >>> client = coscine.Client()
    >>> resource = client.project("Demo").resource("Files")
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> plan = resource.plan_download(folder)
    >>> plan.is_empty
    False
    >>> again = client.plan(plan.to_dict())
    >>> again.apply().done == len(plan.steps)
    True
    """
    way: str
    local: str
    unchanged: int
    hashed: int
    skipped: int
    @property
    def steps(self) -> Records[Step]:
        """What is to be done, sorted by path."""
    @property
    def is_empty(self) -> bool:
        """Nothing is to be done."""
    @property
    def cost(self) -> Cost:
        """What it costs."""
    def apply(self, *, jobs: int=JOBS, index: Path | None=None, progress: Progress=None) -> Awaitable[Report]:
        """Does it, and no more. A file that has changed since the plan was made is not touched; it is among the
        `failed` of the `PartialError` that comes then.
        """
    @property
    def submit(self) -> SubmitPlan: ...

class Me(Record):
    """The user whose token the client has.

    >>> from whimbrel import coscine
    >>> me = coscine.Client().me()
    >>> me.display_name, me.email
    ('alice Sandbox', 'alice@example.org')
    """
    id: str
    display_name: str
    given_name: str | None
    family_name: str | None
    are_to_s_accepted: bool
    latest_activity: datetime | None
    @property
    def email(self) -> str | None:
        """The primary e-mail address."""
    def update(self, *, given_name: str | None=None, family_name: str | None=None, email: str | None=None, title: str | None=None, language: str | None=None, organization: str | None=None, disciplines: Iterable[str] | None=None) -> Awaitable[Me]:
        """Changes what is said of the user and leaves the rest; the user as they are then.
    
        Title, language and disciplines go by name or id, the organization by its ROR URI. Another e-mail address counts
        once it is confirmed.
        """
    def role_count(self) -> Awaitable[int]:
        """How many roles in projects the user has."""
    def accept_terms(self, version: str) -> Awaitable[None]:
        """Accepts the terms of service in this version: that of `Client.terms_of_service()`."""
    def consent(self) -> Awaitable[None]:
        """Consents to the processing of the user's data."""
    def confirm_email(self, token: str | Token) -> Awaitable[None]:
        """Confirms an e-mail address by the token that was sent to it."""
    def resend_confirmation(self) -> Awaitable[None]:
        """Has that token sent again."""
    def merge(self, provider: str) -> Awaitable[Secret]:
        """Starts to merge another login of the user, `Shibboleth` or `ORCiD`, into this one.
    
        What comes is a token with which a browser goes on.
        """
    def delete(self) -> Awaitable[None]:
        """Deletes the user's account, for good. `ConflictError` while projects need the user."""
    @property
    def submit(self) -> SubmitMe: ...

class ApiToken(Record):
    """An API token of the user, without its secret, which the service tells once.

    A token acts as the whole user: there are no scopes.
    """
    id: str
    name: str
    creation_date: datetime | None
    expiry_date: datetime | None
    def revoke(self) -> Awaitable[None]:
        """Ends its life. The token that this client itself uses can be revoked too: each later call is an
        `AuthenticationError` then.
        """
    @property
    def submit(self) -> SubmitApiToken: ...

class OptOut(Record):
    """The user's wish not to be told of one kind of event."""
    id: str
    notification_id: str
    def undo(self) -> Awaitable[None]:
        """Asks to be told again."""
    @property
    def submit(self) -> SubmitOptOut: ...
