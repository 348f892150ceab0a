"""The datasets that both dservers of the tests hold: the real one, made here, and the sandbox's, which follows the same rules.

Dataset `i` of `n`, from 0:

- its UUID is eight hexadecimal digits of `i`, `-0000-4000-8000-`, twelve of `i`: a version 4, as the dependency graph knows no other;
- its kind is simulation, microscopy, sequencing or tribology, by `i % 4`; its name is `{kind}-run-{i:02}`;
- it lies in `base2` if it is a simulation, else in `base1`; the base URI is `file://`, the name of this machine, and a folder;
- its creator is ada, grace or emmy, by `i % 3`;
- it was created at 1,700,000,000.123456 s and `i` hours, and frozen a minute later: microseconds, which SQL keeps and MongoDB cuts;
- its README.yml is what `readme` gives: it is derived from dataset `i - 3`, if there is one;
- it has `1 + i % 5` items. Item `j` is `data/item_{j}.bin`; but the first one of dataset 7 is `data/with space & ü.txt`,
  and that of dataset 8 `deep/er/still/item_0.bin`. Its content is `{name} item {j}` and a line feed, `i + 1` times, and its time
  the whole second in which the dataset was created;
- its tags are its kind, and even or odd; its annotations `campaign`, the kind, and `number`, `i`; dataset 5 has `nested` too.
"""

import datetime
import functools
import hashlib
import json
import multiprocessing
import os
import pathlib
import shutil
import tempfile

import dtoolcore
import dtoolcore.utils

BASES = ("base1", "base2")
KINDS = ("simulation", "microscopy", "sequencing", "tribology")
CREATORS = ("ada", "grace", "emmy")
OWNERS = ("Ada Lovelace", "Grace Hopper", "Emmy Noether")
NESTED = {"a": [1, 2], "b": None}
EPOCH = 1_700_000_000

# A broker is looked up several times a dataset, each time among all that is installed.
dtoolcore._generate_storage_broker_lookup = functools.cache(dtoolcore._generate_storage_broker_lookup)


def uuid(i):
    return f"{i:08x}-0000-4000-8000-{i:012x}"


def kind(i):
    return KINDS[i % 4]


def name(i):
    return f"{kind(i)}-run-{i:02}"


def base(i):
    return "base1" if i % 4 else "base2"


def readme(i):
    lines = [
        f"project: {kind(i)} campaign",
        f"description: dataset number {i} about {kind(i)}",
        "owners:",
        f"  - name: {OWNERS[i % 3]}",
        f"    email: user{i}@example.org",
        f"temperature: {290 + i}",
        f"creation_date: 2024-01-{i % 28 + 1:02}",
    ]
    if i >= 3:
        lines += ["derived_from:", f"  - uuid: {uuid(i - 3)}", f"    name: {name(i - 3)}"]
    return "\n".join(lines) + "\n"


def item(i, j):
    if (i, j) == (7, 0):
        return "data/with space & ü.txt"
    if (i, j) == (8, 0):
        return "deep/er/still/item_0.bin"
    return f"data/item_{j}.bin"


def content(i, j):
    return f"{name(i)} item {j}\n".encode() * (i + 1)


def create(root, i):
    """Creates dataset `i` below the folder `root` and freezes it."""
    created = EPOCH + 3600 * i
    admin = dtoolcore.generate_admin_metadata(name(i), creator_username=CREATORS[i % 3])
    # A time of freezing that is there is kept.
    admin |= {"uuid": uuid(i), "created_at": created + 0.123456, "frozen_at": created + 60.123456}
    dataset = dtoolcore.generate_proto_dataset(admin, dtoolcore.utils.sanitise_uri(str(root / base(i))))
    dataset.create()
    dataset.put_readme(readme(i))
    for j in range(1 + i % 5):
        with tempfile.NamedTemporaryFile(dir=root) as source:
            source.write(content(i, j))
            source.flush()
            dataset.put_item(source.name, item(i, j))
        os.utime(root / base(i) / name(i) / "data" / item(i, j), (created, created))
    dataset.put_tag(kind(i))
    dataset.put_tag("odd" if i % 2 else "even")
    dataset.put_annotation("campaign", kind(i))
    dataset.put_annotation("number", i)
    if i == 5:
        dataset.put_annotation("nested", NESTED)
    dataset.freeze()


def info(dataset, base_uri):
    """What dserver is told of a dataset, as its own `generate_dataset_info` has it; tags in the order of the alphabet."""
    identifiers = dataset.identifiers
    return dataset._admin_metadata | {
        "uri": dataset.uri,
        "base_uri": base_uri,
        "readme": dataset.get_readme_content(),
        "manifest": dataset._manifest,
        "annotations": {key: dataset.get_annotation(key) for key in sorted(dataset.list_annotation_names())},
        "tags": sorted(dataset.list_tags()),
        "number_of_items": len(identifiers),
        "size_in_bytes": sum(dataset.item_properties(it)["size_in_bytes"] for it in identifiers),
    }


def made(kept, n):
    """The folder of `n` datasets, made once below the folder `kept`: `base1` and `base2` are in it, and never written to again."""
    rules = pathlib.Path(__file__).read_bytes() + dtoolcore.__version__.encode()
    target = kept / f"datasets-{n}-{hashlib.sha256(rules).hexdigest()[:16]}"
    if target.exists():
        return target
    kept.mkdir(parents=True, exist_ok=True)
    unfinished = pathlib.Path(tempfile.mkdtemp(dir=kept, prefix=f"{target.name}-"))
    try:
        for it in BASES:
            (unfinished / it).mkdir()
        with multiprocessing.Pool() as pool:
            pool.map(functools.partial(create, unfinished), range(n), chunksize=20)
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except OSError:
        # Another one was faster, or else it is to be known.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target
