"""What the account uses, and its identities."""

from __future__ import annotations

from typing import Any

from .identity import Identity
from .request import Request, given


class Account:
    """`client.account`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.identity = Identity(request)

    def usage(self, period: str | None = None, start: int | None = None, end: int | None = None) -> Any:
        """What was used and what that costs, `hourly`, `daily` or `monthly`; `start` and `end` are seconds since 1970."""
        return self._request.get("get_account_usage", **given(period=period, start=start, end=end))
