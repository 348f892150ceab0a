"""What users give, as the server is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Union

#: A dataset: its URI, or what a server told of it.
Named = Union[str, Mapping[str, Any]]

#: One text, or several.
Texts = Union[str, Iterable[str]]


def uri(dataset: Named) -> str:
    """Where a dataset is."""
    if isinstance(dataset, str):
        return dataset
    told = dataset["uri"]
    if not isinstance(told, str):
        raise TypeError(f"the URI of a dataset is a text, not {told!r}")
    return told


def uris(datasets: Iterable[Named]) -> list[str]:
    """Where they are, each once."""
    if isinstance(datasets, (str, Mapping)):
        raise TypeError("this is for many datasets: give a list of URIs or of datasets")
    return list(dict.fromkeys(map(uri, datasets)))


def texts(said: Texts) -> list[str]:
    """One text, or several, as a list."""
    return [said] if isinstance(said, str) else list(said)


def plain(value: Any) -> Any:
    """The same as JSON has it: times are seconds since 1970, as the server keeps them."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {key: plain(it) for key, it in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(it) for it in value]
    return value
