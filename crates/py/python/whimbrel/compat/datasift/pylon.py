"""Recordings, and analyses of them."""

from __future__ import annotations

from typing import Any

from .pylon_task import PylonTask
from .request import Request, given


class Pylon:
    """`client.pylon`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.task = PylonTask(request)

    def validate(self, csdl: str, service: str = "facebook") -> Any:
        """Checks a filter definition. The service's name is not asked for."""
        return self._request.post("validate_pylon", {"csdl": csdl})

    def compile(self, csdl: str, service: str = "facebook") -> Any:
        """Compiles a filter definition: what comes has its `hash`. The service's name is not asked for."""
        return self._request.post("compile_pylon", {"csdl": csdl})

    def start(self, hash: str, name: str | None = None, service: str = "facebook") -> Any:
        """Begins a recording of what a filter finds: what comes has its `id`."""
        return self._request.post("start_pylon", {"hash": hash} | given(name=name), service=service)

    def stop(self, id: str, service: str = "facebook") -> Any:
        """Ends a recording."""
        return self._request.post("stop_pylon", {"id": id}, service=service)

    def analyze(
        self,
        id: str,
        parameters: dict[str, Any],
        filter: str | None = None,
        start: int | None = None,
        end: int | None = None,
        service: str = "facebook",
    ) -> Any:
        """Analyses a recording, or that of it which another filter leaves; `start` and `end` are seconds since 1970."""
        body = {"id": id, "parameters": parameters} | given(filter=filter, start=start, end=end)
        return self._request.post("analyze_pylon", body, service=service)

    def get(self, id: str, service: str = "facebook") -> Any:
        """One recording."""
        return self._request.get("get_pylon", service=service, id=id)

    def list(
        self,
        page: int | None = None,
        per_page: int | None = None,
        order_by: str = "created_at",
        order_dir: str = "DESC",
        service: str = "facebook",
    ) -> Any:
        """A page of all recordings."""
        options = given(page=page, per_page=per_page, order_by=order_by, order_dir=order_dir)
        return self._request.get("get_pylon", service=service, **options)

    def tags(self, id: str, service: str = "facebook") -> Any:
        """The tags of a recording's filter."""
        return self._request.get("list_pylon_tags", service=service, id=id)

    def sample(
        self,
        id: str,
        count: int | None = None,
        start: int | None = None,
        end: int | None = None,
        filter: str | None = None,
        service: str = "facebook",
    ) -> Any:
        """Some of the public texts of a recording."""
        options = given(count=count, start=start, end=end, filter=filter)
        return self._request.get("sample_pylon", service=service, id=id, **options)
