"""Live streams: what filters find, as it is published."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .._client import Caller
from .._face import AIO, PLAIN, SUBMIT, Face
from .event import Deleted, Event, Interaction, event

if TYPE_CHECKING:
    from ._submit import SubmitLive

#: What would be missed by who looks at interactions alone; it is logged where no function is called with it.
TROUBLE = {
    "refused": "the service refuses: %(message)s",
    "warning": "the service warns: %(message)s",
    "lost": "the connection is lost (%(why)s); again in %(again_in)s s",
    "behind": "what is found is read too slowly",
}

#: A function that is called with an event. With a client of `whimbrel.aio`, what it gives is awaited if it can be.
Callback = Callable[[Event], object]


class Live(Caller):
    """A live connection, gone through for its events (by `async for`, if it is awaited); or `run` calls functions with them.

    At the end of a `with` block (`async with`, if it is awaited), and when nobody holds it any more, it ends. Until then
    it is made anew whenever it breaks. It can be left and gone through again: nothing is lost in between, as far as its
    buffer goes. It belongs to the process that opened it.

    A stream that is refused, a connection that is lost and the like are events; as who looks for interactions alone would
    wait without knowing why, they are logged, too (`whimbrel.datasift`), unless `run` calls a function with them.
    """

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitLive: ...

    def __init__(self, native: Any, on_delete: Callable[[Deleted], object], came: deque[Event], face: Face) -> None:
        self._native = native
        self._on_delete = on_delete
        #: A few that came together and were not gone through yet.
        self._came = came
        self._face = face
        #: The kinds of events that functions are called with.
        self._handled: frozenset[str] = frozenset()

    def subscribe(self, hash: str) -> None:
        """Has a stream come, by its filter's hash. It is sent in the background; the service's answer is an event:
        `subscribed` or `refused`. Raises `InvalidError` if it is no hash."""
        self._native.subscribe(hash)

    def unsubscribe(self, hash: str) -> None:
        """Has it come no more."""
        self._native.unsubscribe(hash)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed here."""
        return bool(self._native.is_closed)

    def close(self) -> None:
        """Ends it, and says so to the service. Whoever goes through it comes to the end."""
        return self._call(self._native.close())

    def run(
        self,
        *,
        on_interaction: Callable[[Interaction], object] | None = None,
        on_tick: Callback | None = None,
        on_warning: Callback | None = None,
        on_behind: Callback | None = None,
        on_lost: Callback | None = None,
        on_connected: Callback | None = None,
        on_subscribed: Callback | None = None,
        on_refused: Callback | None = None,
    ) -> None:
        """Calls these functions with the events, one at a time and in their order, until it is closed; `None` is for what
        does not matter.

        What one of them raises is raised here, and ends this; it can be run again. Plainly they are called on this thread;
        through `.submit`, on the thread that completes futures, and the future is done when it is closed; awaited, in the
        task that awaits it, and what they give is awaited, if it can be.
        """
        handlers: dict[str, Callable[[Any], object] | None] = {
            "interaction": on_interaction,
            "tick": on_tick,
            "warning": on_warning,
            "behind": on_behind,
            "lost": on_lost,
            "connected": on_connected,
            "subscribed": on_subscribed,
            "refused": on_refused,
        }
        return self._run({kind: handler for kind, handler in handlers.items() if handler is not None})

    def _run(self, handlers: dict[str, Callable[[Any], object]]) -> Any:
        self._handled = frozenset(handlers)
        if self._face.name == AIO.name:
            return self._run_awaited(handlers)
        if self._face.name == SUBMIT.name:
            from ._background import Background

            return Background(self, handlers).begin()
        while (it := self._next()) is not None:
            self._handle(it, handlers)

    async def _run_awaited(self, handlers: dict[str, Callable[[Any], object]]) -> None:
        while (it := await self._next_awaited()) is not None:
            handler = handlers.get(it.event)
            done = None if handler is None else handler(it)
            if isinstance(done, Awaitable):
                await done

    def _take(self, told: list[dict[str, Any]] | None) -> bool:
        """Keeps what has come. Whether it has ended."""
        if told is None:
            return True
        for it in map(event, told):
            if it.event in TROUBLE and it.event not in self._handled:
                import logging

                logging.getLogger("whimbrel.datasift").warning(TROUBLE[it.event], it.to_dict())
            self._came.append(it)
        return False

    def _kept(self) -> Event | None:
        """The next of what has come."""
        if self.is_closed:
            self._came.clear()
        try:
            return self._came.popleft()
        except IndexError:  # Another thread may have taken the last.
            return None

    def _next(self) -> Event | None:
        """The next event, waited for; `None` at the end."""
        while True:
            while (it := self._kept()) is not None:
                if not isinstance(it, Deleted):
                    return it
                self._handle(it, {})
            if self._native.next().wait(self._take):
                return None

    async def _next_awaited(self) -> Event | None:
        while True:
            while (it := self._kept()) is not None:
                if not isinstance(it, Deleted):
                    return it
                done = self._on_delete(it)
                if isinstance(done, Awaitable):
                    await done
            if await self._native.next().spawn(self._take):
                return None

    def _handle(self, it: Event, handlers: dict[str, Callable[[Any], object]]) -> None:
        deletes: Callable[[Any], object] = self._on_delete
        handler = deletes if isinstance(it, Deleted) else handlers.get(it.event)
        done = None if handler is None else handler(it)
        if isinstance(done, Awaitable):
            if hasattr(done, "close"):
                done.close()
            raise TypeError(f"{handler!r} gives something to be awaited, and nobody awaits it here: take whimbrel.aio")

    def __iter__(self) -> Iterator[Event]:
        if self._face is AIO:
            raise TypeError("what comes on this connection is gone through by `async for`")
        return self

    def __next__(self) -> Event:
        it = self._next()
        if it is None:
            raise StopIteration
        return it

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (it := await self._next_awaited()) is not None:
            yield it

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self._native.close().wait(None)

    async def __aenter__(self) -> Live:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._native.close().spawn(None)

    def _as(self, face: Face) -> Live:
        return Live(self._native, self._on_delete, self._came, face)

    def __reduce__(self) -> Any:
        raise TypeError("a Live belongs to its process: pickle the client, and listen there")

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__}{', closed' if self.is_closed else ', open'}>"


def listen(
    client: Any, hashes: Sequence[str], on_delete: Callable[[Deleted], object], over: str, buffer: int
) -> Live:
    """A live connection of a client's. Who makes futures has one that waits, with `.submit`."""
    native = client._native.live(list(hashes), over, buffer)
    return Live(native, on_delete, deque(), AIO if client._face.name == AIO.name else PLAIN)
