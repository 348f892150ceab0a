"""The services that every runtime has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._several import several
from . import channel
from .channel import Channel
from .service import Resolved, Service, _bytes
from .text import text

if TYPE_CHECKING:
    from ._submit import SubmitCache, SubmitLocator, SubmitLogging, SubmitNode, SubmitStorage
    from .client import Cocaine


#: Names, in the order in which they were told.
Names = list[str]


class Typed(Service):
    """A service whose name is known."""

    #: As the locator knows it.
    _name = ""

    def __init__(self, name: str | None = None, **told: Any) -> None:
        super().__init__(name or self._name, **told)

    @property
    def _cocaine(self) -> Any:
        return self._told[3]._native


class Storage(Typed):
    """Content by namespace and key, with tags that it is found by.

    >>> from whimbrel import cocaine
    >>> storage = cocaine.Storage()
    >>> storage.write("runs", "42", b"content", ["steel"])
    >>> storage.find("runs", ["steel"]), storage.read("runs", "42")
    (['42'], b'content')
    """

    _name = "storage"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitStorage: ...

    def read(self, namespace: str, key: str) -> bytes:
        """The content of a key. Raises `NotFoundError` if there is none."""
        return self._call(self._cocaine.storage_read(namespace, key))

    def write(self, namespace: str, key: str, content: bytes | str, tags: Iterable[str] = ()) -> None:
        """Keeps content (`str` as UTF-8) under a key, in place of what is there."""
        native = self._cocaine.storage_write(namespace, key, _bytes(content), several("tags", tags))
        return self._call(native)

    def remove(self, namespace: str, key: str) -> None:
        """Removes a key; one that is not there is no error."""
        return self._call(self._cocaine.storage_remove(namespace, key))

    def find(self, namespace: str, tags: Iterable[str]) -> list[str]:
        """The keys that have all of these tags."""
        return self._call(self._cocaine.storage_find(namespace, several("tags", tags)))


class Logging(Typed):
    """Where services and apps log: 0 is for debugging, 1 informs, 2 warns, 3 is an error."""

    _name = "logging"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitLogging: ...

    def emit(self, level: int, source: str, message: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Logs a message. Nobody answers: that it has been sent is all that is known."""
        return self._call(self._cocaine.emit(level, source, message, list((attributes or {}).items())))

    def verbosity(self) -> int:
        """The least grave level that is kept."""
        return self._call(self._cocaine.verbosity())


class Cache(Typed):
    """Values in the memory of a machine, for as long as there is room."""

    _name = "cache"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitCache: ...

    def get(self, key: str) -> bytes | None:
        """The value of a key, if it is there."""
        return self._call(self._cocaine.cache_get(key))

    def put(self, key: str, value: bytes | str) -> None:
        """Keeps a value (`str` as UTF-8) under a key."""
        return self._call(self._cocaine.cache_put(key, _bytes(value)))


class Node(Typed):
    """The apps of a machine.

    >>> from whimbrel import cocaine
    >>> node = cocaine.Node()
    >>> node.list(), node.info("demo")["state"]
    (['demo'], 'running')
    """

    _name = "node"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitNode: ...

    def list(self) -> Names:
        """The apps that run."""
        return self._call(self._cocaine.apps())

    def start_app(self, app: str, profile: str) -> None:
        """Starts an app by a profile. Raises `ConflictError` if it runs, `NotFoundError` if it or its profile is not there."""
        return self._call(self._cocaine.start_app(app, profile))

    def pause_app(self, app: str) -> None:
        """Stops an app. Raises `ConflictError` if it does not run."""
        return self._call(self._cocaine.pause_app(app))

    def info(self, app: str) -> dict[str, Any]:
        """How an app is: its state, its load, its queue. Raises `InvalidError` if it does not run."""
        return self._call(self._cocaine.node_info(app), text)

    def enqueue(self, app: str, event: str, *, timeout: float | None = None) -> Channel:
        """Begins an event of an app."""
        return self._call(self._native.open("enqueue", (app, event), [], timeout), channel.opened(self._face))


class Locator(Typed):
    """The service that knows all others."""

    _name = "locator"

    if TYPE_CHECKING:

        @property
        def submit(self) -> SubmitLocator: ...

    def __init__(self, name: str | None = None, **told: Any) -> None:
        super().__init__(name, **told)
        # Its methods are known before it is asked.
        self._native = self._cocaine.locator()

    def resolve(self, name: str) -> Resolved:
        """What a name stands for. Raises `NotFoundError` if it is not known."""
        return self._call(self._cocaine.resolve(name), Resolved)

    def cluster(self) -> dict[str, Any]:
        """The machines of the cluster: ids and addresses."""
        return self._call(self._cocaine.cluster(), text)

    def uuid(self) -> str:
        """The id of this machine."""
        return self._call(self._cocaine.uuid())

    def refresh(self, groups: Iterable[str]) -> None:
        """Reads groups of services anew from the storage."""
        return self._call(self._cocaine.refresh([*groups]))
