"""Secrets that a service tells: they are shown by nothing but being asked for."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A secret. `reveal()` tells it; neither `repr` nor a pickle does."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def reveal(self) -> str:
        """The secret itself."""
        return self._secret

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: hand on what it is for, or reveal() it")
