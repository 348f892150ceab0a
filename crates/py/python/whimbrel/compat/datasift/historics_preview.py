"""Previews of the archive."""

from __future__ import annotations

from typing import Any

from .exceptions import HistoricSourcesRequired
from .historics import listed
from .request import Request, given


class HistoricsPreview:
    """`client.historics_preview`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def create(self, stream: str, start: int, parameters: Any, sources: Any, end: int | None = None) -> Any:
        """Begins a preview of what a stream would have found since a moment (seconds since 1970).

        `parameters` are analyses, each a text such as `"interaction.author.gender,freqDist,5"`; of one also its parts.
        Raises `HistoricSourcesRequired` if there is no source.
        """
        if len(sources) == 0:
            raise HistoricSourcesRequired("a preview is of at least one source")
        body = {"hash": stream, "start": start, "sources": listed(sources), "parameters": _analyses(parameters)}
        return self._request.post("create_preview", body | given(end=end))

    def get(self, preview_id: str) -> Any:
        """A preview, of which a part may not be done yet. It is kept for a day."""
        return self._request.get("get_preview", id=preview_id)


def _analyses(parameters: Any) -> str:
    if isinstance(parameters, str):
        return parameters
    # Those that were recorded stand apart by semicolons.
    return (";" if all("," in it for it in parameters) else ",").join(parameters)
