"""`cocaine.decorators`: tornado's coroutines, where tornado is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["coroutine"]


def coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    """Makes of a generator what can be yielded; it needs tornado."""
    from tornado import gen

    return gen.coroutine(function)
