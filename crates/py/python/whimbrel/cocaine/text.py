"""Bytes that are text."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> Any:
    """The same with `str` in the place of all `bytes` that are UTF-8, keys too; other bytes stay.

    Cocaine has one kind of bytes, for text and for anything else, so what comes is `bytes`; only who asks knows which is
    which.

    >>> from whimbrel import cocaine
    >>> cocaine.text({b"state": b"running", b"load": [1, b"\\xff"]})
    {'state': 'running', 'load': [1, b'\\xff']}
    """
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, (list, tuple)):
        return type(value)(map(text, value))
    if isinstance(value, dict):
        return {text(key): text(it) for key, it in value.items()}
    return value
