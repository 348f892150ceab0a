"""Managed sources: pages and accounts elsewhere, which the service reads with their owners' tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._record import Listing, Record
from ._part import Part
from ._said import hidden, revealed

if TYPE_CHECKING:
    from ._submit import SubmitManagedSources


class Source(Record):
    """A managed source."""

    __slots__ = ()
    _shown = ("id", "name", "source_type", "status")

    id: str | None
    name: str | None
    #: `facebook_page`, `instagram`...
    source_type: str | None
    status: str | None
    created_at: datetime | None
    #: What is read.
    resources: list[dict[str, Any]] | None
    #: With which tokens; each is a `Secret`.
    auth: list[dict[str, Any]] | None
    parameters: dict[str, Any] | None

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__({**told, "auth": hidden(told.get("auth"))})

    def __reduce__(self) -> Any:
        return (type(self), ({name: value for name, value in self._told.items() if name != "auth"},))


class SourceLogEntry(Record):
    """What became of a source's reading."""

    __slots__ = ()
    _shown = ("event_time", "success", "message")

    id: Any
    event_time: datetime | None
    success: bool | None
    message: str | None


class ManagedSources(Part):
    """Managed sources."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitManagedSources: ...

    def create(
        self,
        source_type: str,
        name: str,
        resources: Iterable[Mapping[str, Any]],
        *,
        auth: Iterable[Mapping[str, Any]] = (),
        parameters: Mapping[str, Any] | None = None,
        validate: bool | None = None,
    ) -> Source:
        """Makes a source. It reads nothing before it is started.

        - `resources`: what is read, as the service writes it: `{"parameters": {"id": 1, "url": "..."}}`.
        - `auth`: with which tokens: `{"parameters": {"value": "..."}}`.
        - `parameters`: what that type of source can be told beyond, such as `{"likes": True}`.
        - `validate`: whether the service tries all of it first; it does if this is not given.
        """
        form = _form(source_type, name, resources, auth, parameters, validate)
        return self._call(self._native.create_source(form), Source)

    def update(
        self,
        id: str,
        source_type: str,
        name: str,
        resources: Iterable[Mapping[str, Any]],
        *,
        auth: Iterable[Mapping[str, Any]] = (),
        parameters: Mapping[str, Any] | None = None,
        validate: bool | None = None,
    ) -> Source:
        """Replaces all that it is."""
        form = _form(source_type, name, resources, auth, parameters, validate)
        return self._call(self._native.update_source(id, form), Source)

    def start(self, id: str) -> Source:
        """Has it read."""
        return self._call(self._native.start_source(id), Source)

    def stop(self, id: str) -> Source:
        """Has it rest."""
        return self._call(self._native.stop_source(id), Source)

    def delete(self, id: str) -> None:
        """Forgets it."""
        return self._call(self._native.delete_source(id))

    def get(self, id: str) -> Source:
        """One of them."""
        return self._call(self._native.source(id), Source)

    def list(self, source_type: str | None = None) -> Listing[Source]:
        """All of them; those of one type if it is given."""
        return self._list(self._native.sources(source_type), Source)

    def log(self, id: str) -> Listing[SourceLogEntry]:
        """What became of its reading, the newest first."""
        return self._list(self._native.source_log(id), SourceLogEntry)

    def add_resources(
        self, id: str, resources: Iterable[Mapping[str, Any]], *, validate: bool | None = None
    ) -> Source:
        """Has it read more. Gives the whole source."""
        return self._call(self._native.add_source_resources(id, [*resources], validate), Source)

    def remove_resources(self, id: str, resource_ids: Iterable[str]) -> Source:
        """Has it read less. Gives the whole source."""
        return self._call(self._native.remove_source_resources(id, [*resource_ids]), Source)

    def add_auth(self, id: str, auth: Iterable[Mapping[str, Any]], *, validate: bool | None = None) -> Source:
        """Gives it more tokens to read with. Gives the whole source."""
        return self._call(self._native.add_source_auth(id, revealed([*auth]), validate), Source)

    def remove_auth(self, id: str, auth_ids: Iterable[str]) -> Source:
        """Takes tokens from it. Gives the whole source."""
        return self._call(self._native.remove_source_auth(id, [*auth_ids]), Source)


def _form(
    source_type: str,
    name: str,
    resources: Iterable[Mapping[str, Any]],
    auth: Iterable[Mapping[str, Any]],
    parameters: Mapping[str, Any] | None,
    validate: bool | None,
) -> dict[str, Any]:
    return {
        "source_type": source_type,
        "name": name,
        "resources": [*resources],
        "auth": revealed([*auth]),
        "parameters": parameters,
        "validate": validate,
    }
