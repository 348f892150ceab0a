"""Datasets, as their server knows them."""

from __future__ import annotations

from datetime import datetime

from .._record import Record


class Dataset(Record):
    """A dataset in the server's index. Two copies of one dataset have one UUID and two URIs."""

    __slots__ = ()
    _shown = ("name", "uri")

    uri: str
    uuid: str
    name: str
    base_uri: str | None
    creator_username: str
    created_at: datetime | None
    frozen_at: datetime | None
    number_of_items: int | None
    size_in_bytes: int | None
