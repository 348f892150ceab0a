"""Coscine as a whole: searches, notices, key figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from .._record import Record

#: What a search can find.
Category = Literal["metadata", "project", "resource"]

#: A key figure of the whole of Coscine.
KpiName = Literal["created-projects", "created-resources", "archived-resources", "users-per-day"]

#: A report on the whole of Coscine, for administrators.
ReportName = Literal[
    "application-profile", "maintenance", "project", "project-quota", "resource", "resource-quota", "user"
]


class Hit(Record):
    """One thing that a search found. `source` is what the service's index holds of it; its form is not described."""

    __slots__ = ()
    _shown = ("category", "uri")

    uri: str
    source: dict[str, Any]

    @property
    def category(self) -> str:
        """What it is: `metadata`, `project` or `resource`, or what this version does not know."""
        return str(self["type"]).replace("/", "#").rsplit("#", 1)[-1].lower()


class Message(Record):
    """A notice of the network operation centre, or a message of Coscine's operators. Its body is texts by language."""

    __slots__ = ()
    _shown = ("type", "title")

    id: str
    type: str | None
    title: str | None
    body: dict[str, str] | None
    href: str | None
    start_date: datetime | None
    end_date: datetime | None


class Kpi(Record):
    """A key figure, for the time from its start to its end."""

    __slots__ = ()
    _shown = ("value", "start", "end")

    value: float | None
    start: datetime | None
    end: datetime | None
    additional_info: dict[str, str] | None


class StorageKpi(Record):
    """The key figures of storage of a type of resource."""

    __slots__ = ()
    _shown = ("reserved", "used")

    @property
    def reserved(self) -> Kpi | None:
        """What is kept for resources of it."""
        return Kpi(self["reserved"]) if self.get("reserved") else None

    @property
    def used(self) -> Kpi | None:
        """What their files take."""
        return Kpi(self["used"]) if self.get("used") else None
