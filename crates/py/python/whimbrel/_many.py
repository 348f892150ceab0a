"""Answers to one question about many things: each has an answer of its own, or an error of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, Union

from ._native import List
from .errors import Error

V = TypeVar("V")


class Answers(Mapping[str, V]):
    """All answers, by what was asked about.

    A mapping of what was answered, in the order in which it was asked. What failed is in `failed`; whoever reads it by
    its name gets its own error.

    >>> from whimbrel import dserver
    >>> client = dserver.Client()
    >>> found = [it.uri for it in client.search("tag:simulation")]
    >>> readmes = client.readmes([*found, "file://localhost/dtool/base1/none"]).all()
    >>> len(readmes), list(readmes.failed)
    (5, ['file://localhost/dtool/base1/none'])
    """

    #: What failed, and why.
    failed: dict[str, Error]

    def __init__(self, answered: dict[str, V], failed: dict[str, Error]) -> None:
        self._answered = answered
        self.failed = failed

    @classmethod
    def of(cls, names: Iterable[str], value: Callable[[Any], V], told: Iterable[Any]) -> Answers[V]:
        answered: dict[str, V] = {}
        failed: dict[str, Error] = {}
        for name, answer, error in told:
            if error is None:
                answered[name] = value(answer)
            else:
                failed[name] = error
        return cls(
            {name: answered[name] for name in names if name in answered},
            {name: failed[name] for name in names if name in failed},
        )

    def __getitem__(self, name: str) -> V:
        if name in self.failed:
            raise self.failed[name]
        return self._answered[name]

    def __contains__(self, name: object) -> bool:
        return name in self._answered

    def get(self, name: str, default: Any = None) -> Any:
        """The answer; of what failed, as of what was not asked about, the default."""
        return self._answered.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._answered)

    def __len__(self) -> int:
        return len(self._answered)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} answered, {len(self.failed)} failed>"


class Many(Generic[V]):
    """Answers as they arrive: pairs of what was asked about, and the answer or the error.

    One that fails does not fail the others. Nothing is asked before one goes through it, and going through it twice asks
    twice: `all()` keeps the answers. Who stops early leaves no request on its way.
    """

    def __init__(self, native: List, names: Sequence[str], value: Callable[[Any], V]) -> None:
        self._native = native
        self._names = names
        self._value = value

    def __iter__(self) -> Iterator[tuple[str, Union[V, Error]]]:
        cursor = self._native.cursor()
        while (batch := cursor.next().wait(None)) is not None:
            for name, answer, error in batch[0]:
                yield name, error if error is not None else self._value(answer)

    def __len__(self) -> int:
        return len(self._names)

    def all(self) -> Answers[V]:
        """All of them, by what was asked about."""
        return Answers.of(self._names, self._value, self._native.all().wait(None))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}, not asked yet>"
