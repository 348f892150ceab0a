"""What chains are made of: where results come from, and generators that wait for them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from . import _end, _errors, _home
from ._channel import Channel
from ._pending import Pending, begin
from ._result import FutureResult
from .exceptions import ChokeEvent
from .futures import ConcurrentWorker

Hear = Callable[[FutureResult], None]


class Source(_errors.Reported):
    """Where results come from."""

    def __init__(self) -> None:
        #: What came, and was not taken.
        self.kept: deque[FutureResult] = deque()
        #: Threads may take and give at once.
        self._lock = threading.RLock()

    def keep(self, result: FutureResult) -> None:
        """Holds what came until somebody takes it."""
        self.kept.append(result)
        if result.error is not None:
            self._failed(result.error)

    def taken(self) -> FutureResult | None:
        """What was kept first; the end stays. `None` if there is nothing."""
        with self._lock:
            if not self.kept or self.kept[0].is_choke:
                return self.kept[0] if self.kept else None
            result = self.kept.popleft()
        self._looked()
        return result

    def wait(self, timeout: float | None) -> FutureResult | None:
        """The next, when it is there; `None` when the time is over."""
        raise NotImplementedError

    def take(self, hear: Hear) -> None:
        """Tells the next, when it is there."""
        raise NotImplementedError

    def first(self, hear: Hear) -> None:
        """The same for who waits for one: nothing where there is none."""
        self.take(lambda result: hear(FutureResult.of(None) if result.is_choke else result))

    def needs_loop(self) -> bool:
        """Whether it waits for something that only its event loop can do."""
        return False


class Asked(Source):
    """A call of a service's, which is sent at once."""

    def __init__(self, opened: Pending, service: str, method: str) -> None:
        super().__init__()
        self._opened = opened
        self._service = service
        self._method = method
        self._is_over = False
        self._is_asked = False
        _end.unasked(self)

    def _came(self, values: list[Any] | None) -> FutureResult | None:
        """A result; `None` of a message without any, which 0.11 does not have."""
        if values is None:
            self._is_over = True
            return FutureResult(ChokeEvent())
        if not values:
            return None
        return FutureResult.of(values[0] if len(values) == 1 else values)

    def _went(self, error: BaseException) -> BaseException:
        return _errors.named(error, self._service, self._method)

    def wait(self, timeout: float | None) -> FutureResult | None:
        self._is_asked = True
        if self._is_over:
            return FutureResult(ChokeEvent())
        end = None if timeout is None else time.monotonic() + timeout
        try:
            channel = self._opened.result(timeout)
        except concurrent.futures.TimeoutError:
            if not self._opened.done():
                return None
            self._is_over = True
            return FutureResult.of_future(self._opened)
        except Exception as e:
            self._is_over = True
            return FutureResult.failed(e)
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            try:
                result = self._came(channel._native.read(left).wait(None))
            except TimeoutError as e:
                if getattr(e, "_went", None) is None:  # Ours, and not the protocol's.
                    return None
                return FutureResult.failed(self._went(e))
            except Exception as e:
                return FutureResult.failed(self._went(e))
            if result is not None:
                return result

    def take(self, hear: Hear) -> None:
        self._is_asked = True
        if (kept := self.taken()) is not None:
            hear(kept)
        elif self._is_over:
            hear(FutureResult(ChokeEvent()))
        else:
            self._when_open(hear, lambda channel: self._read(channel, hear))

    def first(self, hear: Hear) -> None:
        self._is_asked = True

        def opened(channel: Channel) -> None:
            # One that more can be sent on is what was asked for: nothing comes before.
            if "write" in channel.tx._ends:
                hear(FutureResult.of(channel))
            else:
                Source.first(self, hear)

        if self.kept or self._is_over:
            super().first(hear)
        else:
            self._when_open(hear, opened)

    def channel(self) -> Pending:
        """Its channel, as 0.12 gives it."""
        self._is_asked = True
        return self._opened

    def _when_open(self, hear: Hear, deed: Callable[[Channel], None]) -> None:
        def opened(_: Any) -> None:
            result = FutureResult.of_future(self._opened)
            if result.error is not None:
                self._is_over = True
                hear(result)
            else:
                deed(result.result)

        self._opened.add_done_callback(opened)

    def _read(self, channel: Channel, hear: Hear) -> None:
        def read(reading: Any) -> None:
            told = FutureResult.of_future(reading)
            result = self._came(told.result) if told.error is None else told
            if result is None:
                self._read(channel, hear)
            else:
                hear(result)

        reading = begin(channel._native.read(None), lambda values: values, self._went)
        reading.add_done_callback(read)

    def let_go(self) -> None:
        """Has the call made and its failure told, though nobody asks about it."""
        if not self._is_asked:
            self._is_asked = True
            _look_after(self._opened, self._went, f"{self._service}.{self._method}")

    def __del__(self) -> None:
        super().__del__()
        self.let_go()


#: How long a call that nobody asked about is looked after, in seconds.
_LONG = 60.0


def _look_after(opened: Pending, went: Callable[[BaseException], BaseException], what: str) -> None:
    """Sees to it that a call which nobody waits for is made, and that its failure is told."""

    def done(_: Any) -> None:
        # Its own failure is reported with it.
        if opened._failure is not None or opened.cancelled():
            return
        channel = opened.result()
        if channel.rx.closed() or channel.tx._ends:
            return
        reading = begin(channel._native.read(_LONG), lambda _: None, went)
        _end.left(reading, what)
        reading.add_done_callback(lambda _: channel._native.end())

    opened.add_done_callback(done)
    # After that: there is no moment in which nothing is left.
    _end.left(opened, what)


class Flow(Source):
    """Results that are made here."""

    def __init__(self) -> None:
        super().__init__()
        self.home = _home.here()
        self._hearing: deque[Hear] = deque()
        self._task: Task | None = None

    def emit(self, result: FutureResult) -> None:
        """Gives the next; the end stays."""
        with self._lock:
            if result.is_choke:
                self._task = None
            heard = [self._hearing.popleft() for _ in range(len(self._hearing) if result.is_choke else 1) if self._hearing]
            if result.is_choke or not heard:
                self.keep(result)
        for hear in heard:
            hear(result)
        self.home.ring()

    def wait(self, timeout: float | None) -> FutureResult | None:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            self.home.wait(lambda: bool(self.kept), self.needs_loop, left)
            # Another thread may have taken what came.
            if (result := self.taken()) is not None or left is not None and left <= 0:
                return result

    def take(self, hear: Hear) -> None:
        kept = self.taken()
        if kept is None:
            with self._lock:
                if not self.kept:
                    self._hearing.append(hear)
                    return
            return self.take(hear)
        hear(kept)

    def needs_loop(self) -> bool:
        return self._task is not None and self._task.needs_loop()

    @staticmethod
    def of_next(source: Source) -> _Next:
        """What is yielded for the next of a source, whose end is raised."""
        return _Next(source)


class _Next:
    def __init__(self, source: Source) -> None:
        self.source = source


class Started(Flow):
    """What a function, or a generator, gives."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__()
        self._task = Task(self._run(function), self.home, self._done)

    def _run(self, function: Callable[[], Any]) -> Generator[Any, Any, Any]:
        # It is not called before its turn has come.
        yield
        made = function()
        if not isinstance(made, types.GeneratorType) and isinstance(getattr(made, "_source", None), Source):
            while True:
                self.emit(FutureResult.of((yield _Next(made._source))))
        return (yield made) if _is_waited_for(made) else made

    def _done(self, result: FutureResult) -> None:
        self.emit(result)
        if not result.is_choke:
            self.emit(FutureResult(ChokeEvent()))


class Piped(Flow):
    """What comes of a source, each through a function."""

    def __init__(self, source: Source, function: Callable[[FutureResult], Any]) -> None:
        super().__init__()
        self._task = Task(self._run(source, function), self.home, self._done)

    def _run(self, source: Source, function: Callable[[FutureResult], Any]) -> Generator[Any, Any, Any]:
        while True:
            try:
                result = FutureResult.of((yield _Next(source)))
            except (Exception, asyncio.CancelledError) as e:
                result = FutureResult.failed(e)
            made: Any = None
            try:
                made = function(result)
                made = (yield made) if _is_waited_for(made) else made
                done = FutureResult.of(made)
            except Exception as e:
                done = FutureResult.failed(e)
            # What a function makes of the end is a result, if it is anything.
            if not done.is_choke and not (result.is_choke and done.error is None and made is None):
                self.emit(done)
            if result.is_choke:
                return

    def _done(self, result: FutureResult) -> None:
        self.emit(FutureResult(ChokeEvent()))


def _is_waited_for(made: Any) -> bool:
    """Whether a function gave something that is waited for, and not what it is."""
    return (
        isinstance(made, types.GeneratorType)
        or hasattr(made, "add_done_callback")
        or isinstance(getattr(made, "_source", None), Source)
        or isinstance(made, ConcurrentWorker)
        or inspect.isawaitable(made)
    )


class Task:
    """A generator, as it goes on."""

    def __init__(self, generator: Generator[Any, Any, Any], home: _home.Home, done: Hear) -> None:
        self._generator = generator
        self._home = home
        self._done = done
        #: What came last.
        self._last: Any = None
        #: What a plain `yield` gives more of.
        self._source: Source | None = None
        #: What it waits for, if that is known.
        self._waits: Callable[[], bool] | None = None
        home.soon(self._step, FutureResult.of(None))

    def needs_loop(self) -> bool:
        """Whether it waits for something that only an event loop can do."""
        return self._waits is not None and self._waits()

    def _step(self, came: FutureResult) -> None:
        self._waits = None
        try:
            if came.error is not None:
                yielded = self._generator.throw(came.error)
            else:
                self._last = came.result
                yielded = self._generator.send(came.result)
        except StopIteration as e:
            self._done(FutureResult.of(self._last if e.value is None else e.value))
        except (Exception, asyncio.CancelledError) as e:
            # What is ours of the trace holds what is done.
            e.__traceback__ = e.__traceback__.tb_next if e.__traceback__ is not None else None
            self._done(FutureResult.failed(e))
        except BaseException as e:
            self._done(FutureResult.failed(e))
            raise
        else:
            try:
                self._wait_for(yielded)
            except Exception as e:
                self._resume(FutureResult.failed(e))

    def _resume(self, came: FutureResult) -> None:
        self._home.soon(self._step, came)

    def _wait_for(self, it: Any) -> None:
        resume = self._resume
        if isinstance(it, _Next):
            self._waits = it.source.needs_loop
            it.source.take(resume)
        elif it is None and self._source is not None:
            self._waits = self._source.needs_loop
            self._source.take(resume)
        elif isinstance(getattr(it, "_source", None), Source):
            self._source = it._source
            self._waits = it._source.needs_loop
            it._source.first(resume)
        elif isinstance(it, types.GeneratorType):
            inner = Task(it, self._home, resume)
            self._waits = inner.needs_loop
        elif isinstance(it, concurrent.futures.Future):
            it.add_done_callback(lambda future: resume(FutureResult.of_future(future)))
        elif isinstance(it, ConcurrentWorker):
            self._wait_for(it.execute())
        elif hasattr(it, "_ready") and isinstance(it._ready, Pending):
            self._wait_for(it._ready)
        elif asyncio.isfuture(it) or inspect.isawaitable(it):
            self._waits = lambda: True
            self._on_loop(it)
        elif hasattr(it, "add_done_callback"):
            it.add_done_callback(lambda future: resume(FutureResult.of_future(future)))
        else:
            resume(FutureResult.of(it))

    def _on_loop(self, it: Any) -> None:
        loop: asyncio.AbstractEventLoop = it.get_loop() if asyncio.isfuture(it) else self._home.loop

        def follow() -> None:
            future = it if asyncio.isfuture(it) else asyncio.ensure_future(it, loop=loop)
            future.add_done_callback(lambda future: self._resume(FutureResult.of_future(future)))

        running = asyncio._get_running_loop()
        if running is loop or not loop.is_running():
            follow()
        else:
            loop.call_soon_threadsafe(follow)
