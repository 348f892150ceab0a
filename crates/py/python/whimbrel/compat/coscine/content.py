"""Content on its way up: what scripts hand over, as whimbrel takes it."""

from __future__ import annotations

import io
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: How much is copied at once, in bytes.
_CHUNK = 1 << 20


@contextmanager
def content_of(handle: Any) -> Iterator[str | bytes]:
    """A file's path, or bytes: of a text, bytes, or an open binary file, which is at its end then.

    No file is ever in memory whole: one that is on the disk is sent from there, any other goes through one that is.
    """
    if isinstance(handle, str):
        yield handle.encode()
    elif isinstance(handle, (bytes, bytearray, memoryview)):
        yield bytes(handle)
    elif isinstance(handle, io.TextIOBase) or not hasattr(handle, "read"):
        raise TypeError("content is bytes, text, or a file that is open for bytes: open it with mode 'rb'")
    elif place := _on_disk(handle):
        yield place
        handle.seek(0, os.SEEK_END)
    else:
        with TemporaryDirectory(prefix="whimbrel-") as folder:
            copy = Path(folder) / "content"
            with copy.open("wb") as out:
                shutil.copyfileobj(handle, out, _CHUNK)
            yield str(copy)


def _on_disk(handle: Any) -> str | None:
    """The path of a file that is open for reading, at its start, and just what lies there."""
    file = handle.raw if isinstance(handle, io.BufferedReader) else handle
    if type(file) is not io.FileIO or not isinstance(file.name, str) or handle.tell() != 0:
        return None
    try:
        opened, there = os.fstat(file.fileno()), os.stat(file.name)
    except OSError:
        return None
    return file.name if os.path.samestat(opened, there) and stat.S_ISREG(there.st_mode) else None
