"""Reads a dataset as dtool does, and hashes each of its items anew.

usage: python dtool_read.py FOLDER
Prints JSON: uri, uuid, name, admin_metadata, readme, tags, annotations, overlays, and items by identifier: relpath, size_in_bytes,
hash and utc_timestamp of the manifest, and of the bytes that are there `found_size` and `found_hash`; `unlisted` are files below
`data` that the manifest does not know.
"""

import json
import os
import pathlib
import sys

import dtoolcore

folder = pathlib.Path(sys.argv[1]).resolve()
dataset = dtoolcore.DataSet.from_uri(str(folder))
hasher = dataset._storage_broker.hasher

items = {}
for identifier in dataset.identifiers:
    content = dataset.item_content_abspath(identifier)
    found = {"found_size": os.path.getsize(content), "found_hash": hasher(content)}
    items[identifier] = dataset.item_properties(identifier) | found

data = folder / "data"
listed = {it["relpath"] for it in items.values()}
there = {it.relative_to(data).as_posix() for it in data.rglob("*") if it.is_file()}

told = {
    "uri": dataset.uri,
    "uuid": dataset.uuid,
    "name": dataset.name,
    "admin_metadata": dataset._admin_metadata,
    "hash_function": dataset._manifest["hash_function"],
    "readme": dataset.get_readme_content(),
    "tags": sorted(dataset.list_tags()),
    "annotations": {name: dataset.get_annotation(name) for name in dataset.list_annotation_names()},
    "overlays": {name: dataset.get_overlay(name) for name in dataset.list_overlay_names()},
    "items": items,
    "unlisted": sorted(there - listed),
}
# ASCII, as not every system's pipes are UTF-8.
print(json.dumps(told))
