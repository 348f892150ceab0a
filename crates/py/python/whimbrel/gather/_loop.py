"""The event loop for coroutines that are handed in where none runs: one a process, in a thread of its own."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading

from ._wait import is_patched

_lock = threading.Lock()
_own: tuple[int, asyncio.AbstractEventLoop, threading.Thread] | None = None


def current_or_own() -> asyncio.AbstractEventLoop:
    """The one that runs here, or else our own."""
    return asyncio._get_running_loop() or _ours()


def _ours() -> asyncio.AbstractEventLoop:
    global _own
    if is_patched():
        raise RuntimeError("no event loop runs beside gevent's patches: hand in a function in place of the coroutine")
    with _lock:
        # A forked child has no thread of its parent's.
        if _own is None or _own[0] != os.getpid():
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(loop,), name="whimbrel-coroutines", daemon=True)
            thread.start()
            _own = (os.getpid(), loop, thread)
        return _own[1]


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


@atexit.register
def _end() -> None:
    if _own is not None and _own[0] == os.getpid():
        _, loop, thread = _own
        loop.call_soon_threadsafe(loop.stop)
        # Unless a coroutine does not let itself be cancelled.
        thread.join(1)
