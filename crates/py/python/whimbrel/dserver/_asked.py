"""What users give, as the server is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Union

from ..errors import InvalidError

#: A dataset: its URI, or what a server told of it.
Named = Union[str, Mapping[str, Any]]

#: One text, or several.
Texts = Union[str, Iterable[str]]


def uri(dataset: Named) -> str:
    """Where a dataset is."""
    return checked(dataset) if isinstance(dataset, str) else _told(dataset)


def checked(uri: str) -> str:
    """A URI. A UUID is none, and a server answers to it as to what is forbidden."""
    if len(uri) == 36 and uri.count("-") == 4 and set(uri) <= set("-0123456789abcdefABCDEF"):
        raise InvalidError(f"{uri}: this is a UUID, and a dataset is given by its URI: lookup() finds those of a UUID")
    return uri


def _told(dataset: Mapping[str, Any]) -> str:
    told = dataset["uri"]
    if not isinstance(told, str):
        raise TypeError(f"the URI of a dataset is a text, not {told!r}")
    return told


def uris(datasets: Iterable[Named]) -> list[str]:
    """Where they are, each once."""
    if isinstance(datasets, (str, Mapping)):
        raise TypeError("this is for many datasets: give a list of URIs or of datasets")
    return list(dict.fromkeys(it if isinstance(it, str) else _told(it) for it in datasets))


def texts(said: Texts) -> list[str]:
    """One text, or several, as a list."""
    return [said] if isinstance(said, str) else list(said)


def plain(value: Any, time: Callable[[datetime], Any] = datetime.timestamp) -> Any:
    """The same as JSON has it: times are seconds since 1970."""
    if isinstance(value, datetime):
        return time(value)
    if isinstance(value, Mapping):
        return {key: plain(it, time) for key, it in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(it, time) for it in value]
    return value


def question(value: Any) -> Any:
    """A question to MongoDB, as JSON has it."""
    return plain(value, _no_date)


def _no_date(time: datetime) -> Any:
    milliseconds = int(time.timestamp() * 1000)
    raise InvalidError(
        "MongoDB keeps times as dates, which JSON has not got, so nothing would be found by one; ask by "
        f'{{"$expr": {{"$gte": ["$created_at", {{"$toDate": {milliseconds}}}]}}}}'
    )
