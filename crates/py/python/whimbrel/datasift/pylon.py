"""PYLON: recordings of a network whose posts may be counted and not read, such as Facebook's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._record import Listing, Record, Records
from ._part import Part
from ._said import seconds
from .definition import Compiled, Validated

if TYPE_CHECKING:
    from ._submit import SubmitPylon, SubmitTasks


#: What a definition gives.
Tags = list[str]


class Recording(Record):
    """A recording."""

    __slots__ = ()
    _shown = ("id", "name", "status", "volume")

    id: str | None
    name: str | None
    hash: str | None
    #: `running`, `stopped`...
    status: str | None
    #: How many interactions it holds.
    volume: int | None
    start: datetime | None
    end: datetime | None
    reached_capacity: bool | None
    remaining_index_capacity: int | None
    remaining_account_capacity: int | None
    identity_id: str | None


class Started(Record):
    """A recording that was begun."""

    __slots__ = ()

    id: str | None


class Analysis(Record):
    """What was counted in a recording."""

    __slots__ = ()
    _shown = ("interactions", "unique_authors")

    #: How many interactions, about.
    interactions: int | None
    #: How many people, about.
    unique_authors: int | None
    #: The results, as the service writes them.
    analysis: dict[str, Any] | None


class Sample(Record):
    """Some of the public posts of a recording."""

    __slots__ = ()

    interactions: list[dict[str, Any]] | None
    #: How many more the account's hour allows.
    remaining: int | None
    reset_at: datetime | None


class Reference(Record):
    """A table of the values that a target has."""

    __slots__ = ()
    _shown = ("slug", "name")

    slug: str | None
    name: str | None
    description: str | None


class ReferenceValue(Record):
    """A value, and what it stands for."""

    __slots__ = ()

    value: str | None
    title: str | None


class Task(Record):
    """A task on a recording."""

    __slots__ = ()
    _shown = ("id", "name", "status")

    id: str | None
    name: str | None
    type: str | None
    #: `queued`, `running`, `completed`, `failed`.
    status: str | None
    message: str | None
    #: What came of it, when it is `completed`.
    result: Any
    parameters: dict[str, Any] | None
    subscription_id: str | None
    identity_id: str | None
    steps_completed: int | None
    total_steps: int | None
    usage: dict[str, Any] | None
    created_at: datetime | None
    updated_at: datetime | None


class Queued(Record):
    """A task that was queued."""

    __slots__ = ()

    id: str


class Pylon(Part):
    """Recordings of one network, by the key of an identity."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitPylon: ...

    def validate(self, csdl: str) -> Validated:
        """Checks a filter definition."""
        return self._call(self._native.validate_pylon(*self._within, csdl), Validated)

    def compile(self, csdl: str) -> Compiled:
        """Compiles a filter definition."""
        return self._call(self._native.compile_pylon(*self._within, csdl), Compiled)

    def start(self, hash: str, name: str) -> Started:
        """Begins to record what a compiled definition finds."""
        return self._call(self._native.start_pylon(*self._within, hash, name), Started)

    def restart(self, id: str) -> Started:
        """Goes on with a recording that was stopped."""
        return self._call(self._native.restart_pylon(*self._within, id), Started)

    def stop(self, id: str) -> None:
        """Stops it. One that is not running is a `ConflictError`."""
        return self._call(self._native.stop_pylon(*self._within, id))

    def update(self, id: str, *, hash: str | None = None, name: str | None = None) -> None:
        """Gives it another definition, or another name."""
        return self._call(self._native.update_pylon(*self._within, id, hash, name))

    def analyze(
        self,
        id: str,
        parameters: Mapping[str, Any],
        *,
        filter: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Analysis:
        """Counts what was recorded.

        - `parameters`: the kind and its parameters, as the service writes them:
          `{"analysis_type": "freqDist", "parameters": {"threshold": 5, "target": "fb.author.age"}}`.
        - `filter`: a filter in CSDL on what was recorded.
        """
        native = self._native.analyze_pylon(*self._within, id, parameters, filter, seconds(start), seconds(end))
        return self._call(native, Analysis)

    def get(self, id: str) -> Recording:
        """One recording."""
        return self._call(self._native.pylon_recording(*self._within, id), Recording)

    def list(self) -> Listing[Recording]:
        """All recordings."""
        return self._list(self._native.pylon_recordings(*self._within), Recording)

    def tags(self, id: str) -> Tags:
        """The tags that its definition gives."""
        return self._call(self._native.pylon_tags(*self._within, id))

    def sample(self, id: str, *, count: int | None = None, filter: str | None = None) -> Sample:
        """Some of the public posts that were recorded, as many as `count` and the account's hour allow."""
        return self._call(self._native.sample_pylon(*self._within, id, count, filter), Sample)

    def references(self) -> Listing[Reference]:
        """What there are tables of: targets whose values are known."""
        return self._list(self._native.pylon_references(*self._within), Reference)

    def reference(self, slug: str) -> Records[ReferenceValue]:
        """The values of one target."""
        native = self._native.pylon_reference(*self._within, slug)
        return self._call(native, lambda told: Records(map(ReferenceValue, told["values"] or [])))

    def tasks(self, type: str = "analysis") -> Tasks:
        """Tasks of one type: `analysis`, `strategy`."""
        return Tasks(self._client, *self._within, type)


class Tasks(Part):
    """Tasks of one type. They take the key of an identity, not of the account."""

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitTasks: ...

    def create(self, recording: str, name: str, parameters: Mapping[str, Any]) -> Queued:
        """Queues a task on a recording; its parameters are as the service writes them."""
        return self._call(self._native.create_task(self._within, recording, name, parameters), Queued)

    def get(self, id: str) -> Task:
        """One of them, with its result when it is `completed`."""
        return self._call(self._native.task(self._within, id), Task)

    def list(self, status: str | None = None) -> Listing[Task]:
        """All of them; those in one state if it is given: `queued`, `running`, `completed`, `failed`."""
        return self._list(self._native.tasks(self._within, status), Task)
