"""The items of datasets."""

from __future__ import annotations

from datetime import datetime

from .._record import Record, Records


class Item(Record):
    """One file of a dataset. Its path is its creator's word: look at it before it becomes a path of yours."""

    __slots__ = ()
    _shown = ("relpath", "size_in_bytes")

    #: What dtool calls it by: the SHA-1 of its path.
    identifier: str
    #: Its path in the dataset, with `/` between folders.
    relpath: str
    size_in_bytes: int
    #: Its hash, by the manifest's `hash_function`.
    hash: str
    #: When it was changed last.
    utc_timestamp: datetime | None


class Manifest(Record):
    """What a dataset holds: `manifest["items"]` by identifier, as dtool writes it; `entries` by path."""

    __slots__ = ()
    _shown = ("entries",)

    #: What the items' hashes are: `md5sum_hexdigest` of most storages.
    hash_function: str | None
    #: The version of dtool that froze the dataset.
    dtoolcore_version: str | None

    @property
    def entries(self) -> Records[Item]:
        """The items, by path."""
        items = self["items"].items()
        told = ({"identifier": identifier, **item} for identifier, item in items)
        return Records(sorted(map(Item, told), key=lambda item: item.relpath))

    @property
    def size_in_bytes(self) -> int:
        """The bytes of all items."""
        return sum(item["size_in_bytes"] for item in self["items"].values())

    def __repr__(self) -> str:
        return f"<Manifest: {len(self['items'])} items, {self.size_in_bytes} bytes>"

    def _repr_html_(self) -> str | None:
        return self.entries._repr_html_()
