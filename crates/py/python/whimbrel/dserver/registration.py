"""What datasets are registered with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Union

#: A time, or seconds since 1970, or RFC 3339.
Time = Union[datetime, float, str]


class _Needed(TypedDict):
    uuid: str
    #: Where it is.
    uri: str
    #: The base URI that it lies at; one that the user may register at.
    base_uri: str
    name: str
    creator_username: str
    frozen_at: Time
    #: Its items, as a `Manifest` has them, or `{"items": {}, "hash_function": ..., "dtoolcore_version": ...}`.
    manifest: Mapping[str, Any]


class Registration(_Needed, total=False):
    """What a dataset is registered with. The sizes are made from the manifest."""

    created_at: Time
    #: The text of its `README.yml`.
    readme: str
    #: Any JSON by name; 0.22 gives all values back as text.
    annotations: Mapping[str, Any]
    tags: list[str]
