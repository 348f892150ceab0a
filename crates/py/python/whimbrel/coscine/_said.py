"""What users say, as the native part takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload


def said(**given: Any) -> dict[str, Any]:
    """What is given of all that can be."""
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(it) for it in value]
    return value


@overload
def texts(given: Iterable[str]) -> list[str]: ...
@overload
def texts(given: Iterable[str] | None) -> list[str] | None: ...
def texts(given: Iterable[str] | None) -> list[str] | None:
    """Several texts as a list; one alone is one, and not its letters. `None` stays."""
    return [given] if isinstance(given, str) else None if given is None else list(given)


def date(value: Any) -> Any:
    """A time as text; `None` stays."""
    return None if value is None else _plain(value)
