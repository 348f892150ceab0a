"""Calls by key."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

from .._future import Future
from . import _tasks, _wait
from ._gathering import AnyCall, Gathering

K = TypeVar("K")
T = TypeVar("T")
D = TypeVar("D")


class KV(Gathering, Mapping[K, T], Generic[K, T]):
    """Calls by key: a mapping of what comes of them. Reading waits for the one that is read; its own error is raised there.

    >>> from whimbrel.gather import KV
    >>> page = KV(limit=8)
    >>> page["user"] = lambda: "ada"
    >>> _ = page.put("cats", lambda user, limit=10: [f"cat of {user}"] * limit, "ada", limit=2)
    >>> "{user}: {cats}".format(**page)
    "ada: ['cat of ada', 'cat of ada']"
    >>> page.join()
    {'user': 'ada', 'cats': ['cat of ada', 'cat of ada']}

    - `calls`: calls by key that need no arguments.
    - `limit`: how many run at once.
    - `deadline`: when what is not done has failed, in seconds from now.
    """

    def __init__(
        self,
        calls: Mapping[K, AnyCall] | Iterable[tuple[K, AnyCall]] = (),
        /,
        *,
        limit: int | None = None,
        deadline: float | None = None,
    ) -> None:
        super().__init__(limit=limit, deadline=deadline)
        self._replies: dict[K, Future[T]] = {}
        for key, call in calls.items() if isinstance(calls, Mapping) else calls:
            self.put(key, call)

    def put(self, key: K, call: AnyCall, /, *args: Any, **kwargs: Any) -> Future[T]:
        """Begins a call, with these arguments, and gives its future. What had this key before is cancelled."""
        return self._keep(key, self._tasks.begin(call, args, kwargs))

    def _keep(self, key: K, reply: Future[T]) -> Future[T]:
        former = self._replies.pop(key, None)
        self._replies[key] = reply
        if former is not None and former is not reply:
            former.cancel()
        return reply

    def __setitem__(self, key: K, call: AnyCall) -> None:
        self.put(key, call)

    def __delitem__(self, key: K) -> None:
        """Cancels it, and forgets it."""
        self._replies.pop(key).cancel()

    def __getitem__(self, key: K) -> T:
        return _wait.read(self._replies[key])

    @overload
    def get(self, key: K, /) -> T | None: ...
    @overload
    def get(self, key: K, /, default: T | D, *, timeout: float | None = None) -> T | D: ...
    @overload
    def get(self, key: K, /, *, timeout: float | None) -> T | None: ...
    def get(self, key: K, /, default: Any = None, *, timeout: float | None = None) -> Any:
        """What came of this key's call; `default` where there is no such key. Waits no longer than `timeout` seconds, and
        then raises a `TimeoutError`."""
        reply = self._replies.get(key)
        return default if reply is None else _wait.read(reply, timeout)

    def reply(self, key: K) -> Future[T]:
        """The future of this key's call, to be awaited or cancelled."""
        return self._replies[key]

    def join(self, timeout: float | None = None) -> dict[K, T]:
        """Waits for all of them, and gives all values by key.

        Raises `Failed` with all that failed, and a `TimeoutError` after so many seconds. `await kv` is the same in a
        coroutine.
        """
        return _tasks.joined(self._replies.items(), timeout)

    def __await__(self) -> Generator[Any, None, dict[K, T]]:
        return _tasks.joined_here(self._replies.items()).__await__()

    # Who asks whether there is a key, or which there are, waits for nothing.

    def __contains__(self, key: object) -> bool:
        return key in self._replies

    def __iter__(self) -> Iterator[K]:
        return iter(self._replies)

    def __len__(self) -> int:
        return len(self._replies)

    def __repr__(self) -> str:
        return self._of(list(self._replies.values()))
