"""All that failed of many calls."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 11):
    _Group = ExceptionGroup
else:

    class _Group(Exception):
        """As much of Python 3.11's as can be had before it."""

        def __new__(cls, message, exceptions):
            self = super().__new__(cls, message, exceptions)
            self.message = message
            self.exceptions = tuple(exceptions)
            return self

        def __class_getitem__(cls, _item):
            return cls

        def __str__(self):
            return self.message


class Failed(_Group[Exception]):
    """Some of many calls failed: an `ExceptionGroup` (an `Exception` with `exceptions`, before Python 3.11).

    `failures` has the exceptions by the key, or the place from 0, of the call.
    """

    failures: dict[Any, Exception]

    @classmethod
    def of(cls, failures: Mapping[Any, BaseException], calls: int) -> Failed:
        """What failed, of so many calls."""
        for error in failures.values():
            if not isinstance(error, Exception):
                # Somebody wants the whole program to end, not this call.
                raise error
        told = {key: error for key, error in failures.items() if isinstance(error, Exception)}
        key, first = next(iter(told.items()))
        of_calls = "the one call" if calls == 1 else f"{len(told)} of {calls} calls"
        reason = f"{type(first).__name__}: {first}" if str(first) else type(first).__name__
        self = cls(f"{of_calls} failed; {key!r}: {reason}", list(told.values()))
        self.failures = told
        return self

    def derive(self, exceptions: Sequence[Exception]) -> Failed:  # type: ignore[override]
        """A part of it, as `except*` and `split` make one."""
        part = Failed(self.message, exceptions)
        wanted = {id(error) for error in exceptions}
        part.failures = {key: error for key, error in self.failures.items() if id(error) in wanted}
        return part
