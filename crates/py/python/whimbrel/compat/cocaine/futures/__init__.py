"""`cocaine.futures`: functions in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .._pending import Pending

__all__ = ["ConcurrentWorker", "threaded"]


class ConcurrentWorker:
    """A function that runs in a thread of its own."""

    def __init__(
        self,
        func: Callable[..., Any],
        io_loop: Any = None,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        ioLoop: Any = None,
    ) -> None:
        self._run: Callable[[], Any] = lambda: func(*args, **(kwargs or {}))
        self._pending: Pending | None = None

    def execute(self) -> Pending:
        """Begins it; what comes of it can be yielded, and awaited."""
        if self._pending is None:
            self._pending = pending = Pending()

            def work() -> None:
                try:
                    value = self._run()
                except BaseException as e:
                    pending._deliver(None, e)
                else:
                    pending._deliver(value, None)

            threading.Thread(target=work, name="cocaine-worker", daemon=True).start()
        return self._pending


def threaded(func: Callable[..., Any]) -> Callable[..., Pending]:
    """Makes of a function one that runs in a thread."""
    return lambda *args, **kwargs: ConcurrentWorker(func, args=args, kwargs=kwargs).execute()
