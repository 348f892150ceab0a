"""`whimbrel.cocaine`, awaitable."""

from __future__ import annotations

from .. import cocaine
from .._face import AIO
from ..cocaine import *  # noqa: F403
from ..cocaine import __all__ as __all__


class Cocaine(cocaine.Cocaine):
    """As `whimbrel.cocaine.Cocaine`; each call of its services is awaited."""

    _face = AIO


class Service(cocaine.Service):
    """As `whimbrel.cocaine.Service`; each call is awaited, and streams are gone through by `async for`."""

    _face = AIO


class App(cocaine.App):
    """As `whimbrel.cocaine.App`; each call is awaited."""

    _face = AIO


class Storage(cocaine.Storage):
    """As `whimbrel.cocaine.Storage`; each call is awaited."""

    _face = AIO


class Logging(cocaine.Logging):
    """As `whimbrel.cocaine.Logging`; each call is awaited."""

    _face = AIO


class Cache(cocaine.Cache):
    """As `whimbrel.cocaine.Cache`; each call is awaited."""

    _face = AIO


class Node(cocaine.Node):
    """As `whimbrel.cocaine.Node`; each call is awaited."""

    _face = AIO


class Locator(cocaine.Locator):
    """As `whimbrel.cocaine.Locator`; each call is awaited."""

    _face = AIO


class Unicorn(cocaine.Unicorn):
    """As `whimbrel.cocaine.Unicorn`; each call is awaited, and streams are gone through by `async for`."""

    _face = AIO
