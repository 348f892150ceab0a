"""Old names, each with a warning that names the new one."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def deprecated(replacement: str) -> Callable[[F], F]:
    """Marks a function as one that has a better one."""

    def mark(function: F) -> F:
        message = f"Call to deprecated function {function.__name__}. Use '{replacement}' instead."

        @functools.wraps(function)
        def warns(*arguments: Any, **options: Any) -> Any:
            # The line that a warning shows is the caller's.
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*arguments, **options)

        warns._deprecation = message  # type: ignore[attr-defined]
        return warns  # type: ignore[return-value]

    return mark
