"""Waiting for what will come, in a thread, in a greenlet, in a coroutine."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import time
from collections.abc import Iterable
from typing import Any, TypeVar

from .._future import Future

T = TypeVar("T")

#: How often it is looked after whether an event loop that something runs on is still there, in seconds.
_LOOK = 1.0


def read(reply: Future[T], timeout: float | None = None) -> T:
    """What came; its own exception is raised, each time with the traceback that it has from where it happened."""
    wait(reply, timeout)
    error = reply.exception()
    if error is None:
        return reply.result()
    try:
        raise error.with_traceback(reply.__dict__.setdefault("_traceback", error.__traceback__))
    finally:
        # An exception that has its traceback's frame, which has the exception, would stay for long.
        del error, reply


def wait(reply: Future[Any], timeout: float | None = None, pending: Iterable[Future[Any]] = ()) -> None:
    """Until it is done. `pending` are those that it waits for, if it is a bell."""
    end = None if timeout is None else time.monotonic() + timeout
    while not reply.done():
        on_loops = [it for it in (reply, *pending) if getattr(it, "_loop", None) is not None]
        for it in on_loops:
            _look(it)
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError(f"not done after {timeout} s")
        _block(reply, left if not on_loops else min(_LOOK, left or _LOOK))


def _look(reply: Future[Any]) -> None:
    """Whether what runs on an event loop can ever be done."""
    loop: asyncio.AbstractEventLoop = reply._loop  # type: ignore[attr-defined]
    if loop.is_closed():
        reply._deliver(None, RuntimeError("the event loop that it ran on was closed before it was done"))
    elif loop is asyncio._get_running_loop() and not reply.done():
        raise RuntimeError("it runs on this event loop, which would wait for itself: await it")


def _block(reply: Future[Any], timeout: float | None) -> None:
    hub = green_hub()
    if hub is not None:
        _switch(hub, reply, timeout)
        return
    try:
        reply.exception(timeout)
    except (concurrent.futures.CancelledError, concurrent.futures.TimeoutError):
        pass


async def until(reply: Future[Any]) -> None:
    """Until it is done, in a coroutine. Who is cancelled while it waits cancels nothing."""
    if reply.done():
        return
    loop = asyncio.get_running_loop()
    heard = loop.create_future()

    def hear() -> None:
        if not heard.done():
            heard.set_result(None)

    def tell(_: Any) -> None:
        try:
            loop.call_soon_threadsafe(hear)
        except RuntimeError:
            pass  # The loop is closed: nobody waits.

    reply.add_done_callback(tell)
    await heard


def is_patched() -> bool:
    """Whether gevent has made greenlets of Python's threads."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def _is_anything_patched() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_anything_patched())


def green_hub(is_wished: bool = False) -> Any:
    """gevent's hub, where threads are greenlets or greenlets run on this thread; else `None`. If greenlets are wished, it is
    made where gevent has patched anything at all."""
    local = sys.modules.get("gevent._hub_local")
    if local is None:
        return None
    if is_patched() or (is_wished and _is_anything_patched()):
        return local.get_hub()
    return local.get_hub_if_exists()


def _switch(hub: Any, reply: Future[Any], timeout: float | None) -> None:
    """Lets other greenlets run until it is done, which any thread may say."""
    import gevent
    from gevent.hub import Waiter

    if gevent.getcurrent() is hub:
        raise RuntimeError("gevent's hub itself can't wait for a reply: read it in a greenlet")
    waiter = Waiter(hub)
    # It also keeps the hub from taking a program that waits for other threads for one that waits for ever.
    bell = hub.loop.async_()
    bell.start(waiter.switch, None)
    # A bell that nobody listens to any more may be rung.
    reply.add_done_callback(lambda _: bell.send())
    try:
        with gevent.Timeout(timeout, False):
            waiter.get()
    finally:
        bell.stop()
