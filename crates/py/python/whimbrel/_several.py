"""Several texts, as they are told."""

from __future__ import annotations

from collections.abc import Iterable


def several(name: str, told: Iterable[str]) -> list[str]:
    """A list of them. A text is one of its letters, too, which nobody means: one alone stands in a list."""
    if isinstance(told, (str, bytes)):
        raise TypeError(f"{name} are several: give a list, such as [{told!r}]")
    return [*told]
