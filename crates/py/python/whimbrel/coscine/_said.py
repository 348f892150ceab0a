"""What users say, as the native part takes it."""

from __future__ import annotations

from typing import Any


def said(**given: Any) -> dict[str, Any]:
    """What is given of all that can be."""
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(it) for it in value]
    return value


def date(value: Any) -> Any:
    """A time as text; `None` stays."""
    return None if value is None else _plain(value)
