"""The package `coscine`, by its names: `from whimbrel.compat import coscine`.

Versions 0.11.13 and 0.12.2 are covered, over `whimbrel.coscine`, which has more: folders brought into step, metadata of many
files from tables, plans, RO-Crates; each call also awaitable or as a future.

| of coscine | here |
|---|---|
| `ApiClient(token, ...)`, with all ten arguments | the same. `GET /self` tries the token, and nothing else is asked |
| `session.cache.clear()`, `session.settings.disabled`, `enable_caching()` | work; answers are kept in memory, by their kind for minutes or as long as the process lasts |
| `project(key, Project.name)`, `resource(key, Resource.id)`, `match` | by any property, compared exactly |
| `projects`, `resources`, `members`, `invitations`, `quotas`, `users`, `api_tokens`, vocabularies, what there is to choose from | whole lists |
| `create_project`, `create_subproject`, `create_resource` (in the order of 0.11 or 0.12), `update`, `delete`, `serialize`, `str()` | the same |
| `invite`, `add_member`, `remove_member`, `member.role = role`, `update_quota` | the same, also from many threads |
| `resource.files(path, recursive, with_metadata)`, `file(path)`, `download`, `upload` | the same, at any depth; several files at once |
| `file.download`, `stream(fp)`, `stream_blob`, `stream_s3`, `update`, `delete` | the same; nothing large is in memory whole |
| `MetadataForm`, `FormField`, `Vocabulary`, `ApplicationProfile` | the same, also with values that are forms |
| `metadata`, `metadata_form`, `put_metadata`, `post_metadata`, `update_metadata` of files and resources | the same; of all files in one request |
| `graph()`, `query(sparql)`, `items()`, `fixed_graph()`, `literals`, `identifiers` | with rdflib: `pip install 'whimbrel[graph]'` |
| `search`, `maintenances`, `validate_pid`, which 0.12 has no more | work |

What is left out raises `NotImplementedError`, which says why and names the call that does it:

| of coscine | why |
|---|---|
| `MetadataForm.test` | values made up are no metadata |
| `Resource.mkdir` | a folder comes with its first file |
| `FileObject.download_url`, `download_expires`, `Resource.file_index` | a signed link opens the file to whoever has it |
| `ApiClient.get`, `post`, `put`, `delete`, `options`, `request`, `send_request`, `uri`, `handle_request_exception`, `apiclient`, `ApiResponse` | there is no session and no generated client to reach through |
| `ApiClient.latest_version` | nobody is asked behind the user's back |
| `ApiClient.paginate_and_convert` | it never worked |
| `FormField.merge`, `node` | a form becomes a graph as a whole |
| `ResourceTypeOptions.size = ...` | it was never sent |

What differs on purpose:

- Lists end, folders are whole, no page comes twice, a file without metadata disturbs nobody.
- `overwrite=False` is meant: a file that is there stays as it is, and `RequestRejected` says so.
- Metadata are checked before a byte moves: a form that lacks something is a `RequestRejected` that is a `ValueError`, too.
- `metadata` of an upload may be fields and values by name; without, there is what the resource gives.
- `MetadataForm.serialize` and `validate` check, without pyshacl. `FormField.selection` is empty where there is none.
- `resource.files()` gives a list, as it says, and `User.email` texts.
- `timeout`, `retries` and `verify_certificate` count. A request that is no good twice is never sent twice.
- Errors are those of `exceptions`, `ConnectionError`, or of the file system; the cause has whimbrel's.

>>> import os
>>> from whimbrel.compat import coscine
>>> client = coscine.ApiClient(os.environ["COSCINE_API_TOKEN"], base_url=os.environ["COSCINE_URL"], verbose=False)
>>> resource = client.project("Demo").resource("Measurements")
>>> form = resource.metadata_form()
>>> form["Title"] = "Run 7"
>>> form["State"] = "uncooked"
Traceback (most recent call last):
  ...
ValueError: the field 'State' is one of raw, cleaned, derived; 'uncooked' is none of them
>>> resource.upload("run 7.csv", b"1,2,3", form)
Traceback (most recent call last):
  ...
whimbrel.compat.coscine.exceptions.Refused: field "Creator": ...
"""

from __future__ import annotations

from . import client, common, exceptions, metadata, project, resource
from .client import ApiClient, ApiResponse
from .common import (
    AcademicTitle,
    ApiToken,
    Discipline,
    Language,
    License,
    MaintenanceNotice,
    Organization,
    SearchResult,
    User,
    Visibility,
)
from .exceptions import AuthenticationError, CoscineException, NotFoundError, RequestRejected, TooManyResults
from .metadata import (
    XSD_TYPES,
    ApplicationProfile,
    ApplicationProfileInfo,
    FileMetadata,
    FormField,
    FormType,
    Instance,
    MetadataForm,
    Vocabulary,
    xsd_to_python,
)
from .project import Project, ProjectInvitation, ProjectMember, ProjectQuota, ProjectRole
from .resource import FileObject, Resource, ResourceQuota, ResourceType, ResourceTypeOptions

__all__ = [
    "XSD_TYPES",
    "AcademicTitle",
    "ApiClient",
    "ApiResponse",
    "ApiToken",
    "ApplicationProfile",
    "ApplicationProfileInfo",
    "AuthenticationError",
    "CoscineException",
    "Discipline",
    "FileMetadata",
    "FileObject",
    "FormField",
    "FormType",
    "Instance",
    "Language",
    "License",
    "MaintenanceNotice",
    "MetadataForm",
    "NotFoundError",
    "Organization",
    "Project",
    "ProjectInvitation",
    "ProjectMember",
    "ProjectQuota",
    "ProjectRole",
    "RequestRejected",
    "Resource",
    "ResourceQuota",
    "ResourceType",
    "ResourceTypeOptions",
    "SearchResult",
    "TooManyResults",
    "User",
    "Visibility",
    "Vocabulary",
    "client",
    "common",
    "exceptions",
    "metadata",
    "project",
    "resource",
    "xsd_to_python",
]
