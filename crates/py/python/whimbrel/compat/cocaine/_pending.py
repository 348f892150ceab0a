"""What is on its way."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from ..._future import Future
from ..._native import Call
from ._errors import Reported


class Pending(Future[Any], Reported):
    """A future that can be yielded to tornado and to chains, awaited, and waited for. A failure that nobody looks at is
    reported."""

    def _deliver(self, value: Any, error: BaseException | None) -> None:
        if error is not None and not self.done():
            self._failed(error)
        super()._deliver(value, error)

    def result(self, timeout: float | None = None) -> Any:
        try:
            return super().result(timeout)
        finally:
            if self.done():
                self._looked()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        error = super().exception(timeout)
        self._looked()
        return error

    def __await__(self) -> Generator[Any, None, Any]:
        return super().__await__()


class _Source:
    """What is behind a pending one."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def abort(self) -> None:
        self._future.cancel()


def begin(
    call: Call,
    convert: Callable[[Any], Any],
    failed: Callable[[BaseException], BaseException],
) -> Pending:
    """Makes a call now; what comes of it goes through one of these functions."""
    pending, sent = Pending(), call.submit(None)

    def done(sent: Any) -> None:
        if sent.cancelled():
            pending.cancel()
            return
        error, value = sent.exception(), None
        try:
            if error is None:
                value = convert(sent.result())
            else:
                error = failed(error)
        except BaseException as e:  # Whoever waits would wait for ever.
            error = failed(e) if error is None and isinstance(e, Exception) else e
        pending._deliver(value, error)

    pending._task = _Source(sent)
    sent.add_done_callback(done)
    return pending


def refused(error: BaseException) -> Pending:
    """What has failed already."""
    pending = Pending()
    pending._deliver(None, error)
    return pending


def given(value: Any) -> Pending:
    """What is there already."""
    pending = Pending()
    pending._deliver(value, None)
    return pending
