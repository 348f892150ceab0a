"""`whimbrel.dserver`, awaitable."""

from __future__ import annotations

from .. import dserver
from .._face import AIO
from ..dserver import Dataset

__all__ = ["Client", "Dataset"]


class Client(dserver.Client):
    """As `whimbrel.dserver.Client`; each call is awaited, and lists are gone through by `async for`."""

    _face = AIO
