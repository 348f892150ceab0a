"""Identities: keys of the account that have tokens and limits of their own."""

from __future__ import annotations

from typing import Any

from .limit import Limit
from .request import Request, given
from .token import Token


class Identity:
    """`client.account.identity`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.token = Token(request)
        self.limit = Limit(request)

    def list(self, label: str | None = None, per_page: int = 20, page: int = 1) -> Any:
        """A page of all identities, or of those of a label."""
        return self._request.get("list_identities", per_page=per_page, page=page, **given(label=label))

    def get(self, id: str) -> Any:
        """One identity."""
        return self._request.get("get_identity", id=id)

    def create(self, label: str, status: str | None = None, master: bool | None = None) -> Any:
        """Makes an identity: what comes has its `id` and its `api_key`."""
        return self._request.post("create_identity", {"label": label} | given(status=status, master=master))

    def update(
        self, id: str, label: str | None = None, status: str | None = None, master: bool | None = None
    ) -> Any:
        """Changes what is said of it."""
        return self._request.post("update_identity", given(label=label, status=status, master=master), id=id)

    def delete(self, id: str) -> Any:
        """Deletes an identity."""
        return self._request.get("delete_identity", id=id)
