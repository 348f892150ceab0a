"""Users, base URIs, and what they have to do with each other."""

from __future__ import annotations

from typing import Literal

from .._record import Record

#: What a user may do at a base URI: see its datasets, or register some.
Right = Literal["search", "register"]


class User(Record):
    """A user of the server. Lists tell the name and whether it is an administrator; the rights come with one user."""

    __slots__ = ()
    _shown = ("username", "is_admin")

    #: The name, as tokens have it.
    username: str
    is_admin: bool
    #: The name for people, where the server has one.
    display_name: str | None
    search_permissions_on_base_uris: list[str] | None
    register_permissions_on_base_uris: list[str] | None


class BaseUri(Record):
    """A place at which datasets lie: a bucket, a folder. Rights are given by it, and told with one, not in lists."""

    __slots__ = ()
    _shown = ("base_uri",)

    base_uri: str
    users_with_search_permissions: list[str] | None
    users_with_register_permissions: list[str] | None


class Summary(Record):
    """Counts over all datasets that a user can see."""

    __slots__ = ()
    _shown = ("number_of_datasets", "total_size_in_bytes")

    number_of_datasets: int
    total_size_in_bytes: int
    creator_usernames: list[str]
    base_uris: list[str]
    tags: list[str]
    datasets_per_creator: dict[str, int]
    datasets_per_base_uri: dict[str, int]
    datasets_per_tag: dict[str, int]
    size_in_bytes_per_creator: dict[str, int]
    size_in_bytes_per_base_uri: dict[str, int]
    size_in_bytes_per_tag: dict[str, int]
