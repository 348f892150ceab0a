"""`cocaine.asio.service`, of 0.11."""

from __future__ import annotations

from ..services import Locator, Service

__all__ = ["Locator", "Service"]
