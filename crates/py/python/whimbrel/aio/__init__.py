"""The same names, awaitable."""

from __future__ import annotations

from . import cocaine, coscine, dserver

__all__ = ["cocaine", "coscine", "dserver"]
