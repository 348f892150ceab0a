"""Queries of the archive."""

from __future__ import annotations

from typing import Any

from .exceptions import HistoricSourcesRequired
from .request import Request, given


def listed(sources: Any) -> str:
    """Names as the service takes several."""
    return sources if isinstance(sources, str) else ",".join(sources)


class Historics:
    """`client.historics`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def prepare(self, hash: str, start: int, end: int, name: str, sources: Any, sample: float | None = None) -> Any:
        """Prepares a query, from one moment to another (seconds since 1970), of one source or several: what comes has its
        `id`. `sample` is in percent. Raises `HistoricSourcesRequired` if there is no source."""
        if len(sources) == 0:
            raise HistoricSourcesRequired("a query of the archive is of at least one source")
        body = {"hash": hash, "start": start, "end": end, "name": name, "sources": listed(sources)}
        return self._request.post("prepare_historics", body | given(sample=sample))

    def start(self, historics_id: str) -> Any:
        """Starts a query that is prepared."""
        return self._request.post("start_historics", {"id": historics_id})

    def update(self, historics_id: str, name: str) -> Any:
        """Gives a query another name."""
        return self._request.post("update_historics", {"id": historics_id, "name": name})

    def stop(self, historics_id: str, reason: str = "") -> Any:
        """Stops a query, for good."""
        return self._request.post("stop_historics", {"id": historics_id, "reason": reason})

    def status(self, start: int, end: int, sources: Any = None) -> Any:
        """What the archive holds of a time: of all sources, or of some."""
        options = given(sources=listed(sources)) if sources else {}
        return self._request.get("get_historics_status", start=start, end=end, **options)

    def delete(self, historics_id: str) -> Any:
        """Deletes a query; one that runs is stopped."""
        return self._request.post("delete_historics", {"id": historics_id})

    def get_for(self, historics_id: str, with_estimate: Any = None) -> Any:
        """One query."""
        return self.get(historics_id, maximum=None, page=None, with_estimate=with_estimate)

    def get(
        self, historics_id: str | None = None, maximum: int | None = None, page: int | None = None, with_estimate: Any = None
    ) -> Any:
        """One query, or a page of all, with an estimate of when it is done if wished."""
        options = given(id=historics_id, max=maximum, page=page)
        return self._request.get("list_historics", **options, with_estimate=1 if with_estimate else 0)

    def pause(self, historics_id: str, reason: str = "") -> Any:
        """Has a query pause."""
        return self._request.post("pause_historics", {"id": historics_id} | given(reason=reason))

    def resume(self, historics_id: str) -> Any:
        """Has a query go on."""
        return self._request.post("resume_historics", {"id": historics_id})
