"""What one feeds to a source of one's own."""

from __future__ import annotations

import json
from typing import Any

from .exceptions import BadRequest
from .request import Request


class Odp:
    """`client.odp`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def batch(self, source_id: str, data: list[dict[str, Any]]) -> Any:
        """Sends interactions to a source, which is a host of its own. Raises `BadRequest` unless it is a list of dicts, and
        at least one."""
        if not isinstance(data, list) or not data or not all(isinstance(it, dict) for it in data):
            raise BadRequest("what is ingested is a list of dicts, and at least one")
        lines = "\r\n".join(map(json.dumps, data))
        return self._request.post("ingest", lines.encode(), source_id=source_id)
