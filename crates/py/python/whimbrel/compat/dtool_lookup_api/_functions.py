"""Functions that are methods of a configured client."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

from .core.LookupClient import ConfigurationBasedAuthenticatedLookupClient as Client

#: All of them: what a configured client can be told to do.
NAMES = tuple(
    name for name, _ in inspect.getmembers(Client, predicate=inspect.isfunction) if not name.startswith("_")
)


def function(name: str, module: str, call: Callable[..., Any]) -> Any:
    """The function of this name, made by `call` of the method and its arguments."""
    method = getattr(Client, name)
    message: str | None = getattr(method, "_deprecation", None)
    plain = method if message is None else method.__wrapped__

    def made(*arguments: Any, **options: Any) -> Any:
        if message is not None:
            warnings.warn(message, DeprecationWarning, stacklevel=2)
        return call(plain, *arguments, **options)

    signature = inspect.signature(plain)
    made.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    made.__name__, made.__qualname__, made.__module__, made.__doc__ = name, name, module, plain.__doc__
    return made
