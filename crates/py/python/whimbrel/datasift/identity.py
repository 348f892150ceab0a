"""Identities of an account, each with an API key of its own; tokens of other services for them, and limits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._client import secret
from .._native import Token
from .._record import Listing, Record
from .._secret import Secret
from ._part import Part, Proof

if TYPE_CHECKING:
    from ._submit import SubmitIdentities, SubmitLimits, SubmitTokens


class Identity(Proof):
    """An identity of the account."""

    __slots__ = ()
    _shown = ("id", "label", "status")
    _secret = "api_key"

    id: str | None
    label: str | None
    #: `active` or `disabled`.
    status: str | None
    master: bool | None
    #: Its key: `identity.api_key.reveal()`. It is in no pickle.
    api_key: Secret | None
    created_at: datetime | None
    updated_at: datetime | None
    expires_at: datetime | None


class ServiceToken(Proof):
    """A token by which an identity uses another service."""

    __slots__ = ()
    _shown = ("service", "expires_at")
    _secret = "token"

    #: `facebook`, ...
    service: str | None
    #: The token: `it.token.reveal()`. It is in no pickle.
    token: Secret | None
    created_at: datetime | None
    updated_at: datetime | None
    expires_at: datetime | None


class Limit(Record):
    """How much of a service an identity may use in a day."""

    __slots__ = ()
    _shown = ("id", "service", "total_allowance")

    #: That of the identity.
    id: str | None
    service: str | None
    #: Interactions.
    total_allowance: int | None
    #: Analyses: a number, the same in a text, or none.
    analyze_queries: Any


class Identities(Part):
    """The identities of an account."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitIdentities: ...

    def list(self, label: str | None = None) -> Listing[Identity]:
        """All of them; those of one label if it is given."""
        return self._list(self._native.identities(label), Identity)

    def get(self, id: str) -> Identity:
        """One of them."""
        return self._call(self._native.identity(id), Identity)

    def create(self, label: str, *, status: str | None = None, master: bool | None = None) -> Identity:
        """Makes one; its API key is in the answer. A label that is taken is a `ConflictError`."""
        return self._call(self._native.create_identity(label, status, master), Identity)

    def update(
        self, id: str, *, label: str | None = None, status: str | None = None, master: bool | None = None
    ) -> Identity:
        """Changes what is given of it."""
        return self._call(self._native.update_identity(id, label, status, master), Identity)

    def delete(self, id: str) -> None:
        """Forgets it. The service was seen to refuse that to everybody."""
        return self._call(self._native.delete_identity(id))

    def tokens(self, id: str) -> Tokens:
        """The tokens of one of them."""
        return Tokens(self._client, id)


class Tokens(Part):
    """Tokens by which an identity uses other services."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitTokens: ...

    def list(self) -> Listing[ServiceToken]:
        """All of them."""
        return self._list(self._native.tokens(*self._within), ServiceToken)

    def get(self, service: str) -> ServiceToken:
        """That of one service."""
        return self._call(self._native.token(*self._within, service), ServiceToken)

    def create(self, service: str, token: str | Token) -> ServiceToken:
        """Keeps one for a service."""
        return self._call(self._native.create_token(*self._within, service, secret(token)), ServiceToken)

    def update(self, service: str, token: str | Token) -> ServiceToken:
        """Replaces that of a service."""
        return self._call(self._native.update_token(*self._within, service, secret(token)), ServiceToken)

    def delete(self, service: str) -> None:
        """Forgets that of a service."""
        return self._call(self._native.delete_token(*self._within, service))


class Limits(Part):
    """How much of one service identities may use in a day."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitLimits: ...

    def list(self) -> Listing[Limit]:
        """Those of all identities."""
        return self._list(self._native.limits(*self._within), Limit)

    def get(self, identity: str) -> Limit:
        """That of one identity."""
        return self._call(self._native.limit(*self._within, identity), Limit)

    def create(
        self, identity: str, *, total_allowance: int | None = None, analyze_queries: int | None = None
    ) -> Limit:
        """Limits an identity that has no limit yet: interactions and analyses in a day."""
        return self._call(self._native.create_limit(*self._within, identity, total_allowance, analyze_queries), Limit)

    def update(
        self, identity: str, *, total_allowance: int | None = None, analyze_queries: int | None = None
    ) -> Limit:
        """Changes what is given of it."""
        return self._call(self._native.update_limit(*self._within, identity, total_allowance, analyze_queries), Limit)

    def delete(self, identity: str) -> None:
        """Forgets it."""
        return self._call(self._native.delete_limit(*self._within, identity))
