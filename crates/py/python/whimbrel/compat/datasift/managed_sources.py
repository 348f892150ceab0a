"""Sources that are collected for one's account."""

from __future__ import annotations

from typing import Any

from .request import Request, given


class Resource:
    """`client.managed_sources.resource`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def add(self, source_id: str, resources: list[dict[str, Any]], validate: bool = True) -> Any:
        """Adds what is collected: pages, users, texts."""
        body = {"id": source_id, "resources": resources, "validate": validate}
        return self._request.post("add_source_resources", body)

    def remove(self, source_id: str, resource_ids: list[str]) -> Any:
        """Takes some of it away."""
        return self._request.post("remove_source_resources", {"id": source_id, "resource_ids": resource_ids})


class Auth:
    """`client.managed_sources.auth`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def add(self, source_id: str, auth: list[dict[str, Any]], validate: bool = True) -> Any:
        """Adds tokens of those on whose behalf it is collected."""
        return self._request.post("add_source_auth", {"id": source_id, "auth": auth, "validate": validate})

    def remove(self, source_id: str, auth_ids: list[str]) -> Any:
        """Takes some of them away."""
        return self._request.post("remove_source_auth", {"id": source_id, "auth_ids": auth_ids})


class ManagedSources:
    """`client.managed_sources`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.resource = Resource(request)
        self.auth = Auth(request)

    def create(
        self,
        source_type: str,
        name: str,
        resources: list[dict[str, Any]],
        auth: list[dict[str, Any]] | None = None,
        parameters: dict[str, Any] | None = None,
        validate: bool = True,
    ) -> Any:
        """Makes a source. `AssertionError` if it has no resource."""
        _needs(resources, "a source has at least one resource")
        body = {"source_type": source_type, "name": name, "resources": resources, "validate": validate}
        return self._request.post("create_source", body | given(auth=auth, parameters=parameters))

    def update(
        self,
        source_id: str,
        source_type: str,
        name: str,
        resources: list[dict[str, Any]],
        auth: list[dict[str, Any]],
        parameters: dict[str, Any] | None = None,
        validate: bool = True,
    ) -> Any:
        """Changes a source. `AssertionError` if it has no resource or no token."""
        _needs(resources, "a source has at least one resource")
        _needs(auth, "a source that is changed has at least one token")
        body = {"id": source_id, "source_type": source_type, "name": name, "resources": resources, "auth": auth}
        return self._request.post("update_source", body | {"validate": validate} | given(parameters=parameters))

    def start(self, source_id: str) -> Any:
        """Has a source be collected."""
        return self._request.post("start_source", {"id": source_id})

    def stop(self, source_id: str) -> Any:
        """Has a source be collected no more."""
        return self._request.post("stop_source", {"id": source_id})

    def delete(self, source_id: str) -> Any:
        """Deletes a source."""
        return self._request.get("delete_source", id=source_id)

    def log(self, source_id: str, page: int | None = None, per_page: int | None = None) -> Any:
        """A page of what has happened to a source."""
        return self._request.get("list_source_log", id=source_id, **given(page=page, per_page=per_page))

    def get(
        self,
        source_id: str | None = None,
        source_type: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
    ) -> Any:
        """One source, or a page of all, or of those of a type."""
        options = given(id=source_id, source_type=source_type, page=page, per_page=per_page)
        return self._request.get("list_sources", **options)


def _needs(it: Any, why: str) -> None:
    # As it was, and under `python -O` too.
    if not it:
        raise AssertionError(why)
