"""Queries of the archive, and previews of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._record import Listing, Record, Records
from .._several import several
from ._part import Part
from ._said import seconds

if TYPE_CHECKING:
    from ._submit import SubmitHistorics


class Availability(Record):
    """What the archive has of a time."""

    __slots__ = ()

    start: datetime | None
    end: datetime | None
    #: By the source: how much of it is there.
    sources: dict[str, Any] | None


class Prepared(Record):
    """A query that can be started."""

    __slots__ = ()
    _shown = ("id", "dpus")

    id: str
    #: What it will cost, in data processing units.
    dpus: float | None

    @property
    def availability(self) -> Availability | None:
        """What there is to find."""
        told = self._told.get("availability")
        return None if told is None else Availability(told)


class Chunk(Record):
    """A part of a query."""

    __slots__ = ()

    status: str | None
    #: From 0 to 100.
    progress: float | None
    start_time: datetime | None
    end_time: datetime | None
    estimated_completion: datetime | None


class Query(Record):
    """A query of the archive."""

    __slots__ = ()
    _shown = ("id", "name", "status", "progress")

    id: str | None
    name: str | None
    #: The hash of what it looks for.
    definition_id: str | None
    start: datetime | None
    end: datetime | None
    created_at: datetime | None
    status: str | None
    #: From 0 to 100.
    progress: float | None
    sources: list[str] | None
    #: The part of the archive that it looks at, in percent.
    sample: float | None
    estimated_completion: datetime | None
    delivery_count: int | None
    volume_info: dict[str, Any] | None

    @property
    def chunks(self) -> list[Chunk]:
        """Its parts, if the service tells them."""
        return [Chunk(it) for it in self._told.get("chunks") or []]


class PreviewCreated(Record):
    """A preview that is being computed."""

    __slots__ = ()
    _shown = ("id",)

    id: str
    created_at: datetime | None


class Preview(Record):
    """Figures on what a definition finds in the archive."""

    __slots__ = ()
    _shown = ("id", "status", "progress")

    id: str | None
    status: str | None
    #: From 0 to 100.
    progress: float | None
    start: datetime | None
    end: datetime | None
    created_at: datetime | None
    hash: str | None
    parameters: str | None
    sample: float | None
    #: For each target its analysis, and as `output` what it gave.
    data: list[dict[str, Any]] | None


class Historics(Part):
    """Queries of the archive: each is prepared, delivered by a push subscription, and started."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitHistorics: ...

    def prepare(
        self,
        hash: str,
        start: datetime,
        end: datetime,
        name: str,
        sources: Iterable[str],
        *,
        sample: int | None = None,
    ) -> Prepared:
        """Prepares a query, and tells what it will cost and what there is to find. It runs when it is started.

        `sample` is the part of the archive to look at, in percent; all of it if not given.
        """
        native = self._native.prepare_historics(hash, seconds(start), seconds(end), name, several("sources", sources), sample)
        return self._call(native, Prepared)

    def start(self, id: str) -> None:
        """Starts a query. Something must take delivery of it by then: a push subscription of its id."""
        return self._call(self._native.start_historics(id))

    def update(self, id: str, name: str) -> None:
        """Gives it another name."""
        return self._call(self._native.update_historics(id, name))

    def stop(self, id: str, *, reason: str | None = None) -> None:
        """Ends it for good; the reason is kept with it."""
        return self._call(self._native.stop_historics(id, reason))

    def pause(self, id: str, *, reason: str | None = None) -> None:
        """Has it wait."""
        return self._call(self._native.pause_historics(id, reason))

    def resume(self, id: str) -> None:
        """Has it go on."""
        return self._call(self._native.resume_historics(id))

    def delete(self, id: str) -> None:
        """Forgets it."""
        return self._call(self._native.delete_historics(id))

    def status(self, start: datetime, end: datetime, sources: Iterable[str] = ()) -> Records[Availability]:
        """What the archive holds of these sources in that time; of all if none is named."""
        native = self._native.historics_status(seconds(start), seconds(end), several("sources", sources))
        return self._call(native, lambda told: Records(map(Availability, told)))

    def get(self, id: str) -> Query:
        """One of them."""
        return self._call(self._native.historics_query(id), Query)

    def list(self) -> Listing[Query]:
        """All of them."""
        return self._list(self._native.historics(), Query)
