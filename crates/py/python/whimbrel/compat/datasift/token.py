"""An identity's tokens, one a service."""

from __future__ import annotations

from typing import Any

from .request import Request, given


class Token:
    """`client.account.identity.token`."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, identity_id: str, per_page: int = 20, page: int = 1) -> Any:
        """A page of an identity's tokens."""
        return self._request.get("list_tokens", identity_id=identity_id, per_page=per_page, page=page)

    def get(self, identity_id: str, service: str) -> Any:
        """Its token of a service."""
        return self._request.get("get_token", identity_id=identity_id, service=service)

    def create(self, identity_id: str, service: str, token: str) -> Any:
        """Gives it one."""
        return self._request.post("create_token", {"service": service, "token": token}, identity_id=identity_id)

    def update(self, identity_id: str, service: str, token: str | None = None) -> Any:
        """Gives it another one."""
        return self._request.post("update_token", given(token=token), identity_id=identity_id, service=service)

    def delete(self, identity_id: str, service: str) -> Any:
        """Takes it away."""
        return self._request.get("delete_token", identity_id=identity_id, service=service)
