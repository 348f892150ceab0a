"""Written by crates/py/faces.py from the sources of `whimbrel.cocaine`; not to be edited."""

from __future__ import annotations
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from whimbrel._face import Face
from whimbrel._face import PLAIN
from whimbrel._native import Token
from whimbrel._stream import Stream as Stream
from whimbrel.aio._stream import AsyncStream
from whimbrel.cocaine._submit import SubmitApp
from whimbrel.cocaine._submit import SubmitCache
from whimbrel.cocaine._submit import SubmitChannel
from whimbrel.cocaine._submit import SubmitCocaine
from whimbrel.cocaine._submit import SubmitLocator
from whimbrel.cocaine._submit import SubmitLogging
from whimbrel.cocaine._submit import SubmitNode
from whimbrel.cocaine._submit import SubmitService
from whimbrel.cocaine._submit import SubmitStorage
from whimbrel.cocaine._submit import SubmitTyped
from whimbrel.cocaine._submit import SubmitUnicorn
from whimbrel.cocaine.service import Resolved as Resolved
from whimbrel.cocaine.service import Runtime as Runtime
from whimbrel.cocaine.text import text as text
from whimbrel.cocaine.typed import Names
from whimbrel.cocaine.unicorn import Lock as Lock
from whimbrel.cocaine.unicorn import Versioned as Versioned

class Channel:
    """Chunks both ways. It is gone through for what comes, to the end of it.

    At the end of a `with` block (`async with`, if it is awaited), and when nobody holds it any more, the service is told
    the end. It belongs to the process that opened it.

    >>> from whimbrel import cocaine
    >>> with cocaine.Service("demo").open("enqueue", "chunks") as channel:
    ...     channel.write("3")
    ...     list(channel)
    [b'chunk0', b'chunk1', b'chunk2']
    """
    def __init__(self, native: Any, face: Face=PLAIN) -> None: ...
    def write(self, chunk: Any) -> Awaitable[None]:
        """Sends a chunk, when there is room for it. Chunks go out in the order in which they are written, awaited or not."""
    def close(self) -> Awaitable[None]:
        """Sends the end; what comes can still be read."""
    def fail(self, code: int, message: str) -> Awaitable[None]:
        """Sends an end that tells of a failure."""
    def send(self, name: str, *arguments: Any) -> Awaitable[None]:
        """Sends a message by its name, for services that take others than chunks: see `sends`.
    
        Raises `InvalidError`, before anything is sent, if it may not come now.
        """
    def read(self, *, timeout: float | None=None) -> Awaitable[Any]:
        """What comes next: one value, `None` of a message that has none, a list of one that has several.
    
        Raises `EOFError` at the end, and `TimeoutError` if nothing comes within `timeout` seconds; what comes later can
        still be read.
        """
    def release(self) -> None:
        """Lets go of it now, without a wait: the service is told the end if it was not, and nothing more can be read."""
    @property
    def sends(self) -> tuple[str, ...]:
        """The names of what may be sent."""
    @property
    def comes(self) -> tuple[str, ...]:
        """The names of what may come."""
    def __aiter__(self) -> AsyncIterator[Any]: ...
    async def __aenter__(self) -> Channel: ...
    async def __aexit__(self, *_: object) -> None: ...
    @property
    def submit(self) -> SubmitChannel: ...

class Cocaine:
    """The services that a locator knows. All services of one client that have one name share a connection.

    - `locator`: where a locator is, as `host:port`, or several with commas, which are tried in turn. Without it
      `COCAINE_LOCATOR` of the environment counts, and then `localhost:10053`.
    - `runtime`: `"0.12"`, or `"0.11"`, whose protocol is another.
    - `deadline`: how long a call may take, resolving and connecting included, in seconds.
    - `tvm_client`, `tvm_secret`: who asks the service `tvm` for tickets, which then go with each call. A ticket is asked
      for again after `ticket_seconds`.

    A client pickles as what it is set to, without the secret; where no locator was given, the environment counts there.

    >>> from whimbrel import cocaine
    >>> client = cocaine.Cocaine(deadline=10)
    >>> client.storage().write("runs", "42", b"content", ["steel"])
    >>> client.service("storage").call("find", "runs", ["steel"])
    [b'42']
    """
    def __init__(self, locator: str | None=None, *, runtime: Runtime='0.12', deadline: float=60, tvm_client: int | None=None, tvm_secret: str | Token | None=None, ticket_seconds: float=600) -> None: ...
    def service(self, name: str, *, version: int | None=None, seed: str | None=None) -> Service:
        """Any service by its name; of this version only, or of a group always the same one for the same seed."""
    def app(self, name: str) -> App:
        """An app by its name."""
    def storage(self) -> Storage:
        """Content by namespace and key."""
    def logging(self) -> Logging:
        """Where services and apps log."""
    def cache(self) -> Cache:
        """Values in the memory of a machine."""
    def node(self) -> Node:
        """The apps of a machine."""
    def locator(self) -> Locator:
        """The service that knows all others."""
    def unicorn(self) -> Unicorn:
        """Settings and locks that all machines share."""
    @property
    def submit(self) -> SubmitCocaine: ...

class Service:
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
    def __init__(self, name: str, *, locator: str | None=None, runtime: Runtime='0.12', version: int | None=None, seed: str | None=None, client: Cocaine | None=None) -> None: ...
    @property
    def name(self) -> str:
        """Its name."""
    def call(self, method: str, /, *arguments: Any, timeout: float | None=None, headers: Mapping[str | bytes, str | bytes] | None=None) -> Awaitable[Any]:
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
    def stream(self, method: str, /, *arguments: Any, timeout: float | None=None, headers: Mapping[str | bytes, str | bytes] | None=None) -> AsyncStream[Any]:
        """All that a method answers, as it comes. `timeout` is for its beginning."""
    def open(self, method: str, /, *arguments: Any, timeout: float | None=None, headers: Mapping[str | bytes, str | bytes] | None=None) -> Awaitable[Channel]:
        """A method that takes and gives chunks: `write`, `read`, `close`. `timeout` is for its beginning."""
    def resolved(self) -> Awaitable[Resolved]:
        """What its name stands for: addresses, version, methods."""
    def ping(self) -> Awaitable[float]:
        """How long its connection takes to answer, in seconds. Runtimes before 0.12.14 know no such question."""
    def disconnect(self) -> None:
        """Lets go of the connection: what is open on it goes on, and the next call makes another."""
    @property
    def submit(self) -> SubmitService: ...

class Typed(Service):
    """A service whose name is known."""
    def __init__(self, name: str | None=None, **told: Any) -> None: ...
    @property
    def submit(self) -> SubmitTyped: ...

class Storage(Typed):
    """Content by namespace and key, with tags that it is found by.

    >>> from whimbrel import cocaine
    >>> storage = cocaine.Storage()
    >>> storage.write("runs", "42", b"content", ["steel"])
    >>> storage.find("runs", ["steel"]), storage.read("runs", "42")
    (['42'], b'content')
    """
    def read(self, namespace: str, key: str) -> Awaitable[bytes]:
        """The content of a key. Raises `NotFoundError` if there is none."""
    def write(self, namespace: str, key: str, content: bytes | str, tags: Iterable[str]=()) -> Awaitable[None]:
        """Keeps content (`str` as UTF-8) under a key, in place of what is there."""
    def remove(self, namespace: str, key: str) -> Awaitable[None]:
        """Removes a key; one that is not there is no error."""
    def find(self, namespace: str, tags: Iterable[str]) -> Awaitable[list[str]]:
        """The keys that have all of these tags."""
    @property
    def submit(self) -> SubmitStorage: ...

class Logging(Typed):
    """Where services and apps log: 0 is for debugging, 1 informs, 2 warns, 3 is an error."""
    def emit(self, level: int, source: str, message: str, attributes: Mapping[str, Any] | None=None) -> Awaitable[None]:
        """Logs a message. Nobody answers: that it has been sent is all that is known."""
    def verbosity(self) -> Awaitable[int]:
        """The least grave level that is kept."""
    @property
    def submit(self) -> SubmitLogging: ...

class Cache(Typed):
    """Values in the memory of a machine, for as long as there is room."""
    def get(self, key: str) -> Awaitable[bytes | None]:
        """The value of a key, if it is there."""
    def put(self, key: str, value: bytes | str) -> Awaitable[None]:
        """Keeps a value (`str` as UTF-8) under a key."""
    @property
    def submit(self) -> SubmitCache: ...

class Node(Typed):
    """The apps of a machine.

    >>> from whimbrel import cocaine
    >>> node = cocaine.Node()
    >>> node.list(), node.info("demo")["state"]
    (['demo'], 'running')
    """
    def list(self) -> Awaitable[Names]:
        """The apps that run."""
    def start_app(self, app: str, profile: str) -> Awaitable[None]:
        """Starts an app by a profile. Raises `ConflictError` if it runs, `NotFoundError` if it or its profile is not there."""
    def pause_app(self, app: str) -> Awaitable[None]:
        """Stops an app. Raises `ConflictError` if it does not run."""
    def info(self, app: str) -> Awaitable[dict[str, Any]]:
        """How an app is: its state, its load, its queue. Raises `InvalidError` if it does not run."""
    def enqueue(self, app: str, event: str, *, timeout: float | None=None) -> Awaitable[Channel]:
        """Begins an event of an app."""
    @property
    def submit(self) -> SubmitNode: ...

class Locator(Typed):
    """The service that knows all others."""
    def __init__(self, name: str | None=None, **told: Any) -> None: ...
    def resolve(self, name: str) -> Awaitable[Resolved]:
        """What a name stands for. Raises `NotFoundError` if it is not known."""
    def cluster(self) -> Awaitable[dict[str, Any]]:
        """The machines of the cluster: ids and addresses."""
    def uuid(self) -> Awaitable[str]:
        """The id of this machine."""
    def refresh(self, groups: Iterable[str]) -> Awaitable[None]:
        """Reads groups of services anew from the storage."""
    @property
    def submit(self) -> SubmitLocator: ...

class Unicorn(Typed):
    """Settings and locks that all machines share, by path. The runtime needs a ZooKeeper for it."""
    def get(self, path: str) -> Awaitable[Versioned]:
        """The value at a path. Raises `NotFoundError` if there is none."""
    def create(self, path: str, value: Any) -> Awaitable[bool]:
        """Makes a path with a value; whether it was made. Raises `ConflictError` if it is there."""
    def put(self, path: str, value: Any, version: int) -> Awaitable[tuple[bool, Versioned]]:
        """Changes the value of a version; whether that was its version, and what it is now."""
    def remove(self, path: str, version: int) -> Awaitable[None]:
        """Removes a path whose value has this version. Raises `ConflictError` if it has another."""
    def increment(self, path: str, by: int=1) -> Awaitable[Versioned]:
        """Adds to a number; what it is then."""
    def subscribe(self, path: str) -> AsyncStream[Versioned]:
        """The value at a path, now and whenever it changes."""
    def children(self, path: str) -> AsyncStream[list[str]]:
        """The names below a path, now and whenever one comes or goes."""
    def lock(self, path: str) -> Awaitable[Lock]:
        """Waits for a lock."""
    @property
    def submit(self) -> SubmitUnicorn: ...

class App(Service):
    """An app: events by their names, each with chunks both ways.

    >>> from whimbrel import cocaine
    >>> with cocaine.App("demo").enqueue("upper") as channel:
    ...     channel.write("steel")
    ...     channel.read(timeout=1)
    b'STEEL'
    """
    def enqueue(self, event: str, *arguments: Any, timeout: float | None=None) -> Awaitable[Channel]:
        """Begins an event. Of runtime 0.11 the first chunk goes with it."""
    def info(self) -> Awaitable[dict[str, Any]]:
        """How it is: its state, its load, its queue."""
    @property
    def submit(self) -> SubmitApp: ...
