"""Push subscriptions: what a stream or a query finds, delivered to a place of the subscriber's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._record import Listing, Record
from ._part import Part
from ._said import hidden, revealed, seconds

if TYPE_CHECKING:
    from ._submit import SubmitPush


class Subscription(Record):
    """A push subscription."""

    __slots__ = ()
    _shown = ("id", "name", "status")

    id: str | None
    name: str | None
    #: `active`, `paused`, `finished`...
    status: str | None
    #: Of the definition whose stream it delivers, or of the query.
    hash: str | None
    #: Which of both it is.
    hash_type: str | None
    #: The kind of place: `pull`, `http`, `s3`...
    output_type: str | None
    #: What that place needs; what proves who one is there is a `Secret`.
    output_params: dict[str, Any] | None
    created_at: datetime | None
    start: datetime | None
    end: datetime | None
    last_request: datetime | None
    last_success: datetime | None
    remaining_bytes: int | None
    lost_data: bool | None

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__({**told, "output_params": hidden(told.get("output_params"))})

    def __reduce__(self) -> Any:
        return (type(self), ({name: value for name, value in self._told.items() if name != "output_params"},))


class LogEntry(Record):
    """What became of a delivery."""

    __slots__ = ()
    _shown = ("subscription_id", "success", "message")

    subscription_id: str | None
    request_time: datetime | None
    success: bool | None
    message: str | None


class Checked(Record):
    """What the service says of a place."""

    __slots__ = ()

    success: bool | None
    message: str | None


class Push(Part):
    """Push subscriptions."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitPush: ...

    def validate(self, output_type: str, output_params: Mapping[str, Any]) -> Checked:
        """Checks whether the service can deliver to such a place. Raises `InvalidError` if not."""
        return self._call(self._native.validate_push(output_type, revealed(output_params)), Checked)

    def create(
        self,
        name: str,
        *,
        hash: str | None = None,
        historics_id: str | None = None,
        output_type: str = "pull",
        output_params: Mapping[str, Any] | None = None,
        initial_status: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Subscription:
        """Makes a subscription to a live stream, by its definition's `hash`, or to a query of the archive, by its id.

        - `output_type`: the kind of place: `http`, `s3`...; `pull` is for `Client.pull`.
        - `output_params`: what that kind of place needs, as the service writes it: `{"format": "json_new_line"}`.
        - `initial_status`: `active` (if not given), `paused` or `waiting_for_start`.
        - `start`, `end`: at once and for ever, if not given.
        """
        feeds = (hash, historics_id)
        params = None if output_params is None else revealed(output_params)
        native = self._native.create_push(name, feeds, output_type, params, initial_status, seconds(start), seconds(end))
        return self._call(native, Subscription)

    def update(self, id: str, output_params: Mapping[str, Any], *, name: str | None = None) -> Subscription:
        """Changes what its place needs, and its name."""
        return self._call(self._native.update_push(id, revealed(output_params), name), Subscription)

    def pause(self, id: str) -> Subscription:
        """Has it wait; what it would deliver is kept for an hour."""
        return self._call(self._native.pause_push(id), Subscription)

    def resume(self, id: str) -> Subscription:
        """Has it go on."""
        return self._call(self._native.resume_push(id), Subscription)

    def stop(self, id: str) -> Subscription:
        """Ends it for good, once what is queued is delivered."""
        return self._call(self._native.stop_push(id), Subscription)

    def delete(self, id: str) -> None:
        """Forgets it, and what it has queued."""
        return self._call(self._native.delete_push(id))

    def get(self, id: str) -> Subscription:
        """One of them."""
        return self._call(self._native.push_subscription(id), Subscription)

    def list(self, *, hash: str | None = None, historics_id: str | None = None) -> Listing[Subscription]:
        """All of them, finished ones too; those of one stream or of one query, if it is given."""
        return self._list(self._native.push_subscriptions(hash, historics_id), Subscription)

    def log(self, id: str | None = None) -> Listing[LogEntry]:
        """What became of deliveries, the newest first: of one subscription or of all.

        Entries have nothing that tells them apart, so a log that grows while it is read can show one twice.
        """
        return self._list(self._native.push_log(id), LogEntry)
