"""`whimbrel.datasift`, awaitable."""

from __future__ import annotations

from .. import datasift
from .._face import AIO
from ..datasift import *  # noqa: F403
from ..datasift import __all__ as __all__


class Client(datasift.Client):
    """As `whimbrel.datasift.Client`; each call is awaited, and lists are gone through by `async for`."""

    _face = AIO
