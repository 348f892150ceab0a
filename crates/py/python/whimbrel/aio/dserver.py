"""`whimbrel.dserver`, awaitable."""

from __future__ import annotations

from .. import dserver
from .._face import AIO
from ..dserver import (
    BaseUri,
    Dataset,
    Downloaded,
    Existing,
    Feature,
    Features,
    Finding,
    Graph,
    Item,
    Manifest,
    Readme,
    Registration,
    Right,
    Summary,
    Uploaded,
    User,
    Verified,
)

__all__ = [
    "BaseUri",
    "Client",
    "Dataset",
    "Downloaded",
    "Existing",
    "Feature",
    "Features",
    "Finding",
    "Graph",
    "Item",
    "Manifest",
    "Readme",
    "Registration",
    "Right",
    "Summary",
    "Uploaded",
    "User",
    "Verified",
]


class Client(dserver.Client):
    """As `whimbrel.dserver.Client`; each call is awaited, and lists are gone through by `async for`."""

    _face = AIO
