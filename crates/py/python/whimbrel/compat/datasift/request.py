"""Calls: made and waited for, or as futures."""

from __future__ import annotations

import atexit
import concurrent.futures
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from ... import errors
from ..._client import written
from ..._future import Future as _Future
from ..._native import Call, Gate
from ._answer import Answer, Headers
from ._response import DataSiftResponse, DictResponse, ListResponse, built, read_queue
from ._unanswered import unanswered
from .output_mapper import OutputMapper

__all__ = ["Answer", "DataSiftResponse", "DictResponse", "Future", "Headers", "ListResponse", "OutputMapper"]

#: Calls of asynchronous clients that are on their way. A script may end with some of them, and means them all the same.
_on_their_way: set[Future] = set()


class Future(_Future[Answer]):
    """A `concurrent.futures.Future` of an asynchronous client. `result()` is the answer as it came, `process()` the result.

    It works with `as_completed` and `wait`, can be awaited, and `cancel()` ends the request.
    """

    _build: Callable[[Answer], Any]

    def process(self, timeout: float | None = None) -> Any:
        """Waits, and gives what the same call of another client gives, or raises what that raises."""
        return self._build(self.result(timeout))


class Request:
    """Makes calls: by an operation's id, with what goes into its path and its query, and a body."""

    def __init__(self, ask: Callable[..., Call], mapper: OutputMapper, at_once: int | None) -> None:
        self._ask = ask
        self._mapper = mapper
        self._gate = None if at_once is None else Gate(at_once)

    def pull(self, **parameters: Any) -> Any:
        """A queue."""
        return self._made(self._ask("pull", *written(None, parameters)), partial(built, mapper=self._mapper, read=read_queue))

    def get(self, operation: str, **parameters: Any) -> Any:
        """A call without a body."""
        return self.post(operation, None, **parameters)

    def post(
        self, operation: str, body: Any, then: Callable[[Callable[[], Any]], Any] | None = None, **parameters: Any
    ) -> Any:
        """A call with a body; `then` makes something of what it gives or raises."""
        build: Callable[[Answer], Any] = partial(built, mapper=self._mapper)
        if then is not None:
            build = partial(_then, then, build)
        return self._made(self._ask(operation, *written(body, parameters)), build)

    def _made(self, call: Call, build: Callable[[Answer], Any]) -> Any:
        if self._gate is None:
            return build(call.wait(_answer))
        future = self._gate.submit(call, _answer)
        # It is of a class of Python's, which has room for more.
        future.__class__ = Future
        assert isinstance(future, Future)
        future._build = build
        _on_their_way.add(future)
        future.add_done_callback(_on_their_way.discard)
        return future


def _then(then: Callable[[Callable[[], Any]], Any], build: Callable[[Answer], Any], answer: Answer) -> Any:
    return then(partial(build, answer))


def _answer(told: tuple[int | None, dict[str, str], bytes, errors.Error | None]) -> Answer:
    status, headers, body, error = told
    if status is None:
        assert error is not None
        raise unanswered(error)
    return Answer(status, headers, body, error)


def given(**options: Any) -> dict[str, Any]:
    """Those that say something: `None`, an empty text and 0 do not; `False` does."""
    return {name: value for name, value in options.items() if value or value is False}


def _finish() -> None:
    concurrent.futures.wait(set(_on_their_way))


atexit.register(_finish)
if hasattr(os, "register_at_fork"):
    # They are the parent's.
    os.register_at_fork(after_in_child=_on_their_way.clear)
