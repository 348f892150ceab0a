"""The package `dtool_lookup_api`, by its names: `from whimbrel.compat import dtool_lookup_api`.

It asks a dserver through `whimbrel`'s core, as `whimbrel.dserver` does; that has more: whole lists in place of pages, ten
thousand readmes at once, content.

| of dtool_lookup_api 0.10.3 | here |
|---|---|
| the functions of this package, of `synchronous` and of `asynchronous` | all 37 and 46, with their signatures |
| a plain call inside of a running event loop, as in a notebook | works, without nest_asyncio |
| `core.LookupClient` | all classes; `session` is `None`, since there is no aiohttp |
| `core.config.Config` | all settings; what is assigned is written so that the file is whole at any moment |
| `pagination={}`, `sorting={}` | a caller's dict is filled; one that is not given stays nobody's |
| lists and dicts of JSON; `True` and `False` of what changes something | the same |
| an error's body given as data; `LookupServerError` of a `msg` | the same, or raised: see below |
| `config()`, `versions()`, `graph()`, which did not work | work |

What differs, and why:

- `DSERVER_TOKEN` is read from the environment, too, as the documents of the old package say.
- A token, a username and a password of the file are shown to the server and the generator of the file and to no others.
- No request is made to try a token, and `dtool.json` is written only when a generator has given another one.
- `RuntimeError: Authentication failed` is raised wherever there is no token that the server takes; its cause says why.
- What the server answers that is no JSON raises `LookupServerError`; a server that is not there
  `whimbrel.errors.UnavailableError`, a `ConnectionError`.
- A field whose order is not given is sorted by, ascending; before it was dropped.
- A URI with a space in it is found.
- The filters of warnings are left as they are: Python shows what is deprecated in scripts, notebooks and tests.

Set `whimbrel.compat.dtool_lookup_api.raise_errors = True` to have every error that the server tells of raised as one of
`whimbrel.errors`, also where nothing but `False` was told before.

>>> from whimbrel.compat import dtool_lookup_api
>>> pages = {}
>>> datasets = dtool_lookup_api.get_datasets(page_size=2, pagination=pages)
>>> len(datasets), pages["page"]
(2, 1)
"""

from __future__ import annotations

from ..._native import __version__
from . import asynchronous, core, synchronous
from .synchronous import (
    aggregate,
    all,
    config,
    delete_base_uri,
    delete_dataset,
    delete_user,
    get_annotations,
    get_base_uri,
    get_base_uris,
    get_config,
    get_dataset,
    get_datasets,
    get_datasets_by_mongo_aggregation,
    get_datasets_by_mongo_query,
    get_datasets_by_uuid,
    get_graph_by_uuid,
    get_manifest,
    get_readme,
    get_summary,
    get_tags,
    get_user,
    get_users,
    get_versions,
    graph,
    list_base_uris,
    list_users,
    lookup,
    manifest,
    query,
    readme,
    register_base_uri,
    register_dataset,
    register_user,
    search,
    summary,
    user_info,
    versions,
)

#: Whether what the server tells of as an error is raised, in place of being given as data.
raise_errors = False

__all__ = [
    "__version__",
    "aggregate",
    "all",
    "asynchronous",
    "config",
    "core",
    "delete_base_uri",
    "delete_dataset",
    "delete_user",
    "get_annotations",
    "get_base_uri",
    "get_base_uris",
    "get_config",
    "get_dataset",
    "get_datasets",
    "get_datasets_by_mongo_aggregation",
    "get_datasets_by_mongo_query",
    "get_datasets_by_uuid",
    "get_graph_by_uuid",
    "get_manifest",
    "get_readme",
    "get_summary",
    "get_tags",
    "get_user",
    "get_users",
    "get_versions",
    "graph",
    "list_base_uris",
    "list_users",
    "lookup",
    "manifest",
    "query",
    "raise_errors",
    "readme",
    "register_base_uri",
    "register_dataset",
    "register_user",
    "search",
    "summary",
    "synchronous",
    "user_info",
    "versions",
]
