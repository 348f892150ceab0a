"""What came, or went wrong."""

from __future__ import annotations

from typing import Any

from .exceptions import ChokeEvent


class FutureResult:
    """What a function of a chain is given: `get()` returns it, or raises it if it is an exception."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.error: BaseException | None = result if isinstance(result, Exception) else None

    @classmethod
    def of(cls, value: Any) -> FutureResult:
        """Of a value, which may be an exception that is not to be raised."""
        result = cls(value)
        result.error = None
        return result

    @classmethod
    def failed(cls, error: BaseException) -> FutureResult:
        """Of what went wrong."""
        result = cls(error)
        result.error = error
        return result

    @classmethod
    def of_future(cls, future: Any) -> FutureResult:
        """Of any future that is done."""
        try:
            return cls.of(future.result())
        except BaseException as e:
            return cls.failed(e)

    def get(self) -> Any:
        """It; raises it, if it is what went wrong."""
        if self.error is not None:
            raise self.error
        return self.result

    @property
    def is_choke(self) -> bool:
        """Whether it is the end."""
        return isinstance(self.error, ChokeEvent)
