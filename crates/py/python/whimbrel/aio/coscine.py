"""`whimbrel.coscine`, awaitable."""

from __future__ import annotations

from .. import coscine
from .._face import AIO
from ..coscine import *  # noqa: F403
from ..coscine import __all__ as __all__


class Client(coscine.Client):
    """As `whimbrel.coscine.Client`; each call is awaited, and lists are gone through by `async for`."""

    _face = AIO
