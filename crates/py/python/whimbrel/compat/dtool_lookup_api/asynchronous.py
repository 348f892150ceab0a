"""Functions whose results are awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._functions import function
from .core.LookupClient import awaits


def _awaited(name: str) -> Callable[..., Any]:
    made: Callable[..., Any] = function(name, __name__, awaits)
    return made


get_config = _awaited("get_config")
get_versions = _awaited("get_versions")
get_datasets = _awaited("get_datasets")
get_dataset = _awaited("get_dataset")
register_dataset = _awaited("register_dataset")
delete_dataset = _awaited("delete_dataset")
get_datasets_by_uuid = _awaited("get_datasets_by_uuid")
get_readme = _awaited("get_readme")
get_manifest = _awaited("get_manifest")
get_tags = _awaited("get_tags")
get_annotations = _awaited("get_annotations")
get_users = _awaited("get_users")
get_user = _awaited("get_user")
register_user = _awaited("register_user")
delete_user = _awaited("delete_user")
get_summary = _awaited("get_summary")
get_base_uris = _awaited("get_base_uris")
get_base_uri = _awaited("get_base_uri")
register_base_uri = _awaited("register_base_uri")
delete_base_uri = _awaited("delete_base_uri")
get_datasets_by_mongo_query = _awaited("get_datasets_by_mongo_query")
get_datasets_by_mongo_aggregation = _awaited("get_datasets_by_mongo_aggregation")
get_graph_by_uuid = _awaited("get_graph_by_uuid")
get_me = _awaited("get_me")
get_my_summary = _awaited("get_my_summary")
authenticate = _awaited("authenticate")
close = _awaited("close")
connect = _awaited("connect")
create_session = _awaited("create_session")
has_valid_token = _awaited("has_valid_token")
all = _awaited("all")
search = _awaited("search")
lookup = _awaited("lookup")
query = _awaited("query")
aggregate = _awaited("aggregate")
graph = _awaited("graph")
config = _awaited("config")
versions = _awaited("versions")
readme = _awaited("readme")
manifest = _awaited("manifest")
summary = _awaited("summary")
user_info = _awaited("user_info")
list_users = _awaited("list_users")
list_base_uris = _awaited("list_base_uris")
by_uuid = _awaited("by_uuid")
by_query = _awaited("by_query")
