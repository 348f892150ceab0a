"""What goes both ways after a call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from .._face import AIO, PLAIN, SUBMIT, Face
from .._stream import Caller

if TYPE_CHECKING:
    from ._submit import SubmitChannel


class Channel(Caller):
    """Chunks both ways. It is gone through for what comes, to the end of it.

    At the end of a `with` block (`async with`, if it is awaited), and when nobody holds it any more, the service is told
    the end. It belongs to the process that opened it.

    >>> from whimbrel import cocaine
    >>> with cocaine.Service("demo").open("enqueue", "chunks") as channel:
    ...     channel.write("3")
    ...     list(channel)
    [b'chunk0', b'chunk1', b'chunk2']
    """

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitChannel: ...

    def __init__(self, native: Any, face: Face = PLAIN) -> None:
        self._native = native
        # Who was given a future of it waits for what it says.
        self._face = AIO if face.name == AIO.name else PLAIN

    def write(self, chunk: Any) -> None:
        """Sends a chunk, when there is room for it. Chunks go out in the order in which they are written, awaited or not."""
        return self._call(self._native.send("write", (chunk,)))

    def close(self) -> None:
        """Sends the end; what comes can still be read."""
        return self._call(self._native.send("close", ()))

    def fail(self, code: int, message: str) -> None:
        """Sends an end that tells of a failure."""
        return self._call(self._native.fail(code, message))

    def send(self, name: str, *arguments: Any) -> None:
        """Sends a message by its name, for services that take others than chunks: see `sends`.

        Raises `InvalidError`, before anything is sent, if it may not come now.
        """
        return self._call(self._native.send(name, arguments))

    def read(self, *, timeout: float | None = None) -> Any:
        """What comes next: one value, `None` of a message that has none, a list of one that has several.

        Raises `EOFError` at the end, and `TimeoutError` if nothing comes within `timeout` seconds; what comes later can
        still be read.
        """
        return self._call(self._native.read(timeout), _one)

    def release(self) -> None:
        """Lets go of it now, without a wait: the service is told the end if it was not, and nothing more can be read."""
        self._native.end()

    @property
    def sends(self) -> tuple[str, ...]:
        """The names of what may be sent."""
        return tuple(name for name, _ in self._native.sent)

    @property
    def comes(self) -> tuple[str, ...]:
        """The names of what may come."""
        return tuple(self._native.comes)

    def __iter__(self) -> Iterator[Any]:
        if self._face is AIO:
            raise TypeError("what comes on this channel is gone through by `async for`")
        return self._going()

    def _going(self) -> Iterator[Any]:
        while (values := self._native.read(None).wait(None)) is not None:
            yield _one(values)

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (values := await self._native.read(None).spawn(None)) is not None:
            yield _one(values)

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: object) -> None:
        self._native.end()

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._native.end()

    def __copy__(self) -> Channel:
        return Channel(self._native, self._face)

    def _as(self, face: Face) -> Channel:
        same = Channel(self._native)
        same._face = face
        return same

    def __reduce__(self) -> Any:
        raise TypeError("a Channel belongs to its process: pickle the Service, and open one there")

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} for {', '.join(self.sends) or 'reading'}>"


def _one(values: list[Any] | None) -> Any:
    if values is None:
        raise EOFError("the service has ended this channel")
    return values[0] if len(values) == 1 else values or None


def opened(face: Face) -> Any:
    """Makes a channel of what was opened; of a future's, one that waits."""
    return lambda native: Channel(native, PLAIN if face.name == SUBMIT.name else face)
