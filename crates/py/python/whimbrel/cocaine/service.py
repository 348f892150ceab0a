"""A service by its name, whatever its methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from .._face import PLAIN, SUBMIT
from .._record import Record
from .._stream import Caller, Stream, same
from . import channel
from .channel import Channel

if TYPE_CHECKING:
    from ._submit import SubmitService
    from .client import Cocaine

#: Which runtime it is: their protocols are not the same.
Runtime = Literal["0.12", "0.11"]


class Resolved(Record):
    """What the name of a service stands for."""

    __slots__ = ()
    _shown = ("endpoints", "version")

    #: Hosts and ports, in the order in which they are tried.
    endpoints: list[tuple[str, int]]
    version: int
    #: The names of its methods.
    methods: list[str]


class Service(Caller):
    """A service. It is resolved and connected with its first call, and anew with the next one after the connection was lost.

    - `locator`: where a locator is, as `host:port`, or several with commas. Without it `COCAINE_LOCATOR` of the environment
      counts, and then `localhost:10053`.
    - `runtime`: `"0.12"`, or `"0.11"`, whose protocol is another.
    - `version`: that its methods must have, if it matters.
    - `seed`: of a group of services the same one is chosen for the same seed.
    - `client`: a `Cocaine` in place of a locator and a runtime. All services of one share what it is set to, and of one
      name a connection.

    What is sent: `None`, `bool`, `int`, `float`, `str` (as UTF-8), `bytes`, lists and dicts of them. What comes is the same
    but for `str`: Cocaine knows bytes, and `whimbrel.cocaine.text` makes text of them.

    >>> from whimbrel import cocaine
    >>> node = cocaine.Service("node")
    >>> node.call("list", timeout=1.0)
    [b'demo']
    >>> cocaine.text(_)
    ['demo']
    """

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitService: ...

    def __init__(
        self,
        name: str,
        *,
        locator: str | None = None,
        runtime: Runtime = "0.12",
        version: int | None = None,
        seed: str | None = None,
        client: Cocaine | None = None,
    ) -> None:
        if client is None:
            from .client import Cocaine

            client = Cocaine(locator, runtime=runtime)
        elif locator is not None:
            raise TypeError("a client knows its locator: give one of the two")
        self._told = (name, version, seed, client._as(PLAIN))
        self._native = client._native.service(name, version, seed, False)

    @property
    def name(self) -> str:
        """Its name."""
        return self._told[0]

    def call(
        self,
        method: str,
        /,
        *arguments: Any,
        timeout: float | None = None,
        headers: Mapping[str | bytes, str | bytes] | None = None,
    ) -> Any:
        """The first answer of a method: a value, `None` of one that gives nothing, a list of one that gives several.

        `timeout` is for resolving, connecting and the answer together, in seconds; else the client's `deadline` holds.

        Raises what `whimbrel.errors` has, each with `service`, and if the service itself answered with an error with its
        `category`, `code` and, in its own words, `reason`. A method that is not there, and a message that may not come, are
        an `InvalidError`, before anything is sent.

        >>> from whimbrel import cocaine, errors
        >>> storage = cocaine.Service("storage")
        >>> storage.call("write", "samples", "1", b"steel", ["metal"])
        >>> storage.call("read", "samples", "1")
        b'steel'
        >>> try:
        ...     storage.call("read", "samples", "2")
        ... except errors.NotFoundError as error:
        ...     print(error.service, error.category, error.code)
        storage 12 2
        """
        return self._call(self._native.call(method, arguments, _headers(headers), timeout))

    def stream(
        self,
        method: str,
        /,
        *arguments: Any,
        timeout: float | None = None,
        headers: Mapping[str | bytes, str | bytes] | None = None,
    ) -> Stream[Any]:
        """All that a method answers, as it comes. `timeout` is for its beginning."""
        return self._stream(self._native.stream(method, arguments, _headers(headers), timeout), same)

    def open(
        self,
        method: str,
        /,
        *arguments: Any,
        timeout: float | None = None,
        headers: Mapping[str | bytes, str | bytes] | None = None,
    ) -> Channel:
        """A method that takes and gives chunks: `write`, `read`, `close`. `timeout` is for its beginning."""
        opened = self._native.open(method, arguments, _headers(headers), timeout)
        return self._call(opened, channel.opened(self._face))

    def resolved(self) -> Resolved:
        """What its name stands for: addresses, version, methods."""
        return self._call(self._native.resolved(), Resolved)

    def ping(self) -> float:
        """How long its connection takes to answer, in seconds. Runtimes before 0.12.14 know no such question."""
        return self._call(self._native.ping())

    def disconnect(self) -> None:
        """Lets go of the connection: what is open on it goes on, and the next call makes another."""
        self._native.disconnect()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(
                f"{type(self).__name__!r} has no attribute {name!r}; a method of the service is called by .call({name!r}, ...)",
                name=name,
                obj=self,
            )

    def __copy__(self) -> Service:
        same = object.__new__(type(self))
        same.__dict__.update(self.__dict__)
        return same

    def __reduce__(self) -> Any:
        return (_again, (type(self), *self._told, self._face.name if self._face is not SUBMIT else "plain"))

    def __repr__(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}({self.name!r})"


def made(kind: type[Service], client: Cocaine, name: str, version: int | None = None, seed: str | None = None) -> Any:
    """A service of a client's, which makes its calls as that does."""
    service = kind(name, version=version, seed=seed, client=client)
    service._face = PLAIN if client._face.name == SUBMIT.name else client._face
    return service


def _again(kind: type[Service], name: str, version: int | None, seed: str | None, client: Cocaine, face: str) -> Service:
    from .._face import AIO

    service = kind(name, version=version, seed=seed, client=client)
    service._face = AIO if face == AIO.name else PLAIN
    return service


def _headers(told: Mapping[str | bytes, str | bytes] | None) -> list[tuple[bytes, bytes]]:
    return [(_bytes(name), _bytes(value)) for name, value in (told or {}).items()]


def _bytes(it: str | bytes) -> bytes:
    if isinstance(it, str):
        return it.encode()
    if isinstance(it, (bytes, bytearray, memoryview)):
        return bytes(it)
    raise TypeError(f"{type(it).__name__} is neither bytes nor text: give bytes, or str")
