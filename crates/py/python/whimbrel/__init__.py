"""One fast, concurrent, cached client for research-data services.

- `whimbrel.coscine`: RWTH's platform for research data.
- `whimbrel.dserver`: dtool's lookup server.
- `whimbrel.datasift`: filters over social data, live and from the archive.
- `whimbrel.cocaine`: services and apps of a Cocaine cloud.
- `whimbrel.gather`: many things at once: by key, in order, as they come.
- `whimbrel.aio`: the same names, awaitable.
- `whimbrel.compat`: the names of the packages `coscine`, `dtool_lookup_api`, `codap` and `cocaine`.
- `whimbrel.errors`: what can go wrong.

Each call can be made in three ways: plainly (it waits, also inside of a running event loop), through `.submit` (it gives a
`concurrent.futures.Future`), and in `whimbrel.aio` (it gives an awaitable).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._native import __version__

if TYPE_CHECKING:
    from . import aio, cocaine, compat, coscine, datasift, dserver, errors, gather

__all__ = ["__version__", "aio", "cocaine", "compat", "coscine", "datasift", "dserver", "errors", "gather"]

_MODULES = frozenset(__all__) - {"__version__"}


def __getattr__(name: str) -> Any:
    # A module is loaded when it is first used: `import whimbrel` costs next to nothing.
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__})
