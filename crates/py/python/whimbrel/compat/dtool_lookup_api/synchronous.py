"""Functions that wait, also inside of a running event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._functions import function
from .core.LookupClient import waits


def _waiting(name: str) -> Callable[..., Any]:
    made: Callable[..., Any] = function(name, __name__, waits)
    return made


get_config = _waiting("get_config")
get_versions = _waiting("get_versions")
get_datasets = _waiting("get_datasets")
get_dataset = _waiting("get_dataset")
register_dataset = _waiting("register_dataset")
delete_dataset = _waiting("delete_dataset")
get_datasets_by_uuid = _waiting("get_datasets_by_uuid")
get_readme = _waiting("get_readme")
get_manifest = _waiting("get_manifest")
get_tags = _waiting("get_tags")
get_annotations = _waiting("get_annotations")
get_users = _waiting("get_users")
get_user = _waiting("get_user")
register_user = _waiting("register_user")
delete_user = _waiting("delete_user")
get_summary = _waiting("get_summary")
get_base_uris = _waiting("get_base_uris")
get_base_uri = _waiting("get_base_uri")
register_base_uri = _waiting("register_base_uri")
delete_base_uri = _waiting("delete_base_uri")
get_datasets_by_mongo_query = _waiting("get_datasets_by_mongo_query")
get_datasets_by_mongo_aggregation = _waiting("get_datasets_by_mongo_aggregation")
get_graph_by_uuid = _waiting("get_graph_by_uuid")
get_me = _waiting("get_me")
get_my_summary = _waiting("get_my_summary")
authenticate = _waiting("authenticate")
close = _waiting("close")
connect = _waiting("connect")
create_session = _waiting("create_session")
has_valid_token = _waiting("has_valid_token")
all = _waiting("all")
search = _waiting("search")
lookup = _waiting("lookup")
query = _waiting("query")
aggregate = _waiting("aggregate")
graph = _waiting("graph")
config = _waiting("config")
versions = _waiting("versions")
readme = _waiting("readme")
manifest = _waiting("manifest")
summary = _waiting("summary")
user_info = _waiting("user_info")
list_users = _waiting("list_users")
list_base_uris = _waiting("list_base_uris")
by_uuid = _waiting("by_uuid")
by_query = _waiting("by_query")
