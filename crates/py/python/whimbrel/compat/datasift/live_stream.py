"""Live streams: a thread of this process reads them, and calls the functions that the client was given."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from ... import errors
from ._unanswered import unanswered
from .exceptions import DeleteRequired, StreamNotConnected
from .output_mapper import OutputMapper

_log = logging.getLogger("whimbrel.compat.datasift")

#: How much may wait to be given to functions, in bytes. Then the service has to wait.
_BUFFER = 16 << 20

#: The most failures that wait to be raised; all of them are logged.
_MOST_FAILED = 100


class Functions:
    """What a client was given to call, and which streams come."""

    def __init__(self) -> None:
        self.on_open: Callable[[], Any] | None = None
        self.on_closed: Callable[[bool, int, str], Any] | None = None
        self.on_delete: Callable[[dict[str, Any]], Any] | None = None
        self.on_ds_message: Callable[[dict[str, Any]], Any] | None = None
        self.subscriptions: dict[str, Callable[[Any], Any]] = {}


class LiveStream:
    """A live connection, and the thread that reads it. All functions are called on that thread, one after the other.

    A connection that breaks is made anew, and all streams are asked for again. What a function raises is logged and waits to
    be raised by `join()` or `close()`; the next message comes all the same. `sys.exit()` in a function ends the stream.
    """

    def __init__(self, native: Any, functions: Functions, mapper: OutputMapper) -> None:
        self._functions = functions
        self._mapper = mapper
        self._is_open = False
        self._was_opened = False
        self._ended = False
        self._failed: deque[BaseException] = deque(maxlen=_MOST_FAILED)
        self._news = threading.Condition()
        self._closing = False
        self._live: Any = native.live([], "websocket", _BUFFER)
        # The script goes on for as long as the streams do.
        self._thread = threading.Thread(target=self._run, name="whimbrel-datasift", daemon=False)
        self._process = os.getpid()

    def begin(self) -> None:
        """Starts the thread. By then the client knows this stream: its functions ask the client for it."""
        try:
            self._thread.start()
        except BaseException:
            self._ended = True
            raise

    @property
    def opened(self) -> bool:
        """Whether there is a connection now."""
        return self._is_open and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether it has ended. One of another process has, for this one."""
        return self._ended or self._process != os.getpid()

    def subscribe(self, hash: str, function: Callable[[Any], Any]) -> None:
        """Has a stream come: each interaction is given to the function."""
        if self._functions.on_delete is None:
            raise DeleteRequired(
                "no stream comes before there is a function for what was deleted since: the service's terms ask to forget "
                "it. Give one to on_delete"
            )
        if self.is_over or not self._was_opened:
            raise StreamNotConnected("there is no live connection: subscribe in the function that is given to on_open")
        name = hash.lower()
        before = self._functions.subscriptions.get(name)
        self._functions.subscriptions[name] = function
        try:
            self._live.subscribe(name)
        except errors.Error:
            if before is None:
                del self._functions.subscriptions[name]
            raise

    def join(self, timeout: float | None = None) -> None:
        """Waits until the stream has ended, or so many seconds; raises what a function has raised, as soon as it does, or
        what ended the stream. Each failure is raised once."""
        if self._process != os.getpid():
            raise RuntimeError("this stream is read in the process that it was begun in: begin one here")
        with self._news:
            self._news.wait_for(lambda: self._failed or self._ended, timeout)
            if self._failed:
                raise self._failed.popleft()

    def close(self) -> None:
        """Ends the stream, and raises what a function has raised that `join` has not. One of another process goes on there."""
        if self._process != os.getpid():
            return
        self._end()
        if threading.current_thread() is not self._thread:
            self._thread.join()
            self.join()

    def __enter__(self) -> LiveStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self) -> None:
        self._closing = True
        self._live.close().wait(None)

    def _run(self) -> None:
        try:
            while (batch := self._live.next().wait(None)) is not None:
                for event in batch:
                    if self._closing:
                        break
                    self._told(event)
            self._closed(True, 1000, "closed")
        except errors.Error as error:
            self._fail(unanswered(error), "the live stream has ended")
            self._closed(False, 1006, str(error))
        except BaseException as error:  # `SystemExit` of a function's.
            self._fail(error, "the live stream is ended")
        finally:
            with self._news:
                self._is_open, self._ended = False, True
                self._news.notify_all()
            self._end()

    def _told(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "interaction":
            function = self._functions.subscriptions.get(event["hash"])
            # One that comes again after a break has been given already.
            if function is not None and not event["repeated"]:
                self._give(function, lambda: (self._read(event["data"]),))
        elif kind == "deleted":
            self._give(self._functions.on_delete, lambda: ({"hash": event["hash"], "data": self._read(event["data"])},))
        elif kind == "connected":
            self._is_open = self._was_opened = True
            self._call(self._functions.on_open)
        elif kind == "subscribed":
            self._says("success", f"Successfully subscribed to hash {event['hash']}")
        elif kind == "tick":
            moment = self._mapper.moment(event["at"])
            self._says("connected", "Waiting for data", **({} if moment is None else {"tick": int(moment.timestamp())}))
        elif kind == "warning":
            self._says("warning", event["message"])
        elif kind == "behind":
            self._says("warning", "What comes is read too slowly: the service had to wait")
        elif kind == "refused":
            self._says("failure", event["message"])
        elif kind == "lost":
            self._closed(False, 1006, event["why"])

    def _read(self, text: str) -> Any:
        data = json.loads(text)
        self._mapper.outputmap(data)
        return data

    def _says(self, status: str, message: str, **more: Any) -> None:
        self._call(self._functions.on_ds_message, {**more, "status": status, "message": message})

    def _closed(self, clean: bool, code: int, reason: str) -> None:
        if self._is_open:
            self._is_open = False
            self._call(self._functions.on_closed, clean, code, reason)

    def _call(self, function: Callable[..., Any] | None, *arguments: Any) -> None:
        self._give(function, lambda: arguments)

    def _give(self, function: Callable[..., Any] | None, read: Callable[[], tuple[Any, ...]]) -> None:
        if function is None:
            return
        try:
            # What somebody has published may be more than Python reads, such as a number of 5,000 digits.
            function(*read())
        except Exception as error:
            self._fail(error, f"{getattr(function, '__qualname__', function)} failed on a live stream")

    def _fail(self, error: BaseException, what: str) -> None:
        _log.error("%s", what, exc_info=error)
        with self._news:
            self._failed.append(error)
            self._news.notify_all()

    def __repr__(self) -> str:
        how = "ended" if self.is_over else "open" if self.opened else "not open"
        return f"<LiveStream, {how}, of {len(self._functions.subscriptions)} streams>"
