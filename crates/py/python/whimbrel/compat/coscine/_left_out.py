"""Names of the old package that do nothing here but say what does."""

from __future__ import annotations

from typing import Any


def left_out(why: str) -> Any:
    """A method that raises `NotImplementedError`: why it is none, and which call of whimbrel's does what it did."""

    def raises(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(why)

    raises.__doc__ = why
    setattr(raises, "left_out", why)
    return raises


def property_left_out(why: str) -> Any:
    """A property that raises it."""
    return property(left_out(why), doc=why)
