"""Cocaine: services and apps of a cloud, called by name over its own protocol.

>>> from whimbrel import cocaine
>>> node = cocaine.Service("node")                     # `COCAINE_LOCATOR`, or localhost:10053
>>> cocaine.text(node.call("list", timeout=1.0))
['demo']

`Service` has any service, whatever its methods: `call` for one answer, `stream` for all that comes, `open` for chunks both
ways. `Storage`, `Logging`, `Cache`, `Node`, `Locator`, `Unicorn` and `App` have types. Services of one `Cocaine` share what
it is set to, and their connections.
"""

from __future__ import annotations

from .._stream import Stream
from .app import App
from .channel import Channel
from .client import Cocaine
from .service import Resolved, Runtime, Service
from .text import text
from .typed import Cache, Locator, Logging, Node, Storage
from .unicorn import Lock, Unicorn, Versioned

__all__ = [
    "App",
    "Cache",
    "Channel",
    "Cocaine",
    "Locator",
    "Lock",
    "Logging",
    "Node",
    "Resolved",
    "Runtime",
    "Service",
    "Storage",
    "Stream",
    "Unicorn",
    "Versioned",
    "text",
]
