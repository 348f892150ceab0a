"""`cocaine.detail.channel`."""

from __future__ import annotations

from .._channel import Channel, EmptyResponse, Rx, Tx

__all__ = ["Channel", "EmptyResponse", "Rx", "Tx"]
