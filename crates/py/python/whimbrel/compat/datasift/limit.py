"""How much of a service an identity may use."""

from __future__ import annotations

from typing import Any

from .request import Request


class Limit:
    """`client.account.identity.limit`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def get(self, identity_id: str, service: str) -> Any:
        """An identity's limit."""
        return self._request.get("get_limit", identity_id=identity_id, service=service)

    def list(self, service: str, per_page: int = 20, page: int = 1) -> Any:
        """A page of the limits of all identities."""
        return self._request.get("list_limits", service=service, per_page=per_page, page=page)

    def create(
        self,
        identity_id: str,
        service: str,
        total_allowance: int | None = None,
        analyze_queries: int | None = None,
    ) -> Any:
        """Sets one: how much may be recorded, and how often analysed."""
        body = _said(service, total_allowance, analyze_queries)
        return self._request.post("create_limit", body, identity_id=identity_id)

    def update(
        self,
        identity_id: str,
        service: str,
        total_allowance: int | None = None,
        analyze_queries: int | None = None,
    ) -> Any:
        """Changes it."""
        body = _said(service, total_allowance, analyze_queries)
        return self._request.post("update_limit", body, identity_id=identity_id, service=service)

    def delete(self, identity_id: str, service: str) -> Any:
        """Takes it away."""
        return self._request.get("delete_limit", identity_id=identity_id, service=service)


def _said(service: str, total_allowance: int | None, analyze_queries: int | None) -> dict[str, Any]:
    numbers = {"total_allowance": total_allowance, "analyze_queries": analyze_queries}
    # Nothing at all is a limit, too.
    return {"service": service} | {name: number for name, number in numbers.items() if number is not None}
