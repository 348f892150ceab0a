"""The clients, and what they are configured by."""

from __future__ import annotations

from . import LookupClient, config

__all__ = ["LookupClient", "config"]
