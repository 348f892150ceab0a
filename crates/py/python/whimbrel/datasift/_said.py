"""What Python says, as the native part takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .._secret import Secret
from ..errors import InvalidError

#: Under these names services keep what proves who one is.
_PROOFS = frozenset({"access_key", "api_key", "key", "password", "private_key", "secret", "secret_key", "token", "value"})


def seconds(at: datetime | None) -> int | None:
    """A time as the service takes it: in whole seconds."""
    if at is None:
        return None
    if not isinstance(at, datetime):
        raise TypeError(f"{at!r} is no datetime: give datetime(..., tzinfo=timezone.utc), or datetime.fromtimestamp(seconds, timezone.utc)")
    if at.tzinfo is None:
        raise InvalidError(f"{at!r} does not say its zone: give datetime(..., tzinfo=timezone.utc), or .astimezone()")
    return int(at.timestamp())


def revealed(said: Any) -> Any:
    """The same with the texts of secrets, to be sent to the service that told them."""
    if isinstance(said, Secret):
        return said.reveal()
    if isinstance(said, (list, tuple)):
        return [revealed(it) for it in said]
    if hasattr(said, "items"):
        return {name: revealed(it) for name, it in said.items()}
    return said


def hidden(told: Any) -> Any:
    """The same with its proofs as secrets, which nothing shows."""
    if isinstance(told, list):
        return [hidden(it) for it in told]
    if isinstance(told, dict):
        return {
            name: Secret(it) if name in _PROOFS and isinstance(it, str) else hidden(it) for name, it in told.items()
        }
    return told
