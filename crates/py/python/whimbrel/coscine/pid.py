"""Persistent identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._handle import Handle
from .._record import Record

if TYPE_CHECKING:
    from ._submit import SubmitPid


class PidTarget(Record):
    """What a persistent identifier stands for: `type` is `Project` or `Resource`."""

    __slots__ = ()
    _shown = ("identifier", "type")

    prefix: str
    suffix: str
    identifier: str | None
    type: str | None
    is_entity_valid: bool | None


class Pid(Handle):
    """A persistent identifier: a handle such as `21.11102/5e7a...`, of a project or a resource."""

    __slots__ = ()
    _shown = ("identifier",)

    identifier: str

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitPid: ...

    def __str__(self) -> str:
        return self.identifier

    def resolve(self) -> PidTarget:
        """What it stands for. `NotFoundError` if there is no such thing; its `status` is 410 if there was."""
        return self._call(self._native.resolve_pid(self.identifier), PidTarget)

    def ask_owner(self, name: str, email: str, message: str, *, send_confirmation_email: bool = True) -> None:
        """Sends a message, of up to 5000 characters, to the owner of what it stands for, by mail. Name and address are
        yours, for the answer."""
        return self._call(self._native.ask_owner(self.identifier, name, email, message, send_confirmation_email))

    def handle(self) -> dict[str, Any]:
        """The values of its handle record."""
        return self._call(self._native.handle(self.identifier))

    def update_handle(self, values: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the values of its handle record; for administrators."""
        return self._call(self._native.update_handle(self.identifier, list(values)))
