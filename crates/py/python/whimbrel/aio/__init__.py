"""The same names, awaitable."""

from __future__ import annotations

from . import cocaine, coscine, datasift, dserver

__all__ = ["cocaine", "coscine", "datasift", "dserver"]
