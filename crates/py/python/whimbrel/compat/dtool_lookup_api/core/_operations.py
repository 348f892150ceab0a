"""What a dserver is asked, each operation once. Whether that waits is its client's business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Union

from ._answer import Answer
from ._deprecated import deprecated

ASCENDING = 1
DESCENDING = -1

Fields = Union[str, Sequence[str]]
Orders = Union[int, Sequence[int]]
Texts = Union[Sequence[str], None]


class _Nowhere(dict[str, Any]):
    """The dict of a caller who wants to be told nothing: an empty one, that stays so."""

    def update(self, *told: Any, **more: Any) -> None:
        pass


_NOWHERE = _Nowhere()


# The defaults of signatures are as the old package has them; the lists among them are only read.
class Operations:
    """All operations under the names of today."""

    async def _ask(self, operation: str, body: Any = None, /, **parameters: Any) -> Answer:
        raise NotImplementedError

    async def _page(
        self,
        operation: str,
        page: tuple[int, int],
        pagination: dict[str, Any],
        sorting: dict[str, Any],
        body: Any = None,
        /,
        **parameters: Any,
    ) -> Any:
        answer = await self._ask(operation, body, page=page[0], page_size=page[1], **parameters)
        data = answer.data()
        answer.tell("x-pagination", pagination)
        answer.tell("x-sort", sorting)
        return data

    async def get_config(self) -> Any:
        """The server's configuration."""
        return (await self._ask("get_config")).field("config")

    async def get_versions(self) -> Any:
        """The versions of the server and of its plugins, by name."""
        return (await self._ask("get_versions")).field("versions")

    async def get_datasets(
        self,
        free_text: str | None = None,
        creator_usernames: Texts = None,
        base_uris: Texts = None,
        uuids: Texts = None,
        tags: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of the datasets that have these words, any of these creators, base URIs and UUIDs, and all these tags.

        A list of dicts, 10 at most unless `page_size` is another (up to 100). `pagination` and `sorting` are filled with
        what the server tells of pages and of the order: `{"total": 124, "total_pages": 13, ...}`, `{"sort": {"uri": 1}}`.
        """
        asked = _filters(creator_usernames, base_uris, uuids, tags)
        if free_text is not None:
            asked["free_text"] = free_text
        page, sort = (page_number, page_size), _sort(sort_fields, sort_order)
        return await self._page("search_datasets", page, pagination, sorting, asked, sort=sort)

    async def get_dataset(self, uri: str) -> Any:
        """What is known of the dataset at this URI: a dict."""
        return (await self._ask("get_dataset", uri=uri)).data()

    async def delete_dataset(self, uri: str) -> bool:
        """Takes the dataset at this URI out of the server's index, for admins; whether that was done."""
        return (await self._ask("delete_dataset", uri=uri)).status == 200

    async def register_dataset(
        self,
        uri: str,
        base_uri: str,
        readme: str,
        manifest: Any,
        uuid: str,
        name: str,
        type: str,
        creator_username: str,
        frozen_at: str,
        created_at: str,
        annotations: Any,
        tags: Sequence[str],
        number_of_items: int,
        size_in_bytes: int,
    ) -> bool:
        """Puts a dataset into the server's index, or replaces what that has of it; whether that was done."""
        told = {
            "uuid": uuid,
            "uri": uri,
            "base_uri": base_uri,
            "name": name,
            "type": type,
            "readme": readme,
            "manifest": manifest,
            "creator_username": creator_username,
            "frozen_at": frozen_at,
            "created_at": created_at,
            "annotations": annotations,
            "tags": tags,
            "number_of_items": number_of_items,
            "size_in_bytes": size_in_bytes,
        }
        return (await self._ask("register_dataset", told, uri=uri)).is_done()

    async def get_datasets_by_uuid(
        self,
        uuid: str,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of the places where the dataset of this UUID is: a list of dicts."""
        page, sort = (page_number, page_size), _sort(sort_fields, sort_order)
        return await self._page("lookup_dataset", page, pagination, sorting, uuid=uuid, sort=sort)

    async def get_readme(self, uri: str) -> Any:
        """The readme of the dataset at this URI, as it is written: YAML."""
        return (await self._ask("get_readme", uri=uri)).field("readme")

    async def get_manifest(self, uri: str) -> Any:
        """The manifest of the dataset at this URI: a dict, whose `items` are by identifier."""
        return (await self._ask("get_manifest", uri=uri)).data()

    async def get_tags(self, uri: str) -> Any:
        """The tags of the dataset at this URI: a list."""
        return (await self._ask("get_tags", uri=uri)).field("tags")

    async def get_annotations(self, uri: str) -> Any:
        """The annotations of the dataset at this URI, by name."""
        return (await self._ask("get_annotations", uri=uri)).field("annotations")

    async def get_users(
        self,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["username"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of all users, for admins: a list of dicts."""
        page, sort = (page_number, page_size), _sort(sort_fields, sort_order)
        return await self._page("list_users", page, pagination, sorting, sort=sort)

    async def get_me(self) -> Any:
        """Who asks, and what that user may do: a dict."""
        return (await self._ask("get_me")).data()

    async def get_user(self, username: str | None = None) -> Any:
        """A user, or who asks: a dict."""
        if username is None:
            return await Operations.get_me(self)
        return (await self._ask("get_user", username=username)).data()

    async def register_user(self, username: str, is_admin: bool = False) -> bool:
        """Makes a user, or replaces one, for admins; whether that was done."""
        told = {"username": username, "is_admin": is_admin}
        return (await self._ask("register_user", told, username=username)).is_done()

    async def delete_user(self, username: str) -> bool:
        """Deletes a user, for admins; whether that was done."""
        return (await self._ask("delete_user", username=username)).status == 200

    async def get_summary(self, username: str | None = None) -> Any:
        """How many datasets a user, or who asks, can see, and of whom and where they are: a dict."""
        if username is None:
            return await Operations.get_my_summary(self)
        return (await self._ask("get_user_summary", username=username)).data()

    async def get_my_summary(self) -> Any:
        """How many datasets who asks can see, and of whom and where they are: a dict."""
        return (await self._ask("get_my_summary")).data()

    async def get_base_uris(
        self,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["base_uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of all base URIs, for admins: a list of dicts."""
        page, sort = (page_number, page_size), _sort(sort_fields, sort_order)
        return await self._page("list_base_uris", page, pagination, sorting, sort=sort)

    async def get_base_uri(self, base_uri: str) -> Any:
        """A base URI, and who may search and register there: a dict."""
        return (await self._ask("get_base_uri", base_uri=base_uri)).data()

    async def register_base_uri(
        self,
        base_uri: str,
        users_with_search_permissions: Sequence[str] = [],
        users_with_register_permissions: Sequence[str] = [],
    ) -> bool:
        """Makes a base URI, or replaces who may search and register there, for admins; whether that was done."""
        told = {
            "users_with_search_permissions": users_with_search_permissions,
            "users_with_register_permissions": users_with_register_permissions,
        }
        return (await self._ask("register_base_uri", told, base_uri=base_uri)).is_done()

    async def delete_base_uri(self, base_uri: str) -> bool:
        """Deletes a base URI, for admins; whether that was done."""
        return (await self._ask("delete_base_uri", base_uri=base_uri)).status == 200

    async def get_datasets_by_mongo_aggregation(
        self,
        aggregation: Any,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of what a pipeline of MongoDB's gives, as objects or as JSON. dserver does not sort it: a stage can."""
        told = json.loads(aggregation) if isinstance(aggregation, str) else aggregation
        page = (page_number, page_size)
        return await self._page("aggregate_datasets", page, pagination, sorting, {"aggregation": told})

    async def get_datasets_by_mongo_query(
        self,
        query: Any,
        creator_usernames: Texts = None,
        base_uris: Texts = None,
        uuids: Texts = None,
        tags: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of the datasets that a query of MongoDB's finds, as a dict or as JSON. dserver does not sort it."""
        told = json.loads(query) if isinstance(query, str) else query
        asked = {"query": told, **_filters(creator_usernames, base_uris, uuids, tags)}
        return await self._page("query_datasets", (page_number, page_size), pagination, sorting, asked)

    async def get_graph_by_uuid(
        self,
        uuid: str,
        dependency_keys: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """One page of what a dataset was derived from and what was derived from it: dicts with `derived_from`.

        `dependency_keys` are the fields of readmes that name other datasets; the server has some of its own.
        """
        page = (page_number, page_size)
        if dependency_keys is None:
            return await self._page("get_graph", page, pagination, sorting, uuid=uuid)
        asked = {"dependency_keys": dependency_keys}
        return await self._page("query_graph", page, pagination, sorting, asked, uuid=uuid)


class OldNames(Operations):
    """The names of before, each with a warning."""

    @deprecated("get_config")
    async def config(self) -> Any:
        """As `get_config`."""
        return await self.get_config()

    @deprecated("get_versions")
    async def versions(self) -> Any:
        """As `get_versions`."""
        return await self.get_versions()

    @deprecated("get_datasets")
    async def all(
        self, page_number: int = 1, page_size: int = 20, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """One page of all datasets."""
        return await self.get_datasets(page_number=page_number, page_size=page_size, pagination=pagination)

    @deprecated("get_datasets")
    async def search(
        self, keyword: str, page_number: int = 1, page_size: int = 10, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """One page of the datasets that have these words."""
        page = (page_number, page_size)
        return await self._page("search_datasets", page, pagination, _NOWHERE, {"free_text": keyword})

    @deprecated("get_datasets_by_uuid")
    async def lookup(
        self, uuid: str, page_number: int = 1, page_size: int = 10, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """As `get_datasets_by_uuid`."""
        return await self.get_datasets_by_uuid(uuid, page_number, page_size, pagination=pagination)

    @deprecated("get_datasets_by_uuid")
    async def by_uuid(
        self, uuid: str, page_number: int = 1, page_size: int = 10, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """As `get_datasets_by_uuid`."""
        return await self.get_datasets_by_uuid(uuid, page_number, page_size, pagination=pagination)

    @deprecated("get_readme")
    async def readme(self, uri: str) -> Any:
        """As `get_readme`."""
        return await self.get_readme(uri)

    @deprecated("get_manifest")
    async def manifest(self, uri: str) -> Any:
        """As `get_manifest`."""
        return await self.get_manifest(uri)

    @deprecated("get_users")
    async def list_users(
        self, page_number: int = 1, page_size: int = 10, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """As `get_users`."""
        return await self.get_users(page_number, page_size, pagination=pagination)

    @deprecated("get_user")
    async def user_info(self, username: str) -> Any:
        """As `get_user`."""
        return await self.get_user(username)

    @deprecated("get_summary")
    async def summary(self) -> Any:
        """As `get_my_summary`."""
        return await self.get_summary()

    @deprecated("get_base_uris")
    async def list_base_uris(
        self, page_number: int = 1, page_size: int = 10, pagination: dict[str, Any] = _NOWHERE
    ) -> Any:
        """As `get_base_uris`."""
        return await self.get_base_uris(page_number, page_size, pagination=pagination)

    @deprecated("get_datasets_by_mongo_aggregation")
    async def aggregate(
        self,
        aggregation: Any,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """As `get_datasets_by_mongo_aggregation`."""
        return await self.get_datasets_by_mongo_aggregation(
            aggregation, page_number, page_size, sort_fields, sort_order, pagination, sorting
        )

    @deprecated("get_datasets_by_mongo_query")
    async def by_query(
        self,
        query: Any,
        creator_usernames: Texts = None,
        base_uris: Texts = None,
        uuids: Texts = None,
        tags: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """As `get_datasets_by_mongo_query`."""
        filters = (creator_usernames, base_uris, uuids, tags)
        page = (page_number, page_size, sort_fields, sort_order)
        return await self.get_datasets_by_mongo_query(query, *filters, *page, pagination, sorting)

    @deprecated("get_datasets_by_mongo_query")
    async def query(
        self,
        query: Any,
        creator_usernames: Texts = None,
        base_uris: Texts = None,
        uuids: Texts = None,
        tags: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        sort_fields: Fields = ["uri"],
        sort_order: Orders = [ASCENDING],
        pagination: dict[str, Any] = _NOWHERE,
        sorting: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """As `get_datasets_by_mongo_query`."""
        filters = (creator_usernames, base_uris, uuids, tags)
        page = (page_number, page_size, sort_fields, sort_order)
        return await self.get_datasets_by_mongo_query(query, *filters, *page, pagination, sorting)

    @deprecated("get_graph_by_uuid")
    async def graph(
        self,
        uuid: str,
        dependency_keys: Texts = None,
        page_number: int = 1,
        page_size: int = 10,
        pagination: dict[str, Any] = _NOWHERE,
    ) -> Any:
        """As `get_graph_by_uuid`."""
        return await self.get_graph_by_uuid(uuid, dependency_keys, page_number, page_size, pagination=pagination)


def _filters(creator_usernames: Texts, base_uris: Texts, uuids: Texts, tags: Texts) -> dict[str, Any]:
    told = {"creator_usernames": creator_usernames, "base_uris": base_uris, "uuids": uuids, "tags": tags}
    return {name: value for name, value in told.items() if value is not None}


def _sort(fields: Fields, orders: Orders) -> str | None:
    """As dserver takes it: `-name,uri`. A field whose order is not said ascends."""
    fields = [fields] if isinstance(fields, str) else list(fields)
    orders = [orders] if isinstance(orders, int) else list(orders)
    orders += [ASCENDING] * (len(fields) - len(orders))
    signed = ("-" + field if order == DESCENDING else field for field, order in zip(fields, orders))
    return ",".join(signed) or None
