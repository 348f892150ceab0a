"""Who takes part in a project, and who is asked to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._handle import Inner
from .user import User

if TYPE_CHECKING:
    from ._submit import SubmitInvitation, SubmitMember


class Member(Inner):
    """A user in a project, with a role."""

    __slots__ = ()
    _shown = ("name", "role")

    id: str

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitMember: ...

    @property
    def user(self) -> User:
        """The user: id, names, and the e-mail address where it may be seen."""
        return User(self["user"])

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.display_name

    @property
    def email(self) -> str | None:
        """The user's e-mail address, where it may be seen."""
        return self.user.email

    @property
    def role(self) -> str:
        """The role's name: `Owner`, `Member` or `Guest`."""
        return str((self.get("role") or {}).get("displayName", ""))

    def _row(self) -> dict[str, Any]:
        return {"name": self.name, "email": self.email, "role": self.role, "id": self.id}

    def set_role(self, role: str) -> None:
        """Gives another role, by name or id. This record still tells the old one."""
        return self._call(self._native.set_role(self._within, self._told, role))

    def remove(self) -> None:
        """Ends the membership; of one's own, leaves the project."""
        return self._call(self._native.remove_member(self._within, self._told))


class Invitation(Inner):
    """An invitation that waits for an answer."""

    __slots__ = ()
    _shown = ("email", "role")

    id: str
    email: str | None
    expiration_date: datetime | None

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitInvitation: ...

    @property
    def role(self) -> str:
        """The role that is offered: its name, or its id where the service tells no more."""
        role = self.get("role") or {}
        return str(role.get("displayName") or role.get("id", ""))

    def _row(self) -> dict[str, Any]:
        return {"email": self.email, "role": self.role, "expiration_date": self.expiration_date, "id": self.id}

    def revoke(self) -> None:
        """Takes it back."""
        return self._call(self._native.revoke_invitation(self._within, self._told))
