"""`cocaine.detail.trace`."""

from __future__ import annotations

import struct
from typing import NamedTuple

__all__ = ["Trace"]


class Trace(NamedTuple):
    """What a call is a part of: three numbers of 64 bits."""

    traceid: int
    spanid: int
    parentid: int

    def _headers(self) -> list[tuple[bytes, bytes]]:
        names = (b"trace_id", b"span_id", b"parent_id")
        return [(name, struct.pack("<Q", number)) for name, number in zip(names, self)]
