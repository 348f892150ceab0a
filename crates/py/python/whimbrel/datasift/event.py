"""What a live connection tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from .._record import Record

#: How the service is listened to.
Way = Literal["websocket", "http"]

#: What an event is.
EventKind = Literal["connected", "subscribed", "interaction", "tick", "warning", "refused", "lost", "behind"]


class Event(Record):
    """What a live connection tells. Its `event` says what it is:

    - `connected`: there is a connection; `missed` says for how many seconds there was none.
    - `subscribed`: the service sends the stream `hash` from now on.
    - `interaction`: something was found: it is an `Interaction`.
    - `tick`: nothing was found for a while; the connection is well.
    - `warning`: the service warns, in its own words: `message`.
    - `refused`: it does not do what it was asked to: `message`, and `hash` if it is about one stream, which is not asked for
      again.
    - `lost`: the connection is lost: `why`. It is made anew, after `again_in` seconds, with all its streams.
    - `behind`: you read more slowly than things are found: the buffer was full, and the service had to wait. If that goes
      on, it ends the connection, and what is published until there is another one is lost.
    """

    __slots__ = ()

    event: EventKind
    hash: str | None
    #: By the service's clock.
    at: datetime | None
    message: str | None
    why: str | None
    #: In seconds.
    again_in: float | None
    #: In seconds; `None` for the first connection.
    missed: float | None


class _Found(Event):
    """What holds an interaction. It is read from its text when it is first looked at."""

    __slots__ = ("_read",)

    @property
    def data(self) -> dict[str, Any]:
        """The interaction."""
        try:
            return self._read
        except AttributeError:
            import json

            self._read: dict[str, Any] = json.loads(self._told["data"])
            return self._read

    @property
    def text(self) -> str:
        """The same as the service wrote it, in JSON."""
        text: str = self._told["data"]
        return text

    def __getitem__(self, name: str) -> Any:
        return self.data if name == "data" else super().__getitem__(name)

    def to_dict(self) -> dict[str, Any]:
        return {**self._told, "data": self.data}


class Interaction(_Found):
    """Something that a filter found."""

    __slots__ = ()
    _shown = ("hash", "repeated", "data")

    #: The stream: the filter's hash.
    hash: str
    #: It came before: the service may send again what it sent before a connection broke.
    repeated: bool


class Deleted(_Found):
    """Something that was found before, and that its author has deleted since: the terms of the service ask to forget it."""

    __slots__ = ()
    _shown = ("hash", "id")

    #: The stream: the filter's hash.
    hash: str
    #: The interaction's id.
    id: str | None


def event(told: dict[str, Any]) -> Event:
    """An event, of what the native part gives."""
    kind = told["event"]
    return Interaction(told) if kind == "interaction" else Deleted(told) if kind == "deleted" else Event(told)
