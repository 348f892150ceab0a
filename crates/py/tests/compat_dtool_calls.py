"""Makes every call of `dtool_lookup_api` there is, of the package of this name or of whimbrel's, for both to be compared.

usage: python compat_dtool_calls.py MODULE, with a dserver configured, whose user is an admin
It prints JSON: what each call gave, by its label.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

QUERY = {"name": {"$regex": "run"}, "readme.project": {"$exists": True}}
NOWHERE = "s3://nowhere/none"


def calls(dataset: dict[str, Any]) -> Iterator[tuple[str, str, tuple[Any, ...], dict[str, Any]]]:
    """Labels, names, arguments."""
    uri, uuid, base_uri = dataset["uri"], dataset["uuid"], dataset["base_uri"]
    for name in ("get_config", "get_versions", "get_me", "get_my_summary", "get_summary", "get_user", "summary"):
        yield name, name, (), {}
    for name in ("get_dataset", "get_readme", "get_manifest", "get_tags", "get_annotations", "readme", "manifest"):
        yield name, name, (uri,), {}
        yield f"{name} of nothing", name, (NOWHERE,), {}
    for name in ("get_datasets_by_uuid", "lookup", "by_uuid"):
        yield name, name, (uuid,), {"page_size": 3, "pagination": {}}
    yield "get_datasets_by_uuid of no UUID", "get_datasets_by_uuid", ("none",), {}
    yield "get_datasets", "get_datasets", (), {"pagination": {}, "sorting": {}}
    yield "get_datasets by text", "get_datasets", ("simulation",), {"pagination": {}, "sorting": {}}
    yield "get_datasets sorted", "get_datasets", (), {"sort_fields": ["name", "uri"], "sort_order": [-1, 1], "sorting": {}}
    yield "get_datasets sorted by one", "get_datasets", (), {"sort_fields": "created_at", "sort_order": -1}
    yield "get_datasets filtered", "get_datasets", (), {"base_uris": [base_uri], "tags": dataset.get("tags"), "uuids": None}
    yield "get_datasets of a user", "get_datasets", (), {"creator_usernames": [dataset["creator_username"]], "page_number": 2}
    yield "get_datasets of no page", "get_datasets", (), {"page_number": 0, "pagination": {}}
    yield "get_datasets of a page that is not", "get_datasets", (), {"page_number": 99, "pagination": {}}
    yield "all", "all", (), {"pagination": {}}
    yield "search", "search", ("simulation",), {"page_size": 2, "pagination": {}}
    for name in ("get_datasets_by_mongo_query", "query", "by_query"):
        yield name, name, (QUERY,), {"page_size": 4, "pagination": {}, "sorting": {}}
        yield f"{name} as text", name, (json.dumps(QUERY),), {}
        yield f"{name} filtered", name, (QUERY, None, [base_uri]), {}
    yield "query of no sense", "query", ({"$nonsense": 1},), {}
    for name in ("get_datasets_by_mongo_aggregation", "aggregate"):
        yield name, name, ([{"$match": QUERY}, {"$sort": {"uri": 1}}],), {"pagination": {}}
    yield "get_graph_by_uuid", "get_graph_by_uuid", (uuid,), {"pagination": {}}
    yield "get_graph_by_uuid by keys", "get_graph_by_uuid", (uuid, ["readme.derived_from.uuid"]), {}
    for name in ("get_users", "list_users", "get_base_uris", "list_base_uris"):
        yield name, name, (), {"page_size": 2, "pagination": {}}
    for name in ("get_user", "user_info", "get_summary"):
        yield f"{name} of another", name, ("testuser",), {}
        yield f"{name} of nobody", name, ("no body",), {}
    yield "get_base_uri", "get_base_uri", (base_uri,), {}
    yield "get_base_uri of nothing", "get_base_uri", (NOWHERE,), {}
    yield "register_user", "register_user", ("new",), {"is_admin": True}
    yield "what was registered", "get_user", ("new",), {}
    yield "delete_user", "delete_user", ("new",), {}
    yield "delete_user again", "delete_user", ("new",), {}
    new = "s3://new-bucket"
    yield "register_base_uri", "register_base_uri", (new, ["admin"], ["admin"]), {}
    told = {
        "uri": f"{new}/00000000-0000-4000-8000-0000000000ff",
        "base_uri": new,
        "readme": "project: x\n",
        "manifest": {"dtoolcore_version": "3.19.0", "hash_function": "md5sum_hexdigest", "items": {}},
        "uuid": "00000000-0000-4000-8000-0000000000ff",
        "name": "new",
        "type": "dataset",
        "creator_username": "admin",
        "frozen_at": "1604921621.719575",
        "created_at": "1604860720.736269",
        "annotations": {"a": "b"},
        "tags": ["t"],
        "number_of_items": 0,
        "size_in_bytes": 0,
    }
    yield "register_dataset", "register_dataset", (), told
    yield "what is registered", "get_dataset", (told["uri"],), {}
    yield "register_dataset wrongly", "register_dataset", (), {**told, "created_at": 1.5}
    yield "delete_dataset", "delete_dataset", (told["uri"],), {}
    yield "delete_base_uri", "delete_base_uri", (new,), {}
    for name in ("has_valid_token", "connect", "create_session", "close"):
        yield name, name, (), {}
    # What did not work.
    yield "config", "config", (), {}
    yield "versions", "versions", (), {}
    yield "graph", "graph", (uuid,), {}


def outcome(call: Any) -> Any:
    try:
        gave = call()
        if inspect.iscoroutine(gave):
            gave.close()
            return "a coroutine"
        return {"gave": gave}
    except Exception as error:
        return {"raised": type(error).__name__, "text": str(error)}


def write_headers_as_gunicorn_does() -> None:
    """The package knows `X-Pagination` and no `x-pagination`, which is the same header and what the sandbox sends."""
    from aiohttp import ClientResponse
    from multidict import CIMultiDict

    def headers(response: Any) -> Any:
        return CIMultiDict((name.title(), value) for name, value in response._headers.items())

    ClientResponse.headers = property(headers)


def main(module: str) -> None:
    warnings.simplefilter("ignore")
    if not module.startswith("whimbrel"):
        write_headers_as_gunicorn_does()
    waiting = importlib.import_module(f"{module}.synchronous")
    awaited = importlib.import_module(f"{module}.asynchronous")
    # First, because some hold later what the last call gave.
    client = importlib.import_module(f"{module}.core.LookupClient")
    signatures = {}
    for kind in [it for it in vars(client).values() if inspect.isclass(it) and it.__name__.endswith("LookupClient")]:
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if name == "__init__" or not name.startswith("_"):
                of = inspect.signature(method).parameters.values()
                signatures[f"{kind.__name__}.{name}"] = [(it.name, it.kind.name, repr(it.default)) for it in of]
    dataset = waiting.get_datasets()[5]
    outcomes = {}
    for label, name, arguments, options in calls(dataset):
        gave = outcome(lambda: getattr(waiting, name)(*arguments, **options))
        told = {key: options[key] for key in ("pagination", "sorting") if key in options}
        outcomes[label] = {"gave": gave, "told": told}
        if not name.startswith(("register", "delete")):
            gave = outcome(lambda: asyncio.run(getattr(awaited, name)(*arguments, **options)))
            outcomes[f"{label}, awaited"] = {"gave": gave}
    functions = sorted(name for name in vars(waiting) if not name.startswith("_") and _is_made(vars(waiting)[name]))
    top = importlib.import_module(module)
    top_functions = sorted(name for name in vars(top) if not name.startswith("_") and _is_made(vars(top)[name]))
    json.dump(
        {"outcomes": outcomes, "signatures": signatures, "functions": functions, "top": top_functions}, sys.stdout
    )


def _is_made(it: Any) -> bool:
    """Whether it is one of the functions that are made of a client's methods."""
    return type(it).__name__ == "_WrapClient" or (inspect.isfunction(it) and it.__module__.endswith(".synchronous"))


if __name__ == "__main__":
    main(sys.argv[1])
