"""Analyses that take their time."""

from __future__ import annotations

from typing import Any

from .request import Request, given


class PylonTask:
    """`client.pylon.task`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def get(self, id: str, service: str = "facebook", type: str = "analysis") -> Any:
        """One task, with its result once it is done."""
        return self._request.get("get_pylon_task", service=service, type=type, task_id=id)

    def list(
        self, per_page: int | None = None, page: int | None = None, status: str | None = None, service: str = "facebook"
    ) -> Any:
        """A page of all tasks that are analyses."""
        options = given(status=status)
        return self._request.get(
            "list_pylon_tasks", service=service, type="analysis", per_page=per_page, page=page, **options
        )

    def create(
        self,
        subscription_id: str,
        name: str,
        parameters: dict[str, Any],
        type: str = "analysis",
        service: str = "facebook",
    ) -> Any:
        """Begins a task over a recording: what comes has its `id`."""
        body = {"subscription_id": subscription_id, "name": name, "parameters": parameters, "type": type}
        return self._request.post("create_pylon_task", body, service=service)
