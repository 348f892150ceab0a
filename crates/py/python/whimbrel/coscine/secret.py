"""Secrets that a service tells: they are shown by nothing but being asked for."""

from __future__ import annotations

from typing import Any, NoReturn

from .._secret import Secret as Secret


class Keys:
    """A pair of S3 keys: `access` names it, `secret` proves it. Neither `repr` nor a pickle tells them."""

    __slots__ = ("access", "secret")

    def __init__(self, access: str, secret: str) -> None:
        self.access = access
        self.secret = secret

    def __repr__(self) -> str:
        return "<keys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not pickled: ask for them again with Resource.s3()")


class S3:
    """A bucket, and the keys to it.

    - `bucket`: its name.
    - `endpoint`: the URL of the S3 service.
    - `read`, `write`: what opens it for reading, and for reading and writing.
    """

    __slots__ = ("bucket", "endpoint", "read", "write")

    def __init__(self, bucket: str, endpoint: str, read: Keys, write: Keys) -> None:
        self.bucket = bucket
        self.endpoint = endpoint
        self.read = read
        self.write = write

    def __repr__(self) -> str:
        return f"S3(bucket={self.bucket!r}, endpoint={self.endpoint!r})"


def s3(told: Any) -> S3:
    """A bucket, of what the native part gives."""
    bucket, endpoint, read, write = told
    return S3(bucket, endpoint, Keys(*read), Keys(*write))
