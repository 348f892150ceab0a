"""Users, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from .._client import secret
from .._handle import Handle
from .._native import Token
from .._record import Record
from ._said import said, texts
from .secret import Secret

if TYPE_CHECKING:
    from ._submit import SubmitApiToken, SubmitMe, SubmitOptOut


class User(Record):
    """Somebody, as others see them."""

    __slots__ = ()
    _shown = ("display_name", "email")

    id: str
    display_name: str
    given_name: str | None
    family_name: str | None
    email: str | None


class Terms(Record):
    """The terms of service: their version, and where to read them."""

    __slots__ = ()
    _shown = ("version", "href")

    version: str
    href: str
    is_current: bool


class Me(Handle):
    """The user whose token the client has.

    >>> from whimbrel import coscine
    >>> me = coscine.Client().me()
    >>> me.display_name, me.email
    ('alice Sandbox', 'alice@example.org')
    """

    __slots__ = ()
    _shown = ("display_name", "email")

    id: str
    display_name: str
    given_name: str | None
    family_name: str | None
    are_to_s_accepted: bool
    latest_activity: datetime | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitMe: ...

    @property
    def email(self) -> str | None:
        """The primary e-mail address."""
        emails = self.get("emails") or []
        primary = [it for it in emails if it.get("isPrimary")] or emails
        return primary[0].get("email") if primary else None

    def update(
        self,
        *,
        given_name: str | None = None,
        family_name: str | None = None,
        email: str | None = None,
        title: str | None = None,
        language: str | None = None,
        organization: str | None = None,
        disciplines: Iterable[str] | None = None,
    ) -> Me:
        """Changes what is said of the user and leaves the rest; the user as they are then.

        Title, language and disciplines go by name or id, the organization by its ROR URI. Another e-mail address counts
        once it is confirmed.
        """
        change = said(
            given_name=given_name,
            family_name=family_name,
            email=email,
            title=title,
            language=language,
            organization=organization,
            disciplines=texts(disciplines),
        )
        return self._call(self._native.update_me(self._told, change), self._client._of(Me))

    def role_count(self) -> int:
        """How many roles in projects the user has."""
        return self._call(self._native.role_count(self._told))

    def accept_terms(self, version: str) -> None:
        """Accepts the terms of service in this version: that of `Client.terms_of_service()`."""
        return self._call(self._native.accept_terms(self._told, version))

    def consent(self) -> None:
        """Consents to the processing of the user's data."""
        return self._call(self._native.consent(self._told))

    def confirm_email(self, token: str | Token) -> None:
        """Confirms an e-mail address by the token that was sent to it."""
        return self._call(self._native.confirm_email(self._told, secret(token)))

    def resend_confirmation(self) -> None:
        """Has that token sent again."""
        return self._call(self._native.resend_confirmation(self._told))

    def merge(self, provider: str) -> Secret:
        """Starts to merge another login of the user, `Shibboleth` or `ORCiD`, into this one.

        What comes is a token with which a browser goes on.
        """
        return self._call(self._native.merge(self._told, provider), Secret)

    def delete(self) -> None:
        """Deletes the user's account, for good. `ConflictError` while projects need the user."""
        return self._call(self._native.delete_me(self._told))


class ApiToken(Handle):
    """An API token of the user, without its secret, which the service tells once.

    A token acts as the whole user: there are no scopes.
    """

    __slots__ = ()
    _shown = ("name", "expiry_date")

    id: str
    name: str
    creation_date: datetime | None
    expiry_date: datetime | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitApiToken: ...

    def revoke(self) -> None:
        """Ends its life. The token that this client itself uses can be revoked too: each later call is an
        `AuthenticationError` then."""
        return self._call(self._native.revoke_token(self._told))


class OptOut(Handle):
    """The user's wish not to be told of one kind of event."""

    __slots__ = ()
    _shown = ("notification_id",)

    id: str
    notification_id: str

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitOptOut: ...

    def undo(self) -> None:
        """Asks to be told again."""
        return self._call(self._native.undo_opt_out(self._told))
