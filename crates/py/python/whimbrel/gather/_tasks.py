"""What was handed in and is on its way: begun when the limit allows, ended by the deadline or when nobody wants it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from types import MethodType
from typing import Any

from .. import errors
from .._client import Caller
from .._face import AIO, SUBMIT, futures
from .._future import Future
from .._many import Answers
from .._native import Gate, after
from . import _loop, _wait
from ._threads import Threads
from ._work import Following, InGreenlet, InThread, OnLoop, Work
from .failed import Failed

#: Threads for the functions of a gather without a limit.
THREADS = 64


class Tasks:
    """The calls of one gather. They are cancelled when it goes."""

    def __init__(
        self, limit: int | None, deadline: float | None, *, threads: int = THREADS, is_green: bool = False
    ) -> None:
        self._most_threads = threads if limit is None else limit
        self._gate = None if limit is None else Gate(limit)
        self._face = SUBMIT if self._gate is None else futures(self._gate.submit)
        #: The last one whose method was called, and what calls it as we do.
        self._caller: tuple[Caller, Caller] | None = None
        #: Where functions wait for a thread, and the threads.
        self._threads: tuple[Gate, Threads] | None = None
        self._is_green = is_green
        self._is_closed = False
        #: Those that are not done, in order. No callback holds more than this of us, so that a gather that nobody holds goes.
        self.pending: dict[Future[Any], None] = {}
        self._deadline = None if deadline is None else _Deadline(deadline, self.pending)

    def begin(self, call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[Any]:
        """Begins a call."""
        if self._is_closed:
            raise RuntimeError("the block of this gather is over: nothing can be begun in it any more")
        if self._deadline is not None and self._deadline.is_over():
            reply: Future[Any] = Future()
            reply._deliver(None, self._deadline.error())
            return reply
        reply = self._begin(call, args, kwargs)
        if not reply.done():
            self.add(reply)
        return reply

    def add(self, reply: Future[Any]) -> None:
        """Holds what somebody else begins."""
        pending = self.pending
        pending[reply] = None
        reply.add_done_callback(lambda reply: pending.pop(reply, None))  # type: ignore[call-overload]
        if self._deadline is not None and self._deadline.is_over():
            self._deadline.expire()

    def _begin(self, call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[Any]:
        while isinstance(call, functools.partial):
            call, args, kwargs = call.func, call.args + args, {**call.keywords, **kwargs}
        if isinstance(call, MethodType) and isinstance(call.__self__, Caller) and _is_ours(call):
            if call.__self__._face is not AIO:
                return self._begin_native(call, args, kwargs)
            return self._on_loop(functools.partial(call, *args, **kwargs), _loop.current_or_own())
        if callable(call):
            function = functools.partial(call, *args, **kwargs) if args or kwargs else call
            if inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None)):
                return self._on_loop(function, _loop.current_or_own())
            return self._begin_function(function)
        if args or kwargs:
            raise TypeError(f"{_name(call)} can't be called with arguments")
        if isinstance(call, Future):
            return call
        if isinstance(call, concurrent.futures.Future):
            reply: Future[Any] = Future()
            Following(reply, _nothing, call)()
            return reply
        if asyncio.isfuture(call):
            reply = Future()
            OnLoop(reply, _nothing, lambda: call, call.get_loop())()
            return reply
        if inspect.isawaitable(call):
            return self._on_loop(lambda: call, _loop.current_or_own())
        raise TypeError(f"{_name(call)} is no call: hand in a function, a coroutine or a future")

    def _begin_native(self, call: MethodType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[Any]:
        owner: Any = call.__self__
        known = self._caller
        if known is None or known[0] is not owner:
            ours = owner._as(self._face)
            known = self._caller = (owner, ours)
        try:
            reply = call.__func__(known[1], *args, **kwargs)
        except Exception as e:
            error = e
        else:
            if isinstance(reply, Future):
                return reply
            error = None  # type: ignore[assignment]
        # It was refused before it was sent, or known.
        told: Future[Any] = Future()
        told._deliver(None if error is not None else reply, error)
        return told

    def _begin_function(self, function: Callable[[], Any]) -> Future[Any]:
        reply: Future[Any] = Future()
        hub = _wait.green_hub(self._is_green) if self._is_green or _wait.is_patched() else None
        if hub is not None:
            self._enter(self._gate, lambda leave: InGreenlet(reply, leave, function, hub))
            return reply
        if self._threads is None:
            most = self._most_threads
            self._threads = (self._gate or Gate(most), Threads(most))
        gate, threads = self._threads
        self._enter(gate, lambda leave: InThread(reply, leave, function, threads))
        return reply

    def _on_loop(self, make: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> Future[Any]:
        reply: Future[Any] = Future()
        self._enter(self._gate, lambda leave: OnLoop(reply, leave, make, loop))
        return reply

    @staticmethod
    def _enter(gate: Gate | None, work: Callable[[Callable[[], object]], Work]) -> None:
        if gate is None:
            work(_nothing)()
        else:
            gate.enter(work(gate.leave))

    def cancel(self) -> None:
        """Cancels what is not done."""
        for reply in _last_first(self.pending):
            reply.cancel()

    def close(self) -> None:
        """The same, and for good."""
        self._is_closed = True
        self.cancel()
        if self._deadline is not None:
            self._deadline.cancel()
        if self._threads is not None:
            self._threads[1].close()

    def __del__(self) -> None:
        if hasattr(self, "_deadline"):  # Else it was not made: there is no limit of 0.
            self.close()


class _Deadline:
    """The end of all that is not done by then."""

    def __init__(self, seconds: float, pending: dict[Future[Any], None]) -> None:
        self._seconds = seconds
        self._pending = pending
        self._end = time.monotonic() + seconds
        self._timer = after(seconds).submit(None)
        self._timer.add_done_callback(lambda _: self.expire())

    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def error(self) -> errors.TimeoutError:
        return errors.TimeoutError(f"not done within the gather's {self._seconds} s", retryable=True)

    def expire(self) -> None:
        if self._timer.cancelled():
            return
        for reply in _last_first(self._pending):
            task = reply._task
            reply._deliver(None, self.error())
            if task is not None:
                task.abort()

    def cancel(self) -> None:
        self._timer.cancel()


def _last_first(pending: dict[Future[Any], None]) -> list[Future[Any]]:
    """Those in line before those on their way, whose end would else be their turn."""
    return list(pending)[::-1]


def _is_ours(method: MethodType) -> bool:
    # A method of a user's subclass is that user's function: it runs in a thread.
    return method.__func__.__module__.partition(".")[0] == __name__.partition(".")[0]


def _name(call: Any) -> str:
    return f"an object of {type(call).__name__}"


def _nothing() -> None:
    """There is no gate to leave."""


def joined(replies: Iterable[tuple[Hashable, Future[Any]]], timeout: float | None) -> dict[Any, Any]:
    """All values; waits for every one, whatever comes of others. Else all that failed, in one `Failed`."""
    replies = list(replies)
    end = None if timeout is None else time.monotonic() + timeout
    for _, reply in replies:
        if not reply.done():
            _wait.wait(reply, None if end is None else max(0.0, end - time.monotonic()))
    return _values(replies)


async def joined_here(replies: Iterable[tuple[Hashable, Future[Any]]]) -> dict[Any, Any]:
    """The same, in a coroutine."""
    replies = list(replies)
    for _, reply in replies:
        await _wait.until(reply)
    return _values(replies)


def _values(replies: list[tuple[Any, Future[Any]]]) -> dict[Any, Any]:
    failures = {key: error for key, reply in replies if (error := error_of(reply)) is not None}
    if failures:
        raise Failed.of(failures, len(replies))
    return {key: reply.result() for key, reply in replies}


def error_of(reply: Future[Any]) -> BaseException | None:
    """Why there is no value, of one that is done."""
    if reply.cancelled():
        return concurrent.futures.CancelledError()
    return reply.exception()
