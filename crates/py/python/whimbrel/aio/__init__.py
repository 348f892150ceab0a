"""The same names, awaitable."""

from __future__ import annotations

from . import dserver

__all__ = ["dserver"]
