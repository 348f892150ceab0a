"""The same names, awaitable."""

from __future__ import annotations

from . import coscine, dserver

__all__ = ["coscine", "dserver"]
