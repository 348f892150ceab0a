"""Settings and locks that all machines share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._stream import Stream, same
from .typed import Typed

if TYPE_CHECKING:
    from ._submit import SubmitUnicorn


class Versioned(NamedTuple):
    """A value, and how often it was changed."""

    value: Any
    #: -1 where there is no value.
    version: int


class Lock:
    """A lock that is held, until the end of a `with` block, `release()`, or until nobody has it any more."""

    def __init__(self, native: Any) -> None:
        self._native = native

    def release(self) -> None:
        """Lets go of it, without a wait."""
        self._native.release()

    @property
    def is_held(self) -> bool:
        """Whether it was not let go of. That its connection was lost is not seen here."""
        return bool(self._native.is_held)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __reduce__(self) -> Any:
        raise TypeError("a Lock belongs to the process that has it")


class Unicorn(Typed):
    """Settings and locks that all machines share, by path. The runtime needs a ZooKeeper for it."""

    _name = "unicorn"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitUnicorn: ...

    def get(self, path: str) -> Versioned:
        """The value at a path. Raises `NotFoundError` if there is none."""
        return self._call(self._cocaine.unicorn_get(path), _versioned)

    def create(self, path: str, value: Any) -> bool:
        """Makes a path with a value; whether it was made. Raises `ConflictError` if it is there."""
        return self._call(self._cocaine.unicorn_create(path, value))

    def put(self, path: str, value: Any, version: int) -> tuple[bool, Versioned]:
        """Changes the value of a version; whether that was its version, and what it is now."""
        return self._call(self._cocaine.unicorn_put(path, value, version), _changed)

    def remove(self, path: str, version: int) -> None:
        """Removes a path whose value has this version. Raises `ConflictError` if it has another."""
        return self._call(self._cocaine.unicorn_remove(path, version))

    def increment(self, path: str, by: int = 1) -> Versioned:
        """Adds to a number; what it is then."""
        return self._call(self._cocaine.unicorn_increment(path, by), _versioned)

    def subscribe(self, path: str) -> Stream[Versioned]:
        """The value at a path, now and whenever it changes."""
        return self._stream(self._cocaine.unicorn_subscribe(path), _versioned)

    def children(self, path: str) -> Stream[list[str]]:
        """The names below a path, now and whenever one comes or goes."""
        return self._stream(self._cocaine.unicorn_children(path), same)

    def lock(self, path: str) -> Lock:
        """Waits for a lock."""
        return self._call(self._cocaine.unicorn_lock(path), Lock)


def _versioned(told: tuple[Any, int]) -> Versioned:
    return Versioned(*told)


def _changed(told: tuple[bool, tuple[Any, int]]) -> tuple[bool, Versioned]:
    return told[0], Versioned(*told[1])
