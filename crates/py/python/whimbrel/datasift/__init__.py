"""DataSift: filters over social data, live and from the archive."""

from __future__ import annotations

from .client import Client
from .definition import Compiled, Validated

__all__ = ["Client", "Compiled", "Validated"]
